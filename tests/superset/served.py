"""Superset, run as deploy/superset/run.sh does, and its dashboard as a browser gets it."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import rfmart
from generator.board import charts
from generator.places import named
from playwright.sync_api import Browser, Request, Response

RUN = rfmart.ROOT / "deploy/superset/run.sh"
PASSWORD = "a password of the tests"
START_S = 600
# All charts at once: the grid draws those alone that are near the screen.
TALL = {"width": 1500, "height": 12000}
LOAD_S = 300
ANSWER_MS = 120_000
DRAWN = "!document.querySelector('.loading, [data-test=loading-indicator]')"
# How an address sets the filter, in Rison.
FILTER = (
    "?native_filters=(NATIVE_FILTER-snapshot:(id:NATIVE_FILTER-snapshot,ownState:(),"
    "extraFormData:(filters:!((col:snapshot,op:IN,val:!('{day}')))),filterState:(label:'{day}',value:!('{day}'))))"
)


@contextlib.contextmanager
def superset(pipeline: Path, home: Path) -> Iterator[str]:
    """Its address, while it runs."""
    port = _free_port()
    env = os.environ | {
        "RFMART": str(rfmart.BINARY),
        "PYTHON": sys.executable,
        "SUPERSET_HOME": str(home),
        "SUPERSET_PORT": str(port),
        "SUPERSET_ADMIN_PASSWORD": PASSWORD,
    }
    log = home / "log"
    # Twice: what is imported first is then brought up to date, as after a new version of rfmart.
    with log.open("w") as out:
        subprocess.run([RUN, pipeline], env=env | {"SUPERSET_PORT": "0"}, stdout=out, stderr=out, check=False)
        server = subprocess.Popen([RUN, pipeline], env=env, stdout=out, stderr=out, start_new_session=True)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/health", server, log)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address) as answer:
            assert answer.status == 200
            return
        time.sleep(0.5)
    raise AssertionError(f"Superset doesn't run:\n{log.read_text()[-4000:]}")


class Board:
    """The dashboard of a day in a browser: what its charts were answered, and whom it asked."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.page = browser.new_page(viewport=TALL, locale="zh-TW")
        self.page.set_default_timeout(ANSWER_MS)
        self.rows: dict[str, list[dict]] = {}
        self.failed: dict[str, str] = {}
        self.asked: set[str] = set()
        self._names = self._logged_in()
        self.page.on("response", self._keep)
        self.page.on("requestfinished", self._note)
        self.page.on("requestfailed", self._note)

    def open(self, day: datetime.date | None = None) -> None:
        """Waits until every chart is drawn: those of the latest day, or of the one to which the filter is set."""
        chosen = FILTER.format(day=day) if day else ""
        self.page.goto(f"{self.address}/superset/dashboard/rfmart/{chosen}")
        until = time.monotonic() + LOAD_S
        while len(self.rows) + len(self.failed) < len(charts()):
            assert time.monotonic() < until, f"only {sorted(self.rows)} were answered"
            self.page.wait_for_timeout(500)
        self.page.wait_for_function(DRAWN)

    def _logged_in(self) -> dict[int, str]:
        """The charts' names by their numbers in Superset."""
        self.page.goto(f"{self.address}/login/")
        self.page.fill("#username", "admin")
        self.page.fill("#password", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/welcome/")
        told = self.page.request.get(f"{self.address}/api/v1/chart/?q=(columns:!(id,uuid),page_size:100)").json()
        names = {named("chart", chart.name): chart.name for chart in charts()}
        return {chart["id"]: names[chart["uuid"]] for chart in told["result"]}

    def _note(self, request: Request) -> None:
        # What the page's own policy forbids is never sent.
        if request.failure != "csp":
            self.asked.add(urllib.parse.urlsplit(request.url).netloc)

    def _keep(self, response: Response) -> None:
        if "/api/v1/chart/data" not in response.url:
            return
        number = json.loads(response.request.post_data)["form_data"].get("slice_id")
        # The filter's own question is of no chart.
        if number is None:
            return
        if response.ok:
            self.rows[self._names[number]] = response.json()["result"][0]["data"]
        else:
            self.failed[self._names[number]] = response.text()


@contextlib.contextmanager
def board(browser: Browser, address: str, day: datetime.date | None = None) -> Iterator[Board]:
    """The dashboard of a day, opened."""
    found = Board(browser, address)
    found.open(day)
    yield found
    found.page.close()
