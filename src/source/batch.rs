//! Rows as read, before anything is known about their values.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use csv::ByteRecord;
use serde_json::{Map, Value};

/// Rows of a batch.
pub(super) const BATCH_ROWS: usize = 16_384;
/// Bytes of text after which a batch is closed early.
pub(super) const BATCH_BYTES: usize = 8 << 20;

/// Some rows of an object.
pub(super) struct RowBatch {
    /// Number of the first row in its object, from 1.
    pub first_row_no: i64,
    pub rows: usize,
    /// Per canonical column, what the source has for it.
    pub columns: Vec<Option<ArrayRef>>,
    pub raw: RawRows,
    /// Rows that are unreadable as a whole.
    pub faults: Faults,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The canonical column; None if the row as a whole is bad.
    pub column: Option<&'static str>,
    /// The class of the fault, for counts.
    pub label: &'static str,
    /// The sentence that a person reads.
    pub cause: String,
}

/// The bad rows of a batch, by index; of each the first fault that was found.
#[derive(Default)]
pub(super) struct Faults(BTreeMap<usize, Fault>);

impl Faults {
    /// Marks `row`, unless it is marked already.
    pub fn add(&mut self, row: usize, fault: impl FnOnce() -> Fault) {
        self.0.entry(row).or_insert_with(fault);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = (usize, &Fault)> {
        self.0.iter().map(|(row, fault)| (*row, fault))
    }
}

/// The text of each row of a batch, for the few that are set aside.
pub(super) enum RawRows {
    Records(Records),
    Lines(Lines),
    Parquet(RecordBatch),
}

impl RawRows {
    /// The row's text: the CSV record, the JSON line, or the Parquet row as a JSON object.
    pub fn text(&self, row: usize) -> String {
        match self {
            RawRows::Records(records) => records.text(row),
            RawRows::Lines(lines) => lines.text(row),
            RawRows::Parquet(batch) => Value::Object(object_of(batch, row)).to_string(),
        }
    }

    /// The row's text with each field as `show` has it; None if it can't be taken apart.
    pub fn text_with(&self, row: usize, show: impl FnMut(Field<'_>, &str) -> Shown) -> Option<String> {
        match self {
            RawRows::Records(records) => Some(records.text_with(row, show)),
            RawRows::Lines(lines) => serde_json::from_str(&lines.text(row)).ok().map(|object| json_with(object, show)),
            RawRows::Parquet(batch) => Some(json_with(object_of(batch, row), show)),
        }
    }
}

/// A field of a row as read: of a CSV record by its place, of an object by its name.
pub(super) enum Field<'a> {
    Place(usize),
    Name(&'a str),
}

/// What is shown of a field.
pub(super) enum Shown {
    Kept,
    Replaced(String),
    LeftOut,
}

/// CSV records, end to end.
pub(super) struct Records {
    pub delimiter: u8,
    pub quote: u8,
    bytes: Vec<u8>,
    field_ends: Vec<usize>,
    row_ends: Vec<usize>,
}

impl Records {
    pub fn new(delimiter: u8, quote: u8) -> Self {
        Records { delimiter, quote, bytes: Vec::new(), field_ends: Vec::new(), row_ends: Vec::new() }
    }

    pub fn push(&mut self, record: &ByteRecord) {
        for field in record {
            self.bytes.extend_from_slice(field);
            self.field_ends.push(self.bytes.len());
        }
        self.row_ends.push(self.field_ends.len());
    }

    pub fn bytes_len(&self) -> usize {
        self.bytes.len()
    }

    fn text(&self, row: usize) -> String {
        self.text_with(row, |_, _| Shown::Kept)
    }

