//! Parquet objects: the wanted columns, in batches.

use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::{can_cast_types, cast};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};

use crate::config::Source;
use crate::entity::{Column, ColumnKind};
use crate::source::list::FoundObject;
use crate::source::read::batch::{BATCH_ROWS, RawRows, RowBatch};
use crate::source::read::bind::{Binding, bind};
use crate::source::read::bytes::{RawBytes, ReadContext, ReadStatus, damaged};
use crate::source::row_fault::{RowFaults, malformed};
use crate::{Error, Kind, Result};

/// A Parquet object that is being read.
pub(in crate::source) struct ParquetReader<'a> {
    found: &'a FoundObject,
    reader: ParquetRecordBatchReader,
    pub bindings: Vec<Binding>,
    /// Per canonical column, its place among the columns that are read.
    places: Vec<Option<usize>>,
    next_row_no: i64,
    pub status: ReadStatus,
}

impl<'a> ParquetReader<'a> {
    /// `work` takes a copy of an object that isn't a local file: its hash needs all of its bytes anyway.
    pub fn open(
        found: &'a FoundObject,
        source: &Source,
        context: &ReadContext,
        work: &std::path::Path,
    ) -> Result<Self> {
        let names = |schema: &Schema| schema.fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
        ParquetReader::open_with(found, context, work, |schema| bind(found, source, &names(schema)))
    }

    /// With the columns that `bind` picks.
    pub fn open_with(
        found: &'a FoundObject,
        context: &ReadContext,
        work: &std::path::Path,
        bind: impl FnOnce(&Schema) -> Result<Vec<Binding>>,
    ) -> Result<Self> {
        let (raw, status) = RawBytes::open(found, context)?;
        let file = raw.into_file(work)?;
        let damaged = |cause: parquet::errors::ParquetError| damaged(found, &cause);
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(damaged)?;
        let bindings = bind(metadata.schema())?;
        let wanted = wanted_columns(found, &bindings, metadata.schema())?;
        let schema = with_dictionaries(found, &bindings, metadata.schema());
        let options = ArrowReaderOptions::new().with_schema(schema);
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options).map_err(damaged)?;
        let mask = ProjectionMask::roots(metadata.parquet_schema(), wanted.iter().copied());
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
            .with_projection(mask)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(damaged)?;
        let place = |binding: &Binding| match binding {
            Binding::Object(index) => wanted.binary_search(index).ok(),
            Binding::Constant(_) | Binding::Expression | Binding::Absent => None,
        };
        let places = bindings.iter().map(place).collect();
        Ok(ParquetReader { found, reader, bindings, places, next_row_no: 1, status })
    }

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

/// Texts that repeat are read as dictionaries, so that each distinct one is looked at once.
fn with_dictionaries(found: &FoundObject, bindings: &[Binding], schema: &SchemaRef) -> SchemaRef {
    let repeats = |column: &Column| match column.kind {
        ColumnKind::Word(_) | ColumnKind::Zone => true,
        _ => matches!(column.name, "branch_id" | "department" | "item_id" | "channel"),
    };
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
