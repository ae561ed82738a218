"""`python -m underpin` is the command `underpin`."""

import sys

from underpin.cli import main

if __name__ == "__main__":
    sys.exit(main())
