"""A TCP proxy between a program and a server, which a test can cut."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading

from ..ports import HOST

_PIECE = 64 * 1024
_RESET = struct.pack("ii", 1, 0)


class Wire:
    """Passes bytes on between its own port and a server's.

    :ivar sent: what went to the server, of all connections.
    :ivar is_cut: whether it is.
    :ivar cut_on: bytes after which it is cut, when they have gone to the server.
    """

    def __init__(self, port: int) -> None:
        self._server = (HOST, port)
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.sent = b""
        self.cut_on: bytes | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.is_cut = False
        self._flows = threading.Event()
        self._flows.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Reset all connections, and those that are opened later."""
        with self._lock:
            self.is_cut = True
            for end in self._open:
                _reset(end)
            self._open.clear()

    def mend(self) -> None:
        with self._lock:
            self.is_cut = False
        self._flows.set()

    def stall(self) -> None:
        """Pass no bytes on, and close no connection."""
        self._flows.clear()

    def close(self) -> None:
        self.cut()
        self._flows.set()
        # Wakes the thread that waits for it.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self.is_cut:
                    _reset(near)
                    continue
                far = socket.create_connection(self._server)
                self._open |= {near, far}
            for ends in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(
        self, source: socket.socket, target: socket.socket, to_server: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(_PIECE):
                self._flows.wait()
                if to_server:
                    self.sent += piece
                target.sendall(piece)
                if to_server and self.cut_on is not None and self.cut_on in piece:
                    self.cut_on = None
                    self.cut()
        with self._lock:
            self._open -= {source, target}
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def _reset(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        # Wakes the thread that waits for it; closing alone would not.
        end.shutdown(socket.SHUT_RDWR)
    end.close()
