"""The stateful driver: Hypothesis edits, plans, applies, kills, steals and loses in any order; the checkers are judge.

``machine.py`` the rules · ``drawn.py`` what they draw. ``TNCTL_MACHINE=long pytest tests/simulation/stateful`` runs it
for hours, with new examples every time.
"""
