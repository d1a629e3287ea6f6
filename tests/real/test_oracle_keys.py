"""The oracle's orders, visits, packages and leads under numbers that branches share, worked out by hand. Needs no rfmart."""

from __future__ import annotations

import datetime
from decimal import Decimal

import by_hand
import pytest
from by_hand import AS_OF, ago, compute

OLD, NEW = datetime.datetime(2024, 11, 1), datetime.datetime(2024, 11, 2)


def values(con, table, columns, where="scope = 'chain'"):
    return by_hand.values(con, table, columns, where)


def sessions_left(con):
    return dict(values(con, "fct_lifecycle_snapshot", "customer_id, package_sessions_left"))


def test_a_number_at_two_branches_is_two_orders(con, rows):
    rows.order("a", ago(9), 100, branch="A", order_id="1")
    rows.order("b", ago(9), 70, branch="B", order_id="1")
    rows.order("a", ago(8), -100, branch="A", order_id="1", line_no="2")
    compute(con)
    assert values(con, "fct_period_summary", "orders, revenue, customers") == [(1, Decimal(70), 1)]
    assert values(con, "fct_lifecycle_snapshot", "customer_id, stage") == [("a", "potential"), ("b", "new")]


def test_a_number_of_the_chain_is_one_order(con, rows):
    rows.order("a", ago(9), 100, branch="A", order_id="1", updated_at=OLD)
    rows.order("a", ago(9), 70, branch="B", order_id="1", updated_at=NEW)
    rows.order("a", ago(9), 5, branch="A", order_id="1", line_no="2")
    compute(con, order_ids="chain")
    assert values(con, "fct_period_summary", "scope_id, orders, revenue", "true") == [
        ("*", 1, Decimal(75)),
        ("A", 1, Decimal(5)),
        ("B", 1, Decimal(70)),
    ]


def test_orders_are_counted_by_branch_and_number(con, rows):
    for branch in ("A", "A", "B"):
        rows.order("a", ago(9), 100, branch=branch, order_id="1", line_no=str(rows.count))
    compute(con, frequency_counts="orders")
    assert values(con, "fct_customer_rfm", "frequency") == [(2,)]


def test_a_visits_number_is_its_branchs(con, rows):
    for branch, status, updated in [("A", "attended", OLD), ("B", "attended", OLD), ("A", "no_show", NEW)]:
        rows.visit("a", ago(9), branch=branch, visit_id="V", status=status, updated_at=updated)
    compute(con)
    assert values(con, "fct_period_summary", "visits") == [(1,)]
    compute(con, visit_ids="chain")
    assert values(con, "fct_period_summary", "visits") == [(0,)]


def test_rows_without_an_order_are_orders(con, rows):
    for amount in (100, 100, -100):
        rows.order("a", ago(9), amount, order_id="X", delivered="same", line_no=None)
    con.execute("update in_orders set order_id = null")
    compute(con, frequency_counts="orders")
    assert values(con, "fct_customer_rfm", "frequency, monetary") == [(2, Decimal(100))]
    assert values(con, "fct_period_summary", "orders, paid") == [(2, Decimal(200))]


@pytest.mark.parametrize("order_branch", ["A", None])
def test_a_session_elsewhere_uses_the_package_of_the_only_branch_that_sold_it(con, rows, order_branch):
    rows.order("a", ago(9), 100, branch="A", order_id="1", sessions=3)
    rows.order("b", ago(9), 100, branch="A", order_id="2", sessions=3)
    rows.visit("a", ago(8), "package_session", branch="B", order_id="1", order_branch=order_branch)
    compute(con)
    assert sessions_left(con) == {"a": 2, "b": 3}


@pytest.mark.parametrize(("order_branch", "left"), [("A", {"a": 2, "b": 3}), (None, {"a": 3, "b": 2})])
def test_a_session_uses_the_package_of_its_own_branch_unless_it_says_otherwise(con, rows, order_branch, left):
    rows.order("a", ago(9), 100, branch="A", order_id="1", sessions=3)
    rows.order("b", ago(9), 100, branch="B", order_id="1", sessions=3)
    rows.visit("c", ago(8), "package_session", branch="B", order_id="1", order_branch=order_branch)
    compute(con)
    assert sessions_left(con) == left | {"c": 0}


