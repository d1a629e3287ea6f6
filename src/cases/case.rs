//! A case, ready to be carried out.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::config::Pipeline;
use crate::entity::Entity;
use crate::model::Origin;

/// A case: what is given, and what must come of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file, as messages name it.
    pub file: String,
    /// The line on which the case begins, from 1.
    pub line: u64,
    /// Whose file it is.
    pub origin: Origin,
    /// What the case shows.
    pub name: String,
    /// The days as of whose ends the tables are made, one after the other.
    pub days: Vec<NaiveDate>,
    /// Where the rows are read from, and under which policy.
    pub pipeline: Pipeline,
    /// The rows that are read.
    pub given: BTreeMap<Entity, Rows>,
    /// The tables that must come of them.
    pub expected: Vec<Expected>,
}

impl Case {
    /// Whether the case's name, or the name of its file, holds `part`.
    pub fn is_named(&self, part: &str) -> bool {
        let file = self.file.rsplit('/').next().unwrap_or(&self.file);
        self.name.contains(part) || file.contains(part)
    }
}

/// Rows as text, null as none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Cells in the order of the columns.
    pub rows: Vec<Vec<Option<String>>>,
}

/// What a model must make, or a check find.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Name of the model or check.
    pub table: String,
    /// Which rows of it are compared, in SQL; all unless told.
    pub filter: Option<String>,
    /// The columns that are compared, and all rows, in any order.
    pub rows: Rows,
}
