"""Refuse a Python file of more than 400 lines: past that, look for its second concept."""

import sys
from collections.abc import Iterator
from pathlib import Path

LIMIT = 400


def too_long(folders: list[str]) -> Iterator[str]:
    """One line for each file above the limit."""
    for folder in folders:
        for path in sorted(Path(folder).rglob("*.py")):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > LIMIT:
                yield f"{path}: {lines} lines, {LIMIT} at most"


def main(folders: list[str]) -> int:
    """Print each file that is too long."""
    found = list(too_long(folders))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