    fn text_with(&self, row: usize, mut show: impl FnMut(Field<'_>, &str) -> Shown) -> String {
        let first = row.checked_sub(1).and_then(|before| self.row_ends.get(before)).copied().unwrap_or(0);
        let end = self.row_ends.get(row).copied().unwrap_or(first);
        let mut start = first.checked_sub(1).and_then(|before| self.field_ends.get(before)).copied().unwrap_or(0);
        let mut text = Vec::new();
        for (position, field_end) in self.field_ends.get(first..end).unwrap_or_default().iter().enumerate() {
            if position > 0 {
                text.push(self.delimiter);
            }
            let field = self.bytes.get(start..*field_end).unwrap_or_default();
            match show(Field::Place(position), &String::from_utf8_lossy(field)) {
                Shown::Kept => self.append(&mut text, field),
                Shown::Replaced(other) => self.append(&mut text, other.as_bytes()),
                Shown::LeftOut => {}
            }
            start = *field_end;
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    fn append(&self, text: &mut Vec<u8>, field: &[u8]) {
        if !field.iter().any(|byte| [self.delimiter, self.quote, b'\n', b'\r'].contains(byte)) {
            return text.extend_from_slice(field);
        }
        text.push(self.quote);
        for byte in field {
            if *byte == self.quote {
                text.push(self.quote);
            }
            text.push(*byte);
        }
        text.push(self.quote);
    }
}

/// Lines, end to end.
#[derive(Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Lines {
    pub fn push(&mut self, line: &[u8]) {
        self.bytes.extend_from_slice(line);
        self.ends.push(self.bytes.len());
    }

    pub fn bytes_len(&self) -> usize {
        self.bytes.len()
    }

    pub fn text(&self, row: usize) -> String {
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(row).copied().unwrap_or(start);
        String::from_utf8_lossy(self.bytes.get(start..end).unwrap_or_default()).into_owned()
    }
}

fn object_of(batch: &RecordBatch, row: usize) -> Map<String, Value> {
    let fields = batch.schema_ref().fields().iter().zip(batch.columns());
    fields.map(|(field, array)| (field.name().clone(), json_value(array, row))).collect()
}

fn json_with(object: Map<String, Value>, mut show: impl FnMut(Field<'_>, &str) -> Shown) -> String {
    let mut shown = Map::new();
    for (name, value) in object {
        let text = match &value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match show(Field::Name(&name), &text) {
            Shown::Kept => shown.insert(name, value),
            Shown::Replaced(other) => shown.insert(name, Value::String(other)),
            Shown::LeftOut => None,
        };
    }
    Value::Object(shown).to_string()
}

fn json_value(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    let options = FormatOptions::new();
    let text = match ArrayFormatter::try_new(array, &options) {
        Ok(formatter) => formatter.value(row).to_string(),
        Err(unreadable) => unreadable.to_string(),
    };
    let is_number = array.data_type().is_numeric();
    match serde_json::from_str(&text) {
        Ok(number @ Value::Number(_)) if is_number => number,
        _ => Value::String(text),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, StringArray};

    use super::*;

    #[test]
    fn a_record_is_joined_again_as_it_would_be_written() {
        let mut records = Records::new(b',', b'"');
        records.push(&ByteRecord::from(vec!["a", "b"]));
        records.push(&ByteRecord::from(vec!["x,y", "say \"hi\"", "", "金額"]));
        let raw = RawRows::Records(records);
        assert_eq!(raw.text(0), "a,b");
        assert_eq!(raw.text(1), "\"x,y\",\"say \"\"hi\"\"\",,金額");
    }

    #[test]
    fn a_line_and_a_parquet_row_are_json() {
        let mut lines = Lines::default();
        lines.push(b"{}");
        lines.push(b"[1]");
        assert_eq!(RawRows::Lines(lines).text(1), "[1]");
        let id: ArrayRef = Arc::new(StringArray::from(vec![Some("007"), None]));
        let sum: ArrayRef = Arc::new(Int64Array::from(vec![5, 6]));
        let batch = RecordBatch::try_from_iter_with_nullable([("id", id, true), ("sum", sum, false)]).expect("a batch");
        let raw = RawRows::Parquet(batch);
        assert_eq!((raw.text(0).as_str(), raw.text(1).as_str()), (r#"{"id":"007","sum":5}"#, r#"{"id":null,"sum":6}"#));
    }

    #[test]
    fn a_row_keeps_its_first_fault() {
        let fault = |label| move || Fault { column: None, label, cause: String::new() };
        let mut faults = Faults::default();
        faults.add(3, fault("first"));
        faults.add(3, fault("second"));
        assert_eq!(faults.iter().map(|(row, fault)| (row, fault.label)).collect::<Vec<_>>(), [(3, "first")]);
    }
}
