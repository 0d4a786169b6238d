"""Bugs planted in our own client, to find out whether the tests would notice them.

A test that never fails proves nothing. So each bug that a write's protocol is there to prevent, and some more,
is put into the running program as a patch, and the simulation or one named check must see it; with no bug planted
both see nothing.

``planting.py`` what a bug is · ``orders.py`` ``leaving.py`` ``ownership.py`` ``sites.py`` ``lost.py`` ``answers.py``
``reads.py`` ``lists.py`` ``limits.py`` ``purse.py`` ``messages.py`` ``inputs.py`` the bugs, by what they are in ·
``checking.py`` ``checks.py`` what sees the bugs that the simulation cannot · ``harness.py`` whether a bug is caught ·
``catalogue.py`` all of them.

``python -m tests.mutants`` prints each bug with what caught it.
"""
