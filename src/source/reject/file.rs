//! Rows set aside: where they go, and when they are too many.

use std::collections::BTreeMap;
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

use crate::entity::Entity;
use crate::source::RowCounts;
use crate::source::list::Found;
use crate::source::read::batch::{Fault, Faults};
use crate::{Context, Error, Kind, Result};

/// Causes that an error lists.
const CAUSES_SHOWN: usize = 8;

/// Rows per class of fault: the column, if one is to blame, and the fault's label.
pub(in crate::source) type FaultCounts = BTreeMap<(Option<&'static str>, &'static str), u64>;

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
    /// In the folder that [`folder`] names.
    pub fn new(work: &Path, found: &Found) -> Self {
        let path = folder(work).join(format!("{}-{:06}.parquet", found.entity.name(), found.object_no));
        RejectFile { path, writer: None }
    }

    /// Adds the bad rows of a batch, each with the number of its row and its line as `position_of` has them, and
    /// the cause and the raw text that `show` gives it.
    pub fn write(
        &mut self,
        found: &Found,
        label: &str,
        faults: &Faults,
        position_of: impl Fn(usize) -> (i64, Option<i64>),
        show: impl Fn(usize, &Fault) -> (String, String),
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

/// Where in the work folder the files of rejected rows are.
pub fn folder(work: &Path) -> PathBuf {
    work.join("rejected")
}

fn create(path: &Path) -> Result<ArrowWriter<File>> {
    let file = File::create(path).context(Kind::Output, || cannot_write(path))?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
    let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    ArrowWriter::try_new_with_options(file, rejected_schema(), options).context(Kind::Output, || cannot_write(path))
}

pub(in crate::source) fn cannot_write(path: &Path) -> String {
    format!("can't write {}", path.display())
}

fn rejected_batch(
    found: &Found,
    label: &str,
    faults: &Faults,
    position_of: impl Fn(usize) -> (i64, Option<i64>),
    show: impl Fn(usize, &Fault) -> (String, String),
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

/// # Errors
/// More than `max_share` of the entity's rows were rejected.
pub(in crate::source) fn check_share(
    entity: Entity,
    rows: RowCounts,
    faults: &FaultCounts,
    max_share: f64,
    work: &Path,
) -> Result<()> {
    let share = ratio(rows.rejected, rows.read);
    if share <= max_share {
        return Ok(());
    }
    let name = entity.name();
    let mut error = Error::new(
        Kind::Data,
        format!(
            "{name}: {} of {} rows can't be used ({:.1} %), more than limits.max_rejected_share allows ({:.1} %)",
            rows.rejected,
            rows.read,
            share * 100.0,
            max_share * 100.0
        ),
    );
    let mut causes: Vec<_> = faults.iter().collect();
    causes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for ((column, label), count) in causes.iter().take(CAUSES_SHOWN) {
        error =
            error.detail(format!("{count} rows: {}{label}", column.map_or(String::new(), |name| format!("{name} "))));
    }
    if let Some(more) = causes.len().checked_sub(CAUSES_SHOWN).filter(|more| *more > 0) {
        error = error.detail(format!("and {more} more causes"));
    }
    let files = folder(work).join(format!("{name}-*.parquet"));
    Err(error
        .detail(format!("each row with its cause: {}", files.display()))
        .hint("mend the mapping in the pipeline file or the export; raise the limit only if such rows are expected"))
}

/// The share of `part` in `whole`, from 0 to 1; none of nothing.
#[allow(clippy::cast_precision_loss, reason = "a share needs no more than 53 bits")]
pub fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
