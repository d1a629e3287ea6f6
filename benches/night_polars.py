"""The two tables of customers in Polars, on its streaming engine: DATA OUT AS_OF LAYOUT.

All columns of fct_customer_rfm and fct_lifecycle_snapshot that night_duckdb.sql writes, by the same rules, packages,
corrections and paid-back orders included. Every plan runs on the streaming engine, from the scan to the sinks; what
several plans need is worked out once and kept (as one plan with two sinks it was worked out anew for each use, in six
times the CPU).
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

import inputs
import polars as pl

DAYS = timedelta(days=1)
GROUP = ["scope", "scope_id", "customer_id"]
# Their sums are exact, and so are their comparisons.
MONEY = pl.Decimal(18, 2)


class Span:
    """The days that a snapshot's rules speak of."""

    def __init__(self, as_of: date) -> None:
        self.as_of = as_of
        self.opening = as_of.replace(day=1) - DAYS
        self.window_start = as_of - 365 * DAYS


# How CSV is read.
CSV_TYPES = {
    "text": pl.String,
    "integer": pl.Int64,
    "money": MONEY,
    "branch's time": pl.Datetime("us"),
    "instant": pl.Datetime("us", "UTC"),
}


def scan(data: str, entity: str, layout: str) -> pl.LazyFrame:
    """The rows of all files, with their file and their place in it."""
    files = inputs.pattern(data, entity, layout)
    if layout == "csv":
        types = {column: CSV_TYPES[kind] for column, kind in inputs.COLUMNS[entity].items()}
        rows = pl.scan_csv(files, schema=types, include_file_paths="file", row_index_name="row")
    else:
        rows = pl.scan_parquet(files, include_file_paths="file", row_index_name="row")
    return rows.select(*inputs.needed(entity), "file", "row")


def with_day(rows: pl.LazyFrame, column: str, branches: pl.DataFrame, layout: str) -> pl.LazyFrame:
    """Adds the branch's local day; rows without a branch that is known have the chain's."""
    if layout == "csv":
        return rows.with_columns(pl.col(column).dt.date().alias("day"))
    day = pl.col(column).dt.convert_time_zone(inputs.ZONE).dt.date()
    for zone in branches["timezone"].unique():
        if zone != inputs.ZONE:
            its_branches = branches.filter(pl.col("timezone") == zone)["branch_id"]
            there = pl.col(column).dt.convert_time_zone(zone).dt.date()
            day = pl.when(pl.col("branch_id").is_in(its_branches.implode())).then(there).otherwise(day)
    return rows.with_columns(day.alias("day"))


def latest(rows: pl.LazyFrame, key: list[str]) -> pl.LazyFrame:
    """A row per key: the one written last, then of the later file. Only the few keys that come twice are sorted."""
    repeated = rows.group_by(key).len().filter(pl.col("len") > 1).select(key)
    once = rows.join(repeated, on=key, how="anti")
    corrected = (
        rows.join(repeated, on=key, how="semi")
        .sort("updated_at", "file", "row", nulls_last=False)
        .unique(key, keep="last", maintain_order=True)
    )
    return pl.concat([once, corrected])


