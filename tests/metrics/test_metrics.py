"""A metric is defined once: tables, semantic layer and page tell the same of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import rfmart
import semantic_layer

REPORT = rfmart.ROOT / "report"
LATEST = "2026-11-15"
WITHOUT_SCOPES = {
    *("fct_first_to_second", "fct_branch_driver", "fct_value_curve"),
    *("fct_acquisition_funnel", "fct_action_outcome", "fct_staff_performance"),
}
LANGUAGES = {"zh-Hant": "name_zh_hant", "zh-Hans": "name_zh_hans", "en": "name_en"}


def metrics(tables):
    """The metrics as they are published, by name."""
    found = tables.execute(f"select * from dim_metric where as_of = '{LATEST}' order by metric")
    names = [column[0] for column in found.description]
    return {row["metric"]: row for row in (dict(zip(names, values)) for values in found.fetchall())}


def value(tables, metric, scope="true"):
    """What a metric's measure gives of the latest snapshot."""
    query = f"select {metric['measure']} from {metric['table_name']} where as_of = '{LATEST}' and {scope}"
    return tables.execute(query).fetchone()[0]


def same(one, other):
    """The same number, or both nothing."""
    return one == other if one is None or other is None else float(one) == pytest.approx(float(other), rel=1e-9)


def test_branches_are_compared_by_metrics_and_by_their_values(tables):
    defined = metrics(tables)
    found = tables.execute(f"select metric, branch_id, value from fct_branch_comparison where as_of = '{LATEST}'")
    rows = found.fetchall()
    assert len(rows) > 100
    for name, branch, compared in rows:
        assert name in defined
        of_branch = value(tables, defined[name], f"scope = 'branch' and scope_id = '{branch}'")
        assert same(of_branch, compared), (name, branch)


def test_what_adds_up_over_branches_gives_the_chains_value(tables):
    told = json.loads(rfmart.succeed("docs", "--format", "json").stdout)["tables"]
    additive = {
        metric["name"]: table["name"]
        for table in told
        for metric in table.get("metrics", [])
        if "scope_id" in metric["additive_over"]
    }
    owed = {f"{of}_{what}" for of in ("sessions", "value") for what in ("owed", "expiring_30_days")}
    summed = {"revenue", "profit", "orders", "visits", "window_monetary", "chain_new_customers", "points_balance"}
    assert summed | owed == set(additive)
    for name in additive:
        metric = metrics(tables)[name]
        assert same(value(tables, metric, "scope = 'branch'"), value(tables, metric, "scope = 'chain'")), name


def test_metricflow_finds_nothing_wrong(tables):
    assert semantic_layer.issues(semantic_layer.manifest()) == []


def test_each_metric_is_the_same_by_metricflow(tables, layer):
    latest = ["{{ TimeDimension('metric_time', 'day') }} = '" + LATEST + "'"]
    for name, metric in metrics(tables).items():
        has_scope = metric["table_name"] not in WITHOUT_SCOPES
        expected = value(tables, metric, "scope = 'chain'" if has_scope else "true")
        [(found,)] = layer.values([name], where=latest)
        assert same(found, expected), name


def test_a_period_is_told_by_its_last_snapshot(tables, layer):
    expected = tables.execute(
        "select date_trunc('month', as_of), revenue from fct_period_summary where scope = 'chain' order by as_of"
    ).fetchall()
    found = layer.values(["revenue"], group_by=["metric_time__month"])
    assert len(found) > 4
    assert [(str(month)[:7], float(money)) for month, money in found] == [
        (str(month)[:7], float(money)) for month, money in expected
    ]


def test_branches_are_told_apart_by_metricflow(tables, layer):
    latest = ["{{ TimeDimension('metric_time', 'day') }} = '" + LATEST + "'"]
    names = ["average_transaction_value_by_branch", "customers_by_branch", "revenue_by_branch"]
    found = layer.values(names, group_by=["period_summary__scope_id"], where=latest)
    expected = tables.execute(
        "select scope_id, average_transaction_value, customers, revenue from fct_period_summary"
        " where scope = 'branch' and as_of = ? order by scope_id", [LATEST],
    ).fetchall()  # fmt: skip
    assert len(found) == 12
    for row, other in zip(found, expected):
        assert row[0] == other[0]
        assert all(same(one, another) for one, another in zip(row[1:], other[1:])), row


@pytest.mark.parametrize(("language", "column"), LANGUAGES.items())
def test_the_page_has_no_name_for_a_metric_of_its_own(tables, language, column):
    labels = {metric[column] for metric in metrics(tables).values()}
    texts = json.loads((REPORT / "texts" / f"{language}.json").read_text("utf-8"))
    assert [key for key, text in texts.items() if text in labels] == []


def test_the_pages_script_says_of_no_metric_which_way_is_good_or_how_it_is_written(tables):
    names = "|".join(metrics(tables))
    # A metric's name, then in the same literal a direction or a way of writing numbers.
    restated = re.compile(rf"""["']?\b(?:{names})\b["']?\s*[:,]\s*[\[{{(][^\n]*\b(?:up|down|money|percent|count)\b""")
    for script in sorted(Path(REPORT / "script").glob("*.js")):
        assert restated.findall(script.read_text("utf-8")) == [], script.name
