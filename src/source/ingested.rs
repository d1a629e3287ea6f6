//! What reading leaves behind, for SQL and for the commit.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{Array, Int32Array, StringArray};
use arrow::datatypes::SchemaRef;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::entity::Entity;

/// An object that was read, and how to recognise it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// What became of rows while reading. `read = staged + rejected + after_as_of`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// Rows in the objects.
    pub read: u64,
    /// Rows of a day up to as_of (duplicates included; SQL resolves them).
    pub staged: u64,
    /// Rows set aside with a cause.
    pub rejected: u64,
    /// Rows of a day after as_of, which don't exist yet. They are staged as well, for one may be the later
    /// delivery of a row that would be used without it; SQL drops them once duplicates are resolved.
    pub after_as_of: u64,
}

impl AddAssign for RowCounts {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.staged += other.staged;
        self.rejected += other.rejected;
        self.after_as_of += other.after_as_of;
    }
}

/// A delivery of a row, as far as it can contradict another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Rank of the object's URL among the entity's, from 0.
    pub object_no: i32,
    /// Position of the row in its object, from 1.
    pub row_no: i64,
    /// Branch, if it names one.
    pub branch: Option<String>,
    /// Customer, as published.
    pub customer: Option<String>,
    /// Day, of entities whose rows have one.
    pub day: Option<NaiveDate>,
}

/// Two deliveries of one key that tell of different branches, customers or days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What they are rows of.
    pub entity: Entity,
    /// The key, but for its branch.
    pub key: String,
    /// The delivery that isn't used.
    pub lost: Delivery,
    /// The one that took its place.
    pub kept: Delivery,
}

/// What putting the mappings in order left behind.
#[derive(Debug, Default)]
pub struct Replaced {
    /// Rows that a later row on the same number replaced, by branch.
    pub by_branch: BTreeMap<String, u64>,
    /// Those of them that named another customer.
    pub conflicts: Vec<Conflict>,
}

/// The distinct ids of one domain. A *reference* is the order of arrival, which differs from run to
/// run; a *key* is the rank of the id in byte order, which doesn't.
#[derive(Clone, Debug)]
pub struct Dictionary {
    /// Key (from 0) per reference; null for references that nothing has. Several may have the same key.
    pub key_of_ref: Int32Array,
    /// Id per key, as it is published: distinct and ascending.
    pub id_of_key: StringArray,
}

impl Dictionary {
    /// Keys of what has no ids.
    pub(super) fn without_ids(key_of_ref: Int32Array) -> Self {
        Dictionary { key_of_ref, id_of_key: StringArray::from(Vec::<&str>::new()) }
    }

    /// The key of an id that occurs.
    pub fn key_of_id(&self, id: &str) -> Option<i32> {
        let (mut low, mut high) = (0, self.id_of_key.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.id_of_key.value(middle).cmp(id) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return i32::try_from(middle).ok(),
            }
        }
        None
    }
}

/// The dictionaries of a run.
#[derive(Clone, Debug)]
pub struct Dictionaries {
    /// Customers of all entities, and who is named as a referrer.
    pub customer: Arc<Dictionary>,
    /// Branches of all entities.
    pub branch: Arc<Dictionary>,
    /// Departments of all entities.
    pub department: Arc<Dictionary>,
    /// Items of all entities.
    pub item: Arc<Dictionary>,
    /// Objects: a key is the rank of the URL among the entity's, from 0. Without ids.
    pub object: Arc<Dictionary>,
}

impl Dictionaries {
    /// Those that have ids, by their domains.
    pub fn of_ids(&self) -> [(&'static str, &Arc<Dictionary>); 4] {
        [("customer", &self.customer), ("branch", &self.branch), ("department", &self.department), ("item", &self.item)]
    }
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
    /// The same by branch key; under none, rows of no branch, and rejected ones whose branch can't be told.
    pub by_branch: BTreeMap<Option<i32>, RowCounts>,
    /// `key_hash` values that occur more than once, ascending: only these rows can be duplicates.
    pub repeated_key_hashes: Vec<i64>,
    /// Whether the pipeline has a source for the entity.
    pub is_present: bool,
}
