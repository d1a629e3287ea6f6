//! Rows set aside: where they go, and when they are too many.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::source::folders::{cannot_write, rejected_folder};
use crate::source::list::FoundObject;
use crate::source::row_fault::{RowFault, RowFaults};
use crate::{Context, Kind, Result};

/// Schema of rejected rows: `entity`, `source`, `object` (URL), `row_no` (Int64, from 1: the row as it is
/// counted, without header and empty lines), `column` (nullable: the whole row is bad), `cause`, `raw` (the
/// row's text, or what of it may be shown), `line_no` (Int64, from 1: the line of the object's text on which the
/// row begins, all lines counted; null where there are no lines, as in Parquet).
pub fn rejected_schema() -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, false);
    Arc::new(Schema::new(vec![
        text("entity"),
        text("source"),
        text("object"),
        Field::new("row_no", DataType::Int64, false),
        Field::new("column", DataType::Utf8, true),
        text("cause"),
        text("raw"),
        Field::new("line_no", DataType::Int64, true),
    ]))
}

/// The file of one object's rejected rows, made when there is a first one.
pub(in crate::source) struct RejectFile {
    path: PathBuf,
    writer: Option<ArrowWriter<File>>,
}

impl RejectFile {
    /// In the folder that [`rejected_folder`] names; of rows from `first_row_no` on, if these are a part of an object.
    /// Paths are ordered as the rows are.
    pub fn new(work: &Path, found: &FoundObject, first_row_no: Option<i64>) -> Self {
        let part = first_row_no.map_or(String::new(), |row_no| format!("-{row_no:012}"));
        let name = format!("{}-{:06}{part}.parquet", found.entity.name(), found.object_no);
        RejectFile { path: rejected_folder(work).join(name), writer: None }
    }

    /// Adds the bad rows of a batch, each with the number of its row and its line as `position_of` has them, and
    /// the cause and the raw text that `show` gives it.
    pub fn write(
        &mut self,
        found: &FoundObject,
        label: &str,
        faults: &RowFaults,
        position_of: impl Fn(usize) -> (i64, Option<i64>),
        show: impl Fn(usize, &RowFault) -> (String, String),
    ) -> Result<()> {
        if faults.is_empty() {
            return Ok(());
        }
        let problem = || cannot_write(&self.path);
        let batch = rejected_batch(found, label, faults, position_of, show).context(Kind::Bug, problem)?;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => self.writer.insert(create(&self.path)?),
        };
        writer.write(&batch).context(Kind::Output, || cannot_write(&self.path))
    }

    /// Closes the file; None if there was no bad row.
    pub fn finish(self) -> Result<Option<PathBuf>> {
        let Some(writer) = self.writer else { return Ok(None) };
        writer.close().context(Kind::Output, || cannot_write(&self.path))?;
        Ok(Some(self.path))
    }
}

/// Puts `files` of rejected rows together into one at `path`; returns its rows.
///
/// # Errors
/// A file that can't be read or written.
pub fn gather_rejected(files: &[PathBuf], path: &Path) -> Result<u64> {
    let mut writer = create(path)?;
    let mut rows = 0;
    for file in files {
        let problem = || format!("can't read back {}", file.display());
        let source = File::open(file).context(Kind::Output, problem)?;
        let batches = ParquetRecordBatchReaderBuilder::try_new(source)
            .and_then(ParquetRecordBatchReaderBuilder::build)
            .context(Kind::Output, problem)?;
        for batch in batches {
            let batch = batch.context(Kind::Output, problem)?;
            rows += u64::try_from(batch.num_rows()).unwrap_or_default();
            writer.write(&batch).context(Kind::Output, || cannot_write(path))?;
        }
    }
    writer.close().context(Kind::Output, || cannot_write(path))?;
    Ok(rows)
}

fn create(path: &Path) -> Result<ArrowWriter<File>> {
    let file = File::create(path).context(Kind::Output, || cannot_write(path))?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
    let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    ArrowWriter::try_new_with_options(file, rejected_schema(), options).context(Kind::Output, || cannot_write(path))
}

fn rejected_batch(
    found: &FoundObject,
    label: &str,
    faults: &RowFaults,
    position_of: impl Fn(usize) -> (i64, Option<i64>),
    show: impl Fn(usize, &RowFault) -> (String, String),
) -> Result<RecordBatch, arrow::error::ArrowError> {
    let [mut row_nos, mut line_nos] = [Int64Builder::new(), Int64Builder::new()];
    let [mut columns, mut causes, mut raws] = [StringBuilder::new(), StringBuilder::new(), StringBuilder::new()];
    for (row, fault) in faults.iter() {
        let (row_no, line_no) = position_of(row);
        row_nos.append_value(row_no);
        line_nos.append_option(line_no);
        columns.append_option(fault.column);
        let (cause, raw) = show(row, fault);
        causes.append_value(cause);
        raws.append_value(raw);
    }
    let same = |text: &str| {
        let mut builder = StringBuilder::new();
        for _ in faults.iter() {
            builder.append_value(text);
        }
        Arc::new(builder.finish()) as ArrayRef
    };
    let arrays: Vec<ArrayRef> = vec![
        same(found.entity.name()),
        same(label),
        same(&found.url),
        Arc::new(row_nos.finish()),
        Arc::new(columns.finish()),
        Arc::new(causes.finish()),
        Arc::new(raws.finish()),
        Arc::new(line_nos.finish()),
    ];
    RecordBatch::try_new(rejected_schema(), arrays)
}
