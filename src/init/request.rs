//! What a first pipeline file is made from, and what comes of it.

use std::path::PathBuf;

use chrono::NaiveDate;

use super::trial::Trial;
use crate::entity::Entity;

/// What to begin with.
pub struct Request {
    /// Paths and URLs as sources have them, each perhaps behind `ENTITY=`.
    pub sources: Vec<String>,
    /// The file to be written.
    pub out: PathBuf,
    /// Whether a file that is there may be replaced.
    pub may_replace: bool,
    /// The pipeline's name.
    pub name: String,
    /// The zone, if it is given.
    pub timezone: Option<String>,
    /// The currency, if it is given.
    pub currency: Option<String>,
    /// Rows of later days are of no use.
    pub today: NaiveDate,
}

/// What was written.
pub struct Proposal {
    /// Of each source: its location, what it is taken for, columns that are used, columns there are.
    pub sources: Vec<(String, Entity, usize, usize)>,
    /// Lines that say what to look at.
    pub checks: usize,
    /// What a run would make of it.
    pub trial: Trial,
}
