"""The rows of a small made-up chain: every entity, several zones, somebody on every border that the rules name.

Everything follows from the seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

SEED = 20240911
# Ends of snapshots that the borders are laid around: a period's last day, a day amid one, the last day.
AS_OFS = [date(2024, 11, 30), date(2024, 11, 13), date(2025, 3, 31)]
# The days before the months and the quarter of those snapshots began.
OPENINGS = [date(2024, 10, 31), date(2025, 2, 28), date(2024, 12, 31), date(2024, 9, 30)]
# The same days of the month and of the quarter before the snapshot amid them.
SAME_DAYS = [date(2024, 10, 13), date(2024, 8, 13)]
FIRST_DAY, LAST_DAY = date(2023, 5, 1), date(2025, 5, 15)
# CLS was closed long ago: nobody consumed there within a window of any snapshot. POP is a stall that gives no numbers.
ZONES = {
    "TPE": "Asia/Taipei",
    "NYC": "America/New_York",
    "BER": "Europe/Berlin",
    "AKL": "Pacific/Auckland",
    "CLS": "",
    "POP": "",
}
OPEN_BRANCHES = ["TPE", "NYC", "BER", "AKL"]
PIPELINE_ZONE = "Asia/Taipei"
DEPARTMENTS = ["injection", "skin", "surgery"]
# Few amounts, so that many customers tie; among them the edges of the preset thresholds.
AMOUNTS = [
    Decimal(text) for text in ["0.01", "99.90", "500", "999.99", "1000", "1499.99", "1500", "2000", "2500", "19800"]
]
# fmt: off
RECENCIES = [
    0, 1, 29, 30, 31, 32, 44, 45, 46, 50, 51, 89, 90, 91, 119, 120, 121, 179, 180, 181, 359, 360, 361, 364, 365, 366,
]
# fmt: on
# The last department's items aren't all listed; one that is listed is never sold.
ITEMS = [
    ("inj-1", "botulinum", "injection", "toxin", "1500"),
    ("inj-2", "filler", "injection", "filler", ""),
    ("skin-1", "peel", "skin", "", "999.99"),
    ("skin-2", "", "", "", ""),
    ("none-1", "never sold", "skin", "peel", "1"),
]
ITEMS_OF = {"injection": ["inj-1", "inj-2"], "skin": ["skin-1", "skin-1", "skin-2"], "surgery": ["cut-1", "cut-2"]}
TIMES = [time(0, 0, 0), time(0, 0, 1), time(3, 30), time(12, 0), time(20, 15), time(23, 59, 59)]


@dataclass
class Row:
    """An order line or a visit. `at` is the branch's clock on the wall."""

    branch: str
    at: datetime
    fields: dict[str, object]
    updated_at: datetime | None = None
    # Delivered again only where the part that made it says so.
    is_final: bool = False


