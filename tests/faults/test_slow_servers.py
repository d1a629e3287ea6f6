"""Objects that come slowly, and servers that are away for a while: time, not a number of tries, decides."""

from __future__ import annotations

import time
from email.utils import formatdate
from http import HTTPStatus

import pytest
import rfmart
from loopback import QuietHandler, QuietServer, serving

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


class Server(QuietServer):
    """One object, which comes in `pieces` with a pause before each; until `back_at` the server is away."""

    def __init__(self, pieces: int = 1, pause_s: float = 0, away_s: float = 0):
        super().__init__(Handler)
        self.content, self.pieces, self.pause_s = ORDERS.encode(), pieces, pause_s
        self.back_at = time.monotonic() + away_s
        self.written_at = formatdate(usegmt=True)

    @property
    def orders(self) -> str:
        return f"{self.address}/orders.csv"


class Handler(QuietHandler):
    server: Server

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
    with serving(Server(pieces=40, pause_s=0.2)) as server:
        done = night(server.orders, "slow", MAX_RETRIES="2")
    assert done.returncode == 0, done.stderr
    (tmp_path / "orders.csv").write_text(ORDERS)
    assert night(str(tmp_path / "orders.csv"), "local").returncode == 0
    rfmart.assert_same_bytes(tmp_path / "local", tmp_path / "slow")


def test_an_object_that_stops_coming_ends_the_run(night):
    with serving(Server(pieces=2, pause_s=30)) as server:
        done = night(server.orders, "stuck", MAX_RETRIES="1")
    assert done.returncode == 69, done.stderr
    assert f"can't read {server.orders}" in done.stderr
    assert "run again later" in done.stderr


def test_a_server_that_is_away_for_some_seconds_is_waited_for(night):
    with serving(Server(away_s=10)) as server:
        done = night(server.orders, "away")
    assert done.returncode == 0, done.stderr


def test_how_long_is_waited_is_said_by_retry_timeout(night):
    with serving(Server(away_s=60)) as server:
        started = time.monotonic()
        done = night(server.orders, "away", RETRY_TIMEOUT="2s")
    assert done.returncode == 69, done.stderr
    assert time.monotonic() - started < 30
    assert "503 Service Unavailable" in done.stderr
