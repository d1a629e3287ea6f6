//! Rows as read, before anything is known about their values.

use std::borrow::Cow;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::source::read::csv_fields::{CsvDialect, Ending, Fields, append};
use crate::source::read::json_line::{self, Value};
use crate::source::row_fault::RowFaults;

/// Rows of a batch.
pub(in crate::source) const BATCH_ROWS: usize = 16_384;
/// Bytes of text after which a batch is closed early.
pub(in crate::source) const BATCH_BYTES: usize = 8 << 20;

/// Some rows of an object.
pub(in crate::source) struct RowBatch {
    /// Number of the first row in its object, from 1.
    pub first_row_no: i64,
    pub rows: usize,
    /// Per canonical column, what the source has for it.
    pub columns: Vec<Option<ArrayRef>>,
    pub raw: RawRows,
    /// Rows that are unreadable as a whole.
    pub faults: RowFaults,
}

impl RowBatch {
    /// Where a row is in its object: its number, and that of the line on which it begins, if there are lines.
    pub fn position_of(&self, row: usize) -> (i64, Option<i64>) {
        (self.first_row_no + i64::try_from(row).unwrap_or_default(), self.raw.line_no(row))
    }
}

/// The text of each row of a batch, for the few that are set aside.
pub(in crate::source) enum RawRows {
    Records(Lines, CsvDialect),
    Lines(Lines),
    Parquet(RecordBatch),
}

impl RawRows {
    /// The row's text: the CSV record or the JSON line as it was read, or the Parquet row as a JSON object.
    pub fn text(&self, row: usize) -> String {
        match self {
            RawRows::Records(lines, _) | RawRows::Lines(lines) => lines.text(row),
            RawRows::Parquet(batch) => joined(members_of(batch, row)),
        }
    }

    /// The row's text with each field as `mask` has it; None if it can't be taken apart.
    pub fn masked_text(&self, row: usize, mask: impl FnMut(FieldRef<'_>, &str) -> FieldMask) -> Option<String> {
        match self {
            RawRows::Records(lines, dialect) => masked_record(&lines.text(row), *dialect, mask),
            RawRows::Lines(lines) => {
                let line = lines.text(row);
                let mut members = Vec::new();
                json_line::members(&line, |name, value| members.push((name.to_owned(), value)))?;
                Some(masked_json(members, mask))
            }
            RawRows::Parquet(batch) => {
                let members = members_of(batch, row);
                Some(masked_json(members.iter().map(|(name, value)| (name.clone(), value.as_value())).collect(), mask))
            }
        }
    }

    /// Number of the line on which the row begins, from 1; None where there are no lines.
    pub fn line_no(&self, row: usize) -> Option<i64> {
        match self {
            RawRows::Records(lines, _) | RawRows::Lines(lines) => lines.nos.get(row).copied(),
            RawRows::Parquet(_) => None,
        }
    }
}

/// A field of a row as read: of a CSV record by its place, of an object by its name.
pub(in crate::source) enum FieldRef<'a> {
    Place(usize),
    Name(&'a str),
}

/// What is shown of a field.
pub(in crate::source) enum FieldMask {
    Keep,
    Replace(String),
    Omit,
}

/// The lines of rows, end to end.
#[derive(Default)]
pub(in crate::source) struct Lines {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    nos: Vec<i64>,
}

impl Lines {
    /// Adds the row that begins on line `no`.
    pub fn push(&mut self, text: &[u8], no: i64) {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        self.nos.push(no);
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

fn masked_record(
    record: &str,
    dialect: CsvDialect,
    mut mask: impl FnMut(FieldRef<'_>, &str) -> FieldMask,
) -> Option<String> {
    let mut fields = Fields::default();
    if fields.split(record.as_bytes(), dialect) != Ending::Complete {
        return None;
    }
    let mut shown = String::new();
    for (place, field) in fields.all().iter().enumerate() {
        if place > 0 {
            shown.push(char::from(dialect.delimiter));
        }
        let text = field.text(record, dialect);
        match mask(FieldRef::Place(place), &text) {
            FieldMask::Keep => append(&mut shown, &text, dialect),
            FieldMask::Replace(other) => append(&mut shown, &other, dialect),
            FieldMask::Omit => {}
        }
    }
    Some(shown)
}

fn masked_json(members: Vec<(String, Value<'_>)>, mut mask: impl FnMut(FieldRef<'_>, &str) -> FieldMask) -> String {
    let mut shown = Vec::new();
    for (name, value) in members {
        let text = match &value {
            Value::Null => Cow::Borrowed(""),
            Value::Text(text) => Cow::Borrowed(text.as_ref()),
            Value::Literal(_) | Value::Nested(_) => Cow::Owned(value.to_json()),
        };
        match mask(FieldRef::Name(&name), &text) {
            FieldMask::Keep => shown.push((name, Json(value.to_json()))),
            FieldMask::Replace(other) => shown.push((name, Json(json_line::text_to_json(&other)))),
            FieldMask::Omit => {}
        }
    }
    joined(shown)
}

/// A value as JSON.
struct Json(String);

impl Json {
    fn as_value(&self) -> Value<'_> {
        match self.0.as_str() {
            "null" => Value::Null,
            text => match serde_json::from_str::<String>(text) {
                Ok(text) => Value::Text(Cow::Owned(text)),
                Err(_) => Value::Literal(text),
            },
        }
    }
}

fn joined(members: Vec<(String, Json)>) -> String {
    let members: Vec<String> =
        members.iter().map(|(name, Json(value))| format!("{}:{value}", json_line::text_to_json(name))).collect();
    format!("{{{}}}", members.join(","))
}

fn members_of(batch: &RecordBatch, row: usize) -> Vec<(String, Json)> {
    let fields = batch.schema_ref().fields().iter().zip(batch.columns());
    fields.map(|(field, array)| (field.name().clone(), json_value(array, row))).collect()
}

fn json_value(array: &dyn Array, row: usize) -> Json {
    if array.is_null(row) {
        return Json("null".to_owned());
    }
    let options = FormatOptions::new();
    let text = match ArrayFormatter::try_new(array, &options) {
        Ok(formatter) => formatter.value(row).to_string(),
        Err(unreadable) => unreadable.to_string(),
    };
    let is_number = array.data_type().is_numeric() && json_line::is_json_number(&text);
    Json(if is_number { text } else { json_line::text_to_json(&text) })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Decimal128Array, StringArray};

    use super::*;

    /// The text with `id` replaced and `left_out` left out.
    fn shown(raw: &RawRows, row: usize, id: (usize, &str), left_out: (usize, &str)) -> Option<String> {
        let is = |field: &FieldRef<'_>, (place, name): (usize, &str)| match field {
            FieldRef::Place(at) => *at == place,
            FieldRef::Name(key) => *key == name,
        };
        raw.masked_text(row, |field, text| match () {
            () if is(&field, id) => FieldMask::Replace(format!("<{text}>")),
            () if is(&field, left_out) => FieldMask::Omit,
            () => FieldMask::Keep,
        })
    }

