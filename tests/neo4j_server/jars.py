"""The server's jars: fetched once by Maven into the user's cache folder, by the pinned pom.xml."""

import fcntl
import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree.ElementTree import Element

import platformdirs
from defusedxml import ElementTree

HERE = Path(__file__).resolve().parent
POM = HERE / "pom.xml"
OLDEST_JAVA = 17
FETCH_SECONDS = 1200
POM_NAMESPACE = {"pom": "http://maven.apache.org/POM/4.0.0"}


class ServerUnavailableError(Exception):
    """No server can be started on this machine; the message is one sentence that says what to install."""


def neo4j_version(pom: Path = POM) -> str:
    """The version of Neo4j that pom.xml pins."""
    root: Element | None = ElementTree.parse(pom).getroot()
    version = None if root is None else root.findtext("pom:properties/pom:neo4j.version", None, POM_NAMESPACE)
    if not version:
        raise ValueError(f"{pom} has no property neo4j.version")
    return version


def java_command() -> str:
    """The path of a Java new enough that can run a source file.

    Raises:
        ServerUnavailableError: There is none; the message says what to install.
    """
    java = shutil.which("java")
    if java is None:
        raise ServerUnavailableError(f"Neo4j needs Java: install a JDK {OLDEST_JAVA} or later and put it on PATH.")
    # A macOS without Java has a /usr/bin/java that only says so and fails.
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    match = re.search(r'version "(\d+)', told.stderr)
    if told.returncode != 0 or match is None or int(match[1]) < OLDEST_JAVA:
        raise ServerUnavailableError(f"Neo4j needs a JDK {OLDEST_JAVA} or later; the java on PATH is not one.")
    modules = subprocess.run([java, "--list-modules"], capture_output=True, text=True, check=False)
    if "jdk.compiler" not in modules.stdout:
        raise ServerUnavailableError(
            f"Neo4j's launcher needs a whole JDK {OLDEST_JAVA} or later; this is only a runtime."
        )
    return java


def cache_folder() -> Path:
    """Where the jars of this pom.xml lie: named by version and by the pom's digest, so that an edit fetches anew."""
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    return Path(platformdirs.user_cache_dir("underpin")) / "neo4j" / f"{neo4j_version()}-{digest}"


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock file: of several test runs one fetches and the others wait for it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _download(target: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise ServerUnavailableError("Fetching Neo4j's jars needs Maven: install it (the command mvn) and try again.")
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=target.parent) as scratch:
        jars = Path(scratch) / "lib"
        options = ["-B", "-q", "-C", "-f", str(POM), "-DincludeScope=runtime", f"-DoutputDirectory={jars}"]
        done = subprocess.run(
            [maven, *options, "dependency:copy-dependencies"],
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            errors = [line for line in done.stdout.splitlines() if "ERROR" in line] or [done.stderr.strip()]
            raise ServerUnavailableError(f"Maven could not fetch Neo4j {neo4j_version()}: {errors[0]}")
        # The name appears in one step: a folder that exists is a whole one.
        jars.replace(target)


def fetch_jars() -> Path:
    """Fetch the server's jars unless they are there.

    Returns:
        The folder of the jars.

    Raises:
        ServerUnavailableError: Maven is missing or could not fetch them.
    """
    folder = cache_folder()
    if not folder.is_dir():
        with _alone(folder.with_name(f"{folder.name}.lock")):
            if not folder.is_dir():
                _download(folder)
    return folder
