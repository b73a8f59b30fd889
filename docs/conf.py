"""How Sphinx builds this site: `make docs`."""

from __future__ import annotations

import sys
import warnings
from importlib.metadata import version as version_of
from pathlib import Path

HERE = Path(__file__).parent
# The code of this tree, even where another is installed; and our own extension.
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]

# autodoc reads the attributes of mixins, which are no models.
warnings.filterwarnings("ignore", message="Unmanaged access of declarative attribute")

project = "Flask-TapAuth"
author = "The Flask-TapAuth maintainers"
version = release = version_of("Flask-TapAuth")

extensions = [
    "myst_parser",
    "rfc_table",
    "sphinx.ext.autodoc",
    "sphinx_click",
    "sphinx_copybutton",
    "tapauth_reference",
]
smartquotes = False  # they make one dash of the two in front of an option
nitpicky = True
# Only names of ours: those of other packages would be looked up on the network.
nitpick_ignore_regex = [
    ("py:.*", r"(?!flask_tapauth).*"),
    ("py:.*", r"flask_tapauth\._.*"),
]

add_module_names = False
autodoc_inherit_docstrings = False  # Authlib words its own for those who read Authlib
autodoc_typehints_format = "short"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3  # a link can lead to any heading that is not too deep

html_theme = "furo"
html_title = "Flask-TapAuth"
html_show_copyright = False  # the license has it; the theme would print an empty line
copybutton_exclude = ".linenos, .gp, .go"
