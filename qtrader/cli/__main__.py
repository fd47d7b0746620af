"""``python -m qtrader.cli``: the command line without the script."""

from qtrader.cli import main

if __name__ == "__main__":
    main()
