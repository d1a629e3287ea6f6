//! CSV objects: records to batches of texts.

use std::io::Read;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder};
use csv::ByteRecord;

use crate::config::Source;
use crate::source::batch::{BATCH_BYTES, BATCH_ROWS, Fault, Faults, RawRows, Records, RowBatch};
use crate::source::bind::{Origin, bind, numbered, width_of};
use crate::source::bytes::{Outcome, ReadContext, RecordLimit, open_text};
use crate::source::list::Found;
use crate::{Error, Kind, Result};

/// A CSV object that is being read.
pub(super) struct CsvReader<'a> {
    found: &'a Found,
    source: &'a Source,
    reader: csv::Reader<Box<dyn Read + Send>>,
    record: ByteRecord,
    /// Whether `record` holds the next record already.
    is_pending: bool,
    width: usize,
    pub origins: Vec<Origin>,
    next_row_no: i64,
    limit: RecordLimit,
    pub outcome: Outcome,
}

impl<'a> CsvReader<'a> {
    pub fn open(found: &'a Found, source: &'a Source, context: &ReadContext) -> Result<Self> {
        CsvReader::open_with(found, source, context, |names| bind(found, source, names))
    }

    /// With the columns that `bind` picks by their names.
    pub fn open_with(
        found: &'a Found,
        source: &'a Source,
        context: &ReadContext,
        bind: impl FnOnce(&[String]) -> Result<Vec<Origin>>,
    ) -> Result<Self> {
        let (text, limit, outcome) = open_text(found, source, context)?;
        let reader = csv::ReaderBuilder::new()
            .delimiter(source.csv.delimiter)
            .quote(source.csv.quote)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(256 << 10)
            .from_reader(text);
        let mut csv = CsvReader {
            found,
            source,
            reader,
            record: ByteRecord::new(),
            is_pending: false,
            width: 0,
            origins: Vec::new(),
            next_row_no: 1,
            limit,
            outcome,
        };
        csv.start(context.hides_rows, bind)?;
        Ok(csv)
    }

    fn start(&mut self, hides_rows: bool, bind: impl FnOnce(&[String]) -> Result<Vec<Origin>>) -> Result<()> {
        let has_record = self.read_record()?;
        self.width = self.record.len();
        let names = match (self.source.csv.header, has_record) {
            (true, false) => {
                return Err(Error::new(Kind::Data, format!("{} is empty: not even a header", self.found.url))
                    .hint("an export that is still being written? run again when it is complete"));
            }
            (true, true) => self.header()?,
            (false, true) => {
                self.is_pending = true;
                numbered(self.width)
            }
            (false, false) => return Ok(()),
        };
        let origins = bind(&names);
        // A header that lacks a column may be a row.
        self.origins = origins.map_err(|error| if hides_rows { error.without_details() } else { error })?;
        Ok(())
    }

    fn header(&self) -> Result<Vec<String>> {
        let name = |field| match std::str::from_utf8(field) {
            Ok(name) if !name.contains(char::REPLACEMENT_CHARACTER) => Ok(name.trim().to_owned()),
            _ => {
                let encoding = self.source.csv.encoding.name();
                Err(Error::new(Kind::Data, format!("{}: the header isn't valid {encoding}", self.found.url))
                    .hint(format!("under sources.{} set csv.encoding, such as big5 or gb18030", self.source.label)))
            }
        };
        self.record.iter().map(name).collect()
    }

    fn read_record(&mut self) -> Result<bool> {
        self.limit.reset();
        self.reader.read_byte_record(&mut self.record).map_err(|cause| self.outcome.explain(self.found, &cause))
    }

    /// The next rows; None at the end.
    pub fn next_batch(&mut self) -> Result<Option<RowBatch>> {
        let mut builders: Vec<Option<(usize, StringBuilder)>> = self.origins.iter().map(builder).collect();
        let mut raw = Records::new(self.source.csv.delimiter, self.source.csv.quote);
        let mut faults = Faults::default();
        let mut rows = 0;
        while rows < BATCH_ROWS && raw.bytes_len() < BATCH_BYTES {
            if !std::mem::take(&mut self.is_pending) && !self.read_record()? {
                break;
            }
            raw.push(&self.record);
            let fault = self.fault();
            for (place, builder) in builders.iter_mut().flatten() {
                let field = self.record.get(*place).filter(|_| fault.is_none());
                builder.append_option(field.and_then(|field| std::str::from_utf8(field).ok()));
            }
            if let Some(fault) = fault {
                faults.add(rows, || fault);
            }
            rows += 1;
        }
        if rows == 0 {
            return Ok(None);
        }
        let first_row_no = self.next_row_no;
        self.next_row_no += i64::try_from(rows).unwrap_or_default();
        let finish =
            |builder: Option<(usize, StringBuilder)>| builder.map(|(_, mut b)| Arc::new(b.finish()) as ArrayRef);
        let columns = builders.into_iter().map(finish).collect();
        Ok(Some(RowBatch { first_row_no, rows, columns, raw: RawRows::Records(raw), faults }))
    }

    fn fault(&self) -> Option<Fault> {
        let count = self.record.len();
        if count != self.width {
            let cause = format!("has {count} fields, {} has {}", width_of(&self.source.csv), self.width);
            return Some(Fault { column: None, label: "wrong number of fields", cause });
        }
        let encoding = self.source.csv.encoding;
        let is_malformed = !self.record.as_slice().is_ascii()
            && self.record.iter().any(|field| match std::str::from_utf8(field) {
                Ok(text) => encoding != encoding_rs::UTF_8 && text.contains(char::REPLACEMENT_CHARACTER),
                Err(_) => true,
            });
        is_malformed.then(|| malformed(encoding.name()))
    }
}

/// A row with bytes that are not text.
pub(super) fn malformed(encoding: &str) -> Fault {
    Fault { column: None, label: "malformed encoding", cause: format!("has bytes that aren't valid {encoding}") }
}

fn builder(origin: &Origin) -> Option<(usize, StringBuilder)> {
    match origin {
        Origin::Object(place) => Some((*place, StringBuilder::with_capacity(BATCH_ROWS, BATCH_ROWS * 12))),
        Origin::Constant(_) | Origin::Expression | Origin::Absent => None,
    }
}
