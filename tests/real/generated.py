"""The chain that `rfmart generate` makes up, like the demo's, and the oracle's reading of its files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import rfmart

HERE = Path(__file__).parent
AS_OFS = [date(2026, 9, 30), date(2026, 10, 14), date(2026, 10, 31)]
CUSTOMERS = 2500
ZONE = "Asia/Taipei"
# What the pipeline says whatever the policy is.
FIXED = {"zone": ZONE, "hold_out": (0.2, "aurora", date(2024, 9, 1))}


def prepare(folder: Path) -> None:
    """Generates the chain as Parquet."""
    rfmart.succeed("generate", "--customers", str(CUSTOMERS), "--format", "parquet", folder)


def load(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Gives the oracle the generated files, read by DuckDB."""
    con.execute(f"set variable folder = '{folder}'")
    con.execute((HERE / "generated.sql").read_text())
