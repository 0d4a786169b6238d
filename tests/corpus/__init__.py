"""Malformed and hostile input: each refused in words with a place, quickly, in little memory, repeating no secret.

::

    case.py   one input, and how the program must refuse it
    cage.py   runs the program on an input in a forked child, measured and limited
    verdict.py  what a run did that it must not
    sheet.py  YAML written with the place of every value: the oracle of LINE:COLUMN
    full.py   a configuration with every option there is, walked beside the published schema

    yaml_text.py · encodings.py · sizes.py       text that is no YAML, or that is YAML made to hurt
    fields.py · forms.py · tns.py                every field: wrong type, missing, misspelt, ill-formed
    folders.py                                   directories and paths
    plan_files.py · state_files.py               saved plans and records
    malformed.py · cases.py                      the cases that are files, and all cases in one list

    mutate.py · fuzz.py                          valid and malformed input, changed at random

``python -m tests.corpus`` runs all cases; ``python -m tests.corpus --fuzz 200000 --seed 1`` mutates.
"""
