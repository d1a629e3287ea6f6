//! Parquet objects: the wanted columns, in batches.

use std::fs::File;
use std::io::{BufReader, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::{can_cast_types, cast};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use crate::config::Source;
use crate::source::list::FoundObject;
use crate::source::read::batch::{BATCH_ROWS, RawRows, RowBatch};
use crate::source::read::bind::{Binding, bind, repeats};
use crate::source::read::bytes::{RawBytes, ReadContext, ReadStatus, damaged};
use crate::source::read::parts::GroupPart;
use crate::source::row_fault::{RowFaults, malformed};
use crate::{Error, Kind, Result};

/// A Parquet object whose columns are known.
pub(in crate::source) struct ParquetObject {
    file: SharedFile,
    metadata: ArrowReaderMetadata,
    mask: ProjectionMask,
    bindings: Vec<Binding>,
    /// Per canonical column, its place among the columns that are read.
    places: Vec<Option<usize>>,
    pub status: ReadStatus,
}

impl ParquetObject {
    /// `work` takes a copy of an object that isn't a local file: its hash needs all of its bytes anyway.
    pub fn open(found: &FoundObject, source: &Source, context: &ReadContext, work: &std::path::Path) -> Result<Self> {
        let names = |schema: &Schema| schema.fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
        ParquetObject::open_with(found, context, work, |schema| bind(found, source, &names(schema)))
    }

    /// With the columns that `bind` picks.
    pub fn open_with(
        found: &FoundObject,
        context: &ReadContext,
        work: &std::path::Path,
        bind: impl FnOnce(&Schema) -> Result<Vec<Binding>>,
    ) -> Result<Self> {
        let (raw, status) = RawBytes::open(found, context)?;
        let file = raw.into_file(work)?;
        let damaged = |cause: ParquetError| damaged(found, &cause);
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(damaged)?;
        let bindings = bind(metadata.schema())?;
        let wanted = wanted_columns(found, &bindings, metadata.schema())?;
        let schema = with_dictionaries(found, &bindings, metadata.schema());
        let options = ArrowReaderOptions::new().with_schema(schema);
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options).map_err(damaged)?;
        let mask = ProjectionMask::roots(metadata.parquet_schema(), wanted.iter().copied());
        let place = |binding: &Binding| match binding {
            Binding::Object(index) => wanted.binary_search(index).ok(),
            Binding::Constant(_) | Binding::Expression | Binding::Absent => None,
        };
        let places = bindings.iter().map(place).collect();
        let file = SharedFile::new(file).map_err(|cause| damaged(cause.into()))?;
        Ok(ParquetObject { file, metadata, mask, bindings, places, status })
    }

    /// The row groups, as many in a part as have `part_bytes` bytes.
    pub fn parts(&self, part_bytes: u64) -> Vec<GroupPart> {
        let mut parts = Vec::new();
        let mut part = GroupPart { groups: 0..0, first_row_no: 1 };
        let (mut bytes, mut rows) = (0, 0);
        for group in self.metadata.metadata().row_groups() {
            part.groups.end += 1;
            bytes += u64::try_from(group.compressed_size()).unwrap_or_default();
            rows += group.num_rows();
            if bytes >= part_bytes {
                let next = GroupPart { groups: part.groups.end..part.groups.end, first_row_no: rows + 1 };
                parts.push(std::mem::replace(&mut part, next));
                bytes = 0;
            }
        }
        parts.extend((!part.groups.is_empty()).then_some(part));
        parts
    }

    /// Reads all rows, or those of a part.
    pub fn reader<'a>(&self, found: &'a FoundObject, part: Option<&GroupPart>) -> Result<ParquetReader<'a>> {
        let mut reader = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), self.metadata.clone())
            .with_projection(self.mask.clone())
            .with_batch_size(BATCH_ROWS);
        if let Some(part) = part {
            reader = reader.with_row_groups(part.groups.clone().collect());
        }
        Ok(ParquetReader {
            found,
            reader: reader.build().map_err(|cause| damaged(found, &cause))?,
            bindings: self.bindings.clone(),
            places: self.places.clone(),
            next_row_no: part.map_or(1, |part| part.first_row_no),
            status: self.status.clone(),
        })
    }
}

/// A file that several threads read at the same time: none of them has a place in it that others could move.
#[derive(Clone)]
struct SharedFile {
    file: Arc<File>,
    length: u64,
}

