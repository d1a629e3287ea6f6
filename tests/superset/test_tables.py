"""The file that Superset opens: whole or not at all, and with every table, though a chain may publish few."""

from __future__ import annotations

import subprocess
import sys

import chains
import duckdb
import pytest
import rfmart
from generator.datasets import DATASETS, query
from generator.texts import LANGUAGES, Texts

TABLES = rfmart.ROOT / "deploy/superset/tables.py"


def make(views: str, place) -> subprocess.CompletedProcess[str]:
    """Makes the file of the views."""
    return subprocess.run([sys.executable, TABLES, place], input=views, text=True, capture_output=True, check=False)


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A clinic that has orders alone, and publishes two tables of them."""
    pipeline = chains.one_branch(tmp_path_factory.mktemp("one") / "few")
    told = "publish: {location: warehouse/, tables: [fct_period_summary, dim_metric]}"
    pipeline.write_text(pipeline.read_text().replace("publish: {location: warehouse/}", told))
    rfmart.succeed("run", pipeline, "--as-of", "2026-07-31")
    return pipeline


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_that_are_not_published_are_empty(few, tmp_path, language):
    assert make(rfmart.succeed("catalog", few).stdout, tmp_path / "rfmart.duckdb").returncode == 0
    tables = duckdb.connect(str(tmp_path / "rfmart.duckdb"), read_only=True)
    rows = {dataset.name: tables.execute(query(dataset, Texts(language), "")).fetchall() for dataset in DATASETS}
    assert len(rows["periods"]) == len(rows["day"]) == 1
    assert rows["headline"]
    assert rows["segments"] == rows["branches"] == rows["contacts"] == []
    assert rows["outcomes"] == rows["channels"] == rows["newcomers"] == rows["expected"] == rows["alive"] == []


def test_a_file_that_cannot_be_made_leaves_the_one_that_is_there(few, tmp_path):
    place = tmp_path / "rfmart.duckdb"
    make(rfmart.succeed("catalog", few).stdout, place)
    before = place.read_bytes()
    # What a `rfmart catalog` that failed leaves to be read.
    assert make("", place).returncode != 0
    assert make("create view dim_snapshot as", place).returncode != 0
    assert place.read_bytes() == before