    #[test]
    fn a_record_is_shown_as_it_was_read_or_field_by_field() {
        let mut lines = Lines::default();
        lines.push(b"a,\"b\"", 2);
        lines.push("\"x,y\",\"say \"\"hi\"\"\",,\"金\n額\"".as_bytes(), 3);
        lines.push(b"a,\"b", 5);
        let raw = RawRows::Records(lines, CsvDialect { delimiter: b',', quote: b'"' });
        assert_eq!(raw.text(0), "a,\"b\"");
        assert_eq!(raw.text(1), "\"x,y\",\"say \"\"hi\"\"\",,\"金\n額\"");
        let parts = shown(&raw, 1, (1, ""), (0, ""));
        assert_eq!(parts.as_deref(), Some(",\"<say \"\"hi\"\">\",,\"金\n額\""));
        assert_eq!(shown(&raw, 2, (1, ""), (0, "")), None);
        assert_eq!([0, 1, 2, 3].map(|row| raw.line_no(row)), [Some(2), Some(3), Some(5), None]);
    }

    #[test]
    fn a_line_and_a_parquet_row_are_json_with_numbers_as_they_are() {
        let mut lines = Lines::default();
        lines.push(b"{}", 1);
        lines.push(br#"{"id": 36893488147419103233, "sum": 12.30, "x": [1]}"#, 2);
        let raw = RawRows::Lines(lines);
        assert_eq!(raw.text(0), "{}");
        let parts = shown(&raw, 1, (9, "id"), (9, "x"));
        assert_eq!(parts.as_deref(), Some(r#"{"id":"<36893488147419103233>","sum":12.30}"#));
        let id: ArrayRef = Arc::new(StringArray::from(vec![Some("007"), None]));
        let sum: ArrayRef = Arc::new(
            Decimal128Array::from(vec![123_456_789_012_345_678_901, 6])
                .with_precision_and_scale(38, 2)
                .expect("a decimal"),
        );
        let batch = RecordBatch::try_from_iter_with_nullable([("id", id, true), ("sum", sum, false)]).expect("a batch");
        let raw = RawRows::Parquet(batch);
        assert_eq!(raw.text(0), r#"{"id":"007","sum":1234567890123456789.01}"#);
        assert_eq!(raw.text(1), r#"{"id":null,"sum":0.06}"#);
        let parts = shown(&raw, 0, (9, "id"), (9, "x"));
        assert_eq!(parts.as_deref(), Some(r#"{"id":"<007>","sum":1234567890123456789.01}"#));
    }
}
