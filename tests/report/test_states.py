"""What the page says when there is little to say, and what stands out when something fell."""

from __future__ import annotations

import datetime

import chains
import pytest
import rfmart
from browser import opened

SCREENS = 2


@pytest.fixture(scope="module")
def few_contacts(tmp_path_factory):
    """The page of a clinic of sixty customers, some of whom were called."""
    pipeline = chains.few_contacts(tmp_path_factory.mktemp("few") / "few")
    rfmart.succeed("run", pipeline, "--as-of", "2026-07-31")
    return chains.written(pipeline, datetime.date(2026, 7, 31))


def test_the_demos_falls_stand_at_the_top(browser, closed):
    with opened(browser, closed) as page:
        causes = page.locator("#findings .finding")
        told = {cause.get_attribute("data-cause"): cause.locator("li").all_inner_texts() for cause in causes.all()}
        assert told["traffic"][0].startswith("台中1院：到店顧客 136 → 80 人（−41%）")
        assert told["conversion"][0].startswith("台北1院的水光針：購買人數 46 → 28 人（−39%）")
        assert any(line.startswith("台北2院的腋下除毛：客單價 956 → 450 元（−53%）") for line in told["price"])
        assert told["revenue"][:2] == [
            "台中1院：營收 −70.83 萬元（−35%），主因是人數（−83.96 萬元）",
            "曼谷1院：營收 −39.02 萬元（−33%），主因是每次到店金額（−64.41 萬元）",
        ]
        assert told["action"] == [
            "挽回重要顧客：有效：90 天內回來 32%，沒聯繫的 10%，相差 +22（+12 到 +29）個百分點",
            "喚醒沉睡顧客：有效：90 天內回來 23%，沒聯繫的 3%，相差 +20（+7 到 +27）個百分點",
        ]
        assert told["channel"] == [
            "Facebook：一位新客 12,827 元，其他付費管道 6,891 元（1.9 倍），共花 216.8 萬元",
            "Google：一位新客 11,190 元，其他付費管道 7,134 元（1.6 倍），共花 212.6 萬元",
        ]
        assert page.locator("#value_to_come .note").count() == 0, "everybody is lost alike, and has a value to come"
        assert page.locator("#value_to_come table").count() > 0
        box = page.locator("#findings").bounding_box()
        assert box["y"] + box["height"] < SCREENS * 900


def test_an_open_period_says_up_to_which_day_it_is_compared(browser, opening):
    with opened(browser, opening) as page:
        assert "進行中" in page.locator("header").inner_text()
        assert "上期算到 2026/10/15" in page.locator("#headline").inner_text()


def test_a_branch_that_sent_nothing_is_named(browser, demo, tmp_path):
    folder = tmp_path / "demo"
    rfmart.succeed("generate", folder)
    # One branch's export ends a month early.
    for file in sorted((folder / "exports/txg01/orders").iterdir())[-1:]:
        file.unlink()
    pipeline = folder / "pipeline.yaml"
    rfmart.succeed("run", pipeline, "--as-of", str(chains.CLOSED), "--allow-future", "--allow-empty")
    with opened(browser, chains.written(pipeline, chains.CLOSED)) as page:
        assert "台中1院的訂單：多日沒有資料" in page.locator("#coverage .note").inner_text()


def test_one_branch_with_orders_alone_has_a_page_that_says_what_is_missing(browser, one_branch):
    with opened(browser, chains.written(one_branch, datetime.date(2026, 7, 31))) as page:
        assert page.locator("#branches tbody tr").first.inner_text().startswith("MAIN")
        assert "這段期間沒有資料" in page.locator("#items").inner_text()
        assert "只發布過一期" in page.locator("#trend").inner_text()
        assert "沒有訂 VIP 等級" in page.locator("#vips").inner_text()
        assert "沒有聯繫紀錄（contacts），也沒有人保留作對照" in page.locator("#outcomes").inner_text()
        notes = page.locator("#acquisition .note").all_inner_texts()
        assert [note.split("：")[0] for note in notes] == [
            "沒有潛客資料（leads）", "沒有到店紀錄（visits）", "沒有行銷花費資料（spend）",
        ]  # fmt: skip
        assert page.locator("#findings .finding").count() == 4
        assert page.locator(".card[data-metric=leads], .card[data-metric=active_to_vip_customers]").count() == 0


