"""The dashboard: its sections in the report's order, and the charts of each, row by row."""

from __future__ import annotations

import dataclasses

from .charts import Chart, bars, heatmap, lines, number, pivot, sankey, table, treemap, where
from .sidecars import COUNT, metrics
from .texts import Texts

MONEY, CHANGE, POINTS, PERCENT = ",.0f", "+.1%", "+.1f", ".1%"
# From lead to second order, and what it cost.
NEWCOMERS = {
    "leads": COUNT, "booked": COUNT, "arrived": COUNT, "arrival_rate": PERCENT, "consulted": COUNT,
    "closing_rate": PERCENT, "first_orders": COUNT, "first_order_rate": PERCENT, "second_orders": COUNT,
    "second_order_rate": PERCENT, "spend": MONEY, "cost_per_lead": MONEY, "cost_per_new_customer": MONEY,
    "payback": ",.1f",
}  # fmt: skip
CHOSEN = where("is_chosen", True)
CLOSED = where("is_period_end", True)


@dataclasses.dataclass(frozen=True)
class Section:
    """A part of the page: the key of its texts in the report, and rows of charts."""

    name: str
    rows: tuple[tuple[Chart, ...], ...]


def _figure(metric: str) -> Chart:
    return Chart(f"number_{metric}", metric, "periods", "big_number_total", number(metric, [CHOSEN]), 4, 16)


def _trend(metric: str, form=lines) -> Chart:
    told = form("period", [metric], metrics()[metric].format, adhoc_filters=[CLOSED])
    return Chart(f"trend_{metric}", f"chart.trend/{metric}", "periods", told["viz_type"], told, 4, 32)


def _beside(name: str, share: bool, direction: str, width: int, height: int) -> Chart:
    form = PERCENT if share else MONEY
    change = ("points_to_previous", "points_to_year_before") if share else ("to_previous", "to_year_before")
    columns = {
        "label": None, "value": form, "previous_value": form, change[0]: POINTS if share else CHANGE,
        "year_before_value": form, change[1]: POINTS if share else CHANGE,
    }  # fmt: skip
    colored = {"better" if direction == "up" else "worse": change}
    filters = [where("is_share", share)] + ([] if share else [where("direction", direction)])
    return Chart(
        name, f"chart.{name}", "headline", "table", table(columns, [("place", True)], filters, **colored), width, height
    )


def _chart(name: str, dataset: str, params: dict, width: int, height: int, title: str | None = None) -> Chart:
    return Chart(name, title or f"chart.{name}", dataset, params["viz_type"], params, width, height)