@dataclass
class Chain:
    """The rows of all entities, as delivered: the first list of each pair, then the later one."""

    ties: bool
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))
    orders: list[Row] = field(default_factory=list)
    later_orders: list[Row] = field(default_factory=list)
    visits: list[Row] = field(default_factory=list)
    later_visits: list[Row] = field(default_factory=list)
    leads: list[tuple] = field(default_factory=list)
    count: int = 0

    def customer(self, why: str) -> str:
        self.count += 1
        return f"{why}-{self.count:05}"

    def moment(self, day: date) -> datetime:
        """A time of the day. None of TIMES is in the hour that a clock leaves out."""
        return datetime.combine(day, self.rng.choice(TIMES))

    def order(
        self,
        customer,
        branch,
        day,
        amounts,
        *,
        status="paid",
        kind="single",
        sessions=None,
        department=None,
        order_id=None,
        first_line=1,
        referrer=None,
        updated_at=None,
    ):
        """An order of a line per amount, all of one day. Gives back its id. With `updated_at`, it is final."""
        self.count += 1
        order_id = order_id or f"{branch}-{self.count:06}"
        at = self.moment(day)
        for number, amount in enumerate(amounts, first_line):
            fields = {
                "order_id": order_id,
                "line_no": str(number),
                "customer_id": customer,
                "amount": Decimal(amount),
                "department": department or self.rng.choice(DEPARTMENTS),
                "status": status,
                "kind": kind,
                "package_sessions": sessions if number == first_line else None,
                "cost": None,
                "item_id": None,
                "referrer_id": referrer,
            }
            dated = updated_at or (datetime(2024, 1, 1) if self.rng.random() < 0.5 else None)
            self.orders.append(Row(branch, at, fields, dated, updated_at is not None))
        return order_id

    def refund(self, customer, branch, day, order_id, amount, line=90, updated_at=None):
        """A line of an order that pays money back."""
        self.order(
            customer,
            branch,
            day,
            [-Decimal(amount)],
            status=self.rng.choice(["paid", "refunded"]),
            order_id=order_id,
            first_line=line,
            updated_at=updated_at,
        )

    def visit(
        self,
        customer,
        branch,
        day,
        kind="treatment",
        *,
        status="attended",
        order_id=None,
        order_branch=None,
        department=None,
        visit_id=None,
        updated_at=None,
    ):
        self.count += 1
        department = department or (None if kind == "consultation" else self.rng.choice(DEPARTMENTS))
        fields = {
            "visit_id": visit_id or f"V{self.count:06}",
            "customer_id": customer,
            "department": department,
            "item_id": None,
            "kind": kind,
            "order_id": order_id,
            "order_branch_id": order_branch,
            "status": status,
        }
        dated = updated_at or datetime(2024, 1, 1)
        self.visits.append(Row(branch, self.moment(day), fields, dated, updated_at is not None))

    def lead(self, customer, day, branch=None, updated_at=None):
        self.leads.append((customer, day, branch, self.rng.choice(["web", "friend", ""]), updated_at))

    def consume(self, customer, branch, day, department=None):
        """Consumption of some kind."""
        kind = self.rng.randrange(4)
        if kind < 2:
            self.order(
                customer, branch, day, self.rng.sample(AMOUNTS, self.rng.choice([1, 1, 2, 3])), department=department
            )
        else:
            self.visit(customer, branch, day, ["treatment", "review"][kind - 2], department=department)


def build(ties: bool = True) -> Chain:
    """The chain. Without ties, no key is delivered twice with the same `updated_at`."""
    chain = Chain(ties)
    for build_part in (
        recency_borders,
        frequency_borders,
        packages,
        refunds,
        leads,
        regulars,
        closed_branch,
        actions,
        same_numbers,
        numberless,
        details,
        redeliveries,
    ):
        build_part(chain)
    return chain


def recency_borders(chain: Chain) -> None:
    """One consumption ever, on each side of each number of days that a rule or a window names."""
    for anchor in [*AS_OFS, *OPENINGS]:
        for recency in RECENCIES:
            customer = chain.customer("recency")
            branch = chain.rng.choice(OPEN_BRANCHES)
            chain.consume(customer, branch, anchor - timedelta(recency))
            if chain.rng.random() < 0.3:
                chain.consume(customer, branch, anchor + timedelta(chain.rng.randrange(1, 40)))


def frequency_borders(chain: Chain) -> None:
    """As many days as a frequency rule asks for, the oldest just inside or just outside its window."""
    for anchor in [*AS_OFS, *OPENINGS]:
        for window, days in [(90, 2), (120, 3), (180, 5), (365, 3)]:
            for oldest in (window - 1, window):
                for is_twice_a_day in (False, True):
                    customer = chain.customer("frequency")
                    branch = chain.rng.choice(OPEN_BRANCHES)
                    others = chain.rng.sample(range(1, min(window, 80)), days - 1)
                    for recency in [oldest, *others]:
                        at = branch if chain.rng.random() < 0.8 else chain.rng.choice(OPEN_BRANCHES)
                        for _ in range(1 + is_twice_a_day):
                            chain.consume(customer, at, anchor - timedelta(recency))


def packages(chain: Chain) -> None:
    """Packages that are used up, expire, are paid back or stay open around the borders."""
    for anchor in [*AS_OFS, *OPENINGS]:
        for idle in (88, 89, 90, 91, 178, 179, 180, 181, 359, 360, 361):
            used_up(chain, anchor - timedelta(idle))
            expired(chain, anchor - timedelta(idle))
        overdue(chain, anchor)
        for age in (99, 100, 101, 363, 364, 365, 366):
            half_used(chain, anchor - timedelta(age), anchor - timedelta(95))
        for refund_age in (0, 1, 20, 95):
            paid_back(chain, anchor - timedelta(150), anchor - timedelta(refund_age))
    # Around the days on which a period closes, or is looked at.
    for day in [*AS_OFS, *OPENINGS, *SAME_DAYS, date(2024, 8, 31), date(2024, 6, 30)]:
        for shift in (-1, 0, 1, 2):
            for _ in range(2):
                used_up(chain, day + timedelta(shift))
                expired(chain, day + timedelta(shift))


