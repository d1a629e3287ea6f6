//! Days and points in time, from texts or from columns that have such a type.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Date32Array, Int64Array, PrimitiveArray, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::{ArrowPrimitiveType, DataType, Date32Type, Date64Type, Int64Type, TimeUnit};
use arrow::error::ArrowError;

use crate::source::parse::canonical::CanonicalColumn;
use crate::source::parse::cells::{CellInput, Cells};
use crate::source::parse::date_pattern::DatePattern;
use crate::source::parse::parsed_time::{ParsedTime, parse_usual};
use crate::source::parse::zones::{RowZones, ZoneClock, Zones};
use crate::source::row_fault::{RowFault, RowFaults};
use crate::source::texts::Texts;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// What tells a wall clock's reading which point in time it was.
pub(super) struct Clocks<'a> {
    pub zones: &'a Zones,
    pub of_rows: RowZones,
    /// The zone of times without an offset, if the source declares one.
    pub of_source: Option<&'a ZoneClock>,
}

/// The branch's local days.
pub(in crate::source) fn days(
    cells: &Cells<'_>,
    clocks: &Clocks<'_>,
    faults: &mut RowFaults,
) -> Result<Date32Array, ArrowError> {
    let times = TimeColumn::of(cells)?;
    let day = |row, time| clocks.zones.day(time, clocks.of_rows.at(row), clocks.of_source);
    Ok((0..cells.rows).map(|row| times.resolve(cells, row, faults, day)).collect())
}

/// Points in time.
pub(in crate::source) fn instants(
    cells: &Cells<'_>,
    clocks: &Clocks<'_>,
    faults: &mut RowFaults,
) -> Result<CanonicalColumn, ArrowError> {
    let times = TimeColumn::of(cells)?;
    let instant = |row, time| clocks.zones.instant(time, clocks.of_rows.at(row), clocks.of_source);
    let array: TimestampMicrosecondArray =
        (0..cells.rows).map(|row| times.resolve(cells, row, faults, instant)).collect();
    Ok(CanonicalColumn::Array(Arc::new(array.with_timezone("UTC"))))
}

/// The times of a column.
enum TimeColumn {
    /// Per value of the texts, what could be read.
    Texts(Vec<Option<ParsedTime>>),
    /// What can't be held is null.
    Days(Date32Array),
    Locals(Int64Array),
    Instants(Int64Array),
}

impl TimeColumn {
    fn of(cells: &Cells<'_>) -> Result<Self, ArrowError> {
        let array = match &cells.input {
            CellInput::Texts(texts) => return Ok(TimeColumn::parsed(texts, cells.date_patterns)),
            CellInput::Array(array) => array,
        };
        Ok(match array.data_type() {
            DataType::Date32 => TimeColumn::Days(array.as_primitive::<Date32Type>().clone()),
            DataType::Date64 => {
                let days = array.as_primitive::<Date64Type>();
                TimeColumn::Days(days.unary_opt(|ms| i32::try_from(ms.div_euclid(DAY_MS)).ok()))
            }
            DataType::Timestamp(unit, zone) => {
                let micros = micros(array, *unit)?;
                if zone.is_some() { TimeColumn::Instants(micros) } else { TimeColumn::Locals(micros) }
            }
            _ => TimeColumn::parsed(&Texts::of(array)?, cells.date_patterns),
        })
    }

    fn parsed(texts: &Texts, patterns: Option<&[DatePattern]>) -> Self {
        let parse = |text: &str| match patterns {
            Some(patterns) => patterns.iter().find_map(|pattern| pattern.parse(text)),
            None => parse_usual(text),
        };
        TimeColumn::Texts(texts.values().iter().map(|text| text.and_then(parse)).collect())
    }

    /// The row's time, made into what is staged; a fault if that fails.
    fn resolve<T>(
        &self,
        cells: &Cells<'_>,
        row: usize,
        faults: &mut RowFaults,
        to_staged: impl Fn(usize, ParsedTime) -> Option<T>,
    ) -> Option<T> {
        let (time, fault): (_, fn(&Cells<'_>, usize) -> RowFault) = match (self, &cells.input) {
            (TimeColumn::Texts(of_value), CellInput::Texts(texts)) => {
                (of_value.get(texts.position(row)?).copied().flatten(), not_a_date)
            }
            (_, CellInput::Array(array)) if array.is_null(row) => return None,
            (TimeColumn::Texts(of_row), _) => (of_row.get(row).copied().flatten(), not_a_date),
            (TimeColumn::Days(days), _) => (value(days, row).map(ParsedTime::Day), out_of_range),
            (TimeColumn::Locals(us), _) => (value(us, row).map(ParsedTime::Local), out_of_range),
            (TimeColumn::Instants(us), _) => (value(us, row).map(ParsedTime::Instant), out_of_range),
        };
        let Some(time) = time else {
            faults.add(row, || fault(cells, row));
            return None;
        };
        let staged = Some(time).filter(|time| time.is_in_calendar()).and_then(|time| to_staged(row, time));
        if staged.is_none() {
            faults.add(row, || out_of_range(cells, row));
        }
        staged
    }
}

fn value<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    array.is_valid(row).then(|| array.value(row))
}

/// Microseconds of a column of timestamps; those that don't fit are null.
fn micros(array: &ArrayRef, unit: TimeUnit) -> Result<Int64Array, ArrowError> {
    let values = cast(array, &DataType::Int64)?;
    let values = values.as_primitive::<Int64Type>();
    Ok(match unit {
        TimeUnit::Second => values.unary_opt(|s| s.checked_mul(1_000_000)),
        TimeUnit::Millisecond => values.unary_opt(|ms| ms.checked_mul(1_000)),
        TimeUnit::Microsecond => values.clone(),
        TimeUnit::Nanosecond => values.unary(|ns| ns.div_euclid(1_000)),
    })
}

fn not_a_date(cells: &Cells<'_>, row: usize) -> RowFault {
    let name = cells.column.name;
    let remedy = match cells.date_patterns {
        Some(_) => format!("expected one of formats.{name}"),
        None => format!("expected e.g. 2026-11-21 or a form given in formats.{name}"),
    };
    cells.fault(row, "not a date", &remedy)
}

fn out_of_range(cells: &Cells<'_>, row: usize) -> RowFault {
    cells.fault(row, "out of range", "years go from 1900 to 2200")
}
