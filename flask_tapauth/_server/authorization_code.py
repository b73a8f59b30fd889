"""The authorization code grant with PKCE, on top of Authlib's (RFC 6749 §4.1)."""

from __future__ import annotations

import re
import time
from typing import Any, Final

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.grants import (
    AuthorizationCodeGrant as AuthlibAuthorizationCodeGrant,
)
from authlib.oauth2.rfc6749.hooks import hooked
from authlib.oauth2.rfc7636 import CodeChallenge as AuthlibCodeChallenge

from .._app.app_state import get_app_state
from .._base import secrets as _secrets
from .._base.scopes import join_scopes, parse_scopes
from .._store.codes import LIFETIME_SECONDS, StoredCode
from ..errors import RegistrationError
from ..models import ClientMixin
from .client_auth import METHODS
from .gate import allowed_audience, allowed_scope

_CHALLENGE: Final = re.compile("[A-Za-z0-9_-]{43}")  # a SHA-256 digest as base64url
_VERIFIER: Final = re.compile("[A-Za-z0-9._~-]{43,128}")


class CodeChallenge(AuthlibCodeChallenge):
    """PKCE by S256, for every client (RFC 7636, RFC 9700 §2.1.1).

    Authlib also allows requests without a challenge, and ``plain``, where anybody who
    can read the authorization request knows the verifier.
    """

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        parameters = grant.request.payload.data
        if parameters.get("code_challenge_method") != "S256":
            raise InvalidRequestError(
                "PKCE is required: send a code_challenge, and S256 as the "
                "code_challenge_method."
            )
        if not _CHALLENGE.fullmatch(parameters.get("code_challenge", "")):
            raise InvalidRequestError("The code_challenge must have 43 characters.")

    def validate_code_verifier(self, grant: Any, result: Any) -> None:
        # Authlib's pattern would let a line break at the end pass.
        if not _VERIFIER.fullmatch(grant.request.form.get("code_verifier", "")):
            raise InvalidRequestError(
                "The code_verifier is missing, or does not have 43 to 128 unreserved "
                "characters."
            )
        super().validate_code_verifier(grant, result)

    def get_authorization_code_challenge_method(self, code: StoredCode) -> str:
        return "S256"


class AuthorizationCodeGrant(AuthlibAuthorizationCodeGrant):
    """A client gets a token on a person's behalf, by a code that it gets first."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_authorization_request(self) -> str:
        # The gate has checked the rest of the request.
        redirect_uri: str = self.request.proven_redirect_uri
        try:
            if self.request.payload.data.get("response_mode", "query") != "query":
                raise InvalidRequestError("The only response_mode is query.")
            self.execute_hook(
                "after_validate_authorization_request_payload", redirect_uri
            )
        except OAuth2Error as error:
            error.redirect_uri = redirect_uri
            raise
        return redirect_uri

    def generate_authorization_code(self) -> str:
        return _secrets.generate("authorization_code")

    def save_authorization_code(self, code: str, request: Any) -> None:
        state = get_app_state()
        try:
            state.store.codes.insert(
                _secrets.digest(code),
                request.client,
                state.people.id_of(request.user),
                parse_scopes(request.scope),
                allowed_audience(request),
                int(time.time()) + LIFETIME_SECONDS,
                redirect_uri=request.proven_redirect_uri,
                code_challenge=request.payload.data["code_challenge"],
            )
        except RegistrationError:
            # The client was deleted meanwhile. RFC 6749 §4.1.2.1 has no invalid_client.
            raise UnauthorizedClientError(
                redirect_uri=request.proven_redirect_uri
            ) from None

    def query_authorization_code(self, code: str, client: ClientMixin) -> StoredCode:
        # The gate has looked it up, and has refused one that was used before.
        found: StoredCode = self.request.granted
        redirect_uri = self.request.payload.redirect_uri
        if found.is_expired() or redirect_uri not in (None, found.redirect_uri):
            raise InvalidGrantError(
                "The code has expired, or was issued for another redirect URI."
            )
        return found

    @hooked  # type: ignore[untyped-decorator]
    def create_token_response(self) -> tuple[int, Any, Any]:
        # Authlib's method saves the token before it deletes the code, so that two
        # requests with one code could both get a token. `save_token` uses the code up
        # and stores the token in one transaction.
        people, code = get_app_state().people, self.request.authorization_code
        if not people.may_go_on(code.user_id):
            raise InvalidGrantError("The person who granted this code is gone.")
        offered = parse_scopes(allowed_scope(self.request.client, None))
        # Scopes that the client lost in the meantime are left out.
        scopes = [scope for scope in code.scopes if scope in offered]
        if code.scopes and not scopes:
            raise InvalidScopeError
        self.request.user = people.find(code.user_id)
        token = self.generate_token(user=self.request.user, scope=join_scopes(scopes))
        self.save_token(token)
        return 200, token, self.TOKEN_RESPONSE_HEADER
