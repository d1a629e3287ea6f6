//! Rows that a query has given, read by the types of their columns.

use std::ops::Range;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Int64Type};
use arrow::error::ArrowError;
use chrono::NaiveDate;

/// Some rows of an answer.
pub struct Answer {
    columns: Vec<ArrayRef>,
}

impl Answer {
    /// The rows of `batch`, whose columns are read as `types`.
    ///
    /// # Errors
    /// A column that can't be.
    pub fn of(batch: &RecordBatch, types: &[DataType]) -> Result<Self, ArrowError> {
        let columns = batch.columns().iter().zip(types).map(|(column, data_type)| cast(column, data_type));
        Ok(Answer { columns: columns.collect::<Result<_, _>>()? })
    }

    /// The rows.
    pub fn rows(&self) -> Range<usize> {
        0..self.columns.first().map_or(0, |column| column.len())
    }

    /// A text; None if it is null.
    pub fn text(&self, column: usize, row: usize) -> Option<String> {
        let texts = self.columns.get(column)?.as_string_opt::<i32>()?;
        texts.is_valid(row).then(|| texts.value(row).to_owned())
    }

    /// A whole number; 0 if it is null.
    pub fn number(&self, column: usize, row: usize) -> i64 {
        self.some_number(column, row).unwrap_or_default()
    }

    /// A whole number; None if it is null.
    pub fn some_number(&self, column: usize, row: usize) -> Option<i64> {
        let numbers = self.columns.get(column)?.as_primitive_opt::<Int64Type>()?;
        numbers.is_valid(row).then(|| numbers.value(row))
    }

    /// A number of rows.
    pub fn count(&self, column: usize, row: usize) -> u64 {
        u64::try_from(self.number(column, row)).unwrap_or_default()
    }

    /// A day; None if it is null.
    pub fn day(&self, column: usize, row: usize) -> Option<NaiveDate> {
        let days = self.columns.get(column)?.as_primitive_opt::<Date32Type>()?;
        days.is_valid(row).then(|| days.value_as_date(row)).flatten()
    }
}
