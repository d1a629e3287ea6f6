//! What is asked for.

use std::path::PathBuf;

use chrono::NaiveDate;

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
    /// The zone, if it is told.
    pub timezone: Option<String>,
    /// The currency, if it is told.
    pub currency: Option<String>,
    /// Rows of later days are of no use.
    pub today: NaiveDate,
}