def used_up(chain: Chain, last_session: date) -> None:
    """The last of four sessions on a day; in another branch, and by a friend, for some."""
    customer, branch = chain.customer("used"), chain.rng.choice(OPEN_BRANCHES)
    bought = last_session - timedelta(70)
    card = chain.order(customer, branch, bought, [4800], kind="package", sessions=4)
    chain.visit(customer, branch, bought, "package_session", order_id=card)
    chain.visit(customer, branch, bought, "package_session", order_id=card)
    chain.visit(customer, branch, bought + timedelta(9), "package_session", order_id=card, status="no_show")
    chain.visit(customer, chain.rng.choice(OPEN_BRANCHES), bought + timedelta(20), "package_session", order_id=card)
    who = customer if chain.rng.random() < 0.6 else chain.customer("friend")
    chain.visit(who, branch, last_session, "package_session", order_id=card)


def expired(chain: Chain, expiry: date) -> None:
    """Sessions left when the package's 365 days were over; consumption somewhat earlier."""
    customer, branch = chain.customer("expired"), chain.rng.choice(OPEN_BRANCHES)
    card = chain.order(customer, branch, expiry - timedelta(365), [9800, "0"], kind="package", sessions=6)
    chain.visit(customer, branch, expiry - timedelta(chain.rng.choice([1, 5, 60])), "package_session", order_id=card)


def overdue(chain: Chain, anchor: date) -> None:
    """Over since 100 days; a friend had the last session later all the same."""
    customer, branch = chain.customer("overdue"), chain.rng.choice(OPEN_BRANCHES)
    bought = anchor - timedelta(465)
    card = chain.order(customer, branch, bought, [4800], kind="package", sessions=2)
    chain.visit(customer, branch, bought + timedelta(9), "package_session", order_id=card)
    chain.visit(chain.customer("friend"), branch, anchor - timedelta(50), "package_session", order_id=card)


def half_used(chain: Chain, bought: date, last_session: date) -> None:
    """Bought about a year ago, sessions left, last seen long enough ago to be dormant without them."""
    customer, branch = chain.customer("half"), chain.rng.choice(OPEN_BRANCHES)
    card = chain.order(customer, branch, bought, [9800], kind="package", sessions=3)
    session_branch = branch if chain.rng.random() < 0.5 else chain.rng.choice(OPEN_BRANCHES)
    chain.visit(customer, session_branch, max(bought, last_session), "package_session", order_id=card)


def paid_back(chain: Chain, bought: date, refunded: date) -> None:
    """An open package, fully or partly paid back; the customer came otherwise too."""
    customer, branch = chain.customer("back"), chain.rng.choice(OPEN_BRANCHES)
    card = chain.order(customer, branch, bought, [6000], kind="package", sessions=5)
    chain.visit(customer, branch, bought + timedelta(30), "treatment")
    chain.refund(customer, branch, refunded, card, chain.rng.choice([6000, 6000, 2000]))


def refunds(chain: Chain) -> None:
    """Money paid back around the ends of periods, in full, in parts, in two steps, or not at all."""
    for anchor in [*AS_OFS, *OPENINGS]:
        for shift in (-1, 0, 1):
            for parts in ([1], [Decimal("0.4")], [Decimal("0.5"), Decimal("0.5")], [Decimal("0.5"), Decimal("0.6")]):
                customer, branch = chain.customer("refund"), chain.rng.choice(OPEN_BRANCHES)
                bought = anchor - timedelta(chain.rng.choice([2, 35, 100]))
                order = chain.order(customer, branch, bought, [700, 300])
                for number, part in enumerate(parts):
                    chain.refund(customer, branch, anchor + timedelta(shift + number), order, 1000 * part, 90 + number)
                if chain.rng.random() < 0.5:
                    chain.consume(customer, branch, bought - timedelta(chain.rng.randrange(1, 90)))
                same_day_refund(chain, anchor + timedelta(shift))
    for _ in range(60):
        customer, branch = chain.customer("nothing"), chain.rng.choice(OPEN_BRANCHES)
        day = some_day(chain)
        chain.order(
            customer, branch, day, [chain.rng.choice(AMOUNTS)], status=chain.rng.choice(["cancelled", "refunded"])
        )
        if chain.rng.random() < 0.5:
            chain.consume(customer, branch, day + timedelta(chain.rng.randrange(-60, 60)))
    for _ in range(20):
        chain.order(chain.customer("free"), chain.rng.choice(OPEN_BRANCHES), some_day(chain), [0])


