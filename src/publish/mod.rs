//! Published tables: written once under their declared schema, committed by one object.
//!
//! Files are written to the work folder, checked there, and only then put into the warehouse, so that what was checked
//! is what is read. There they wait unseen in a place of the run's own until the commit record is created, with
//! put-if-absent; then they are moved to where readers look.

mod commit;
mod delta;
mod dim_restatement;
mod dim_snapshot;
mod doors;
mod durable;
mod history;
mod key;
mod pages;
mod pending;
mod records;
#[cfg(test)]
mod tests;
mod unfinished;
mod verify;
mod warehouse;
mod write;

pub use commit::{
    BranchRows, Column, Commit, EntityRows, FORMAT, Input, PublishedFile, Restated, RestatedBranch, Stale, StaleClosing,
};
pub use dim_restatement::sidecar as dim_restatement_sidecar;
pub use dim_snapshot::sidecar as dim_snapshot_sidecar;
pub use history::{Commits, DamagedRecord, History};
pub use key::{partition, partition_key};
pub use pending::{Attempt, Settled};
pub use records::{DIM_RESTATEMENT, DIM_SNAPSHOT, is_of_records};
pub use verify::{Depth, Fault, Findings, Repaired};
pub use warehouse::Warehouse;
pub use write::{WrittenTable, digest, write_table};
