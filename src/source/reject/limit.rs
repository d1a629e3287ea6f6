//! When rejected rows are too many.

use std::collections::BTreeMap;
use std::path::Path;

use crate::entity::Entity;
use crate::source::folders::rejected_folder;
use crate::source::ingested::RowCounts;
use crate::{Error, Kind, Result};

/// Causes that an error lists.
const CAUSES_SHOWN: usize = 8;

/// Rows per class of fault: the column, if one is to blame, and the fault's label.
pub(in crate::source) type FaultCounts = BTreeMap<(Option<&'static str>, &'static str), u64>;

/// # Errors
/// More than `max_share` of the entity's rows were rejected.
pub(in crate::source) fn check_share(
    entity: Entity,
    rows: RowCounts,
    faults: &FaultCounts,
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
    let mut causes: Vec<_> = faults.iter().collect();
    causes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for ((column, label), count) in causes.iter().take(CAUSES_SHOWN) {
        error =
            error.detail(format!("{count} rows: {}{label}", column.map_or(String::new(), |name| format!("{name} "))));
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
