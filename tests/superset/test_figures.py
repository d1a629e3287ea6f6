"""The dashboard's figures are the report's, of the latest night and of a closed month."""

from __future__ import annotations

from decimal import Decimal

import chains
import pytest
import served
from pages import data

pytestmark = pytest.mark.full


class Figures:
    """What the report's page of a day holds."""

    def __init__(self, report: chains.Report) -> None:
        self.tables, self.as_of = report.tables, report.as_of
        told = data(report)
        self.figures, self.metrics, self.snapshot = told["figures"], told["metrics"], told["snapshot"]

    def rows(self, name: str) -> list[dict]:
        """The rows of a figure."""
        told = self.figures[name]
        return [dict(zip(told["columns"], row)) for row in told["rows"]]

    def names(self, table: str, key: str, name: str = "name_zh_hant") -> dict[str, str]:
        """What the keys of a dimension are called."""
        query = f"select {key}, {name} from {table} where as_of = ?"
        return dict(self.tables.execute(query, [self.as_of]).fetchall())

    @property
    def branches(self) -> dict[str, str]:
        """The branches' names."""
        return self.names("dim_branch", "branch_id", "name")

    def label(self, metric: str) -> str:
        """What the page calls a metric: on a closing day, that of the whole period."""
        whole = metric.removesuffix("_to_date")
        shown = whole if self.snapshot["is_period_end"] and whole in self.metrics else metric
        return self.metrics[shown]["label"]["zh-Hant"]


@pytest.fixture(scope="module", params=[chains.OPEN, chains.CLOSED], ids=["latest", "closed"])
def both(request, demo, superset, browser):
    """The dashboard of a day, and the report's figures of it. The latest day is what nobody needs to choose."""
    day = request.param
    figures = Figures(chains.written(demo, day))
    with served.board(browser, superset, None if day == chains.OPEN else day) as board:
        yield board, figures


def same(found, told) -> bool:
    """The same value; of fractions to the digits that the order of a sum leaves."""
    if isinstance(found, (int, float, Decimal)) and isinstance(told, (int, float)):
        return float(found) == pytest.approx(float(told), rel=1e-9, abs=1e-6)
    return found == told


def assert_same(found: dict, told: dict) -> None:
    """Both hold the same values under the same keys, and there are some."""
    assert found.keys() == told.keys()
    assert found
    differing = {key: (found[key], told[key]) for key in told if not all(map(same, found[key], told[key]))}
    assert not differing


def by(rows: list[dict], keys: tuple[str, ...], values: tuple[str, ...]) -> dict[tuple, tuple]:
    """Values of rows by their keys, each of which is there once."""
    found = {tuple(row[key] for key in keys): tuple(row[value] for value in values) for row in rows}
    assert len(found) == len(rows)
    return found


def test_no_chart_shows_an_error(both):
    board, figures = both
    assert board.failed == {}
    untold = [] if figures.rows("value_alive") else ["alive"]
    assert [name for name, rows in board.rows.items() if not rows] == untold
    assert board.page.locator("[data-test=error-alert], .ant-alert-error").count() == 0


def test_nobody_outside_is_asked(both):
    board, _ = both
    assert board.asked == {board.address.removeprefix("http://")}


def test_the_day_is_the_one_that_is_chosen(both):
    board, figures = both
    [row] = board.rows["day"]
    assert row["period"] == figures.snapshot["period"]
    assert row["state"] == ("已結算" if figures.snapshot["is_period_end"] else "進行中")
    assert str(figures.as_of) in board.page.locator("[data-test=filter-bar]").inner_text()


def test_the_headline(both):
    board, figures = both
    values = ("value", "previous_value", "year_before_value")
    rows = [row for chart in ("numbers", "rates", "down") for row in board.rows[chart]]
    told = [
        row | {"label": figures.label(row["metric"])} for row in figures.rows("headline") if row["value"] is not None
    ]
    assert_same(by(rows, ("label",), values), by(told, ("label",), values))
    numbers = {name.removeprefix("number_"): rows[0] for name, rows in board.rows.items() if name.startswith("number_")}
    assert len(numbers) == 6
    for metric, row in numbers.items():
        [headline] = [row for row in told if row["metric"] == metric]
        assert same(row[metric], headline["value"]), metric


def test_the_headline_is_the_tables(both):
    board, figures = both
    told = figures.tables.execute(
        "select revenue, consuming_customers, new_customers from fct_period_summary"
        " where scope = 'chain' and as_of = ?",
        [figures.as_of],
    ).fetchone()
    for metric, value in zip(("revenue", "consuming_customers", "new_customers"), told):
        assert same(board.rows[f"number_{metric}"][0][metric], float(value)), metric


