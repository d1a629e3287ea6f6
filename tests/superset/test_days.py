"""The days with which the dashboard compares are those of the report, whatever the period."""

from __future__ import annotations

import re

import chains
import duckdb
import pytest
import rfmart
from generator.datasets import FIGURES
from generator.places import FOLDER
from pages import data

# Closing days, and days inside a period, some of which the month or quarter before doesn't have.
DAYS = {
    "day": ["2026-03-01"],
    "week": ["2026-01-04", "2026-07-29"],
    "month": ["2026-02-28", "2026-03-30"],
    "quarter": ["2026-03-31", "2026-06-29"],
}


@pytest.fixture(scope="module", params=DAYS)
def chain(request, tmp_path_factory):
    """A clinic's pipeline with a period, and the days that it has published."""
    pipeline = chains.one_branch(tmp_path_factory.mktemp("one") / request.param)
    pipeline.write_text(pipeline.read_text() + f"period: {request.param}\n")
    for day in DAYS[request.param]:
        rfmart.succeed("run", pipeline, "--as-of", day)
    return pipeline, DAYS[request.param]


def told_by_the_report(report: chains.Report) -> dict[str, set[str]]:
    """What stands on the page where `report/figures/` has each `$name`."""
    found: dict[str, set[str]] = {}
    for name, figure in data(report)["figures"].items():
        query = (FIGURES / f"{name}.sql").read_text("utf-8").strip()
        literal = re.sub(r"\\\$[a-z_]+", "(?:date )?'([^']+)'", re.escape(query))
        for fact, value in zip(
            re.findall(r"\$([a-z_]+)", query), re.fullmatch(literal, figure["sql"].strip()).groups()
        ):
            found.setdefault(fact, set()).add(value)
    return found


def test_they_are_those_of_the_report(chain):
    pipeline, days = chain
    tables = duckdb.connect()
    tables.execute(rfmart.succeed("catalog", pipeline).stdout)
    shown = (FOLDER / "datasets/shown_day.sql").read_text("utf-8")
    for day in days:
        told = told_by_the_report(chains.written(pipeline, day))
        assert {"previous_as_of", "year_before_as_of", "earliest_period"} <= told.keys()
        answer = tables.execute(shown.replace("$chosen_days", f"where as_of = '{day}'"))
        [row] = [dict(zip([column[0] for column in answer.description], values)) for values in answer.fetchall()]
        assert told == {fact: {str(row[fact])} for fact in told}, day


def test_the_latest_is_shown_unless_another_is_chosen(chain):
    pipeline, days = chain
    tables = duckdb.connect()
    tables.execute(rfmart.succeed("catalog", pipeline).stdout)
    shown = (FOLDER / "datasets/shown_day.sql").read_text("utf-8").replace("$chosen_days", "")
    assert str(tables.execute(f"select as_of from ({shown})").fetchone()[0]) == max(days)
