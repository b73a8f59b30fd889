"""A resource server elsewhere: joserfc, a published key set, and no database.

It runs as a script of its own. For each token on a line of its standard input it prints
a line: the subject, or ``refused`` and why. How often it fetched the keys is in front.
"""

from __future__ import annotations

import json
import sys
from typing import Any
from urllib.request import urlopen

from joserfc import jwk, jws, jwt
from joserfc.errors import JoseError


class ResourceServer:
    """Verifies tokens (RFC 9068 §4), with keys that are fetched when one is unknown."""

    def __init__(self, key_set_url: str, issuer: str, audience: str) -> None:
        self.fetched = 0
        self._url = key_set_url
        self._rules = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
        )
        self._fetch()

    def subject_of(self, token: str) -> str:
        kid = jws.extract_compact(token.encode()).headers().get("kid")
        if kid not in self._kids:
            self._fetch()
        if kid not in self._kids:
            raise ValueError("unknown key")
        read = jwt.decode(token, self._keys, algorithms=["ES256"])
        if read.header["typ"] != "at+jwt":
            raise ValueError("no access token")
        self._rules.validate(read.claims)
        subject: str = read.claims["sub"]
        return subject

    def _fetch(self) -> None:
        self.fetched += 1
        with urlopen(self._url, timeout=10) as answer:
            published: Any = json.load(answer)
        self._kids = {key["kid"] for key in published["keys"]}
        self._keys = jwk.KeySet.import_key_set(published)


def main() -> None:
    server = ResourceServer(*sys.argv[1:])
    for line in sys.stdin:
        try:
            said = server.subject_of(line.strip())
        except (JoseError, ValueError) as error:
            said = f"refused {type(error).__name__}"
        sys.stdout.write(f"{server.fetched} {said}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