def test_a_period_in_which_nobody_came_says_so(browser, one_branch):
    with opened(browser, chains.written(one_branch, datetime.date(2026, 9, 30))) as page:
        assert "本期沒有任何人到店或消費" in page.locator("#headline").inner_text()
        assert page.locator(".card[data-metric=revenue] .value").inner_text() == "0 元"
        assert "沒有可以比較的期間" in page.locator("#branches").inner_text()


def test_contacts_without_anybody_held_out_are_told_for_an_observation(browser, few_contacts):
    with opened(browser, few_contacts) as page:
        assert "沒有人保留作對照，只能比較聯繫過的與沒聯繫過的人" in page.locator("#outcomes .note").inner_text()
        verdicts = page.locator("#outcomes .table").first.locator("tbody td:nth-of-type(1)").all_inner_texts()
        assert "回來較多（不等於有效）" in verdicts
        assert page.locator("#findings .finding").count() == 4


def test_of_too_few_customers_no_value_to_come_is_told(browser, few_contacts):
    with opened(browser, few_contacts) as page:
        notes = page.locator("#value_to_come .note").all_inner_texts()
        assert len(notes) == 2
        assert "不到 100 位" in notes[0] and "不到 100 位" in notes[1]
        assert page.locator("#value_to_come table").count() == page.locator("#value_to_come .chart").count() == 0
        assert page.locator("#value_to_come .doubts li").count() == 5


def test_tables_that_are_not_published_are_named_where_they_would_be_shown(browser, one_branch):
    other = one_branch.with_name("few.yaml")
    few = "publish: {location: few/, tables: [fct_customer_rfm, fct_period_summary, dim_segment]}"
    other.write_text(one_branch.read_text().replace("publish: {location: warehouse/}", few))
    rfmart.succeed("run", other, "--as-of", "2026-07-31")
    with opened(browser, chains.written(other, datetime.date(2026, 7, 31))) as page:
        told = ("coverage", "headline", "findings", "stages", "branches", "cohorts", "items", "actions")
        for section in (*told, "outcomes", "acquisition", "value_to_come"):
            assert "沒有發布 " in page.locator(f"#{section} .note").first.inner_text(), section
        assert page.locator("#segments .note").count() == 0


def test_a_pipeline_that_asks_for_it_has_a_page_beside_each_snapshot(one_branch):
    other = one_branch.with_name("told.yaml")
    told = "publish: {location: told/, report: true}"
    other.write_text(one_branch.read_text().replace("publish: {location: warehouse/}", told))
    page = one_branch.parent / "told/_rfmart/report/2026-07-31-000001.html"
    for _ in range(2):
        rfmart.succeed("run", other, "--as-of", "2026-07-31")
        report = chains.written(other, datetime.date(2026, 7, 31))
        assert page.read_bytes() == report.file.read_bytes()
        # A run that finds nothing to do makes up for it.
        page.unlink()
    rfmart.succeed("run", other, "--as-of", "2026-07-31")
    assert [file.name for file in page.parent.iterdir()] == [page.name]


@pytest.mark.parametrize(
    ("kind", "day", "title", "period", "axis"),
    [
        ("week", "2026-07-19", "經營週報", "2026 年第 29 週", "26-W29"),
        ("quarter", "2026-06-30", "經營季報", "2026 年第 2 季", "26-Q2"),
    ],
)
def test_weeks_and_quarters_have_their_pages(browser, one_branch, kind, day, title, period, axis):
    other = one_branch.with_name(f"{kind}.yaml")
    other.write_text(f"{one_branch.read_text()}period: {kind}\n".replace("warehouse/", f"{kind}/"))
    rfmart.succeed("run", other, "--as-of", day)
    with opened(browser, chains.written(other, datetime.date.fromisoformat(day))) as page:
        assert page.locator("h1").inner_text() == f"one-clinic {title}"
        assert page.locator("header p").inner_text().startswith(f"{period}，已結算")
        assert page.locator("#cohorts tbody th").last.inner_text() == period
        assert axis in page.locator("#second_visit .chart text").all_text_contents()
        assert page.evaluate("document.documentElement.scrollWidth") == 1200


def test_a_day_that_is_not_published_is_refused(demo, tmp_path):
    done = rfmart.call("report", demo, "--as-of", "2020-01-31", "--out", tmp_path / "page.html")
    assert done.returncode == 64
    assert "2020-01-31 isn't published" in done.stderr
    assert list(tmp_path.iterdir()) == []
