"""Runs night_duckdb.sql: DATA OUT AS_OF LAYOUT MEMORY THREADS."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import inputs

CSV_TYPES = {
    "text": "varchar",
    "integer": "bigint",
    "money": "decimal(18, 2)",
    "branch's time": "timestamp",
    "instant": "timestamptz",
}


def rows_of(data: str, entity: str, layout: str) -> str:
    """What reads an entity's rows, with their file and their place in it."""
    files = inputs.pattern(data, entity, layout)
    if layout != "csv":
        return f"select * from read_parquet('{files}', filename = true, file_row_number = true)"
    types = {column: CSV_TYPES[kind] for column, kind in inputs.COLUMNS[entity].items()}
    # DuckDB doesn't tell the place of a row in a CSV file. No two rows of a key were written at the same time here.
    return f"""
        select *, 0 as file_row_number
        from read_csv('{files}', auto_detect = false, header = true, columns = {types}, filename = true)"""


def main() -> None:
    """Defines the inputs and runs the statements."""
    data, out, as_of, layout, memory, threads = sys.argv[1:]
    Path(out).mkdir(parents=True)
    con = duckdb.connect(
        config={"threads": int(threads), "memory_limit": memory, "autoinstall_known_extensions": False}
    )
    con.execute(f"set TimeZone = 'UTC'; set preserve_insertion_order = false; set temp_directory = '{out}/spill'")
    # Times in CSV are the branch's own already: as if every branch lay in UTC.
    zone = "UTC" if layout == "csv" else inputs.ZONE
    zone_of_branch = "'UTC'" if layout == "csv" else f"coalesce(timezone, '{zone}')"
    con.execute(f"set variable as_of = '{as_of}'; set variable zone = '{zone}'")
    for entity in inputs.COLUMNS:
        con.execute(f"create view input_{entity} as {rows_of(data, entity, layout)}")
    con.execute(f"""
        create view input_branches as
        select branch_id, {zone_of_branch} as zone from read_parquet('{data}/branches.parquet')""")
    con.execute((Path(__file__).parent / "night_duckdb.sql").read_text().replace("OUT/", f"{out}/"))


if __name__ == "__main__":
    main()
