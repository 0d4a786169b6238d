"""``python -m reconciler`` is ``tnctl``."""

from reconciler.cli.main import main

if __name__ == "__main__":
    main()
