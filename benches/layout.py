"""Lays the rows of `rfmart generate --format parquet` out as a chain's exports come.

SOURCE TARGET LAYOUT AS_OF. Called by night.sh. The generator writes a file per block of customers, so everything about
a customer lies together, which no export does. In both layouts here a file holds what was written in a month, all
customers mixed, in the order of days and shuffled within a day:

    by-month  Parquet, orders/2026-10.parquet
    csv       CSV, gzipped, by branch too, orders/TPE01/2026-10.csv.gz; times are the branch's own, without a zone

A third, one-day, takes by-month as its source and lays that out as on the morning before AS_OF's export came, which
waits in the folder `held`.

One order and one visit in 500 is delivered twice: wrong at first, corrected two weeks later, in another file or in
the same one. The corrected rows are the generator's, so every layout of the same rows gives the same tables.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
from inputs import ZONE

LAYOUTS = ("by-month", "csv", "one-day")
CORRECTED_AFTER = "15 days"
CORRECTED_ONE_IN = 500


@dataclass(frozen=True)
class Entity:
    """How one input is laid out."""

    name: str
    key: str
    """What its hash shuffles the rows of a day by: an order's lines stay together."""
    tie: str
    """What orders rows of the same key."""
    written_at: str
    """When the row was written, which says in which file it is."""
    wrong: str | None = None
    """What the row said before it was corrected: a replacement for `select * replace`."""
    local_times: tuple[str, ...] = ()
    """Columns that an export of a branch writes in the branch's time."""
    has_branches: bool = True
    """Whether every branch exports its own."""


ENTITIES = (
    Entity("orders", "order_id, branch_id", "line_no", "updated_at", "amount + 10 as amount", ("paid_at",)),
    Entity("visits", "visit_id, branch_id", "updated_at", "updated_at", "'cancelled' as status", ("visited_at",)),
    # From the chain's web site: not every lead has a branch.
    Entity("leads", "customer_id", "branch_id", "created_at", local_times=("created_at",), has_branches=False),
    Entity("contacts", "contact_id, branch_id", "updated_at", "updated_at", local_times=("contacted_at",)),
)


def deliveries(con: duckdb.DuckDBPyConnection, source: Path, entity: Entity, as_of: str, *, is_by_branch: bool) -> None:
    """Puts every row that a file will hold into the table `delivery`, in the order of the files."""
    written = f"({entity.written_at} at time zone '{ZONE}')::date"
    rows = f"""
        select *, least({written}, date '{as_of}') as written_on
        from read_parquet('{source}/{entity.name}/*.parquet')"""
    if entity.wrong:
        is_corrected = f"""hash({entity.key}, 'corrected') % {CORRECTED_ONE_IN} = 0
            and written_on + interval {CORRECTED_AFTER} <= date '{as_of}'"""
        later = f"""
            {entity.written_at} + interval {CORRECTED_AFTER} as {entity.written_at},
            (written_on + interval {CORRECTED_AFTER})::date as written_on"""
        rows = f"""
            with generated as ({rows})
            from generated where not ({is_corrected})
            union all
            select * replace ({entity.wrong}) from generated where {is_corrected}
            union all
            select * replace ({later}) from generated where {is_corrected}"""
    branch = "branch_id," if is_by_branch else ""
    con.execute(f"""
        create or replace temp table delivery as
        from ({rows})
        order by {branch} written_on, hash({entity.key}), {entity.tie}""")


def write_by_month(con: duckdb.DuckDBPyConnection, target: Path, entity: Entity) -> None:
    """A Parquet file per month."""
    folder = target / entity.name
    folder.mkdir()
    for (month,) in con.execute("select distinct strftime(written_on, '%Y-%m') from delivery").fetchall():
        con.execute(f"""
            copy (
                select * exclude (written_on) from delivery
                where date_trunc('month', written_on) = date '{month}-01'
            ) to '{folder}/{month}.parquet' (format parquet, compression snappy)""")


