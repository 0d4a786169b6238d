"""A deterministic simulation: the production code against the sandbox's carriers, a whole life of an account a seed.

``schedule.py`` what a seed stands for · ``fleet.py`` its YAML · ``world.py`` clocks, carriers, records and the
processes that run on them · ``carriers.py`` the sandbox with a tap on every call · ``records.py`` crash images of the
database · ``oracle.py`` what must hold on the carriers' ledger · ``leaks.py`` secrets that must not show ·
``play.py`` one schedule from its first apply to its last · ``census.py`` what was covered · ``engines.py`` speed.

``python -m tests.simulation --schedules 1000000`` runs many; ``--trace SEED`` tells the story of one.
"""
