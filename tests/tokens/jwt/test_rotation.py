"""Keys are rotated while servers run, and another process follows: no token is lost.

All processes are real: two servers of the app on one key file, the commands that change
the file, and a resource server that knows nothing but the published set.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from .conftest import ELSEWHERE, claims_of, header_of
from .processes import Elsewhere, Server, World

STAGES = ["one key", "announced", "promoted", "removed"]


@dataclass
class Rotation:
    """What each process answered at each stage of the rotation."""

    client_id: str = ""
    old: str = ""
    new: str = ""
    signed_by: dict[str, str] = field(default_factory=dict)
    published: dict[str, list[str]] = field(default_factory=dict)
    opened: dict[str, dict[str, int]] = field(default_factory=dict)
    elsewhere: dict[str, dict[str, tuple[int, str]]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("rotation"))
    yield world
    world.end()


@pytest.fixture(scope="module")
def rotation(world: World) -> Rotation:
    """Rotate the keys as docs/how-to/clients/jwt.md says, and ask each process."""
    seen, keys = Rotation(), str(world.keys)
    seen.old = world.run("keys", "generate", "--append", keys, "--json")["kid"]
    client = world.client("Reports")
    brief = world.client("Brief", "--expires-in", "1")
    seen.client_id = client["client_id"]
    server = Server(world)
    elsewhere = Elsewhere(world, server)
    tokens = {"old": server.token(client)}
    expiring = server.token(brief)

    def look(stage: str) -> None:
        seen.signed_by[stage] = header_of(server.token(client))["kid"]
        seen.published[stage] = server.kids()
        seen.opened[stage] = {
            name: server.status(token) for name, token in tokens.items()
        }
        seen.elsewhere[stage] = {
            name: elsewhere.ask(token) for name, token in tokens.items()
        }

    look("one key")
    seen.new = world.run("keys", "generate", "--append", keys, "--json")["kid"]
    server.restart()
    late = Server(world)
    look("announced")

    world.run("keys", "promote", seen.new, keys, "--json")
    server.restart()
    tokens["new"] = server.token(client)
    seen.opened["late"] = {name: late.status(token) for name, token in tokens.items()}
    while time.time() < claims_of(expiring)["exp"]:
        time.sleep(0.1)
    tokens["expired"] = expiring
    look("promoted")

    world.run("keys", "remove", seen.old, keys, "--json")
    server.restart()
    elsewhere = Elsewhere(world, server)
    look("removed")
    return seen


def test_the_key_that_signs_is_the_promoted_one(rotation: Rotation) -> None:
    """A key that was only appended does not sign yet."""
    signed_by = [rotation.signed_by[stage] for stage in STAGES]

    assert signed_by == [rotation.old, rotation.old, rotation.new, rotation.new]


def test_the_published_set_has_the_keys_of_the_file(rotation: Rotation) -> None:
    """RFC 7517 §5: a new key is published before it signs, and old ones stay."""
    old, new = rotation.old, rotation.new

    assert [rotation.published[stage] for stage in STAGES] == [
        [old],
        [old, new],
        [new, old],
        [new],
    ]


@pytest.mark.parametrize("stage", ["one key", "announced", "promoted"])
def test_a_token_of_the_old_key_stays_valid(rotation: Rotation, stage: str) -> None:
    """All keys of the set verify."""
    assert rotation.opened[stage]["old"] == 200


def test_a_token_of_the_old_key_expires_in_time(rotation: Rotation) -> None:
    """RFC 9068 §4: a rotation does not change its lifetime."""
    assert rotation.opened["promoted"]["expired"] == 401


def test_a_server_that_is_not_restarted_yet_accepts_tokens_of_both_keys(
    rotation: Rotation,
) -> None:
    """It knew the new key before that signed its first token."""
    assert rotation.opened["late"] == {"old": 200, "new": 200}


def test_a_token_of_a_removed_key_is_refused(rotation: Rotation) -> None:
    """Tokens of the key that signs now are accepted."""
    opened = rotation.opened["removed"]

    assert (opened["old"], opened["new"]) == (401, 200)


@pytest.mark.parametrize("stage", ["one key", "announced"])
def test_a_resource_server_elsewhere_verifies_by_the_published_set(
    rotation: Rotation, stage: str
) -> None:
    """RFC 9068 §4: with any library, no database, and one fetch of the keys."""
    assert rotation.elsewhere[stage]["old"] == (1, rotation.client_id)


def test_a_resource_server_elsewhere_follows_to_the_new_key(rotation: Rotation) -> None:
    """RFC 7517 §4.5: an unknown `kid` makes it fetch the set again."""
    told = rotation.elsewhere["promoted"]

    assert told["new"] == (2, rotation.client_id)


def test_a_resource_server_elsewhere_does_not_forget_the_old_key(
    rotation: Rotation,
) -> None:
    """The old key is published as long as it is in the file."""
    told = rotation.elsewhere["promoted"]

    assert told["old"][1] == rotation.client_id
    assert told["expired"][1] == "refused ExpiredTokenError"


def test_a_resource_server_elsewhere_refuses_tokens_of_a_removed_key(
    rotation: Rotation,
) -> None:
    """A removed key is no longer published."""
    told = rotation.elsewhere["removed"]

    assert told["old"][1] == "refused ValueError"
    assert told["new"][1] == rotation.client_id


def test_a_resource_server_accepts_tokens_for_its_resource(
    world: World, rotation: Rotation
) -> None:
    """RFC 8707 §2, RFC 9068 §4: the app itself refuses them."""
    server, client = Server(world), world.client("Invoices")
    invoices = Elsewhere(world, server, audience=ELSEWHERE)
    ours, theirs = server.token(client), server.token(client, resource=ELSEWHERE)

    assert invoices.ask(theirs)[1] == client["client_id"]
    assert invoices.ask(ours)[1] == "refused InvalidClaimError"
    assert (server.status(ours), server.status(theirs)) == (200, 401)
