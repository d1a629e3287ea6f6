//! The page of a snapshot, from its queries to HTML.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::tables::Tables;
use super::{document, figure, metrics, parts, rows};
use crate::config::Pipeline;
use crate::publish::{Commit, History, Warehouse};
use crate::run::Snapshot;
use crate::{Context, Kind, Result};

/// What the page tells of its snapshot.
#[derive(Serialize)]
struct Told<'a> {
    pipeline: &'a str,
    currency: &'a str,
    timezone: &'a str,
    as_of: String,
    period: &'a str,
    period_kind: &'a str,
    is_period_end: bool,
    /// The day up to which the period before is told.
    previous_as_of: String,
    commit_number: u64,
    run_id: &'a str,
    rfmart_version: &'a str,
}

/// The page of the snapshot that `commit` published, as HTML. The figures of earlier periods are those of `history`.
///
/// # Errors
/// Published files that can't be read.
pub async fn page(pipeline: &Pipeline, warehouse: &Warehouse, history: &History, commit: &Commit) -> Result<String> {
    let snapshot = Snapshot::new(pipeline, commit.as_of);
    let tables = Tables::of(history, commit, snapshot);
    let session = tables.session(&pipeline.limits, warehouse)?;
    let mut figures = Map::new();
    for figure in figure::all(snapshot)? {
        let missing: Vec<&String> = figure.tables.iter().filter(|table| !tables.has(table)).collect();
        let told = if missing.is_empty() {
            let (columns, rows) = rows::of(&session, &figure).await?;
            json!({"sql": figure.sql, "columns": columns, "rows": rows})
        } else {
            json!({"sql": figure.sql, "missing": missing})
        };
        figures.insert(figure.name, told);
    }
    let told = Told {
        pipeline: &commit.pipeline,
        currency: commit.currency.as_deref().unwrap_or(&pipeline.currency),
        timezone: pipeline.timezone.name(),
        as_of: commit.as_of.to_string(),
        period: &commit.period,
        period_kind: pipeline.period.name(),
        is_period_end: commit.is_period_end,
        previous_as_of: snapshot.to_date(snapshot.period.previous()).to_string(),
        commit_number: commit.number,
        run_id: &commit.run_id,
        rfmart_version: &commit.rfmart_version,
    };
    let told = serde_json::to_value(told).context(Kind::Bug, || "can't write what the page tells".to_owned())?;
    let metrics = metrics::of_pipeline(pipeline)?;
    let data = json!({"snapshot": told, "figures": Value::Object(figures), "metrics": metrics});
    Ok(document::html(&parts::REPORT, &data, ""))
}
