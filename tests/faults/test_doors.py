"""The doors: a Delta log per table, and a catalog of all tables, over the same files as a glob."""

from __future__ import annotations

import duckdb
import polars
import pytest
import rfmart
from deltalake import DeltaTable
from warehouse import DAYS, Chain, Files

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
