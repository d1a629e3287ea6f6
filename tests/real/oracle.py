"""The same numbers in DuckDB, from the domain page alone: nothing of rfmart's own SQL is used here."""

from __future__ import annotations

import datetime
import hmac
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
DEFAULT_LADDER = {
    "dead_idle_days": 180,
    "beyond_recall_days": 360,
    "dormant_idle_days": 90,
    "loyal_recency_days": 180,
    "loyal_window_days": 180,
    "loyal_frequency": 5,
    "active_recency_days": 120,
    "active_window_days": 120,
    "active_frequency": 3,
    "effective_recency_days": 90,
    "effective_window_days": 90,
    "effective_frequency": 2,
    "new_recency_days": 30,
}
# Risks and effects compare with the day that many days before as_of.
OBSERVED_DAYS = 90
# (score, lower, is_lower_open, upper, is_upper_open)
INJECTION = {
    "recency_days": [
        (5, None, True, 30, False),
        (4, 30, True, 35, False),
        (3, 35, True, 40, False),
        (2, 40, True, 50, False),
        (1, 50, True, None, True),
    ],
    "frequency": [(5, 0, False, None, True)],
    "monetary": [
        (1, None, True, 1000, True),
        (2, 1000, False, 1500, True),
        (3, 1500, False, 2000, True),
        (4, 2000, False, 2500, True),
        (5, 2500, False, None, True),
    ],
}


@dataclass
class Policy:
    """What a pipeline's policy says, in the oracle's terms. A metric without thresholds is scored by quintile."""

    period: str = "month"
    window_days: int = 365
    # Days by department that has its own.
    windows: dict[str, int] = field(default_factory=dict)
    frequency_counts: str = "days"
    package_valid_days: int = 365
    thresholds: dict[str, list[tuple]] = field(default_factory=dict)
    departments: dict[str, dict[str, int]] = field(default_factory=dict)
    # Days by department, '' for everybody else's; none where the periods are the cycles.
    cycles: dict[str, int] = field(default_factory=dict)
    # Scores by metric.
    high_from: dict[str, int] = field(default_factory=dict)
    vip_metric: str = "monetary"
    # From the lowest to the highest.
    vip_tiers: dict[str, int] = field(default_factory=dict)
    zone: str = "Asia/Taipei"
    # Where ids are unique: `branch` or `chain`.
    order_ids: str = "branch"
    visit_ids: str = "branch"
    # Shares of money that are profit where a line has no cost.
    margin: float | None = None
    department_margins: dict[str, float] = field(default_factory=dict)
    item_margins: dict[str, float] = field(default_factory=dict)
    # Days after a list on which a contact is one of it; share, key and first day of who is held out of it.
    contact_days: int = 30
    hold_out: tuple[float, str, datetime.date] | None = None


def connect() -> duckdb.DuckDBPyConnection:
    """A fresh database with the oracle's empty input tables."""
    con = duckdb.connect(config={"threads": 2, "memory_limit": "3GB", "autoinstall_known_extensions": False})
    con.execute("set TimeZone = 'UTC'")
    run_file(con, "schema")
    return con


