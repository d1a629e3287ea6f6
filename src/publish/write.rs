//! Writes a table as one Parquet file that every reader agrees on, with the same bytes for the same rows.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read};
use std::path::{Path, PathBuf};

use arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use arrow::compute::kernels::cmp::not_distinct;
use arrow::compute::{BatchCoalescer, CastOptions, and, cast_with_options};
use arrow::datatypes::{FieldRef, SchemaRef};
use futures::{Stream, StreamExt};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::commit::Column;
use crate::model::ColumnType;
use crate::{Context, Error, Kind, Result};

/// Rows of a row group; within what DuckDB, Spark and Polars like.
const ROW_GROUP_ROWS: usize = 491_520;
/// Rows handed to the encoder at once. Fixed, for page boundaries follow it.
const BATCH_ROWS: usize = 8_192;

/// A table's file in the work folder.
#[derive(Clone, Debug)]
pub struct WrittenTable {
    /// Table name.
    pub table: String,
    /// Where it is.
    pub path: PathBuf,
    /// Rows.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// Its columns; none of rows that were set aside.
    pub columns: Vec<Column>,
}

/// Writes `batches`, ordered by `grain`, to `path` under `schema`.
///
/// # Errors
/// A column that is missing, surplus, or doesn't fit its declared type; a null where none may be; two
/// rows of the same grain; a file that can't be written.
pub async fn write_table<E: std::fmt::Display + Send + 'static>(
    table: &str,
    path: &Path,
    schema: &SchemaRef,
    grain: &[String],
    mut batches: impl Stream<Item = std::result::Result<RecordBatch, E>> + Unpin,
    failed: impl Fn(E) -> Error,
) -> Result<WrittenTable> {
    let (sender, receiver) = mpsc::channel(4);
    let encoder = Encoder::create(table, path, schema, grain)?;
    let writing = tokio::task::spawn_blocking(move || encoder.run(receiver));
    let mut outcome = Ok(());
    while let Some(batch) = batches.next().await {
        match batch {
            // A closed channel means that the encoder has stopped: its own error says why.
            Ok(batch) => {
                if sender.send(batch).await.is_err() {
                    break;
                }
            }
            Err(cause) => {
                outcome = Err(failed(cause));
                break;
            }
        }
    }
    drop(sender);
    let written = writing.await.context(Kind::Bug, || format!("writing {table} broke off"))?;
    outcome.and(written)
}

/// Writes rows that are at hand already.
///
/// # Errors
/// As [`write_table`].
pub fn write_rows(
    table: &str,
    path: &Path,
    schema: &SchemaRef,
    grain: &[String],
    rows: &RecordBatch,
) -> Result<WrittenTable> {
    let mut encoder = Encoder::create(table, path, schema, grain)?;
    encoder.push(rows)?;
    encoder.finish()
}

struct Encoder {
    table: String,
    path: PathBuf,
    schema: SchemaRef,
    grain: Vec<usize>,
    writer: ArrowWriter<BufWriter<File>>,
    coalescer: BatchCoalescer,
    last_row: Option<RecordBatch>,
    rows: u64,
}