def same_day_refund(chain: Chain, day: date) -> None:
    """Money paid back on the day of a sale, or of the order's other line, to the buyer or to somebody else."""
    customer, branch = chain.customer("change"), chain.rng.choice(OPEN_BRANCHES)
    order = chain.order(customer, branch, day, [700])
    chain.order(customer, branch, day + timedelta(3), [500], order_id=order, first_line=2)
    who = customer if chain.rng.random() < 0.8 else chain.customer("someone")
    back = chain.rng.choice([100, 100, 100, 1200])
    chain.refund(who, branch, day + timedelta(chain.rng.choice([0, 0, 1, 3])), order, back)


def leads(chain: Chain) -> None:
    """Leads on and around the borders, some with a branch, some of several, some delivered twice, some who never come."""
    for anchor in [*AS_OFS, *OPENINGS]:
        for shift in (-30, -1, 0, 1, 2):
            for branch in (None, "TPE", "NYC"):
                customer = chain.customer("lead")
                day = anchor + timedelta(shift)
                chain.lead(customer, day, branch, datetime(2024, 1, 1))
                if chain.rng.random() < 0.3:
                    chain.lead(customer, day - timedelta(5), "BER", datetime(2024, 1, 2))
                if chain.rng.random() < 0.3:
                    chain.lead(customer, day - timedelta(300), "AKL", None)
                if chain.rng.random() < 0.4:
                    chain.lead(customer, day - timedelta(chain.rng.choice([-2, 7])), branch, datetime(2024, 1, 3))
                if chain.rng.random() < 0.4:
                    chain.consume(customer, chain.rng.choice(OPEN_BRANCHES), day + timedelta(chain.rng.randrange(0, 9)))
                if chain.rng.random() < 0.2:
                    chain.visit(customer, "BER", day + timedelta(1), "consultation")


def regulars(chain: Chain) -> None:
    """Customers with a rhythm of their own, a favourite branch and others."""
    for _ in range(420):
        customer = chain.customer("regular")
        favourite = chain.rng.choice(OPEN_BRANCHES)
        gap = chain.rng.choice([7, 14, 28, 45, 80])
        day = some_day(chain)
        for _ in range(chain.rng.randrange(1, 14)):
            branch = favourite if chain.rng.random() < 0.75 else chain.rng.choice(OPEN_BRANCHES)
            chain.consume(customer, branch, day)
            if chain.rng.random() < 0.2:
                chain.visit(customer, branch, day, status=chain.rng.choice(["cancelled", "no_show"]))
            day += timedelta(max(1, int(gap * chain.rng.uniform(0.5, 1.6))))
            if day > LAST_DAY:
                break


def closed_branch(chain: Chain) -> None:
    """A branch whose customers came too long ago to be ranked there; some go elsewhere since."""
    for _ in range(25):
        customer = chain.customer("closed")
        day = FIRST_DAY + timedelta(chain.rng.randrange(60))
        chain.order(customer, "CLS", day, [chain.rng.choice(AMOUNTS)])
        if chain.rng.random() < 0.4:
            chain.consume(customer, "TPE", day + timedelta(400))


def actions(chain: Chain) -> None:
    """High-value actions around the borders of their windows, with spending around the borders of theirs."""
    for anchor in [*AS_OFS, *OPENINGS]:
        for age in (0, 1, 30, 59, 60, 61, 62, 75, 88, 89, 90, 91, 92, 199, 200, 364, 365, 366):
            day = anchor - timedelta(age)
            for kind in ("package", "top_up", "referral", "department", "second", "first"):
                customer, branch = chain.customer(f"hva-{kind}"), chain.rng.choice(OPEN_BRANCHES)
                before = day - timedelta(chain.rng.choice([15, 59, 60, 61, 100]))
                if kind != "first":
                    chain.order(customer, branch, before, [500], department="skin")
                elif chain.rng.random() < 0.5:
                    chain.visit(customer, branch, before)
                other = branch if chain.rng.random() < 0.7 else chain.rng.choice(OPEN_BRANCHES)
                act(chain, kind, customer, [branch, other], day)
                for _ in range(chain.rng.randrange(3)):
                    chain.consume(customer, other, day + timedelta(chain.rng.choice([1, 2, 30, 59, 60, 61])))


