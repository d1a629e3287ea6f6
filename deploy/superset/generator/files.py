"""The files of the dashboard, as `superset import-dashboards` takes them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import yaml

from . import datasets, layout
from .board import charts, title
from .charts import Chart
from .places import named
from .sidecars import seeds
from .texts import Texts

DATABASE = named("database", "rfmart")
# Where the tables' file is, unless told when the zip is made.
TABLES = "/var/lib/superset/rfmart.duckdb"
# Pale, for Superset writes names on them in black.
SEGMENT_COLORS = {
    "HHH": "#56b4e9", "HLH": "#a6d5f2", "LHH": "#e9b44c", "LLH": "#f2d38f", "HHL": "#6fc3a4", "HLL": "#b3dcc9",
    "LHL": "#e0a9c6", "LLL": "#c9ced4",
}  # fmt: skip
STAGE_COLORS = {
    "potential": "#8a929b", "new": "#56b4e9", "effective": "#009e73", "active": "#0072b2", "loyal": "#004b76",
    "silent": "#e6b422", "dormant": "#e69f00", "dead": "#d55e00",
}  # fmt: skip


def files(language: str = "zh-Hant", tables: str = TABLES) -> dict[str, str]:
    """Each file's text by its path in the zip."""
    texts = Texts(language)
    documents = {
        "metadata.yaml": {"version": "1.0.0", "type": "Dashboard", "timestamp": "2026-01-01T00:00:00+00:00"},
        "databases/rfmart.yaml": _database(tables),
        **datasets.documents(texts, DATABASE),
        **{f"charts/{chart.name}.yaml": _chart(chart, texts) for chart in charts()},
        "dashboards/rfmart.yaml": _dashboard(texts),
    }
    return {path: _written(document) for path, document in documents.items()}


def zipped(place: Path, language: str, tables: str) -> None:
    """Writes the zip that `superset import-dashboards` takes."""
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path, text in files(language, tables).items():
            bundle.writestr(f"rfmart/{path}", text)


class _Dumper(yaml.SafeDumper):
    """Queries as blocks, that a change of one is read line by line."""


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def _written(document: dict) -> str:
    return yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


def _database(tables: str) -> dict:
    return {
        "database_name": "rfmart",
        "sqlalchemy_uri": f"duckdb:///{tables}?access_mode=read_only",
        # The tables have a row per customer: the dashboard's datasets hold totals only.
        "expose_in_sqllab": False,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {"allows_virtual_table_explore": True},
        "uuid": DATABASE,
        "version": "1.0.0",
    }


def _chart(chart: Chart, texts: Texts) -> dict:
    return {
        "slice_name": title(chart, texts),
        "viz_type": chart.form,
        "params": _in_language(chart.params, texts),
        "uuid": named("chart", chart.name),
        "dataset_uuid": named("dataset", chart.dataset),
        "version": "1.0.0",
    }


def _in_language(value, texts: Texts):
    """Parameters with texts for their keys, which begin with `$`."""
    if isinstance(value, dict):
        return {name: _in_language(inner, texts) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_in_language(inner, texts) for inner in value]
    return texts[value[1:]] if isinstance(value, str) and value.startswith("$") else value


def _dashboard(texts: Texts) -> dict:
    return {
        "dashboard_title": texts["board.title"],
        "description": texts["board.reading"],
        "slug": "rfmart",
        "published": True,
        "uuid": named("dashboard", "rfmart"),
        "position": layout.position(texts),
        "metadata": {
            "native_filter_configuration": [_filter(texts)],
            "cross_filters_enabled": False,
            "color_scheme": "rfmart",
            "label_colors": _label_colors(texts),
            "refresh_frequency": 0,
        },
        "version": "1.0.0",
    }


def _filter(texts: Texts) -> dict:
    """The snapshot, one at a time: without a choice, the latest."""
    return {
        "id": "NATIVE_FILTER-snapshot",
        "name": texts["filter.snapshot"],
        "description": texts["filter.snapshot_reading"],
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "targets": [{"datasetUuid": named("dataset", "snapshots"), "column": {"name": "snapshot"}}],
        "controlValues": {
            "multiSelect": False,
            "enableEmptyFilter": True,
            "defaultToFirstItem": True,
            "inverseSelection": False,
            "searchAllOptions": False,
            "sortAscending": False,
        },
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
    }


def _label_colors(texts: Texts) -> dict[str, str]:
    """The colour of each life stage and segment, by all names that they have on the dashboard."""
    found = {}
    for stage in seeds("stage"):
        name = stage[texts.column("name")]
        for label in (name, f"{texts['side.opening']} {name}", f"{texts['side.closing']} {name}"):
            found[label] = STAGE_COLORS[stage["stage"]]
    for segment in filter(lambda row: row["naming"] == "articles", seeds("segment")):
        found[segment[texts.column("name")]] = SEGMENT_COLORS[segment["segment"]]
    return found
