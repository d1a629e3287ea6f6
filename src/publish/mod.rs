//! Published tables: written once under their declared schema, committed by one object.
//!
//! Files are written to the work folder, checked there, and only then put into the warehouse, so that
//! what was checked is what is read. The commit record is created last, with put-if-absent.

mod commit;
mod dim_snapshot;
mod upload;
mod write;

pub use commit::{BranchRows, Commit, Commits, EntityRows, Input, PublishedFile};
pub use dim_snapshot::{TABLE as DIM_SNAPSHOT, sidecar as dim_snapshot_sidecar};
pub use upload::Warehouse;
pub use write::{WrittenTable, digest, write_table};

use chrono::NaiveDate;

/// Key of a table's partition below the warehouse's prefix.
pub fn partition_key(table: &str, as_of: NaiveDate) -> String {
    format!("{table}/dt={as_of}/part-0.parquet")
}
