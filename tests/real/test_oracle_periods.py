"""The oracle's period status and its figures to date against expectations worked out by hand. Needs no rfmart."""

from __future__ import annotations

import itertools
import random
from datetime import date, timedelta

import oracle
import pytest

AMID, CLOSING = date(2024, 11, 13), date(2024, 11, 30)
MONTHS = {month: date(2024, month, 5) for month in range(6, 12)}


def compute(con, as_of, **policy):
    oracle.compute(con, oracle.Policy(**policy), as_of)


def statuses(con, columns="period_status"):
    return dict(
        con.execute(
            f"select customer_id, {columns} from want_fct_lifecycle_snapshot where scope = 'chain'"
        ).fetchall()
    )


def summary(con, columns):
    return con.execute(f"select {columns} from want_fct_period_summary where scope = 'chain'").fetchone()


def journeys(rows, journeys):
    """Customers with consumption on the 5th of months; a month's second time is a day later, and so on."""
    for customer, months in journeys.items():
        for number, month in enumerate(months):
            rows.order(customer, MONTHS[month] + timedelta(number), 1)


JOURNEYS = {
    "new": [11],
    "new-and-again": [11, 11],
    "new-before": [10],
    "active": [9, 10],
    "dormant": [8, 9],
    "lost": [7, 8],
    "lost-again": [6, 7],
    "reactivated": [8, 9, 11],
    "recalled": [7, 8, 11],
}


def test_an_open_period_takes_nothing_away(con, rows):
    journeys(rows, JOURNEYS)
    rows.lead("lead", date(2024, 11, 5))
    compute(con, AMID)
    assert con.execute(
        "select customer_id, previous_period_status, period_status, is_provisional from want_fct_lifecycle_snapshot "
        "where scope = 'chain' order by 1"
    ).fetchall() == [
        ("active", "active", "active", True),
        ("dormant", "dormant", "dormant", True),
        ("lead", None, None, False),
        ("lost", "lost", "lost", True),
        ("lost-again", "lost", "lost", True),
        ("new", None, "new", False),
        ("new-and-again", None, "active", False),
        ("new-before", "new", "new", True),
        ("reactivated", "dormant", "active", False),
        ("recalled", "lost", "active", False),
    ]
    assert summary(
        con, "is_provisional, retention_rate, active_or_vip_to_dormant_customers, lost_customers, active_customers"
    ) == (True, None, None, None, 4)


def test_a_closed_period_decides(con, rows):
    journeys(rows, JOURNEYS)
    compute(con, CLOSING)
    assert statuses(con) == {
        "new": "new",
        "new-and-again": "active",
        "new-before": "lost",
        "active": "dormant",
        "dormant": "lost",
        "lost": "lost",
        "lost-again": "lost",
        "reactivated": "active",
        "recalled": "active",
    }
    assert not any(statuses(con, "is_provisional").values())
    assert summary(
        con, "is_provisional, retention_rate, active_or_vip_to_dormant_customers, lost_customers, active_customers"
    ) == (False, 0.0, 1, 2, 3)


@pytest.mark.parametrize(
    ("ended_on", "status"),
    [
        (date(2024, 8, 31), "lost"),  # nothing was left when August closed: dormant then, lost since
        (date(2024, 9, 1), "lost"),  # one closing less: September's and October's
        (date(2024, 9, 30), "lost"),
        (date(2024, 10, 1), "dormant"),
        (date(2024, 10, 31), "dormant"),
        (date(2024, 11, 1), "active"),
        (date(2024, 11, 30), "active"),
    ],
)
def test_sessions_left_when_a_period_closes_keep_from_falling(con, rows, ended_on, status):
    bought = date(2024, 7, 1)
    rows.order("c", bought, 1, order_id="1", sessions=2)
    rows.order("c", bought + timedelta(1), 1)
    rows.visit("friend", bought, "package_session", order_id="1")
    rows.visit("friend", ended_on, "package_session", order_id="1")
    compute(con, AMID)
    assert statuses(con)["c"] == status
    compute(con, date(2024, 10, 31))
    assert statuses(con)["c"] == status


