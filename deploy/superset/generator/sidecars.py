"""What the tables' sidecars say: columns with their types, and metrics with measure, unit, direction and labels."""

from __future__ import annotations

import csv
import dataclasses
import functools

import duckdb
import yaml

from .places import ROOT

TYPES = {
    "text": "varchar",
    "date": "date",
    "boolean": "boolean",
    "int": "integer",
    "bigint": "bigint",
    "double": "double",
    "money": "decimal(18, 2)",
}
# How D3 writes a value, by the first word of its unit; else as a count.
FORMATS = {"currency": ",.0f", "share": ".1%"}
COUNT = ",d"
# It has no sidecar, for no model makes it: the commit does.
DIM_SNAPSHOT = "as_of date, period varchar, is_period_end boolean, run_id varchar, commit_number bigint"


@dataclasses.dataclass(frozen=True)
class Metric:
    """A metric as its table defines it."""

    name: str
    expression: str
    description: str
    unit: str
    direction: str
    labels: dict[str, str]

    @property
    def format(self) -> str:
        """How D3 writes its values."""
        return FORMATS.get(self.unit.split()[0], COUNT)


@functools.cache
def sidecars() -> dict[str, dict]:
    """Each published table's sidecar."""
    found = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted((ROOT / "sql/marts").glob("*.yaml"))}
    return {name: told for name, told in found.items() if "columns" in told}


@functools.cache
def metrics() -> dict[str, Metric]:
    """Every metric by its name."""
    return {told["name"]: _metric(told, table) for table in sidecars().values() for told in table.get("metrics", [])}


def _metric(told: dict, table: dict) -> Metric:
    column = next((column for column in table["columns"] if column["name"] == told["name"]), {})
    expression = told["measure"]
    if "per" in told:
        expression = f"cast({told['measure']} as double) / nullif({told['per']}, 0)"
    return Metric(
        name=told["name"],
        expression=expression,
        description=told.get("description", column.get("description", "")),
        unit=told.get("unit", column.get("unit", "")),
        direction=told["direction"],
        labels=told["label"],
    )


def seeds(name: str) -> list[dict[str, str]]:
    """The rows of a seed: stages or segments with their names."""
    with (ROOT / f"sql/seeds/seed_{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def empty_views() -> dict[str, str]:
    """SQL that makes a view without rows in the form of each published table."""
    found = {}
    for name, told in sidecars().items():
        columns = ", ".join(
            f'cast(null as {TYPES[column["type"]]}) as "{column["name"]}"' for column in told["columns"]
        )
        found[name] = f"create view {name} as select {columns} where false"
    return found


def empty_tables() -> duckdb.DuckDBPyConnection:
    """The published tables without a row."""
    tables = duckdb.connect()
    tables.execute(f"create table dim_snapshot ({DIM_SNAPSHOT})")
    for view in empty_views().values():
        tables.execute(view)
    return tables
