//! Answers to the queries that a run asks about its own tables.

use arrow::datatypes::DataType;

use crate::engine::{self, Engine};
use crate::model::Moment;
use crate::{Context, Kind, Result};

pub(super) use crate::engine::Answer;

/// Asks `sql`, whose columns are read as `types`; messages call it `shown`.
///
/// # Errors
/// None that input can cause.
pub(super) async fn answers(engine: &Engine, shown: &str, sql: &str, types: &[DataType]) -> Result<Vec<Answer>> {
    let frame = engine.query(shown, sql, Moment::Closing).await?;
    let batches = frame.collect().await.map_err(|cause| engine::failed(shown, &cause))?;
    let typed = batches.iter().map(|batch| Answer::of(batch, types)).collect::<Result<_, _>>();
    typed.context(Kind::Bug, || format!("can't read {shown}"))
}