impl SharedFile {
    fn new(file: File) -> std::io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(SharedFile { file: Arc::new(file), length })
    }
}

impl Length for SharedFile {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for SharedFile {
    type T = BufReader<FileFrom>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(BufReader::new(FileFrom { file: Arc::clone(&self.file), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let mut bytes = Vec::with_capacity(length);
        let from = FileFrom { file: Arc::clone(&self.file), at: start };
        from.take(u64::try_from(length).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
        match bytes.len() == length {
            true => Ok(bytes.into()),
            false => Err(ParquetError::EOF(format!("{} of {length} bytes from {start}", bytes.len()))),
        }
    }
}

/// A file's bytes from a place on.
struct FileFrom {
    file: Arc<File>,
    at: u64,
}

impl Read for FileFrom {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read_at(buffer, self.at)?;
        self.at += u64::try_from(count).unwrap_or_default();
        Ok(count)
    }
}

/// A Parquet object that is being read.
pub(in crate::source) struct ParquetReader<'a> {
    found: &'a FoundObject,
    reader: ParquetRecordBatchReader,
    pub bindings: Vec<Binding>,
    places: Vec<Option<usize>>,
    next_row_no: i64,
    pub status: ReadStatus,
}

impl ParquetReader<'_> {
    /// The next rows; None at the end.
    pub fn next_batch(&mut self) -> Result<Option<RowBatch>> {
        let Some(batch) = self.reader.next() else {
            return Ok(None);
        };
        let damaged = |cause: ArrowError| damaged(self.found, &cause);
        let batch = batch.map_err(damaged)?;
        let first_row_no = self.next_row_no;
        self.next_row_no += i64::try_from(batch.num_rows()).unwrap_or_default();
        let column = |place: &Option<usize>| place.and_then(|place| batch.columns().get(place).cloned());
        let columns = self.places.iter().map(column).collect();
        let faults = malformed_rows(&batch).map_err(damaged)?;
        Ok(Some(RowBatch { first_row_no, rows: batch.num_rows(), columns, raw: RawRows::Parquet(batch), faults }))
    }
}

/// Indices of the columns to be read, ascending.
fn wanted_columns(found: &FoundObject, bindings: &[Binding], schema: &Schema) -> Result<Vec<usize>> {
    let mut wanted = Vec::new();
    for (place, binding) in bindings.iter().enumerate() {
        let Binding::Object(index) = binding else { continue };
        let Some(field) = schema.fields().get(*index) else { continue };
        let data_type = field.data_type();
        if data_type.is_nested() || !can_cast_types(data_type, &DataType::Utf8) {
            // Behind the canonical columns are those that expressions read.
            let entity = found.entity.name();
            let column = found.entity.columns().get(place);
            let column = column.map_or_else(|| field.name().clone(), |column| format!("{entity}.{}", column.name));
            return Err(Error::new(Kind::Data, format!("{}: {column} has no single values", found.url))
                .detail(format!("its type is {data_type}"))
                .hint("map the column to one of single values"));
        }
        wanted.push(*index);
    }
    wanted.sort_unstable();
    wanted.dedup();
    Ok(wanted)
}

/// Texts that repeat are read as dictionaries.
fn with_dictionaries(found: &FoundObject, bindings: &[Binding], schema: &SchemaRef) -> SchemaRef {
    let mut fields: Vec<Arc<Field>> = schema.fields().iter().map(Arc::clone).collect();
    for (_, binding) in found.entity.columns().iter().zip(bindings).filter(|(column, _)| repeats(column)) {
        let Binding::Object(index) = binding else { continue };
        let Some(field) = fields.get_mut(*index) else { continue };
        if field.data_type().is_string() {
            let texts = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            *field = Arc::new(field.as_ref().clone().with_data_type(texts));
        }
    }
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// Old writers leave texts as bare bytes, which may be anything.
fn malformed_rows(batch: &RecordBatch) -> Result<RowFaults, ArrowError> {
    let mut faults = RowFaults::default();
    for column in batch.columns().iter().filter(|column| column.data_type().is_binary()) {
        let bytes = cast(column, &DataType::LargeBinary)?;
        for (row, value) in bytes.as_binary::<i64>().iter().enumerate() {
            if value.is_some_and(|value| std::str::from_utf8(value).is_err()) {
                faults.add(row, || malformed("UTF-8"));
            }
        }
    }
    Ok(faults)
}
