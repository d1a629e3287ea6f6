"""The whole bench on a tiny chain: every candidate runs, and all that have values agree on them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
import rfmart

SIZE = ("6000", "1000", "6")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The data of all tests here, made once."""
    return tmp_path_factory.mktemp("night")


def night(folder, layout, *, root=rfmart.ROOT, only=""):
    """One round of benches/night.sh."""
    environment = {
        "NIGHT_DIR": str(folder),
        "NIGHT_LAYOUT": layout,
        "NIGHT_ONLY": only,
        "RFMART": str(rfmart.BINARY),
        "RFMART_VENV": sys.prefix,
    }
    command = [str(root / "benches/night.sh"), *SIZE, "1"]
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=rfmart.TIMEOUT_S
    )


def test_all_candidates_agree_on_files_by_month_and_a_day_added(folder):
    done = night(folder, "by-month")
    assert done.returncode == 0, done.stdout + done.stderr
    for ratio in ("rfmart six / DuckDB six", "rfmart two / Polars two", "rfmart six / floor", "one day added / "):
        assert f"\n{ratio}" in done.stdout, done.stdout
    values = done.stdout.partition("\nValues")[2]
    assert values.count("equal: ") == 8
    assert "differs" not in values
    assert "the same bytes as from scratch" in values
    assert "\nfct_" in done.stdout.partition("\nModel, all tables")[2]


def test_all_candidates_agree_on_gzipped_csv_by_branch(folder):
    done = night(folder, "csv", only="rfmart-six duckdb polars floor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("equal: ") == 8


def test_another_constant_fails_the_bench_and_is_named(folder, tmp_path):
    shutil.copytree(rfmart.ROOT / "benches", tmp_path / "benches")
    sql = tmp_path / "benches/night_duckdb.sql"
    was = "as_of - last_day as recency_days"
    assert sql.read_text().count(was) == 1
    sql.write_text(sql.read_text().replace(was, f"1 + {was}"))
    done = night(folder, "by-customer", root=tmp_path, only="rfmart-six duckdb")
    assert done.returncode == 1
    assert "fct_customer_rfm.recency_days: " in done.stderr
    assert "scope branch, scope_id HSC01, customer_id C" in done.stderr
