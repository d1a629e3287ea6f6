"""The files of the dashboard: fresh, whole, in each language, and with no metric of their own."""

from __future__ import annotations

import functools
import json
import zipfile

import generate
import pytest
import rfmart
import yaml
from generator.datasets import DATASETS
from generator.files import files, zipped
from generator.texts import LANGUAGES


@functools.cache
def written(language: str) -> dict[str, str]:
    """The files of a language."""
    return files(language)


def documents(language: str, folder: str) -> list[dict]:
    """The files below a folder."""
    return [yaml.safe_load(text) for path, text in written(language).items() if path.startswith(folder)]


def test_the_files_that_are_kept_are_those_that_would_be_written(capsys):
    assert generate.check() == 0, capsys.readouterr().err


def test_a_file_that_is_gone_or_was_changed_is_named(tmp_path, monkeypatch, capsys):
    for path, text in written("zh-Hant").items():
        place = tmp_path / "dashboard" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    monkeypatch.setattr(generate, "KEPT", tmp_path / "dashboard")
    assert generate.check() == 0
    (tmp_path / "dashboard/charts/day.yaml").unlink()
    (tmp_path / "dashboard/dashboards/rfmart.yaml").write_text("changed", "utf-8")
    assert generate.check() == 1
    named = capsys.readouterr().err.splitlines()
    assert [line.split()[0] for line in named] == ["dashboard/charts/day.yaml", "dashboard/dashboards/rfmart.yaml"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_metrics_are_those_of_the_tables(language):
    told = json.loads(rfmart.succeed("docs", "--format", "json").stdout)["tables"]
    defined = {metric["name"]: metric for table in told for metric in table.get("metrics", [])}
    found = [metric for dataset in documents(language, "datasets/") for metric in dataset["metrics"]]
    taken = [metric for metric in found if metric["metric_name"] in defined]
    assert len(taken) > 20
    for metric in taken:
        own = defined[metric["metric_name"]]
        assert metric["expression"] == own["measure"]
        assert metric["verbose_name"] == own["label"][language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_a_chart_asks_for_its_dataset_has(language):
    datasets = {dataset["uuid"]: dataset for dataset in documents(language, "datasets/")}
    asked = 0
    for chart in documents(language, "charts/"):
        dataset = datasets[chart["dataset_uuid"]]
        columns = {column["column_name"]: column for column in dataset["columns"]}
        metrics = {metric["metric_name"] for metric in dataset["metrics"]}
        params = chart["params"]
        for key in ("all_columns", "x_axis", "source", "target", "groupby"):
            for name in as_list(params.get(key)):
                assert columns[name]["verbose_name"], (chart["slice_name"], name)
                asked += 1
        for key in ("metric", "metrics"):
            assert set(as_list(params.get(key))) <= metrics, chart["slice_name"]
        assert {rule["subject"] for rule in params["adhoc_filters"]} <= columns.keys(), chart["slice_name"]
        order = {json.loads(told)[0] for told in params.get("order_by_cols", [])}
        assert order <= columns.keys(), chart["slice_name"]
    assert asked > 80


def as_list(value) -> list[str]:
    """One name, several or none."""
    return value if isinstance(value, list) else [value] if value else []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_called_as_another(language):
    # Superset takes datasets of one name for one.
    names = [dataset["table_name"] for dataset in documents(language, "datasets/")]
    assert len(set(names)) == len(names) == len(DATASETS)
    uuids = [
        document["uuid"]
        for folder in ("datasets/", "charts/", "dashboards/")
        for document in documents(language, folder)
    ]
    assert len(set(uuids)) == len(uuids)


def test_no_dataset_has_a_customers_row():
    for dataset in documents("zh-Hant", "datasets/"):
        assert "customer_id" not in [column["column_name"] for column in dataset["columns"]], dataset["table_name"]


def test_the_zip_opens_the_file_that_it_is_told_and_writes_nothing(tmp_path):
    zipped(tmp_path / "rfmart.zip", "en", "/srv/clinics.duckdb")
    with zipfile.ZipFile(tmp_path / "rfmart.zip") as bundle:
        assert {name.split("/")[0] for name in bundle.namelist()} == {"rfmart"}
        database = yaml.safe_load(bundle.read("rfmart/databases/rfmart.yaml"))
    assert database["sqlalchemy_uri"] == "duckdb:////srv/clinics.duckdb?access_mode=read_only"
    assert not database["allow_dml"]
    assert not database["expose_in_sqllab"]
