//! Branches that have lost rows since the snapshot before: a file that is gone, cut short or of another size must not
//! pass for a branch that nobody came to.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::DataType;
use chrono::NaiveDate;
use tracing::warn;

use super::answer::{Answer, answers};
use super::changes::Change;
use super::consent::Consent;
use super::empty::{Empty, earlier};
use super::plan::Plan;
use super::rows::SHOWN;
use crate::engine::Engine;
use crate::entity::Entity;
use crate::number::hundredths;
use crate::publish::{BranchRows, EntityRows};
use crate::source::Ingested;
use crate::{Error, Kind, Result};

/// A branch with fewer rows than this was too small to tell a loss from a correction.
const LEAST_ROWS: u64 = 20;

/// Rows up to a day don't become fewer, but for corrections: a branch has lost some if fewer than these of a hundred
/// are used.
const KEPT_PERCENT: u64 = 90;

/// A row's mean amount over all of a branch's history moves little in a night; by this factor it doesn't, unless what
/// came since can tell it.
const AMOUNT_FACTOR: i64 = 2;

/// Rows that came since are at most so many times as dear as those before: in a small branch, or after a long time, they
/// move its mean alone.
const ADDED_FACTOR: i64 = 10;

/// What branches have lost, as warnings.
///
/// # Errors
/// [`Kind::Data`] where one has, and `consent` refuses that; it blames the exports from which rows of the branch came.
pub(super) async fn gate(
    engine: &Engine,
    ingested: &Ingested,
    rows: &BTreeMap<String, EntityRows>,
    plan: &Plan,
    consent: &Consent,
) -> Result<Vec<String>> {
    let gone: BTreeSet<&str> = plan
        .objects
        .iter()
        .filter(|object| object.change == Change::Missing)
        .map(|object| object.entity.as_str())
        .collect();
    // What is gone was there when the day was published that is published anew.
    let published = plan.published().filter(|_| consent.restate.is_some() && !gone.is_empty());
    let Some(before) = published.or_else(|| earlier(plan)) else { return Ok(Vec::new()) };
    let (mut found, mut exports) = (Vec::new(), Vec::new());
    for (entity, now) in rows {
        let Some(then) = before.rows.get(entity) else { continue };
        let until = match day_column(entity).filter(|_| gone.contains(entity.as_str())) {
            Some(day) => Some(used_until(engine, entity, day, before.as_of).await?),
            None => None,
        };
        let with_objects = |then: &BranchRows| until.as_ref().and_then(|until| gone_with_objects(entity, then, until));
        let told = |then: &BranchRows| {
            let sentence = with_objects(then).or_else(|| loss(entity, then, now))?;
            Some((then.branch_id.clone()?, sentence))
        };
        let (branches, sentences): (BTreeSet<_>, Vec<_>) = then.branches.iter().filter_map(told).unzip();
        found.extend(sentences);
        exports.extend(exports_of(ingested, entity, &branches));
    }
    if found.is_empty() || consent.empty == Empty::Allowed {
        return Ok(found);
    }
    let whose = match found.len() {
        1 => "a branch has lost rows, or has amounts of another size,".to_owned(),
        count => format!("{count} branches have lost rows, or have amounts of another size,"),
    };
    let message = format!("{whose} since the snapshot of {}", before.as_of);
    let error = found.into_iter().fold(Error::new(Kind::Data, message), Error::detail);
    Err(error.blaming(exports).hint(
        "`rfmart plan --objects` tells which files are gone or replaced; if this is right, run once more with --allow-empty",
    ))
}

/// The exports that hold rows of some branches of an entity, as far as that was kept.
fn exports_of(ingested: &Ingested, entity: &str, branches: &BTreeSet<String>) -> Vec<String> {
    let Some(entity) = Entity::named(entity).filter(|_| !branches.is_empty()) else { return Vec::new() };
    ingested.exports_of(entity, branches).unwrap_or_else(|cause| {
        warn!("which exports are to blame can't be told: {cause}");
        Vec::new()
    })
}

/// The staged column that says which day a row is of.
fn day_column(entity: &str) -> Option<&'static str> {
    match entity {
        "orders" => Some("paid_on"),
        "visits" => Some("visited_on"),
        "leads" => Some("created_on"),
        "contacts" => Some("contacted_on"),
        "spend" => Some("spent_on"),
        _ => None,
    }
}

