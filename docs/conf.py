"""How Sphinx builds this site: `make docs`."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the code of this tree, wherever another is installed

project = "Flask-TapAuth"
author = "The Flask-TapAuth maintainers"
version = release = version_of("Flask-TapAuth")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_click",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3  # a link can lead to any heading that is not too deep

html_theme = "furo"
html_title = "Flask-TapAuth"
copybutton_exclude = ".linenos, .gp, .go"
