"""A TLS server on loopback whose answers a test chooses."""

from __future__ import annotations

import datetime
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = bytes | Callable[[ssl.SSLSocket], None]


def http_answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def published(keys: Any) -> bytes:
    """Return the answer of a server that publishes a value as its key set."""
    return http_answer(json.dumps(keys).encode())


class KeyServer:
    """Gives every request the same answer, and counts the connections.

    :param answer: the bytes to send after a request was read, or a function that
        sends them.
    """

    def __init__(self, certificate: Path, answer: Answer = b"") -> None:
        self.answer = answer
        self.connections = 0
        self.requests: list[bytes] = []
        self.is_closing = threading.Event()
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    @property
    def uri(self) -> str:
        return f"https://127.0.0.1:{self.port}/keys.json?v=1"

    def close(self) -> None:
        self.is_closing.set()
        # The thread blocks in accept() until somebody connects.
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join(timeout=10)
        self._listener.close()

    def drip(self, head: bytes, times: int, byte: bytes, tail: bytes) -> Answer:
        """Return an answer that is sent byte by byte, ten bytes a second.

        :param head: is sent at once, before the bytes; `tail` is sent after them.
        """

        def answer(connection: ssl.SSLSocket) -> None:
            connection.sendall(head)
            for _ in range(times):
                if self.is_closing.wait(0.1):
                    return
                connection.sendall(byte)
            connection.sendall(tail)

        return answer

    def _listen(self) -> None:
        while True:
            plain, _ = self._listener.accept()
            if self.is_closing.is_set():
                plain.close()
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=[plain])
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        with plain:
            plain.settimeout(5)
            try:
                with self._tls.wrap_socket(plain, server_side=True) as connection:
                    self.requests.append(_read_head(connection))
                    if callable(self.answer):
                        self.answer(connection)
                    else:
                        connection.sendall(self.answer)
            except OSError:
                return  # the client under test may hang up


def _read_head(connection: ssl.SSLSocket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(4096)
        if not received:
            break
        head += received
    return head


def make_certificates(directory: Path, address: str) -> tuple[Path, Path]:
    """Make an authority, and its certificate for `address` and keys.example.

    :returns: the files with the authority's certificate, and with the server's
        certificate and key.
    """
    authority_key = ec.generate_private_key(ec.SECP256R1())
    server_key = ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("Authority", authority_key, "Authority", authority_key)
    server = _certificate(address, server_key, "Authority", authority_key)
    pem = serialization.Encoding.PEM
    trusted, served = directory / "authority.pem", directory / "server.pem"
    trusted.write_bytes(authority.public_bytes(pem))
    served.write_bytes(
        server.public_bytes(pem)
        + server_key.private_bytes(
            pem,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return trusted, served


def _certificate(name: str, key: Any, issuer: str, issuer_key: Any) -> x509.Certificate:
    is_authority = name == issuer
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if is_authority:
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        builder = builder.add_extension(usage, critical=True)
    else:
        names = [
            x509.DNSName("keys.example"),
            x509.IPAddress(ipaddress.ip_address(name)),
        ]
        builder = builder.add_extension(
            x509.SubjectAlternativeName(names), critical=False
        )
    return builder.sign(issuer_key, hashes.SHA256())
