"""The oracle's branches side by side, and their staff, against expectations worked out by hand. Needs no rfmart."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from by_hand import AS_OF, ago, compute, values


def test_branches_are_compared_by_whom_they_keep_on_the_day(con, rows):
    # Two days in September and none since; two in August; one in September; two, of which one now.
    for customer, *days in [
        ("slept", date(2024, 9, 5), date(2024, 9, 6)),
        ("gone", date(2024, 8, 5), date(2024, 8, 6)),
        ("once", date(2024, 9, 7)),
        ("came", date(2024, 9, 8), date(2024, 11, 5)),
    ]:
        for day in days:
            rows.order(customer, day, 1)
    shares = "metric in ('active_rate', 'dormant_share', 'lost_share')"
    compute(con, date(2024, 11, 21))
    # In October by the 21st: slept and came are what September left them, gone is dormant.
    assert values(con, "fct_branch_comparison", "metric, value, previous_value", shares) == [
        ("active_rate", 0.25, 0.25),
        ("dormant_share", 0.25, 0.25),
        ("lost_share", 0.5, 0.0),
    ]
    compute(con)
    assert values(con, "fct_branch_comparison", "metric, value, previous_value", shares) == [
        ("active_rate", 0.25, 0.0),
        ("dormant_share", 0.0, 0.25),
        ("lost_share", 0.75, 0.75),
    ]


def test_branches_are_compared_by_whom_they_win(con, rows):
    rows.order("old", date(2024, 8, 1), 1)
    rows.order("friend", date(2024, 11, 2), 1, referrer="old")
    rows.visit("walk-in", date(2024, 11, 3))
    rows.lead("won", ago(90), branch="A")
    rows.order("won", AS_OF, 1)
    rows.lead("waits", ago(90), branch="A")
    rows.lead("too early", ago(120), branch="A")
    con.execute("insert into in_spend values ('2024-11-05', 90, null, null)")
    compute(con)
    metrics = "metric in ('referral_share', 'lead_conversion_rate_90_days', 'spend_per_new_customer')"
    assert values(con, "fct_branch_comparison", "metric, value", metrics) == [
        ("lead_conversion_rate_90_days", 0.5),
        ("referral_share", pytest.approx(1 / 3)),
        ("spend_per_new_customer", 30.0),
    ]
    columns = "chain_new_customers, referred_customers, due_leads, converted_leads, acquisition_spend"
    assert values(con, "fct_period_summary", columns, "scope = 'branch'") == [(3, 1, 2, 1, Decimal(90))]


def test_sessions_owed_are_those_of_the_spans_last_days(con, rows):
    card = rows.order("a", date(2024, 9, 1), 600, sessions=3, kind="package")
    rows.visit("a", date(2024, 10, 31), "package_session", order_id=card)
    rows.visit("a", date(2024, 11, 1), "package_session", order_id=card)
    compute(con)
    owed = "metric in ('sessions_owed', 'value_owed')"
    assert values(con, "fct_branch_comparison", "metric, value, previous_value, year_before_value", owed) == [
        ("sessions_owed", 1.0, 2.0, 0.0),
        ("value_owed", 200.0, 400.0, 0.0),
    ]


def test_staff_have_what_their_lines_say(con, rows):
    order = rows.order("a", AS_OF, 100, staff="eva")
    rows.order("a", AS_OF, -10, order_id=order, line_no="2", staff="kim")
    rows.order("a", AS_OF, 5)
    rows.order("b", date(2024, 10, 1), 7, staff="eva")
    compute(con)
    columns = "staff_id, revenue, paid, paying_days, paying_customers, new_customers, previous_revenue"
    assert values(con, "fct_staff_performance", columns) == [
        ("eva", Decimal(100), Decimal(100), 1, 1, 1, Decimal(7)),
        ("kim", Decimal(-10), Decimal(-10), 0, 0, 0, Decimal(0)),
        (None, Decimal(5), Decimal(5), 1, 1, 1, Decimal(0)),
    ]


def test_points_are_those_given_less_those_taken(con, rows):
    rows.order("a", date(2024, 10, 1), 100, points=10)
    rows.order("a", AS_OF, 50, points=Decimal("-2.5"), branch="B")
    rows.order("b", AS_OF, 50, points=9, status="cancelled")
    compute(con)
    columns = "scope_id, points_given, points_taken, points_balance"
    assert values(con, "fct_period_summary", columns) == [
        ("*", Decimal(0), Decimal("2.5"), Decimal("7.5")),
        ("A", Decimal(0), Decimal(0), Decimal(10)),
        ("B", Decimal(0), Decimal("2.5"), Decimal("-2.5")),
    ]
    assert values(con, "dim_customer", "customer_id, points_balance") == [("a", Decimal("7.5")), ("b", None)]
