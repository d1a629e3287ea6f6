//! What has been published.

use schemars::JsonSchema;
use serde::Serialize;

use crate::publish::{Commit, DamagedRecord, History};

/// The commits of a warehouse, as `rfmart runs --format json` tells them.
#[derive(Debug, JsonSchema, Serialize)]
pub struct RunsAnswer {
    /// The commits, the oldest first.
    pub commits: Vec<CommitAnswer>,
    /// Commit records that can't be read.
    pub damaged: Vec<DamagedAnswer>,
}

/// A commit.
#[derive(Debug, JsonSchema, Serialize)]
pub struct CommitAnswer {
    /// Number, from 1.
    pub number: u64,
    /// Day whose end the snapshot describes, YYYY-MM-DD.
    pub as_of: String,
    /// Reporting period that holds it, such as 2026-11.
    pub period: String,
    /// Whether the snapshot closes its period.
    pub is_period_end: bool,
    /// When it was committed, UTC, as RFC 3339 writes it.
    pub committed_at: String,
    /// Name of the result: the same inputs, policy, SQL and as_of give the same.
    pub run_id: String,
    /// Whether it holds of its day: no later one has taken its place, and it isn't removed.
    pub is_in_force: bool,
    /// The commit of the same day that it takes the place of.
    pub in_place_of: Option<u64>,
    /// Why it takes that place.
    pub reason: Option<String>,
    /// Published rows of all tables.
    pub rows: u64,
    /// What the run warned of.
    pub warnings: Vec<String>,
}

/// A commit record that can't be read.
#[derive(Debug, JsonSchema, Serialize)]
pub struct DamagedAnswer {
    /// Its place in the warehouse.
    pub key: String,
    /// Why.
    pub cause: String,
}

impl RunsAnswer {
    /// Of a warehouse's history.
    pub fn of(history: &History) -> Self {
        let damaged = |record: &DamagedRecord| DamagedAnswer { key: record.key.clone(), cause: record.cause.clone() };
        RunsAnswer {
            commits: history.commits().iter().map(|commit| CommitAnswer::of(history, commit)).collect(),
            damaged: history.damaged().iter().map(damaged).collect(),
        }
    }
}

impl CommitAnswer {
    fn of(history: &History, commit: &Commit) -> Self {
        let restates = commit.restates.as_ref();
        CommitAnswer {
            number: commit.number,
            as_of: commit.as_of.to_string(),
            period: commit.period.clone(),
            is_period_end: commit.is_period_end,
            committed_at: commit.committed_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            run_id: commit.run_id.clone(),
            is_in_force: history.of_day(commit.as_of).is_some_and(|latest| latest.number == commit.number),
            in_place_of: restates.map(|old| old.number),
            reason: restates.map(|old| old.reason.clone()),
            rows: commit.files.iter().map(|file| file.rows).sum(),
            warnings: commit.warnings.clone(),
        }
    }
}
