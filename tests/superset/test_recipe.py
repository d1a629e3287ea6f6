"""docs/bi.md names tables, columns and metrics that are there, and its commands do what it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import rfmart

PAGE = (rfmart.ROOT / "docs/bi.md").read_text("utf-8")
# The commit makes it, not a model.
DIM_SNAPSHOT = ["as_of", "period", "is_period_end", "run_id", "commit_number"]


@pytest.fixture(scope="module")
def tables():
    """The published tables as `rfmart docs` tells of them."""
    return {table["name"]: table for table in json.loads(rfmart.succeed("docs", "--format", "json").stdout)["tables"]}


@pytest.fixture(scope="module")
def columns(tables):
    """Their columns."""
    found = {name: [column["name"] for column in table["columns"]] for name, table in tables.items()}
    return found | {"dim_snapshot": DIM_SNAPSHOT}


def rows_below(heading: str) -> list[list[str]]:
    """The cells of the page's one table below a heading, without its own two lines."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def named(cell: str) -> list[str]:
    """The names in a cell."""
    return re.findall(r"`([a-z0-9_]+)`", cell)


def test_each_column_that_is_named_with_its_table_is_there(columns):
    found = re.findall(r"\b((?:fct|dim)_[a-z0-9_]+)[.\[]([a-z0-9_]+)", PAGE)
    assert len(found) > 20
    assert [f"{table}.{column}" for table, column in found if column not in columns[table]] == []


def test_facts_and_dimensions_have_the_columns_by_which_they_are_related(columns):
    rows = rows_below("The model")
    assert len(rows) > 8
    for fact, kept, dimensions, keys in rows:
        table, *_ = named(fact)
        assert set(named(keys)) <= set(columns[table]), table
        assert ("scope" in columns[table]) == ("scope" in named(kept)), table
        assert set(named(kept)) <= set(columns[table]), table
        for dimension in named(dimensions):
            other = columns[dimension]
            # A branch's scope_id and both sides of a transition are the dimension's key under another name.
            renamed = {"scope_id": "branch_id"} | {
                f"{side}_{key}": key for side in ("from", "to") for key in ("stage", "segment")
            }
            assert any(renamed.get(key, key) in other for key in named(keys)), (table, dimension)


def test_the_keys_of_dimensions_are_unique_in_a_day(tables):
    keys = dict(
        re.findall(
            r"`(dim_[a-z]+)\.([a-z_]+)`", PAGE.partition("the\n  key alone is unique")[2].partition("Whoever")[0]
        )
    )
    assert len(keys) == 7
    for table, key in keys.items():
        assert tables[table]["grain"] == ["as_of", key]


def test_what_may_be_added_up_is_what_the_metrics_say(tables):
    defined = {metric["name"]: (table, metric) for table in tables.values() for metric in table.get("metrics", [])}
    additive = {name for name, (_, metric) in defined.items() if metric["additive_over"]}
    *rows, (table, measure, over) = rows_below("What not to sum")
    rows = {named(metric)[0]: (measure, over) for metric, measure, over in rows}
    # One row tells of all metrics of a table.
    rows |= {
        name: (f"sum({named(table)[0]}.{name})", over)
        for name in additive
        if defined[name][0]["name"] == named(table)[0]
    }
    assert rows.keys() == additive
    for name, (measure, over) in rows.items():
        table, metric = defined[name]
        assert measure.strip("`") == metric["measure"].replace("(", f"({table['name']}."), name
        assert named(over) == metric["additive_over"], name


@pytest.mark.full
def test_the_copy_holds_every_table_as_of_one_commit(demo, tmp_path):
    [commands] = re.findall(
        r"```sh\n(.*?)```", PAGE.partition("## A whole snapshot")[2].partition("\n## ")[0], re.DOTALL
    )
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "rfmart").symlink_to(rfmart.BINARY)
    (tmp_path / "bi").mkdir()
    (tmp_path / "deploy").symlink_to(rfmart.ROOT / "deploy")
    env = os.environ | {"PATH": os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])}
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands.replace("clinics.yaml", str(demo))],
        cwd=tmp_path,
        env=env,
        check=True,
    )
    views = duckdb.connect()
    views.execute(rfmart.succeed("catalog", demo).stdout)
    for (table,) in views.execute("select view_name from duckdb_views() where not internal").fetchall():
        copied = views.execute(f"select count(*) from '{tmp_path}/bi/{table}.parquet'").fetchone()
        assert copied == views.execute(f"select count(*) from {table}").fetchone()
    assert len(list(Path(tmp_path / "bi").iterdir())) > 20
