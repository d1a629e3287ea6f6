"""The datasets: the report's own queries with names beside the keys, for the day that the filter chooses."""

from __future__ import annotations

import dataclasses
import re

from .places import FOLDER, ROOT, named
from .sidecars import COUNT, empty_tables, metrics, sidecars
from .texts import Texts

FIGURES = ROOT / "report/figures"
# What the report fills in as literals is here asked of the chosen day.
FACTS = (
    "as_of", "period", "is_period_end", "previous_as_of", "previous_period_start", "year_before_as_of",
    "year_before_start", "earliest_period", "year_before_period",
)  # fmt: skip
# Superset's filter, as its template language has it. `where_in` quotes what a reader may have typed.
CHOSEN_DAYS = (
    "{% if filter_values('snapshot') %}"
    "where cast(as_of as varchar) in {{ filter_values('snapshot') | where_in }}"
    "{% endif %}"
)
# Columns that hold a metric under another name.
METRIC_OF = {"monetary": "window_monetary", "sessions_left": "sessions_owed", "vips": "vip_customers"}
PLACEHOLDER = re.compile(r"\$([a-z_]+)")


@dataclasses.dataclass(frozen=True)
class Count:
    """A measure that is no metric of a table's: its expression, the key of its name, and how D3 writes it."""

    expression: str
    text: str
    format: str = COUNT


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A dataset: the key of its title, metrics of the sidecars, counts of its own, and effects by what causes them."""

    name: str
    title: str
    metrics: tuple[str, ...] = ()
    counts: dict[str, Count] = dataclasses.field(default_factory=dict)
    # Keys of what effects are due to: `cause.people` is what the column people_effect is called.
    causes: tuple[str, ...] = ()
    # Whether it tells of one day; the list of days itself doesn't.
    of_a_day: bool = True

    def cause_of(self, column: str) -> str | None:
        """The key of what an effect, such as `people_effect`, is due to."""
        return next((key for key in self.causes if column == f"{key.partition('.')[2]}_effect"), None)


def _of(table: str) -> tuple[str, ...]:
    return tuple(metric["name"] for metric in sidecars()[table]["metrics"])


DATASETS = (
    Dataset("snapshots", "filter.snapshot", of_a_day=False),
    Dataset("day", "chart.day"),
    Dataset("coverage", "coverage.title"),
    Dataset("headline", "headline.title"),
    Dataset("periods", "trend.title", _of("fct_period_summary")),
    Dataset("stages", "chart.stages"),
    Dataset(
        "stage_flow", "stages.title", ("window_monetary",), {"heads": Count("sum(customers)", "column.customers")}
    ),
    Dataset("stage_trend", "trend.stages", counts={"heads": Count("sum(customers)", "column.customers")}),
    Dataset("segments", "segments.title", ("window_monetary",), {"heads": Count("sum(customers)", "column.customers")}),
    Dataset(
        "branches", "branches.title", ("revenue",),
        {
            "people": Count("sum(people_effect)", "cause.people", ",.0f"),
            "frequency": Count("sum(frequency_effect)", "cause.frequency", ",.0f"),
            "price": Count("sum(price_effect)", "cause.price", ",.0f"),
        },
        causes=("cause.people", "cause.frequency", "cause.price"),
    ),
    Dataset("vips", "vips.tiers"),
    Dataset("branch_care", "vips.branches"),
    Dataset(
        "cohorts", "cohorts.title",
        counts={
            "retained_share": Count(
                "cast(sum(retained_customers) as double) / nullif(sum(customers), 0)", "cohorts.caption", ".0%"
            )
        },
    ),
    Dataset("second_visit", "second_visit.title", ("first_timers", "returned_90_days_rate")),
    Dataset("expected", "value_to_come.segments", ("window_monetary", "expected_value")),
    Dataset("alive", "value_to_come.alive"),
    Dataset("channels", "acquisition.title", ("cost_per_new_customer",)),
    Dataset("newcomers", "acquisition.cohorts", ("arrival_rate", "closing_rate", "second_order_rate")),
    Dataset(
        "items_falling", "items.title", causes=("item_cause.traffic", "item_cause.conversion", "item_cause.price")
    ),
    Dataset("contacts", "actions.title", counts={"heads": Count("sum(customers)", "column.customers")}),
    Dataset("outcomes", "outcomes.title"),
)  # fmt: skip


def query(dataset: Dataset, texts: Texts, chosen_days: str = CHOSEN_DAYS) -> str:
    """The dataset's SQL: the chosen day, the figures of the report that it reads, and its own query."""
    own = (FOLDER / f"datasets/{dataset.name}.sql").read_text("utf-8")
    if not dataset.of_a_day:
        return own
    shown_day = (FOLDER / "datasets/shown_day.sql").read_text("utf-8").replace("$chosen_days", chosen_days)
    parts = {"shown_day": shown_day} | {name: _figure(name) for name in _figures_of(own)} | {"dataset": own}
    tables = ",\n\n".join(f"{name} as (\n{_indented(sql)}\n)" for name, sql in parts.items())
    select = "select\n    shown_day.snapshot,\n    dataset.*\nfrom dataset\ncross join shown_day\n"
    return f"with\n{_filled(tables, texts)}\n\n{select}"


