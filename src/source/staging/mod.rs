//! From canonical rows to staged files: threads that read, dictionaries of ids, hashes of keys, counts.

pub(super) mod customer_ids;
mod cut;
pub(super) mod day_range;
pub(super) mod duplicates;
mod empty;
pub(super) mod interner;
pub(super) mod interners;
pub(super) mod pool;
mod queue;
pub(super) mod references;
pub(super) mod schema;
pub(super) mod tally;
pub(super) mod writer;
