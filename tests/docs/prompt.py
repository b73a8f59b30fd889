"""Run Python files, named on standard input, in the namespace of one module."""

import os
import sys
from pathlib import Path
from types import ModuleType

names, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w", buffering=1)
# What the files start and print has nothing to do with names and answers.
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
os.dup2(2, 1)

sys.path[0] = str(Path.cwd())  # as at a prompt
page = ModuleType("page")
page.__file__ = str(Path.cwd() / "page.py")  # Flask looks for templates beside it
sys.modules["page"] = page

for name in names:
    file = name.strip()
    exec(compile(Path(file).read_bytes(), file, "exec"), page.__dict__)  # noqa: S102
    print("done", file=answers)
