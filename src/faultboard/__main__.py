"""``python -m faultboard``."""

from faultboard.cli import main

main()
