//! `dim_snapshot`: a row per published snapshot, written after its commit and from it.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Date32Type, Field, Schema, SchemaRef};

use super::commit::Commit;
use super::write::{WrittenTable, write_rows};
use crate::{Context, Kind, Result};

/// Table name.
pub const TABLE: &str = "dim_snapshot";

/// Columns: `as_of`, `period`, `is_period_end`, `run_id`, `commit_number`.
pub fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("as_of", DataType::Date32, false),
        Field::new("period", DataType::Utf8, false),
        Field::new("is_period_end", DataType::Boolean, false),
        Field::new("run_id", DataType::Utf8, false),
        Field::new("commit_number", DataType::Int64, false),
    ]))
}

/// Writes the row of `commit` to `path`.
///
/// # Errors
/// The file can't be written.
pub fn write(commit: &Commit, path: &Path) -> Result<WrittenTable> {
    let as_of = Date32Type::from_naive_date(commit.as_of);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Date32Array::from(vec![as_of])),
        Arc::new(StringArray::from(vec![commit.period.as_str()])),
        Arc::new(BooleanArray::from(vec![commit.is_period_end])),
        Arc::new(StringArray::from(vec![commit.run_id.as_str()])),
        Arc::new(Int64Array::from_iter([i64::try_from(commit.number).ok()])),
    ];
    let rows = RecordBatch::try_new(schema(), columns).context(Kind::Bug, || format!("can't build {TABLE}"))?;
    write_rows(TABLE, path, &schema(), &["as_of".to_owned()], &rows)
}
