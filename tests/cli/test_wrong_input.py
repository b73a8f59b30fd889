"""Wrong input: exit code 2, one line that names the option, and nothing written."""

from __future__ import annotations

import pytest

from ..conftest import Run
from . import RunJson, refused


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--grant-type", "password"], "authorization_code, implicit, refresh_token"),
        (["--scope", "orders:réad"], "orders:réad"),
        (["--redirect-uri", "a.example/cb"], "https://"),
        (["--redirect-uri", "http://a.example/cb"], "https"),
        (["--redirect-uri", "https://a.example/cb#x"], "fragment"),
        (["--redirect-uri", "https://user@a.example/cb"], "user name"),
        (["--redirect-uri", "javascript:alert(1)"], "not absolute"),
        (["--redirect-uri", "javascript://a.example/%0Aalert(1)"], "https"),
        (["--redirect-uri", "data:text/html,x"], "not absolute"),
        (["--redirect-uri", "https://a.example:port/"], "not a URI"),
        (["--redirect-uri", "https://a.example/ b"], "characters"),
        (["--redirect-uri", ""], "not absolute"),
        (["--expires-in", "0"], "lifetime"),
        (["--expires-in", "soon"], "12h or 90d"),
        (["--secret-expires-at", "tomorrow"], "2027-01-31T12:00Z"),
        (["--secret-expires-at", "0001-01-01T00:00+14:00"], "from 1970 to 9999"),
        (["--secret-expires-at", "9999-12-31T23:59-14:00"], "from 1970 to 9999"),
        (["--client-id", ""], "client id"),
        (["--client-id", "x" * 256], "255"),
        (["--client-id", "reports "], "begin or end with a space"),
        (["--client-id", " reports"], "begin or end with a space"),
        (["--client-id", "ünicode"], "ASCII"),
        (["--public"], "another grant type"),
        (["--public", "--grant-type", "client_credentials"], "another grant type"),
        (["--redirect-uri", "https://*.a.example/cb"], "wildcard"),
        (["--redirect-uri", "https://a.example/*"], "wildcard"),
        (["--redirect-uri", "*://a.example/"], "wildcard"),
        (["--redirect-uri", "*"], "wildcard"),
        (["--secret-expires-at", "2026-01-01"], "past"),
        (["--resource", "https://b.example/"], "resource server"),
        (["--resource-server", "--resource", "orders"], "not absolute"),
        (["--resource-server", "--resource", "https://b.example/#x"], "fragment"),
        (["--jwks-uri", "http://b.example/"], "https"),
        (["--jwks", "/nowhere/at all"], "No such file"),
        (["--jwks", "/"], "directory"),
        (["--client-secret-file", "/nowhere/at all"], "No such file"),
        (["--client-secret", "in the shell's history"], "--client-secret-file"),
        (["--unknown"], "--unknown"),
    ],
)
def test_wrong_input_writes_nothing(
    run: Run, run_json: RunJson, options: list[str], says: str
) -> None:
    """The author of a script must see which option to change, in one line."""
    line = refused(run("clients", "create", "Reports", *options), 2)

    assert says in line
    assert ("--grant-type" if options == ["--public"] else options[-2:][0]) in line
    assert run_json("clients", "list") == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 256, "a\nb", "a\0b"])
def test_an_empty_long_or_unprintable_name_is_wrong_input(run: Run, name: str) -> None:
    """People could not tell the client from others on the consent page."""
    assert refused(run("clients", "create", name), 2).startswith("Error: NAME: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["clients", "show"],
        ["clients", "update", "--name", "New"],
        ["clients", "rotate-secret"],
        ["clients", "disable"],
        ["clients", "enable"],
        ["clients", "delete"],
        ["tokens", "issue"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("client_id", ["nobody", "ünknown", "", "x" * 300, "a\0b"])
def test_an_unknown_client_is_exit_code_1(
    run: Run, arguments: list[str], client_id: str
) -> None:
    """A script tells an unknown client (1) from wrong input (2) by the exit code."""
    group, command, *options = arguments

    line = refused(run(group, command, client_id, *options), 1)

    assert "there is no client" in line


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["clients", "import", "a\nb"], "FILE"),
        (["clients", "create", "R", "--jwks", "a\nb"], "--jwks"),
        (["clients", "create", "R", "--client-secret-file", "a\nb"], "--client-s"),
        (["keys", "remove", "k", "a\nb"], "FILE"),
        (["keys", "generate", "--append", "a\nb/c"], "--append"),
        (["keys", "generate", "--a\nb"], "No such option"),
        (["keys", "generate", "a\nb"], ""),
    ],
    ids=repr,
)
def test_a_line_break_in_a_name_is_shown_in_one_line(
    run: Run, arguments: list[str], named: str
) -> None:
    """Scripts and log readers would take the second line for another error."""
    line = refused(run(*arguments), 2)

    assert line.startswith(f"Error: {named}")
    assert "a\\nb" in line


@pytest.mark.parametrize("group", [[], ["clients"], ["tokens"]])
def test_a_group_alone_shows_its_help(run: Run, group: list[str]) -> None:
    """Click's convention: a group without a command lists its commands."""
    result = run(*group)

    assert "Commands:" in result.output
    assert "Error" not in result.output
