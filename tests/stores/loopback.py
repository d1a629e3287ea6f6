"""HTTP servers of tests, on a port of loopback that the system chooses."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar


Server = TypeVar("Server", bound="QuietServer")


class QuietServer(ThreadingHTTPServer):
    """Clients that give up or go away are what such tests are about."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler]):
        super().__init__(("127.0.0.1", 0), handler)

    def handle_error(self, *_) -> None:
        """It is the client's."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class QuietHandler(BaseHTTPRequestHandler):
    """Keeps connections, and writes no log, for nobody reads it."""

    protocol_version = "HTTP/1.1"
    # Head and body are sent one after the other: the body would wait 40 ms until the client has acknowledged the head.
    disable_nagle_algorithm = True

    def log_message(self, *_) -> None:
        """Nobody reads it."""


@contextlib.contextmanager
def serving(server: Server) -> Iterator[Server]:
    """The server, in a thread of its own, ended with its last caller."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
