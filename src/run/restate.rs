//! A published day whose inputs or rules have changed since: whether it would come out otherwise, and what follows.
//!
//! What changed is no answer: a touched file, a copy, rows of later days leave every table as it was. So the day is
//! worked out again, and its tables' bytes are compared.

use std::collections::BTreeSet;

use tracing::warn;

use super::facts::Snapshot;
use super::plan::CHANGES_SHOWN;
use super::publishing::{Made, REJECTED};
use crate::diff::{self, Move};
use crate::publish::{self, Commit, Restated, RestatedBranch, Warehouse};
use crate::{Error, Kind, Result};

/// Names of tables that would be published with other bytes than `published` has, or by one of the two alone.
pub(super) fn differing(made: &Made<'_>, published: &Commit) -> Vec<String> {
    let is_of_run = |table: &str| publish::is_of_records(table) || table == REJECTED;
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
pub(super) async fn restated(
    made: &Made<'_>,
    warehouse: &Warehouse,
    (published, changes): (&Commit, &[String]),
    tables: Vec<String>,
    reason: Option<&str>,
) -> Result<Restated> {
    let Some(reason) = reason else { return Err(refusal(made.plan.snapshot, changes, &tables)) };
    // What is gone can't be compared any more, and is no reason not to publish what takes its place.
    let branches = diff::restatement(warehouse, published, made.tables, made.work).await.unwrap_or_else(|cause| {
        warn!(%cause, "what the restatement moves can't be told");
        Vec::new()
    });
    let branches = branches.into_iter().map(|branch| RestatedBranch {
        branch_id: branch.branch_id,
        customers: branch.customers.into(),
        monetary_hundredths: branch.monetary_hundredths.into(),
        stage_moves: moves(&branch.stages),
        segment_moves: moves(&branch.segments),
    });
    Ok(Restated { number: published.number, reason: reason.to_owned(), tables, branches: branches.collect() })
}

fn moves(all: &[Move]) -> String {
    let text = |moved: &Move| format!("{}: {}", moved.ends().join(" > "), moved.customers);
    all.iter().map(text).collect::<Vec<_>>().join("; ")
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
