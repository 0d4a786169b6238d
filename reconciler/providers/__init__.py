"""The carriers: what the engine may ask (``base``), which there are (``registry``), and one package for each.

Each package holds the same files: ``client.py`` the carrier's calls as requests · ``convert.py`` its telephone numbers
and rows as our nouns, and back · ``limits.py`` its budgets, page sizes and quirks, each with its source ·
``provider.py`` what the engine sees. Carriers never import one another.
"""
