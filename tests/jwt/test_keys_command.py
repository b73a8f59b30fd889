"""``flask tapauth keys``: the keys that sign, made and moved about in a file."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from joserfc import jwk

from flask_tapauth import TapAuth

from ..conftest import MakeApp, Run, bearer, run_command
from .conftest import ALGORITHMS, PRIVATE, Key, make_key, public, signing

FIRST, SECOND = make_key(), make_key("RS256", "second")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with two keys and what people write beside them."""
    keys = [{**FIRST, "note": "of 2026"}, {**SECOND, "x-owner": ["ops"]}]
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": keys}))
    return file


def keys_in(file: Path) -> list[Key]:
    keys: list[Key] = json.loads(file.read_text())["keys"]
    return keys


@pytest.mark.parametrize("algorithm", [None, *ALGORITHMS])
def test_generate_prints_a_key_set_to_start_an_app_with(
    run: Run, make_app: MakeApp, tapauth: TapAuth, algorithm: str | None
) -> None:
    """The contract: a JWK set on stdout, of ES256 by default; nothing beside it."""
    result = run("keys", "generate", *(("--alg", algorithm) if algorithm else ()))

    assert (result.exit_code, result.stderr) == (0, "")
    key_set = json.loads(result.stdout)
    [key] = key_set["keys"]
    assert (key["alg"], key["use"]) == (algorithm or "ES256", "sig")
    app = make_app(**signing(key, TAPAUTH_JWT_KEYS=result.stdout))
    with app.app_context():
        token = tapauth.issue_token(tapauth.register_client("A"))["access_token"]
    answer = app.test_client().get("/whoami", headers=bearer(token))
    assert answer.status_code == 200


def test_generate_makes_another_key_each_time(run: Run) -> None:
    """RFC 7638: named by its thumbprint, and so by a name of its own."""
    keys = [json.loads(run("keys", "generate").stdout)["keys"][0] for _ in range(2)]

    assert keys[0]["d"] != keys[1]["d"]
    assert [key["kid"] for key in keys] == [
        jwk.import_key(public(key)).thumbprint() for key in keys
    ]


def test_append_makes_a_file_for_its_owner_alone(run: Run, tmp_path: Path) -> None:
    """The contract: a new file has mode 0600, whatever the umask."""
    file = tmp_path / "keys.json"
    before = os.umask(0)
    try:
        result = run("keys", "generate", "--append", str(file), "--json")
    finally:
        os.umask(before)

    assert result.exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    [key] = keys_in(file)
    assert json.loads(result.stdout) == {
        "kid": key["kid"],
        "alg": "ES256",
        "file": str(file),
    }


@pytest.mark.parametrize("as_json", [["--json"], []], ids=["json", "text"])
def test_append_prints_no_private_part(
    run: Run, file: Path, as_json: list[str]
) -> None:
    """The contract: a key that went to a file is not on a screen."""
    result = run("keys", "generate", "--append", str(file), *as_json)

    new = keys_in(file)[-1]
    assert result.exit_code == 0
    assert new["kid"] in result.stdout
    assert new["d"] not in result.stdout + result.stderr


def test_append_puts_the_key_last_and_keeps_the_others(run: Run, file: Path) -> None:
    """The contract: the first signs on; a key keeps members that we know not of."""
    before = keys_in(file)

    assert run("keys", "generate", "--append", str(file)).exit_code == 0

    after = keys_in(file)
    assert after[:-1] == before
    assert len(after) == 3


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400])
def test_a_file_keeps_its_mode(run: Run, file: Path, mode: int) -> None:
    """The contract: whoever could read it, the server perhaps, still can."""
    file.chmod(mode)

    assert run("keys", "generate", "--append", str(file)).exit_code == 0

    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_a_file_is_replaced_at_once(run: Run, file: Path) -> None:
    """The contract: who reads meanwhile has the old set, whole; and nothing is left."""
    with file.open() as reading:
        assert run("keys", "generate", "--append", str(file)).exit_code == 0

        assert len(json.load(reading)["keys"]) == 2
    assert os.listdir(file.parent) == [file.name]


