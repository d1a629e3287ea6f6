//! References and their ids, as files.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int32Array, RecordBatch, StringBuilder};
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef};
use arrow::error::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;

use crate::source::ingested::Dictionary;
use crate::source::staging::interner::KnownIds;
use crate::source::staging::references::Used;

fn schema() -> SchemaRef {
    let id = Field::new("id", DataType::Utf8, false);
    Arc::new(Schema::new(vec![Field::new("reference", DataType::Int32, false), id]))
}

/// Writes all references that have an id, each beside the id as it is published.
pub(super) fn write(dictionary: &Dictionary, path: &Path) -> Result<()> {
    let keyed = (0..).zip(dictionary.key_of_ref.iter()).filter_map(|(reference, key)| Some((reference, key?)));
    let (references, keys): (Vec<i32>, Vec<i32>) = keyed.unzip();
    let mut ids = StringBuilder::with_capacity(keys.len(), dictionary.id_of_key.value_data().len());
    for key in keys {
        let place = usize::try_from(key).ok().filter(|place| *place < dictionary.id_of_key.len());
        ids.append_value(place.map_or("", |place| dictionary.id_of_key.value(place)));
    }
    let columns: [ArrayRef; 2] = [Arc::new(Int32Array::from(references)), Arc::new(ids.finish())];
    let properties = WriterProperties::builder().set_dictionary_enabled(false).build();
    let mut writer = ArrowWriter::try_new(File::create(path)?, schema(), Some(properties))?;
    writer.write(&RecordBatch::try_new(schema(), columns.to_vec())?)?;
    writer.close()?;
    Ok(())
}

/// Reads back those that are `used`; None if one of these is missing.
pub(super) fn read(path: &Path, used: &Used) -> Result<Option<KnownIds>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?.build()?;
    let mut wanted = Vec::new();
    for batch in reader {
        let batch = batch?;
        let references = known(&batch)?.references;
        let is_used: BooleanArray =
            references.values().iter().map(|reference| Some(used.is_marked(*reference))).collect();
        wanted.push(filter_record_batch(&batch, &is_used)?);
    }
    let known = known(&concat_batches(&schema(), &wanted)?)?;
    Ok(Some(known).filter(|known| known.ids.len() == used.count()))
}

fn known(rows: &RecordBatch) -> Result<KnownIds, ArrowError> {
    let columns = match rows.columns() {
        [references, ids] => references.as_primitive_opt::<Int32Type>().zip(ids.as_string_opt::<i32>()),
        _ => None,
    };
    let (references, ids) = columns.ok_or_else(|| ArrowError::SchemaError("not references and ids".to_owned()))?;
    Ok(KnownIds { references: references.clone(), ids: ids.clone() })
}
