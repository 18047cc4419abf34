"""`python -m twopop.cli`, where no console script is on the path."""

from . import main

main()