def act(chain: Chain, kind: str, customer: str, branches: list[str], day: date) -> None:
    """One action of the kind, in both branches for some, refunded in part or in full for some."""
    amount = chain.rng.choice(AMOUNTS)
    if kind == "first":
        if chain.rng.random() < 0.5:
            chain.order(customer, branches[1], day, [amount])
        kind = chain.rng.choice(["package", "top_up"])
    if kind in ("package", "top_up"):
        sessions = 3 if kind == "package" else None
        for branch in branches[: chain.rng.choice([1, 1, 2])]:
            order = chain.order(customer, branch, day, [amount, 100], kind=kind, sessions=sessions)
            if chain.rng.random() < 0.2:
                back = chain.rng.choice([amount + 100, Decimal("0.01")])
                chain.refund(customer, branch, day + timedelta(chain.rng.choice([0, 0, 3])), order, back)
    elif kind == "referral":
        for branch in branches[: chain.rng.choice([1, 1, 2])]:
            friend = chain.customer("referred")
            if chain.rng.random() < 0.3:
                chain.visit(friend, branch, day - timedelta(9), "consultation")
            elif chain.rng.random() < 0.2:
                # Not new any more on the day: an earlier order names nobody, or somebody else.
                chain.order(friend, branch, day - timedelta(9), [300], referrer=chain.rng.choice([None, "nobody"]))
            chain.order(friend, branch, day, [amount, 1], referrer=chain.rng.choice([customer, customer, friend]))
            if chain.rng.random() < 0.5:
                chain.order(friend, branch, day + timedelta(chain.rng.choice([0, 1, 7])), [amount], referrer=customer)
    elif kind == "department":
        for branch in branches[: chain.rng.choice([1, 1, 2])]:
            for department in ("injection", "surgery")[: chain.rng.choice([1, 2])]:
                if chain.rng.random() < 0.3:
                    chain.visit(customer, branch, day, department=department)
                else:
                    chain.order(customer, branch, day, [amount], department=department)
    else:
        chain.order(customer, branches[0], day, [amount], department="skin")
        chain.order(customer, branches[1], day, [amount + 1], department="skin")


def same_numbers(chain: Chain) -> None:
    """Orders and visits whose numbers two branches gave, each on its own."""
    number = 0
    for anchor in [*AS_OFS, *OPENINGS]:
        for _ in range(5):
            number += 1
            same_order(chain, anchor, f"N{number:04}")
            same_visit(chain, anchor, f"V9{number:05}")
        for use in USES:
            number += 1
            same_package(chain, anchor, f"N{number:04}", use)


def next_update(chain: Chain) -> datetime:
    """No two rows' numbers and times are the same: numbers could be the chain's, too."""
    chain.count += 1
    return datetime(2024, 2, 1) + timedelta(minutes=chain.count)


def same_order(chain: Chain, anchor: date, number: str) -> None:
    """Two orders; money of one is paid back around the border."""
    here, there = chain.rng.sample(OPEN_BRANCHES, 2)
    one = chain.customer("number")
    other = one if chain.rng.random() < 0.3 else chain.customer("number")
    day = anchor - timedelta(chain.rng.choice([2, 35, 100]))
    later = day + timedelta(chain.rng.choice([0, 0, 20]))
    chain.order(one, here, day, [700, 300], order_id=number, updated_at=next_update(chain))
    chain.order(other, there, later, [chain.rng.choice(AMOUNTS)], order_id=number, updated_at=next_update(chain))
    refunded = anchor + timedelta(chain.rng.choice([-1, 0, 1]))
    chain.refund(one, here, refunded, number, chain.rng.choice([1000, 1000, 400]), updated_at=next_update(chain))


def same_visit(chain: Chain, anchor: date, number: str) -> None:
    """Two visits; one is then cancelled."""
    here, there = chain.rng.sample(OPEN_BRANCHES, 2)
    one, other = chain.customer("number"), chain.customer("number")
    day = anchor - timedelta(chain.rng.choice([0, 35]))
    chain.visit(one, here, day, visit_id=number, updated_at=next_update(chain))
    chain.visit(other, there, day, visit_id=number, updated_at=next_update(chain))
    row = chain.visits[-chain.rng.choice([1, 2])]
    chain.later_visits.append(Row(row.branch, row.at, row.fields | {"status": "cancelled"}, next_update(chain), True))


# How a session tells whose package it uses: see same_package.
USES = ["named", "only", "own single", "own package", "several", "none", "misnamed", "reused"]


