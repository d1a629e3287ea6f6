"""How well the published risks foretell what customers of public data then did, against recency alone.

With PYTHONPATH=tests/real, after tests/external.sh has unpacked the data:

    python tests/real/risk.py
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from types import ModuleType

import cdnow
import completejourney
import duckdb
import oracle
import rfmart

HERE = Path(__file__).parent
# Each has 90 days of data after it.
AS_OFS = {
    cdnow: [date(1997, 6, 30), date(1997, 9, 30), date(1998, 3, 31)],
    completejourney: [date(2017, 6, 30), date(2017, 9, 30)],
}
HORIZONS_DAYS = (30, 90)
BAND_ORDER = ("low", "medium", "high")

# The chain's customers at as_of, with what they did afterwards by the raw rows, and their stages by later snapshots.
CUSTOMER = """
    create or replace table customer as
    with published as (
        select customer_id, stage, recency_days, usual_gap_days, silence_risk, churn_risk, risk_band
        from read_parquet('{at_as_of}')
        where scope = 'chain'
    ),

    next_day as (
        select customer_id, min(paid_on) - date '{as_of}' as days
        from in_orders
        where paid_on > '{as_of}'
        group by customer_id
    )

    select
        published.*,
        coalesce(next_day.days > 30, true) as is_absent_30_days,
        coalesce(next_day.days > 90, true) as is_absent_90_days,
        after_30_days.stage in ('silent', 'dormant', 'dead') as is_silent_after_30_days,
        after_90_days.stage in ('silent', 'dormant', 'dead') as is_silent_after_90_days,
    from published
    left join next_day using (customer_id)
    inner join read_parquet('{after_30_days}') as after_30_days
        on published.customer_id = after_30_days.customer_id and after_30_days.scope = 'chain'
    inner join read_parquet('{after_90_days}') as after_90_days
        on published.customer_id = after_90_days.customer_id and after_90_days.scope = 'chain'
"""


@dataclass(frozen=True)
class Ranking:
    """Areas under the ROC curve: how often a customer with the outcome has the greater score than one without."""

    risk: str
    outcome: str
    customers: int
    share: float
    by_risk: float
    by_recency: float
    # Recency over usual gap; silence risk only.
    by_ratio: float | None


@dataclass(frozen=True)
class Band:
    """A band's customers, their mean risk, and the share to whom it happened."""

    risk: str
    outcome: str
    band: str
    customers: int
    mean_risk: float
    observed: float


@dataclass(frozen=True)
class Measured:
    """One data set on one day."""

    data_set: str
    as_of: date
    rankings: list[Ranking]
    bands: list[Band]


def area_under_curve(scores: Sequence[float], outcomes: Sequence[bool]) -> float:
    """The share of pairs with and without the outcome that the score puts in order; ties count half."""
    rank_sum, rank = 0.0, 0
    for _, peers in groupby(sorted(zip(scores, outcomes, strict=True)), key=lambda pair: pair[0]):
        tied = [outcome for _, outcome in peers]
        rank_sum += sum(tied) * (rank + (len(tied) + 1) / 2)
        rank += len(tied)
    positive = sum(outcomes)
    return (rank_sum - positive * (positive + 1) / 2) / (positive * (len(outcomes) - positive))


def measure(data_set: ModuleType, folder: Path) -> list[Measured]:
    """Publishes the snapshots that are needed, below `folder`, and measures each as_of of the data set."""
    name = data_set.__name__
    data, warehouse = folder / "data", folder / "warehouse"
    data_set.prepare(data)
    con = oracle.connect()
    data_set.load(con, data)
    later = {as_of + timedelta(days) for as_of in AS_OFS[data_set] for days in (0, *HORIZONS_DAYS)}
    for day in sorted(later):
        rfmart.publish(HERE / f"{name}.yaml", day, data, warehouse)
    return [measure_day(con, name, as_of, warehouse) for as_of in AS_OFS[data_set]]


def measure_day(con: duckdb.DuckDBPyConnection, name: str, as_of: date, warehouse: Path) -> Measured:
    files = {
        key: rfmart.part(warehouse, "fct_lifecycle_snapshot", as_of + timedelta(days))
        for key, days in {"at_as_of": 0, "after_30_days": 30, "after_90_days": 90}.items()
    }
    con.execute(CUSTOMER.format(as_of=as_of, **files))
    rankings = [
        ranking(con, "silence_risk", outcome)
        for outcome in (
            "is_absent_30_days",
            "is_absent_90_days",
            "is_silent_after_30_days",
            "is_silent_after_90_days",
        )
    ]
    rankings.append(ranking(con, "churn_risk", "is_absent_90_days"))
    bands = [
        *calibration(con, "silence_risk", "is_silent_after_30_days"),
        *calibration(con, "churn_risk", "is_absent_90_days"),
    ]
    return Measured(name, as_of, rankings, bands)


def ranking(con: duckdb.DuckDBPyConnection, risk: str, outcome: str) -> Ranking:
    scores, recencies, ratios, outcomes = zip(
        *con.execute(
            f"select {risk}, recency_days, recency_days / usual_gap_days, {outcome} from customer where {risk} is not null"
        ).fetchall(),
        strict=True,
    )
    return Ranking(
        risk,
        outcome,
        len(outcomes),
        sum(outcomes) / len(outcomes),
        area_under_curve(scores, outcomes),
        area_under_curve(recencies, outcomes),
        area_under_curve(ratios, outcomes) if risk == "silence_risk" else None,
    )


def calibration(con: duckdb.DuckDBPyConnection, risk: str, outcome: str) -> list[Band]:
    rows = con.execute(
        f"""
        select risk_band, count(*), avg({risk}), avg({outcome}::int)
        from customer
        where {risk} is not null
        group by risk_band
        """
    ).fetchall()
    return [Band(risk, outcome, *row) for row in sorted(rows, key=lambda row: BAND_ORDER.index(row[0]))]


def main() -> None:
    """Prints the measures as Markdown tables."""
    with tempfile.TemporaryDirectory() as folder:
        found = [day for data_set in AS_OFS for day in measure(data_set, Path(folder) / data_set.__name__)]
    print("| data | as_of | risk | outcome | customers | share | by risk | by recency | by R / gap |")
    print("|---|---|---|---|--:|--:|--:|--:|--:|")
    for day in found:
        for it in day.rankings:
            ratio = "" if it.by_ratio is None else f"{it.by_ratio:.3f}"
            print(
                f"| {day.data_set} | {day.as_of} | {it.risk} | {it.outcome} | {it.customers:,} | {it.share:.3f} "
                f"| {it.by_risk:.3f} | {it.by_recency:.3f} | {ratio} |"
            )
    print("\n| data | as_of | risk | band | customers | mean risk | outcome | observed |")
    print("|---|---|---|---|--:|--:|---|--:|")
    for day in found:
        for it in day.bands:
            print(
                f"| {day.data_set} | {day.as_of} | {it.risk} | {it.band} | {it.customers:,} | {it.mean_risk:.3f} "
                f"| {it.outcome} | {it.observed:.3f} |"
            )


if __name__ == "__main__":
    main()
