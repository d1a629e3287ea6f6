//! A file of blocks, each some rows of one column as a message of Arrow's IPC format.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::buffer::Buffer;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::ipc::reader::FileDecoder;
use arrow::ipc::writer::{DictionaryTracker, IpcDataGenerator, IpcWriteContext, IpcWriteOptions, write_message};
use arrow::ipc::{Block, MetadataVersion};
use datafusion::common::{Result, internal_datafusion_err, internal_err};

/// Where values were written, and their type.
#[derive(Clone, Debug)]
pub struct Written {
    block: Block,
    data_type: DataType,
}

impl Written {
    /// A block is a table of one column.
    fn schema(&self) -> SchemaRef {
        Arc::new(Schema::new(vec![Field::new("values", self.data_type.clone(), true)]))
    }
}

/// Writes blocks one after the other.
pub struct BlockWriter {
    file: BufWriter<File>,
    context: IpcWriteContext,
    end: i64,
}

impl BlockWriter {
    /// Begins a file.
    ///
    /// # Errors
    /// It can't be written.
    pub fn create(path: &Path) -> Result<Self> {
        Ok(BlockWriter { file: BufWriter::new(File::create(path)?), context: IpcWriteContext::default(), end: 0 })
    }

    /// Writes values; returns where they lie.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn write(&mut self, values: ArrayRef) -> Result<Written> {
        let mut written = Written { block: Block::new(self.end, 0, 0), data_type: values.data_type().clone() };
        let column = RecordBatch::try_new(written.schema(), vec![values])?;
        let options = IpcWriteOptions::default();
        let mut tracker = DictionaryTracker::new(false);
        let encoder = IpcDataGenerator::default();
        let (dictionaries, message) = encoder.encode(&column, &mut tracker, &options, &mut self.context)?;
        if !dictionaries.is_empty() {
            return internal_err!("a column with a dictionary can't be kept");
        }
        let (head, body) = write_message(&mut self.file, message, &options)?;
        let Some((head, body)) = i32::try_from(head).ok().zip(i64::try_from(body).ok()) else {
            return internal_err!("a block of {body} bytes");
        };
        written.block = Block::new(self.end, head, body);
        self.end += i64::from(head) + body;
        Ok(written)
    }

    /// Writes what is held.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn finish(mut self) -> Result<()> {
        Ok(self.file.flush()?)
    }
}

/// Reads blocks wherever they lie.
pub struct BlockReader(File);

impl BlockReader {
    /// Opens a file.
    ///
    /// # Errors
    /// It can't be read.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(BlockReader(File::open(path)?))
    }

    /// The values that were written.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn read(&mut self, written: &Written) -> Result<ArrayRef> {
        let block = &written.block;
        let length = i64::from(block.metaDataLength()) + block.bodyLength();
        let Some((offset, length)) = u64::try_from(block.offset()).ok().zip(usize::try_from(length).ok()) else {
            return internal_err!("a block before its file");
        };
        self.0.seek(SeekFrom::Start(offset))?;
        // Not into zeros: memory that is to be overwritten needn't be cleared.
        let mut bytes = Vec::with_capacity(length);
        Read::by_ref(&mut self.0).take(u64::try_from(length).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
        if bytes.len() < length {
            return internal_err!("a block that ends after {} bytes of {length}", bytes.len());
        }
        let decoder = FileDecoder::new(written.schema(), MetadataVersion::V5);
        let rows = decoder.read_record_batch(block, &Buffer::from_vec(bytes))?;
        let values = rows.and_then(|rows| rows.columns().first().cloned());
        values.ok_or_else(|| internal_datafusion_err!("a block without values"))
    }
}
