"""Forms of charts, each as Superset's parameters of it."""

from __future__ import annotations

import dataclasses
import json

# The report's: blue is better and orange worse, for red and green mean opposite things to different readers.
BETTER, WORSE = "#56b4e9", "#e69f00"
HEAT = "blues"
COLORS = "rfmart"
# All rows of a figure; Superset asks for as many at most.
ALL_ROWS = 10_000


@dataclasses.dataclass(frozen=True)
class Chart:
    """A chart of a dataset: the key of its title or the title itself, its form, parameters, and size in the grid."""

    name: str
    title: str
    dataset: str
    form: str
    params: dict
    # Of twelve columns; the height in steps of eight pixels.
    width: int
    height: int


def where(column: str, value: bool | str) -> dict:
    """A filter to the rows in which a column has a value."""
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": column,
        "operator": "==",
        "operatorId": "EQUALS",
        "comparator": value,
        "filterOptionName": f"{column}_is_{value}".lower(),
    }


def number(metric: str, filters: list[dict]) -> dict:
    """One figure, large, written as its metric says."""
    return {
        "viz_type": "big_number_total",
        "metric": metric,
        "adhoc_filters": filters,
        "header_font_size": 0.4,
        "metric_name_font_size": 0.125,
    }


def table(
    columns: dict[str, str | None],
    order: list[tuple[str, bool]],
    filters: list[dict] | None = None,
    better: tuple[str, ...] = (),
    worse: tuple[str, ...] = (),
    other_than: dict[str, str] | None = None,
    bars: bool = False,
) -> dict:
    """
    Rows as they are: columns with the D3 format of each, and what they are ordered by, ascending or not. Of the columns
    in `better` more is better, of those in `worse` fewer; those in `other_than` are marked where they hold other text.
    """
    return {
        "viz_type": "table",
        "query_mode": "raw",
        "all_columns": list(columns),
        "order_by_cols": [json.dumps([column, ascending]) for column, ascending in order],
        "adhoc_filters": filters or [],
        "row_limit": ALL_ROWS,
        "page_length": 0,
        "table_timestamp_format": "%Y-%m-%d",
        "show_cell_bars": bars,
        "color_pn": False,
        "include_search": False,
        "column_config": {name: {"d3NumberFormat": form} for name, form in columns.items() if form},
        "conditional_formatting": [
            *(rule for column in better for rule in _signs(column, BETTER, WORSE)),
            *(rule for column in worse for rule in _signs(column, WORSE, BETTER)),
            *(_other(column, text) for column, text in (other_than or {}).items()),
        ],
    }


def _signs(column: str, above: str, below: str) -> list[dict]:
    return [
        {"column": column, "operator": operator, "targetValue": 0, "colorScheme": color, "useGradient": False}
        for operator, color in ((">", above), ("<", below))
    ]


def _other(column: str, text: str) -> dict:
    return {
        "column": column,
        "operator": "not containing",
        "targetValue": text,
        "colorScheme": WORSE,
        "useGradient": False,
    }


def sankey(source: str, target: str, metric: str, filters: list[dict]) -> dict:
    """How much flows from which to which."""
    return {
        "viz_type": "sankey_v2",
        "source": source,
        "target": target,
        "metric": metric,
        "adhoc_filters": filters,
        "row_limit": ALL_ROWS,
        "color_scheme": COLORS,
    }


def treemap(group: str, metric: str, form: str) -> dict:
    """Parts of a whole by their areas."""
    return {
        "viz_type": "treemap_v2",
        "groupby": [group],
        "metric": metric,
        "adhoc_filters": [],
        "row_limit": ALL_ROWS,
        "color_scheme": COLORS,
        "show_labels": True,
        "show_upper_labels": False,
        "label_type": "key_value",
        "number_format": form,
    }


def bars(axis: str, metrics: list[str], form: str, **more) -> dict:
    """Bars of metrics along an axis of names."""
    return _along(axis, metrics, form) | {"viz_type": "echarts_timeseries_bar"} | more


def lines(axis: str, metrics: list[str], form: str, **more) -> dict:
    """Lines of metrics along an axis of names."""
    return _along(axis, metrics, form) | {"viz_type": "echarts_timeseries_line", "markerEnabled": True} | more


def _along(axis: str, metrics: list[str], form: str) -> dict:
    return {
        "x_axis": axis,
        "xAxisForceCategorical": True,
        "metrics": metrics,
        "groupby": [],
        "adhoc_filters": [],
        "row_limit": ALL_ROWS,
        "x_axis_sort": axis,
        "x_axis_sort_asc": True,
        "y_axis_format": form,
        "color_scheme": COLORS,
        "show_legend": len(metrics) > 1,
        "legendType": "scroll",
        "legendOrientation": "top",
        "rich_tooltip": True,
        "truncate_metric": True,
        "show_empty_columns": True,
    }


def heatmap(x: str, y: str, metric: str, form: str, filters: list[dict]) -> dict:
    """A figure of each pair by its colour."""
    return {
        "viz_type": "heatmap_v2",
        "x_axis": x,
        "groupby": y,
        "metric": metric,
        "adhoc_filters": filters,
        "row_limit": ALL_ROWS,
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_desc",
        "normalize_across": "heatmap",
        "legend_type": "continuous",
        "linear_color_scheme": HEAT,
        "xscale_interval": 1,
        "yscale_interval": 1,
        "left_margin": "auto",
        "bottom_margin": "auto",
        "value_bounds": [None, None],
        "y_axis_format": form,
        "show_legend": True,
        "show_percentage": False,
        "show_values": True,
    }


def _headed(column: str) -> dict:
    """A column with its heading, which a pivot table doesn't look up."""
    return {"expressionType": "SQL", "sqlExpression": column, "label": f"$column.{column}"}


def pivot(rows: str, columns: str, metric: str, form: str) -> dict:
    """A figure of each pair as a table, with the sums of both."""
    return {
        "viz_type": "pivot_table_v2",
        "groupbyRows": [_headed(rows)],
        "groupbyColumns": [_headed(columns)],
        "metrics": [metric],
        "adhoc_filters": [],
        "row_limit": ALL_ROWS,
        "aggregateFunction": "Sum",
        "metricsLayout": "COLUMNS",
        "rowOrder": "value_z_to_a",
        "colOrder": "key_a_to_z",
        "rowTotals": True,
        "colTotals": True,
        "valueFormat": form,
    }
