"""Write the locks in requirements/ anew: names, versions and hashes for every platform, and no address anywhere.

The developers' lock is constrained by the run lock, so that both hold the same versions.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = [
    *("pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade"),
    *("--no-emit-index-url", "--no-header", "--no-annotate", "--quiet"),
]
RUN = "requirements/run.txt"
# build.in: what building needs is installed by hash as well, since pip builds without isolation.
LOCKS = {
    RUN: ["pyproject.toml", "requirements/build.in"],
    "requirements/dev.txt": ["pyproject.toml", "requirements/build.in", "--extra", "dev", "--constraint", RUN],
    "requirements/node.txt": ["requirements/node.in"],
}


def main() -> int:
    """Write every lock, the run lock first: another one is constrained by it."""
    uv = Path(sys.executable).with_name("uv")
    for lock, sources in LOCKS.items():
        done = subprocess.run([str(uv), *LOCK, *sources, "--output-file", lock], cwd=ROOT, check=False)
        if done.returncode != 0:
            print(f"error: uv could not write {lock}; the lines above say why.", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
