//! The dimensions by which customers are grouped, as the table that SQL joins.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};

use crate::config::Scopes;
use crate::{Context, Kind, Result};

/// Name of the table in SQL.
pub const TABLE: &str = "run_dimension";

/// `run_dimension` (dimension): a row per dimension that is worked out. Chain and branch always are, for other tables
/// need them; department and item where the pipeline asks for them. `scope_key(dimension, …)` gives a row's scope group.
///
/// # Errors
/// None that input can cause.
pub fn table(asked: Scopes) -> Result<RecordBatch> {
    let dimensions = [("chain", true), ("branch", true), ("department", asked.department), ("item", asked.item)];
    let names = dimensions.into_iter().filter_map(|(name, is_worked_out)| is_worked_out.then_some(name));
    RecordBatch::try_from_iter([("dimension", Arc::new(StringArray::from_iter_values(names)) as ArrayRef)])
        .context(Kind::Bug, || format!("can't build {TABLE}"))
}
