"""Find the programs that the tests start, and write their configuration files."""

from __future__ import annotations

import os
import shutil
import string
import sys
from pathlib import Path

from ..services import skip_outside_ci

PATH = os.pathsep.join(
    [str(Path(sys.executable).parent), os.environ.get("PATH", ""), "/usr/sbin"]
)


def fill(template: Path, **values: object) -> str:
    """Return the text of a template with its placeholders filled in."""
    return string.Template(template.read_text(encoding="utf-8")).substitute(values)


def find(program: str) -> str:
    """Return the path of a program, or skip the test that needs it."""
    found = shutil.which(program, path=PATH)
    if found is None:
        skip_outside_ci(f"{program} is not installed")
    return str(found)
