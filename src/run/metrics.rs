//! The metrics of the published tables, as the table that SQL reads.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};

use crate::model::{Catalog, Metric, Model};
use crate::{Context, Kind, Result};

/// Name of the table in SQL.
pub const TABLE: &str = "run_metric";

/// `run_metric`: a row per metric that is defined in the sidecar of a published table.
///
/// # Errors
/// None that input can cause.
pub fn table(catalog: &Catalog) -> Result<RecordBatch> {
    type Cell = fn(&Model, &Metric) -> Option<String>;
    let columns: [(&str, Cell); 9] = [
        ("metric", |_, metric| Some(metric.name.clone())),
        ("table_name", |model, _| Some(model.name.clone())),
        ("measure", |_, metric| Some(metric.sql())),
        ("unit", |_, metric| metric.unit.clone()),
        ("direction", |_, metric| Some(metric.direction.name().to_owned())),
        ("description", |_, metric| Some(metric.description.clone())),
        ("name_zh_hant", |_, metric| Some(metric.label.zh_hant.clone())),
        ("name_zh_hans", |_, metric| Some(metric.label.zh_hans.clone())),
        ("name_en", |_, metric| Some(metric.label.en.clone())),
    ];
    let metrics = catalog.metrics();
    let column = |cell: Cell| -> ArrayRef {
        Arc::new(metrics.values().map(|(model, metric)| cell(model, metric)).collect::<StringArray>())
    };
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, cell)| (name, column(cell), false)))
        .context(Kind::Bug, || format!("can't build {TABLE}"))
}
