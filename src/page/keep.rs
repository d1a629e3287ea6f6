//! Pages beside the snapshots that they tell of.

use chrono::NaiveDate;
use tracing::warn;

use super::whole::page;
use crate::config::Pipeline;
use crate::publish::Warehouse;
use crate::storage::Stores;
use crate::{Error, Kind, Result};

/// Puts the page of a day that is published into the warehouse, if the pipeline asks for it and it isn't there.
///
/// The night is published whatever becomes of it, so a failure is told as a warning alone.
pub async fn keep(pipeline: &Pipeline, as_of: NaiveDate) {
    if pipeline.publish.report
        && let Err(error) = put(pipeline, as_of).await
    {
        warn!("the snapshot of {as_of} is published without its report: {error}");
    }
}

async fn put(pipeline: &Pipeline, as_of: NaiveDate) -> Result<()> {
    let stores = Stores::new(pipeline.storage.clone());
    let warehouse = Warehouse::open(&pipeline.publish.location, &stores)?;
    let history = warehouse.commits().read_all().await?;
    let commit = history.of_day(as_of);
    let commit = commit.ok_or_else(|| Error::new(Kind::Bug, format!("{as_of} is not among the commits")))?;
    if warehouse.has_page(commit).await? {
        return Ok(());
    }
    warehouse.put_page(commit, page(pipeline, &warehouse, &history, commit).await?).await
}
