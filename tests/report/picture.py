"""Makes the pictures of docs/: report.png, at the top of README.md, and those of gallery.md, all of the demo.

With a built rfmart, and what tests/requirements.txt names:

    PYTHONPATH=tests/real target/venv/bin/python tests/report/picture.py
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import tempfile
from pathlib import Path

import browser
import chains
import rfmart
from playwright.sync_api import Browser, Page, sync_playwright

DOCS = rfmart.ROOT / "docs"
WIDTH = 1080
PHONE = 390
# How long ago the day was is another every day.
MORNING_AFTER = "2026-11-01T09:00:00+08:00"
# Queries and tables behind charts, closed anyway, and the ways to other sections.
LEFT_OUT = "document.querySelectorAll('details, nav, button.more').forEach((element) => element.remove())"
# The browser's own encoder: pictures as small, without another program.
TO_WEBP = """async (png) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext('2d').drawImage(image, 0, 0);
    const bytes = await (await canvas.convertToBlob({ type: 'image/webp', quality: 0.72 })).bytes();
    return bytes.toBase64();
}"""


@dataclasses.dataclass
class Picture:
    """What is shown, from the top of one element to the bottom of another."""

    name: str
    first: str
    last: str
    language: str = "zh-Hant"
    theme: str = "light"
    width: int = WIDTH
    as_of: datetime.date = chains.CLOSED


GALLERY = [
    Picture("stages", "#stages", "#stages"),
    Picture("segments", "#segments", "#vips"),
    Picture("branches", "#branches", "#branches"),
    Picture("cohorts", "#cohorts", "#second_visit .chart"),
    Picture("value", "#value_to_come", "#value_to_come", as_of=chains.FITTED),
    Picture("newcomers", "#acquisition", "#acquisition .table >> nth=1"),
    Picture("items", "#items", "#items .chart >> nth=-1"),
    Picture("actions", "#high_value", "#high_value", "en"),
    Picture("outcomes", "#outcomes", "#outcomes"),
    Picture("trend", "#trend", "#trend", theme="dark"),
    Picture("phone", "header", "#findings", "zh-Hans", width=PHONE),
]

LINEAGE = Picture("lineage", "#lineage", "#lineage", width=2000)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        pipeline = chains.demo(Path(folder) / "demo")
        reports = {day: chains.written(pipeline, day) for day in (chains.CLOSED, chains.FITTED)}
        dictionary = Path(folder) / "docs.html"
        dictionary.write_text(rfmart.succeed("docs", pipeline, "--format", "html").stdout, "utf-8")
        launched = browser.launched(playwright)
        top = Picture("report", "header", "#findings")
        (DOCS / "report.png").write_bytes(taken(launched, reports[top.as_of].file, top))
        for picture in GALLERY:
            keep(launched, picture.name, taken(launched, reports[picture.as_of].file, picture))
        keep(launched, LINEAGE.name, taken(launched, dictionary, LINEAGE))
        launched.close()


def taken(launched: Browser, file: Path, picture: Picture) -> bytes:
    """A picture of a page, as PNG."""
    page = launched.new_page(viewport={"width": picture.width, "height": 900})
    page.clock.set_fixed_time(MORNING_AFTER)
    page.goto(f"{file.as_uri()}?lang={picture.language}&theme={picture.theme}")
    page.evaluate(LEFT_OUT)
    # From the very top of the page, where the first element is the page's head.
    top = 0 if picture.first == "header" else box(page, picture.first)["y"] - 8
    last = box(page, picture.last)
    height = last["y"] + last["height"] + 16 - top
    taken = page.screenshot(full_page=True, clip={"x": 0, "y": top, "width": picture.width, "height": height})
    page.close()
    return taken


def box(page: Page, selector: str) -> dict[str, float]:
    return page.locator(selector).first.bounding_box()


def keep(launched: Browser, name: str, png: bytes) -> None:
    """Writes a picture of the gallery."""
    page = launched.new_page()
    webp = base64.b64decode(page.evaluate(TO_WEBP, base64.b64encode(png).decode()))
    page.close()
    (DOCS / "gallery" / f"{name}.webp").write_bytes(webp)


if __name__ == "__main__":
    main()
