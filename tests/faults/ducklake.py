"""Runs SQL of standard input in a new DuckLake, by the DuckDB that its extension is made for.

    python ducklake.py EXTENSION FOLDER < catalog.sql

The lake is FOLDER/lake.ducklake. Each of its tables is copied to FOLDER/<table>.parquet.
"""

from __future__ import annotations

import sys

import duckdb


def main() -> None:
    extension, folder = sys.argv[1:]
    con = duckdb.connect(config={"allow_unsigned_extensions": True})
    con.execute(f"load '{extension}'")
    con.execute(f"attach 'ducklake:{folder}/lake.ducklake' as lake (data_path '{folder}/own'); use lake")
    con.execute(sys.stdin.read())
    for (table,) in con.execute("select table_name from duckdb_tables() where database_name = 'lake'").fetchall():
        con.execute(f"copy lake.{table} to '{folder}/{table}.parquet'")
    # Nothing of a new lake is old, so its cleaning leaves all files where they are.
    con.execute("call ducklake_cleanup_old_files('lake', cleanup_all => true)")


main()