def test_the_coverage(both):
    board, figures = both
    values = ("rows_of_day", "expected_rows", "row_count")
    rows = [row for row in figures.rows("coverage") if row["scope"] == "branch"]
    entities = {"orders": "訂單", "visits": "到店紀錄", "leads": "潛客"}
    told = [row | {"branch": figures.branches[row["scope_id"]], "entity": entities[row["entity"]]} for row in rows]
    assert_same(by(board.rows["coverage"], ("branch", "entity"), values), by(told, ("branch", "entity"), values))
    whole = [row for row in board.rows["coverage"] if row["verdict"] == "正常"]
    assert len(whole) == sum(row["verdict"] == "ok" for row in rows)


def test_the_stages_and_who_moved_between_them(both):
    board, figures = both
    names = figures.names("dim_stage", "stage")
    told = [
        row | {"stage": row["name_zh_hant"], "closing_customers": row["customers"]} for row in figures.rows("stages")
    ]
    values = ("opening_customers", "closing_customers", "monetary")
    assert_same(by(board.rows["stages"], ("stage",), values), by(told, ("stage",), values))
    moved = {
        (f"期初 {names[row['from_stage']]}" if row["from_stage"] else "本期新進", f"期末 {names[row['to_stage']]}"): (
            row["customers"],
        )
        for row in figures.rows("stage_flow")
        if row["from_stage"] != row["to_stage"]
    }
    assert_same(by(board.rows["stage_flow"], ("from_stage", "to_stage"), ("heads",)), moved)


def test_the_segments(both):
    board, figures = both
    told = [row | {"segment": row["name_zh_hant"]} for row in figures.rows("segments")]
    for chart, column, figure in (("money", "window_monetary", "monetary"), ("heads", "heads", "customers")):
        found = by(board.rows[f"segments_{chart}"], ("segment",), (column,))
        assert_same(found, by(told, ("segment",), (figure,)))


def test_the_branches(both):
    board, figures = both
    metrics = ("revenue", "consuming_customers", "new_customers", "average_transaction_value", "retention_rate_to_date")
    told: dict[tuple, dict] = {}
    for row in figures.rows("branch_metrics"):
        branch = told.setdefault((figures.branches[row["branch_id"]],), {})
        branch[row["metric"]] = row["value"]
        if row["metric"] == "revenue":
            branch["rank"] = row["branch_rank"]
    expected = {branch: tuple(found[name] for name in ("rank", *metrics)) for branch, found in told.items()}
    assert_same(by(board.rows["branches"], ("branch",), ("rank", *metrics)), expected)
    drivers = [row for row in figures.rows("branch_drivers") if row["compared_to"] == "previous"]
    effects = ("people_effect", "frequency_effect", "price_effect")
    parts = {(figures.branches[row["branch_id"]],): tuple(row[effect] for effect in effects) for row in drivers}
    assert_same(by(board.rows["drivers"], ("branch",), ("people", "frequency", "price")), parts)


def test_the_vips_and_the_sessions_owed(both):
    board, figures = both
    told = {
        (row["vip_tier"],): (row["opening_customers"], row["customers"], row["active_customers"] / row["customers"])
        for row in figures.rows("vips")
    }
    assert_same(by(board.rows["vips"], ("tier",), ("opening_customers", "closing_customers", "active_share")), told)
    values = ("session_customers", "sessions_left", "silent_customers", "silent_sessions")
    told = [row | {"branch": figures.branches[row["branch_id"]]} for row in figures.rows("branch_care")]
    found = by(board.rows["branch_care"], ("branch",), ("vips", *values))
    assert_same(found, by(told, ("branch",), ("vip_customers", *values)))


def test_the_cohorts(both):
    board, figures = both
    rows = figures.rows("cohorts")
    recent = sorted({row["cohort_period"] for row in rows})[-18:]
    open_period = None if figures.snapshot["is_period_end"] else figures.snapshot["period"]
    told = {
        (row["cohort_period"], row["age"]): (row["retained_customers"] / row["customers"],)
        for row in rows
        if row["cohort_period"] in recent and 1 <= row["age"] <= 12 and row["activity_period"] != open_period
    }
    assert_same(by(board.rows["cohorts"], ("cohort_period", "age"), ("retained_share",)), told)
    told = {
        (row["cohort_period"],): (row["returned_90_days"] / row["first_timers"],)
        for row in figures.rows("second_visit")
        if row["still_open"] == 0
    }
    assert_same(by(board.rows["second_visit"], ("cohort_period",), ("returned_90_days_rate",)), told)


