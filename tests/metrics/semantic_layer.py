"""What `rfmart metrics --format metricflow` writes, as MetricFlow reads it: figures by its own SQL."""

from __future__ import annotations

import duckdb
import rfmart
import yaml
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
from metricflow_semantic_interfaces.parsing.dir_to_model import (
    parse_yaml_files_to_validation_ready_semantic_manifest,
)
from metricflow_semantic_interfaces.parsing.objects import YamlConfigFile
from metricflow_semantic_interfaces.validations.semantic_manifest_validator import SemanticManifestValidator
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup


def relation(table: str) -> dict[str, str]:
    """A table where `rfmart catalog` makes its view."""
    return {"schema_name": "main", "alias": table}


# A dbt project has a model of its own for it.
TIME_SPINE = {
    "node_relation": relation("days"),
    "primary_column": {"name": "day", "time_granularity": "day"},
}


def documents() -> str:
    """The semantic models and metrics, each a document of its own, as MetricFlow reads them without dbt."""
    told = yaml.safe_load(rfmart.succeed("metrics", "--format", "metricflow").stdout)
    found = [{"project_configuration": {"time_spines": [TIME_SPINE]}}]
    for model in told["semantic_models"]:
        # dbt resolves `ref('table')`.
        table = model.pop("model").removeprefix("ref('").removesuffix("')")
        found.append({"semantic_model": model | {"node_relation": relation(table)}})
    found += [{"metric": metric} for metric in told["metrics"]]
    return yaml.safe_dump_all(found, allow_unicode=True)


def manifest() -> PydanticSemanticManifest:
    """What MetricFlow makes of them; it refuses what isn't in its form."""
    files = [YamlConfigFile(filepath="metrics.yaml", contents=documents())]
    return parse_yaml_files_to_validation_ready_semantic_manifest(files).semantic_manifest


def issues(found: PydanticSemanticManifest) -> list[str]:
    """What MetricFlow's rules find wrong."""
    results = SemanticManifestValidator[PydanticSemanticManifest]().validate_semantic_manifest(found)
    return [issue.message for issue in results.all_issues]


class DuckDb:
    """The part of MetricFlow's SQL client that writing a query needs."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()


class SemanticLayer:
    """Answers by metrics and dimensions."""

    def __init__(self, found: PydanticSemanticManifest, tables: duckdb.DuckDBPyConnection) -> None:
        self.engine = MetricFlowEngine(SemanticManifestLookup(found), DuckDb())
        self.tables = tables

    def values(self, metrics: list[str], group_by: list[str] = (), where: list[str] = ()) -> list[tuple]:
        """A row per group, metrics last, in the order of the groups."""
        request = MetricFlowQueryRequest.create(
            metric_names=metrics,
            group_by_names=list(group_by) or None,
            where_constraints=list(where) or None,
            order_by_names=list(group_by) or None,
        )
        return self.tables.execute(self.engine.explain(request).sql_statement.sql).fetchall()