def test_a_new_customer_with_sessions_left_stays_new(con, rows):
    rows.order("c", date(2024, 7, 1), 1, sessions=2)
    compute(con, CLOSING, package_valid_days=100)  # until 2024-10-09
    assert statuses(con) == {"c": "lost"}
    compute(con, date(2024, 9, 30), package_valid_days=100)
    assert statuses(con) == {"c": "new"}


def test_a_package_holds_at_its_own_branch_only(con, rows):
    rows.order("c", date(2024, 7, 1), 1, branch="A", sessions=2)
    rows.order("c", date(2024, 7, 2), 1, branch="B")
    compute(con, CLOSING)
    assert con.execute(
        "select scope_id, period_status from want_fct_lifecycle_snapshot where scope_id <> '' order by 1"
    ).fetchall() == [("*", "active"), ("A", "new"), ("B", "lost")]


def test_a_package_that_was_paid_back_never_held(con, rows):
    rows.order("c", date(2024, 6, 30), 1)
    rows.order("c", date(2024, 7, 1), 100, order_id="1", sessions=2)
    rows.order("c", date(2024, 7, 2), 1)
    rows.order("c", date(2024, 11, 2), -100, order_id="1", line_no="2")
    compute(con, AMID)
    assert statuses(con, "previous_period_status") == {"c": "active"}
    assert statuses(con) == {"c": "lost"}


def test_figures_to_date_are_beside_the_same_day_of_the_period_before(con, rows):
    journeys(rows, {
        "stayed": [9, 10, 11], "away": [9, 10], "fell": [8, 9], "new": [10], "new-came": [10, 11], "gone": [7, 8],
    })  # fmt: skip
    rows.order("late", date(2024, 9, 5), 1)
    rows.order("late", date(2024, 9, 6), 1)
    rows.order("late", date(2024, 10, 14), 1)  # after the 13th: still away then
    rows.order("holder", date(2024, 9, 5), 1, sessions=3)
    rows.order("holder", date(2024, 9, 6), 1)
    columns = (
        "retention_rate_to_date, previous_retention_rate_to_date, dormant_to_date_customers, "
        "previous_dormant_to_date_customers, lost_to_date_customers, previous_lost_to_date_customers"
    )
    compute(con, AMID)
    # October's consumers: stayed, away, new, new-came, late; stayed and new-came came by 13 November. September's: stayed,
    # away, fell, late, holder; stayed and away came by 13 October.
    # Active at the end of October and not come: away, late; holder has sessions. Of September: fell, late.
    # New or dormant at the end of October and not come: fell, new. Of September (stayed and away were new): gone.
    assert summary(con, columns) == (2 / 5, 2 / 5, 2, 2, 2, 1)
    compute(con, CLOSING)
    assert summary(con, columns) == (2 / 5, 3 / 5, 2, 1, 2, 1)
    assert summary(con, "retention_rate, active_or_vip_to_dormant_customers, lost_customers") == (2 / 5, 2, 2)


def test_a_shorter_period_before_is_taken_whole(con, rows):
    rows.order("a", date(2024, 1, 5), 1)
    rows.order("a", date(2024, 2, 29), 1)
    rows.order("b", date(2024, 1, 5), 1)
    rows.order("b", date(2024, 3, 1), 1)
    compute(con, date(2024, 3, 30))
    assert summary(con, "previous_retention_rate_to_date, previous_lost_to_date_customers") == (0.5, 1)
    compute(con, date(2024, 3, 28))
    assert summary(con, "previous_retention_rate_to_date") == (0.0,)


def test_a_longer_period_before_is_taken_whole_when_this_one_closes(con, rows):
    rows.order("a", date(2024, 9, 5), 1)
    rows.order("a", date(2024, 10, 31), 1)
    for as_of, rate in [(CLOSING - timedelta(1), 0.0), (CLOSING, 1.0)]:
        compute(con, as_of)
        assert summary(con, "previous_retention_rate_to_date") == (rate,)


