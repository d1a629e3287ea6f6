//! A file of blocks, each some rows of one column as a message of Arrow's IPC format.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;
use arrow::ipc::reader::FileDecoder;
use arrow::ipc::writer::{DictionaryTracker, IpcDataGenerator, IpcWriteContext, IpcWriteOptions, write_message};
use arrow::ipc::{Block, MetadataVersion};
use datafusion::common::{Result, internal_datafusion_err, internal_err};

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

    /// Writes rows of one column; returns where they lie.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn write(&mut self, column: &RecordBatch) -> Result<Block> {
        let options = IpcWriteOptions::default();
        let mut tracker = DictionaryTracker::new(false);
        let encoder = IpcDataGenerator::default();
        let (dictionaries, message) = encoder.encode(column, &mut tracker, &options, &mut self.context)?;
        if !dictionaries.is_empty() {
            return internal_err!("a column with a dictionary can't be kept");
        }
        let (head, body) = write_message(&mut self.file, message, &options)?;
        let Some((head, body)) = i32::try_from(head).ok().zip(i64::try_from(body).ok()) else {
            return internal_err!("a block of {body} bytes");
        };
        let block = Block::new(self.end, head, body);
        self.end += i64::from(head) + body;
        Ok(block)
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

    /// The rows of a block, whose column is that of `schema`.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn read(&mut self, block: &Block, schema: &SchemaRef) -> Result<RecordBatch> {
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
        let decoder = FileDecoder::new(schema.clone(), MetadataVersion::V5);
        let rows = decoder.read_record_batch(block, &Buffer::from_vec(bytes))?;
        rows.ok_or_else(|| internal_datafusion_err!("a block without rows"))
    }
}
