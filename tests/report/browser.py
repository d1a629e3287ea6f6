"""Pages as somebody opens them: from a file, in Chromium, without a network."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator

from chains import Report
from playwright.sync_api import Browser, Page, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str:
    """The browser that is there; Playwright's own would have to be fetched."""
    found = os.environ.get("RFMART_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert found, f"no browser: install one of {', '.join(NAMES)}, or set RFMART_CHROMIUM"
    return found


def launched(playwright: Playwright) -> Browser:
    """The browser, without a sandbox where it runs as root, as in a container."""
    return playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"] if os.geteuid() == 0 else [])


@contextlib.contextmanager
def opened(
    browser: Browser, report: Report, language: str = "zh-Hant", theme: str = "light", width: int = 1200, **more
) -> Iterator[Page]:
    """The page of a report. That it says anything on the console, or asks for anything, fails the test."""
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **more)
    page = context.new_page()
    said, requested = [], []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: requested.append(request.url))
    address = f"{report.file.as_uri()}?lang={language}&theme={theme}"
    page.goto(address)
    page.wait_for_selector("footer")
    yield page
    assert said == []
    assert requested == [address]
    context.close()


def shown(page: Page, selector: str) -> list[list[str]]:
    """The raw values behind the cells of a table, row by row."""
    return page.eval_on_selector(
        selector,
        "(table) => [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.dataset.value))",
    )
