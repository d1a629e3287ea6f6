//! A reader of any format.

use std::path::Path;

use crate::Result;
use crate::config::{Format, Source};
use crate::source::list::FoundObject;
use crate::source::read::batch::RowBatch;
use crate::source::read::bind::Binding;
use crate::source::read::bytes::{ReadContext, ReadStatus};
use crate::source::read::csv::CsvReader;
use crate::source::read::ndjson::NdjsonReader;
use crate::source::read::parquet::ParquetReader;

/// A reader of any format.
pub(in crate::source) enum Reader<'a> {
    Csv(CsvReader<'a>),
    Ndjson(NdjsonReader<'a>),
    Parquet(ParquetReader<'a>),
}

impl<'a> Reader<'a> {
    pub fn open(found: &'a FoundObject, source: &'a Source, context: &ReadContext, work: &Path) -> Result<Self> {
        Ok(match source.format {
            Format::Csv => Reader::Csv(CsvReader::open(found, source, context)?),
            Format::Ndjson => Reader::Ndjson(NdjsonReader::open(found, source, context)?),
            Format::Parquet => Reader::Parquet(ParquetReader::open(found, source, context, work)?),
        })
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
