"""Each number on the page is what DuckDB finds in the published tables."""

from __future__ import annotations

import datetime
import decimal
import json
import math
import re

import pytest
from browser import opened, shown

DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


def data(report):
    """What is inside the page."""
    return json.loads(DATA.search(report.file.read_text("utf-8"))[1])


def plain(value):
    """A value of DuckDB as JSON has it."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    return str(value) if isinstance(value, datetime.date) else value


def is_same(one, other):
    """The same value; of doubles to the digits that the order of a sum leaves."""
    if isinstance(one, float) or isinstance(other, float):
        return one is not None and other is not None and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6)
    return one == other


@pytest.mark.parametrize("name", ["closed", "opening", "large"])
def test_the_query_on_the_page_gives_its_rows_in_duckdb(request, name):
    report = request.getfixturevalue(name)
    figures, tables = data(report)["figures"], report.tables
    for figure, told in figures.items():
        found = tables.execute(told["sql"])
        assert told["columns"] == [column[0] for column in found.description], figure
        rows = [[plain(value) for value in row] for row in found.fetchall()]
        assert len(rows) == len(told["rows"]) > 0, figure
        for row, on_page in zip(rows, told["rows"]):
            assert all(map(is_same, row, on_page)), f"{figure}: {row} in DuckDB, {on_page} on the page"


def column(report, query):
    """The first column of what DuckDB answers; `{as_of}` is the day of the report."""
    return [float(row[0]) for row in report.tables.execute(query.format(as_of=report.as_of)).fetchall()]


def test_the_headline_shows_the_chains_period_summary(browser, closed):
    row = closed.tables.execute(
        "select revenue, consuming_customers, average_transaction_value, new_customers, retention_rate, repurchase_rate"
        " from fct_period_summary where scope = 'chain' and as_of = ?", [closed.as_of],
    ).fetchone()  # fmt: skip
    with opened(browser, closed) as page:
        cards = page.locator("#headline .cards").first.locator(".value")
        on_page = [float(card.get_attribute("data-value")) for card in cards.all()]
        assert on_page == pytest.approx([float(value) for value in row], abs=1e-6)
        assert cards.first.inner_text() == f"{round(float(row[0]) / 1e4):,} 萬元"


@pytest.mark.parametrize(
    ("table", "cell", "query"),
    [
        (
            "#branches table", 2,
            "select value from fct_branch_comparison where as_of = '{as_of}' and metric = 'revenue' order by 1 desc",
        ),
        (
            "#stages table", 3,
            "select count(stage) from dim_stage left join (select stage from fct_lifecycle_snapshot"
            " where as_of = '{as_of}' and scope = 'chain') as members using (stage)"
            " where as_of = '{as_of}' group by stage, sort_order order by sort_order",
        ),
        (
            "#segments table", 3,
            "select sum(monetary) from fct_customer_rfm inner join dim_segment using (as_of, segment)"
            " where as_of = '{as_of}' and scope = 'chain' group by segment, sort_order order by sort_order",
        ),
        (
            "#actions table", 1,
            "select count(*) from fct_action_list where as_of = '{as_of}' and not is_held_out group by action, priority order by priority",
        ),
        (
            "#vips table", 2,
            "select count(*) from fct_lifecycle_snapshot where as_of = '{as_of}' and scope = 'chain' and vip_tier is not null"
            " group by vip_tier order by avg(monetary) desc",
        ),
        (
            "#vips div.table:last-of-type table", 4,
            "select sum(package_sessions_left) from fct_lifecycle_snapshot where as_of = '{as_of}' and scope = 'branch'"
            " group by scope_id order by 1 desc",
        ),
        (
            "#high_value table", 5,
            "select median_lift from fct_hva_effect where as_of = '{as_of}' order by 1 desc",
        ),
        (
            "#second_visit .behind table", 1,
            "select sum(first_timers) from fct_first_to_second where as_of = '{as_of}'"
            " group by cohort_period order by cohort_period desc",
        ),
        (
            "#trend table", 1,
            "select revenue from fct_period_summary where scope = 'chain' and as_of <= '{as_of}'"
            " and (is_period_end or as_of = '{as_of}') order by as_of desc",
        ),
    ],
)  # fmt: skip
def test_a_tables_cells_hold_what_another_query_finds(browser, opening, table, cell, query):
    expected = column(opening, query)
    assert len(expected) > 1
    with opened(browser, opening) as page:
        whole = page.locator(f"{table} >> xpath=ancestor::div[contains(@class, 'table')] >> button.more").first
        whole.evaluate("(button) => { if (!button.hidden) button.click(); }")
        on_page = [float(row[cell]) for row in shown(page, table)]
    assert on_page == pytest.approx(expected, abs=0.01)


def test_the_parts_of_each_branchs_change_add_up_to_it(closed):
    told = data(closed)["figures"]["branch_drivers"]
    rows = [dict(zip(told["columns"], row)) for row in told["rows"]]
    assert len(rows) == 2 * 12
    for row in rows:
        parts = row["people_effect"] + row["frequency_effect"] + row["price_effect"]
        assert parts == pytest.approx(row["revenue"] - row["revenue_before"], abs=0.02)


def test_retention_is_the_share_of_the_cohort_that_came(browser, closed):
    first, customers, came = closed.tables.execute(
        "select cohort_period, customers, retained_customers from fct_cohort_retention"
        " where as_of = ? and scope = 'chain' and age = 1 order by cohort_period desc limit 1", [closed.as_of],
    ).fetchone()  # fmt: skip
    year, month = first.split("-")
    with opened(browser, closed) as page:
        row = page.locator("#cohorts tbody tr", has=page.locator(f"th:text-is('{year} 年 {int(month)} 月')"))
        assert row.locator("td").nth(0).inner_text() == str(customers)
        assert row.locator("td").nth(1).inner_text() == f"{round(100 * came / customers)}%"


def test_an_interval_is_that_of_wilson(closed):
    told = data(closed)["figures"]["high_value_rises"]
    rows = [dict(zip(told["columns"], row)) for row in told["rows"]]
    assert len(rows) > 3
    for row in rows:
        n, share, z = row["customers"], row["risen_customers"] / row["customers"], 1.96
        # The bounds are the shares from which the observed one lies z standard deviations off.
        for bound in (row["lowest_share"], row["highest_share"]):
            assert (share - bound) ** 2 == pytest.approx(z**2 * bound * (1 - bound) / n, rel=1e-9)
        assert row["lowest_share"] < share < row["highest_share"]
    again = closed.tables.execute(
        "select count(distinct customer_id) from fct_high_value_action"
        " where as_of = ? and action = 'referral' and value_jump is not null", [closed.as_of],
    ).fetchone()  # fmt: skip
    assert again[0] == next(row["customers"] for row in rows if row["action"] == "referral")
