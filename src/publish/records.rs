//! Tables that are made of commit records alone: `dim_snapshot` and `dim_restatement`.

use super::commit::Commit;
use crate::model::{ColumnSpec, ColumnType, Sidecar};

/// A row per published snapshot.
pub const DIM_SNAPSHOT: &str = "dim_snapshot";
/// What became of days that were published anew.
pub const DIM_RESTATEMENT: &str = "dim_restatement";

/// Those that a commit has, `dim_snapshot` last.
pub(super) fn tables_of_records(commit: &Commit) -> impl Iterator<Item = &'static str> {
    commit.restates.is_some().then_some(DIM_RESTATEMENT).into_iter().chain([DIM_SNAPSHOT])
}

/// Whether a table is one of them.
pub fn is_of_records(table: &str) -> bool {
    [DIM_RESTATEMENT, DIM_SNAPSHOT].contains(&table)
}

/// A column that always has a value.
pub(super) fn column(name: &str, kind: ColumnType, description: &str) -> ColumnSpec {
    ColumnSpec { name: name.to_owned(), kind, description: description.to_owned(), unit: None, nullable: false }
}

/// What such a table is, as the sidecar of a model would say it.
pub(super) fn sidecar(description: &str, grain: &[&str], columns: Vec<ColumnSpec>) -> Sidecar {
    Sidecar {
        description: description.to_owned(),
        grain: grain.iter().map(|column| (*column).to_owned()).collect(),
        has_grain_of_header: false,
        moments: false,
        materialize: true,
        cluster_by: Vec::new(),
        columns,
        metrics: Vec::new(),
    }
}
