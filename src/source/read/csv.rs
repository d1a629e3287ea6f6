//! CSV objects: records to batches of texts. No row is lost to a stray quote: what doesn't end where a row
//! should is rejected up to the end of its line, and the lines behind it are read as rows of their own.

use std::io::Read;

use memchr::memchr;

use crate::config::Source;
use crate::source::list::FoundObject;
use crate::source::read::batch::{BATCH_BYTES, BATCH_ROWS, Lines, RawRows, RowBatch};
use crate::source::read::bind::{Binding, bind, numbered, repeats, width_of};
use crate::source::read::bytes::{LineLimit, ReadContext, ReadStatus, open_plain_text, open_text};
use crate::source::read::csv_fields::{CsvDialect, CsvField, Ending, Fields};
use crate::source::read::csv_shape::{self, RecordShape, plain_fields};
use crate::source::read::lines::{Line, LineReader, TextPlace};
use crate::source::read::parts::TextPart;
use crate::source::read::text_column::TextColumn;
use crate::source::row_fault::{RowFault, RowFaults, malformed};
use crate::{Context, Error, Kind, Result};

/// A CSV object that is being read.
pub(in crate::source) struct CsvReader<'a> {
    found: &'a FoundObject,
    source: &'a Source,
    dialect: CsvDialect,
    lines: LineReader<Box<dyn Read + Send>>,
    /// The record: a line, or several of which all but the last end within quotes.
    record: Line,
    fields: Fields,
    /// What is wrong with the quotes of `record`.
    quote_fault: Option<RowFault>,
    /// The line whose quote closed one that is opened on another, with the number of that.
    closing: Option<(i64, i64)>,
    /// Whether `record` holds the next record already.
    is_pending: bool,
    shape: RecordShape,
    pub bindings: Vec<Binding>,
    /// Of the bound columns, those whose texts repeat.
    repeating: Vec<bool>,
    next_row_no: i64,
    /// Where a part of the object ends, in bytes of the text.
    end: Option<u64>,
    limit: LineLimit,
    pub status: ReadStatus,
}

impl<'a> CsvReader<'a> {
    pub fn open(found: &'a FoundObject, source: &'a Source, context: &ReadContext) -> Result<Self> {
        let csv = CsvReader::open_with(found, source, context, |names| bind(found, source, names))?;
        Ok(CsvReader { repeating: found.entity.columns().iter().map(repeats).collect(), ..csv })
    }

    /// Only a part of the object. The header is read as in any of them.
    pub fn open_part(
        found: &'a FoundObject,
        source: &'a Source,
        context: &ReadContext,
        part: &TextPart,
    ) -> Result<Self> {
        let csv = CsvReader::open(found, source, context)?;
        let (text, limit, status) = open_plain_text(found, context, part.start.byte + part.mark)?;
        Ok(CsvReader {
            lines: LineReader::from(text, part.start),
            quote_fault: None,
            closing: None,
            is_pending: false,
            next_row_no: part.first_row_no,
            end: Some(part.end),
            limit,
            status,
            ..csv
        })
    }

    /// Where the next record begins; None where reading it depends on those before it.
    pub fn place(&self) -> Option<TextPlace> {
        if self.is_pending {
            return Some(TextPlace::START);
        }
        let place = self.lines.place();
        let is_behind = |(closing_no, _): (i64, i64)| closing_no < place.line_no;
        self.closing.is_none_or(is_behind).then_some(place)
    }

    /// Passes over a record; false at the end.
    pub fn pass(&mut self) -> Result<bool> {
        if std::mem::take(&mut self.is_pending) {
            return Ok(true);
        }
        let has_record = self.next_record()?;
        if has_record && memchr(self.dialect.quote, &self.record.text).is_some() {
            self.take_apart()?;
        }
        Ok(has_record)
    }

    /// With the columns that `bind` picks by their names.
    pub fn open_with(
        found: &'a FoundObject,
        source: &'a Source,
        context: &ReadContext,
        bind: impl FnOnce(&[String]) -> Result<Vec<Binding>>,
    ) -> Result<Self> {
        let (text, limit, status) = open_text(found, source, context)?;
        let mut csv = CsvReader {
            found,
            source,
            dialect: CsvDialect { delimiter: source.csv.delimiter, quote: source.csv.quote },
            lines: LineReader::new(text),
            record: Line::default(),
            fields: Fields::default(),
            quote_fault: None,
            closing: None,
            is_pending: false,
            shape: RecordShape::default(),
            bindings: Vec::new(),
            repeating: Vec::new(),
            next_row_no: 1,
            end: None,
            limit,
            status,
        };
        csv.start(context.hides_rows, bind)?;
        Ok(csv)
    }