def set_policy(con: duckdb.DuckDBPyConnection, policy: Policy, as_of: datetime.date) -> None:
    """Fills the tables that tell the policy, and the run."""
    for table in ("run", "threshold", "tier", "margin", "ladder", "own_window_days", "cycle", "high_from", "known_day"):
        con.execute(f"delete from {table}")

    def scoring(metric: str) -> str:
        return "thresholds" if metric in policy.thresholds else "quintile"

    con.execute(
        f"insert into run values ({', '.join('?' * 12)})",
        [
            as_of,
            policy.period,
            policy.window_days,
            policy.frequency_counts,
            policy.package_valid_days,
            scoring("recency_days"),
            scoring("frequency"),
            scoring("monetary"),
            policy.vip_metric,
            policy.zone,
            policy.order_ids,
            policy.visit_ids,
        ],
    )
    margins = [
        (None, None, policy.margin),
        *((None, department, margin) for department, margin in policy.department_margins.items()),
        *((item, None, margin) for item, margin in policy.item_margins.items()),
    ]
    con.executemany("insert into margin values (?, ?, ?)", margins)
    for department in {"", *policy.departments, *policy.cycles}:
        con.execute("insert into cycle values (?, ?)", [department, policy.cycles.get(department, policy.cycles.get(""))])
    for department, days in policy.windows.items():
        con.execute("insert into own_window_days values (?, ?)", [department, days])
    for metric, score in policy.high_from.items():
        con.execute("insert into high_from values (?, ?)", [metric, score])
    for position, (tier, at_least) in enumerate(policy.vip_tiers.items(), 1):
        con.execute("insert into tier values (?, ?, ?)", [tier, position, at_least])
    for metric, rows in policy.thresholds.items():
        for row in rows:
            con.execute("insert into threshold values (?, ?, ?, ?, ?, ?)", [metric, *row])
    for department, numbers in {"": {}, **policy.departments}.items():
        row = DEFAULT_LADDER | numbers
        assert row.keys() == DEFAULT_LADDER.keys(), f"no such rule: {row.keys() - DEFAULT_LADDER.keys()}"
        con.execute(f"insert into ladder values ({', '.join('?' * (1 + len(row)))})", [department, *row.values()])


def hold_out(con: duckdb.DuckDBPyConnection, policy: Policy, as_of: datetime.date) -> None:
    """Fills held_out for the list of a day."""
    con.execute("delete from held_out")
    share, key, first = policy.hold_out or (0, "", datetime.date.max)
    con.execute("delete from outcome")
    con.execute("insert into outcome values (?, ?)", [policy.contact_days, as_of >= first])
    if as_of < first:
        return
    ids = [row[0] for row in con.execute("select distinct customer_id from acquaintance").fetchall()]
    draws = {id: int(hmac.new(key.encode(), id.encode(), "sha256").hexdigest()[:8], 16) for id in ids}
    drawn = [(id,) for id, draw in draws.items() if draw < share * 2**32]
    if drawn:
        con.executemany("insert into held_out values (?)", drawn)


def run_file(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Makes the tables of one of the SQL files here."""
    con.execute((HERE / f"{name}.sql").read_text())


def compute(con: duckdb.DuckDBPyConnection, policy: Policy, as_of: datetime.date) -> None:
    """Fills the want_* tables of one snapshot from the in_* tables."""
    earlier = as_of - datetime.timedelta(OBSERVED_DAYS)
    compute_list(con, policy, earlier)
    con.execute("create or replace table listed_then as select customer_id, action from want_fct_action_list")
    compute_list(con, policy, as_of)
    for name in ("funnel", "branches", "staff", "items"):
        run_file(con, name)
    hold_out(con, policy, earlier)
    run_file(con, "outcomes")


def compute_list(con: duckdb.DuckDBPyConnection, policy: Policy, as_of: datetime.date) -> None:
    """Fills the want_* tables that a snapshot's action list is made of, and those made with them."""
    set_policy(con, policy, as_of)
    opening = "case period when 'day' then as_of else date_trunc(period, as_of)::date end - 1"
    con.execute(f"insert into known_day select distinct unnest([as_of, {opening}, as_of - {OBSERVED_DAYS}]) from run")
    run_file(con, "stages")
    # What the snapshot of the opening day says of segments.
    con.execute(f"update run set as_of = {opening}")
    run_file(con, "rfm")
    con.execute(
        "create or replace table opening_segment as "
        "select scope, scope_id, customer_id, segment from want_fct_customer_rfm"
    )
    con.execute("update run set as_of = ?", [as_of])
    hold_out(con, policy, as_of)
    for name in ("rfm", "segments", "facts", "cohorts", "status", "since", "segment_since", "risk", "actions"):
        run_file(con, name)


def stages_by_day(
    con: duckdb.DuckDBPyConnection, policy: Policy, first: datetime.date, last: datetime.date
) -> list[tuple]:
    """(day, scope, customer_id, stage) at the end of every day from first to last."""
    set_policy(con, policy, last)
    con.execute(
        "insert into known_day select unnest(generate_series(?::date, ?::date, interval 1 day))::date", [first, last]
    )
    run_file(con, "stages")
    return con.execute("select known_on, scope, customer_id, stage from stage order by all").fetchall()
