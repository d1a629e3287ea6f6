//! When rejected rows are too many.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::entity::Entity;
use crate::source::folders::rejected_folder;
use crate::source::ingested::RowCounts;
use crate::source::row_fault::RowFault;
use crate::{Error, Kind, Result};

/// Causes that an error lists.
const CAUSES_SHOWN: usize = 8;

/// Rejected rows, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::source) struct RejectedRows {
    /// Of no branch, or of one that can't be told.
    pub of_no_branch: u64,
    /// By the id that they give for their branch: it may be no branch's.
    pub by_branch: BTreeMap<String, u64>,
    /// By class of fault: the column, if one is to blame, and the fault's label.
    pub by_fault: BTreeMap<String, u64>,
}

impl RejectedRows {
    /// Adds a row, and the branch that it names, if that can be told.
    pub fn add(&mut self, branch: Option<&str>, fault: &RowFault) {
        match branch {
            None => self.of_no_branch += 1,
            Some(id) => *self.by_branch.entry(id.to_owned()).or_default() += 1,
        }
        let class = format!("{}{}", fault.column.map_or(String::new(), |name| format!("{name} ")), fault.label);
        *self.by_fault.entry(class).or_default() += 1;
    }

    /// All of them.
    pub fn count(&self) -> u64 {
        self.by_fault.values().sum()
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &RejectedRows) {
        self.of_no_branch += other.of_no_branch;
        for (sums, counts) in [(&mut self.by_branch, &other.by_branch), (&mut self.by_fault, &other.by_fault)] {
            for (name, count) in counts {
                *sums.entry(name.clone()).or_default() += count;
            }
        }
    }
}

/// # Errors
/// More than `max_share` of the entity's rows were rejected.
pub(in crate::source) fn check_share(
    entity: Entity,
    rows: RowCounts,
    by_fault: &BTreeMap<String, u64>,
    max_share: f64,
    work: &Path,
) -> Result<()> {
    let share = ratio(rows.rejected, rows.read);
    if share <= max_share {
        return Ok(());
    }
    let name = entity.name();
    let mut error = Error::new(
        Kind::Data,
        format!(
            "{name}: {} of {} rows can't be used ({:.1} %), more than limits.max_rejected_share allows ({:.1} %)",
            rows.rejected,
            rows.read,
            share * 100.0,
            max_share * 100.0
        ),
    );
    let mut causes: Vec<_> = by_fault.iter().collect();
    causes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (class, count) in causes.iter().take(CAUSES_SHOWN) {
        error = error.detail(format!("{count} rows: {class}"));
    }
    if let Some(more) = causes.len().checked_sub(CAUSES_SHOWN).filter(|more| *more > 0) {
        error = error.detail(format!("and {more} more causes"));
    }
    let files = rejected_folder(work).join(format!("{name}-*.parquet"));
    Err(error
        .detail(format!("each row with its cause: {}", files.display()))
        .hint("mend the mapping in the pipeline file or the export; raise the limit only if such rows are expected"))
}

/// The share of `part` in `whole`, from 0 to 1; none of nothing.
#[allow(clippy::cast_precision_loss, reason = "a share needs no more than 53 bits")]
pub fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
