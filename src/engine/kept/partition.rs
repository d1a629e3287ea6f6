//! The file of a partition.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, ListArray, RecordBatch};
use arrow::buffer::OffsetBuffer;
use arrow::compute::BatchCoalescer;
use arrow::datatypes::SchemaRef;
use datafusion::common::stats::Precision;
use datafusion::common::{Result, Statistics, internal_datafusion_err};

use super::blocks::{BlockReader, BlockWriter, Written};
use super::observed::Observed;
use super::pack::{pack, unpack};
use crate::engine::lists::own_items;

/// A partition that was kept.
#[derive(Clone, Debug, Default)]
pub struct Partition {
    path: PathBuf,
    /// Where each batch has each of its columns.
    batches: Vec<Vec<Written>>,
    /// What there is in it.
    pub statistics: Statistics,
}

/// Writes the rows of a partition, in batches of about one size.
pub struct Writer {
    file: BlockWriter,
    partition: Partition,
    observed: Vec<Observed>,
    coalescer: BatchCoalescer,
    count: usize,
}

impl Writer {
    /// Begins the file of partition `number`.
    ///
    /// # Errors
    /// The folder can't be written.
    pub fn create(folder: &Path, number: usize, schema: &SchemaRef, batch_rows: usize) -> Result<Self> {
        let path = folder.join(format!("part-{number:04}.blocks"));
        let observed = schema.fields().iter().map(|column| Observed::new(column.data_type())).collect::<Result<_>>()?;
        // What is half a batch or more goes into the file uncopied.
        let coalescer = BatchCoalescer::new(Arc::clone(schema), batch_rows);
        let coalescer = coalescer.with_biggest_coalesce_batch_size(Some(batch_rows / 2));
        let file = BlockWriter::create(&path)?;
        Ok(Writer { file, partition: Partition { path, ..Partition::default() }, observed, coalescer, count: 0 })
    }

    /// Writes a batch, or holds it until there is more.
    ///
    /// # Errors
    /// The folder can't be written.
    pub fn write(&mut self, batch: RecordBatch) -> Result<()> {
        self.count += batch.num_rows();
        self.coalescer.push_batch(batch)?;
        self.write_completed()
    }

    /// Writes what is held, too; returns what there was.
    ///
    /// # Errors
    /// The folder can't be written.
    pub fn finish(mut self) -> Result<Partition> {
        self.coalescer.finish_buffered_batch()?;
        self.write_completed()?;
        self.file.finish()?;
        let statistics = Statistics::default().with_num_rows(Precision::Exact(self.count));
        let statistics = self.observed.into_iter().try_fold(statistics, |statistics, column| {
            Ok::<_, datafusion::error::DataFusionError>(statistics.add_column_statistics(column.statistics()?))
        })?;
        Ok(Partition { statistics, ..self.partition })
    }

    fn write_completed(&mut self) -> Result<()> {
        while let Some(batch) = self.coalescer.next_completed_batch() {
            let mut blocks = Vec::with_capacity(self.observed.len());
            for (values, observed) in batch.columns().iter().zip(&mut self.observed) {
                let values = own_lists(values)?;
                blocks.push(self.file.write(pack(&values))?);
                observed.observe(&values)?;
            }
            self.partition.batches.push(blocks);
        }
        Ok(())
    }
}

impl Partition {
    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.statistics.num_rows.get_value().copied().unwrap_or_default()
    }

    /// Reads the columns of `projection`, whose schema is `schema`.
    ///
    /// # Errors
    /// A file that can't be read.
    pub fn read(
        &self,
        projection: &[usize],
        schema: &SchemaRef,
    ) -> Result<impl Iterator<Item = Result<RecordBatch>> + use<>> {
        let mut file = BlockReader::open(&self.path)?;
        let (projection, schema) = (projection.to_vec(), Arc::clone(schema));
        Ok(self.batches.clone().into_iter().map(move |blocks| {
            let mut columns = Vec::with_capacity(projection.len());
            for (column, field) in projection.iter().zip(schema.fields()) {
                let written = blocks.get(*column);
                let written = written.ok_or_else(|| internal_datafusion_err!("no column {column} of kept rows"))?;
                columns.push(unpack(&file.read(written)?, field.data_type())?);
            }
            Ok(RecordBatch::try_new(Arc::clone(&schema), columns)?)
        }))
    }
}

/// The same values; lists that are a part of longer ones without the items of the others, which would be packed and counted
/// with each part.
fn own_lists(values: &ArrayRef) -> Result<ArrayRef> {
    let Some(lists) = values.as_list_opt::<i32>() else {
        return Ok(Arc::clone(values));
    };
    let (item, offsets, _, nulls) = lists.clone().into_parts();
    let offsets = OffsetBuffer::from_lengths(offsets.lengths());
    Ok(Arc::new(ListArray::try_new(item, offsets, own_items(lists), nulls)?))
}
