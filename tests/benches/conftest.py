"""What the bench's own tests share: its modules, and values in Parquet files."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benches"))


@pytest.fixture
def parquet(tmp_path):
    """Writes a query's rows to a file, and gives its path."""

    def write(name: str, query: str) -> Path:
        path = tmp_path / f"{name}.parquet"
        duckdb.connect().execute(f"copy ({query}) to '{path}' (format parquet)")
        return path

    return write
