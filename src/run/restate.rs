//! A published day whose inputs or rules have changed since: whether it would come out otherwise, and what follows.
//!
//! What changed is no answer: a touched file, a copy, rows of later days leave every table as it was. So the day is
//! worked out again, and its tables' bytes are compared.

use std::collections::BTreeSet;

use super::facts::Snapshot;
use super::plan::CHANGES_SHOWN;
use super::publishing::{Made, REJECTED};
use crate::publish::{self, Commit, Restated};
use crate::{Error, Kind, Result};

/// Names of tables that would be published with other bytes than `published` has, or by one of the two alone.
pub(super) fn differing(made: &Made<'_>, published: &Commit) -> Vec<String> {
    let is_of_run = |table: &str| table == publish::DIM_SNAPSHOT || table == REJECTED;
    let now: BTreeSet<(&str, &str)> =
        made.tables.iter().map(|file| (file.table.as_str(), file.sha256.as_str())).collect();
    let then: BTreeSet<(&str, &str)> = published
        .files
        .iter()
        .filter(|file| !is_of_run(&file.table))
        .map(|file| (file.table.as_str(), file.sha256.as_str()))
        .collect();
    let tables: BTreeSet<&str> = now.symmetric_difference(&then).map(|(table, _)| *table).collect();
    tables.into_iter().map(str::to_owned).collect()
}

/// What the new commit says of the one that it takes the place of.
///
/// # Errors
/// [`Kind::Data`] where nobody asked for a restatement.
pub(super) fn restated(
    snapshot: Snapshot,
    published: &Commit,
    changes: &[String],
    tables: Vec<String>,
    reason: Option<&str>,
) -> Result<Restated> {
    match reason {
        Some(reason) => Ok(Restated { number: published.number, reason: reason.to_owned(), tables }),
        None => Err(refusal(snapshot, changes, &tables)),
    }
}

fn refusal(snapshot: Snapshot, changes: &[String], tables: &[String]) -> Error {
    let as_of = snapshot.as_of;
    let message = format!("the snapshot of {as_of} is published already, and would come out otherwise now");
    let shown = changes.iter().take(CHANGES_SHOWN);
    let error = shown.fold(Error::new(Kind::Data, message), |error, change| error.detail(format!("changed: {change}")));
    let error = match changes.len().checked_sub(CHANGES_SHOWN) {
        Some(more @ 1..) => error.detail(format!("and {more} more")),
        _ => error,
    };
    error.detail(format!("differs: {}", tables.join(", "))).hint(format!(
        "if the change is right, publish the day anew: `rfmart run … --as-of {as_of} --restate --reason 'why'`; later \
         days have it in any case"
    ))
}
