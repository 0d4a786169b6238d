"""The command line: parse, call the engine, hand the outcome to a view, end with the right exit code.

::

    main.py ── lazy_group.py ──> one small file a command ──> context.py ── configuration, records, carriers.py
       │                         options.py                 output.py ─── what reconciler.views made of the outcome
    failures.py                  parameter_types.py         interruption.py ── SIGINT and SIGTERM during an apply

Command files import nothing heavy at module level: ``tnctl --help`` reads them all, and must be quick. What a command
needs of the engine is imported inside its function.
"""
