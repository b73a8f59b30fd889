"""A server for the Model Context Protocol, which agents call tools by.

It speaks the protocol's streamable HTTP without streams: one POST with a JSON-RPC
message, one answer in JSON. `require_token` and ``TAPAUTH_RESOURCES`` are all that it
needs for its authorization.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, request

from flask_tapauth import require_token

from .address import MCP_PATH
from .mcp_tools import SCOPES, TOOLS, ArgumentError
from .seeding import register

CLIENT_ID = "mcp-client"

mcp = Blueprint("mcp", __name__)

_VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26")
_INVALID_REQUEST, _UNKNOWN_METHOD, _INVALID_PARAMS = -32600, -32601, -32602


class _Fault(Exception):
    """A message that cannot be answered, with JSON-RPC's code for the reason."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def register_mcp_client() -> None:
    """Register a client for programs that cannot register themselves."""
    register(
        CLIENT_ID,
        "MCP client on your machine",
        grant_types=["authorization_code", "refresh_token"],
        scopes=SCOPES,
        # Without a port, each port matches (RFC 8252 §7.3).
        redirect_uris=[
            f"http://{host}{path}"
            for host in ("127.0.0.1", "localhost")
            for path in ("/callback", "/oauth/callback")
        ],
    )


# A client asks for the scopes of the challenge, so it gets what all tools need.
@mcp.post(MCP_PATH)
@require_token(*SCOPES)
def answer() -> Response | tuple[Response, int] | tuple[str, int]:
    # The protocol demands it: a page of another site must not call a server that
    # listens on this machine.
    if request.origin and urlsplit(request.origin).netloc != request.host:
        abort(403, "The Origin header names another site.")
    message = request.get_json()
    if not isinstance(message, dict):
        return jsonify(_failed(None, _INVALID_REQUEST, "Send one JSON object.")), 400
    if "id" not in message:
        return "", 202  # a notification, such as notifications/initialized
    try:
        result = _call(message.get("method"), message.get("params") or {})
    except _Fault as fault:
        return jsonify(_failed(message["id"], fault.code, str(fault)))
    return jsonify(jsonrpc="2.0", id=message["id"], result=result)


def _call(method: Any, params: Any) -> dict[str, Any]:
    if not isinstance(params, dict):
        raise _Fault(_INVALID_PARAMS, "params must be an object.")
    match method:
        case "initialize":
            wanted = params.get("protocolVersion")
            return {
                "protocolVersion": wanted if wanted in _VERSIONS else _VERSIONS[0],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "flask-tapauth-example", "version": "1"},
            }
        case "ping":
            return {}
        case "tools/list":
            return {"tools": [tool.describe() for tool in TOOLS.values()]}
        case "tools/call":
            return _call_tool(params.get("name"), params.get("arguments") or {})
    raise _Fault(_UNKNOWN_METHOD, "There is no such method.")


def _call_tool(name: Any, arguments: Any) -> dict[str, Any]:
    tool = TOOLS.get(name) if isinstance(name, str) else None
    if tool is None:
        raise _Fault(_INVALID_PARAMS, f"The tools are {', '.join(TOOLS)}.")
    try:
        found = {"data": tool.run(arguments)}
    except ArgumentError as error:  # the model reads it, and tries again
        return {"content": [_text(str(error))], "isError": True}
    text = jsonify(found).get_data(as_text=True)
    return {"content": [_text(text)], "structuredContent": found}


def _text(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def _failed(message_id: Any, code: int, text: str) -> dict[str, Any]:
    return {
        "jsonrpc": "2.0",
        "id": message_id,
        "error": {"code": code, "message": text},
    }