def test_the_items_that_fell(both):
    board, figures = both
    causes = {"traffic": "來客", "conversion": "轉換", "price": "價格"}
    values = ("cause", "revenue", "previous_revenue", "buyers", "previous_buyers", "average_transaction_value")
    told = [
        row | {"branch": figures.branches[row["branch_id"]], "item": row["name"], "cause": causes[row["cause"]]}
        for row in figures.rows("items_falling")
    ]
    keys = ("branch", "item")
    assert_same(by(board.rows["items_falling"], keys, values), by(told, keys, values))


def test_whom_to_contact(both):
    board, figures = both
    names = figures.names("dim_action", "action")
    told = {
        (figures.branches[row["branch_id"]], names[row["action"]]): (row["customers"],)
        for row in figures.rows("action_branches")
    }
    assert_same(by(board.rows["contacts"], ("分院", "行動"), ("heads",)), told)


def in_points(share):
    """A difference of shares in points, if there is one."""
    return None if share is None else 100 * share


def test_whether_contacting_works(both):
    board, figures = both
    names = figures.names("dim_action", "action")
    told = {
        (names[row["action"]],): (
            row["listed_customers"],
            row["contacted"],
            row["control_customers"],
            row["returned_90_days"] / row["customers"],
            *(in_points(row[f"uplift_90_days{limit}"]) for limit in ("", "_low", "_high")),
            row["revenue_uplift"],
        )
        for row in figures.rows("action_outcomes")
    }
    values = ("listed", "contacted", "control", "returned", "uplift_points", "uplift_low", "uplift_high", "more_money")
    assert_same(by(board.rows["outcomes"], ("action",), values), told)
    verdicts = {"higher": "有效", "lower": "反效果", "cannot_tell": "看不出來", "not_tried": "沒去聯繫，無從判斷"}
    verdicts |= {"no_control": "沒有對照，無從判斷", "doubtful": "存疑"}
    told = {(names[row["action"]],): (verdicts[row["verdict"]],) for row in figures.rows("action_outcomes")}
    assert_same(by(board.rows["outcomes"], ("action",), ("outcome",)), told)


def test_the_newcomers(both):
    board, figures = both
    names = {"line": "LINE", "walk_in": "自行到店", "friend": "朋友介紹", None: "沒有登記管道"}
    values = ("leads", "arrived", "first_orders", "second_orders")
    values += ("spend", "cost_per_lead", "cost_per_new_customer", "payback")
    names |= {channel: channel.capitalize() for channel in ("instagram", "google", "facebook", "dcard")}
    told = [row | {"channel": names[row["channel"]]} for row in figures.rows("acquisition_channels")]
    assert_same(by(board.rows["channels"], ("channel",), values), by(told, ("channel",), values))
    paid = [row for row in told if row["spend"] > 0]
    cost = ("cost_per_new_customer",)
    assert_same(by(board.rows["channel_costs"], ("channel",), cost), by(paid, ("channel",), cost))
    told = [row | {"known_in": row["cohort_period"]} for row in figures.rows("acquisition_cohorts")]
    values += ("first_orders_open", "second_orders_open")
    assert_same(by(board.rows["newcomers"], ("known_in",), values), by(told, ("known_in",), values))


def test_the_value_to_come(both):
    board, figures = both
    values = ("customers", "returned_customers", "alive_customers", "monetary", "expected_value")
    told = [row | {"code": row["segment"]} for row in figures.rows("value_segments")]
    assert_same(by(board.rows["expected"], ("code",), values), by(told, ("code",), values))
    expected = {(row["name_zh_hant"],): (row["monetary"], row["expected_value"]) for row in told}
    found = by(board.rows["expected_bars"], ("segment",), ("window_monetary", "expected_value"))
    assert_same(found, expected)
    for found, told in zip(board.rows["alive"], figures.rows("value_alive"), strict=True):
        assert all(map(same, (found["customers"], found["lifetime_money"]), (told["customers"], told["revenue"])))
        assert same(found["expected_value"], told["expected_value"])


def test_the_periods(both):
    board, figures = both
    closed = [row for row in figures.rows("trend") if row["is_period_end"]]
    assert len(closed) == 13
    metrics = [name.removeprefix("trend_") for name in board.rows if name.startswith("trend_")]
    assert len(metrics) == 6
    for metric in metrics:
        found = by(board.rows[f"trend_{metric}"], ("period",), (metric,))
        assert_same(found, by(closed, ("period",), (metric,)))
    names = figures.names("dim_stage", "stage")
    found = {
        (row["period"], stage): (heads,)
        for row in board.rows["stage_trend"]
        for stage, heads in row.items()
        if stage != "period" and heads is not None
    }
    told = {(row["period"], names[row["stage"]]): (row["customers"],) for row in figures.rows("stage_trend")}
    periods = {row["period"] for row in closed}
    assert_same(found, {key: heads for key, heads in told.items() if key[0] in periods})
