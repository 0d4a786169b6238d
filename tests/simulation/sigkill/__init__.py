"""The sigkill driver: the program as real processes over real sockets, killed and left to recover.

``points.py`` the numbered boundaries of a run · ``client.py`` the command line in a process that may die ·
``carriers.py`` carriers that kill or hold their client · ``processes.py`` forked clients · ``stage.py`` one fleet
on one folder · ``trials.py`` killed runs and what must hold after them ·
``python -m tests.simulation.sigkill`` as many kills as wanted.
"""
