"""The repository's own promises: its packages, its locks, its layers."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.check_sizes import LIMIT, too_long

PACKAGES = {"topology", "importers", "risk", "graphql_api", "underpin"}
BESIDE_THEM = {"tests", "benchmarks", "tools"}
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)(?: ; ([^\\]*[^\\ ]))? \\$")


def pins(lock: str) -> set[tuple[str, str, str]]:
    """Name, version and marker of each requirement of a lock."""
    lines = (ROOT / "requirements" / lock).read_text(encoding="utf-8").splitlines()
    return {(found[1], found[2], found[3] or "") for found in map(PIN.match, lines) if found}


def test_the_top_level_packages_are_exactly_the_declared_ones() -> None:
    found = {path.parent.name for path in ROOT.glob("*/*.py") if not path.parent.name.startswith(".")}
    assert found - BESIDE_THEM - {"build", "dist"} == PACKAGES
    linted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert set(linted["root_packages"]) == PACKAGES


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_init_files_hold_a_docstring_and_nothing_else(package: str) -> None:
    for path in (ROOT / package).rglob("__init__.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        assert len(body) == 1, path
        assert isinstance(body[0], ast.Expr), path
        assert isinstance(body[0].value, ast.Constant), path


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_no_import_hides_under_type_checking(package: str) -> None:
    offenders = [path for path in (ROOT / package).rglob("*.py") if "TYPE_CHECKING" in path.read_text(encoding="utf-8")]
    assert offenders == []


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_every_folder_of_code_is_a_package_and_the_whole_is_typed(package: str) -> None:
    folders = {path.parent for path in (ROOT / package).rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []
    assert (ROOT / package / "py.typed").is_file()


def test_the_wheel_holds_every_module_and_every_file_that_is_served(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copyfile(ROOT / name, source / name)
    (source / "README.md").touch()
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    wanted = {
        path.relative_to(source).as_posix()
        for package in PACKAGES
        for pattern in ("**/*.py", "py.typed", "*.graphql", "static/**/[!.]*", "examples/*/*.underpin.yaml")
        for path in (source / package).glob(pattern)
        if path.is_file()
    }
    build = [sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    done = subprocess.run([*build, tmp_path, source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("underpin-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert wanted - set(archive.namelist()) == set()


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt", "node.txt"])
def test_locks_hold_names_versions_and_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    assert "://" not in text
    starts = [line for line in text.splitlines() if not line.startswith((" ", "#")) and line]
    assert len(pins(lock)) == len(starts)
    assert text.count("--hash=sha256:") >= len(starts)


def test_the_npm_lock_holds_integrity_hashes_and_no_address() -> None:
    text = (ROOT / "graphql_api" / "graphiql" / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    assert text.count('"integrity": "sha512-') > 50


def test_the_developers_lock_contains_the_run_lock() -> None:
    assert pins("run.txt") - pins("dev.txt") == set()


def test_every_run_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[\[<>=]", requirement)[0].lower() for requirement in project["dependencies"]}
    assert wanted - {name for name, _, _ in pins("run.txt")} == set()


def test_no_file_is_longer_than_its_limit(tmp_path: Path) -> None:

    (tmp_path / "short.py").write_text("x = 1\n" * LIMIT, encoding="utf-8")
    (tmp_path / "long.py").write_text("x = 1\n" * (LIMIT + 1), encoding="utf-8")
    assert list(too_long([str(tmp_path)])) == [f"{tmp_path / 'long.py'}: 401 lines, 400 at most"]
