"""The comparison finds each kind of difference. What it compares with is made here, by the oracle itself."""

from __future__ import annotations

import shutil
from datetime import date, timedelta

import compare
import oracle
import pytest
import rfmart

AS_OF = date(2024, 11, 30)


@pytest.fixture(scope="module")
def computed():
    """The oracle's tables of a few orders; made once, as nothing here may change them."""
    con = oracle.connect()
    con.executemany(
        "insert into in_orders by name select ? as order_id, ? as customer_id, ? as branch_id, ?::date as paid_on, "
        "?::decimal(18, 2) as amount, 1 as cost, 'paid' as status, ? as kind, 'i' as item_id, 'skin' as department, "
        "'' as delivered",
        [
            [f"O{n}", f"c{n % 7}", "AB"[n % 2], AS_OF - timedelta(n * 9), 100 * n, ["single", "top_up"][n % 3 // 2]]
            for n in range(30)
        ]
        + [["dead", "dead", "A", AS_OF - timedelta(200), 100, "single"]],
    )
    con.execute("insert into in_items by name select 'i' as item_id")
    con.execute(
        "insert into in_leads by name select 'lead' as customer_id, 'A' as branch_id, ?::date as created_on, "
        "'' as delivered",
        [AS_OF],
    )
    oracle.compute(con, oracle.Policy(), AS_OF)
    return con


@pytest.fixture
def con(computed):
    computed.begin()
    yield computed
    computed.rollback()


@pytest.fixture(scope="module")
def published(computed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    for table in compare.TABLES:
        publish(computed, folder, table, "*")
    return folder


@pytest.fixture
def warehouse(published, tmp_path):
    return shutil.copytree(published, tmp_path / "warehouse")


def publish(con, warehouse, table, columns, where="true"):
    path = rfmart.part(warehouse, table, AS_OF)
    path.parent.mkdir(parents=True, exist_ok=True)
    stamp = f"date '{AS_OF}' as as_of, '2024-11' as period, true as is_period_end"
    query = f"select {stamp}, {columns} from want_{table} where {where}"
    con.execute(f"copy ({query}) to '{path}'")


def test_equal_tables_have_no_faults(con, warehouse):
    assert compare.compare_all(con, warehouse, AS_OF) == []


@pytest.mark.parametrize(
    ("table", "columns", "where", "fault"),
    [
        ("fct_customer_rfm", "* replace (monetary + (scope || customer_id = 'chainc3')::int as monetary)", "true", "y: 1 rows differ"),
        ("fct_customer_rfm", "*", "not (customer_id = 'c3' and scope = 'chain')", "1 rows missing"),
        ("fct_customer_rfm", "* replace (customer_id || '!' as customer_id)", "true", "rows not expected"),
        ("fct_customer_rfm", "* exclude (rfm_cell)", "true", "no column rfm_cell"),
        ("fct_customer_rfm", "* replace (nullif(is_recency_high, true) as is_recency_high)", "true", "recency_high: "),
        ("fct_lifecycle_snapshot", "* replace ('new' as previous_stage)", "true", "previous_stage: "),
        ("fct_lifecycle_transition", "* replace (coalesce(from_stage, '') as from_stage)", "true", "rows not expected"),
        ("fct_score_cut_point", "* replace (score_mean + 1e-9 as score_mean)", "true", "score_mean: "),
        ("fct_period_summary", "* replace (0::double as average_transaction_value)", "true", "transaction_value: "),
        ("fct_lifecycle_snapshot", "* replace (stage_since - (customer_id = 'c3')::int as stage_since)", "true", "since: "),
        ("fct_lifecycle_snapshot", "* replace (nullif(stage_since, stage_since) as stage_since)", "true", "stage_since: "),
        ("fct_lifecycle_snapshot", "* replace (usual_gap_days * (1 + 2e-9) as usual_gap_days)", "true", "usual_gap_days: "),
        ("fct_lifecycle_snapshot", "* replace (1 - silence_risk as silence_risk)", "true", "silence_risk: "),
        ("fct_lifecycle_snapshot", "* replace (risk_band || '!' as risk_band)", "true", "risk_band: "),
        ("fct_branch_comparison", "* replace (3 - branch_rank as branch_rank)", "true", "branch_rank: "),
        ("fct_branch_comparison", "* replace (value + 1e-6 as value)", "true", "value: "),
        ("fct_first_to_second", "* replace (still_open + 1 as still_open)", "true", "still_open: "),
        ("fct_cohort_retention", "*", "age <> 1", "rows missing"),
        ("fct_customer_ltv", "* replace (profit + 0.01 as profit)", "true", "profit: "),
        ("fct_high_value_action", "* replace (acted_on - 1 as acted_on)", "true", "rows not expected"),
        ("fct_high_value_action", "* replace (coalesce(value_after, 0) as value_after)", "true", "value_after: "),
        ("fct_hva_effect", "* replace (like_customers + 1 as like_customers)", "true", "like_customers: "),
        ("fct_item_performance", "* replace (price_effect + 0.02 as price_effect)", "true", "price_effect: "),
        ("fct_item_performance", "* replace (left_buyers + 1 as left_buyers)", "true", "left_buyers: "),
        ("fct_item_segment", "* replace (buyers + 1 as buyers)", "true", "buyers: "),
        ("fct_item_segment", "* replace (left_buyers + 1 as left_buyers)", "true", "left_buyers: "),
        ("fct_item_segment", "*", "buyers > 0", "rows missing"),
        ("fct_action_list", "* replace ('B' as branch_id)", "true", "rows not expected"),
        ("fct_action_list", "* replace (priority + 1 as priority)", "true", "priority: "),
        ("fct_lifecycle_snapshot", "* replace (not is_provisional as is_provisional)", "true", "is_provisional: "),
        ("fct_period_summary", "* replace (not is_provisional as is_provisional)", "true", "is_provisional: "),
        ("fct_period_summary", "* replace (paid + 0.01 as paid)", "true", "paid: "),
        ("fct_high_value_action", "* replace (amount + 0.01 as amount)", "action = 'first_purchase'", "amount: "),
        ("fct_action_list", "*", "action <> 'recall_dead'", "rows missing"),
        ("dim_customer", "* replace (known_on - 1 as known_on)", "true", "known_on: "),
        ("fct_period_summary", "* replace ('chain' as scope, '*' as scope_id)", "true", "more than one row for a key"),
    ],
)  # fmt: skip
def test_a_difference_is_a_fault(con, warehouse, table, columns, where, fault):
    publish(con, warehouse, table, columns, where)
    faults = compare.compare_table(con, table, rfmart.part(warehouse, table, AS_OF), AS_OF)
    assert any(fault in text and text.startswith(table) for text in faults), faults


NUMBERS = {
    "fct_period_summary": [
        "retention_rate_to_date",
        "previous_retention_rate_to_date",
        "dormant_to_date_customers",
        "previous_dormant_to_date_customers",
        "lost_to_date_customers",
        "previous_lost_to_date_customers",
    ],
    "fct_high_value_action": ["value_with_act", "jump_with_act"],
    "fct_item_performance": ["paid", "previous_paid"],
    "fct_hva_effect": ["median_amount", "mean_amount", "median_jump_with_act", "mean_jump_with_act"],
}


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, columns in NUMBERS.items() for column in columns]
)
@pytest.mark.parametrize("change", ["{} + 1", "nullif({0}, {0})"])
def test_a_number_that_differs_or_is_missing_is_a_fault(con, warehouse, table, column, change):
    publish(con, warehouse, table, f"* replace ({change.format(column)} as {column})")
    faults = compare.compare_table(con, table, rfmart.part(warehouse, table, AS_OF), AS_OF)
    assert any(text.startswith(f"{table}.{column}: ") for text in faults), faults


def test_a_missing_table_is_a_fault(con, warehouse):
    rfmart.part(warehouse, "fct_period_summary", AS_OF).unlink()
    assert any("not published" in text for text in compare.compare_all(con, warehouse, AS_OF))


def test_a_wrong_stamp_is_a_fault(con, warehouse):
    con.execute("update period set period = '2024-12'")
    assert any("period: expected 2024-12" in text for text in compare.compare_all(con, warehouse, AS_OF))
