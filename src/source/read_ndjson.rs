//! NDJSON objects: one JSON object per line to batches of texts.

use std::fmt;
use std::io::{BufReader, Read};
use std::sync::Arc;

use arrow::array::{ArrayBuilder, ArrayRef, StringBuilder};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::error::Category;

use crate::Result;
use crate::config::Source;
use crate::source::batch::{BATCH_BYTES, BATCH_ROWS, Fault, Faults, Lines, RawRows, RowBatch};
use crate::source::bind::{Origin, bind, inputs, missing, missing_input};
use crate::source::bytes::{Outcome, ReadContext, RecordLimit, open_text, read_line};
use crate::source::list::Found;
use crate::source::read_csv::malformed;

/// An NDJSON object that is being read. Its keys are those of the source's mapping: a line that
/// lacks one has null there.
pub(super) struct NdjsonReader<'a> {
    found: &'a Found,
    source: &'a Source,
    encoding: &'static str,
    reader: BufReader<Box<dyn Read + Send>>,
    line: Vec<u8>,
    cells: Cells,
    /// Whether keys that no line has are mistakes of the mapping.
    checks_keys: bool,
    pub origins: Vec<Origin>,
    next_row_no: i64,
    limit: RecordLimit,
    pub outcome: Outcome,
}

impl<'a> NdjsonReader<'a> {
    pub fn open(found: &'a Found, source: &'a Source, context: &ReadContext) -> Result<Self> {
        let name = |column: &crate::source::Column| {
            source.columns.get(column.name).cloned().unwrap_or_else(|| column.name.to_owned())
        };
        let mut names: Vec<String> = found.entity.columns().iter().map(name).collect();
        names.extend(inputs(source).into_iter().map(str::to_owned));
        names.sort_unstable();
        names.dedup();
        let origins = bind(found, source, &names)?;
        let reader = NdjsonReader::open_with(found, source, context, names, origins)?;
        Ok(NdjsonReader { checks_keys: true, ..reader })
    }

    /// With the keys `names`, ascending, of which `origins` are those that are passed on.
    pub fn open_with(
        found: &'a Found,
        source: &'a Source,
        context: &ReadContext,
        names: Vec<String>,
        origins: Vec<Origin>,
    ) -> Result<Self> {
        let (text, limit, outcome) = open_text(found, source, context)?;
        Ok(NdjsonReader {
            found,
            source,
            encoding: source.csv.encoding.name(),
            reader: BufReader::with_capacity(256 << 10, text),
            line: Vec::new(),
            cells: Cells { texts: vec![Cell::default(); names.len()], names },
            checks_keys: false,
            origins,
            next_row_no: 1,
            limit,
            outcome,
        })
    }

