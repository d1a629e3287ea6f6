"""The oracle against expectations worked out by hand. Needs no rfmart."""

from __future__ import annotations

import datetime
from datetime import date, timedelta
from decimal import Decimal

import oracle
import pytest


def stage_runs(days):
    """[(day, stage), …] as [(first day, stage), …]: a row where the stage changes."""
    runs = []
    for day, stage in days:
        if not runs or runs[-1][1] != stage:
            runs.append((day, stage))
    return runs


def test_golden_case_day_by_day(con, rows):
    li = "li"
    rows.lead(li, date(2020, 9, 11))
    rows.order(li, date(2020, 9, 16), 199)
    card = rows.order(li, date(2020, 9, 16), 1999, sessions=6)
    rows.visit(li, date(2020, 9, 16))
    rows.order(li, date(2020, 10, 13), 6800, department="injection")
    rows.visit(li, date(2020, 11, 1), "review")
    rows.order(li, date(2020, 11, 15), 26000, department="surgery")
    for day in [(2020, 10, 13), (2020, 11, 15), (2020, 12, 15), (2021, 1, 15), (2021, 2, 15), (2021, 3, 20)]:
        rows.visit(li, date(*day), "package_session", order_id=card)

    found = oracle.stages_by_day(con, oracle.Policy(), date(2020, 9, 1), date(2021, 9, 30))
    chain = [(day, stage) for day, scope, _, stage in found if scope == "chain"]

    assert chain[0][0] == date(2020, 9, 11), "unknown before she was a lead"
    assert [day for day, _ in chain] == [date(2020, 9, 11) + timedelta(n) for n in range(len(chain))]
    assert stage_runs(chain) == [
        (date(2020, 9, 11), "potential"),
        (date(2020, 9, 16), "new"),
        (date(2020, 10, 13), "effective"),
        (date(2020, 11, 1), "active"),
        (date(2020, 12, 15), "loyal"),
        (date(2021, 5, 14), "active"),
        (date(2021, 5, 15), "effective"),
        (date(2021, 5, 16), "silent"),
        (date(2021, 6, 18), "dormant"),
        (date(2021, 9, 16), "dead"),
    ]
    branch = [(day, stage) for day, scope, _, stage in found if scope == "branch"]
    assert branch == chain[5:], "the lead had no branch: there she is known from her first visit"


def compute(con, as_of, **policy):
    oracle.compute(con, oracle.Policy(**policy), as_of)


def column(con, table, key, value, scope="chain"):
    return dict(con.execute(f"select {key}, {value} from {table} where scope = '{scope}'").fetchall())


AS_OF = date(2024, 11, 30)


def test_quintile_of_ten_distinct_amounts_is_two_each(con, rows):
    for n in range(10):
        rows.order(f"c{n}", AS_OF, 100 + n)
    compute(con, AS_OF)
    assert column(con, "want_fct_customer_rfm", "customer_id", "monetary_score") == {
        f"c{n}": 1 + n // 2 for n in range(10)
    }


def test_quintile_keeps_ties_together_across_a_border(con, rows):
    # Six customers: 1, 2, 2, 2, 9, 9. Strictly worse: 0, 1, 1, 1, 4, 4. 1 + floor(5 w / 6): 1, 1, 1, 1, 4, 4.
    for n, amount in enumerate([1, 2, 2, 2, 9, 9]):
        rows.order(f"c{n}", AS_OF, amount)
    compute(con, AS_OF)
    assert list(column(con, "want_fct_customer_rfm", "customer_id", "monetary_score").values()).count(1) == 4
    assert column(con, "want_fct_customer_rfm", "customer_id", "monetary_score")["c4"] == 4
    cut = con.execute(
        "select cut_point_2, cut_point_3, cut_point_4, cut_point_5, head_count_1, head_count_4, customers, score_mean "
        "from want_fct_score_cut_point where scope = 'chain' and metric = 'monetary'"
    ).fetchone()
    assert cut == (Decimal(9), Decimal(9), Decimal(9), None, 4, 2, 6, 2.0)


def test_equal_everybody_scores_one_and_is_high(con, rows):
    for n in range(5):
        rows.order(f"c{n}", AS_OF, 100)
    compute(con, AS_OF)
    assert set(con.execute("select rfm_cell, segment from want_fct_customer_rfm").fetchall()) == {("111", "HHH")}


def test_recency_is_worse_when_greater(con, rows):
    for n in range(5):
        rows.order(f"c{n}", AS_OF - timedelta(n), 100)
    compute(con, AS_OF)
    assert column(con, "want_fct_customer_rfm", "customer_id", "recency_score") == {
        "c0": 5,
        "c1": 4,
        "c2": 3,
        "c3": 2,
        "c4": 1,
    }
    assert column(con, "want_fct_customer_rfm", "customer_id", "recency_days")["c0"] == 0


