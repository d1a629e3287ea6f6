//! NDJSON objects: one JSON object per line to batches of texts.

use std::collections::BTreeMap;
use std::io::Read;

use serde::de::IgnoredAny;
use serde_json::error::Category;

use crate::config::Source;
use crate::entity::Column;
use crate::number::plain_decimal;
use crate::source::list::FoundObject;
use crate::source::read::batch::{BATCH_BYTES, BATCH_ROWS, Lines, RawRows, RowBatch};
use crate::source::read::bind::{Binding, bind, inputs, missing, missing_input, repeats};
use crate::source::read::bytes::{LineLimit, ReadContext, ReadStatus, open_plain_text, open_text};
use crate::source::read::json_line::{self, Value};
use crate::source::read::lines::{Line, LineReader, TextPlace};
use crate::source::read::parts::TextPart;
use crate::source::read::text_column::TextColumn;
use crate::source::row_fault::{RowFault, RowFaults, malformed};
use crate::{Context, Kind, Result};

/// An NDJSON object that is being read. Its keys are those of the source's mapping: a line that
/// lacks one has null there.
pub(in crate::source) struct NdjsonReader<'a> {
    found: &'a FoundObject,
    source: &'a Source,
    encoding: &'static str,
    lines: LineReader<Box<dyn Read + Send>>,
    line: Line,
    values: KeyValues,
    /// Of the keys, those whose texts repeat.
    repeating: Vec<bool>,
    /// Whether keys that no line has are mistakes of the mapping.
    checks_keys: bool,
    pub bindings: Vec<Binding>,
    next_row_no: i64,
    /// Where a part of the object ends, in bytes of the text.
    end: Option<u64>,
    limit: LineLimit,
    pub status: ReadStatus,
}

impl<'a> NdjsonReader<'a> {
    pub fn open(found: &'a FoundObject, source: &'a Source, context: &ReadContext) -> Result<Self> {
        let name = |column: &Column| source.columns.get(column.name).cloned().unwrap_or_else(|| column.name.to_owned());
        let mut names: Vec<String> = found.entity.columns().iter().map(name).collect();
        names.extend(inputs(source).into_iter().map(str::to_owned));
        names.sort_unstable();
        names.dedup();
        let bindings = bind(found, source, &names)?;
        let mut repeating = vec![false; names.len()];
        for (column, binding) in found.entity.columns().iter().zip(&bindings) {
            if let Binding::Object(place) = binding
                && let Some(slot) = repeating.get_mut(*place)
            {
                *slot |= repeats(column);
            }
        }
        let reader = NdjsonReader::open_with(found, source, context, names, bindings)?;
        Ok(NdjsonReader { repeating, checks_keys: true, ..reader })
    }

    /// Only a part of the object, whose keys were checked already.
    pub fn open_part(
        found: &'a FoundObject,
        source: &'a Source,
        context: &ReadContext,
        part: &TextPart,
    ) -> Result<Self> {
        let reader = NdjsonReader::open(found, source, context)?;
        let (text, limit, status) = open_plain_text(found, context, part.start.byte + part.mark)?;
        let lines = LineReader::from(text, part.start);
        let (next_row_no, end) = (part.first_row_no, Some(part.end));
        Ok(NdjsonReader { lines, checks_keys: false, next_row_no, end, limit, status, ..reader })
    }

    /// Where the next line begins.
    pub fn place(&self) -> TextPlace {
        self.lines.place()
    }