def same_package(chain: Chain, anchor: date, number: str, use: str) -> None:
    """A package whose last session is in another branch, around the border; other orders have its number for some."""
    here, there, third = chain.rng.sample(OPEN_BRANCHES, 3)
    customer, other = chain.customer("number"), chain.customer("number")
    last = anchor - timedelta(chain.rng.choice([0, 1, 89, 90]))
    bought = last - timedelta(chain.rng.choice([20, 100]))

    def sell(who, branch, day, **package):
        chain.order(who, branch, day, [4800], order_id=number, updated_at=next_update(chain), **package)

    package = {"kind": "package", "sessions": 2}
    sell(customer, here, bought, **package)
    if use in ("named", "own package"):
        sell(other, there, bought, **package)
    if use == "own single":
        sell(other, there, bought)
    if use == "several":
        sell(other, third, bought, **package)
    if use == "reused":
        sell(other, third, anchor + timedelta(chain.rng.choice([-1, 1])))
    named = {"named": here, "misnamed": third}.get(use)
    for day, branch in [(bought, here), (last, there)]:
        order_id = f"{number}?" if use == "none" and branch == there else number
        order_branch = named if branch == there else None
        chain.visit(
            customer,
            branch,
            day,
            "package_session",
            order_id=order_id,
            order_branch=order_branch,
            updated_at=next_update(chain),
        )


def numberless(chain: Chain) -> None:
    """Sales at the stall, some alike, some paid back: each row stands for itself."""
    regulars = sorted({row.fields["customer_id"] for row in chain.orders if "regular" in row.fields["customer_id"]})
    for _ in range(90):
        customer = chain.rng.choice([chain.customer("stall"), chain.rng.choice(regulars)])
        day, amount = some_day(chain), chain.rng.choice(AMOUNTS)
        rows = [amount] * chain.rng.choice([1, 1, 2])
        if chain.rng.random() < 0.1:
            rows.append(-amount)
        for amount in rows:
            chain.order(customer, "POP", day, [amount], updated_at=next_update(chain))
            chain.orders[-1].fields["order_id"] = None


def details(chain: Chain) -> None:
    """Items and costs, and departments that the item tells. Drawn apart, so that they leave all other rows as they are."""
    rng = random.Random(SEED + 1)
    sold = {}
    for row in chain.orders:
        it = row.fields
        if it["amount"] >= 0:
            it["item_id"] = rng.choice([*ITEMS_OF[it["department"]], "skin-2", None])
            sold[row.branch, it["order_id"]] = it["item_id"], it["kind"]
            # Few without a cost, as one hides the customer's whole profit.
            it["cost"] = None if rng.random() < 0.02 else round(it["amount"] * rng.choice([0, 30, 110]) / 100, 2)
        else:
            item_id, kind = sold[row.branch, it["order_id"]]
            it |= {"item_id": item_id, "kind": rng.choice([kind, kind, "single"])}
            it["cost"] = rng.choice([None, None, round(it["amount"] / 4, 2)])
    for row in chain.visits:
        if row.fields["department"]:
            row.fields["item_id"] = rng.choice([*ITEMS_OF[row.fields["department"]], None])
    for row in [*chain.orders, *chain.visits]:
        if rng.random() < 0.1:
            row.fields["department"] = None


def redeliveries(chain: Chain) -> None:
    """Rows that are delivered again: newer, older, undated, the same; the wrong ones would change the numbers."""
    for rows, later in [(chain.orders, chain.later_orders), (chain.visits, chain.later_visits)]:
        rows = [row for row in rows if not row.is_final]
        for row in chain.rng.sample(rows, len(rows) // 12):
            update = chain.rng.choice([datetime(2024, 6, 1), datetime(2023, 6, 1), None])
            is_tie = update == row.updated_at
            if is_tie and not chain.ties:
                continue
            fields = dict(row.fields)
            if "amount" in fields and fields["package_sessions"] is None and fields["amount"] > 0:
                fields["amount"] += 1
            if "amount" not in fields and fields["kind"] == "treatment":
                fields["status"] = chain.rng.choice(["attended", "cancelled"])
            shift = timedelta(days=chain.rng.choice([0, 0, -1])) if fields.get("order_id") is None else timedelta(0)
            later.append(Row(row.branch, row.at + shift, fields, update))
        if chain.ties:
            later.extend(Row(row.branch, row.at, row.fields, row.updated_at) for row in chain.rng.sample(rows, 20))


def some_day(chain: Chain) -> date:
    return FIRST_DAY + timedelta(chain.rng.randrange((LAST_DAY - FIRST_DAY).days))
