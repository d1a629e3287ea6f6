"""The doors: a Delta log per table, and a catalog of all tables, over the same files as a glob."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import polars
import pytest
import rfmart
from deltalake import DeltaTable
from warehouse import DAYS, Chain, Files
from wheel_data import unpacked

TABLES = ("fct_customer_rfm", "fct_lifecycle_snapshot", "fct_coverage", "dim_branch", "dim_snapshot")


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("doors")
    chain = Chain(folder / "chain", f"{folder}/warehouse/", Files(folder / "warehouse"))
    for day in DAYS:
        chain.succeed(day)
    chain.write_orders(41)
    chain.succeed(DAYS[0], "--restate", "--reason", "a late customer")
    return chain


def by_glob(chain: Chain, table: str) -> polars.DataFrame:
    frame = polars.read_parquet(f"{chain.location}{table}/*/*.parquet", hive_partitioning=False)
    return frame.sort(frame.columns)


@pytest.mark.parametrize("table", TABLES)
def test_a_delta_reader_sees_what_a_glob_sees(chain, table):
    log = DeltaTable(f"{chain.location}{table}")
    found = polars.from_arrow(log.to_pyarrow_table())
    expected = by_glob(chain, table)
    assert found.columns == expected.columns
    assert found.sort(found.columns).equals(expected)
    assert log.version() == 3


def test_a_delta_reader_sees_earlier_commits(chain):
    # Before the restatement of the first day: its file is gone, those of the other days are what they were.
    log = DeltaTable(f"{chain.location}fct_customer_rfm", version=1)
    assert len(log.file_uris()) == 2


def catalog(chain: Chain, *options: str) -> str:
    return rfmart.succeed("catalog", chain.folder / "pipeline.yaml", *options, env=chain.env).stdout


@pytest.mark.parametrize("table", TABLES)
def test_a_catalog_has_what_a_glob_sees(chain, table):
    con = duckdb.connect()
    con.execute(catalog(chain))
    found = con.sql(f"from {table}").pl()
    assert found.sort(found.columns).equals(by_glob(chain, table))


def test_a_catalog_of_an_earlier_commit_has_its_days_alone(chain):
    text = catalog(chain, "--at", "2")
    assert text.startswith("-- All tables as of commit 2.\n")
    days = {day for day in DAYS if f"/dt={day}/" in text}
    assert days == set(DAYS[:2])


def lake(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a catalog's text makes of a DuckLake in `folder`."""
    (extension,) = unpacked("duckdb_extension_ducklake").glob("**/ducklake.duckdb_extension")
    command = [sys.executable, Path(__file__).with_name("ducklake.py"), extension, folder]
    env = os.environ | {"PYTHONPATH": str(unpacked("duckdb"))}
    return subprocess.run(command, env=env, input=text, capture_output=True, text=True, timeout=rfmart.TIMEOUT_S)


def test_a_lake_has_what_a_glob_sees(chain, tmp_path):
    done = lake(catalog(chain, "--format", "ducklake"), tmp_path)
    assert done.returncode == 0, done.stderr
    for table in TABLES:
        found = polars.read_parquet(tmp_path / f"{table}.parquet")
        assert found.sort(found.columns).equals(by_glob(chain, table)), table
    rfmart.succeed("verify", chain.folder / "pipeline.yaml", env=chain.env)


def test_a_lake_that_has_tables_is_left_alone(chain, tmp_path):
    # What an old version of a table had would count as the lake's to delete, though it holds today, too.
    text = catalog(chain, "--format", "ducklake")
    assert lake(text, tmp_path).returncode == 0
    again = lake(text, tmp_path)
    assert again.returncode == 1
    assert 'Table with name "dim_action" already exists' in again.stderr