def test_sessions_left_count_on_the_day_compared(con, rows):
    rows.order("c", date(2024, 8, 1), 1, sessions=2)
    rows.order("c", date(2024, 8, 2), 1)
    for valid_days, expected in [
        (73, (0, 1)),  # ends on 13 October: dormant at its end
        (74, (0, 0)),
        (91, (0, 0)),  # ends on 31 October: dormant then
        (92, (1, 0)),
        (104, (1, 0)),  # ends on 13 November
        (105, (0, 0)),
    ]:
        compute(con, AMID, package_valid_days=valid_days)
        columns = "dormant_to_date_customers, previous_dormant_to_date_customers"
        assert summary(con, columns) == expected, valid_days


def test_an_order_refunded_since_is_no_consumption_to_date(con, rows):
    rows.order("a", date(2024, 9, 5), 1)
    rows.order("a", date(2024, 9, 6), 1)
    rows.order("a", date(2024, 10, 5), 9, order_id="1")
    columns = "previous_retention_rate_to_date, dormant_to_date_customers, lost_to_date_customers"
    compute(con, AMID)
    assert summary(con, columns) == (1.0, 1, 0)
    rows.order("a", AMID, -9, order_id="1", line_no="2")
    compute(con, AMID)
    assert summary(con, columns) == (0.0, 0, 1)


@pytest.mark.parametrize("as_of", [AMID, CLOSING])
def test_the_walk_equals_the_closed_form(con, rows, as_of):
    """k periods closed since the one of the last day, at whose ends no package was left: none, one or more."""
    chance = random.Random(5)
    ends = [date(2024, month + 1, 1) - timedelta(1) for month in range(1, 12)]
    expected = {}
    for number in range(150):
        customer = f"c{number}"
        days = sorted({date(2024, 1, 1) + timedelta(chance.randrange(300)) for _ in range(chance.choice([1, 1, 2, 4]))})
        days = [day for day in days if day <= as_of]
        over = days[0]
        for day in days:
            if chance.random() < 0.3:
                rows.order(customer, day, 1, sessions=2)
                over = max(over, day + timedelta(120))
            else:
                rows.order(customer, day, 1)
        is_once, last = len(days) == 1, days[-1]
        fallen = sum(1 for end in ends if end.replace(day=1) > last and end >= over and end <= as_of)
        expected[customer] = ["new" if is_once else "active", "lost" if is_once else "dormant", "lost"][min(fallen, 2)]
    compute(con, as_of, package_valid_days=120)
    # First and last day in different periods, or one period: the closed form knows them apart by the days alone.
    assert statuses(con) == expected
    assert set(itertools.chain(expected.values())) == {"new", "active", "dormant", "lost"}


def test_cycles_in_days_roll_and_end_every_day(con, rows):
    def ago(days):
        return AMID - timedelta(days)

    for customer, days in {
        "six-weeks": [130, 88, 46, 4],
        "new": [29],
        "once": [30],
        "active": [100, 29],
        "dormant": [100, 30],
        "lost": [100, 60],
        "recalled": [200, 3],
    }.items():
        for day in days:
            rows.order(customer, ago(day), 1)
    rows.order("held", ago(90), 1, sessions=6)
    rows.order("held", ago(80), 1)
    rows.order("months", ago(30), 1, department="surgery")
    compute(con, AMID, cycles={"skin": 30}, package_valid_days=100)
    assert statuses(con) == {
        "six-weeks": "active",
        "new": "new",
        "once": "lost",
        "active": "active",
        "dormant": "dormant",
        "lost": "lost",
        "recalled": "active",
        "held": "active",
        # The period of its own month, which closed.
        "months": "new",
    }
    assert statuses(con, "is_provisional")["dormant"] is False
    assert statuses(con, "is_provisional")["months"] is True
    # dormant fell so far; once and lost, too, and months would by months, if November ended today.
    assert summary(con, "dormant_to_date_customers, lost_to_date_customers") == (1, 3)
    # The package ends ten days from now.
    compute(con, AMID + timedelta(10), cycles={"": 30}, package_valid_days=100)
    assert statuses(con)["held"] == "dormant"
    compute(con, AMID + timedelta(40), cycles={"": 30}, package_valid_days=100)
    assert statuses(con)["held"] == "lost"