impl Encoder {
    fn create(table: &str, path: &Path, schema: &SchemaRef, grain: &[String]) -> Result<Self> {
        let cant = || format!("can't write {}", path.display());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).context(Kind::Output, cant)?;
        }
        let level = ZstdLevel::try_new(3).context(Kind::Bug, cant)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_created_by("rfmart".to_owned())
            .build();
        // The Arrow schema is left out: some readers turn its hints into categories.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let file = BufWriter::new(File::create(path).context(Kind::Output, cant)?);
        let writer = ArrowWriter::try_new_with_options(file, schema.clone(), options).context(Kind::Bug, cant)?;
        let grain = grain
            .iter()
            .map(|column| schema.index_of(column))
            .collect::<std::result::Result<_, _>>()
            .context(Kind::Config, || format!("the grain of {table} names a column that it doesn't declare"))?;
        Ok(Encoder {
            table: table.to_owned(),
            path: path.to_owned(),
            schema: schema.clone(),
            grain,
            writer,
            coalescer: BatchCoalescer::new(schema.clone(), BATCH_ROWS),
            last_row: None,
            rows: 0,
        })
    }

    fn run(mut self, mut batches: mpsc::Receiver<RecordBatch>) -> Result<WrittenTable> {
        while let Some(batch) = batches.blocking_recv() {
            self.push(&batch)?;
        }
        self.finish()
    }

    fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        let batch = self.declared(batch)?;
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.refuse_repeats(&batch)?;
        // What is a batch as it comes needn't be copied into one.
        if batch.num_rows() == BATCH_ROWS && self.coalescer.get_buffered_rows() == 0 {
            return self.encode(&batch);
        }
        self.coalescer.push_batch(batch).context(Kind::Bug, || format!("can't batch {}", self.table))?;
        self.drain()
    }

    fn drain(&mut self) -> Result<()> {
        while let Some(batch) = self.coalescer.next_completed_batch() {
            self.encode(&batch)?;
        }
        Ok(())
    }

    fn encode(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += u64::try_from(batch.num_rows()).unwrap_or(0);
        self.writer.write(batch).context(Kind::Output, || format!("can't write {}", self.path.display()))
    }

    /// The batch's columns as the sidecar declares them.
    fn declared(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let found = batch.schema();
        let names = |schema: &SchemaRef| schema.fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
        let (found, declared) = (names(&found), names(&self.schema));
        if found != declared {
            let message = format!("the SQL of {} doesn't give the columns that its .yaml declares", self.table);
            return Err(Error::new(Kind::Config, message)
                .detail(format!("declared: {}", declared.join(", ")))
                .detail(format!("found:    {}", found.join(", "))));
        }
        let strict = CastOptions { safe: false, ..CastOptions::default() };
        let columns = batch.columns().iter().zip(self.schema.fields()).map(|(column, field)| {
            let cant = || format!("{}.{} doesn't fit {}", self.table, field.name(), field.data_type());
            let column = cast_with_options(column, field.data_type(), &strict).context(Kind::Data, cant)?;
            if !field.is_nullable() && column.null_count() > 0 {
                let message = format!("{}.{} has nulls but is declared without", self.table, field.name());
                return Err(Error::new(Kind::Data, message));
            }
            Ok(column)
        });
        let columns = columns.collect::<Result<Vec<ArrayRef>>>()?;
        RecordBatch::try_new(self.schema.clone(), columns)
            .context(Kind::Bug, || format!("can't build a batch of {}", self.table))
    }

    /// Rows come ordered by their grain, so rows of the same grain are neighbours.
    fn refuse_repeats(&mut self, batch: &RecordBatch) -> Result<()> {
        let last = batch.num_rows() - 1;
        if let Some(before) = self.last_row.replace(batch.slice(last, 1)) {
            let first = batch.slice(0, 1);
            if self.first_repeat(&before, &first)?.is_some() {
                return Err(self.repeat(&[before, first]));
            }
        }
        match self.first_repeat(&batch.slice(0, last), &batch.slice(1, last))? {
            Some(row) => Err(self.repeat(&[batch.slice(row, 2)])),
            None => Ok(()),
        }
    }

    /// The first of `rows` that is of the same grain as its neighbour.
    fn first_repeat(&self, rows: &RecordBatch, neighbours: &RecordBatch) -> Result<Option<usize>> {
        let cant = || format!("can't compare the rows of {}", self.table);
        let mut same: Option<BooleanArray> = None;
        // The last column of a grain tells most rows apart, and what is told apart needn't be compared further.
        for &column in self.grain.iter().rev() {
            let equal = not_distinct(rows.column(column), neighbours.column(column)).context(Kind::Bug, cant)?;
            let both = match same {
                Some(same) => and(&same, &equal).context(Kind::Bug, cant)?,
                None => equal,
            };
            if both.true_count() == 0 {
                return Ok(None);
            }
            same = Some(both);
        }
        Ok(same.and_then(|same| same.values().set_indices().next()))
    }

    fn repeat(&self, rows: &[RecordBatch]) -> Error {
        let error = Error::new(Kind::Data, format!("{} has two rows of the same grain", self.table));
        match arrow::util::pretty::pretty_format_batches(rows) {
            Ok(rows) => error.detail(rows.to_string()),
            Err(_) => error,
        }
    }

    fn finish(mut self) -> Result<WrittenTable> {
        self.coalescer.finish_buffered_batch().context(Kind::Bug, || format!("can't batch {}", self.table))?;
        self.drain()?;
        let cant = || format!("can't write {}", self.path.display());
        let file = self.writer.into_inner().context(Kind::Output, cant)?;
        let file = file.into_inner().context(Kind::Output, cant)?;
        file.sync_all().context(Kind::Output, cant)?;
        let (bytes, sha256) = digest(&self.path)?;
        let columns = columns(&self.schema);
        Ok(WrittenTable { table: self.table, path: self.path, rows: self.rows, bytes, sha256, columns })
    }
}

/// A schema as the commit record tells it. Published tables have no other types.
fn columns(schema: &SchemaRef) -> Vec<Column> {
    let column = |field: &FieldRef| {
        let kind = ColumnType::of(field.data_type())?;
        Some(Column { name: field.name().clone(), kind, nullable: field.is_nullable() })
    };
    schema.fields().iter().filter_map(column).collect()
}

/// Size and SHA-256 of a file.
pub fn digest(path: &Path) -> Result<(u64, String)> {
    let cant = || format!("can't read back {}", path.display());
    let mut file = BufReader::with_capacity(1 << 20, File::open(path).context(Kind::Output, cant)?);
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        let count = file.read(&mut buffer).context(Kind::Output, cant)?;
        let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else {
            return Ok((bytes, format!("{:x}", hash.finalize())));
        };
        hash.update(read);
        bytes += u64::try_from(count).unwrap_or(0);
    }
}

#[cfg(test)]
mod tests;