def test_outside_the_window_scores_one_and_does_not_count_in_the_mean(con, rows):
    rows.order("in", AS_OF - timedelta(364), 10)
    rows.order("out", AS_OF - timedelta(365), 1000)
    compute(con, AS_OF)
    assert con.execute(
        "select customer_id, frequency, monetary, rfm_cell from want_fct_customer_rfm where scope = 'chain' order by 1"
    ).fetchall() == [("in", 1, Decimal(10), "111"), ("out", 0, Decimal(0), "111")]
    assert set(column(con, "want_fct_score_cut_point", "metric", "customers").values()) == {1}


def test_injection_preset_at_its_edges(con, rows):
    amounts = {"999.99": 1, "1000": 2, "1499.99": 2, "1500": 3, "1999.99": 3, "2000": 4, "2499.99": 4, "2500": 5}
    recencies = {0: 5, 30: 5, 31: 4, 35: 4, 36: 3, 40: 3, 41: 2, 50: 2, 51: 1, 400: 1}
    for amount in amounts:
        rows.order(f"m{amount}", AS_OF, amount)
    for recency in recencies:
        rows.order(f"r{recency}", AS_OF - timedelta(recency), 1)
    compute(con, AS_OF, thresholds=oracle.INJECTION)
    money = column(con, "want_fct_customer_rfm", "customer_id", "monetary_score")
    assert {amount: money[f"m{amount}"] for amount in amounts} == amounts
    days = column(con, "want_fct_customer_rfm", "customer_id", "recency_score")
    assert {recency: days[f"r{recency}"] for recency in recencies} == recencies


def test_refund_lowers_money_on_its_own_day(con, rows):
    rows.order("c", date(2024, 10, 5), 100, order_id="X")
    rows.order("c", date(2024, 11, 5), -40, order_id="X", line_no="2", status="refunded")
    compute(con, date(2024, 10, 31))
    assert column(con, "want_fct_customer_rfm", "customer_id", "monetary") == {"c": Decimal(100)}
    compute(con, AS_OF)
    assert column(con, "want_fct_customer_rfm", "customer_id", "monetary") == {"c": Decimal(60)}
    assert column(con, "want_fct_customer_rfm", "customer_id", "last_consumed_on") == {"c": date(2024, 10, 5)}
    assert column(con, "want_fct_period_summary", "scope_id", "revenue") == {"*": Decimal(-40)}


def test_full_refund_is_no_consumption_from_its_day_on(con, rows):
    rows.order("c", date(2024, 10, 5), 100, order_id="X")
    rows.order("c", date(2024, 11, 5), -100, order_id="X", line_no="2", status="refunded")
    compute(con, date(2024, 11, 4))
    assert column(con, "want_fct_lifecycle_snapshot", "customer_id", "stage") == {"c": "new"}
    compute(con, date(2024, 11, 5))
    assert column(con, "want_fct_lifecycle_snapshot", "customer_id", "stage") == {"c": "potential"}
    assert column(con, "want_fct_lifecycle_snapshot", "customer_id", "previous_stage") == {"c": "new"}
    assert column(con, "want_fct_customer_rfm", "customer_id", "monetary") == {}


def test_cancelled_and_refunded_lines_count_nothing_but_are_known(con, rows):
    rows.order("cancelled", date(2024, 11, 5), 100, status="cancelled")
    rows.order("refunded", date(2024, 11, 5), 100, status="refunded")
    rows.visit("absent", date(2024, 11, 5), status="no_show")
    rows.visit("asking", date(2024, 11, 5), "consultation")
    compute(con, AS_OF)
    assert set(column(con, "want_fct_lifecycle_snapshot", "customer_id", "stage").items()) == {
        ("cancelled", "potential"),
        ("refunded", "potential"),
        ("absent", "potential"),
        ("asking", "potential"),
    }


def test_newest_delivery_wins_then_the_later(con, rows):
    old, new = datetime.datetime(2024, 11, 1), datetime.datetime(2024, 11, 2)
    rows.order("c", AS_OF, 3, order_id="X", updated_at=new, delivered="1")
    rows.order("c", AS_OF, 2, order_id="X", updated_at=old, delivered="2")
    rows.order("c", AS_OF, 1, order_id="X", updated_at=None, delivered="3")
    rows.order("d", AS_OF, 2, order_id="Y", delivered="1")
    rows.order("d", AS_OF, 1, order_id="Y", delivered="2")
    compute(con, AS_OF)
    assert column(con, "want_fct_customer_rfm", "customer_id", "monetary") == {"c": Decimal(3), "d": Decimal(1)}


@pytest.mark.parametrize(
    ("recency", "stage"),
    [
        (0, "new"),
        (30, "new"),
        (31, "silent"),
        (89, "silent"),
        (90, "dormant"),
        (179, "dormant"),
        (180, "dead"),
        (360, "dead"),
    ],
)
def test_one_consumption_ages(con, rows, recency, stage):
    rows.order("c", AS_OF - timedelta(recency), 1)
    compute(con, AS_OF)
    assert column(con, "want_fct_lifecycle_snapshot", "customer_id", "stage") == {"c": stage}


