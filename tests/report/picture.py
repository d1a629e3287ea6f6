"""Makes docs/report.png, the picture at the top of README.md: what the demo's page shows first.

With a built rfmart, and what tests/requirements.txt names:

    PYTHONPATH=tests/real target/venv/bin/python tests/report/picture.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import browser
import chains
import rfmart
from playwright.sync_api import sync_playwright

PICTURE = rfmart.ROOT / "docs/report.png"
WIDTH = 1080


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        report = chains.written(chains.demo(Path(folder) / "demo"), chains.CLOSED)
        launched = browser.launched(playwright)
        page = launched.new_page(viewport={"width": WIDTH, "height": 900})
        # How long ago the day was is another every day.
        page.clock.set_fixed_time("2026-11-01T09:00:00+08:00")
        page.goto(f"{report.file.as_uri()}?lang=zh-Hant&theme=light")
        page.evaluate("document.querySelectorAll('details, nav').forEach((element) => element.remove())")
        box = page.locator("#findings").bounding_box()
        page.screenshot(
            path=PICTURE, full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": box["y"] + box["height"] + 16}
        )
        launched.close()


if __name__ == "__main__":
    main()
