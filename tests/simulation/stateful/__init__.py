"""Hypothesis drives the whole program: it edits, plans, applies, kills, steals, loses; the carriers' ledger is judge.

``fleet.py`` the YAML and the edits of it · ``world.py`` clocks, carriers, records and the processes that run on them ·
``watched.py`` the sandbox with somebody at its door · ``oracle.py`` what must hold there · ``ending.py`` what must be
true once the faults have healed · ``machine.py`` the rules · ``drawn.py`` what they draw · ``canaries.py`` secrets
that must show nowhere.

``TNCTL_MACHINE=long pytest tests/simulation/stateful`` runs it for hours, with new examples every time.
"""