SECTIONS = (
    Section(
        "coverage",
        (
            (
                _chart(
                    "day",
                    "day",
                    table({"as_of": None, "period": None, "state": None, "age_days": COUNT}, []),
                    5,
                    24,
                ),
                _chart(
                    "sources",
                    "coverage",
                    table(
                        {
                            "entity": None,
                            "last_on": None,
                            "verdict": None,
                            "rows_of_day": COUNT,
                            "expected_rows": MONEY,
                        },
                        [("entity", True)],
                        [where("scope", "chain")],
                        other_than={"verdict": "$verdict.ok"},
                    ),
                    7,
                    24,
                ),
            ),
            (
                _chart(
                    "coverage",
                    "coverage",
                    table(
                        {
                            "branch": None,
                            "entity": None,
                            "verdict": None,
                            "last_on": None,
                            "rows_of_day": COUNT,
                            "expected_rows": MONEY,
                            "row_count": COUNT,
                        },
                        [("severity", True), ("branch", True), ("entity", True)],
                        [where("scope", "branch")],
                        other_than={"verdict": "$verdict.ok"},
                    )
                    | {"page_length": 10},
                    12,
                    60,
                ),
            ),
        ),
    ),
    Section(
        "headline",
        (
            tuple(map(_figure, ("revenue", "consuming_customers", "average_transaction_value"))),
            tuple(map(_figure, ("new_customers", "retention_rate_to_date", "repurchase_rate"))),
            (_beside("numbers", False, "up", 12, 60),),
            (_beside("rates", True, "up", 6, 22), _beside("down", False, "down", 6, 22)),
        ),
    ),
    Section(
        "stages",
        (
            (
                _chart(
                    "stage_flow",
                    "stage_flow",
                    sankey("from_stage", "to_stage", "heads", [where("is_moved", True)]),
                    7,
                    60,
                ),
                _chart(
                    "stages",
                    "stages",
                    table(
                        {
                            "stage": None,
                            "opening_customers": COUNT,
                            "closing_customers": COUNT,
                            "change": "+,d",
                            "monetary": MONEY,
                        },
                        [("sort_order", True)],
                    ),
                    5,
                    60,
                ),
            ),
        ),
    ),
    Section(
        "segments",
        (
            (
                _chart("segments_money", "segments", treemap("segment", "window_monetary", MONEY), 6, 44),
                _chart("segments_heads", "segments", treemap("segment", "heads", COUNT), 6, 44),
            ),
            (
                _chart(
                    "segments",
                    "segments",
                    table(
                        {"segment": None, "code": None, "customers": COUNT, "monetary": MONEY, "strategy": None},
                        [("monetary", False)],
                        bars=True,
                    ),
                    12,
                    42,
                ),
            ),
        ),
    ),
    Section(
        "vips",
        (
            (
                _chart(
                    "vips",
                    "vips",
                    table(
                        {
                            "tier": None,
                            "opening_customers": COUNT,
                            "closing_customers": COUNT,
                            "change": "+,d",
                            "active_share": PERCENT,
                            "monetary": MONEY,
                        },
                        [("monetary", False)],
                    ),
                    12,
                    28,
                    "vips.tiers",
                ),
            ),
            (
                _chart(
                    "branch_care",
                    "branch_care",
                    table(
                        {
                            "branch": None,
                            "vips": COUNT,
                            "active_share": PERCENT,
                            "session_customers": COUNT,
                            "sessions_left": COUNT,
                            "silent_customers": COUNT,
                            "silent_sessions": COUNT,
                        },
                        [("sessions_left", False), ("branch", True)],
                    ),
                    12,
                    60,
                    "vips.branches",
                ),
            ),
        ),
    ),
    Section(
        "branches",
        (
            (
                _chart(
                    "branch_revenue",
                    "branches",
                    bars(
                        "branch",
                        ["revenue"],
                        MONEY,
                        orientation="horizontal",
                        x_axis_sort="revenue",
                        x_axis_sort_asc=True,
                        show_value=True,
                    ),
                    5,
                    60,
                ),
                _chart(
                    "drivers",
                    "branches",
                    bars(
                        "branch",
                        ["people", "frequency", "price"],
                        MONEY,
                        orientation="horizontal",
                        stack="Stack",
                        x_axis_sort="people",
                        x_axis_sort_asc=True,
                    ),
                    7,
                    60,
                ),
            ),
            (
                _chart(
                    "branches",
                    "branches",
                    table(
                        {
                            "rank": COUNT,
                            "branch": None,
                            "revenue": MONEY,
                            "share_of_chain": PERCENT,
                            "to_previous": CHANGE,
                            "to_year_before": CHANGE,
                            "consuming_customers": COUNT,
                            "new_customers": COUNT,
                            "average_transaction_value": MONEY,
                            "retention_rate_to_date": PERCENT,
                            "repurchase_rate": PERCENT,
                        },
                        [("rank", True)],
                        better=("to_previous", "to_year_before"),
                    ),
                    12,
                    60,
                ),
            ),
        ),
    ),
    Section(
        "cohorts",
        (
            (
                _chart(
                    "cohorts",
                    "cohorts",
                    heatmap(
                        "age",
                        "cohort_period",
                        "retained_share",
                        ".0%",
                        [where("is_recent", True), where("is_over", True)],
                    ),
                    12,
                    70,
                ),
            ),
            (
                _chart(
                    "second_visit",
                    "second_visit",
                    lines(
                        "cohort_period", ["returned_90_days_rate"], PERCENT, adhoc_filters=[where("is_decided", True)]
                    ),
                    12,
                    36,
                ),
            ),
        ),
    ),
    Section(
        "value_to_come",
        (
            (
                _chart(
                    "expected_bars",
                    "expected",
                    bars(
                        "segment",
                        ["window_monetary", "expected_value"],
                        MONEY,
                        x_axis_sort="expected_value",
                        x_axis_sort_asc=False,
                    ),
                    7,
                    44,
                    "value_to_come.chart",
                ),
                _chart(
                    "alive",
                    "alive",
                    table(
                        {"alive": None, "customers": COUNT, "lifetime_money": MONEY, "expected_value": MONEY},
                        [("place", True)],
                    ),
                    5,
                    44,
                    "value_to_come.alive",
                ),
            ),
            (
                _chart(
                    "expected",
                    "expected",
                    table(
                        {
                            "segment": None,
                            "code": None,
                            "customers": COUNT,
                            "returned_customers": COUNT,
                            "alive_customers": MONEY,
                            "monetary": MONEY,
                            "expected_value": MONEY,
                            "expected_each": MONEY,
                        },
                        [("expected_value", False)],
                    ),
                    12,
                    42,
                    "value_to_come.segments",
                ),
            ),
        ),
    ),
    Section(
        "acquisition",
        (
            (
                _chart(
                    "channel_costs",
                    "channels",
                    bars(
                        "channel",
                        ["cost_per_new_customer"],
                        MONEY,
                        orientation="horizontal",
                        x_axis_sort="cost_per_new_customer",
                        x_axis_sort_asc=True,
                        show_value=True,
                        adhoc_filters=[where("is_paid", True)],
                    ),
                    5,
                    44,
                ),
                _chart(
                    "newcomer_rates",
                    "newcomers",
                    lines("known_in", ["arrival_rate", "closing_rate", "second_order_rate"], PERCENT),
                    7,
                    44,
                ),
            ),
            (
                _chart(
                    "channels",
                    "channels",
                    table({"channel": None} | NEWCOMERS | {"second_orders_open": COUNT}, [("first_orders", False)]),
                    12,
                    46,
                ),
            ),
            (
                _chart(
                    "newcomers",
                    "newcomers",
                    table(
                        {"known_in": None} | NEWCOMERS | {"first_orders_open": COUNT, "second_orders_open": COUNT},
                        [("known_in", False)],
                    )
                    | {"page_length": 15},
                    12,
                    64,
                ),
            ),
        ),
    ),
    Section(
        "items",
        (
            (
                _chart(
                    "items_falling",
                    "items_falling",
                    table(
                        {
                            "branch": None,
                            "item": None,
                            "cause": None,
                            "revenue": MONEY,
                            "previous_revenue": MONEY,
                            "to_previous": CHANGE,
                            "buyers": COUNT,
                            "previous_buyers": COUNT,
                            "average_transaction_value": MONEY,
                            "previous_average_transaction_value": MONEY,
                        },
                        [("change", True)],
                        better=("to_previous",),
                    )
                    | {"page_length": 15},
                    12,
                    64,
                ),
            ),
        ),
    ),
    Section("actions", ((_chart("contacts", "contacts", pivot("action", "branch", "heads", COUNT), 12, 56),),)),
    Section(
        "outcomes",
        (
            (
                _chart(
                    "outcomes",
                    "outcomes",
                    table(
                        {
                            "action": None,
                            "outcome": None,
                            "basis": None,
                            "listed": COUNT,
                            "contacted": COUNT,
                            "control": COUNT,
                            "returned": PERCENT,
                            "control_returned": PERCENT,
                            "uplift_points": POINTS,
                            "uplift_low": POINTS,
                            "uplift_high": POINTS,
                            "more_money": "+,.0f",
                            "more_money_low": "+,.0f",
                            "more_money_high": "+,.0f",
                        },
                        [("uplift_points", False), ("action", True)],
                    ),
                    12,
                    64,
                ),
            ),
        ),
    ),
    Section(
        "trend",
        (
            (_trend("revenue", bars), _trend("average_transaction_value"), _trend("consuming_customers")),
            (_trend("new_customers", bars), _trend("retention_rate"), _trend("repurchase_rate")),
            (
                _chart(
                    "stage_trend",
                    "stage_trend",
                    bars(
                        "period",
                        ["heads"],
                        COUNT,
                        groupby=["stage"],
                        stack="Stack",
                        show_legend=True,
                        adhoc_filters=[where("is_over", True)],
                    ),
                    12,
                    48,
                ),
            ),
        ),
    ),
)


def charts() -> list[Chart]:
    """Every chart."""
    return [chart for section in SECTIONS for row in section.rows for chart in row]


def title(chart: Chart, texts: Texts) -> str:
    """A text, a metric's name, or a text that holds one."""
    key, _, metric = chart.title.partition("/")
    if key in metrics():
        return metrics()[key].labels[texts.language]
    return texts[key].format(metric=metrics()[metric].labels[texts.language]) if metric else texts[key]
