//! Records of several lines: whether a field really has line breaks, or a stray quote has swallowed rows.

use memchr::{memchr_iter, memchr2};

use crate::entity::{Column, ColumnKind};
use crate::source::read::bind::Binding;
use crate::source::read::csv_fields::{CsvDialect, CsvField};

/// Lines of a record. A field of more is a quote that is never closed.
pub(in crate::source) const MAX_LINES: usize = 1_000;
/// Bytes of a record of several lines.
pub(in crate::source) const MAX_BYTES: usize = 4 << 20;

/// What the rows of an object look like.
#[derive(Default)]
pub(in crate::source) struct RecordShape {
    /// Fields.
    pub width: usize,
    /// Fields of which at least one has a digit: days and amounts that every row has.
    numeric: Vec<usize>,
    /// Fields of one line: ids, days, numbers and words.
    solid: Vec<usize>,
}

impl RecordShape {
    /// Of rows of `width` fields of which nothing else is known.
    pub fn of_width(width: usize) -> Self {
        RecordShape { width, ..RecordShape::default() }
    }

    /// Of rows of `width` fields, from which `columns` are read as `bindings` say.
    pub fn new(width: usize, columns: &[Column], bindings: &[Binding]) -> Self {
        let places = |wanted: fn(&Column) -> bool| {
            let place = |(column, binding): (&Column, &Binding)| match binding {
                Binding::Object(place) if wanted(column) => Some(*place),
                _ => None,
            };
            columns.iter().zip(bindings).filter_map(place).collect()
        };
        let is_number = |column: &Column| {
            let kind = column.kind;
            column.required && !matches!(kind, ColumnKind::Text | ColumnKind::Word(_) | ColumnKind::Zone)
        };
        let is_solid = |column: &Column| column.kind != ColumnKind::Text || column.name.ends_with("_id");
        RecordShape { width, numeric: places(is_number), solid: places(is_solid) }
    }

    /// Whether a record of several lines holds rows: a field of one line has several; its first and its last
    /// line would both be rows if quotes meant nothing; or most of the lines between are. Lines of a text
    /// hardly ever have as many delimiters as the header, and a number in its place.
    pub fn holds_rows(&self, record: &[u8], fields: &[CsvField], dialect: CsvDialect) -> bool {
        let text = |field: &CsvField| record.get(field.range()).unwrap_or_default();
        let is_broken = |field: &CsvField| memchr2(b'\n', b'\r', text(field)).is_some();
        let (Some(first), Some(last)) = (fields.iter().position(is_broken), fields.iter().rposition(is_broken)) else {
            return false;
        };
        let breaks_inside = |field: &CsvField| memchr2(b'\n', b'\r', text(field).trim_ascii()).is_some();
        if self.solid.iter().filter_map(|place| fields.get(*place)).any(breaks_inside) {
            return true;
        }
        let broken = fields.get(first..=last).unwrap_or_default().iter().filter(|field| is_broken(field));
        let pieces: Vec<Vec<&[u8]>> = broken.map(|field| pieces_of(text(field))).collect();
        let opening = pieces.first().and_then(|pieces| pieces.first()).copied().unwrap_or_default();
        let closing = pieces.last().and_then(|pieces| pieces.last()).copied().unwrap_or_default();
        let mut first_line: Vec<&[u8]> = fields.iter().take(first).map(text).collect();
        first_line.extend(plain_fields(opening, dialect.delimiter));
        let mut last_line = plain_fields(closing, dialect.delimiter);
        last_line.extend(fields.iter().skip(last + 1).map(text));
        // Delimiters within their own quotes count, too, so these lines may have more fields.
        if [first_line, last_line].iter().all(|line| line.len() >= self.width && self.has_numbers(line)) {
            return true;
        }
        let between =
            pieces.iter().flat_map(|pieces| pieces.get(1..pieces.len().saturating_sub(1)).unwrap_or_default());
        let (mut rows, mut lines) = (0, 0);
        for line in between.filter(|line| !line.trim_ascii().is_empty()) {
            let line = plain_fields(line, dialect.delimiter);
            lines += 1;
            rows += usize::from(line.len() == self.width && self.has_numbers(&line));
        }
        rows > 0 && rows * 2 >= lines
    }

    fn has_numbers(&self, fields: &[&[u8]]) -> bool {
        let has_digit = |place: &usize| fields.get(*place).is_some_and(|field| field.iter().any(u8::is_ascii_digit));
        self.numeric.is_empty() || self.numeric.iter().any(has_digit)
    }
}

/// The fields of a line in which quotes mean nothing.
pub(in crate::source) fn plain_fields(line: &[u8], delimiter: u8) -> Vec<&[u8]> {
    let mut start = 0;
    let mut fields = Vec::new();
    for end in memchr_iter(delimiter, line) {
        fields.push(line.get(start..end).unwrap_or_default());
        start = end + 1;
    }
    fields.push(line.get(start..).unwrap_or_default());
    fields
}

fn pieces_of(text: &[u8]) -> Vec<&[u8]> {
    text.split(|byte| *byte == b'\n' || *byte == b'\r').collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::read::csv_fields::{Ending, Fields};

    const COMMA: CsvDialect = CsvDialect { delimiter: b',', quote: b'"' };

    fn holds_rows(record: &str) -> bool {
        let mut fields = Fields::default();
        assert_eq!(fields.split(record.as_bytes(), COMMA), Ending::Complete, "{record}");
        assert_eq!(fields.all().len(), 4, "{record}");
        RecordShape { width: 4, numeric: vec![1, 2], solid: vec![0] }.holds_rows(record.as_bytes(), fields.all(), COMMA)
    }

    #[test]
    fn rows_between_stray_quotes_are_seen() {
        for record in [
            "A1,1,1,\"x\nA2,2,2,y\"",
            "A1,1,1,\"x\r\nA2,2,2,y\r\nA3,3,3,z\"",
            "A1,1,\"1,x\nA2,2,2\",y",
            "\"A1,1,1,x\nA2\",2,2,y",
            "\"A1,1,1,x\rA2,2,2,x\rA3\",2,2,y",
            "A1,1,1,\"x\ncut off\nA2,2,2,y\"",
            "A1,1,1,\"cut, off\nA2,2,2,y\nA3,3,3,z\nA4\"",
            "A1,never,none,\"x\nA2,2,2,y\nA3,3,3,z\"",
            "A1,1,1,\"x\nA2,2,2,\"\"y, z\"",
            "\"A1\nA2\",2,2,y",
        ] {
            assert!(holds_rows(record), "{record}");
        }
    }

    #[test]
    fn texts_of_several_lines_are_left_alone() {
        for record in [
            "A1,1,1,\"a\nb\"",
            "A1,1,1,\"Dear, all\nbest, regards\nus\"",
            "\"A1\n\",1,1,c",
            "A1,\"a\nb\",1,c",
            "A1,1,1,\"allergic to\nlatex, iodine, nickel, gold\"",
            "A1,1,1,\"allergic to\nlatex, iodine, nickel, gold\nand\"",
            "A1,1,1,\"\n\n\"",
            "A1,1,\"a\nb\",\"c\nd\"",
            "A1,1,1,plain",
        ] {
            assert!(!holds_rows(record), "{record}");
        }
    }
}
