"""``flask tapauth keys promote``, ``remove`` and ``list``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from joserfc import jwk

from ...conftest import MakeApp, Run
from ...outside import run_command
from .conftest import ALGORITHMS, PRIVATE, make_key, public, signing
from .key_files import FIRST, SECOND, keys_in
from .key_files import file as file


def test_promote_puts_a_key_first(run: Run, file: Path) -> None:
    """The first key signs. All members of all keys are kept."""
    first, second = keys_in(file)

    result = run("keys", "promote", "second", str(file), "--json")

    assert json.loads(result.stdout) == {
        "kid": "second",
        "file": str(file),
        "use": "signs",
    }
    assert keys_in(file) == [second, first]


def test_promoting_the_first_key_changes_nothing(run: Run, file: Path) -> None:
    """It signs already."""
    before = keys_in(file)

    assert run("keys", "promote", "first", str(file)).exit_code == 0

    assert keys_in(file) == before


def test_remove_deletes_a_key(run: Run, file: Path) -> None:
    """The tokens that it signed are refused from then on."""
    first, _ = keys_in(file)

    result = run("keys", "remove", "second", str(file), "--json")

    assert json.loads(result.stdout)["kid"] == "second"
    assert keys_in(file) == [first]


@pytest.mark.parametrize("command", ["promote", "remove"])
def test_a_key_without_a_kid_is_selected_by_its_thumbprint(
    run: Run, tmp_path: Path, command: str
) -> None:
    """RFC 7638: its tokens have the thumbprint as their `kid`."""
    nameless = {name: SECOND[name] for name in SECOND if name != "kid"}
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [FIRST, nameless]}))
    thumbprint = jwk.import_key(public(SECOND)).thumbprint()

    assert run("keys", command, thumbprint, str(file)).exit_code == 0

    assert keys_in(file) == ([nameless, FIRST] if command == "promote" else [FIRST])


@pytest.mark.parametrize("command", ["promote", "remove"])
def test_a_kid_may_begin_with_a_hyphen(run: Run, tmp_path: Path, command: str) -> None:
    """RFC 7638: so may a thumbprint."""
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [FIRST, {**SECOND, "kid": "-json"}]}))

    assert run("keys", command, "-json", str(file)).exit_code == 0
    assert run("keys", command, "-json", str(file), "--jsn").exit_code == 2


def test_list_shows_the_keys_that_the_app_was_started_with(make_app: MakeApp) -> None:
    """The first key signs, and the others verify."""
    app = make_app(**signing(FIRST, SECOND))

    result = run_command(app, "keys", "list", "--json")

    assert json.loads(result.stdout) == [
        {"kid": "first", "alg": "ES256", "kty": "EC", "use": "signs"},
        {"kid": "second", "alg": "RS256", "kty": "RSA", "use": "verifies"},
    ]


@pytest.mark.parametrize("as_json", [["--json"], []], ids=["json", "text"])
def test_list_prints_no_private_part(make_app: MakeApp, as_json: list[str]) -> None:
    """The list may be seen on a screen, for each kind of key."""
    keys = [make_key(algorithm, algorithm) for algorithm in ALGORITHMS]
    app = make_app(**signing(*keys))

    result = run_command(app, "keys", "list", *as_json)

    assert result.exit_code == 0
    for key in keys:
        assert key["kid"] in result.stdout
        for name in set(PRIVATE) & key.keys():
            assert key[name] not in result.stdout + result.stderr


def test_a_list_without_keys_is_empty_json_or_a_note(make_app: MakeApp) -> None:
    """A program needs valid JSON, and a person a reason."""
    app = make_app()

    assert json.loads(run_command(app, "keys", "list", "--json").stdout) == []
    assert "TAPAUTH_JWT_KEYS is not set" in run_command(app, "keys", "list").stderr
