"""The oracle's funnel and action outcomes against expectations worked out by hand. Needs no rfmart."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import oracle
import pytest
from by_hand import AS_OF, ago, compute, values


def spend(rows, day, amount, branch=None, channel=None):
    rows.insert("in_spend", {"spent_on": day, "amount": amount, "branch_id": branch, "channel": channel})


def contact(rows, customer, day, action=None, outcome="reached"):
    rows.count += 1
    row = {"contact_id": f"K{rows.count}", "customer_id": customer, "contacted_on": day, "action": action}
    rows.insert("in_contacts", row | {"outcome": outcome, "delivered": f"{rows.count:06}"})


def test_the_funnel_counts_whoever_became_known_once(con, rows):
    september = date(2024, 9, 10)
    for customer in ("asked", "booked", "came", "bought", "again"):
        rows.lead(customer, september, "A", "line")
    rows.visit("booked", date(2024, 9, 20), status="no_show")
    rows.visit("came", date(2024, 9, 20), "consultation")
    rows.visit("bought", date(2024, 9, 20), "consultation")
    rows.order("bought", date(2024, 10, 1), 100)
    rows.order("again", date(2024, 9, 30), 100)
    rows.order("again", date(2024, 11, 1), 300)
    rows.order("walk-in", date(2024, 9, 5), 40, branch="B")
    spend(rows, date(2024, 9, 1), 250, channel="line")
    compute(con)
    columns = (
        "channel, branch_id, leads, came_without_lead, booked, arrived, consulted, consulted_buyers, first_orders, "
        "second_orders, second_orders_open, spend, cost_per_lead, cost_per_new_customer, revenue"
    )
    assert values(con, "fct_acquisition_funnel", columns) == [
        ("line", "A", 5, 0, 4, 3, 2, 1, 2, 1, 1, Decimal(250), 50.0, 125.0, Decimal(500)),
        (None, "B", 1, 1, 1, 1, 0, 0, 1, 0, 1, Decimal(0), None, 0.0, Decimal(40)),
    ]


def test_spend_of_no_branch_is_shared_out_to_the_cent(con, rows):
    for number, branch in enumerate(["A", "A", "B", "C"]):
        rows.lead(f"c{number}", ago(9), branch, "web")
    spend(rows, ago(8), "0.03", channel="web")
    spend(rows, ago(8), 7, branch="B", channel="web")
    spend(rows, ago(8), 5, channel="tv")  # nobody came by it
    compute(con)
    assert values(con, "fct_acquisition_funnel", "channel, branch_id, spend, shared_spend, leads") == [
        ("tv", None, Decimal(5), Decimal(5), 0),
        ("web", "A", Decimal("0.01"), Decimal("0.01"), 2),
        ("web", "B", Decimal("7.01"), Decimal("0.01"), 1),
        ("web", "C", Decimal("0.01"), Decimal("0.01"), 1),
    ]


def test_payback_is_the_first_period_by_whose_end_profit_makes_up_for_spend(con, rows):
    rows.lead("c", date(2024, 8, 5), "A", "web")
    spend(rows, date(2024, 8, 1), 100, channel="web")
    for day, amount in [(date(2024, 8, 9), 90), (date(2024, 9, 9), 60), (date(2024, 10, 9), 100)]:
        rows.order("c", day, amount, cost=amount / 2)
    compute(con)
    found = values(con, "fct_acquisition_funnel", "revenue, profit, payback, periods_to_payback")
    assert found == [(Decimal(250), Decimal(125), 1.25, 2)]


LISTED = AS_OF - timedelta(90)


def test_an_outcome_compares_those_held_out_with_all_others(con, rows):
    ids = [f"c{number:03}" for number in range(200)]
    for customer in ids:
        rows.order(customer, LISTED - timedelta(100), 10)
    hold_out = (0.3, "key", date(2024, 1, 1))
    oracle.compute(con, oracle.Policy(hold_out=hold_out), AS_OF)
    held = {row[0] for row in con.execute("from held_out").fetchall()}
    asked = [customer for customer in ids if customer not in held]
    assert 40 < len(held) < 80
    for customer in asked[:60]:
        contact(rows, customer, LISTED + timedelta(3), outcome="no_answer")
        rows.order(customer, LISTED + timedelta(40), 100)
    for customer in sorted(held)[:5]:
        rows.order(customer, LISTED + timedelta(90), 100)
    oracle.compute(con, oracle.Policy(hold_out=hold_out), AS_OF)
    columns = "customer_group, customers, contacted, reached, returned_30_days, returned_60_days, returned_90_days"
    assert values(con, "fct_action_outcome", columns, "action = 'recall_dormant'") == [
        ("held_out", len(held), 0, 0, 0, 0, 5),
        ("to_contact", len(asked), 60, 0, 0, 60, 60),
    ]
    columns = "compared_with, basis, verdict, uplift_90_days_low > 0.1, revenue_uplift > 0"
    assert values(con, "fct_action_outcome", columns, "customer_group = 'to_contact'") == [
        ("held_out", "experiment", "higher", True, True)
    ]


def test_who_was_contacted_is_compared_with_who_was_not_where_nobody_was_held_out(con, rows):
    for number in range(40):
        rows.order(f"c{number}", LISTED - timedelta(100), 10)
    for number in range(20):
        contact(rows, f"c{number}", LISTED + timedelta(30), action="recall_dormant")
    contact(rows, "c20", LISTED + timedelta(31))  # too late
    contact(rows, "c21", LISTED)  # too early
    contact(rows, "c22", LISTED + timedelta(1), action="care_vip")  # for another reason
    compute(con)
    columns = "customer_group, customers, contacted, compared_with, basis, verdict"
    assert values(con, "fct_action_outcome", columns) == [
        ("contacted", 20, 20, "not_contacted", "observational", "cannot_tell"),
        ("not_contacted", 20, 0, None, None, None),
    ]


@pytest.mark.parametrize(
    ("counts", "uplift"),
    [
        # Newcombe 1998, table II, method 10.
        ((56, 70, 48, 80), (0.2000, 0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.6000, 0.1705, 0.8090)),
        ((5, 56, 0, 29), (0.0893, -0.0381, 0.1926)),
        ((10, 10, 0, 10), (1.0000, 0.6075, 1.0000)),
    ],
)
def test_intervals_are_those_of_the_paper(con, counts, uplift):
    oracle.compute(con, oracle.Policy(), AS_OF)
    a, m, b, n = counts
    found = con.execute(f"select x.uplift, x.low, x.high from (select newcombe({a}, {m}, {b}, {n}) as x)").fetchone()
    assert found == pytest.approx(uplift, abs=5e-5)
