"""What the executor does with a plan; and under signals, stolen locks and rivals: ``commands.py`` starts ``tnctl`` as
its users do, ``thefts.py`` interleaves two runs at every boundary of the first."""