    /// Reads the next line that has something on it; false at the end.
    pub fn pass(&mut self) -> Result<bool> {
        loop {
            if self.end.is_some_and(|end| self.lines.place().byte >= end) {
                return Ok(false);
            }
            self.limit.reset();
            let has_line = self.lines.next(&mut self.line);
            if !has_line.map_err(|cause| self.status.explain(self.found, &cause))? {
                return Ok(false);
            }
            if !self.line.text.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    /// With the keys `names`, ascending, of which `bindings` are those that are passed on.
    pub fn open_with(
        found: &'a FoundObject,
        source: &'a Source,
        context: &ReadContext,
        names: Vec<String>,
        bindings: Vec<Binding>,
    ) -> Result<Self> {
        let (text, limit, status) = open_text(found, source, context)?;
        Ok(NdjsonReader {
            found,
            source,
            encoding: source.csv.encoding.name(),
            lines: LineReader::new(text),
            line: Line::default(),
            repeating: vec![false; names.len()],
            values: KeyValues { texts: vec![KeyValue::default(); names.len()], names },
            checks_keys: false,
            bindings,
            next_row_no: 1,
            end: None,
            limit,
            status,
        })
    }

    /// The next rows; None at the end.
    pub fn next_batch(&mut self) -> Result<Option<RowBatch>> {
        let mut texts: Vec<TextColumn> = self.repeating.iter().map(|repeats| TextColumn::new(*repeats)).collect();
        let mut raw = Lines::default();
        let mut faults = RowFaults::default();
        let mut rows = 0;
        while rows < BATCH_ROWS && raw.bytes_len() < BATCH_BYTES {
            if !self.pass()? {
                break;
            }
            raw.push(&self.line.text, self.line.no);
            if let Some(fault) = self.values.read(&self.line.text, self.encoding) {
                self.values.clear();
                faults.add(rows, || fault);
            }
            for (column, cell) in texts.iter_mut().zip(&self.values.texts) {
                column.append(cell.is_set.then_some(cell.text.as_str()));
            }
            rows += 1;
        }
        if rows == 0 {
            return Ok(None);
        }
        let first_row_no = self.next_row_no;
        self.next_row_no += i64::try_from(rows).unwrap_or_default();
        if first_row_no == 1 && self.checks_keys {
            self.check_keys(&raw, &texts, rows, faults.len() < rows)?;
        }
        let arrays = texts.into_iter().map(TextColumn::finish).collect::<std::result::Result<Vec<_>, _>>();
        let arrays = arrays.context(Kind::Bug, || format!("{}: can't keep its texts", self.found.url))?;
        let column = |binding: &Binding| match binding {
            Binding::Object(place) => arrays.get(*place).cloned(),
            Binding::Constant(_) | Binding::Expression | Binding::Absent => None,
        };
        let columns = self.bindings.iter().map(column).collect();
        Ok(Some(RowBatch { first_row_no, rows, columns, raw: RawRows::Lines(raw), faults }))
    }

    /// A key that no line has was meant to be another.
    fn check_keys(&self, raw: &Lines, texts: &[TextColumn], rows: usize, has_objects: bool) -> Result<()> {
        if !has_objects {
            return Ok(());
        }
        let keys = || keys_of_first(raw, rows);
        let is_missing = |binding: &Binding| match binding {
            Binding::Object(place) => texts.get(*place).is_some_and(TextColumn::is_null),
            _ => false,
        };
        let (canonical, read) = self.bindings.split_at(self.found.entity.columns().len().min(self.bindings.len()));
        for (column, binding) in self.found.entity.columns().iter().zip(canonical) {
            // Without order_id each row would be an order of its own.
            let mapped = self.source.columns.get(column.name).map(String::as_str);
            let is_wanted = column.required || (column.name == "order_id" && mapped.is_some());
            if is_wanted && is_missing(binding) {
                return Err(missing(column, mapped.unwrap_or(column.name), self.found, self.source, &keys()));
            }
        }
        match inputs(self.source).into_iter().zip(read).find(|(_, binding)| is_missing(binding)) {
            Some((input, _)) => Err(missing_input(input, self.found, self.source, &keys())),
            None => Ok(()),
        }
    }
}

/// The keys of the first line that is an object.
fn keys_of_first(raw: &Lines, rows: usize) -> Vec<String> {
    let object = |row| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&raw.text(row)).ok();
    (0..rows).find_map(object).map(|object| object.keys().cloned().collect()).unwrap_or_default()
}

/// The values of the wanted keys of one line; their memory is used again for the next.
struct KeyValues {
    names: Vec<String>,
    texts: Vec<KeyValue>,
}

#[derive(Clone, Default)]
struct KeyValue {
    text: String,
    is_set: bool,
    is_nested: bool,
}

impl KeyValues {
    fn clear(&mut self) {
        for cell in &mut self.texts {
            cell.text.clear();
            cell.is_set = false;
            cell.is_nested = false;
        }
    }