def write_csv(con: duckdb.DuckDBPyConnection, source: Path, target: Path, entity: Entity) -> None:
    """A gzipped CSV file per branch and month."""
    con.execute(f"""
        create or replace temp table branch as
        select branch_id, timezone as zone from read_parquet('{source}/branches.parquet')""")
    columns = [
        (name, kind) for name, kind, *_ in con.execute("describe delivery").fetchall() if name != "written_on"
    ]
    texts = []
    for name, kind in columns:
        if name in entity.local_times:
            texts.append(f"delivery.{name} at time zone coalesce(branch.zone, '{ZONE}') as {name}")
        elif kind.startswith("TIMESTAMP"):
            texts.append(f"strftime(delivery.{name}, '%Y-%m-%dT%H:%M:%SZ') as {name}")
        else:
            texts.append(f"delivery.{name}")
    branch = "branch_id" if entity.has_branches else "''"
    files = con.execute(f"select distinct {branch}, strftime(written_on, '%Y-%m') from delivery").fetchall()
    for branch_id, month in files:
        folder = target / entity.name / branch_id
        folder.mkdir(parents=True, exist_ok=True)
        of_branch = f"and delivery.branch_id = '{branch_id}'" if branch_id else ""
        # Only as many rows as a file holds are joined: the order stays.
        con.execute(f"""
            copy (
                select {", ".join(texts)}
                from delivery
                left join branch using (branch_id)
                where date_trunc('month', written_on) = date '{month}-01' {of_branch}
            ) to '{folder}/{month}.csv.gz' (format csv, compression gzip)""")


def split_last_day(source: Path, unfinished: Path, as_of: str) -> None:
    """Cuts the last month's files in two; all others are the source's own, linked."""
    ignored = shutil.ignore_patterns("night-*.yaml", "warehouse")
    shutil.copytree(source, unfinished, copy_function=os.link, ignore=ignored)
    held = unfinished / "held"
    held.mkdir()
    con = duckdb.connect()
    for entity in ENTITIES:
        month = source / entity.name / f"{as_of[:7]}.parquet"
        kept = unfinished / entity.name / month.name
        kept.unlink()
        # What was written after midnight is in the file of the last day.
        is_last_day = f"({entity.written_at} at time zone '{ZONE}')::date >= date '{as_of}'"
        for condition, file in ((f"not ({is_last_day})", kept), (is_last_day, held / f"{entity.name}.parquet")):
            con.execute(f"copy (from '{month}' where {condition}) to '{file}' (format parquet, compression snappy)")


def lay_out(source: Path, unfinished: Path, layout: str, as_of: str) -> None:
    """Writes all files of by-month or csv."""
    unfinished.mkdir(parents=True)
    config = {"threads": 2, "memory_limit": "6GiB", "temp_directory": str(unfinished / "spill")}
    con = duckdb.connect(str(unfinished / "spill.duckdb"), config=config)
    con.execute("set TimeZone = 'UTC'")
    for entity in ENTITIES:
        is_by_branch = layout == "csv" and entity.has_branches
        deliveries(con, source, entity, as_of, is_by_branch=is_by_branch)
        if layout == "csv":
            write_csv(con, source, unfinished, entity)
        else:
            write_by_month(con, unfinished, entity)
    con.close()
    for left in unfinished.glob("spill*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    for name in ("branches.parquet", "items.parquet", "spend.parquet"):
        shutil.copy(source / name, unfinished)
    text = (source / "pipeline.yaml").read_text()
    if layout == "csv":
        for entity in ENTITIES:
            was, now = (f"{entity.name}: {{location: {entity.name}/, format: {kind}}}" for kind in ("parquet", "csv"))
            assert was in text, f"the generated pipeline has changed: no {was}"
            text = text.replace(was, now)
    (unfinished / "pipeline.yaml").write_text(text)


def main() -> None:
    """Writes a new folder, which is there when it is whole."""
    source, target, layout, as_of = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    assert layout in LAYOUTS, f"no layout {layout}: there are {', '.join(LAYOUTS)}"
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    if layout == "one-day":
        split_last_day(source, unfinished, as_of)
    else:
        lay_out(source, unfinished, layout, as_of)
    unfinished.rename(target)


if __name__ == "__main__":
    main()
