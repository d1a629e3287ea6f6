"""Where each chart stands on the dashboard."""

from __future__ import annotations

from .board import SECTIONS, Section, title
from .charts import Chart
from .places import named
from .texts import Texts


def position(texts: Texts) -> dict:
    """The grid: a heading per section, and below it its rows of charts."""
    grid = ["ROOT_ID", "GRID_ID"]
    parts = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": texts["board.title"]}},
    }
    rows = {"ROW-reading": _markdown_row("reading", texts["board.reading"], 10, grid)}
    for section in SECTIONS:
        rows |= _section(section, texts, grid)
    top = [name for name in rows if name.startswith("ROW-")]
    return parts | {"GRID_ID": {"id": "GRID_ID", "type": "GRID", "children": top, "parents": ["ROOT_ID"]}} | _flat(rows)


def _flat(rows: dict) -> dict:
    return {name: part for row in rows.values() for name, part in row.items()}


def _section(section: Section, texts: Texts, grid: list[str]) -> dict:
    heading = f"### {texts[f'{section.name}.title']}\n\n{texts.reading(section.name)}"
    rows = {f"ROW-{section.name}": _markdown_row(section.name, heading, 12, grid)}
    for place, row in enumerate(section.rows):
        name = f"ROW-{section.name}-{place}"
        children = {f"CHART-{chart.name}": _placed(chart, texts, [*grid, name]) for chart in row}
        rows[name] = {name: _row(name, list(children), grid)} | children
    return rows


def _row(name: str, children: list[str], grid: list[str]) -> dict:
    return {
        "id": name,
        "type": "ROW",
        "children": children,
        "parents": grid,
        "meta": {"background": "BACKGROUND_TRANSPARENT"},
    }


def _markdown_row(name: str, text: str, height: int, grid: list[str]) -> dict:
    row, markdown = f"ROW-{name}", f"MARKDOWN-{name}"
    return {
        row: _row(row, [markdown], grid),
        markdown: {
            "id": markdown,
            "type": "MARKDOWN",
            "children": [],
            "parents": [*grid, row],
            "meta": {"code": text, "width": 12, "height": height},
        },
    }


def _placed(chart: Chart, texts: Texts, parents: list[str]) -> dict:
    return {
        "id": f"CHART-{chart.name}",
        "type": "CHART",
        "children": [],
        "parents": parents,
        "meta": {
            "uuid": named("chart", chart.name),
            "sliceName": title(chart, texts),
            "width": chart.width,
            "height": chart.height,
            # Superset replaces it by the number under which it imports the chart.
            "chartId": 0,
        },
    }
