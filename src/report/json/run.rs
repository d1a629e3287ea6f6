//! What became of a run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::config::Pipeline;
use crate::publish::{Commit, EntityRows};
use crate::run::{Outcome, Published};

/// What became of a run, as `rfmart run --format json` tells it.
#[derive(Debug, JsonSchema, Serialize)]
pub struct RunAnswer {
    /// Pipeline name.
    pub pipeline: String,
    /// The day asked for.
    #[serde(flatten)]
    pub day: DayAnswer,
    /// Closing snapshots that were published anew, for rows came late (`publish.late_data: restate`).
    pub restated: Vec<DayAnswer>,
}

/// What became of a day.
#[derive(Debug, JsonSchema, Serialize)]
pub struct DayAnswer {
    /// Day whose end the snapshot describes, YYYY-MM-DD.
    pub as_of: String,
    /// Reporting period that holds it, such as 2026-11.
    pub period: String,
    /// Whether the snapshot closes its period.
    pub is_period_end: bool,
    /// What was done.
    pub outcome: OutcomeName,
    /// The commit that holds of the day.
    pub commit: u64,
    /// What has changed since, in words, though every table comes out the same; only if `outcome` is `unchanged`.
    pub changes: Vec<String>,
    /// Files that were made again; only if `outcome` is `restored`.
    pub restored_files: u64,
    /// What was published; null unless `outcome` is `published`.
    pub published: Option<PublishedAnswer>,
}

/// What a run did.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeName {
    /// It published a snapshot.
    Published,
    /// The snapshot was there, from the same inputs.
    UpToDate,
    /// The snapshot was there, from others, and every table comes out the same.
    Unchanged,
    /// The snapshot was there, and files of it that were gone are there again.
    Restored,
}

/// A published snapshot.
#[derive(Debug, JsonSchema, Serialize)]
pub struct PublishedAnswer {
    /// Where the tables are.
    pub location: String,
    /// The commit of the same day that this one takes the place of.
    pub in_place_of: Option<u64>,
    /// What became of the rows, by entity.
    pub rows: BTreeMap<String, RowsAnswer>,
    /// The published tables.
    pub tables: Vec<TableAnswer>,
    /// What a person should look at, though nothing failed.
    pub warnings: Vec<String>,
    /// Wall time in seconds.
    pub elapsed_s: f64,
    /// Peak resident memory in bytes, where the system tells.
    pub peak_memory_bytes: Option<u64>,
}

/// What became of an entity's rows: read = used + duplicates + after_as_of + rejected.
#[derive(Debug, JsonSchema, Serialize)]
pub struct RowsAnswer {
    /// Rows in the objects.
    pub read: u64,
    /// Rows that the tables are made from.
    pub used: u64,
    /// Rows that gave way to another one of the same key.
    pub duplicates: u64,
    /// Rows of later days.
    pub after_as_of: u64,
    /// Rows that couldn't be read.
    pub rejected: u64,
}

/// Size of a published table.
#[derive(Debug, JsonSchema, Serialize)]
pub struct TableAnswer {
    /// Table.
    pub table: String,
    /// Rows.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
}

impl RunAnswer {
    /// Of a run of `pipeline`, and of the closing snapshots that it published anew.
    pub fn of(pipeline: &Pipeline, outcome: &Outcome, restated: &[Outcome]) -> Self {
        RunAnswer {
            pipeline: pipeline.name.clone(),
            day: DayAnswer::of(outcome),
            restated: restated.iter().map(DayAnswer::of).collect(),
        }
    }
}

impl DayAnswer {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Published(published) => of_published(published),
            Outcome::UpToDate(commit) => of_commit(commit, OutcomeName::UpToDate),
            Outcome::Unchanged(commit, changes) => {
                DayAnswer { changes: changes.clone(), ..of_commit(commit, OutcomeName::Unchanged) }
            }
            Outcome::Restored(commit, files) => {
                let restored_files = u64::try_from(*files).unwrap_or(u64::MAX);
                DayAnswer { restored_files, ..of_commit(commit, OutcomeName::Restored) }
            }
        }
    }
}

fn of_commit(commit: &Commit, outcome: OutcomeName) -> DayAnswer {
    DayAnswer {
        as_of: commit.as_of.to_string(),
        period: commit.period.clone(),
        is_period_end: commit.is_period_end,
        outcome,
        commit: commit.number,
        changes: Vec::new(),
        restored_files: 0,
        published: None,
    }
}

fn of_published(published: &Published) -> DayAnswer {
    let tables = published.tables.iter().map(|table| TableAnswer {
        table: table.table.clone(),
        rows: table.rows,
        bytes: table.bytes,
    });
    DayAnswer {
        as_of: published.snapshot.as_of.to_string(),
        period: published.snapshot.period.label(),
        is_period_end: published.snapshot.is_period_end(),
        outcome: OutcomeName::Published,
        commit: published.commit_number,
        changes: Vec::new(),
        restored_files: 0,
        published: Some(PublishedAnswer {
            location: published.location.clone(),
            in_place_of: published.restates.as_ref().map(|old| old.number),
            rows: published.rows.iter().map(|(entity, rows)| (entity.clone(), RowsAnswer::of(rows))).collect(),
            tables: tables.collect(),
            warnings: published.warnings.clone(),
            elapsed_s: published.elapsed.as_secs_f64(),
            peak_memory_bytes: published.peak_memory_bytes,
        }),
    }
}

impl RowsAnswer {
    fn of(rows: &EntityRows) -> Self {
        RowsAnswer {
            read: rows.read,
            used: rows.used,
            duplicates: rows.duplicates,
            after_as_of: rows.after_as_of,
            rejected: rows.rejected,
        }
    }
}
