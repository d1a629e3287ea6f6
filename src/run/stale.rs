//! Published days whose rows have changed since: exports that came late, or were corrected.
//!
//! A night reads everything up to its day, so it knows what each earlier day would be made of now. That is compared with
//! what the day's commit says it was made of: rows and money of each branch. Nothing is worked out anew for it.

use std::collections::BTreeMap;

use arrow::datatypes::DataType::{Date32, Int64, Utf8};
use chrono::NaiveDate;

use super::answer::answers;
use super::plan::Plan;
use super::rows::SHOWN;
use crate::Result;
use crate::engine::Engine;
use crate::model::Catalog;
use crate::number::hundredths;
use crate::publish::{BranchRows, Commit, EntityRows, Stale, StaleClosing};

/// The model of rows by day, which is there if a table is published that needs it.
pub(super) const MODEL: &str = "int_row_day";

const ROWS_BY_DAY: &str = "
    select
        entity, branch_id(branch_key) as branch_id, day, row_count, cast(100 * coalesce(amount, 0) as bigint) as amount
    from int_row_day order by entity, branch_id, day";

/// Branches that are told of, of each entity.
const BRANCHES_TOLD: usize = 3;

/// Rows, and hundredths of money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    rows: i64,
    amount: i64,
}

/// Of each entity and branch, what there is up to each day that has rows.
#[derive(Default)]
struct UpTo(BTreeMap<(String, BranchId), Vec<(NaiveDate, Sum)>>);

/// None of rows of no branch.
type BranchId = Option<String>;

/// Finds the published days, up to that of `plan`, whose rows have changed since.
///
/// # Errors
/// None that input can cause.
pub(super) async fn find(engine: &Engine, catalog: &Catalog, plan: &Plan) -> Result<Stale> {
    let mut stale = Stale::default();
    let earlier: Vec<&Commit> = plan.history.in_force().filter(|it| it.as_of < plan.snapshot.as_of).collect();
    if earlier.is_empty() || !catalog.models.contains_key(MODEL) {
        return Ok(stale);
    }
    let now = UpTo::read(engine).await?;
    for commit in earlier {
        let changes = now.changes_since(commit);
        match (changes.is_empty(), commit.is_period_end) {
            (true, _) => {}
            (false, true) => {
                stale.closings.push(StaleClosing { as_of: commit.as_of, number: commit.number, changes });
            }
            (false, false) => stale.other_days += 1,
        }
    }
    stale.closings.sort_unstable_by_key(|closing| closing.as_of);
    Ok(stale)
}

impl UpTo {
    async fn read(engine: &Engine) -> Result<Self> {
        let mut up_to = UpTo::default();
        for answer in answers(engine, SHOWN, ROWS_BY_DAY, &[Utf8, Utf8, Date32, Int64, Int64]).await? {
            for row in answer.rows() {
                let (Some(entity), Some(day)) = (answer.text(0, row), answer.day(2, row)) else { continue };
                let days = up_to.0.entry((entity, answer.text(1, row))).or_default();
                let before = days.last().map(|(_, sum)| *sum).unwrap_or_default();
                let rows = before.rows + answer.number(3, row);
                days.push((day, Sum { rows, amount: before.amount + answer.number(4, row) }));
            }
        }
        Ok(up_to)
    }

    fn at(&self, entity: &str, branch: Option<&str>, day: NaiveDate) -> Sum {
        let days = self.0.get(&(entity.to_owned(), branch.map(str::to_owned))).map(Vec::as_slice).unwrap_or_default();
        let until = days.partition_point(|(of, _)| *of <= day);
        until.checked_sub(1).and_then(|last| days.get(last)).map(|(_, sum)| *sum).unwrap_or_default()
    }

    /// What has changed up to the day of `commit`, by entity, in words.
    fn changes_since(&self, commit: &Commit) -> Vec<String> {
        let entities = commit.rows.iter().filter(|(entity, _)| self.0.keys().any(|(of, _)| of == *entity));
        let changes = entities.filter_map(|(entity, rows)| {
            let mut branches: BTreeMap<Option<&str>, Sum> =
                rows.branches.iter().map(|branch| (branch.branch_id.as_deref(), sum(branch))).collect();
            let known = self.0.keys().filter(|(of, _)| of == entity);
            known.for_each(|(_, branch)| {
                branches.entry(branch.as_deref()).or_default();
            });
            let moved = branches.into_iter().filter_map(|(branch, then)| {
                let now = self.at(entity, branch, commit.as_of);
                (now != then).then(|| difference(branch, then, now))
            });
            told(entity, &moved.collect::<Vec<_>>())
        });
        changes.collect()
    }
}

/// Whether a day was made of other rows or other money.
pub(super) fn differ(now: &BTreeMap<String, EntityRows>, then: &BTreeMap<String, EntityRows>) -> bool {
    let sums = |rows: &BTreeMap<String, EntityRows>| -> BTreeMap<(String, BranchId), Sum> {
        let of_entity = |(entity, rows): (&String, &EntityRows)| -> Vec<_> {
            rows.branches.iter().map(|branch| ((entity.clone(), branch.branch_id.clone()), sum(branch))).collect()
        };
        rows.iter().flat_map(of_entity).filter(|(_, sum)| *sum != Sum::default()).collect()
    };
    sums(now) != sums(then)
}

fn sum(branch: &BranchRows) -> Sum {
    Sum { rows: i64::try_from(branch.used).unwrap_or(i64::MAX), amount: branch.amount_hundredths.unwrap_or_default() }
}

fn difference(branch: Option<&str>, then: Sum, now: Sum) -> String {
    let signed = |number: i64, text: String| if number > 0 { format!("+{text}") } else { text };
    let (rows, amount) = (now.rows - then.rows, now.amount - then.amount);
    let branch = branch.unwrap_or("no branch");
    match amount {
        0 => format!("{branch} {} rows", signed(rows, rows.to_string())),
        _ => format!("{branch} {} rows, {}", signed(rows, rows.to_string()), signed(amount, hundredths(amount))),
    }
}

fn told(entity: &str, branches: &[String]) -> Option<String> {
    let shown = branches.iter().take(BRANCHES_TOLD).map(String::as_str).collect::<Vec<_>>().join("; ");
    let more = branches.len().saturating_sub(BRANCHES_TOLD);
    match (branches.len(), more) {
        (0, _) => None,
        (_, 0) => Some(format!("{entity}: {shown}")),
        _ => Some(format!("{entity}: {shown}; and {more} other branches")),
    }
}

/// Closings that are told of in warnings; a commit has all.
const CLOSINGS_TOLD: usize = 3;

/// What a person is told of days that lack what came since.
pub(super) fn warnings(stale: &Stale) -> Vec<String> {
    let mut warnings: Vec<String> = stale
        .closings
        .iter()
        .rev()
        .take(CLOSINGS_TOLD)
        .map(|closing| {
            let StaleClosing { as_of, changes, .. } = closing;
            format!("the closing snapshot of {as_of} lacks what came since: {}", changes.join(", "))
        })
        .collect();
    if let Some(more @ 1..) = stale.closings.len().checked_sub(CLOSINGS_TOLD) {
        warnings.push(format!("and so do {more} earlier ones: `rfmart plan` lists them"));
    }
    warnings
}