def test_an_order_that_is_no_package_does_not_stand_in_the_way(con, rows):
    rows.order("a", ago(9), 100, branch="A", order_id="1", sessions=3)
    rows.order("b", ago(9), 100, branch="B", order_id="1")
    rows.visit("a", ago(8), "package_session", branch="B", order_id="1")
    compute(con)
    assert sessions_left(con) == {"a": 2, "b": 0}


def test_which_of_several_other_branches_is_not_guessed(con, rows):
    for branch in ("A", "C"):
        rows.order("a", ago(9), 100, branch=branch, order_id="1", sessions=3)
    rows.visit("a", ago(8), "package_session", branch="B", order_id="1")
    compute(con)
    assert sessions_left(con) == {"a": 6}
    rows.visit("a", ago(7), "package_session", branch="B", order_id="1", order_branch="C")
    compute(con)
    assert sessions_left(con) == {"a": 5}


def test_a_package_is_the_chains_where_numbers_are(con, rows):
    rows.order("a", ago(9), 100, branch="A", order_id="1", sessions=3)
    rows.order("a", ago(9), 1, branch="C", order_id="1", line_no="2")
    rows.visit("a", ago(8), "package_session", branch="B", order_id="1")
    compute(con, order_ids="chain")
    assert sessions_left(con) == {"a": 2}


def test_a_package_that_expired_is_not_used_up_later(con, rows):
    rows.order("a", ago(120), 100, order_id="1", sessions=1)
    rows.visit("friend", ago(5), "package_session", order_id="1")
    compute(con, package_valid_days=30)
    assert values(con, "fct_lifecycle_snapshot", "customer_id, stage, stage_since") == [
        ("a", "dormant", AS_OF),
        ("friend", "new", ago(5)),
    ]


def test_a_package_ends_with_its_own_sessions(con, rows):
    for customer, branch in [("a", "A"), ("b", "B")]:
        rows.order(customer, ago(150), 100, branch=branch, order_id="1", sessions=1)
        rows.order(customer, ago(149), 1, branch=branch)
    rows.visit("friend", ago(140), "package_session", branch="A", order_id="1")
    compute(con)
    where = "scope = 'chain' and customer_id <> 'friend'"
    assert values(con, "fct_lifecycle_snapshot", "customer_id, stage, stage_since", where) == [
        ("a", "dormant", ago(50)),
        ("b", "silent", ago(150 - 90)),
    ]


def test_a_lead_of_two_branches_is_known_from_the_earlier_day(con, rows):
    rows.lead("a", ago(50), "A")
    rows.lead("a", ago(80), "B")
    rows.insert(
        "in_leads",
        {"customer_id": "a", "branch_id": "B", "created_on": ago(70), "channel": "web", "updated_at": NEW, "delivered": "l"},
    )  # fmt: skip
    compute(con)
    assert values(con, "fct_lifecycle_snapshot", "scope_id, known_on", "true") == [
        ("*", ago(70)),
        ("A", ago(50)),
        ("B", ago(70)),
    ]
    assert values(con, "dim_customer", "lead_created_on, lead_branch_id, channel", "true") == [(ago(70), "B", "web")]
    assert values(con, "fct_action_list", "branch_id, action", "true") == [("B", "follow_up_lead")]


def test_rows_without_a_department_have_their_items(con, rows):
    con.execute("insert into in_items by name select 'i' as item_id, 'laser' as department")
    rows.order("a", ago(9), 100, department=None, item="i")
    rows.order("b", ago(9), 100, department="skin", item="i")
    rows.visit("c", ago(9), department=None, item="i")
    rows.visit("d", ago(9), department=None, item="unlisted")
    compute(con)
    assert dict(values(con, "fct_lifecycle_snapshot", "customer_id, department")) == {
        "a": "laser",
        "b": "skin",
        "c": "laser",
        "d": None,
    }
