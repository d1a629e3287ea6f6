//! The spans of days that a snapshot compares, as the table that SQL joins.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, RecordBatch, StringArray};
use arrow::datatypes::Date32Type;
use chrono::NaiveDate;

use super::facts::Snapshot;
use crate::calendar::Period;
use crate::{Context, Kind, Result};

/// Name of the table in SQL.
pub const TABLE: &str = "run_slot";

/// A span of days that is compared with others.
struct Slot {
    name: &'static str,
    period: Period,
    /// Last day: of a whole period, or up to which it is compared.
    ends_on: NaiveDate,
}

/// This period up to as_of, the one before and the same one a year before, both up to the same day of it; whole ones
/// when this period is complete. The fact `compared_from` is the first day of them all.
fn slots(snapshot: Snapshot) -> [Slot; 3] {
    let slot = |name, period| Slot { name, period, ends_on: snapshot.to_date(period) };
    let period = snapshot.period;
    [
        Slot { name: "current", period, ends_on: snapshot.as_of },
        slot("previous", period.previous()),
        slot("year_before", period.year_before()),
    ]
}

/// `run_slot` (slot, starts_on, ends_on, base_starts_on, base_ends_on, before_base_starts_on): the base of a slot is the
/// whole period before it.
///
/// # Errors
/// None that input can cause.
pub fn table(snapshot: Snapshot) -> Result<RecordBatch> {
    let slots = slots(snapshot);
    let days = |day: fn(&Slot) -> NaiveDate| -> ArrayRef {
        Arc::new(Date32Array::from_iter_values(slots.iter().map(|slot| Date32Type::from_naive_date(day(slot)))))
    };
    let rows = RecordBatch::try_from_iter([
        ("slot", Arc::new(StringArray::from_iter_values(slots.iter().map(|slot| slot.name))) as ArrayRef),
        ("starts_on", days(|slot| slot.period.start)),
        ("ends_on", days(|slot| slot.ends_on)),
        ("base_starts_on", days(|slot| slot.period.previous().start)),
        ("base_ends_on", days(|slot| slot.period.previous().end)),
        ("before_base_starts_on", days(|slot| slot.period.previous().previous().start)),
    ]);
    rows.context(Kind::Bug, || format!("can't build {TABLE}"))
}

#[cfg(test)]
mod tests {
    use arrow::util::display::array_value_to_string;

    use super::*;
    use crate::calendar::PeriodKind;

    fn rows(kind: PeriodKind, as_of: &str) -> Vec<String> {
        let as_of: NaiveDate = as_of.parse().expect("a date");
        let table = table(Snapshot { as_of, period: Period::containing(kind, as_of) }).expect("a table");
        let cell = |column: &ArrayRef, row| array_value_to_string(column, row).expect("a text");
        let line = |row| table.columns().iter().map(|column| cell(column, row)).collect::<Vec<_>>().join(" ");
        (0..table.num_rows()).map(line).collect()
    }

    #[test]
    fn earlier_slots_of_an_open_period_end_on_the_same_day_of_it_and_bases_are_whole() {
        assert_eq!(
            rows(PeriodKind::Month, "2026-03-30"),
            [
                "current 2026-03-01 2026-03-30 2026-02-01 2026-02-28 2026-01-01",
                "previous 2026-02-01 2026-02-28 2026-01-01 2026-01-31 2025-12-01",
                "year_before 2025-03-01 2025-03-30 2025-02-01 2025-02-28 2025-01-01",
            ]
        );
        assert_eq!(
            rows(PeriodKind::Week, "2026-11-24"),
            [
                "current 2026-11-23 2026-11-24 2026-11-16 2026-11-22 2026-11-09",
                "previous 2026-11-16 2026-11-17 2026-11-09 2026-11-15 2026-11-02",
                "year_before 2025-11-24 2025-11-25 2025-11-17 2025-11-23 2025-11-10",
            ]
        );
    }

    #[test]
    fn a_closing_snapshot_compares_whole_periods() {
        let slots = rows(PeriodKind::Month, "2026-02-28");
        assert_eq!(slots[1], "previous 2026-01-01 2026-01-31 2025-12-01 2025-12-31 2025-11-01");
    }
}
