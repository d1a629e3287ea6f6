"""`rfmart docs --format html`: all that the dictionary tells is on a page that opens by itself, and can be sought."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
import rfmart
from axe_playwright_python.sync_playwright import Axe
from browser import opened, own_script_and_style_alone

TITLES = {"zh-Hant": "資料字典", "zh-Hans": "数据字典", "en": "data dictionary"}
PAPER_WIDTH = 703
# What most models read, and the picture leaves out.
SETTINGS = ("run_", "policy_")

PIPELINE = """name: two-departments
timezone: Asia/Taipei
currency: TWD
sources:
  orders: {location: orders.csv}
publish: {location: warehouse/}
policy:
  vip:
    metric: monetary
    tiers: [{name: gold, from: 60000}]
  departments:
    injection: {extends: injection, period_status: {cycle_days: 120}, margin: 0.4}
  high_from: {recency: 4}
  action_outcome: {hold_out: {share: 0.1, key: spring, from: 2020-01-01}}
  changes:
    - {from: 2020-07-01, window_days: 180}
"""


@dataclasses.dataclass
class Dictionary:
    """The page, and the same in JSON."""

    file: Path
    told: dict

    @property
    def models(self) -> list[dict]:
        return self.told["tables"] + self.told["intermediate"]


@pytest.fixture(scope="module")
def dictionary(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    pipeline, file = folder / "pipeline.yaml", folder / "docs.html"
    pipeline.write_text(PIPELINE)
    file.write_text(rfmart.succeed("docs", pipeline, "--format", "html").stdout, "utf-8")
    return Dictionary(file, json.loads(rfmart.succeed("docs", pipeline, "--format", "json").stdout))


def visible(page, selector):
    """The texts of those elements that a reader sees."""
    found = "(found) => found.filter((one) => one.checkVisibility()).map((one) => one.innerText)"
    return page.eval_on_selector_all(selector, found)


def test_every_table_column_metric_and_check_is_on_the_page(browser, dictionary):
    with opened(browser, dictionary, "en") as page:
        for table in dictionary.told["tables"]:
            article = page.locator(f"article#{table['name']}")
            names = article.locator("tbody th code").all_inner_texts()
            assert names == [column["name"] for column in table["columns"]], table["name"]
            meanings = article.locator("tbody td.wide").all_inner_texts()
            assert meanings == [column["description"] for column in table["columns"]], table["name"]
        metrics = [metric for table in dictionary.told["tables"] for metric in table.get("metrics", [])]
        assert len(metrics) > 20
        for metric in metrics:
            row = page.locator(f"#metric-{metric['name']}").inner_text()
            assert all(label in row for label in metric["label"].values()) and metric["aggregate"] in row
        for check in dictionary.told["checks"]:
            row = page.locator(f"#check-{check['name']}").inner_text()
            assert check["statement"] in row
            assert ("nothing is published" in row) == check["stops_the_run"]


def test_the_picture_has_an_arrow_for_each_reference_and_each_table_leads_to_what_it_holds(browser, dictionary):
    references = {
        (read, model["name"])
        for model in dictionary.models
        for read in model["reads"]
        if not read.startswith(SETTINGS)
    }  # fmt: skip
    with opened(browser, dictionary) as page:
        ends = "(arrows) => arrows.map((arrow) => [arrow.dataset.from, arrow.dataset.to])"
        arrows = [tuple(arrow) for arrow in page.eval_on_selector_all("#picture path", ends)]
        assert len(arrows) == len(set(arrows))
        assert set(arrows) == references
        nodes = page.eval_on_selector_all(
            "#picture a", "(nodes) => nodes.map((node) => node.getAttribute('href').slice(1))"
        )
        assert sorted(nodes) == sorted({model["name"] for model in dictionary.models} | {read for read, _ in references})
        assert page.evaluate("(names) => names.filter((name) => !document.getElementById(name))", nodes) == []
        # What is read stands left of what is made of it, and no two tables on each other.
        boxes = page.eval_on_selector_all(
            "#picture rect",
            "(boxes) => boxes.map(({x, y, width, height}) => [x, y, width, height].map((it) => it.baseVal.value))",
        )
        places = dict(zip(nodes, boxes))
        assert all(places[read][0] + places[read][2] < places[reader][0] for read, reader in references)
        for at, (x, y, width, height) in enumerate(boxes):
            overlap = [o for o in boxes[:at] if abs(o[1] - y) < height and o[0] < x + width and x < o[0] + o[2]]
            assert overlap == []


def test_pointing_at_a_table_shows_what_it_is_made_of(browser, dictionary):
    with opened(browser, dictionary) as page:
        page.locator("#picture-fct_customer_rfm").focus()
        on = page.eval_on_selector_all("#picture a.on", "(nodes) => nodes.map((node) => node.textContent)")
        assert {"src_orders", "int_customer_score", "fct_customer_rfm"} <= set(on)
        assert "fct_coverage" not in on


def test_the_box_finds_a_column_as_one_types(browser, dictionary):
    with opened(browser, dictionary) as page:
        page.keyboard.press("/")
        page.keyboard.type("rfm monetary_score")
        assert visible(page, "article h3") == ["fct_customer_rfm"]
        # What is_monetary_high means is told by the score.
        assert visible(page, "article tbody th code") == ["monetary_score", "is_monetary_high"]
        assert "2" in page.locator("[role=status]").inner_text()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.textContent") == "fct_customer_rfm"
        page.keyboard.press("/")
        page.keyboard.press("Escape")
        assert len(visible(page, "article h3")) > len(dictionary.told["tables"])


def test_a_metric_is_found_by_what_it_is_called_in_any_language(browser, dictionary):
    with opened(browser, dictionary, "en") as page:
        page.locator("#search").fill("客单价")
        assert "average_transaction_value" in page.locator("#metrics").inner_text()
        assert any("paying_days" in row for row in visible(page, "#metrics tbody tr"))
        assert not page.locator("#checks").is_visible()
        assert not page.locator("#int_period_activity").is_visible()
        page.locator("#fct_period_summary a", has_text="int_period_activity").click()
        # A link to what the box has filtered out shows it again.
        assert page.locator("#int_period_activity").is_visible()


def test_the_policy_in_force_is_told_with_what_a_department_has_of_its_own(browser, dictionary):
    with opened(browser, dictionary) as page:
        policy = page.locator("#policy").inner_text()
        assert "自 2020/07/01 起生效" in policy and "180 天" in policy
        assert "gold ≥ 60,000 TWD" in policy
        own = page.locator("#policy b").all_inner_texts()
        assert "5：≤ 30；4：≤ 35；3：≤ 40；2：≤ 50；1：其餘" in own
        assert "5：≥ 2,500；4：≥ 2,000；3：≥ 1,500；2：≥ 1,000；1：其餘" in own
        assert "40%" in own
        assert "120 天" in own and "報表期間" in policy
        assert "R 分數（距今天數） 4 分起為高；其餘以平均分為界" in policy
        assert "10% 的顧客，自 2020/01/01 的名單起" in policy
        assert "1 win_back_important、2 keep_rhythm、" in policy


def test_without_a_pipeline_the_page_says_how_to_name_one(browser, tmp_path):
    file = tmp_path / "docs.html"
    file.write_text(rfmart.succeed("docs", "--format", "html").stdout, "utf-8")
    with opened(browser, Dictionary(file, {}), "en") as page:
        assert page.locator("h1").inner_text() == "data dictionary"
        assert "No pipeline was named" in page.locator("#policy").inner_text()


@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("language", TITLES)
def test_nothing_is_wider_than_the_screen(browser, dictionary, language, width):
    with opened(browser, dictionary, language, width=width) as page:
        assert page.locator("h1").inner_text() == f"two-departments {TITLES[language]}"
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize(("theme", "width"), [("light", 1200), ("dark", 390)])
def test_axe_finds_nothing_serious_in_the_dictionary(browser, dictionary, theme, width):
    with opened(browser, dictionary, theme=theme, width=width, bypass_csp=True) as page:
        # Of what there are many alike, a few are enough.
        alike = "article ~ article ~ article, tr ~ tr ~ tr, path ~ path"
        page.evaluate("(alike) => document.querySelectorAll(alike).forEach((one) => one.remove())", alike)
        found = Axe().run(page).response["violations"]
        assert [violation["id"] for violation in found if violation["impact"] in ("serious", "critical")] == []


def test_paper_is_light_and_holds_the_whole_picture(browser, dictionary):
    with opened(browser, dictionary, theme="dark") as page:
        page.set_viewport_size({"width": PAPER_WIDTH, "height": 1000})
        page.emulate_media(media="print")
        page.locator("html[data-theme=light]").wait_for()
        assert page.evaluate("document.getElementById('picture').getBoundingClientRect().right") <= PAPER_WIDTH
        assert not page.locator("#search").is_visible()


def test_nothing_but_the_dictionarys_own_script_and_style_may_run(dictionary):
    html = dictionary.file.read_text("utf-8")
    own_script_and_style_alone(html)
    assert re.findall(r"""<[^>]*\s(?:style|on\w+|src)=""", html[: html.index("<script")]) == []
