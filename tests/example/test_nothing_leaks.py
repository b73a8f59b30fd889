"""Neither the database nor the log of the example has a token or a client secret."""

from __future__ import annotations

from pathlib import Path

import requests

from .conftest import Start


def test_neither_database_nor_log_has_a_secret(start: Start, tmp_path: Path) -> None:
    """A copy of the database or of the log must not give access."""
    database = tmp_path / "example.db"
    example = start(f"sqlite:///{database}")
    tokens = [example.token() for _ in range(20)]
    rotated = example.run(
        "clients", "rotate-secret", example.client_id, "--grace", "60"
    )
    for token in tokens:
        url = f"{example.url}/api/v1/orders"
        for sent in (
            {"headers": {"Authorization": f"Bearer {token}"}},
            {"headers": {"access_token": token}},
            {"params": {"access_token": token}},
            {"params": {"access_token": token + "x"}},
            {"headers": {"access_token": token}, "params": {"access_token": token}},
        ):
            requests.get(url, timeout=10, **sent)  # type: ignore[arg-type]
        requests.post(url, json={"access_token": token, "x": "y"}, timeout=10)
        requests.post(
            f"{example.url}/oauth/token?client_secret={example.client_secret}",
            data={"client_secret": example.client_secret},
            timeout=10,
        )
        requests.get(f"{example.url}/nothing?access_token={token}", timeout=10)

    written = [file.read_bytes() for file in tmp_path.glob("example.db*")]
    logged = example.log.read_bytes().replace(example.printed.encode(), b"")
    secrets = [example.client_secret, *tokens]
    secrets += [word for word in rotated.split() if word.startswith("tapcs_")]
    assert len(secrets) == 22
    assert b"orders" in logged
    for secret in secrets:
        for place in (*written, logged):
            assert secret.encode() not in place
            assert secret.removeprefix("tapat_").encode() not in place
