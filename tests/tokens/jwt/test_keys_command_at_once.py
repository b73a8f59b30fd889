"""Two ``flask tapauth keys`` commands that change the same file at the same time."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from flask import Flask
from flask.cli import ScriptInfo

from ...conftest import Run


def test_two_keys_appended_at_once_are_both_kept(
    app: Flask, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a key is lost, tokens that it signed on another machine open nothing."""
    file = tmp_path / "keys.json"
    replace = os.replace

    def append() -> None:
        arguments = ["tapauth", "keys", "generate", "--append", str(file)]
        info = ScriptInfo(create_app=lambda: app)
        app.cli.main(arguments, obj=info, standalone_mode=False)

    other = threading.Thread(target=append)

    def replace_while_the_other_runs(*names: str) -> None:
        if other.ident is None:
            other.start()
            other.join(0.5)  # it must wait for this command to end
        replace(*names)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace_while_the_other_runs)
        result = run("keys", "generate", "--append", str(file))
        other.join(10)

    assert result.exit_code == 0
    assert len(json.loads(file.read_text())["keys"]) == 2