    fn start(&mut self, hides_rows: bool, bind: impl FnOnce(&[String]) -> Result<Vec<Binding>>) -> Result<()> {
        let has_record = self.read_record()?;
        let width = match &self.quote_fault {
            Some(_) => plain_fields(&self.record.text, self.dialect.delimiter).len(),
            None => self.fields.all().len(),
        };
        let names = match (self.source.csv.header, has_record) {
            (true, false) => {
                return Err(Error::new(Kind::Data, format!("{} is empty: not even a header", self.found.url))
                    .hint("an export that is still being written? run again when it is complete"));
            }
            (true, true) => self.header()?,
            (false, true) => {
                self.is_pending = true;
                numbered(width)
            }
            (false, false) => return Ok(()),
        };
        let bindings = bind(&names);
        // A header that lacks a column may be a row.
        self.bindings = bindings.map_err(|error| if hides_rows { error.without_details() } else { error })?;
        self.shape = RecordShape::new(width, self.found.entity.columns(), &self.bindings);
        Ok(())
    }

    fn header(&self) -> Result<Vec<String>> {
        if let Some(quote_fault) = &self.quote_fault {
            return Err(Error::new(Kind::Data, format!("{}: the header {}", self.found.url, quote_fault.cause))
                .hint("have it exported again, with quotes inside a text written twice"));
        }
        match std::str::from_utf8(&self.record.text) {
            Ok(record) if !record.contains(char::REPLACEMENT_CHARACTER) => {
                let name = |field: &CsvField| field.text(record, self.dialect).trim().to_owned();
                Ok(self.fields.all().iter().map(name).collect())
            }
            _ => {
                let encoding = self.source.csv.encoding.name();
                Err(Error::new(Kind::Data, format!("{}: the header isn't valid {encoding}", self.found.url))
                    .hint(format!("under sources.{} set csv.encoding, such as big5 or gb18030", self.source.label)))
            }
        }
    }

    fn read_line(&mut self, line: &mut Line) -> Result<bool> {
        self.limit.reset();
        self.lines.next(line).map_err(|cause| self.status.explain(self.found, &cause))
    }

    /// Reads the next record; false at the end.
    fn read_record(&mut self) -> Result<bool> {
        let has_record = self.next_record()?;
        if has_record {
            self.take_apart()?;
        }
        Ok(has_record)
    }

    /// Reads the next record's first line; false at the end. Lines without anything are none.
    fn next_record(&mut self) -> Result<bool> {
        if self.end.is_some_and(|end| self.lines.place().byte >= end) {
            return Ok(false);
        }
        let mut record = std::mem::take(&mut self.record);
        let mut has_line = self.read_line(&mut record)?;
        while has_line && record.text.is_empty() {
            has_line = self.read_line(&mut record)?;
        }
        self.record = record;
        Ok(has_line)
    }

    /// Finds the record's fields, and the lines on which it goes on.
    fn take_apart(&mut self) -> Result<()> {
        self.quote_fault = match self.fields.split(&self.record.text, self.dialect) {
            Ending::Complete => None,
            Ending::TextBehindQuote => Some(text_behind_quote(self.fields.last_no())),
            Ending::Open => self.read_on()?,
        };
        if let Some((_, opened_on)) = self.closing.take_if(|(no, _)| *no == self.record.no) {
            self.quote_fault.get_or_insert_with(|| closing_quote(opened_on));
        }
        Ok(())
    }

    /// Adds lines to a record that is open until its quotes are closed. If that can't have been meant, only
    /// its first line is left of it, with a fault, and the others will be read again.
    fn read_on(&mut self) -> Result<Option<RowFault>> {
        let field_no = self.fields.last_no();
        let (first_len, opened_on) = (self.record.text.len(), self.record.no);
        let mut added: Vec<Line> = Vec::new();
        let reason = loop {
            let mut line = Line::default();
            if !self.read_line(&mut line)? {
                break Some("it is never closed".to_owned());
            }
            let end = added.last().map_or(self.record.end, |line| line.end);
            self.record.text.extend_from_slice(end.as_bytes());
            self.record.text.extend_from_slice(&line.text);
            let line_no = line.no;
            added.push(line);
            match self.fields.go_on(&self.record.text, self.dialect) {
                Ending::Open if added.len() < csv_shape::MAX_LINES && self.record.text.len() < csv_shape::MAX_BYTES => {
                }
                Ending::Open => break Some(format!("it isn't closed up to line {line_no}")),
                Ending::TextBehindQuote => break Some(format!("it is closed on line {line_no}, inside a field")),
                Ending::Complete => {
                    let reason = self.reason_to_split(line_no);
                    self.closing = reason.as_ref().map(|_| (line_no, opened_on));
                    break reason;
                }
            }
        };
        if reason.is_some() {
            self.record.text.truncate(first_len);
            self.lines.give_back(added);
        }
        Ok(reason.map(|reason| unclosed_quote(field_no, opened_on, &reason)))
    }

