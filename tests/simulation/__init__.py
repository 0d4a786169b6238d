"""One simulation: the production code against the sandbox's carriers, on virtual time, with faults at every boundary.

``world.py`` carriers, clocks, records, and the runs upon them · ``fleet.py`` the YAML, and a pool · ``acts.py``
``events.py`` what people, rivals and clocks do · ``process.py`` a run that may die · ``carriers.py`` the sandbox with
a tap on every call · ``records.py`` crash images of the database · ``checkers/`` what must hold, a file a kind of
sentence · ``ending.py`` how every story must end · ``canaries.py`` secrets that must show nowhere · ``census.py`` what
was covered · ``engines.py`` speed.

Three drivers share it: ``seeded/`` plays schedules that a number stands for (``python -m tests.simulation``),
``stateful/`` lets Hypothesis choose what happens, ``sigkill/`` kills real processes
(``python -m tests.simulation.sigkill``).
"""
