"""`rfmart diff` of two nights of the demo is what another engine finds in the tables."""

from __future__ import annotations

import json
from collections import Counter

import duckdb
import pytest
import rfmart

BEFORE, AFTER = "2026-09-30", "2026-10-31"


@pytest.fixture(scope="module")
def difference(folder):
    found = rfmart.succeed("diff", folder / "pipeline.yaml", BEFORE, AFTER, "--format", "json")
    return json.loads(found.stdout)


def values(warehouse, table, column, day):
    """The column by scope group and customer, of the chain and its branches."""
    rows = duckdb.sql(
        f"select scope_id, customer_id, {column} from '{warehouse}/{table}/dt={day}/*.parquet' "
        "where scope in ('chain', 'branch')"
    ).fetchall()
    return {(scope_id, customer): value for scope_id, customer, value in rows}


@pytest.mark.parametrize(
    ("told", "table", "column"),
    [("stages", "fct_lifecycle_snapshot", "stage"), ("segments", "fct_customer_rfm", "segment")],
)
def test_moves_are_those_of_customers(difference, warehouse, told, table, column):
    before, after = (values(warehouse, table, column, day) for day in (BEFORE, AFTER))
    wanted = Counter()
    for key in before.keys() | after.keys():
        if before.get(key) != after.get(key):
            wanted[key[0], before.get(key), after.get(key)] += 1
    found = {
        (branch["branch_id"], move["from"], move["to"]): move["customers"]
        for branch in difference["branches"]
        for move in branch[told]
    }
    assert len(wanted) > 50
    assert found == wanted


def test_customers_and_money_are_those_of_the_snapshots(difference, warehouse):
    for side, day in enumerate((BEFORE, AFTER)):
        wanted = duckdb.sql(
            f"select scope_id, count(*), (100 * sum(monetary))::bigint from '{warehouse}/fct_lifecycle_snapshot/"
            f"dt={day}/*.parquet' where scope in ('chain', 'branch') group by scope_id order by scope_id"
        ).fetchall()
        found = [
            (branch["branch_id"], branch["customers"][side], branch["monetary_hundredths"][side])
            for branch in difference["branches"]
        ]
        assert found == wanted
