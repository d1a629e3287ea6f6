"""Compares the values of tables that two programs wrote: joined on the grain, column by column."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

TOLERANCE = 1e-9
"""Of floats, as a share of the greater value, or of 1 where both are small."""
FLOATS = {"DOUBLE", "FLOAT"}
SHOWN_ROWS = 3


@dataclass(frozen=True)
class Table:
    """A table of which several programs write at least a part."""

    name: str
    grain: tuple[str, ...]
    rows: str = "true"
    """Which rows are compared: those that the SQL makes."""


CUSTOMER = ("scope", "scope_id", "customer_id")
METRICS = "metric in ('revenue', 'consuming_customers', 'average_transaction_value')"
TABLES = (
    Table("fct_customer_rfm", CUSTOMER),
    Table("fct_score_cut_point", ("scope", "scope_id", "metric")),
    Table("fct_lifecycle_snapshot", CUSTOMER),
    Table("fct_lifecycle_transition", ("scope", "scope_id", "from_stage", "to_stage")),
    Table("fct_period_summary", ("scope", "scope_id")),
    Table("fct_branch_comparison", ("branch_id", "metric"), METRICS),
)
CUSTOMER_TABLES = tuple(table for table in TABLES if table.grain == CUSTOMER)


@dataclass
class Comparison:
    """What became of one table."""

    table: Table
    rows: int = 0
    columns: list[str] = field(default_factory=list)
    """Columns that both have."""
    only_ours: list[str] = field(default_factory=list)
    uncompared_rows: int = 0
    differences: list[str] = field(default_factory=list)
    """A text per column that differs, with some of its rows."""


def compare(table: Table, ours: Path | str, theirs: Path | str) -> Comparison:
    """Compares the columns of `theirs`, which are all expected in `ours`, and that neither side has rows of its own."""
    # Only where it is needed: what measures has to stay small, for a child's peak counts its parent's memory, too.
    import duckdb

    con = duckdb.connect()
    # Folders named dt=… are not columns.
    ours, theirs = (f"read_parquet('{files}', hive_partitioning = false)" for files in (ours, theirs))
    describe = "select column_name, column_type from (describe from {})"
    types = [dict(con.sql(describe.format(side)).fetchall()) for side in (ours, theirs)]
    result = Comparison(table, only_ours=[column for column in types[0] if column not in types[1]])
    missing = [column for column in types[1] if column not in types[0]]
    if missing:
        result.differences.append(f"{table.name}: only the other side has {', '.join(missing)}")
        return result
    result.columns = [column for column in types[1] if column not in table.grain]
    result.rows, result.uncompared_rows = con.sql(
        f"select count(*) filter ({table.rows}), count(*) filter (not ({table.rows})) from {ours}"
    ).fetchall()[0]
    con.execute(f"create temp table ours as select *, true as is_there from {ours} where {table.rows}")
    con.execute(f"create temp table theirs as select *, true as is_there from {theirs}")
    same_grain = " and ".join(f"ours.{column} is not distinct from theirs.{column}" for column in table.grain)
    con.execute(f"create view joined as select ours, theirs from ours full join theirs on {same_grain}")
    for side in ("ours", "theirs"):
        repeated = con.sql(f"select count(*) - count(distinct ({', '.join(table.grain)})) from {side}").fetchall()[0][0]
        if repeated:
            result.differences.append(f"{table.name}: {repeated} rows of {side} repeat {', '.join(table.grain)}")
    # A row that only one side has.
    unequal = {"is_there": "ours.is_there is distinct from theirs.is_there"}
    both = "ours.is_there and theirs.is_there and"
    for column in result.columns:
        one, other = f"ours.{column}", f"theirs.{column}"
        if {types[0][column], types[1][column]} & FLOATS:
            near = f"abs({one} - {other}) <= {TOLERANCE} * greatest(1, abs({one}), abs({other}))"
            unequal[column] = f"{both} (({one} is null) <> ({other} is null) or not coalesce({near}, true))"
        else:
            unequal[column] = f"{both} {one} is distinct from {other}"
    counts = con.sql(
        "select " + ", ".join(f"count(*) filter ({condition})" for condition in unequal.values()) + " from joined"
    ).fetchall()[0]
    for (column, condition), count in zip(unequal.items(), counts, strict=True):
        if count:
            result.differences.append(_shown(con, table, column, condition, count))
    return result


def _shown(con: duckdb.DuckDBPyConnection, table: Table, column: str, condition: str, count: int) -> str:
    """The difference in a column, with its first rows."""
    keys = [f"coalesce(ours.{key}, theirs.{key})" for key in table.grain]
    values = [f"{side}.{column}" for side in ("ours", "theirs")]
    rows = con.sql(
        f"select {', '.join(keys + values)} from joined where {condition} order by all limit {SHOWN_ROWS}"
    ).fetchall()
    lines = [f"{table.name}.{column}: {count} rows differ"]
    for row in rows:
        key = ", ".join(f"{name} {value}" for name, value in zip(table.grain, row, strict=False))
        lines.append(f"  {key}: {row[-2]} and {row[-1]}")
    return "\n".join(lines)
