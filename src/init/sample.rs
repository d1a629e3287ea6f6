//! What the first values of a column look like.

use std::collections::BTreeSet;

use arrow::datatypes::DataType;

use crate::source::{Seen, is_number};

/// A column's first values.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The column's name, or its number.
    pub name: String,
    /// Its type is one of days or times.
    pub is_time: bool,
    /// Its type is one of binary floats, which are rounded to the cent.
    pub is_float: bool,
    values: Vec<Option<String>>,
}

impl Sample {
    /// Of what was seen.
    pub fn of(seen: &Seen) -> Self {
        let is_time = matches!(seen.data_type, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..));
        let is_float = seen.data_type.is_floating();
        Sample { name: seen.name.clone(), is_time, is_float, values: seen.values.clone() }
    }

    /// The different values, without nulls.
    pub fn distinct(&self) -> BTreeSet<&str> {
        self.values.iter().flatten().map(String::as_str).collect()
    }

    /// The value of a row.
    pub fn get(&self, row: usize) -> Option<&str> {
        self.values.get(row).and_then(Option::as_deref)
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether all values are numbers, and there are some.
    pub fn is_numeric(&self) -> bool {
        let distinct = self.distinct();
        !self.is_time && !distinct.is_empty() && distinct.iter().all(|value| is_number(value))
    }

    /// Whether all values are whole numbers.
    pub fn is_whole(&self) -> bool {
        let is_whole = |value: &&str| value.rsplit_once('.').is_none_or(|(_, rest)| rest.bytes().all(|b| b == b'0'));
        self.is_numeric() && self.distinct().iter().all(is_whole)
    }
}
