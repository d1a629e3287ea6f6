"""The demo, published once."""

from __future__ import annotations

import duckdb
import pytest
import rfmart
import semantic_layer


@pytest.fixture(scope="session")
def tables(tmp_path_factory):
    """The demo's tables in DuckDB."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    rfmart.succeed("demo", folder)
    con = duckdb.connect()
    con.execute(rfmart.succeed("catalog", folder / "pipeline.yaml").stdout)
    con.execute("create table days as select unnest(range(date '2026-01-01', date '2027-01-01', interval 1 day)) as day")
    return con


@pytest.fixture(scope="session")
def layer(tables):
    """MetricFlow over them."""
    return semantic_layer.SemanticLayer(semantic_layer.manifest(), tables)
