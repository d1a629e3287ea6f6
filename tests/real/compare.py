"""Compares a published table with the oracle's, row by row in both directions."""

from __future__ import annotations

import datetime
from pathlib import Path

import duckdb
import rfmart

SHOWN_ROWS = 12
SCOPE = ["scope", "scope_id"]
# table: (key columns beside as_of, compared columns)
TABLES = {
    "fct_customer_rfm": (
        [*SCOPE, "customer_id"],
        [
            "recency_days",
            "frequency",
            "monetary",
            "recency_score",
            "frequency_score",
            "monetary_score",
            "rfm_cell",
            "is_recency_high",
            "is_frequency_high",
            "is_monetary_high",
            "segment",
            "low_value_high_activity",
            "previous_segment",
            "segment_since",
        ],
    ),
    "fct_segment_transition": ([*SCOPE, "from_segment", "to_segment"], ["customers", "monetary"]),
    "fct_lifecycle_snapshot": (
        [*SCOPE, "customer_id"],
        [
            "department",
            "known_on",
            "recency_days",
            "frequency",
            "monetary",
            "stage",
            "is_beyond_recall",
            "previous_stage",
            "period_status",
            "previous_period_status",
            "vip_tier",
            "previous_vip_tier",
            "vip_change",
            "stage_since",
            "days_in_stage",
            "usual_gap_days",
            "silence_risk",
            "churn_risk",
            "risk_band",
            "package_sessions_left",
            "is_provisional",
        ],
    ),
    "fct_lifecycle_transition": ([*SCOPE, "from_stage", "to_stage"], ["customers", "monetary"]),
    "fct_score_cut_point": (
        [*SCOPE, "metric"],
        [
            *(f"cut_point_{score}" for score in range(2, 6)),
            *(f"head_count_{score}" for score in range(1, 6)),
            "customers",
            "score_mean",
        ],
    ),
    "fct_period_summary": (
        SCOPE,
        [
            "leads",
            "revenue",
            "visits",
            "orders",
            "paying_days",
            "new_customers",
            "customers",
            "active_customers",
            "active_to_vip_customers",
            "active_or_vip_to_dormant_customers",
            "lost_customers",
            "reactivated_customers",
            "recalled_customers",
            "consuming_customers",
            "retention_rate",
            "repurchase_rate",
            "average_transaction_value",
            "is_provisional",
            *(
                f"{of}{name}_to_date{unit}"
                for name, unit in (("retention_rate", ""), ("dormant", "_customers"), ("lost", "_customers"))
                for of in ("", "previous_")
            ),
            "paid",
            *("consumption_days", "profit", "due_first_timers", "returned_first_timers"),
            *("vip_customers", "active_rate", "dormant_stock", "lost_stock", "chain_new_customers"),
            *("referred_customers", "due_leads", "converted_leads", "acquisition_spend"),
            *("points_given", "points_taken", "points_balance"),
        ],
    ),
    "fct_session_balance": (
        SCOPE,
        [
            *("customers", "packages", "sessions_owed", "value_owed"),
            *("sessions_expiring_30_days", "value_expiring_30_days"),
        ],
    ),
    "fct_branch_driver": (
        ["branch_id"],
        [
            *(
                f"{of}{name}"
                for of in ("", "previous_", "year_before_")
                for name in ("revenue", "consuming_customers", "consumption_days")
            ),
            *(
                f"{name}_from_{to}"
                for name in ("revenue_change", "people_effect", "frequency_effect", "price_effect")
                for to in ("previous", "year_before")
            ),
        ],
    ),
    "fct_branch_comparison": (
        ["branch_id", "metric"],
        [
            "value",
            "branch_rank",
            "share_of_chain",
            "chain_value",
            "chain_mean",
            "chain_median",
            "previous_value",
            "year_before_value",
            "change_from_previous",
            "change_from_year_before",
        ],
    ),
    "fct_staff_performance": (
        ["branch_id", "staff_id"],
        [
            *(
                f"{of}{name}"
                for of in ("", "previous_")
                for name in ("revenue", "paid", "paying_days", "average_transaction_value", "new_customers")
            ),
            *("paying_customers", "previous_paying_customers", "change_from_previous"),
        ],
    ),
    "fct_first_to_second": (
        ["cohort_period", "branch_id", "department"],
        [
            "first_timers",
            *(f"returned_{days}_days" for days in (30, 60, 90)),
            "returned_later",
            "still_open",
            "never_returned",
            "not_returned_90_days",
        ],
    ),
    "fct_cohort_retention": (
        [*SCOPE, "cohort_period", "age"],
        ["activity_period", "customers", "retained_customers", "revenue"],
    ),
    "fct_value_curve": (
        ["cohort_period", "split_by", "split_value", "age"],
        [
            *("activity_period", "customers", "cumulative_revenue", "cumulative_profit"),
            *("revenue_per_customer", "profit_per_customer"),
        ],
    ),
    "fct_customer_ltv": (
        [*SCOPE, "customer_id"],
        ["tenure_days", "consumption_days", "revenue", "profit"],
    ),
    "fct_high_value_action": (
        ["customer_id", "action", "acted_on", "brought_customer_id"],
        [
            *("branch_id", "department", "campaign_id", "amount", "discount"),
            *("value_before", "value_after", "value_jump", "value_with_act", "jump_with_act"),
        ],
    ),
    "fct_hva_effect": (
        [*SCOPE, "action"],
        [
            "customers",
            "compared_customers",
            "like_customers",
            "median_jump",
            "like_median_jump",
            "median_lift",
            "mean_jump",
            "like_mean_jump",
            "mean_lift",
            "mean_lift_low",
            "mean_lift_high",
            *(f"{of}_{name}" for name in ("amount", "jump_with_act") for of in ("median", "mean")),
        ],
    ),
    "fct_item_performance": (
        ["branch_id", "item_id"],
        [
            "department",
            *(
                f"{of}{name}"
                for name in (
                    "revenue",
                    "paid",
                    "visits",
                    "buyers",
                    "buying_days",
                    "branch_customer_days",
                    "conversion",
                    "average_transaction_value",
                )
                for of in ("", "previous_")
            ),
            "left_buyers",
            "revenue_change",
            "change_rate",
            "is_declining",
            "traffic_effect",
            "conversion_effect",
            "price_effect",
        ],
    ),
    "fct_item_segment": (["branch_id", "item_id", "segment"], ["buyers", "left_buyers"]),
    "fct_item_action_list": (
        ["branch_id", "item_id", "customer_id"],
        [
            "item_rank",
            "stage",
            "segment",
            "previous_segment",
            "recency_days",
            "last_bought_on",
            "previous_buying_days",
            "previous_paid",
            "action",
            "is_held_out",
        ],
    ),
    "fct_action_list": (
        ["branch_id", "customer_id"],
        [
            "priority",
            "branch_rank",
            "action",
            "stage",
            "segment",
            "vip_tier",
            "recency_days",
            "lifetime_monetary",
            "risk",
            "risk_band",
            "package_sessions_left",
            "is_held_out",
        ],
    ),
    "fct_action_outcome": (
        ["action", "customer_group"],
        [
            *("listed_on", "customers", "contacted", "reached"),
            *(f"{of}_{days}_days" for of in ("returned", "revenue") for days in (30, 60, 90)),
            *("return_rate_90_days", "revenue_per_customer_90_days", "compared_with", "basis"),
            *(f"uplift_{days}_days{limit}" for days in (30, 60, 90) for limit in ("", "_low", "_high")),
            *("verdict", "revenue_uplift", "revenue_uplift_low", "revenue_uplift_high"),
        ],
    ),
    "fct_acquisition_funnel": (
        ["cohort_period", "channel", "branch_id"],
        [
            *("leads", "came_without_lead", "booked", "arrived", "consulted", "consulted_buyers"),
            *("consulted_buyers_open", "first_orders", "first_orders_open", "second_orders", "second_orders_open"),
            *("arrival_rate", "closing_rate", "first_order_rate", "second_order_rate"),
            *(f"median_days_to_{step}" for step in ("arrival", "first_order", "second_order")),
            *("spend", "shared_spend", "cost_per_lead", "cost_per_new_customer"),
            *("revenue", "profit", "payback", "periods_to_payback"),
        ],
    ),
    "dim_customer": (
        ["customer_id"],
        ["known_on", "lead_created_on", "lead_branch_id", "channel", "department", "referrer_id", "points_balance"],
    ),
    "dim_branch": (["branch_id"], ["name", "region", "opened_on", "timezone"]),
    "dim_item": (["item_id"], ["name", "department", "category", "list_price"]),
}
# Columns that the domain page promises without naming their table: compared wherever they are.
ANYWHERE = ["first_consumed_on", "last_consumed_on"]
# Ratios: equal to the last digits of a double, or to the half cent where they are published as decimals.
RATIOS = {
    *("score_mean", "retention_rate", "repurchase_rate", "average_transaction_value"),
    *("retention_rate_to_date", "previous_retention_rate_to_date"),
}
# Other doubles: equal but for the order of summing. Effects are rounded from doubles to the cent.
RELATIVE = 1e-9
CENTS = {
    *("traffic_effect", "conversion_effect", "price_effect"),
    *(f"{name}_effect_from_{to}" for name in ("people", "frequency", "price") for to in ("previous", "year_before")),
}
# Worked out by the oracle for a share of the rows; null in the others, and never null where published.
SAMPLED = {"stage_since", "days_in_stage"}
# The same, but null where policy doesn't let it be told.
SAMPLED_IF_TOLD = {"segment_since"}
# Switched off, as a null or a missing column, where there is no visits input.
NEEDS_VISITS = {"visits"}


