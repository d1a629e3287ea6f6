//! One look at the rows that stay read: which references they have, how many are of each branch and day, and the hashes
//! of their keys.

use std::fs::File;
use std::path::Path;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Int32Type, Int64Type, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::manifest::KeptFile;
use crate::entity::{ColumnKind, Entity};
use crate::source::staging::duplicates::KeyHashes;
use crate::source::staging::interners::PerDomain;
use crate::source::staging::references::Used;
use crate::source::staging::schema::{is_reference, staged_name, staged_schema};
use crate::source::staging::tally::Tally;

/// Rows that are read at a time.
const BATCH_ROWS: usize = 1 << 14;

/// What the rows of some files have.
#[derive(Default)]
pub(in crate::source) struct Scanned {
    pub used: PerDomain<Used>,
    pub rows: Tally,
    pub hashes: KeyHashes,
}

impl Scanned {
    /// Adds the rows of a file in `folder`; those of a day after `as_of` don't exist yet.
    ///
    /// # Errors
    /// Why the file isn't what it was, in words.
    pub(super) fn add(&mut self, entity: Entity, folder: &Path, file: &KeptFile, as_of: i32) -> Result<(), String> {
        let source = File::open(file.checked(folder)?).map_err(|cause| cause.to_string())?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(source).map_err(|cause| cause.to_string())?;
        let schema = staged_schema(entity);
        let columns = reader.parquet_schema().columns().len();
        if columns != schema.fields().len() {
            return Err(format!("it has {columns} columns, {} are wanted", schema.fields().len()));
        }
        let wanted = ProjectionMask::roots(reader.parquet_schema(), wanted(entity, &schema));
        let batches = reader.with_projection(wanted).with_batch_size(BATCH_ROWS).build();
        for batch in batches.map_err(|cause| cause.to_string())? {
            let batch = batch.map_err(|cause| cause.to_string())?;
            self.add_rows(entity, &batch, as_of).ok_or("it lacks a column")?;
        }
        Ok(())
    }

    /// None if the batch lacks a column.
    fn add_rows(&mut self, entity: Entity, batch: &RecordBatch, as_of: i32) -> Option<()> {
        for column in entity.columns().iter().filter(|column| is_reference(column)) {
            let references = batch.column_by_name(&staged_name(column))?.as_primitive_opt::<Int32Type>()?;
            let used = self.used.of_mut(column)?;
            references.iter().flatten().for_each(|reference| used.mark(reference));
        }
        let dated = entity.columns().iter().find(|column| column.kind == ColumnKind::LocalDay);
        let days = match dated {
            Some(column) => Some(batch.column_by_name(&staged_name(column))?.as_primitive_opt::<Date32Type>()?),
            None => None,
        };
        let branches = batch.column_by_name("branch_ref").and_then(|array| array.as_primitive_opt::<Int32Type>());
        self.rows.add_good(batch.num_rows(), branches, days, as_of);
        self.hashes.extend(batch.column_by_name("key_hash")?.as_primitive_opt::<Int64Type>()?.values());
        Some(())
    }

    /// Adds what another thread has seen.
    pub fn merge(&mut self, other: Scanned) {
        self.merge_used(&other.used);
        self.rows.merge(other.rows);
        self.hashes.merge(other.hashes);
    }

    /// Adds references.
    pub fn merge_used(&mut self, other: &PerDomain<Used>) {
        let PerDomain { customer, branch, department, item } = &mut self.used;
        for ((_, theirs), ours) in other.named().into_iter().zip([customer, branch, department, item]) {
            ours.merge(theirs);
        }
    }
}

/// The places of the columns that are looked at.
fn wanted(entity: Entity, schema: &SchemaRef) -> Vec<usize> {
    let columns = entity.columns().iter().filter(|column| is_reference(column) || column.kind == ColumnKind::LocalDay);
    let names: Vec<String> = columns.map(staged_name).chain(["key_hash".to_owned()]).collect();
    let is_wanted = |name: &String| names.contains(name);
    schema.fields().iter().enumerate().filter(|(_, field)| is_wanted(field.name())).map(|(place, _)| place).collect()
}
