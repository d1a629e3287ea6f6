//! What the first values of a column look like.

use std::collections::BTreeSet;

use arrow::datatypes::DataType;

use crate::number::is_number;
use crate::source::PeekedColumn;

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
    pub fn of(seen: &PeekedColumn) -> Self {
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

    /// Whether nearly all values are such, and there are some: a few of an export are always bad.
    pub fn are(&self, such: impl Fn(&str) -> bool) -> bool {
        let distinct = self.distinct();
        let good = distinct.iter().filter(|value| such(value)).count();
        good > 0 && good * 10 >= distinct.len() * 9
    }

    /// Whether the values are numbers.
    pub fn is_numeric(&self) -> bool {
        !self.is_time && self.are(is_number)
    }

    /// Whether the values are whole numbers.
    pub fn is_whole(&self) -> bool {
        let is_whole = |value: &str| value.rsplit_once('.').is_none_or(|(_, rest)| rest.bytes().all(|b| b == b'0'));
        !self.is_time && self.are(|value| is_number(value) && is_whole(value))
    }
}
