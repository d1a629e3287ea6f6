"""CDNOW's 69 659 purchases by 23 570 customers, from the PyPI package `lifetimes`."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import duckdb
import pyarrow as pa
from wheel_data import unpacked

ROWS_OF_FIRST_FILE = 40_000
ZONE = "America/New_York"
# What the pipeline says whatever the policy is.
FIXED = {"zone": ZONE}


def purchases() -> list[list[str]]:
    """An id, customer, day, number of CDs and dollars of each row. The file's first line holds names."""
    lines = (unpacked("lifetimes") / "lifetimes/datasets/CDNOW_master.txt").read_text().splitlines()[1:]
    return [[f"P{number:06}", *line.split()] for number, line in enumerate(lines)]


def sample() -> list[list[str]]:
    """The same of the tenth of the customers that the papers on BG/NBD and Gamma-Gamma fit."""
    lines = (unpacked("lifetimes") / "lifetimes/datasets/CDNOW_sample.txt").read_text().splitlines()
    cells = [line.split() for line in lines]
    return [[f"P{number:06}", customer, *rest] for number, (_, customer, *rest) in enumerate(cells)]


def prepare(folder: Path, spread: int = 0, rows: list[list[str]] | None = None) -> None:
    """Writes the shop's export: two CSV files; with `spread`, that many, of the same rows in another order."""
    rows = rows or purchases()
    parts = {"export-1": rows[:ROWS_OF_FIRST_FILE], "export-2": rows[ROWS_OF_FIRST_FILE:]}
    if spread:
        random.Random(spread).shuffle(rows)
        parts = {f"{chr(ord('z') - part)}-export": rows[part::spread] for part in range(spread)}
    (folder / "orders").mkdir(parents=True)
    for name, part in parts.items():
        with (folder / f"orders/{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(["Order No.", "Customer", "Purchase date", "CDs", "Total (USD)"])
            writer.writerows(part)


def load(con: duckdb.DuckDBPyConnection, _folder: Path) -> None:
    """Gives the oracle the package's rows."""
    rows = pa.table(list(zip(*purchases(), strict=True)), names=["order_id", "customer", "day", "cds", "dollars"])
    con.register("purchase", rows)
    con.execute(
        """
        insert into in_orders by name
        select
            order_id,
            customer as customer_id,
            'WEB' as branch_id,
            strptime(day, '%Y%m%d')::date as paid_on,
            dollars::decimal(18, 2) as amount,
            'paid' as status,
            '' as delivered,
        from purchase
        """
    )
