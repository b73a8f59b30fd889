"""What is in the wheel and in the source distribution, as `pip` gets them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

import flask_tapauth

from .. import ROOT

NOT_OURS = (".*", "__pycache__", "*.egg-info", "build", "dist", "instance", "artefacts")
FOLDERS = ("docs", "example_app", "flask_tapauth", "tests")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of both distributions, built as a release is, from a copy."""
    folder = tmp_path_factory.mktemp("distributions")
    copy = folder / "tree"
    ignored = shutil.ignore_patterns(*NOT_OURS, "node_modules")
    shutil.copytree(ROOT, copy, ignore=ignored)
    command = [sys.executable, "-m", "build", "--outdir", str(folder / "dist")]
    result = subprocess.run([*command, str(copy)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr + result.stdout
    return folder / "dist"


def test_the_wheel_has_the_package_and_nothing_else(built: Path) -> None:
    """Users are the first to miss a template, a style sheet or `py.typed`."""
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    about = f"flask_tapauth-{flask_tapauth.__version__}.dist-info"
    package = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "flask_tapauth").rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }
    assert names == package | {
        f"{about}/{name}"
        for name in ("METADATA", "RECORD", "WHEEL", "licenses/LICENSE", "top_level.txt")
    }


def test_the_source_distribution_can_be_tested_and_documented(built: Path) -> None:
    """Linux distributions build from it, and run the tests."""
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        members = [member.name for member in archive if member.isfile()]
    files = {Path(name).relative_to(Path(name).parts[0]) for name in members}
    tops = {file.parts[0] for file in files}
    assert tops == {
        *("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"),
        *("MANIFEST.in", "Makefile", "PKG-INFO", "pyproject.toml", "setup.cfg"),
        *(*FOLDERS, "Flask_TapAuth.egg-info"),
    }
    for folder in FOLDERS:
        ours = {
            file.relative_to(ROOT)
            for file in (ROOT / folder).rglob("*")
            if file.is_file() and not {"__pycache__", "node_modules"} & {*file.parts}
        }
        assert ours == {file for file in files if file.parts[0] == folder}


def test_an_index_would_take_both(built: Path) -> None:
    """`twine check --strict`: the description can be shown."""
    files = map(str, built.iterdir())
    command = [sys.executable, "-m", "twine", "check", "--strict", *files]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_the_version_has_one_source() -> None:
    """`__version__` is what the metadata says, and that is what pyproject says."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert flask_tapauth.__version__ == version("Flask-TapAuth") == project["version"]
