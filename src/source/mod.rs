//! From objects to staged rows: list, fingerprint, read, map, check each row, set bad ones aside.
//!
//! Every entity is staged as Parquet files under `<work>/src_<entity>/`, one or more per object.
//! A staged file has the entity's canonical columns ([`Entity::columns`]) in order, where
//!
//! | kind | staged as |
//! |---|---|
//! | `customer_id`, `branch_id`, `department` of any entity | `customer_ref`, `branch_ref`, `department_ref`: Int32 reference into [`Dictionaries`] |
//! | Text, Word, Zone | Utf8 |
//! | Moment `…_at` | `…_on`: Date32, the branch's local day |
//! | Instant | Timestamp(µs, UTC) |
//! | Day | Date32 |
//! | Money | Decimal128(18, 2) |
//! | Integer | Int64 |
//!
//! and then `key_hash` Int64 (of [`Entity::key`]), `object_no` Int32 (rank of the object's URL among
//! the entity's) and `row_no` Int64 (position of the row in its object, from 1). All columns but the
//! required ones and these three are nullable.

mod entity;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Int32Array, StringArray};
use arrow::datatypes::SchemaRef;
use chrono::{DateTime, NaiveDate, Utc};

use crate::Result;
use crate::config::Pipeline;
use crate::storage::Stores;

pub use entity::{Column, ColumnKind, Entity};

/// An object that was read, and how to recognise it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputObject {
    /// What it holds.
    pub entity: Entity,
    /// The source that named it, such as `orders[0]`.
    pub source: String,
    /// Full URL, without credentials.
    pub url: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// The store's entity tag, if it has one.
    pub e_tag: Option<String>,
    /// When it was last written.
    pub last_modified: DateTime<Utc>,
    /// SHA-256 of the object's bytes, hex.
    pub sha256: String,
}

/// What became of an entity's rows. `read = staged + rejected + after_as_of`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// Rows in the objects.
    pub read: u64,
    /// Rows staged (duplicates included; SQL resolves them).
    pub staged: u64,
    /// Rows set aside with a cause.
    pub rejected: u64,
    /// Rows of a day after as_of, which don't exist yet.
    pub after_as_of: u64,
}

/// The distinct ids of one domain. A *reference* is the order of arrival, which differs from run to
/// run; a *key* is the rank of the id in byte order, which doesn't.
#[derive(Clone, Debug)]
pub struct Dictionary {
    /// Key (from 0) per reference.
    pub key_of_ref: Int32Array,
    /// Id per key: distinct and ascending.
    pub id_of_key: StringArray,
}

/// The dictionaries of a run.
#[derive(Clone, Debug)]
pub struct Dictionaries {
    /// Customers of all entities.
    pub customer: Arc<Dictionary>,
    /// Branches of all entities.
    pub branch: Arc<Dictionary>,
    /// Departments of all entities.
    pub department: Arc<Dictionary>,
}

/// One entity, staged.
#[derive(Clone, Debug)]
pub struct Staged {
    /// Parquet files; none if the pipeline has no source for the entity.
    pub files: Vec<PathBuf>,
    /// Their schema, also when there is no file.
    pub schema: SchemaRef,
    /// Row counts.
    pub rows: RowCounts,
    /// `key_hash` values that occur more than once, ascending: only these rows can be duplicates.
    pub repeated_key_hashes: Vec<i64>,
    /// Whether the pipeline has a source for the entity.
    pub is_present: bool,
}

/// Everything that was read.
#[derive(Debug)]
pub struct Ingested {
    /// Every entity, present or not.
    pub entities: BTreeMap<Entity, Staged>,
    /// Objects, by entity and URL.
    pub inputs: Vec<InputObject>,
    /// Customers, branches, departments.
    pub dictionaries: Dictionaries,
    /// Parquet files of rejected rows, with the schema of [`rejected_schema`].
    pub rejected: Vec<PathBuf>,
}

/// What is told while reading goes on. Called from several threads.
pub trait Progress: Send + Sync {
    /// `objects` with `bytes` in all are about to be read.
    fn start(&self, objects: u64, bytes: u64);
    /// `bytes` more were read.
    fn advance(&self, bytes: u64);
}

/// Schema of rejected rows: `entity`, `source`, `object` (URL), `row_no` (Int64, from 1, header not
/// counted), `column` (nullable: the whole row is bad), `cause`, `raw` (the row's text).
pub fn rejected_schema() -> SchemaRef {
    todo!("source")
}

/// Reads all sources of `pipeline` as they stand, for a snapshot of `as_of`, into `work`.
///
/// # Errors
/// Unreadable stores and objects; a required column in neither the mapping nor the object; a share
/// of rejected rows over the limit.
pub async fn ingest(
    _pipeline: &Pipeline,
    _stores: &Stores,
    _as_of: NaiveDate,
    _work: &Path,
    _progress: &dyn Progress,
) -> Result<Ingested> {
    todo!("source")
}