def _figures_of(own: str) -> list[str]:
    # A figure and the dataset made of it may have one name.
    read = re.findall(r"^(?:from|(?:inner|left) join) ([a-z_]+)", own, re.MULTILINE)
    return [name for name in dict.fromkeys(read) if (FIGURES / f"{name}.sql").exists()]


def _figure(name: str) -> str:
    return (FIGURES / f"{name}.sql").read_text("utf-8")


def _indented(sql: str) -> str:
    return "\n".join(f"    {line}" if line else line for line in sql.strip().splitlines())


def _filled(sql: str, texts: Texts) -> str:
    literals = texts.literals()

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        if name in FACTS:
            return f"(select {name} from shown_day)"
        if name in ("name", "strategy"):
            return texts.column(name)
        if name.startswith("texts_"):
            return texts.table(name.removeprefix("texts_"))
        return literals[name.removeprefix("text_")]

    return PLACEHOLDER.sub(fill, sql)


def documents(texts: Texts, database: str) -> dict[str, dict]:
    """Each dataset as Superset imports it, by its file."""
    tables = empty_tables()
    return {f"datasets/rfmart/{dataset.name}.yaml": _document(dataset, texts, tables, database) for dataset in DATASETS}


def _document(dataset: Dataset, texts: Texts, tables, database: str) -> dict:
    # Planned over tables without rows: a mistake in the SQL is found here, or in a measure, and so are the columns.
    planned = query(dataset, texts, chosen_days="")
    columns = tables.execute(f"describe {planned}").fetchall()
    measured = [_metric(name, texts) for name in dataset.metrics]
    measured += [_count(name, count, texts) for name, count in dataset.counts.items()]
    for metric in measured:
        tables.execute(f"describe select {metric['expression']} from ({planned})")
    return {
        "table_name": f"rfmart {dataset.name} {texts[dataset.title]}",
        "schema": "main",
        "description": _comment(dataset),
        "sql": query(dataset, texts),
        # Otherwise `superset import-directory` would translate it.
        "source_db_engine": "duckdb",
        "filter_select_enabled": True,
        "columns": [_column(dataset, name, kind, texts) for name, kind, *_ in columns],
        "metrics": measured,
        "uuid": named("dataset", dataset.name),
        "database_uuid": database,
        "version": "1.0.0",
    }


def _comment(dataset: Dataset) -> str:
    lines = (FOLDER / f"datasets/{dataset.name}.sql").read_text("utf-8").splitlines()
    return " ".join(line.removeprefix("-- ") for line in lines if line.startswith("-- "))


def _column(dataset: Dataset, name: str, kind: str, texts: Texts) -> dict:
    metric = metrics().get(METRIC_OF.get(name, name))
    cause = dataset.cause_of(name)
    heading = texts[cause] if cause else texts.heading(name)
    # Customers of a segment are no metric, though there is one of that name.
    if metric and (heading is None or name in dataset.metrics):
        heading = metric.labels[texts.language]
    return {
        "column_name": name,
        "verbose_name": heading,
        # A sum of whole numbers is wider in DuckDB than any type that Superset knows.
        "type": kind.replace("HUGEINT", "BIGINT"),
        "is_dttm": kind == "DATE",
        "groupby": True,
        "filterable": True,
    }


def _metric(name: str, texts: Texts) -> dict:
    metric = metrics()[name]
    return {
        "metric_name": name,
        "verbose_name": metric.labels[texts.language],
        "description": metric.description,
        "expression": metric.expression,
        "d3format": metric.format,
    }


def _count(name: str, count: Count, texts: Texts) -> dict:
    return {
        "metric_name": name,
        "verbose_name": texts[count.text],
        "expression": count.expression,
        "d3format": count.format,
    }
