"""A server in front of a store's: it hands requests on, or answers some of them itself, as a test says."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from loopback import QuietHandler, QuietServer, serving

NOT_HANDED_ON = {"connection", "transfer-encoding", "content-length", "server", "date"}


@dataclass
class Request:
    """`key` is bucket and key, or the bucket alone of a listing, whose prefix is in `query`."""

    method: str
    key: str
    query: str

    @property
    def is_listing(self) -> bool:
        return "list-type=2" in self.query


@dataclass
class Answer:
    """Of status 0: none; the connection is closed."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Front(QuietServer):
    """`answer` gives what is answered in place of the store, or None; `change` what becomes of the store's answer."""

    def __init__(self, store: str):
        super().__init__(Handler)
        self.store = urlsplit(store).netloc
        self.answer: Callable[[Request], Answer | None] = lambda _: None
        self.change: Callable[[Request, Answer], Answer] = lambda _, answer: answer

    def ask_store(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection(self.store)
        try:
            connection.request(method, target, body, headers)
            told = connection.getresponse()
            kept = {name: value for name, value in told.getheaders() if name.lower() not in NOT_HANDED_ON}
            length = told.headers.get("Content-Length") if method == "HEAD" else None
            return Answer(told.status, told.read(), kept | ({"Content-Length": length} if length else {}))
        finally:
            connection.close()


class Handler(QuietHandler):
    server: Front

    def handle_request(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        request = Request(self.command, unquote(parts.path).strip("/"), unquote(parts.query))
        answer = self.server.answer(request)
        if answer is None:
            answer = self.server.ask_store(self.command, self.path, body, dict(self.headers))
            answer = self.server.change(request, answer)
        if not answer.status:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in ({"Content-Length": str(len(answer.body))} | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_request


@contextlib.contextmanager
def before(store: str) -> Iterator[tuple[Front, str]]:
    """A front of the store at an address, and its own address; it is ended by its test."""
    with serving(Front(store)) as front:
        yield front, front.address
