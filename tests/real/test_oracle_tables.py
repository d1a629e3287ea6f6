"""The oracle's tables beyond scores and stages against expectations worked out by hand. Needs no rfmart."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import oracle
import pytest

AS_OF = date(2024, 11, 30)


def ago(days):
    return AS_OF - timedelta(days)


def compute(con, as_of=AS_OF, **policy):
    oracle.compute(con, oracle.Policy(**policy), as_of)


def values(con, table, columns, where="true"):
    return con.execute(f"select {columns} from want_{table} where {where} order by all").fetchall()


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


def test_transactions_are_what_was_paid_on_paying_days(con, rows):
    for order, back in {"1": ago(9), "2": ago(8)}.items():
        rows.order("a", ago(9), 100, order_id=order)
        rows.order("a", back, -30, order_id=order, line_no="2")
    rows.order("b", ago(9), 50, order_id="3")
    rows.order("a", ago(9), -20, order_id="3", line_no="2")  # not the buyer's
    rows.order("b", ago(7), 70, order_id="4")
    rows.order("b", ago(7), -70, order_id="4", line_no="2")  # back in full: as if never sold
    rows.order("b", ago(9), -5, order_id="5")  # of another order
    compute(con)
    columns = "scope_id, revenue, paid, paying_days, average_transaction_value"
    assert values(con, "fct_period_summary", columns) == [
        ("*", Decimal(165), Decimal(220), 2, 110.0),
        ("A", Decimal(165), Decimal(220), 2, 110.0),
    ]
    where = "metric = 'average_transaction_value'"
    assert values(con, "fct_branch_comparison", "value, chain_value, previous_value", where) == [(110.0, 110.0, None)]
    compute(con, date(2024, 12, 31))
    assert values(con, "fct_branch_comparison", "value, previous_value", where) == [(None, 110.0)]
    compute(con, date(2025, 11, 30))
    assert values(con, "fct_branch_comparison", "value, year_before_value", where) == [(None, 110.0)]


def test_retention_of_a_branch_is_told_to_date(con, rows):
    for day in (date(2024, 9, 5), date(2024, 10, 9), date(2024, 11, 9)):
        rows.order("a", day, 1)
    rows.order("b", date(2024, 10, 5), 1)
    columns = "metric, value, previous_value, share_of_chain"
    where = "metric like 'retention_rate%'"
    compute(con, date(2024, 11, 8))
    assert values(con, "fct_branch_comparison", columns, where) == [("retention_rate_to_date", 0.0, 0.0, None)]
    compute(con, date(2024, 11, 9))
    assert values(con, "fct_branch_comparison", columns, where) == [("retention_rate_to_date", 0.5, 1.0, None)]
    compute(con)
    assert values(con, "fct_branch_comparison", columns, where) == [
        ("retention_rate", 0.5, 1.0, None),
        ("retention_rate_to_date", 0.5, 1.0, None),
    ]


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


def test_profit_by_the_margin_of_the_item_else_department_else_chain(con, rows):
    for customer, item, department in [
        ("item", "i", "skin"),
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
        "department": Decimal(21),
        "chain": Decimal(41),
        "neither": Decimal(41),
    }
    compute(con, **margins | {"margin": None})
    assert dict(values(con, "fct_customer_ltv", "customer_id, profit", "scope = 'chain'")) == {
        "item": Decimal(9),
        "department": Decimal(21),
        "chain": None,
        "neither": None,
    }


def test_high_value_actions_with_spending_around_them(con, rows):
    rows.order("c", ago(151), 7)
    rows.order("c", ago(150), 60)
    rows.order("c", ago(90), 100, kind="package", sessions=3)
    rows.order("c", ago(89), 20)
    rows.order("c", ago(30), 40)
    rows.order("friend", ago(59), 500, referrer="c", department="surgery")
    rows.order("friend", ago(50), 500, referrer="c")
    rows.order("old", ago(70), 1)
    rows.order("old", ago(60), 1, referrer="c")
    rows.order("self", ago(58), 1, referrer="self")
    rows.visit("c", ago(20), department="injection")
    compute(con)
    where = "customer_id = 'c'"
    columns = (
        "action, acted_on, department, amount, value_before, value_after, value_jump, value_with_act, jump_with_act"
    )
    assert values(con, "fct_high_value_action", columns, where) == [
        ("new_department", ago(20), "injection", Decimal(0), 20.0, None, None, None, None),
        ("package", ago(90), "skin", Decimal(100), 30.0, 30.0, 0.0, 80.0, 50.0),
        ("referral", ago(59), "surgery", Decimal(500), 60.0, None, None, None, None),
        ("second_purchase", ago(150), "skin", Decimal(60), 3.5, 50.0, 46.5, 80.0, 76.5),
    ]


def test_a_first_purchase_counts_with_a_package_or_top_up_in_it(con, rows):
    rows.order("both", ago(9), 30)
    rows.order("both", ago(9), 100, kind="package", sessions=3, branch="B", order_id="1")
    rows.order("both", ago(9), -1, kind="package", branch="B", order_id="1", line_no="2")
    rows.order("both", ago(9), 20, kind="top_up")
    rows.order("both", ago(8), 40, kind="top_up")
    rows.order("single", ago(9), 30)
    rows.order("single", ago(8), 100, kind="package", sessions=3)
    # Refunded in full: the first purchase is the next one.
    rows.order("back", ago(9), 100, kind="package", sessions=3, order_id="2")
    rows.order("back", ago(7), -100, order_id="2", line_no="2")
    rows.order("back", ago(8), 7, kind="top_up")
    compute(con)
    assert values(con, "fct_high_value_action", "customer_id, acted_on, branch_id, amount", "action = 'first_purchase'") == [
        ("back", ago(8), "A", Decimal(7)),
        ("both", ago(9), "B", Decimal(120)),
    ]
    assert values(con, "fct_high_value_action", "acted_on, action, amount", "customer_id = 'both'") == [
        (ago(9), "first_purchase", Decimal(120)),
        (ago(9), "package", Decimal(100)),
        (ago(9), "top_up", Decimal(20)),
        (ago(8), "second_purchase", Decimal(40)),
        (ago(8), "top_up", Decimal(40)),
    ]


def test_an_action_is_placed_where_most_was_sold(con, rows):
    rows.order("c", ago(9), 1)
    rows.order("c", ago(8), 1500, branch="A", department="skin")
    rows.order("c", ago(8), 1000, branch="B", department="skin")
    rows.order("c", ago(8), 1000, branch="B", department="injection")
    compute(con)
    assert values(con, "fct_high_value_action", "branch_id, department", "action = 'second_purchase'") == [
        ("B", "injection")
    ]


def test_effect_is_told_against_the_same_stage(con, rows):
    for number, (customer, after) in enumerate([("actor", 300), ("like-1", 100), ("like-2", 60), ("like-3", 80)]):
        rows.order(customer, ago(95), 40 + number)
        if customer == "actor":
            rows.order(customer, ago(75), 1, kind="top_up")
        rows.order(customer, ago(10), after)
    rows.order("other-stage", ago(200), 1)
    compute(con)
    # Jumps: (300 - 40) / 2, (100 - 41) / 2, (60 - 42) / 2, (80 - 43) / 2; the second purchase is actor's alone.
    columns = (
        "customers, like_customers, median_jump, like_median_jump, median_lift, mean_jump, like_mean_jump, mean_lift"
    )
    mean = (29.5 + 9 + 18.5) / 3
    assert values(con, "fct_hva_effect", columns, "action = 'top_up'") == [
        (1, 3, 130.0, 18.5, 111.5, 130.0, pytest.approx(mean), pytest.approx(130 - mean))
    ]


def test_effect_tells_the_acts_own_money(con, rows):
    for customer, amounts in {"a": [100, 60], "b": [40], "c": [10]}.items():
        rows.order(customer, ago(95), 20)
        for number, amount in enumerate(amounts):
            rows.order(customer, ago(75 - number), amount, kind="top_up")
    rows.order("a", ago(10), 100)
    compute(con)
    # Amounts 160, 40, 10. Jumps (100 - 20) / 2 and twice -20 / 2; with the acts 40 + 80, -10 + 20, -10 + 5.
    columns = "median_amount, mean_amount, median_jump, median_jump_with_act, mean_jump_with_act"
    assert values(con, "fct_hva_effect", columns, "action = 'top_up'") == [
        (40.0, 70.0, -10.0, 10.0, pytest.approx((120 + 10 - 5) / 3))
    ]


def test_items_split_their_change(con, rows):
    for day, customer, amount in [(1, "a", 100), (2, "b", 100), (3, "c", 300)]:
        rows.order(customer, date(2024, 11, day), amount, item="i")
    for day, customer in [(1, "a"), (2, "d")]:
        rows.order(customer, date(2024, 10, day), 200, item="i")
    for day in (3, 4):
        rows.visit("d", date(2024, 10, day), "consultation", item="j")
        rows.visit("d", date(2024, 11, day), "consultation")
    rows.order("e", date(2024, 10, 31), 999, item="i")
    compute(con, date(2024, 11, 10))
    # Customer-days 5 after 4, buying days 3 after 2: 400 * 5/4 = 500; 3 * 200 = 600; revenue 500.
    columns = (
        "revenue, previous_revenue, buyers, previous_buyers, left_buyers, visits, branch_customer_days, "
        "previous_branch_customer_days, traffic_effect, conversion_effect, price_effect, is_declining"
    )
    assert values(con, "fct_item_performance", columns, "item_id = 'i'") == [
        (Decimal(500), Decimal(400), 3, 2, 1, 0, 5, 4, Decimal(100), Decimal(100), Decimal(-100), False)
    ]
    assert values(con, "fct_item_performance", "item_id, visits, previous_visits, change_rate", "item_id = 'j'") == [
        ("j", 0, 2, None)
    ]


def test_what_was_paid_for_an_item(con, rows):
    rows.order("a", date(2024, 11, 5), 100, item="i", order_id="1")
    rows.order("a", date(2024, 11, 5), 40, item="j", order_id="1", line_no="2")
    rows.order("a", date(2024, 11, 5), -10, item="i", order_id="1", line_no="3")
    rows.order("a", date(2024, 11, 6), -20, item="i", order_id="1", line_no="4")
    rows.order("b", date(2024, 11, 5), 70, item="i", order_id="2")
    rows.order("b", date(2024, 11, 6), -70, item="i", order_id="2", line_no="2")
    rows.order("a", date(2024, 10, 5), 50, item="i")
    compute(con)
    columns = "item_id, revenue, paid, previous_paid, average_transaction_value, previous_average_transaction_value"
    assert values(con, "fct_item_performance", columns) == [
        ("i", Decimal(70), Decimal(90), Decimal(50), 90.0, 50.0),
        ("j", Decimal(40), Decimal(40), Decimal(0), 40.0, None),
    ]


def test_everybody_is_listed_once_with_the_most_urgent_reason(con, rows):
    rows.lead("lead", ago(90), "B")
    rows.lead("old lead", ago(91), "B")
    rows.lead("nowhere", ago(1))
    rows.order("second", ago(30), 10)
    rows.order("second-too", ago(30), 20)
    rows.order("too-early", ago(29), 1)
    rows.order("holder", ago(60), 1, sessions=3)
    rows.order("holder", ago(61), 1)
    rows.order("dead", ago(200), 10_000)
    rows.order("beyond", ago(360), 10_000)
    compute(con, vip_metric="lifetime_monetary", vip_tiers={"gold": 10_000})
    found = values(con, "fct_action_list", "branch_id, branch_rank, customer_id, action")
    assert [row for row in found if row[3] not in ("care_vip", "raise_frequency")] == [
        ("A", 1, "holder", "use_sessions"),
        ("A", 2, "second-too", "second_visit"),
        ("A", 3, "second", "second_visit"),
        ("A", 4, "dead", "recall_dead"),
        ("B", 1, "lead", "follow_up_lead"),
    ]
    assert dict(values(con, "fct_action_list", "action, priority")).items() >= {("recall_dead", 6), ("follow_up_lead", 9)}


def test_branches_are_compared_up_to_the_same_day(con, rows):
    rows.order("a", date(2024, 11, 10), 300, branch="A")
    rows.order("b", date(2024, 11, 9), 100, branch="B")
    rows.order("b", date(2024, 10, 10), 50, branch="B")
    rows.order("b", date(2024, 10, 11), 999, branch="B")
    rows.order("b", date(2023, 11, 10), 25, branch="B")
    rows.order("b", date(2023, 11, 11), 999, branch="B")
    columns = (
        "value, branch_rank, share_of_chain, chain_value, chain_mean, chain_median, previous_value, year_before_value, "
        "change_from_previous, change_from_year_before"
    )
    compute(con, date(2024, 11, 10))
    assert values(con, "fct_branch_comparison", columns, "branch_id = 'B' and metric = 'revenue'") == [
        (100.0, 2, 0.25, 400.0, 200.0, 200.0, 50.0, 25.0, 1.0, 3.0)
    ]
    compute(con, date(2024, 11, 30))
    assert values(con, "fct_branch_comparison", "previous_value", "branch_id = 'B' and metric = 'revenue'") == [
        (1049.0,)
    ]
