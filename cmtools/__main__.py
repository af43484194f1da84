"""`python -m cmtools` is the command line. Nothing else lives here."""

from .cli import main

if __name__ == "__main__":
    main(prog_name="cmtools")
