"""Makes deploy/superset/dashboard.png: what the dashboard shows first of the demo's closed month.

With a built rfmart, and what tests/requirements.txt names:

    PYTHONPATH=tests/real:tests/report:deploy/superset target/venv/bin/python tests/superset/screenshot.py
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import browser
import chains
import rfmart
import served
from playwright.sync_api import sync_playwright

PICTURE = rfmart.ROOT / "deploy/superset/dashboard.png"
# From the headings of the period's figures to that of the segments, below the stages.
FIRST, LAST = "MARKDOWN-headline", "MARKDOWN-segments"
MARGIN = 16
# By Superset's own Pillow, that the repository stays small.
FEWER_COLOURS = "import sys; from PIL import Image; Image.open(sys.argv[1]).quantize(256, method=1).save(sys.argv[1], optimize=True)"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        pipeline = chains.demo(Path(folder) / "demo")
        home = Path(folder) / "superset"
        home.mkdir()
        with served.superset(pipeline, home) as address:
            launched = browser.launched(playwright)
            with served.board(launched, address, chains.CLOSED) as board:
                draw(board.page)
            launched.close()


def draw(page) -> None:
    """A picture of the part between the two, without the filter on the left."""
    top, bottom = (page.locator(f"#{name}").first.bounding_box()["y"] for name in (FIRST, LAST))
    left = page.locator(f"#{FIRST}").first.bounding_box()["x"] - MARGIN
    clip = {"x": left, "y": top - MARGIN, "width": served.TALL["width"] - left, "height": bottom - top}
    page.screenshot(path=PICTURE, clip=clip)
    subprocess.run([rfmart.ROOT / "target/venv/superset/bin/python", "-c", FEWER_COLOURS, PICTURE], check=True)


if __name__ == "__main__":
    main()