def test_idle_days_count_from_the_end_of_the_package(con, rows):
    rows.order("c", date(2024, 1, 1), 1, sessions=6)
    found = oracle.stages_by_day(con, oracle.Policy(package_valid_days=70), date(2024, 1, 1), date(2024, 10, 1))
    assert stage_runs([(day, stage) for day, scope, _, stage in found if scope == "chain"]) == [
        (date(2024, 1, 1), "new"),
        (date(2024, 2, 1), "silent"),
        (date(2024, 3, 11) + timedelta(90), "dormant"),  # expired on 2024-03-11, the 70th day
        (date(2024, 3, 11) + timedelta(180), "dead"),
    ]


def test_package_ends_on_the_day_of_its_last_session(con, rows):
    card = rows.order("c", date(2024, 1, 1), 1, sessions=2, branch="A")
    rows.visit("c", date(2024, 1, 20), "package_session", order_id=card, branch="A")
    rows.visit("friend", date(2024, 2, 10), "package_session", order_id=card, branch="B")
    found = oracle.stages_by_day(con, oracle.Policy(), date(2024, 1, 20), date(2024, 6, 1))
    runs = stage_runs([(day, stage) for day, scope, who, stage in found if scope == "chain" and who == "c"])
    assert runs[-1] == (date(2024, 2, 10) + timedelta(90), "dormant")


def test_department_rules_follow_the_last_day_with_most_money(con, rows):
    day = AS_OF - timedelta(40)
    rows.order("skin", day, 5, department="skin")
    rows.order("injection", day, 5, department="injection")
    rows.order("both", day, 5, department="skin")
    rows.order("both", day, 6, department="injection")
    rows.order("tie", day, 6, department="skin")
    rows.order("tie", day, 6, department="injection")
    compute(con, AS_OF, departments={"injection": {"new_recency_days": 45}})
    assert column(con, "want_fct_lifecycle_snapshot", "customer_id", "stage") == {
        "skin": "silent",
        "injection": "new",
        "both": "new",
        "tie": "new",
    }


def test_a_sale_that_was_fully_refunded_says_nothing_of_the_department(con, rows):
    day = AS_OF - timedelta(40)
    rows.order("c", day, 5, department="skin")
    rows.order("c", day, 6, department="injection")
    rows.order("c", day, 50, department="skin", order_id="X", branch="B")
    rows.order("c", day, -50, department="injection", order_id="X", branch="B", line_no="2")
    rows.order("lone refund", day, 5, department="skin")
    rows.order("lone refund", day, 6, department="injection")
    rows.order("lone refund", day, -2, department="injection")
    compute(con, AS_OF)
    assert con.execute(
        "select customer_id, department from want_fct_lifecycle_snapshot where scope = 'chain' order by all"
    ).fetchall() == [("c", "injection"), ("lone refund", "skin")]


def test_period_summary(con, rows):
    rows.order("a", date(2024, 10, 31), 10)
    rows.order("a", date(2024, 11, 1), 20)
    rows.order("a", date(2024, 11, 1), 30, branch="B")
    rows.order("b", date(2024, 10, 1), 10)
    rows.order("c", date(2024, 11, 2), 5)
    rows.visit("c", date(2024, 11, 9), "treatment")
    rows.lead("d", date(2024, 11, 3))
    compute(con, AS_OF)
    assert con.execute(
        "select revenue, visits, orders, new_customers, customers, retention_rate, repurchase_rate, "
        "average_transaction_value from want_fct_period_summary where scope = 'chain'"
    ).fetchone() == (Decimal(55), 1, 3, 1, 3, 0.5, 1.0, 27.5)
    assert con.execute(
        "select from_stage, to_stage, customers, monetary from want_fct_lifecycle_transition "
        "where scope = 'chain' order by all"
    ).fetchall() == [
        ("new", "effective", 1, Decimal(60)),
        ("new", "silent", 1, Decimal(10)),
        (None, "effective", 1, Decimal(5)),
        (None, "potential", 1, Decimal(0)),
    ]


@pytest.mark.parametrize(
    ("kind", "as_of", "name", "is_end", "start", "previous"),
    [
        ("week", date(2024, 12, 31), "2025-W01", False, date(2024, 12, 30), date(2024, 12, 23)),
        ("week", date(2025, 1, 5), "2025-W01", True, date(2024, 12, 30), date(2024, 12, 23)),
        ("quarter", date(2024, 12, 31), "2024-Q4", True, date(2024, 10, 1), date(2024, 7, 1)),
        ("month", date(2024, 2, 28), "2024-02", False, date(2024, 2, 1), date(2024, 1, 1)),
        ("day", date(2024, 2, 28), "2024-02-28", True, date(2024, 2, 28), date(2024, 2, 27)),
    ],
)
def test_periods(con, kind, as_of, name, is_end, start, previous):
    compute(con, as_of, period=kind)
    found = con.execute("select period, is_period_end, period_start, previous_start from period").fetchone()
    assert found == (name, is_end, start, previous)
