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


@pytest.mark.parametrize("name", ["closed", "opening", "fitted", "large"])
def test_the_query_on_the_page_gives_its_rows_in_duckdb(request, name):
    report = request.getfixturevalue(name)
    figures, tables = data(report)["figures"], report.tables
    for figure, told in figures.items():
        found = tables.execute(told["sql"])
        assert told["columns"] == [column[0] for column in found.description], figure
        rows = [[plain(value) for value in row] for row in found.fetchall()]
        assert len(rows) == len(told["rows"]), figure
        # Nobody is in a band where value to come isn't told.
        assert rows or (figure == "value_alive" and name != "fitted"), figure
        for row, on_page in zip(rows, told["rows"]):
            assert all(map(is_same, row, on_page)), f"{figure}: {row} in DuckDB, {on_page} on the page"


def column(report, query):
    """The first column of what DuckDB answers; `{as_of}` is the day of the report."""
    return [float(row[0]) for row in report.tables.execute(query.format(as_of=report.as_of)).fetchall()]


def column_of_text(report, query):
    """The same, of texts."""
    return [row[0] for row in report.tables.execute(query.format(as_of=report.as_of)).fetchall()]


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
            "select median_lift from fct_hva_effect where as_of = '{as_of}' and scope = 'chain' order by 1 desc",
        ),
        (
            "#acquisition .behind table", 1,
            "select count(*) from dim_customer where as_of = '{as_of}' and known_on is not null"
            " group by strftime(known_on, '%Y-%m') order by strftime(known_on, '%Y-%m') desc",
        ),
        (
            "#outcomes table", 2,
            "select sum(customers) from fct_action_outcome where as_of = '{as_of}'"
            " group by action order by max(uplift_90_days) desc nulls last, 1 desc, action",
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


VERDICTS = {
    "higher": "有效",
    "lower": "反效果",
    "doubtful": "存疑",
    "cannot_tell": "看不出來",
    "not_tried": "沒去聯繫，無從判斷",
    "no_control": "沒有對照，無從判斷",
}


def rows_of(report, figure):
    """The rows of a figure."""
    told = data(report)["figures"][figure]
    return [dict(zip(told["columns"], row)) for row in told["rows"]]


def wilson(successes, customers, z=1.959963984540054):
    """Wilson's interval of a share."""
    share = successes / customers
    middle = share + z * z / (2 * customers)
    reach = z * math.sqrt(share * (1 - share) / customers + z * z / (4 * customers**2))
    return (middle - reach) / (1 + z * z / customers), (middle + reach) / (1 + z * z / customers)


def newcombe(row, days):
    """The difference of two shares with its interval (Newcombe 1998, method 10), from the heads on the page."""
    one, other = row[f"returned_{days}_days"], row[f"control_returned_{days}_days"]
    share, control = one / row["customers"], other / row["control_customers"]
    (low, high), (control_low, control_high) = wilson(one, row["customers"]), wilson(other, row["control_customers"])
    below, above = math.hypot(share - low, control_high - control), math.hypot(high - share, control - control_low)
    return share - control, share - control - below, share - control + above


@pytest.mark.parametrize("name", ["closed", "opening", "large"])
def test_an_uplift_follows_from_the_heads_beside_it(request, browser, name):
    report = request.getfixturevalue(name)
    rows = rows_of(report, "action_outcomes")
    compared = [row for row in rows if row["basis"] == "experiment"]
    assert len(compared) > 3
    for row in compared:
        for days in (30, 60, 90):
            told = [row[f"uplift_{days}_days{limit}"] for limit in ("", "_low", "_high")]
            assert told == pytest.approx(newcombe(row, days), abs=1e-9), row["action"]
        uplift, low, high = newcombe(row, 90)
        more_contacted = row["contacted"] / row["customers"] - row["control_contacted"] / row["control_customers"]
        side = "higher" if low > 0 else "lower" if high < 0 else "cannot_tell"
        assert row["verdict"] == ("doubtful" if side != "cannot_tell" and abs(uplift) > more_contacted else side)
        is_far = uplift - 1.5 * (uplift - low) > 0 or uplift + 1.5 * (high - uplift) < 0
        assert row["is_clear"] == (is_far and row["verdict"] != "doubtful")
    with opened(browser, report) as page:
        doubtful = [row["name_zh_hant"] for row in rows if row["verdict"] == "doubtful"]
        told = [f"存疑：{'、'.join(doubtful)}。"] if doubtful else []
        assert [note.split("這裡")[0] for note in page.locator("#outcomes .note").all_inner_texts()] == told
        cells = page.locator("#outcomes .table").first.locator("tbody tr")
        for row, cell in zip(rows, cells.all(), strict=True):
            assert cell.locator("td").nth(0).inner_text() == VERDICTS[row["verdict"]]
            uplift = cell.locator("td").nth(6).inner_text()
            if row["basis"]:
                numbers = [float(number.replace("−", "-")) for number in re.findall(r"[+−]?\d+\.\d", uplift)]
                assert numbers == pytest.approx([100 * value for value in newcombe(row, 90)], abs=0.051)
            else:
                assert uplift == "—"


def test_what_a_channel_costs_is_what_was_spent_by_whom_it_won(browser, closed):
    query = """
        with old as (select cohort_period from fct_acquisition_funnel where as_of = $1 and cohort_period >= '2025-10'
            group by 1 having sum(first_orders_open) = 0)
        select coalesce(channel, ''), sum(spend), sum(first_orders), sum(profit) from fct_acquisition_funnel
        where as_of = $1 and cohort_period in (from old) group by 1 having sum(spend) > 0
        order by sum(spend) / sum(first_orders) desc"""
    found = closed.tables.execute(query, [closed.as_of]).fetchall()
    assert len(found) == 5
    spent, won = sum(float(row[1]) for row in found), sum(row[2] for row in found)
    told = {row["channel"]: row for row in rows_of(closed, "acquisition_channels")}
    with opened(browser, closed) as page:
        on_page = shown(page, "#acquisition .table >> nth=1 >> table")
    for (channel, spend, customers, profit), cells in zip(found, on_page, strict=True):
        cost, others = float(spend) / customers, (spent - float(spend)) / (won - customers)
        assert cells[0] == channel
        assert [float(cells[at]) for at in (1, 4, 5)] == pytest.approx([float(spend), cost, float(profit / spend)])
        assert told[channel]["cost_ratio"] == pytest.approx(cost / others)
        reach = math.exp(1.959963984540054 * math.sqrt(1 / customers + 1 / (won - customers)))
        assert told[channel]["cost_ratio_low"] == pytest.approx(cost / others / reach)


def test_everybody_known_is_at_one_step(closed):
    for row in rows_of(closed, "acquisition_channels") + rows_of(closed, "acquisition_cohorts"):
        steps = [row[step] for step in ("leads", "booked", "arrived", "first_orders", "second_orders")]
        assert steps == sorted(steps, reverse=True)
        assert row["leads"] - row["first_orders"] >= row.get("first_orders_open", 0)


def test_value_to_come_is_that_of_the_customers(browser, fitted):
    ltv = "from fct_customer_ltv where as_of = '{as_of}' and scope = 'chain'"
    member = (
        "and customer_id in (select customer_id from {table}"
        " where as_of = '{{as_of}}' and scope = 'chain' and {key})"
    )
    band = "if(consumption_days = 1, -1, least(floor(5 * alive_probability), 4))"
    segments = column_of_text(fitted, "select segment from dim_segment where as_of = '{as_of}' order by sort_order")
    in_segment = [member.format(table="fct_customer_rfm", key=f"segment = '{segment}'") for segment in segments]
    of_segments = [column(fitted, f"select sum(expected_value) {ltv} {chosen}") for chosen in in_segment]
    of_dead = column(
        fitted,
        "select unnest([count(*), count(*) filter (consumption_days > 1),"
        " sum(alive_probability) filter (consumption_days > 1), sum(revenue), sum(expected_value)]::double[])"
        f" {ltv} " + member.format(table="fct_lifecycle_snapshot", key="stage = 'dead'"),
    )
    heads = column(fitted, f"select count(*) {ltv} group by {band} order by {band} desc")
    with opened(browser, fitted) as page:
        by_segment = shown(page, "#value_to_come .table >> nth=0 >> table")
        by_stage = shown(page, "#value_to_come .table >> nth=1 >> table")
        by_band = shown(page, "#value_to_come .behind table")
    assert [row[0] for row in by_segment] == segments
    assert [[float(row[5])] for row in by_segment] == [pytest.approx(value) for value in of_segments]
    [dead] = [row for row in by_stage if row[0] == "dead"]
    assert [float(cell) for cell in dead[1:6]] == pytest.approx(of_dead)
    assert [float(row[1]) for row in by_band] == heads


def test_the_model_says_what_its_parameters_say_of_an_average_customer(browser, fitted):
    [row] = rows_of(fitted, "value_model")
    assert row["days_outcome"] == row["money_outcome"] == "fitted"
    with opened(browser, fitted) as page:
        told = page.locator("#value_to_come p", has_text="位顧客估計").inner_text()
    assert f"一年來 {365 * row['r'] / row['alpha']:.1f} 天" in told
    assert f"有 {100 * row['a'] / (row['a'] + row['b']):.1f}% 的機會" in told
    assert f"平均帶來 {round(row['p'] * row['v'] / (row['q'] - 1)):,} 元" in told
