"""Objects that come slowly, and servers that are away for a while: time, not a number of tries, decides."""

from __future__ import annotations

import contextlib
import threading
import time
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import rfmart

ORDERS = "order_id,customer_id,branch_id,paid_at,amount\n" + "".join(
    f"o{number},c{number % 7},B{number % 3},2026-10-{1 + number % 28:02},{100 + number}\n" for number in range(400)
)
PIPELINE = """\
name: slow
timezone: Asia/Taipei
currency: TWD
sources:
  orders: {location: "${ORDERS}"}
publish: {location: "${WAREHOUSE}"}
storage:
  http: {allow_http: "true", timeout: 1s, max_retries: "${MAX_RETRIES:-}", retry_timeout: "${RETRY_TIMEOUT:-}"}
limits: {memory: 1GiB, target_partitions: 1}
"""


class Server(ThreadingHTTPServer):
    """One object, which comes in `pieces` with a pause before each; until `back_at` the server is away."""

    daemon_threads = True

    def __init__(self, pieces: int, pause_s: float, back_at: float):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.pieces, self.pause_s, self.back_at = ORDERS.encode(), pieces, pause_s, back_at
        self.written_at = formatdate(usegmt=True)

    def handle_error(self, *_) -> None:
        """A client that gives up is what this is about."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_) -> None:
        """Nobody reads it."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        server = self.server
        if time.monotonic() < server.back_at:
            self.send_response(HTTPStatus.SERVICE_UNAVAILABLE)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        first = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
        rest = server.content[first:]
        self.send_response(HTTPStatus.PARTIAL_CONTENT if "Range" in self.headers else HTTPStatus.OK)
        end = len(server.content)
        headers = {"ETag": '"one"', "Last-Modified": server.written_at, "Content-Length": str(len(rest))}
        for name, value in (headers | {"Content-Range": f"bytes {first}-{end - 1}/{end}"}).items():
            self.send_header(name, value)
        self.end_headers()
        size = -(-len(server.content) // server.pieces)
        for start in range(0, len(rest) if self.command == "GET" else 0, size):
            time.sleep(server.pause_s)
            self.wfile.write(rest[start : start + size])


@contextlib.contextmanager
def serving(pieces: int = 1, pause_s: float = 0, away_s: float = 0):
    server = Server(pieces, pause_s, time.monotonic() + away_s)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/orders.csv"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def night(tmp_path):
    """A run over the object at an address, into a folder of its own."""
    (tmp_path / "pipeline.yaml").write_text(PIPELINE)

    def run(orders: str, name: str, **env: str):
        places = {"ORDERS": orders, "WAREHOUSE": f"{tmp_path}/{name}/", "NO_PROXY": "127.0.0.1"}
        return rfmart.call("run", tmp_path / "pipeline.yaml", "--as-of", "2026-10-31", "--allow-future", env=places | env)

    return run


def test_an_object_that_drips_is_read_to_its_end(night, tmp_path):
    # Eight seconds, where a request may take one and is tried again twice.
    with serving(pieces=40, pause_s=0.2) as address:
        done = night(address, "slow", MAX_RETRIES="2")
    assert done.returncode == 0, done.stderr
    (tmp_path / "orders.csv").write_text(ORDERS)
    assert night(str(tmp_path / "orders.csv"), "local").returncode == 0
    rfmart.assert_same_bytes(tmp_path / "local", tmp_path / "slow")


def test_an_object_that_stops_coming_ends_the_run(night):
    with serving(pieces=2, pause_s=30) as address:
        done = night(address, "stuck", MAX_RETRIES="1")
    assert done.returncode == 69, done.stderr
    assert f"can't read {address}" in done.stderr
    assert "run again later" in done.stderr


def test_a_server_that_is_away_for_some_seconds_is_waited_for(night):
    with serving(away_s=10) as address:
        done = night(address, "away")
    assert done.returncode == 0, done.stderr


def test_how_long_is_waited_is_said_by_retry_timeout(night):
    with serving(away_s=60) as address:
        started = time.monotonic()
        done = night(address, "away", RETRY_TIMEOUT="2s")
    assert done.returncode == 69, done.stderr
    assert time.monotonic() - started < 30
    assert "503 Service Unavailable" in done.stderr