def kept(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The same rows, worked out now, for several uses."""
    return rows.collect(engine="streaming").lazy()


def is_money() -> pl.Expr:
    """Lines that count as paid or paid back."""
    return (pl.col("status") == "paid") | ((pl.col("status") == "refunded") & (pl.col("amount") < 0))


def emptied_orders(lines: pl.LazyFrame, span: Span) -> pl.LazyFrame:
    """Orders that are paid back in full by the snapshot's day, or by the opening's."""
    key = ["branch_id", "order_id"]
    refunded = lines.filter((pl.col("amount") < 0) & (pl.col("status") != "cancelled")).select(key).unique()
    is_early = pl.col("day") <= span.opening
    return (
        lines.filter(is_money())
        .join(refunded, on=key, how="semi")
        .group_by(key)
        .agg(
            (pl.col("amount").sum() <= 0).alias("is_emptied"),
            pl.when(is_early).then("amount").otherwise(0).sum().alias("open_amount"),
            (is_early & (pl.col("amount") < 0)).any().alias("is_open_refunded"),
        )
        .select(
            *key,
            "is_emptied",
            ((pl.col("open_amount") <= 0) & pl.col("is_open_refunded")).alias("is_open_emptied"),
        )
    )


def customer_days(lines: pl.LazyFrame, visits: pl.LazyFrame, emptied: pl.LazyFrame) -> pl.LazyFrame:
    """Customers' days in a branch and in the chain, with money and whether they came, seen now and from the opening."""
    stands = [
        ((pl.col("amount") >= 0) & ~pl.col(is_emptied).fill_null(value=False)).alias(name)
        for name, is_emptied in (("is_close", "is_emptied"), ("is_open", "is_open_emptied"))
    ]
    bought = (
        lines.filter(is_money())
        .join(emptied, on=["branch_id", "order_id"], how="left")
        .select("customer_id", "branch_id", "day", "amount", *stands)
    )
    came = visits.filter((pl.col("status") == "attended") & (pl.col("kind") != "consultation")).select(
        "customer_id",
        "branch_id",
        "day",
        pl.lit(0).cast(MONEY).alias("amount"),
        pl.lit(value=True).alias("is_close"),
        pl.lit(value=True).alias("is_open"),
    )
    facts = [pl.col("amount").sum(), pl.col("is_close").any(), pl.col("is_open").any()]
    in_branch = kept(pl.concat([bought, came]).group_by("customer_id", "branch_id", "day").agg(facts))
    in_chain = in_branch.group_by("customer_id", "day").agg(facts)
    return scoped(in_branch, in_chain)


def scoped(in_branch: pl.LazyFrame, in_chain: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of the branches and of the chain, one below the other."""
    return pl.concat(
        [
            in_branch.rename({"branch_id": "scope_id"}).with_columns(pl.lit("branch").alias("scope")),
            in_chain.with_columns(pl.lit("*").alias("scope_id"), pl.lit("chain").alias("scope")),
        ],
        how="diagonal",
    )


def customers_of(days: pl.LazyFrame, span: Span) -> pl.LazyFrame:
    """What the days make of a customer, now and at the opening."""

    def moment(came: str, today: date, prefix: str) -> list[pl.Expr]:
        is_seen = pl.col(came) & (pl.col("day") <= today)
        return [
            pl.when(is_seen).then("day").max().alias(f"{prefix}last_day"),
            is_seen.sum().alias(f"{prefix}days"),
            *(
                (is_seen & (pl.col("day") > today - last * DAYS)).sum().alias(f"{prefix}days_{last}")
                for last in (180, 120, 90)
            ),
        ]

    is_recent = pl.col("day") > span.window_start
    return days.group_by(GROUP).agg(
        *moment("is_close", span.as_of, ""),
        *moment("is_open", span.opening, "open_"),
        pl.when("is_close").then("day").min().alias("first_day"),
        (pl.col("is_close") & is_recent).sum().cast(pl.Int64).alias("frequency"),
        pl.when(is_recent).then("amount").otherwise(0).sum().cast(MONEY).alias("monetary"),
    )


def rfm(customers: pl.LazyFrame, span: Span) -> pl.LazyFrame:
    """The table fct_customer_rfm."""
    measured = customers.filter(pl.col("last_day").is_not_null()).select(
        *GROUP,
        "last_day",
        (pl.lit(span.as_of) - pl.col("last_day")).dt.total_days().cast(pl.Int32).alias("recency_days"),
        "frequency",
        "monetary",
    )
    is_ranked = pl.col("last_day") > span.window_start
    metrics = {"recency": "last_day", "frequency": "frequency", "monetary": "monetary"}
    ranked = measured.filter(is_ranked).with_columns(
        (1 + 5 * (pl.col(value).rank("min").over("scope_id").cast(pl.Int64) - 1) // pl.len().over("scope_id"))
        .cast(pl.Int32)
        .alias(f"{metric}_score")
        for metric, value in metrics.items()
    )
    unranked = measured.filter(~is_ranked).with_columns(
        pl.lit(1, pl.Int32).alias(f"{metric}_score") for metric in metrics
    )
    means = ranked.group_by("scope_id").agg(
        pl.len().cast(pl.Int64).alias("ranked"),
        *(pl.col(f"{metric}_score").cast(pl.Int64).sum().alias(f"{metric}_sum") for metric in metrics),
    )
    highs = [
        (pl.col(f"{metric}_score").cast(pl.Int64) * pl.col("ranked") >= pl.col(f"{metric}_sum"))
        .fill_null(value=False)
        .alias(f"is_{metric}_high")
        for metric in metrics
    ]
    letter = [pl.when(f"is_{metric}_high").then(pl.lit("H")).otherwise(pl.lit("L")) for metric in metrics]
    return (
        pl.concat([ranked, unranked])
        .join(means, on="scope_id", how="left")
        .with_columns(highs)
        .select(
            pl.lit(span.as_of).alias("as_of"),
            *GROUP,
            "recency_days",
            "frequency",
            "monetary",
            *(f"{metric}_score" for metric in metrics),
            pl.concat_str(f"{metric}_score" for metric in metrics).alias("rfm_cell"),
            *(f"is_{metric}_high" for metric in metrics),
            pl.concat_str(letter).alias("segment"),
            (pl.col("is_frequency_high") & (pl.col("frequency") >= 2) & ~pl.col("is_monetary_high")).alias(
                "low_value_high_activity"
            ),
        )
        .sort(GROUP)
    )


def holders(lines: pl.LazyFrame, visits: pl.LazyFrame, emptied: pl.LazyFrame, span: Span) -> pl.LazyFrame:
    """Whose packages last, or when they ended; now and at the opening."""
    used = (
        visits.filter(
            (pl.col("kind") == "package_session") & (pl.col("status") == "attended") & pl.col("order_id").is_not_null()
        )
        .group_by("order_branch_id", "order_id")
        .agg(pl.col("day").sort().alias("session_days"))
        .rename({"order_branch_id": "branch_id"})
    )
    used_up_on = pl.col("session_days").list.get(pl.col("package_sessions") - 1, null_on_oob=True)
    packages = (
        lines.filter(pl.col("package_sessions").is_not_null() & (pl.col("amount") >= 0) & (pl.col("status") == "paid"))
        .join(used, on=["branch_id", "order_id"], how="left")
        .join(emptied, on=["branch_id", "order_id"], how="left")
        .with_columns((pl.col("day") + 365 * DAYS).alias("expires_on"))
        .select(
            "customer_id",
            "branch_id",
            "day",
            "expires_on",
            pl.coalesce(used_up_on, "expires_on").alias("ended_on"),
            (~pl.col("is_emptied").fill_null(value=False)).alias("is_close"),
            (~pl.col("is_open_emptied").fill_null(value=False)).alias("is_open"),
        )
    )
    over_on = pl.min_horizontal("ended_on", "expires_on")

    def moment(stands: str, today: date, prefix: str) -> list[pl.Expr]:
        is_bought = pl.col(stands) & (pl.col("day") <= today)
        return [
            (is_bought & (over_on > today)).any().alias(f"{prefix}has_package"),
            pl.when(is_bought & (over_on <= today)).then(over_on).max().alias(f"{prefix}ended_on"),
        ]

    return (
        scoped(packages, packages.drop("branch_id"))
        .group_by(GROUP)
        .agg(*moment("is_close", span.as_of, ""), *moment("is_open", span.opening, "open_"))
    )


def known_from(lines: pl.LazyFrame, visits: pl.LazyFrame, leads: pl.LazyFrame) -> pl.LazyFrame:
    """The first day that anything was seen of somebody."""
    first = pl.col("day").min()
    seen = [rows.select("customer_id", "branch_id", "day") for rows in (lines, visits, leads)]
    in_branch = kept(pl.concat(seen).group_by("customer_id", "branch_id").agg(first))
    in_chain = in_branch.group_by("customer_id").agg(first)
    return scoped(in_branch.filter(pl.col("branch_id").is_not_null()), in_chain)


def stage_of(prefix: str, today: date) -> pl.Expr:
    """The first rule of the ladder that holds."""

    def column(name: str) -> pl.Expr:
        return pl.col(f"{prefix}{name}")

    last_day = column("last_day")
    has_package = column("has_package").fill_null(value=False)
    idle_since = pl.max_horizontal(last_day, column("ended_on"))
    return (
        pl.when(last_day.is_null())
        .then(pl.lit("potential"))
        .when(~has_package & (idle_since <= today - 180 * DAYS))
        .then(pl.lit("dead"))
        .when(~has_package & (idle_since <= today - 90 * DAYS))
        .then(pl.lit("dormant"))
        .when(column("days_180") >= 5)
        .then(pl.lit("loyal"))
        .when((last_day > today - 120 * DAYS) & (column("days_120") >= 3))
        .then(pl.lit("active"))
        .when((last_day > today - 90 * DAYS) & (column("days_90") >= 2))
        .then(pl.lit("effective"))
        .when((column("days") == 1) & (last_day >= today - 30 * DAYS))
        .then(pl.lit("new"))
        .otherwise(pl.lit("silent"))
    )


def snapshot(known: pl.LazyFrame, customers: pl.LazyFrame, packages: pl.LazyFrame, span: Span) -> pl.LazyFrame:
    """The table fct_lifecycle_snapshot."""
    return (
        known.join(customers, on=GROUP, how="left")
        .join(packages, on=GROUP, how="left")
        .select(
            pl.lit(span.as_of).alias("as_of"),
            *GROUP,
            stage_of("", span.as_of).alias("stage"),
            pl.when(pl.col("day") <= span.opening).then(stage_of("open_", span.opening)).alias("previous_stage"),
            pl.col("first_day").alias("first_consumed_on"),
            pl.col("last_day").alias("last_consumed_on"),
        )
        .sort(GROUP)
    )


def main() -> None:
    """Runs the plans."""
    data, out, as_of, layout = sys.argv[1], Path(sys.argv[2]), date.fromisoformat(sys.argv[3]), sys.argv[4]
    out.mkdir(parents=True)
    span = Span(as_of)
    branches = pl.read_parquet(f"{data}/branches.parquet", columns=["branch_id", "timezone"])

    def rows(entity: str, time_column: str) -> pl.LazyFrame:
        scanned = scan(data, entity, layout)
        return with_day(scanned, time_column, branches, layout).filter(pl.col("day") <= as_of)

    def publish(table: pl.LazyFrame, name: str) -> None:
        table.sink_parquet(out / f"{name}.parquet", compression="zstd", compression_level=3, engine="streaming")

    lines = kept(latest(rows("orders", "paid_at"), ["branch_id", "order_id", "line_no"]))
    visits = kept(latest(rows("visits", "visited_at"), ["branch_id", "visit_id"]))
    leads = rows("leads", "created_at")
    emptied = kept(emptied_orders(lines, span))
    customers = kept(customers_of(customer_days(lines, visits, emptied), span))
    publish(rfm(customers, span), "fct_customer_rfm")
    packages = holders(lines, visits, emptied, span)
    publish(snapshot(known_from(lines, visits, leads), customers, packages, span), "fct_lifecycle_snapshot")


if __name__ == "__main__":
    main()
