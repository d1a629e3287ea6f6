//! Days and points in time, from texts or from columns that have such a type.

use std::sync::Arc;

use arrow::array::{Array, AsArray, Date32Array, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};
use arrow::error::ArrowError;

use crate::source::batch::{Fault, Faults};
use crate::source::convert::{Cells, Converter, Input, Ready};
use crate::source::date_format::Format;
use crate::source::moment::{Moment, parse_usual};
use crate::source::texts::Texts;
use crate::source::zones::RowZones;

/// The branch's local days.
pub(super) fn days(
    cells: &Cells<'_>,
    converter: &Converter<'_>,
    row_zones: &RowZones,
    faults: &mut Faults,
) -> Result<Date32Array, ArrowError> {
    let moments = Moments::of(cells)?;
    let source = converter.source_clock.as_ref();
    let day = |row, moment| converter.zones.day(moment, row_zones.at(row), source);
    Ok((0..cells.rows).map(|row| moments.resolve(cells, row, faults, day)).collect())
}

/// Points in time.
pub(super) fn instants(
    cells: &Cells<'_>,
    converter: &Converter<'_>,
    row_zones: &RowZones,
    faults: &mut Faults,
) -> Result<Ready, ArrowError> {
    let moments = Moments::of(cells)?;
    let source = converter.source_clock.as_ref();
    let instant = |row, moment| converter.zones.instant(moment, row_zones.at(row), source);
    let array: TimestampMicrosecondArray =
        (0..cells.rows).map(|row| moments.resolve(cells, row, faults, instant)).collect();
    Ok(Ready::Array(Arc::new(array.with_timezone("UTC"))))
}

/// The moments of a column.
enum Moments {
    /// Per value of the texts, what could be read.
    Texts(Vec<Option<Moment>>),
    Days(Date32Array),
    Locals(TimestampMicrosecondArray),
    Instants(TimestampMicrosecondArray),
}

impl Moments {
    fn of(cells: &Cells<'_>) -> Result<Self, ArrowError> {
        let array = match &cells.input {
            Input::Texts(texts) => return Ok(Moments::parsed(texts, cells.formats)),
            Input::Array(array) => array,
        };
        Ok(match array.data_type() {
            DataType::Date32 | DataType::Date64 => {
                Moments::Days(cast(array, &DataType::Date32)?.as_primitive::<Date32Type>().clone())
            }
            DataType::Timestamp(_, zone) => {
                let micros = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))?;
                let micros = micros.as_primitive::<TimestampMicrosecondType>().clone();
                if zone.is_some() { Moments::Instants(micros) } else { Moments::Locals(micros) }
            }
            _ => Moments::parsed(&Texts::of(array)?, cells.formats),
        })
    }

    fn parsed(texts: &Texts, formats: Option<&[Format]>) -> Self {
        let parse = |text: &str| match formats {
            Some(formats) => formats.iter().find_map(|format| format.parse(text)),
            None => parse_usual(text),
        };
        Moments::Texts(texts.values().iter().map(|text| text.and_then(parse)).collect())
    }

    /// The row's moment, made into what is staged; a fault if that fails.
    fn resolve<T>(
        &self,
        cells: &Cells<'_>,
        row: usize,
        faults: &mut Faults,
        stage: impl Fn(usize, Moment) -> Option<T>,
    ) -> Option<T> {
        let moment = match (self, &cells.input) {
            (Moments::Texts(of_value), Input::Texts(texts)) => of_value.get(texts.position(row)?).copied().flatten(),
            (Moments::Texts(of_row), Input::Array(array)) => {
                array.is_valid(row).then(|| of_row.get(row).copied().flatten())?
            }
            (Moments::Days(days), _) => days.is_valid(row).then(|| Some(Moment::Day(days.value(row))))?,
            (Moments::Locals(us), _) => us.is_valid(row).then(|| Some(Moment::Local(us.value(row))))?,
            (Moments::Instants(us), _) => us.is_valid(row).then(|| Some(Moment::Instant(us.value(row))))?,
        };
        let staged = moment.and_then(|moment| stage(row, moment));
        if staged.is_none() {
            faults.add(row, || not_a_date(cells, row));
        }
        staged
    }
}

fn not_a_date(cells: &Cells<'_>, row: usize) -> Fault {
    let name = cells.column.name;
    let remedy = match cells.formats {
        Some(_) => format!("expected one of formats.{name}"),
        None => format!("expected e.g. 2026-11-21 or a form given in formats.{name}"),
    };
    cells.fault(row, "not a date", &remedy)
}
