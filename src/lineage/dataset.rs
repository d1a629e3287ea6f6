//! Datasets: what sources a run reads and what tables it publishes, under the names that OpenLineage gives to places
//! (<https://openlineage.io/docs/spec/naming>), each with its columns.

use serde_json::{Value, json};

use super::event::facet;
use crate::config::{Location, Pipeline, Source};
use crate::entity::{Column, ColumnKind};
use crate::model::{Catalog, Model};
use crate::run::Outcome;

/// The form of what tells a dataset's columns.
const SCHEMA: &str = "1-1-1/SchemaDatasetFacet";

/// The sources of a pipeline.
pub fn inputs(pipeline: &Pipeline) -> Vec<Value> {
    pipeline.sources.iter().map(input).collect()
}

fn input(source: &Source) -> Value {
    let fields: Vec<Value> = source.entity.columns().iter().filter_map(|column| field(source, column)).collect();
    dataset(&source.location, "", json!({"schema": facet(SCHEMA, json!({"fields": fields}))}))
}

/// A column that is read of a source, as the source names it; of one that isn't mapped it is only known to be there if
/// it must be.
fn field(source: &Source, column: &Column) -> Option<Value> {
    let is_made = source.constants.contains_key(column.name) || source.expressions.contains_key(column.name);
    let mapped = source.columns.get(column.name).map(String::as_str);
    let name = mapped.or_else(|| (column.required && !is_made).then_some(column.name))?;
    let described = format!("{} of {}", column.name, source.entity.name());
    Some(json!({"name": name, "type": type_name(column.kind), "description": described}))
}

fn type_name(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text | ColumnKind::Word(_) | ColumnKind::Zone => "VARCHAR",
        ColumnKind::LocalDay | ColumnKind::Instant => "TIMESTAMP",
        ColumnKind::Day => "DATE",
        ColumnKind::Money => "DECIMAL(18,2)",
        ColumnKind::Integer => "BIGINT",
    }
}

/// The published tables; with the rows and bytes of those that `outcome` has published.
pub fn outputs(pipeline: &Pipeline, catalog: &Catalog, outcome: Option<&Outcome>) -> Vec<Value> {
    let models = catalog.models.values().filter(|model| model.is_published());
    models.map(|model| output(pipeline, model, outcome)).collect()
}

fn output(pipeline: &Pipeline, model: &Model, outcome: Option<&Outcome>) -> Value {
    let columns = model.sidecar.columns.iter();
    let fields: Vec<Value> = columns
        .map(|column| json!({"name": column.name, "type": column.kind.sql(), "description": column.description}))
        .collect();
    let described = facet("1-0-1/DocumentationDatasetFacet", json!({"description": model.sidecar.description}));
    let facets = json!({"schema": facet(SCHEMA, json!({"fields": fields})), "documentation": described});
    let mut told = dataset(&pipeline.publish.location, &model.name, facets);
    if let (Some(Outcome::Published(published)), Value::Object(told)) = (outcome, &mut told) {
        for table in published.tables.iter().filter(|table| table.table == model.name) {
            let size = json!({"rowCount": table.rows, "size": table.bytes});
            let statistics = facet("1-0-2/OutputStatisticsOutputDatasetFacet", size);
            told.insert("outputFacets".to_owned(), json!({"outputStatistics": statistics}));
        }
    }
    told
}

/// A place below `location` with its facets.
fn dataset(location: &Location, table: &str, facets: Value) -> Value {
    let is_file = location.store.scheme() == "file";
    let namespace = if is_file { "file" } else { location.store.as_str().trim_end_matches('/') };
    let root = if is_file { "/" } else { "" };
    let name = format!("{root}{}{table}", location.path);
    json!({"namespace": namespace, "name": name.trim_end_matches('/'), "facets": facets})
}
