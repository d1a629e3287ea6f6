//! Which days staged rows are of.

use chrono::NaiveDate;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::statistics::Statistics;

use crate::entity::{ColumnKind, Entity};
use crate::source::ingested::Staged;
use crate::{Context, Kind, Result};

/// The first and the last day of an entity's staged events, as the files' statistics have them.
///
/// # Errors
/// A staged file that can't be read back.
pub fn day_range(entity: Entity, staged: &Staged) -> Result<Option<(NaiveDate, NaiveDate)>> {
    let time = entity.columns().iter().position(|column| column.kind == ColumnKind::LocalDay);
    let Some(time) = time else { return Ok(None) };
    let mut days: Option<(i32, i32)> = None;
    for path in &staged.files {
        let problem = || format!("can't read back {}", path.display());
        let file = std::fs::File::open(path).context(Kind::Output, problem)?;
        let reader = SerializedFileReader::new(file).context(Kind::Output, problem)?;
        for group in reader.metadata().row_groups() {
            let Some(Statistics::Int32(seen)) = group.columns().get(time).and_then(|column| column.statistics()) else {
                continue;
            };
            if let (Some(first), Some(last)) = (seen.min_opt(), seen.max_opt()) {
                days = Some(days.map_or((*first, *last), |(from, until)| (from.min(*first), until.max(*last))));
            }
        }
    }
    Ok(days.and_then(|(first, last)| Some((NaiveDate::from_epoch_days(first)?, NaiveDate::from_epoch_days(last)?))))
}
