"""Run the command line: `python -m osconsole`."""

from osconsole.cli.main import main

if __name__ == "__main__":
    main()
