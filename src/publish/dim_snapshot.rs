//! `dim_snapshot`: a row per published snapshot, written after its commit and from it.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Date32Type;

use super::commit::Commit;
use super::records::{self, DIM_SNAPSHOT, column};
use super::write::{WrittenTable, write_rows};
use crate::model::{ColumnType, Sidecar};
use crate::{Context, Kind, Result};

/// What the table is, as the sidecar of a model would say it.
pub fn sidecar() -> Sidecar {
    records::sidecar(
        "The published snapshots; a row is there once all tables of its day are.",
        &["as_of"],
        vec![
            column("as_of", ColumnType::Date, "Day whose end the snapshot describes."),
            column("period", ColumnType::Text, "Reporting period that holds as_of, such as 2026-11."),
            column(
                "is_period_end",
                ColumnType::Boolean,
                "Whether as_of is the last day of the period: the closing snapshot.",
            ),
            column("run_id", ColumnType::Text, "Run, named by what the snapshot was made of."),
            column("commit_number", ColumnType::Bigint, "Number of the commit record in _rfmart/commits."),
        ],
    )
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
    let sidecar = sidecar();
    let schema = sidecar.schema();
    let rows =
        RecordBatch::try_new(schema.clone(), columns).context(Kind::Bug, || format!("can't build {DIM_SNAPSHOT}"))?;
    write_rows(DIM_SNAPSHOT, path, &schema, &sidecar.grain, &rows)
}
