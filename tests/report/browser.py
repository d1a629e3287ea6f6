"""Pages as somebody opens them: from a file, in Chromium, without a network."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Browser, Page, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Written(Protocol):
    """What has a page."""

    file: Path


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
    browser: Browser, report: Written, language: str = "zh-Hant", theme: str = "light", width: int = 1200, **more
) -> Iterator[Page]:
    """A page. That it says anything on the console, or asks for anything, fails the test."""
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


def own_script_and_style_alone(html: str) -> None:
    """That the page's policy lets its one script and its one style run, and nothing else."""
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    script, style = (hashed(re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)) for tag in ("script", "style"))
    only = f"script-src {script}; style-src {style}"
    assert policy == f"default-src 'none'; {only}; base-uri 'none'; form-action 'none'"


def hashed(texts: list[str]) -> str:
    """How a page's policy names the one text that may run."""
    [text] = texts
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