def test_a_link_stays_a_link(run: Run, file: Path, tmp_path: Path) -> None:
    """The contract: the file is extended, wherever it is."""
    link = tmp_path / "link.json"
    link.symlink_to(file)

    assert run("keys", "generate", "--append", str(link)).exit_code == 0

    assert link.is_symlink()
    assert len(keys_in(file)) == 3


def test_promote_puts_a_key_first(run: Run, file: Path) -> None:
    """The contract: the first signs. All members of all keys stay."""
    first, second = keys_in(file)

    result = run("keys", "promote", "second", str(file), "--json")

    assert json.loads(result.stdout) == {
        "kid": "second",
        "file": str(file),
        "use": "signs",
    }
    assert keys_in(file) == [second, first]


def test_promoting_the_first_key_changes_nothing(run: Run, file: Path) -> None:
    """The contract: it signs already."""
    before = keys_in(file)

    assert run("keys", "promote", "first", str(file)).exit_code == 0

    assert keys_in(file) == before


def test_remove_takes_a_key_out(run: Run, file: Path) -> None:
    """The contract: its tokens open nothing any more."""
    first, _ = keys_in(file)

    result = run("keys", "remove", "second", str(file), "--json")

    assert json.loads(result.stdout)["kid"] == "second"
    assert keys_in(file) == [first]


@pytest.mark.parametrize("command", ["promote", "remove"])
def test_a_key_without_a_name_is_chosen_by_its_thumbprint(
    run: Run, tmp_path: Path, command: str
) -> None:
    """RFC 7638: as its tokens name it."""
    nameless = {name: SECOND[name] for name in SECOND if name != "kid"}
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [FIRST, nameless]}))
    thumbprint = jwk.import_key(public(SECOND)).thumbprint()

    assert run("keys", command, thumbprint, str(file)).exit_code == 0

    assert keys_in(file) == ([nameless, FIRST] if command == "promote" else [FIRST])


@pytest.mark.parametrize("command", ["promote", "remove"])
def test_a_key_may_be_named_as_an_option_is(
    run: Run, tmp_path: Path, command: str
) -> None:
    """RFC 7638: a thumbprint may begin with a hyphen."""
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [FIRST, {**SECOND, "kid": "-json"}]}))

    assert run("keys", command, "-json", str(file)).exit_code == 0
    assert run("keys", command, "-json", str(file), "--jsn").exit_code == 2


def test_list_shows_the_keys_that_the_app_was_started_with(make_app: MakeApp) -> None:
    """The contract: name, algorithm and kind of each; the first signs."""
    app = make_app(**signing(FIRST, SECOND))

    result = run_command(app, "keys", "list", "--json")

    assert json.loads(result.stdout) == [
        {"kid": "first", "alg": "ES256", "kty": "EC", "use": "signs"},
        {"kid": "second", "alg": "RS256", "kty": "RSA", "use": "verifies"},
    ]


@pytest.mark.parametrize("as_json", [["--json"], []], ids=["json", "text"])
def test_list_prints_no_private_part(make_app: MakeApp, as_json: list[str]) -> None:
    """The contract: of no kind of key."""
    keys = [make_key(algorithm, algorithm) for algorithm in ALGORITHMS]
    app = make_app(**signing(*keys))

    result = run_command(app, "keys", "list", *as_json)

    assert result.exit_code == 0
    for key in keys:
        assert key["kid"] in result.stdout
        for name in set(PRIVATE) & key.keys():
            assert key[name] not in result.stdout + result.stderr


def test_list_of_no_keys(make_app: MakeApp) -> None:
    """The contract: an empty list for machines, a word for people."""
    app = make_app()

    assert json.loads(run_command(app, "keys", "list", "--json").stdout) == []
    assert "TAPAUTH_JWT_KEYS is not set" in run_command(app, "keys", "list").stderr