    /// Why a record that ends on line `last_no`, some lines behind its first, can't be one.
    fn reason_to_split(&self, last_no: i64) -> Option<String> {
        let (count, width) = (self.fields.all().len(), self.shape.width);
        if width > 0 && count != width {
            let has = width_of(&self.source.csv);
            return Some(format!(
                "with all up to line {last_no}, which closes it, there are {count} fields, {has} has {width}"
            ));
        }
        // Of the first record nothing is known but itself.
        let own = RecordShape::of_width(count);
        let shape = if width > 0 { &self.shape } else { &own };
        let holds_rows = shape.holds_rows(&self.record.text, self.fields.all(), self.dialect);
        holds_rows.then(|| format!("what stands up to line {last_no}, which closes it, is no text but rows"))
    }

    /// The next rows; None at the end.
    pub fn next_batch(&mut self) -> Result<Option<RowBatch>> {
        let mut columns = self.columns();
        let mut raw = Lines::default();
        let mut faults = RowFaults::default();
        let mut rows = 0;
        while rows < BATCH_ROWS && raw.bytes_len() < BATCH_BYTES {
            if !std::mem::take(&mut self.is_pending) && !self.read_record()? {
                break;
            }
            raw.push(&self.record.text, self.record.no);
            let quote_fault = self.quote_fault.take();
            match quote_fault.map_or_else(|| self.text(), Err) {
                Ok(record) => {
                    for (place, column) in columns.iter_mut().flatten() {
                        match self.fields.all().get(*place) {
                            Some(field) => column.append(Some(&field.text(record, self.dialect))),
                            None => column.append(None),
                        }
                    }
                }
                Err(fault) => {
                    columns.iter_mut().flatten().for_each(|(_, column)| column.append(None));
                    faults.add(rows, || fault);
                }
            }
            rows += 1;
        }
        if rows == 0 {
            return Ok(None);
        }
        let first_row_no = self.next_row_no;
        self.next_row_no += i64::try_from(rows).unwrap_or_default();
        let problem = || format!("{}: can't keep its texts", self.found.url);
        let finish = |column: Option<(usize, TextColumn)>| column.map(|(_, column)| column.finish()).transpose();
        let columns = columns.into_iter().map(finish).collect::<std::result::Result<_, _>>();
        let columns = columns.context(Kind::Bug, problem)?;
        Ok(Some(RowBatch { first_row_no, rows, columns, raw: RawRows::Records(raw, self.dialect), faults }))
    }

    /// A column for each that is bound to a field.
    fn columns(&self) -> Vec<Option<(usize, TextColumn)>> {
        let column = |(index, binding): (usize, &Binding)| match binding {
            Binding::Object(place) => Some((*place, TextColumn::new(self.repeating.get(index) == Some(&true)))),
            Binding::Constant(_) | Binding::Expression | Binding::Absent => None,
        };
        self.bindings.iter().enumerate().map(column).collect()
    }

    /// The record's text, if it has as many fields as it should and its bytes are text.
    fn text(&self) -> Result<&str, RowFault> {
        let (count, width) = (self.fields.all().len(), self.shape.width);
        if count != width {
            let cause = format!("has {count} fields, {} has {width}", width_of(&self.source.csv));
            return Err(RowFault { column: None, label: "wrong number of fields", cause });
        }
        let encoding = self.source.csv.encoding;
        let is_replaced = |text: &str| encoding != encoding_rs::UTF_8 && text.contains(char::REPLACEMENT_CHARACTER);
        match std::str::from_utf8(&self.record.text) {
            Ok(text) if !is_replaced(text) => Ok(text),
            _ => Err(malformed(encoding.name())),
        }
    }
}

fn unclosed_quote(field_no: usize, line_no: i64, reason: &str) -> RowFault {
    let cause = format!("opens a quote in field {field_no} on line {line_no}: {reason}");
    RowFault { column: None, label: "unclosed quote", cause }
}

fn closing_quote(opened_on: i64) -> RowFault {
    let cause = format!("has a quote that closes the one opened on line {opened_on}");
    RowFault { column: None, label: "unclosed quote", cause }
}

fn text_behind_quote(field_no: usize) -> RowFault {
    let cause = format!("has text behind the closing quote of field {field_no}; inside quotes, write a quote twice");
    RowFault { column: None, label: "text behind a closing quote", cause }
}
