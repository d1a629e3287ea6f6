//! Branches that have lost rows since the snapshot before: a file that is gone, cut short or of another size must not
//! pass for a branch that nobody came to.

use std::collections::BTreeMap;

use super::empty::{Empty, earlier};
use super::plan::Plan;
use crate::publish::{BranchRows, EntityRows};
use crate::{Error, Kind, Result};

/// A branch with fewer rows than this was too small to tell a loss from a correction.
const LEAST_ROWS: u64 = 20;

/// Rows up to a day don't become fewer, but for corrections: a branch has lost some if fewer than these of a hundred
/// are used.
const KEPT_PERCENT: u64 = 90;

/// A row's mean amount over all of a branch's history moves little in a night; by this factor it doesn't.
const AMOUNT_FACTOR: i64 = 2;

/// What branches have lost, as warnings.
///
/// # Errors
/// [`Kind::Data`] where one has, and `empty` refuses that.
pub(super) fn gate(rows: &BTreeMap<String, EntityRows>, plan: &Plan, empty: Empty) -> Result<Vec<String>> {
    let Some(before) = earlier(plan) else { return Ok(Vec::new()) };
    let found: Vec<String> = rows
        .iter()
        .filter_map(|(entity, now)| Some((entity, now, before.rows.get(entity)?)))
        .flat_map(|(entity, now, before)| before.branches.iter().filter_map(move |branch| loss(entity, branch, now)))
        .collect();
    if found.is_empty() || empty == Empty::Allowed {
        return Ok(found);
    }
    let whose = match found.len() {
        1 => "a branch has lost rows, or has amounts of another size,".to_owned(),
        count => format!("{count} branches have lost rows, or have amounts of another size,"),
    };
    let message = format!("{whose} since the snapshot of {}", before.as_of);
    Err(found.into_iter().fold(Error::new(Kind::Data, message), Error::detail).hint(
        "`rfmart plan --objects` tells which files are gone or replaced; if this is right, run once more with --allow-empty",
    ))
}

fn loss(entity: &str, before: &BranchRows, now: &EntityRows) -> Option<String> {
    let branch = before.branch_id.as_deref()?;
    if before.used < LEAST_ROWS {
        return None;
    }
    let none = BranchRows::default();
    let now = now.branches.iter().find(|rows| rows.branch_id.as_deref() == Some(branch)).unwrap_or(&none);
    if now.used * 100 < before.used * KEPT_PERCENT {
        return Some(format!("{entity} of branch {branch}: {} rows are used, {} were", now.used, before.used));
    }
    let (now, before) = (mean_amount(now)?, mean_amount(before)?);
    let differs = now > before.saturating_mul(AMOUNT_FACTOR) || now.saturating_mul(AMOUNT_FACTOR) < before;
    differs.then(|| {
        let (now, before) = (shown(now), shown(before));
        format!("{entity} of branch {branch}: a row's mean amount is {now}, and was {before}")
    })
}

/// Hundredths; None where nothing is counted in money, or no more was paid than was paid back.
fn mean_amount(rows: &BranchRows) -> Option<i64> {
    let mean = rows.amount_hundredths?.checked_div(i64::try_from(rows.used).ok()?)?;
    (mean > 0).then_some(mean)
}

fn shown(hundredths: i64) -> String {
    let (units, cents) = (hundredths / 100, hundredths % 100);
    format!("{units}.{cents:02}")
}
