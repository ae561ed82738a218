"""Make .venv hold exactly what a lock says, and nothing twice: a second run with the same lock does nothing.

Commands:
    python tools/install.py run: what Underpin needs to run.
    python tools/install.py dev: that, and what its developers need (a superset with the same versions).

Only the standard library is used: this runs before anything is installed.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
LOCKS = {"run": ROOT / "requirements" / "run.txt", "dev": ROOT / "requirements" / "dev.txt"}
# A lock that also satisfies another: whoever has the developers' lock has what it takes to run.
SATISFIED_BY = {"run": ("run", "dev"), "dev": ("dev",)}


class InstallError(Exception):
    """The installation cannot go on; the message is one sentence for a person."""


def stamp_of(kind: str) -> Path:
    """The file inside .venv that says which lock was installed."""
    return VENV / f".underpin-{kind}"


def digest(kind: str) -> str:
    """What an installation depends on: the lock, the project's metadata and the place (a .venv cannot be moved)."""
    parts = (LOCKS[kind].read_bytes(), (ROOT / "pyproject.toml").read_bytes(), os.fsencode(VENV))
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def is_installed(kind: str) -> bool:
    """Whether .venv already holds this lock or one that contains it."""
    return is_usable() and any(
        stamp_of(name).is_file() and stamp_of(name).read_text(encoding="ascii") == digest(name)
        for name in SATISFIED_BY[kind]
    )


def is_usable() -> bool:
    """Whether .venv has a Python new enough that starts and was made in this place."""
    if not PYTHON.exists():
        return False
    probe = f"import sys; sys.exit(sys.version_info < {OLDEST} or sys.prefix != {str(VENV)!r})"
    return subprocess.run([PYTHON, "-c", probe], capture_output=True, check=False).returncode == 0


def call(command: list[str], failure: str) -> None:
    """Run a command with its output shown; a failure becomes one sentence."""
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment.pop("PYTHONPATH", None)
    if subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, env=environment, check=False).returncode != 0:
        raise InstallError(failure)


def make_venv() -> None:
    """Create .venv anew."""
    try:
        import ensurepip  # noqa: F401, PLC0415  Debian's Python comes without it, and venv fails half-way then
        import venv  # noqa: F401, PLC0415
    except ImportError:
        name = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        raise InstallError(
            f"This Python cannot make virtual environments; install them first ({name} on Debian and Ubuntu)."
        ) from None
    print(f"Creating .venv with Python {sys.version.split()[0]}", flush=True)
    call([sys.executable, "-m", "venv", "--clear", str(VENV)], "Creating .venv failed; the lines above say why.")


def install(kind: str) -> None:
    """Install one lock and the project itself.

    Raises:
        InstallError: .venv could not be made, or pip failed.
    """
    if not is_usable():
        make_venv()
    lock = LOCKS[kind]
    name = lock.relative_to(ROOT)
    pip = [str(PYTHON), "-m", "pip", "--quiet", "install"]
    for stale in LOCKS:
        stamp_of(stale).unlink(missing_ok=True)
    print(f"Installing {name} into .venv (once for each version of the lock)", flush=True)
    call([*pip, "--require-hashes", "-r", str(lock)], f"pip could not install {name}; the lines above say why.")
    editable = ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]
    call([*pip, *editable], "pip could not install Underpin itself; the lines above say why.")
    stamp_of(kind).write_text(digest(kind), encoding="ascii")


@contextmanager
def alone() -> Iterator[None]:
    """Let one installation run at a time: two of them would mix their files."""
    # The lock lies beside .venv, not in it: creating .venv anew would remove it under the other's feet.
    with (ROOT / ".venv.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    """Install the lock named on the command line."""
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        print(f"usage: python {Path(__file__).name} {{{','.join(LOCKS)}}}", file=sys.stderr)
        return 2
    kind = arguments[0]
    try:
        with alone():
            if not is_installed(kind):
                install(kind)
    except InstallError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: stopped; the next run starts the installation again.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
