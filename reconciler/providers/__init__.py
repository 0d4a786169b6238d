"""The carriers: what the engine may ask (``base``), which there are (``installed``), how an account becomes one that
can be asked (``registry``), and one package for each.

Each package holds the same files: ``spec.py`` what is to be known before an account is asked · ``client.py`` the
carrier's calls as requests · ``convert.py`` its telephone numbers and rows as our nouns, and back · ``quirks.py`` its
budgets, page sizes and quirks, each with its source · ``provider.py`` what the engine sees · ``verdicts.py`` what its
answers to writes prove. Carriers never import one another.
"""