    /// The next rows; None at the end.
    pub fn next_batch(&mut self) -> Result<Option<RowBatch>> {
        let mut builders: Vec<StringBuilder> = self.cells.names.iter().map(|_| StringBuilder::new()).collect();
        let mut raw = Lines::default();
        let mut faults = Faults::default();
        let mut rows = 0;
        while rows < BATCH_ROWS && raw.bytes_len() < BATCH_BYTES {
            self.limit.reset();
            let has_line = read_line(&mut self.reader, &mut self.line);
            if !has_line.map_err(|cause| self.outcome.explain(self.found, &cause))? {
                break;
            }
            if self.line.trim_ascii().is_empty() {
                continue;
            }
            raw.push(&self.line);
            if let Some(fault) = self.cells.read(&self.line, self.encoding) {
                self.cells.clear();
                faults.add(rows, || fault);
            }
            for (builder, cell) in builders.iter_mut().zip(&self.cells.texts) {
                builder.append_option(cell.is_set.then_some(cell.text.as_str()));
            }
            rows += 1;
        }
        if rows == 0 {
            return Ok(None);
        }
        let first_row_no = self.next_row_no;
        self.next_row_no += i64::try_from(rows).unwrap_or_default();
        if first_row_no == 1 && self.checks_keys {
            self.check_keys(&raw, &builders, faults.len() < rows)?;
        }
        let arrays: Vec<ArrayRef> = builders.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef).collect();
        let column = |origin: &Origin| match origin {
            Origin::Object(place) => arrays.get(*place).cloned(),
            Origin::Constant(_) | Origin::Expression | Origin::Absent => None,
        };
        let columns = self.origins.iter().map(column).collect();
        Ok(Some(RowBatch { first_row_no, rows, columns, raw: RawRows::Lines(raw), faults }))
    }

    /// A key that no line has was meant to be another.
    fn check_keys(&self, raw: &Lines, builders: &[StringBuilder], has_objects: bool) -> Result<()> {
        if !has_objects {
            return Ok(());
        }
        let keys = || keys_of_first(raw, builders.first().map_or(0, ArrayBuilder::len));
        let is_never_set =
            |builder: &StringBuilder| builder.validity_slice().is_some_and(|v| v.iter().all(|b| *b == 0));
        let is_missing = |origin: &Origin| match origin {
            Origin::Object(place) => builders.get(*place).is_some_and(is_never_set),
            _ => false,
        };
        let (canonical, read) = self.origins.split_at(self.found.entity.columns().len().min(self.origins.len()));
        for (column, origin) in self.found.entity.columns().iter().zip(canonical) {
            // Without order_id each row would be an order of its own.
            let mapped = self.source.columns.get(column.name).map(String::as_str);
            let is_wanted = column.required || (column.name == "order_id" && mapped.is_some());
            if is_wanted && is_missing(origin) {
                return Err(missing(column, mapped.unwrap_or(column.name), self.found, self.source, &keys()));
            }
        }
        match inputs(self.source).into_iter().zip(read).find(|(_, origin)| is_missing(origin)) {
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
struct Cells {
    names: Vec<String>,
    texts: Vec<Cell>,
}

#[derive(Clone, Default)]
struct Cell {
    text: String,
    is_set: bool,
    is_nested: bool,
}

impl Cells {
    fn clear(&mut self) {
        for cell in &mut self.texts {
            cell.text.clear();
            cell.is_set = false;
            cell.is_nested = false;
        }
    }

    fn read(&mut self, line: &[u8], encoding: &str) -> Option<Fault> {
        self.clear();
        let Ok(text) = std::str::from_utf8(line) else {
            return Some(malformed(encoding));
        };
        if encoding != "UTF-8" && text.contains(char::REPLACEMENT_CHARACTER) {
            return Some(malformed(encoding));
        }
        let mut json = serde_json::Deserializer::from_str(text);
        let read = json.deserialize_map(LineVisitor(self)).and_then(|()| json.end());
        if let Err(cause) = read {
            // Such a cause alone quotes the line.
            let cause = match cause.classify() {
                Category::Data => "isn't a JSON object: it is another JSON value".to_owned(),
                _ => format!("isn't a JSON object: {cause}"),
            };
            return Some(Fault { column: None, label: "not a JSON object", cause });
        }
        let nested = self.names.iter().zip(&self.texts).find(|(_, cell)| cell.is_nested);
        nested.map(|(name, _)| Fault {
            column: None,
            label: "nested value",
            cause: format!("'{name}' holds an object or a list; a single value was expected"),
        })
    }
}

struct LineVisitor<'a>(&'a mut Cells);

impl<'de> Visitor<'de> for LineVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(place) = map.next_key_seed(KeySeed(&self.0.names))? {
            match place.and_then(|place| self.0.texts.get_mut(place)) {
                Some(cell) => {
                    cell.text.clear();
                    (cell.is_set, cell.is_nested) = (false, false);
                    map.next_value_seed(CellSeed(cell))?;
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Finds a key among the sorted names.
struct KeySeed<'a>(&'a [String]);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.binary_search_by(|name| name.as_str().cmp(key)).ok())
    }
}

struct CellSeed<'a>(&'a mut Cell);

impl CellSeed<'_> {
    fn set(self, value: impl fmt::Display) {
        use fmt::Write;
        // Writing to a String can't fail.
        let _ = write!(self.0.text, "{value}");
        self.0.is_set = true;
    }
}

impl<'de> DeserializeSeed<'de> for CellSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.0.text.push_str(value);
        self.0.is_set = true;
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.set(value);
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.set(value);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.set(value);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.set(value);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.is_nested = true;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.0.is_nested = true;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Vec<Option<String>>, &'static str> {
        let names = vec!["a".to_owned(), "b".to_owned()];
        let mut cells = Cells { texts: vec![Cell::default(); 2], names };
        match cells.read(line.as_bytes(), "UTF-8") {
            Some(fault) => Err(fault.label),
            None => Ok(cells.texts.into_iter().map(|cell| cell.is_set.then_some(cell.text)).collect()),
        }
    }

    #[test]
    fn values_are_read_as_they_are_written() {
        let cells = |a: Option<&str>, b: Option<&str>| Ok(vec![a.map(str::to_owned), b.map(str::to_owned)]);
        assert_eq!(read(r#"{"b": 12.5, "x": [1, {"a": 2}], "a": "\u738b"}"#), cells(Some("王"), Some("12.5")));
        assert_eq!(read(r#"{"a": null, "b": true}"#), cells(None, Some("true")));
        assert_eq!(read(r#"{"a": -7, "b": 18446744073709551615}"#), cells(Some("-7"), Some("18446744073709551615")));
        assert_eq!(read("{}"), cells(None, None));
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
