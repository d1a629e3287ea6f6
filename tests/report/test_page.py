"""The page opens by itself, in each language, on screens of two widths and on paper, for whoever reads it."""

from __future__ import annotations

import re

import chains
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import opened, own_script_and_style_alone

SECTIONS = [
    "coverage", "headline", "findings", "stages", "segments", "vips", "branches", "cohorts", "second_visit", "value_curve",
    "value_to_come", "acquisition", "items", "high_value", "actions", "outcomes", "trend",
]  # fmt: skip
POINTED_AT = [
    "stages", "segments", "branches", "second_visit", "value_curve", "acquisition", "items", "outcomes", "trend",
]  # fmt: skip
TITLES = {"zh-Hant": "經營月報", "zh-Hans": "经营月报", "en": "monthly report"}
# A4, less the margins, at 96 pixels an inch.
PAPER_WIDTH = 703
KIB = 1024


@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("language", TITLES)
def test_every_section_is_there_and_nothing_is_wider_than_the_screen(browser, closed, language, width):
    with opened(browser, closed, language, width=width) as page:
        assert page.locator("h1").inner_text() == f"aurora-clinics {TITLES[language]}"
        assert page.get_attribute("html", "lang") == language
        assert page.eval_on_selector_all("section", "(sections) => sections.map((section) => section.id)") == SECTIONS
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_every_chart_has_its_numbers_and_every_section_its_query(browser, closed):
    with opened(browser, closed) as page:
        charts = page.locator(".chart")
        assert charts.count() > len(SECTIONS) / 2
        for chart in charts.all():
            assert chart.get_attribute("aria-label")
            assert chart.locator("svg path").count() > 0
            assert chart.locator("xpath=ancestor::section").locator("table").count() > 0
        for section in page.locator("section").all():
            assert section.locator("pre").first.text_content().startswith("-- ")


def test_pointing_at_a_chart_tells_the_numbers_there(browser, closed):
    with opened(browser, closed) as page:
        for section in POINTED_AT:
            chart = page.locator(f"#{section} .chart").first
            before = chart.locator("text").count()
            # Between the ways of the stages there is nothing; their first node is at the upper left.
            chart.hover(position={"x": 18, "y": 16} if section == "stages" else None)
            chart.locator(f"text >> nth={before}").wait_for(timeout=5_000)


def test_value_to_come_is_drawn_told_and_doubted(browser, fitted):
    with opened(browser, fitted) as page:
        charts = page.locator("#value_to_come .chart")
        assert charts.count() == 2
        for chart in charts.all():
            before = chart.locator("text").count()
            chart.hover()
            chart.locator(f"text >> nth={before}").wait_for(timeout=5_000)
        assert page.locator("#value_to_come .note").count() == 0
        assert page.locator("#value_to_come .doubts li").count() == 5


def test_a_reader_changes_language_and_colours(browser, closed):
    with opened(browser, closed, "en") as page:
        page.get_by_role("button", name="简体").click()
        assert page.locator("h1").inner_text().endswith(TITLES["zh-Hans"])
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.get_by_role("button", name="深色").click()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != ground
        assert page.get_by_role("button", name="深色").get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_paper_is_light_and_no_chart_is_cut_off(browser, closed, theme):
    with opened(browser, closed, theme=theme) as page:
        page.set_viewport_size({"width": PAPER_WIDTH, "height": 1000})
        page.emulate_media(media="print")
        page.locator("html[data-theme=light]").wait_for()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert not page.locator("nav").is_visible()
        widths = page.eval_on_selector_all(
            ".chart svg", "(charts) => charts.map((chart) => chart.getBoundingClientRect().right)"
        )
        assert max(widths) <= PAPER_WIDTH
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser, closed, theme, width):
    # The page's own policy would refuse axe's script.
    with opened(browser, closed, theme=theme, width=width, bypass_csp=True) as page:
        page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        found = Axe().run(page).response["violations"]
        assert [violation["id"] for violation in found if violation["impact"] in ("serious", "critical")] == []


def test_nothing_but_its_own_script_and_style_may_run(closed):
    html = closed.file.read_text("utf-8")
    own_script_and_style_alone(html)
    assert re.findall(r"""<[^>]*\s(?:style|on\w+|src|href)=""", html[: html.index("<script")]) == []


def test_no_customer_is_on_the_page(closed):
    html = closed.file.read_text("utf-8")
    ids = [row[0] for row in closed.tables.execute("select distinct customer_id from dim_customer").fetchall()]
    assert len(ids) > 5_000
    assert [customer for customer in ids if customer in html] == []


def test_a_year_of_a_dozen_branches_takes_less_than_a_megabyte(closed):
    assert closed.file.stat().st_size < 1024 * KIB


def test_120_branches_and_36_months_stay_legible(browser, large):
    assert large.file.stat().st_size < 1536 * KIB
    with opened(browser, large) as page:
        lengths = page.eval_on_selector_all("table", "(tables) => tables.map((table) => table.tBodies[0].rows.length)")
        assert max(lengths) <= 20
        assert page.evaluate("document.documentElement.scrollWidth") == 1200
        ranking = page.locator("#branches .table").first
        name, count = large.tables.execute(
            "select max(name) filter (branch_id = 'TPE20'), count(*) from dim_branch where as_of = ?", [chains.CLOSED]
        ).fetchone()
        ranking.locator("input").fill(name)
        assert name in ranking.locator("tbody th").all_inner_texts()
        ranking.locator("input").fill("")
        ranking.locator("button.more").click()
        assert ranking.locator("tbody tr").count() == count == 120
