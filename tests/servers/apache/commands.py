"""The commands that start Apache with one of its modules."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from ... import ROOT
from ...services import skip_outside_ci
from ..programs import fill, find

MODULES = Path("/usr/lib/apache2/modules")
"""Where Debian installs them."""

_HERE = Path(__file__).parent


def mod_wsgi(directory: Path, port: int, directives: str) -> list[str]:
    """Return the command that starts an Apache with the app in it."""
    # Debian's module runs Debian's version of Python. CI tests other versions too.
    module = MODULES / f"mod_wsgi.so-{sys.version_info.major}.{sys.version_info.minor}"
    if not module.exists():
        if any(MODULES.glob("mod_wsgi.so-*")):
            pytest.skip("mod_wsgi is installed for another version of Python")
        skip_outside_ci("mod_wsgi is not installed")
    site = fill(
        _HERE / "wsgi.conf.in",
        module=module,
        path=f"{ROOT}:{sysconfig.get_path('platlib')}",
        script=_HERE / "host.wsgi",
        directives=directives,
    )
    return apache(directory, port, site)


def mod_auth_openidc(
    directory: Path, port: int, values: Mapping[str, object]
) -> list[str]:
    """Return the command that starts an Apache with pages that need a token.

    :param values: for the placeholders of introspection.conf.in.
    """
    if not (MODULES / "mod_auth_openidc.so").exists():
        skip_outside_ci("mod_auth_openidc is not installed")
    pages = directory / "pages"
    pages.mkdir()
    for page in ("page", "scoped"):
        (pages / page).write_text("The token was accepted.")
    site = fill(
        _HERE / "introspection.conf.in", modules=MODULES, directory=directory, **values
    )
    return apache(directory, port, site)


def apache(directory: Path, port: int, site: str) -> list[str]:
    """Return the command that starts an Apache with a site."""
    conf = directory / "apache.conf"
    conf.write_text(
        fill(
            _HERE / "apache.conf.in",
            directory=directory,
            modules=MODULES,
            port=port,
            site=site,
        ),
        encoding="utf-8",
    )
    command = [find("apache2"), "-D", "FOREGROUND", "-f", str(conf)]
    return [*_not_as_root(), *command]


def _not_as_root() -> list[str]:
    """Return the start of a command line that runs a command as the user nobody.

    Apache refuses to serve as root. If root runs the tests, nobody else may read their
    files, so the user gets the capability to read them.
    """
    if os.geteuid() != 0:
        return []
    user = ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
    capability = ["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]
    return [find("setpriv"), *user, *capability]
