//! The gates before publishing: each check is a query of which every returned row is a violation.
//!
//! A check whose name starts with `warn_` tells; every other one stops the run.

use arrow::array::RecordBatch;
use arrow::util::pretty::pretty_format_batches;

use crate::engine::{self, Engine};
use crate::model::{Catalog, CheckQuery, Moment};
use crate::{Context, Error, Kind, Result};

/// Violating rows that a message shows.
const SHOWN_ROWS: usize = 10;

/// Runs all checks over the very files that will be published; returns the warnings.
///
/// # Errors
/// A check of kind error that returns rows: all such checks at once, each with its first rows.
pub async fn run(catalog: &Catalog, engine: &Engine) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    let mut failures = Vec::new();
    for check in catalog.checks.values() {
        if let Some(violation) = violation(check, engine).await? {
            let heard = if check.is_warning() { &mut warnings } else { &mut failures };
            heard.push(violation);
        }
    }
    if failures.is_empty() {
        return Ok(warnings);
    }
    let message = format!("{} of {} checks failed: nothing was published", failures.len(), catalog.checks.len());
    let error = failures.into_iter().fold(Error::new(Kind::Data, message), Error::detail);
    Err(error
        .hint("the last good snapshot stays in place; mend the data or the model that a check names, and run again"))
}

async fn violation(check: &CheckQuery, engine: &Engine) -> Result<Option<String>> {
    let frame = engine.query(&check.file, &check.sql, Moment::Closing).await?;
    let batches = frame
        .limit(0, Some(SHOWN_ROWS + 1))
        .map_err(|cause| engine::failed(&check.file, &cause))?
        .collect()
        .await
        .map_err(|cause| engine::failed(&check.file, &cause))?;
    let found: usize = batches.iter().map(RecordBatch::num_rows).sum();
    if found == 0 {
        return Ok(None);
    }
    let how_many = match found {
        1 => "1 row".to_owned(),
        found if found > SHOWN_ROWS => format!("more than {SHOWN_ROWS} rows"),
        found => format!("{found} rows"),
    };
    let rows = pretty_format_batches(&batches).context(Kind::Bug, || format!("can't show {}", check.file))?;
    Ok(Some(format!("{}: {} ({how_many})\n{rows}", check.file, check.statement)))
}
