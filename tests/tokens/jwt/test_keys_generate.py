"""``flask tapauth keys generate``: print a new signing key, or append it to a file."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from joserfc import jwk

from flask_tapauth import TapAuth

from ...conftest import MakeApp, Run, bearer
from .conftest import ALGORITHMS, public, signing
from .key_files import file as file
from .key_files import keys_in


@pytest.mark.parametrize("algorithm", [None, *ALGORITHMS])
def test_generate_prints_a_key_set_to_start_an_app_with(
    run: Run, make_app: MakeApp, tapauth: TapAuth, algorithm: str | None
) -> None:
    """stdout contains a JWK set only, so that it can be redirected."""
    result = run("keys", "generate", *(("--alg", algorithm) if algorithm else ()))

    assert (result.exit_code, result.stderr) == (0, "")
    key_set = json.loads(result.stdout)
    [key] = key_set["keys"]
    assert (key["alg"], key["use"]) == (algorithm or "ES256", "sig")
    app = make_app(**signing(key, TAPAUTH_JWT_KEYS=result.stdout))
    with app.app_context():
        token = tapauth.tokens.issue(tapauth.clients.create("A"))["access_token"]
    answer = app.test_client().get("/whoami", headers=bearer(token))
    assert answer.status_code == 200


def test_generate_makes_another_key_each_time(run: Run) -> None:
    """RFC 7638: the `kid` is the thumbprint, and so differs."""
    keys = [json.loads(run("keys", "generate").stdout)["keys"][0] for _ in range(2)]

    assert keys[0]["d"] != keys[1]["d"]
    assert [key["kid"] for key in keys] == [
        jwk.import_key(public(key)).thumbprint() for key in keys
    ]


def test_append_creates_a_file_that_only_its_owner_can_read(
    run: Run, tmp_path: Path
) -> None:
    """The mode is 0600, whatever the umask."""
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
    """A key that was written to a file must not be on the screen."""
    result = run("keys", "generate", "--append", str(file), *as_json)

    new = keys_in(file)[-1]
    assert result.exit_code == 0
    assert new["kid"] in result.stdout
    assert new["d"] not in result.stdout + result.stderr


def test_append_puts_the_key_last_and_keeps_the_others(run: Run, file: Path) -> None:
    """The first key still signs; unknown members of keys are kept."""
    before = keys_in(file)

    assert run("keys", "generate", "--append", str(file)).exit_code == 0

    after = keys_in(file)
    assert after[:-1] == before
    assert len(after) == 3


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400])
def test_a_file_keeps_its_mode(run: Run, file: Path, mode: int) -> None:
    """The server may read it through its group."""
    file.chmod(mode)

    assert run("keys", "generate", "--append", str(file)).exit_code == 0

    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_a_file_is_replaced_at_once(run: Run, file: Path) -> None:
    """A process that reads meanwhile gets the whole old set."""
    with file.open() as reading:
        assert run("keys", "generate", "--append", str(file)).exit_code == 0

        assert len(json.load(reading)["keys"]) == 2
    assert os.listdir(file.parent) == [file.name]


def test_a_link_stays_a_link(run: Run, file: Path, tmp_path: Path) -> None:
    """The key is added to the file that the link points to."""
    link = tmp_path / "link.json"
    link.symlink_to(file)

    assert run("keys", "generate", "--append", str(link)).exit_code == 0

    assert link.is_symlink()
    assert len(keys_in(file)) == 3