    fn read(&mut self, line: &[u8], encoding: &str) -> Option<RowFault> {
        self.clear();
        let Ok(text) = std::str::from_utf8(line) else {
            return Some(malformed(encoding));
        };
        if encoding != "UTF-8" && text.contains(char::REPLACEMENT_CHARACTER) {
            return Some(malformed(encoding));
        }
        if json_line::members(text, |name, value| self.set(name, value)).is_none() {
            let cause = match serde_json::from_str::<BTreeMap<String, IgnoredAny>>(text) {
                // A cause of the category Data quotes the line.
                Err(cause) if cause.classify() != Category::Data => format!("isn't a JSON object: {cause}"),
                _ => "isn't a JSON object: it is another JSON value".to_owned(),
            };
            return Some(RowFault { column: None, label: "not a JSON object", cause });
        }
        let nested = self.names.iter().zip(&self.texts).find(|(_, cell)| cell.is_nested);
        nested.map(|(name, _)| RowFault {
            column: None,
            label: "nested value",
            cause: format!("'{name}' holds an object or a list; a single value was expected"),
        })
    }

    /// Of a name that is there twice, the last value counts.
    fn set(&mut self, name: &str, value: Value<'_>) {
        let place = self.names.binary_search_by(|wanted| wanted.as_str().cmp(name));
        let Some(cell) = place.ok().and_then(|place| self.texts.get_mut(place)) else { return };
        cell.text.clear();
        (cell.is_set, cell.is_nested) = (!matches!(value, Value::Null), matches!(value, Value::Nested(_)));
        match value {
            Value::Null | Value::Nested(_) => {}
            Value::Literal(literal) => cell.text.push_str(&plain_decimal(literal)),
            Value::Text(text) => cell.text.push_str(&text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Vec<Option<String>>, &'static str> {
        let names = vec!["a".to_owned(), "b".to_owned()];
        let mut values = KeyValues { texts: vec![KeyValue::default(); 2], names };
        match values.read(line.as_bytes(), "UTF-8") {
            Some(fault) => Err(fault.label),
            None => Ok(values.texts.into_iter().map(|cell| cell.is_set.then_some(cell.text)).collect()),
        }
    }

    #[test]
    fn values_are_read_as_they_are_written() {
        let values = |a: Option<&str>, b: Option<&str>| Ok(vec![a.map(str::to_owned), b.map(str::to_owned)]);
        assert_eq!(read(r#"{"b": 12.5, "x": [1, {"a": 2}], "a": "\u738b"}"#), values(Some("王"), Some("12.5")));
        assert_eq!(read(r#"{"a": null, "b": true}"#), values(None, Some("true")));
        assert_eq!(read(r#"{"a": -7, "b": 18446744073709551615}"#), values(Some("-7"), Some("18446744073709551615")));
        assert_eq!(read("{}"), values(None, None));
        assert_eq!(read(r#"{"a": 1, "b": {}, "b": 2, "a": null}"#), values(None, Some("2")));
    }

    #[test]
    fn numbers_are_exact_and_told_by_their_value() {
        for (a, b) in [("36893488147419103233", "36893488147419103234"), ("9007199254740993", "1234567890123456789.01")]
        {
            assert_eq!(read(&format!(r#"{{"a": {a}, "b": {b}}}"#)), Ok(vec![Some(a.to_owned()), Some(b.to_owned())]));
        }
        assert_eq!(read(r#"{"a": 17.0, "b": 1e3}"#), Ok(vec![Some("17".to_owned()), Some("1000".to_owned())]));
        assert_eq!(read(r#"{"a": "17.0", "b": -0}"#), Ok(vec![Some("17.0".to_owned()), Some("0".to_owned())]));
    }

    #[test]
    fn what_is_no_object_of_single_values_is_refused() {
        for line in ["[1]", "7", "\"a\"", "{\"a\": 1", "{\"a\": 1} x", "not json"] {
            assert_eq!(read(line), Err("not a JSON object"), "{line}");
        }
        assert_eq!(read(r#"{"a": {"b": 1}}"#), Err("nested value"));
        assert_eq!(read(r#"{"b": []}"#), Err("nested value"));
    }
}
