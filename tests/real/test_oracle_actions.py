"""The oracle's tables of branches, items and actions against expectations worked out by hand. Needs no rfmart."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from by_hand import ago, compute, values


def test_transactions_are_what_was_paid_on_paying_days(con, rows):
    for order, back in {"1": ago(9), "2": ago(8)}.items():
        rows.order("a", ago(9), 100, order_id=order)
        rows.order("a", back, -30, order_id=order, line_no="2")
    rows.order("b", ago(9), 50, order_id="3")
    rows.order("a", ago(9), -20, order_id="3", line_no="2")  # not the buyer's
    rows.order("b", ago(7), 70, order_id="4")
    rows.order("b", ago(7), -70, order_id="4", line_no="2")  # back in full: as if never sold
    rows.order("b", ago(9), -5, order_id="5")  # of another order
    rows.order("c", ago(6), 80, order_id="6")
    rows.order("c", ago(5), -80, order_id="6", line_no="2")
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


def test_a_refund_counts_at_the_branch_and_item_of_its_own_line(con, rows):
    """Of an order with a sale to that customer on that day, whatever item and branch the sale's line has."""
    rows.order("a", ago(9), 100, order_id="1", item="x")
    rows.order("a", ago(9), -30, order_id="1", line_no="2", item="y", branch="B")
    rows.order("a", ago(8), -20, order_id="1", line_no="3", item="x")  # of an earlier day
    rows.order("b", ago(9), -10, order_id="1", line_no="4", item="x")  # not the buyer's
    compute(con, order_ids="chain")
    assert values(con, "fct_period_summary", "scope_id, revenue, paid, average_transaction_value") == [
        ("*", Decimal(40), Decimal(70), 70.0),
        ("A", Decimal(70), Decimal(100), 100.0),
        ("B", Decimal(-30), Decimal(-30), None),
    ]
    assert values(con, "fct_item_performance", "branch_id, item_id, revenue, paid, average_transaction_value") == [
        ("A", "x", Decimal(70), Decimal(100), 100.0),
        ("B", "y", Decimal(-30), Decimal(-30), None),
    ]


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


def test_a_discount_is_told_where_each_line_of_an_act_tells_the_lists_price(con, rows):
    order = rows.order("c", ago(30), 90, kind="package", list_amount=100)
    rows.order("c", ago(30), 55, kind="package", list_amount=50, order_id=order, line_no="2")
    rows.order("c", ago(30), 7, list_amount=9)
    rows.order("c", ago(20), 80, kind="top_up", list_amount=100)
    rows.order("c", ago(20), 80, kind="top_up")
    compute(con)
    assert values(con, "fct_high_value_action", "acted_on, action, discount") == [
        (ago(30), "first_purchase", Decimal(5)),
        (ago(30), "package", Decimal(5)),
        (ago(20), "second_purchase", None),
        (ago(20), "top_up", None),
    ]


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


def test_effect_is_told_against_the_same_stage_recency_and_value(con, rows):
    for customer, after in [("actor", 300), ("like-1", 100), ("like-2", 60), ("like-3", 81)]:
        rows.order(customer, ago(95), 40)
        if customer == "actor":
            rows.order(customer, ago(75), 1, kind="top_up")
        rows.order(customer, ago(10), after)
    # Of the same stage, but for money and for recency on the other side of the median.
    rows.order("poor", ago(95), 39)
    rows.order("late", ago(96), 40)
    rows.order("other-stage", ago(200), 1)
    compute(con)
    # Jumps: (300 - 40) / 2, (100 - 40) / 2, (60 - 40) / 2, (81 - 40) / 2; the second purchase is actor's alone.
    columns = (
        "customers, like_customers, median_jump, like_median_jump, median_lift, mean_jump, like_mean_jump, mean_lift"
    )
    mean = (30 + 10 + 20.5) / 3
    assert values(con, "fct_hva_effect", columns, "action = 'top_up' and scope = 'chain'") == [
        (1, 3, 130.0, 20.5, 109.5, 130.0, pytest.approx(mean), pytest.approx(130 - mean))
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
    assert values(con, "fct_hva_effect", columns, "action = 'top_up' and scope = 'chain'") == [
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


def test_an_items_buyers_have_the_segment_of_now_and_its_leavers_that_of_the_opening(con, rows):
    rows.order("old", date(2024, 9, 1), 1, item="k")
    rows.order("left", date(2024, 10, 1), 900, item="i")
    rows.order("left", date(2024, 11, 2), 1, item="j")  # another item
    rows.order("late", date(2024, 10, 30), 900, item="i")  # after the day that is compared up to
    rows.order("stays", date(2024, 10, 2), 100, item="i")
    rows.order("stays", date(2024, 11, 9), 100, item="i")
    rows.order("free", date(2024, 11, 9), 0, item="i")
    rows.order("back", date(2024, 11, 9), 50, item="i", order_id="1")
    rows.order("back", date(2024, 11, 10), -50, item="i", order_id="1", line_no="2")
    compute(con, date(2024, 11, 10))
    assert values(con, "fct_customer_rfm", "segment", "customer_id = 'left' and scope = 'chain'") == [("HHH",)]
    assert values(con, "fct_item_segment", "item_id, segment, buyers, left_buyers") == [
        ("i", "HHH", 1, 0),
        ("i", "LHH", 0, 1),
        ("j", "HHH", 1, 0),
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
        ("A", 4, "too-early", "welcome_new"),
        ("A", 5, "dead", "recall_dead"),
        ("B", 1, "lead", "follow_up_lead"),
    ]
    assert "beyond" not in [row[2] for row in found], "VIP, but nobody calls those beyond recall"
    assert dict(values(con, "fct_action_list", "action, priority")).items() >= {("recall_dead", 8), ("follow_up_lead", 15)}


def test_who_never_consumed_is_of_the_branch_that_knew_them_first(con, rows):
    rows.order("booked first", ago(9), 100, branch="B", status="cancelled")
    rows.lead("booked first", ago(8), "A")
    rows.lead("lead first", ago(9), "B")
    rows.visit("lead first", ago(8), branch="A", status="no_show")
    rows.lead("tie", ago(9), "B")
    rows.visit("tie", ago(9), "consultation", branch="A")
    rows.lead("nowhere at first", ago(9))
    rows.visit("nowhere at first", ago(8), branch="B", status="cancelled")
    compute(con)
    assert values(con, "fct_action_list", "customer_id, branch_id") == [
        ("booked first", "B"),
        ("lead first", "B"),
        ("nowhere at first", "B"),
        ("tie", "A"),
    ]


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
