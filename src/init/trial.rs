//! Reads all rows once as the new pipeline file says, to tell what a run would make of them.

use std::path::Path;

use chrono::NaiveDate;

use crate::config::Pipeline;
use crate::entity::Entity;
use crate::observe::Quiet;
use crate::source::{self, Held, Listing, day_range};
use crate::storage::Stores;
use crate::{Error, Result};

/// More bytes than this are not read for a trial.
const MOST_BYTES: u64 = 2 << 30;

/// What a run would make of the sources.
pub enum Trial {
    /// It would go through.
    Read {
        /// Rows of each entity.
        rows: Vec<TrialRows>,
        /// The last day with an event.
        last_day: Option<NaiveDate>,
    },
    /// It would fail.
    Failed(Error),
    /// There are too many bytes to try.
    TooLarge(u64),
}

/// Rows of an entity.
pub struct TrialRows {
    /// The entity.
    pub entity: Entity,
    /// Rows in its objects.
    pub read: u64,
    /// Rows that can't be used.
    pub rejected: u64,
    /// First and last day.
    pub days: Option<(NaiveDate, NaiveDate)>,
}

/// Tries the pipeline's sources, as seen on `today`.
pub async fn trial(pipeline: &Pipeline, stores: &Stores, today: NaiveDate, work: &Path) -> Trial {
    match read(pipeline, stores, today, work).await {
        Ok(trial) => trial,
        Err(error) => Trial::Failed(error),
    }
}

async fn read(pipeline: &Pipeline, stores: &Stores, today: NaiveDate, work: &Path) -> Result<Trial> {
    let listing = Listing::of(pipeline, stores, &Held::default()).await?;
    if listing.bytes() > MOST_BYTES {
        return Ok(Trial::TooLarge(listing.bytes()));
    }
    // Bad rows are counted, not judged.
    let mut pipeline = pipeline.clone();
    pipeline.limits.max_rejected_share = 1.0;
    let ingested = source::ingest_listed(&pipeline, stores, today, work, &Quiet, &listing).await?;
    let mut rows = Vec::new();
    for (entity, staged) in ingested.entities.iter().filter(|(_, staged)| staged.is_present) {
        let days = day_range(*entity, staged)?;
        rows.push(TrialRows { entity: *entity, read: staged.rows.read, rejected: staged.rows.rejected, days });
    }
    let events = rows.iter().filter(|rows| matches!(rows.entity, Entity::Orders | Entity::Visits));
    let last_day = events.filter_map(|rows| rows.days).map(|(_, last)| last).max();
    Ok(Trial::Read { rows, last_day })
}
