"""The oracle's tables of customers beyond scores and stages against expectations worked out by hand. Needs no rfmart."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import oracle
import pytest
from by_hand import AS_OF, ago, compute, values


def snapshot(con, columns, where="scope = 'chain'"):
    return values(con, "fct_lifecycle_snapshot", columns, where)


def test_stage_since_walks_back_to_the_last_change(con, rows):
    # The day 90 days ago has just left the window in which two days make a customer effective.
    rows.order("c", ago(190), 1)
    rows.order("c", ago(90), 1)
    rows.order("c", ago(50), 1)
    rows.lead("lead", ago(7))
    compute(con)
    assert snapshot(con, "customer_id, stage, stage_since, days_in_stage") == [
        ("c", "silent", AS_OF, 0),
        ("lead", "potential", ago(7), 7),
    ]


def test_stage_since_counts_by_what_is_known_now(con, rows):
    rows.order("c", ago(10), 1)
    rows.order("c", ago(5), 100, order_id="X")
    compute(con, ago(4))
    assert snapshot(con, "stage, stage_since") == [("effective", ago(5))]
    rows.order("c", ago(3), -100, order_id="X", line_no="2")
    compute(con)
    assert snapshot(con, "stage, stage_since") == [("new", ago(10))]


def test_stage_since_goes_by_the_present_department(con, rows):
    rows.order("c", ago(60), 1, department="skin")
    rows.order("c", ago(50), 1, department="skin")
    rows.order("c", ago(20), 1, department="injection")
    easy = {"loyal_frequency": 2}
    compute(con, departments={"injection": easy})
    assert snapshot(con, "stage, stage_since") == [("loyal", ago(50))]
    compute(con, departments={"skin": easy})
    assert snapshot(con, "stage, stage_since") == [("active", ago(20))]


def test_usual_gap_is_drawn_to_the_departments(con, rows):
    for recency in (30, 20, 0):  # gaps 10 and 20: 15
        rows.order("a", ago(recency), 1)
    for recency in (40, 0):  # gap 40; the department's median is 27.5
        rows.order("b", ago(recency), 1)
    rows.order("once", ago(3), 1)
    rows.order("elsewhere", ago(3), 1, department="surgery")
    rows.lead("lead", AS_OF)
    compute(con)
    assert dict(snapshot(con, "customer_id, usual_gap_days")) == {
        "a": (2 * 15 + 3 * 27.5) / 5,
        "b": (40 + 3 * 27.5) / 4,
        "once": 27.5,
        "elsewhere": 27.5,
        "lead": None,
    }


def test_silence_risk_is_a_half_when_a_gap_more_is_dormancy(con, rows):
    for recency in (90, 60, 60, 30):
        rows.order("c", ago(recency), 1)
    compute(con, departments={"skin": {"active_frequency": 9, "dormant_idle_days": 60}})
    assert snapshot(con, "stage, usual_gap_days, silence_risk, churn_risk, risk_band") == [
        ("effective", 30.0, 0.5, None, "high")
    ]


def test_churn_risk_by_what_came_of_the_like(con, rows):
    for customer in ("a", "b"):
        rows.order(customer, ago(140), 1)
        rows.order(customer, ago(180), 1)
    rows.order("a", ago(80), 1)
    compute(con)
    # 90 days ago both were silent, x being recency 50 + gap 40. One of two came: s = 1/2, odds 11 / 11, c = 90.
    assert dict(snapshot(con, "customer_id, stage")) == {"a": "silent", "b": "dormant"}
    # Now: a's gaps 40 and 60, median 50; b's 40; the department's 45.
    gap_a, gap_b = (2 * 50 + 3 * 45) / 5, (40 + 3 * 45) / 4
    expected = {"a": (80 + gap_a) / (80 + gap_a + 90), "b": (140 + gap_b) / (140 + gap_b + 90)}
    assert dict(snapshot(con, "customer_id, churn_risk")) == pytest.approx(expected)


def test_churn_risk_without_a_department_is_the_chains(con, rows):
    rows.order("in", ago(190), 1, department="skin")
    rows.order("out", ago(190), 1, department=None)
    rows.order("back", ago(190), 1, department="skin")
    rows.order("back", ago(9), 1, department="skin")
    rows.visit("in", ago(150), department="skin")
    rows.visit("out", ago(150), department=None)
    rows.visit("back", ago(150), department="skin")
    compute(con)
    # 90 days ago all were away for 60 days, with a gap of 40. One of three came: c is 100 times 1 / 2.
    away = 150 + 40
    risks = dict(snapshot(con, "customer_id, churn_risk"))
    assert risks["out"] == pytest.approx(away / (away + 50))


def test_churn_risk_is_unknown_where_nobody_was_away(con, rows):
    rows.order("c", ago(60), 1)
    compute(con)
    assert snapshot(con, "stage, churn_risk, risk_band") == [("silent", None, None)]


def test_beyond_recall_counts_idle_days(con, rows):
    for customer, valid_days in [("beyond", 360), ("within", 361), ("alive", 541)]:
        rows.order(customer, ago(720), 1, sessions=3, order_id=str(valid_days))
    for valid_days in (360, 361):
        compute(con, package_valid_days=valid_days)
        assert set(snapshot(con, "stage, is_beyond_recall, days_in_stage")) == {
            ("dead", valid_days == 360, 720 - 180 - valid_days)
        }
    compute(con, package_valid_days=541)
    assert set(snapshot(con, "stage, is_beyond_recall, days_in_stage")) == {("dormant", False, 720 - 90 - 541)}


def test_who_was_active_at_the_opening_becomes_vip(con, rows):
    opening = date(2024, 10, 31)
    for customer, days in {
        "active": [date(2024, 9, 5), opening, AS_OF],
        "new then": [opening, AS_OF],
        "new now": [AS_OF],
        "dormant": [date(2024, 8, 5), date(2024, 9, 5), AS_OF],
        "already": [date(2024, 9, 5), opening, AS_OF],
    }.items():
        for day in days:
            rows.order(customer, day, 100 if day == AS_OF or customer == "already" else 1)
    compute(con, vip_tiers={"silver": 100})
    assert values(con, "fct_period_summary", "active_to_vip_customers", "scope = 'chain'") == [(1,)]
    compute(con)
    assert values(con, "fct_period_summary", "active_to_vip_customers", "scope = 'chain'") == [(None,)]


def test_high_activity_takes_two_days(con, rows):
    rows.order("once", AS_OF, 1)
    rows.order("twice", AS_OF, 1)
    rows.visit("twice", ago(1))
    for n in range(3):
        rows.order(f"rich-{n}", AS_OF, 100)
    compute(con, thresholds={"frequency": [(5, 0, False, None, True)]})
    assert dict(values(con, "fct_customer_rfm", "customer_id, low_value_high_activity", "scope = 'chain'")) == {
        "once": False,
        "twice": True,
        **{f"rich-{n}": False for n in range(3)},
    }


def test_segments_move_by_the_means_of_each_day(con, rows):
    opening = date(2024, 10, 31)
    for customer in ("stays", "falls"):
        rows.order(customer, opening, 100)
    for customer in ("stays", "new"):
        rows.order(customer, ago(10), 100)
    rows.order("gone", opening, 100, order_id="X")
    rows.order("gone", ago(9), -100, order_id="X", line_no="2")
    compute(con)
    assert values(con, "fct_customer_rfm", "customer_id, previous_segment, segment", "scope = 'chain'") == [
        ("falls", "HHH", "LLL"),
        ("new", None, "HLL"),
        ("stays", "HHH", "HHH"),
    ]
    columns = "from_segment, to_segment, customers, monetary"
    assert values(con, "fct_segment_transition", columns, "scope = 'chain'") == [
        ("HHH", "HHH", 1, Decimal(200)),
        ("HHH", "LLL", 1, Decimal(100)),
        ("HHH", None, 1, Decimal(0)),
        (None, "HLL", 1, Decimal(100)),
    ]


def test_drivers_take_one_factor_after_the_other(con, rows):
    for day, customers in {date(2024, 10, 1): "aab", date(2024, 11, 1): "aabbcc"}.items():
        for number, customer in enumerate(customers):
            rows.order(customer, day + timedelta(number), 100 if day.month == 10 else 90)
    rows.order("new", AS_OF, 7, branch="B")
    compute(con)
    # 150 of each, 1.5 days each of 100. One more brings 150, 1.5 days more than the three would have had 150.
    effects = ", ".join(f"{name}_effect_from_previous" for name in ("people", "frequency", "price"))
    assert values(con, "fct_branch_driver", f"branch_id, revenue_change_from_previous, {effects}") == [
        ("A", Decimal(240), Decimal(150), Decimal(150), Decimal(-60)),
        ("B", Decimal(7), Decimal(7), Decimal(0), Decimal(0)),
    ]


def test_first_timers_are_due_after_ninety_days(con, rows):
    start = date(2024, 11, 1)
    for customer, due, gap in [
        ("back", start, 90),
        ("late", AS_OF, 91),
        ("before", start - timedelta(1), 9),
        ("open", AS_OF + timedelta(1), 9),
    ]:
        rows.order(customer, due - timedelta(90), 10, cost=4)
        rows.order(customer, due - timedelta(90 - gap), 10)
    compute(con, margin=0.5)
    columns = "due_first_timers, returned_first_timers, profit"
    assert values(con, "fct_period_summary", columns, "scope = 'chain'") == [(2, 1, Decimal(5))]
    rate = "metric = 'second_visit_rate_90_days'"
    assert values(con, "fct_branch_comparison", "value, previous_value", rate) == [(0.5, 1.0)]


def test_thresholds_may_leave_scores_out(con, rows):
    for customer, days in {"a": 1, "b": 2, "c": 4}.items():
        for n in range(days):
            rows.order(customer, ago(n * 40), 1)
    rows.order("gone", ago(365), 1)
    cuts = "cut_point_2, cut_point_3, cut_point_4, cut_point_5, head_count_1, head_count_3, head_count_4, head_count_5"
    where = "scope = 'chain' and metric = 'frequency'"
    compute(con, thresholds={"frequency": [(1, None, True, 2, True), (3, 2, False, 4, True), (4, 4, False, None, True)]})
    assert values(con, "fct_score_cut_point", cuts, where) == [(Decimal(2), Decimal(2), Decimal(4), None, 1, 1, 1, 0)]
    compute(con, thresholds=oracle.INJECTION)
    assert values(con, "fct_score_cut_point", cuts, where) == [(*[Decimal(0)] * 4, 0, 0, 0, 3)]
    assert set(values(con, "fct_customer_rfm", "frequency_score")) == {(5,)}
    compute(con, thresholds={"recency_days": [(1, 50, True, None, True), (2, 30, True, 50, False), (5, None, True, 30, False)]})
    assert values(con, "fct_score_cut_point", cuts, "scope = 'chain' and metric = 'recency_days'") == [
        (Decimal(50), Decimal(30), Decimal(30), Decimal(30), 0, 0, 0, 3)
    ]


def test_vip_tiers_come_and_go(con, rows):
    opening = date(2024, 10, 31)
    for customer, before, after in [
        ("entered", 0, 100),
        ("raised", 100, 100),
        ("same", 100, 1),
        ("none", 1, 1),
    ]:
        rows.order(customer, opening, before)
        rows.order(customer, AS_OF, after)
    rows.order("left", opening - timedelta(364), 100)
    rows.order("lowered", opening - timedelta(364), 100)
    rows.order("lowered", opening, 100)
    compute(con, vip_tiers={"silver": 100, "gold": 200})
    assert snapshot(con, "customer_id, previous_vip_tier, vip_tier, vip_change") == [
        ("entered", None, "silver", "entered"),
        ("left", "silver", None, "left"),
        ("lowered", "gold", "silver", "lowered"),
        ("none", None, None, None),
        ("raised", "silver", "gold", "raised"),
        ("same", "silver", "silver", None),
    ]


def test_period_status_in_closed_form(con, rows):
    months = {8: date(2024, 8, 5), 9: date(2024, 9, 5), 10: date(2024, 10, 5), 11: date(2024, 11, 5)}
    journeys = {
        "new": [11],
        "new-and-again": [11, 11],
        "new-without-repeat": [10],
        "dormant": [9, 10],
        "twice-then-dormant": [10, 10],
        "lost": [8, 9],
        "reactivated": [8, 9, 11],
        "recalled": [8, 11],
    }
    for customer, journey in journeys.items():
        for number, month in enumerate(journey):
            rows.order(customer, months[month] + timedelta(number), 1)
    compute(con)
    assert dict(
        (customer, (before, now))
        for customer, before, now in snapshot(con, "customer_id, previous_period_status, period_status")
    ) == {
        "new": (None, "new"),
        "new-and-again": (None, "active"),
        "new-without-repeat": ("new", "lost"),
        "dormant": ("active", "dormant"),
        "twice-then-dormant": ("active", "dormant"),
        "lost": ("dormant", "lost"),
        "reactivated": ("dormant", "active"),
        "recalled": ("lost", "active"),
    }
    assert values(
        con,
        "fct_period_summary",
        "lost_customers, reactivated_customers, recalled_customers, active_or_vip_to_dormant_customers",
        "scope = 'chain'",
    ) == [(2, 1, 1, 2)]


def test_first_to_second_at_its_edges(con, rows):
    first = date(2024, 8, 10)
    for gap in (30, 31, 60, 90, 91):
        rows.order(f"gap-{gap}", first, 1)
        rows.order(f"gap-{gap}", first + timedelta(gap), 1, branch="B")
    rows.order("never", first, 1)
    rows.order("open", ago(89), 1, branch="B", department=None)
    rows.order("not-open", ago(90), 1, branch="B", department=None)
    compute(con)
    assert values(con, "fct_first_to_second", "*") == [
        ("2024-08", "A", "skin", 6, 1, 3, 4, 1, 0, 1, 2),
        ("2024-09", "B", None, 2, 0, 0, 0, 0, 1, 1, 1),
    ]


def test_first_branch_and_department_are_those_with_most_money(con, rows):
    rows.order("c", AS_OF, 6, branch="B", department="skin")
    rows.order("c", AS_OF, 4, branch="C", department="surgery")
    rows.order("c", AS_OF, 3, branch="C", department="injection")
    compute(con)
    assert values(con, "fct_first_to_second", "branch_id, department") == [("C", "surgery")]


def test_cohorts_age_up_to_as_of(con, rows):
    rows.order("a", date(2024, 9, 5), 10)
    rows.order("a", date(2024, 11, 5), 20)
    rows.order("b", date(2024, 9, 6), 5, order_id="X")
    rows.order("b", date(2024, 10, 6), -1, order_id="X", line_no="2")
    compute(con)
    assert values(
        con, "fct_cohort_retention", "cohort_period, age, activity_period, customers, retained_customers, revenue",
        "scope = 'chain'",
    ) == [
        ("2024-09", 0, "2024-09", 2, 2, Decimal(15)),
        ("2024-09", 1, "2024-10", 2, 0, Decimal(-1)),
        ("2024-09", 2, "2024-11", 2, 1, Decimal(20)),
    ]  # fmt: skip


def test_value_curves_are_cumulative(con, rows):
    rows.lead("a", date(2024, 9, 1), branch="B", channel="ad")
    rows.lead("a", date(2024, 9, 2), branch="A", channel="later")
    rows.order("a", date(2024, 8, 1), 50, cost=9, order_id="X")
    rows.order("a", date(2024, 10, 1), -50, order_id="X", line_no="2")
    rows.order("a", date(2024, 9, 5), 10, cost=4)
    rows.order("b", date(2024, 9, 6), 30, cost=1, department="injection")
    rows.order("b", date(2024, 11, 6), 5)
    compute(con)
    columns = "split_by, split_value, age, customers, cumulative_revenue, cumulative_profit, revenue_per_customer"
    assert set(values(con, "fct_value_curve", "cohort_period, activity_period", "age = 1")) == {("2024-09", "2024-10")}
    assert values(con, "fct_value_curve", columns) == [
        ("channel", "ad", 0, 1, Decimal(60), Decimal(47), 60.0),
        ("channel", "ad", 1, 1, Decimal(10), Decimal(-3), 10.0),
        ("channel", "ad", 2, 1, Decimal(10), Decimal(-3), 10.0),
        ("channel", None, 0, 1, Decimal(30), Decimal(29), 30.0),
        ("channel", None, 1, 1, Decimal(30), Decimal(29), 30.0),
        ("channel", None, 2, 1, Decimal(35), None, 35.0),
        ("department", "injection", 0, 1, Decimal(30), Decimal(29), 30.0),
        ("department", "injection", 1, 1, Decimal(30), Decimal(29), 30.0),
        ("department", "injection", 2, 1, Decimal(35), None, 35.0),
        ("department", "skin", 0, 1, Decimal(60), Decimal(47), 60.0),
        ("department", "skin", 1, 1, Decimal(10), Decimal(-3), 10.0),
        ("department", "skin", 2, 1, Decimal(10), Decimal(-3), 10.0),
    ]


def test_profit_is_unknown_with_a_sale_of_unknown_cost(con, rows):
    rows.order("known", ago(9), 100, cost=30, order_id="X")
    rows.order("known", ago(8), -10, order_id="X", line_no="2")
    rows.order("unknown", ago(9), 100, cost=30)
    rows.order("unknown", ago(9), 1)
    compute(con)
    assert values(con, "fct_customer_ltv", "customer_id, tenure_days, revenue, profit", "scope = 'chain'") == [
        ("known", 9, Decimal(90), Decimal(60)),
        ("unknown", 9, Decimal(101), None),
    ]


def test_profit_of_a_line_is_whole_cents(con, rows):
    for _ in range(2):
        rows.order("a", ago(9), "0.25")
    compute(con, margin=0.5)
    assert values(con, "fct_customer_ltv", "profit", "scope = 'chain'") == [(Decimal("0.26"),)]


def test_profit_by_the_margin_of_the_item_else_department_else_chain(con, rows):
    for customer, item, department in [
        ("item", "i", "skin"),
        ("item alone", "i", "surgery"),
        ("department", "j", "skin"),
        ("chain", "j", "surgery"),
        ("neither", None, None),
    ]:
        rows.order(customer, ago(9), 100, item=item, department=department, order_id=customer)
        rows.order(customer, ago(9), -20, item=item, department=department, order_id=customer, line_no="2")
        rows.order(customer, ago(9), 10, item=item, department=department, cost=9)
    margins = {"margin": 0.5, "department_margins": {"skin": 0.25}, "item_margins": {"i": 0.1}}
    compute(con, **margins)
    assert dict(values(con, "fct_customer_ltv", "customer_id, profit", "scope = 'chain'")) == {
        "item": Decimal(9),
        "item alone": Decimal(9),
        "department": Decimal(21),
        "chain": Decimal(41),
        "neither": Decimal(41),
    }
    compute(con, **margins | {"margin": None})
    assert dict(values(con, "fct_customer_ltv", "customer_id, profit", "scope = 'chain'")) == {
        "item": Decimal(9),
        "item alone": Decimal(9),
        "department": Decimal(21),
        "chain": None,
        "neither": None,
    }