def columns_of(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Column names and types, in order."""
    return {row[0]: row[1] for row in con.execute(f"describe {table}").fetchall()}


def differs(column: str, got_type: str) -> str:
    """The SQL condition under which a column's value isn't the expected one."""
    want, got = f'want."{column}"', f'got."{column}"'
    if column in CENTS:
        return f"(({want} is null) <> ({got} is null) or abs({want} - {got}) > 0.01)"
    if column in SAMPLED:
        return f"({got} is null or {want} <> {got})"
    if column in SAMPLED_IF_TOLD:
        return f"({want} is not null and {want} is distinct from {got})"
    if column not in RATIOS and got_type == "DOUBLE":
        tolerance = f"{RELATIVE} * greatest(1, abs({want}))"
        return f"(({want} is null) <> ({got} is null) or abs({want} - {got}) > {tolerance})"
    if column not in RATIOS:
        return f"{want} is distinct from {got}"
    tolerance = "0.00500001" if got_type.startswith("DECIMAL") else f"1e-12 * greatest(1, abs({want}))"
    return f"(({want} is null) <> ({got} is null) or abs({want} - {got}::double) > {tolerance})"


def side_by_side(headers: list[str], rows: list[tuple]) -> str:
    """Rows as aligned text."""
    cells = [headers, *[["NULL" if cell is None else str(cell) for cell in row] for row in rows]]
    widths = [max(len(row[at]) for row in cells) for at in range(len(headers))]
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def compare_table(con: duckdb.DuckDBPyConnection, table: str, path: Path, as_of: datetime.date) -> list[str]:
    """What is wrong with one published table; nothing when it equals the oracle's `want_` table."""
    if not path.exists():
        return [f"{table}: not published ({path})"]
    con.execute(f"create or replace view got_file as from read_parquet('{path}', hive_partitioning = false)")
    got, want = columns_of(con, "got_file"), columns_of(con, f"want_{table}")
    keys, compared = TABLES[table]
    compared = compared + [name for name in ANYWHERE if name in got and name in want]
    has_visits = con.execute("select count(*) > 0 from in_visits").fetchone()[0]
    compared = [name for name in compared if has_visits or name not in NEEDS_VISITS or name in got]

    missing = [name for name in ["as_of", *keys, *compared] if name not in got]
    if missing:
        return [f"{table}: no column {', '.join(missing)}; there are {', '.join(got)}"]

    faults = stamp_faults(con, table, got, as_of)
    faults += repeated_keys(con, table, keys)
    on = " and ".join(f'want."{key}" is not distinct from got."{key}"' for key in keys)
    con.execute(f"create or replace temp table want as select *, true as is_there from want_{table}")
    con.execute("create or replace temp table got as select *, true as is_there from got_file")
    con.execute(f"create or replace temp view joined as select want, got from want full join got on {on}")
    faults += lonely_rows(con, table, keys)
    conditions = {column: f"want.is_there and got.is_there and {differs(column, got[column])}" for column in compared}
    counted = ", ".join(f"count(*) filter (where {condition})" for condition in conditions.values())
    counts = con.execute(f"select {counted} from joined").fetchone()
    for (column, condition), count in zip(conditions.items(), counts, strict=True):
        if count:
            shown = con.execute(
                f'select {", ".join(f"want.{key}" for key in keys)}, want."{column}", got."{column}" '
                f"from joined where {condition} order by all limit {SHOWN_ROWS}"
            ).fetchall()
            text = side_by_side([*keys, f"{column}: expected", "got"], shown)
            faults.append(f"{table}.{column}: {count} rows differ\n{text}")
    return faults


def stamp_faults(con: duckdb.DuckDBPyConnection, table: str, got: dict[str, str], as_of: datetime.date) -> list[str]:
    """as_of in every row, and period and is_period_end wherever a table has them."""
    period, is_period_end = con.execute("select period, is_period_end from period").fetchone()
    expected = {"as_of": as_of, "period": period, "is_period_end": is_period_end}
    faults = []
    for column, value in expected.items():
        if column not in got:
            continue
        others = con.execute(
            f"select distinct {column} from got_file where {column} is distinct from ?", [value]
        ).fetchall()
        if others:
            faults.append(f"{table}.{column}: expected {value} in every row, got also {[other[0] for other in others]}")
    return faults


def repeated_keys(con: duckdb.DuckDBPyConnection, table: str, keys: list[str]) -> list[str]:
    """Keys that two published rows share."""
    repeated = con.execute(
        f"select {', '.join(keys)}, count(*) from got_file group by all "
        f"having count(*) > 1 order by all limit {SHOWN_ROWS}"
    ).fetchall()
    return [f"{table}: more than one row for a key\n{side_by_side([*keys, 'rows'], repeated)}"] if repeated else []


def lonely_rows(con: duckdb.DuckDBPyConnection, table: str, keys: list[str]) -> list[str]:
    """Rows that only one side has."""
    faults = []
    for there, other, verdict in [("want", "got", "missing"), ("got", "want", "not expected")]:
        condition = f"{there}.is_there and {other}.is_there is null"
        count = con.execute(f"select count(*) from joined where {condition}").fetchone()[0]
        if count:
            shown = con.execute(
                f"select {', '.join(f'{there}.{key}' for key in keys)}, {there}::text from joined where {condition} "
                f"order by all limit {SHOWN_ROWS}"
            ).fetchall()
            text = side_by_side([*keys, "row"], shown)
            faults.append(f"{table}: {count} rows {verdict}\n{text}")
    return faults


def compare_all(con: duckdb.DuckDBPyConnection, warehouse: Path, as_of: datetime.date) -> list[str]:
    """What is wrong with a published snapshot; nothing when it equals the oracle's."""
    faults = []
    placed = set()
    for table in TABLES:
        path = rfmart.part(warehouse, table, as_of)
        faults += compare_table(con, table, path, as_of)
        if path.exists():
            placed |= set(columns_of(con, "got_file")) & set(ANYWHERE)
    faults += [f"no table has a column {name}" for name in ANYWHERE if name not in placed]
    return faults
