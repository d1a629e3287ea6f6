//! The commit record: one JSON object per published snapshot.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::model::ColumnType;

/// Version of the record's layout that is written; those before it are read, too. In the first, the file of
/// `dim_snapshot` wasn't among [`Commit::files`].
pub const FORMAT: u32 = 2;

/// What a run published, from what.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Commit {
    /// Version of this record's layout, at most [`FORMAT`].
    pub format: u32,
    /// Number in the warehouse's history, from 1.
    pub number: u64,
    /// Number of the commit before; null for the first.
    pub parent: Option<u64>,
    /// Name of the result: the same inputs, policy, SQL and as_of give the same run id.
    pub run_id: String,
    /// Unique to the attempt, so that a record can be told from a rival's of the same content.
    pub nonce: String,
    /// Pipeline name.
    pub pipeline: String,
    /// Day whose end the snapshot describes.
    pub as_of: NaiveDate,
    /// Period label.
    pub period: String,
    /// Whether the snapshot closes its period.
    pub is_period_end: bool,
    /// When the record was made.
    pub committed_at: DateTime<Utc>,
    /// Version of the program.
    pub rfmart_version: String,
    /// SHA-256 of the policy and of what else of the pipeline decides the numbers.
    pub policy_sha256: String,
    /// ISO 4217 code of all amounts; null in records of the first format.
    #[serde(default)]
    pub currency: Option<String>,
    /// How customers' ids are made, and of which key; null if they are published as read.
    #[serde(default)]
    pub id_scheme: Option<String>,
    /// SHA-256 of the models.
    pub sql_sha256: String,
    /// The commit of the same day that this one takes the place of; null for the first of its day.
    #[serde(default)]
    pub restates: Option<Restated>,
    /// Objects read.
    pub inputs: Vec<Input>,
    /// What the run warned of, the first line of each.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Rows per entity.
    pub rows: BTreeMap<String, EntityRows>,
    /// Published days whose rows have changed since, as far as this run saw.
    #[serde(default)]
    pub stale: Stale,
    /// Days whose snapshots are kept no longer: what earlier commits published of them is removed.
    #[serde(default)]
    pub prunes: Vec<NaiveDate>,
    /// Files published.
    pub files: Vec<PublishedFile>,
}

/// A commit that another of its day has taken the place of.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Restated {
    /// Its number.
    pub number: u64,
    /// Why, in the words of whoever asked for it.
    pub reason: String,
    /// Tables with other rows, or of one of the two alone.
    pub tables: Vec<String>,
    /// What it moved in the chain (`*`) and at its branches; none where the tables that tell aren't published.
    #[serde(default)]
    pub branches: Vec<RestatedBranch>,
}

/// What a restatement moved, before and after.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct RestatedBranch {
    /// Its id; `*` for the chain.
    pub branch_id: String,
    /// Known customers.
    pub customers: (i64, i64),
    /// Net paid amount in the window, in hundredths of the currency.
    pub monetary_hundredths: (i64, i64),
    /// Customers that are in another stage, as `from > to: customers`, most first.
    pub stage_moves: String,
    /// Customers that are in another segment, in the same way.
    pub segment_moves: String,
}

/// Published days whose rows have changed since they were published.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Stale {
    /// Closing snapshots, the oldest first.
    pub closings: Vec<StaleClosing>,
    /// How many other days.
    pub other_days: u64,
}

/// A closing snapshot whose rows have changed since.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct StaleClosing {
    /// Its day.
    pub as_of: NaiveDate,
    /// The commit that published it.
    pub number: u64,
    /// Rows and money that came or went, in words, of each entity.
    pub changes: Vec<String>,
}

/// An object that was read.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Input {
    /// Entity.
    pub entity: String,
    /// URL without credentials.
    pub url: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// The store's entity tag.
    pub e_tag: Option<String>,
    /// When it was last written.
    pub last_modified: DateTime<Utc>,
    /// SHA-256, hex.
    pub sha256: String,
}

/// What became of an entity's rows. `read = used + duplicates + after_as_of + rejected`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct EntityRows {
    /// Rows in the objects.
    pub read: u64,
    /// Rows that the tables are made from.
    pub used: u64,
    /// Rows whose key was delivered again: another delivery took their place.
    pub duplicates: u64,
    /// Rows of a day after as_of.
    pub after_as_of: u64,
    /// Rows set aside.
    pub rejected: u64,
    /// Duplicates that tell of another branch, customer or day than what took their place.
    pub conflicting: u64,
    /// Some of these, in words.
    pub conflicts: Vec<String>,
    /// The same counts of each branch.
    pub branches: Vec<BranchRows>,
}

/// What became of a branch's rows of an entity.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct BranchRows {
    /// The branch; null for rows of none, and for rejected ones whose branch can't be told.
    pub branch_id: Option<String>,
    /// As in [`EntityRows`].
    pub read: u64,
    /// As in [`EntityRows`].
    pub used: u64,
    /// As in [`EntityRows`].
    pub duplicates: u64,
    /// As in [`EntityRows`].
    pub after_as_of: u64,
    /// As in [`EntityRows`].
    pub rejected: u64,
    /// Net paid amount of the used rows, in hundredths of the currency; null but for orders.
    #[serde(default)]
    pub amount_hundredths: Option<i64>,
}

impl EntityRows {
    /// Adds a branch.
    pub fn add(&mut self, branch: BranchRows) {
        self.read += branch.read;
        self.used += branch.used;
        self.duplicates += branch.duplicates;
        self.after_as_of += branch.after_as_of;
        self.rejected += branch.rejected;
        self.branches.push(branch);
    }
}

/// A published file.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct PublishedFile {
    /// Table.
    pub table: String,
    /// Key below the warehouse's prefix.
    pub path: String,
    /// Rows.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256, hex.
    pub sha256: String,
    /// Its columns; none of rows that were set aside.
    #[serde(default)]
    pub columns: Vec<Column>,
}

/// A column of a published file.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Type.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Whether a value may be missing.
    pub nullable: bool,
}
