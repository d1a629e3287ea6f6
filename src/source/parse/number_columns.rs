//! Money and whole numbers, from texts or from numeric columns.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};
use arrow::error::ArrowError;

use crate::entity::ColumnKind;
use crate::number::{NumberError, count, parse_count, parse_money, rescale_money, round_money};
use crate::source::parse::canonical::CanonicalColumn;
use crate::source::parse::cells::{CellInput, Cells};
use crate::source::row_fault::RowFaults;
use crate::source::texts::Texts;

type Cell = Result<Option<i64>, NumberError>;

/// DECIMAL(18,2).
pub(in crate::source) fn money(cells: &Cells<'_>, faults: &mut RowFaults) -> Result<CanonicalColumn, ArrowError> {
    let values = match &cells.input {
        CellInput::Texts(texts) => from_texts(texts, parse_money),
        CellInput::Array(array) => match staged_money(array)? {
            Some(staged) => return Ok(CanonicalColumn::Array(staged)),
            None => money_from_array(array)?,
        },
    };
    let array: Decimal128Array = good_values(cells, values, faults).map(|cents| cents.map(i128::from)).collect();
    Ok(CanonicalColumn::Array(Arc::new(array.with_precision_and_scale(18, 2)?)))
}

/// Whole numbers: quantities and sessions.
pub(in crate::source) fn integers(cells: &Cells<'_>, faults: &mut RowFaults) -> Result<CanonicalColumn, ArrowError> {
    let values = match &cells.input {
        CellInput::Texts(texts) => from_texts(texts, parse_count),
        CellInput::Array(array) if are_counts(array) => return Ok(CanonicalColumn::Array(Arc::clone(array))),
        CellInput::Array(array) => integers_from_array(array)?,
    };
    let array: Int64Array = good_values(cells, values, faults).collect();
    Ok(CanonicalColumn::Array(Arc::new(array)))
}

/// A column of amounts that is as it is staged already.
fn staged_money(array: &ArrayRef) -> Result<Option<ArrayRef>, ArrowError> {
    let Some(values) = array.as_primitive_opt::<Decimal128Type>().filter(|values| values.scale() == 2) else {
        return Ok(None);
    };
    let is_money = |value| rescale_money(value, 2).is_ok();
    let staged = values.iter().flatten().all(is_money).then(|| values.clone().with_precision_and_scale(18, 2));
    Ok(staged.transpose()?.map(|staged| Arc::new(staged) as ArrayRef))
}

/// Whether a column of whole numbers is as it is staged already.
fn are_counts(array: &ArrayRef) -> bool {
    let values = array.as_primitive_opt::<Int64Type>();
    values.is_some_and(|values| values.iter().flatten().all(|value| count(value).is_ok()))
}

fn good_values(cells: &Cells<'_>, values: Vec<Cell>, faults: &mut RowFaults) -> impl Iterator<Item = Option<i64>> {
    for (row, value) in values.iter().enumerate() {
        if let Err(fault) = value {
            let is_money = cells.column.kind == ColumnKind::Money;
            let (label, remedy) = explain(*fault, is_money);
            faults.add(row, || cells.fault(row, label, remedy));
        }
    }
    values.into_iter().map(|value| value.ok().flatten())
}

fn explain(fault: NumberError, is_money: bool) -> (&'static str, &'static str) {
    match (fault, is_money) {
        (NumberError::NotANumber, true) => ("not an amount", "expected one such as 1234.50 or 1,234.50"),
        (NumberError::TooPrecise, true) => ("not whole cents", "money has two decimals; nothing is rounded"),
        (NumberError::TooLarge, true) => ("out of range", "amounts go up to 9,999,999,999.99"),
        (NumberError::NotANumber, false) => ("not a number", "expected a whole number, such as 6"),
        (NumberError::TooPrecise, false) => ("not a whole number", "expected one without decimals, such as 6"),
        (NumberError::TooLarge, false) => ("out of range", "whole numbers go up to 1,000,000"),
    }
}

fn from_texts(texts: &Texts, parse: impl Fn(&str) -> Result<i64, NumberError>) -> Vec<Cell> {
    let of_value: Vec<Cell> = texts.values().iter().map(|text| text.map(&parse).transpose()).collect();
    if texts.keys().is_none() {
        return of_value;
    }
    let of_row = |row| texts.position(row).and_then(|position| of_value.get(position)).copied().unwrap_or(Ok(None));
    (0..texts.len()).map(of_row).collect()
}

fn money_from_array(array: &ArrayRef) -> Result<Vec<Cell>, ArrowError> {
    Ok(match array.data_type() {
        DataType::Decimal32(_, scale) | DataType::Decimal64(_, scale) | DataType::Decimal128(_, scale) => {
            let wide = cast(array, &DataType::Decimal128(38, *scale))?;
            let values = wide.as_primitive::<Decimal128Type>();
            cells_of(array, values.iter().map(|value| value.map(|value| rescale_money(value, *scale))))
        }
        data_type if data_type.is_floating() => {
            let wide = cast(array, &DataType::Float64)?;
            cells_of(array, wide.as_primitive::<Float64Type>().iter().map(|value| value.map(round_money)))
        }
        data_type if data_type.is_integer() => {
            let wide = cast(array, &DataType::Int64)?;
            let whole = |value| rescale_money(i128::from(value), 0);
            cells_of(array, wide.as_primitive::<Int64Type>().iter().map(|value| value.map(whole)))
        }
        _ => from_texts(&Texts::of(array)?, parse_money),
    })
}

fn integers_from_array(array: &ArrayRef) -> Result<Vec<Cell>, ArrowError> {
    if array.data_type().is_integer() {
        let wide = cast(array, &DataType::Int64)?;
        return Ok(cells_of(array, wide.as_primitive::<Int64Type>().iter().map(|value| value.map(count))));
    }
    Ok(from_texts(&Texts::of(array)?, parse_count))
}

/// A value that a cast lost was too large for the wider type.
fn cells_of(array: &ArrayRef, values: impl Iterator<Item = Option<Result<i64, NumberError>>>) -> Vec<Cell> {
    let cell = |(row, value): (usize, Option<Result<i64, NumberError>>)| match value {
        None if array.is_valid(row) => Err(NumberError::TooLarge),
        other => other.transpose(),
    };
    values.enumerate().map(cell).collect()
}
