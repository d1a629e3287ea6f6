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

/// The mean amount of a branch's rows up to a day moves little by corrections; by this factor it doesn't.
const AMOUNT_FACTOR: i64 = 2;

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
        let day = day_column(entity);
        // Rows that are of no day have no part up to one.
        let is_gone = day.is_some() && gone.contains(entity.as_str());
        let has_moved = |then: &BranchRows| other_amounts(then, &of_branch(now, then.branch_id.as_deref())).is_some();
        let until = match day.filter(|_| is_gone || then.branches.iter().any(has_moved)) {
            Some(day) => rows_until(engine, entity, day, before.as_of).await?,
            None => BTreeMap::new(),
        };
        let told = |then: &BranchRows| {
            let branch = then.branch_id.as_deref()?;
            let until = until.get(branch).cloned().unwrap_or_default();
            // Where objects are gone that were read before, others may hold their rows, but none may be missing.
            let sentence = match is_gone && until.used < then.used {
                true => fewer(entity, branch, until.used, then.used),
                false => loss(entity, then, &of_branch(now, Some(branch)), &until)?,
            };
            Some((branch.to_owned(), sentence))
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

/// Rows that are used up to the day of the snapshot before, and their money, by branch.
async fn rows_until(
    engine: &Engine,
    entity: &str,
    day: &str,
    until: NaiveDate,
) -> Result<BTreeMap<String, BranchRows>> {
    // As int_row_count counts money.
    let amount = match entity {
        "orders" => "sum(case when is_counted then amount end)",
        "spend" => "sum(amount)",
        _ => "null",
    };
    let sql = format!(
        "select branch_id(branch_key) as branch_id, count(*) as used, cast(100 * {amount} as bigint) as amount_hundredths \
         from stg_{entity} where {day} <= date '{until}' group by branch_key"
    );
    let answers = answers(engine, SHOWN, &sql, &[DataType::Utf8, DataType::Int64, DataType::Int64]).await?;
    let told = |answer: &Answer, row| {
        let (used, amount_hundredths) = (answer.count(1, row), answer.some_number(2, row));
        Some((answer.text(0, row)?, BranchRows { used, amount_hundredths, ..BranchRows::default() }))
    };
    Ok(answers.iter().flat_map(|answer| answer.rows().filter_map(move |row| told(answer, row))).collect())
}

fn fewer(entity: &str, branch: &str, used: u64, before: u64) -> String {
    format!("{entity} of branch {branch}: {used} rows are used, {before} were")
}

/// A branch's rows; none where it isn't among them.
fn of_branch(rows: &EntityRows, branch: Option<&str>) -> BranchRows {
    let found = rows.branches.iter().find(|rows| rows.branch_id.as_deref() == branch);
    found.cloned().unwrap_or_default()
}

/// What a branch has lost: rows, or the size of the amounts of those up to the day of the snapshot before. That the mean of
/// all its rows has moved may be due to those that came since.
fn loss(entity: &str, before: &BranchRows, now: &BranchRows, until: &BranchRows) -> Option<String> {
    let branch = before.branch_id.as_deref()?;
    if before.used < LEAST_ROWS {
        return None;
    }
    if now.used * 100 < before.used * KEPT_PERCENT {
        return Some(fewer(entity, branch, now.used, before.used));
    }
    other_amounts(before, now)?;
    let (was, is) = other_amounts(before, until)?;
    let (was, is) = (hundredths(was), hundredths(is));
    Some(format!("{entity} of branch {branch}: a row's mean amount is {is}, and was {was}"))
}

/// Mean amounts before and now, if they are of another size.
fn other_amounts(before: &BranchRows, now: &BranchRows) -> Option<(i64, i64)> {
    let (was, is) = (mean_amount(before)?, mean_amount(now)?);
    let differs = is > was.saturating_mul(AMOUNT_FACTOR) || is.saturating_mul(AMOUNT_FACTOR) < was;
    differs.then_some((was, is))
}

/// Hundredths; None where nothing is counted in money, or no more was paid than was paid back.
fn mean_amount(rows: &BranchRows) -> Option<i64> {
    let mean = rows.amount_hundredths?.checked_div(i64::try_from(rows.used).ok()?)?;
    (mean > 0).then_some(mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(used: u64, amount_hundredths: i64) -> BranchRows {
        let branch_id = Some("B1".to_owned());
        BranchRows { branch_id, used, amount_hundredths: Some(amount_hundredths), ..BranchRows::default() }
    }

    #[test]
    fn a_mean_amount_that_rows_since_have_moved_is_no_error() {
        let before = rows(26, 3_712);
        assert_eq!(loss("orders", &before, &rows(27, 8_090), &rows(26, 3_712)), None);
    }

    #[test]
    fn rows_of_another_size_than_before_are_told() {
        let before = rows(26, 3_712);
        let told = Some("orders of branch B1: a row's mean amount is 142.76, and was 1.42".to_owned());
        assert_eq!(loss("orders", &before, &rows(27, 371_300), &rows(26, 371_200)), told);
        assert!(loss("orders", &before, &rows(27, 1_600), &rows(26, 1_500)).is_some());
    }
}