/// Rows that are used up to the day of the snapshot before, by branch.
async fn used_until(engine: &Engine, entity: &str, day: &str, until: NaiveDate) -> Result<BTreeMap<String, u64>> {
    let sql = format!(
        "select branch_id(branch_key) as branch_id, count(*) as used from stg_{entity} where {day} <= date '{until}' \
         group by branch_key"
    );
    let answers = answers(engine, SHOWN, &sql, &[DataType::Utf8, DataType::Int64]).await?;
    let of_branch = |answer: &Answer, row| Some((answer.text(0, row)?, answer.count(1, row)));
    Ok(answers.iter().flat_map(|answer| answer.rows().filter_map(move |row| of_branch(answer, row))).collect())
}

/// Where objects are gone that were read before, others may hold their rows, but none may be missing.
fn gone_with_objects(entity: &str, before: &BranchRows, now: &BTreeMap<String, u64>) -> Option<String> {
    let branch = before.branch_id.as_deref()?;
    let used = now.get(branch).copied().unwrap_or_default();
    (used < before.used).then(|| fewer(entity, branch, used, before.used))
}

fn fewer(entity: &str, branch: &str, used: u64, before: u64) -> String {
    format!("{entity} of branch {branch}: {used} rows are used, {before} were")
}

fn loss(entity: &str, before: &BranchRows, now: &EntityRows) -> Option<String> {
    let branch = before.branch_id.as_deref()?;
    if before.used < LEAST_ROWS {
        return None;
    }
    let none = BranchRows::default();
    let now = now.branches.iter().find(|rows| rows.branch_id.as_deref() == Some(branch)).unwrap_or(&none);
    if now.used * 100 < before.used * KEPT_PERCENT {
        return Some(fewer(entity, branch, now.used, before.used));
    }
    let (mean_now, mean_before) = (mean_amount(now)?, mean_amount(before)?);
    let differs =
        mean_now > mean_before.saturating_mul(AMOUNT_FACTOR) || mean_now.saturating_mul(AMOUNT_FACTOR) < mean_before;
    (differs && !is_told_by_what_came(before, now)).then(|| {
        let (now, before) = (hundredths(mean_now), hundredths(mean_before));
        format!("{entity} of branch {branch}: a row's mean amount is {now}, and was {before}")
    })
}

/// Whether a branch's old rows may be as they were, and those that came since make the difference.
fn is_told_by_what_came(before: &BranchRows, now: &BranchRows) -> bool {
    let mean_added = || {
        let rows = i64::try_from(now.used.checked_sub(before.used)?).ok()?;
        now.amount_hundredths?.checked_sub(before.amount_hundredths?)?.checked_div(rows)
    };
    let most = mean_amount(before).map(|mean| mean.saturating_mul(ADDED_FACTOR));
    mean_added().zip(most).is_some_and(|(mean, most)| (0..=most).contains(&mean))
}

/// Hundredths; None where nothing is counted in money, or no more was paid than was paid back.
fn mean_amount(rows: &BranchRows) -> Option<i64> {
    let mean = rows.amount_hundredths?.checked_div(i64::try_from(rows.used).ok()?)?;
    (mean > 0).then_some(mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(used: u64, amount_hundredths: i64) -> BranchRows {
        let branch_id = Some("B1".to_owned());
        BranchRows { branch_id, used, amount_hundredths: Some(amount_hundredths), ..BranchRows::default() }
    }

    fn is_of_another_size(before: &BranchRows, now: BranchRows) -> bool {
        loss("orders", before, &EntityRows { branches: vec![now], ..EntityRows::default() }).is_some()
    }

    #[test]
    fn a_mean_amount_that_what_came_since_can_tell_is_no_error() {
        let before = branch(26, 3_700);
        // Five rows at eight times the mean of the others.
        assert!(!is_of_another_size(&before, branch(31, 9_400)));
        // At twelve times.
        assert!(is_of_another_size(&before, branch(31, 12_240)));
        // As many again for nothing.
        assert!(!is_of_another_size(&before, branch(60, 3_700)));
    }

    #[test]
    fn old_rows_of_another_size_are_told_whatever_came_since() {
        let before = branch(1_000, 100_000);
        assert!(is_of_another_size(&before, branch(1_000, 201_000)));
        assert!(is_of_another_size(&before, branch(1_100, 11_000_000)));
        assert!(is_of_another_size(&before, branch(1_500, 15_000_000)));
        assert!(is_of_another_size(&before, branch(2_000, 2_000)));
        assert!(!is_of_another_size(&before, branch(1_000, 199_000)));
    }
}
