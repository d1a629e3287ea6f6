//! A reader of any format.

use std::path::Path;

use crate::Result;
use crate::config::{Format, Source};
use crate::source::list::FoundObject;
use crate::source::read::batch::RowBatch;
use crate::source::read::bind::Binding;
use crate::source::read::bytes::{ReadContext, ReadStatus};
use crate::source::read::csv::CsvReader;
use crate::source::read::lines::TextPlace;
use crate::source::read::ndjson::NdjsonReader;
use crate::source::read::parquet::{ParquetObject, ParquetReader};
use crate::source::read::parts::TextPart;

/// A reader of any format.
pub(in crate::source) enum Reader<'a> {
    Csv(CsvReader<'a>),
    Ndjson(NdjsonReader<'a>),
    Parquet(ParquetReader<'a>),
}

impl<'a> Reader<'a> {
    /// Only a part of a text.
    pub fn open_part(
        found: &'a FoundObject,
        source: &'a Source,
        context: &ReadContext,
        part: &TextPart,
    ) -> Result<Self> {
        Ok(match source.format {
            Format::Ndjson => Reader::Ndjson(NdjsonReader::open_part(found, source, context, part)?),
            Format::Csv | Format::Parquet => Reader::Csv(CsvReader::open_part(found, source, context, part)?),
        })
    }

    pub fn open(found: &'a FoundObject, source: &'a Source, context: &ReadContext, work: &Path) -> Result<Self> {
        Ok(match source.format {
            Format::Csv => Reader::Csv(CsvReader::open(found, source, context)?),
            Format::Ndjson => Reader::Ndjson(NdjsonReader::open(found, source, context)?),
            Format::Parquet => Reader::Parquet(ParquetObject::open(found, source, context, work)?.reader(found, None)?),
        })
    }

    /// Where the next record of a text begins; None where reading it depends on those before it.
    pub fn place(&self) -> Option<TextPlace> {
        match self {
            Reader::Csv(reader) => reader.place(),
            Reader::Ndjson(reader) => Some(reader.place()),
            Reader::Parquet(_) => None,
        }
    }

    /// Passes over a record of a text; false at the end.
    pub fn pass(&mut self) -> Result<bool> {
        match self {
            Reader::Csv(reader) => reader.pass(),
            Reader::Ndjson(reader) => reader.pass(),
            Reader::Parquet(_) => Ok(false),
        }
    }

    pub fn bindings(&self) -> &[Binding] {
        match self {
            Reader::Csv(reader) => &reader.bindings,
            Reader::Ndjson(reader) => &reader.bindings,
            Reader::Parquet(reader) => &reader.bindings,
        }
    }

    pub fn status(&self) -> &ReadStatus {
        match self {
            Reader::Csv(reader) => &reader.status,
            Reader::Ndjson(reader) => &reader.status,
            Reader::Parquet(reader) => &reader.status,
        }
    }

    pub fn next_batch(&mut self) -> Result<Option<RowBatch>> {
        match self {
            Reader::Csv(reader) => reader.next_batch(),
            Reader::Ndjson(reader) => reader.next_batch(),
            Reader::Parquet(reader) => reader.next_batch(),
        }
    }
}
