"""The program as real processes, ended by real signals and faced with real sockets, locks and a full disk.

``points.py`` the numbered boundaries of a run · ``client.py`` the command line in a process that may die ·
``carriers.py`` carriers that kill or hold their client · ``processes.py`` forked clients · ``stage.py`` one fleet
on one folder · ``trials.py`` killed runs and what must hold after them · ``raw.py`` answers as bad octets ·
``python -m tests.kills`` as many kills as wanted.
"""
