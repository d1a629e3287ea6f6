//! The commit record: one JSON object per published snapshot, created with put-if-absent.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutPayload};
use serde::{Deserialize, Serialize};

use crate::storage::failure;
use crate::{Context, Error, Kind, Result};

/// What a run published, from what.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Commit {
    /// Version of this record's layout.
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
    /// How customers' ids are made, and of which key; null if they are published as read.
    #[serde(default)]
    pub id_scheme: Option<String>,
    /// SHA-256 of the models.
    pub sql_sha256: String,
    /// Objects read.
    pub inputs: Vec<Input>,
    /// Rows per entity.
    pub rows: BTreeMap<String, EntityRows>,
    /// Files published.
    pub files: Vec<PublishedFile>,
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
}

/// The warehouse's history.
pub struct Commits {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl Commits {
    /// The history under `<warehouse>/_rfmart/commits/`.
    pub fn new(store: Arc<dyn ObjectStore>, warehouse: &Path) -> Self {
        Commits { store, prefix: warehouse.clone().join("_rfmart").join("commits") }
    }

    fn key(&self, number: u64) -> Path {
        self.prefix.clone().join(format!("{number:06}.json"))
    }

    /// All commits, the oldest first.
    ///
    /// # Errors
    /// Storage that can't be reached, or a record that can't be read.
    pub async fn read_all(&self) -> Result<Vec<Commit>> {
        let listed: Vec<_> = self
            .store
            .list(Some(&self.prefix))
            .try_collect()
            .await
            .map_err(|cause| failure(&cause, format!("can't list {}", self.prefix)))?;
        let mut commits = Vec::with_capacity(listed.len());
        for object in listed.iter().filter(|object| object.location.extension() == Some("json")) {
            commits.push(self.read(&object.location).await?);
        }
        commits.sort_by_key(|commit| commit.number);
        Ok(commits)
    }

    async fn read(&self, key: &Path) -> Result<Commit> {
        let bytes = async { self.store.get(key).await?.bytes().await }.await;
        let bytes = bytes.map_err(|cause| failure(&cause, format!("can't read the commit {key}")))?;
        serde_json::from_slice(&bytes).context(Kind::Data, || format!("the commit {key} is damaged"))
    }

    /// Refuses a number that is taken, for files must not be put over those of another run.
    ///
    /// # Errors
    /// As [`Commits::create`].
    pub async fn refuse_taken(&self, number: u64) -> Result<()> {
        let key = self.key(number);
        match self.store.head(&key).await {
            Ok(_) => Err(taken(&self.read(&key).await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(cause) => Err(failure(&cause, format!("can't look up {key}"))),
        }
    }

    /// Creates `commit` if its number is still free.
    ///
    /// # Errors
    /// [`Kind::Contention`] when another run took the number; storage that can't be reached, in which
    /// case the outcome was looked up and the commit is not there.
    pub async fn create(&self, commit: &Commit) -> Result<()> {
        let key = self.key(commit.number);
        let bytes = serde_json::to_vec_pretty(commit).context(Kind::Bug, || "can't write the commit".to_owned())?;
        let attempt = self.store.put_opts(&key, PutPayload::from(bytes), PutMode::Create.into()).await;
        let Err(cause) = attempt else {
            return Ok(());
        };
        // A lost answer looks like a failure, and its retry like a rival: only the record itself tells.
        match self.read(&key).await {
            Ok(found) if found.nonce == commit.nonce => Ok(()),
            Ok(found) => Err(taken(&found)),
            Err(_) => Err(not_created(&cause, format!("can't create the commit {key}"))),
        }
    }
}

/// An outage passes; a local disk that can't be written waits for someone.
fn not_created(cause: &object_store::Error, message: String) -> Error {
    match cause {
        object_store::Error::Generic { store: "LocalFileSystem", .. } => Error::new(Kind::Output, message)
            .detail(cause.to_string())
            .hint("is the disk full, or not this user's to write?"),
        _ => failure(cause, message),
    }
}

fn taken(rival: &Commit) -> Error {
    let message = format!("another run took commit {}: as of {}", rival.number, rival.as_of);
    Error::new(Kind::Contention, message).hint("run again: it starts from what the other published")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_at_the_commit_is_worth_another_attempt_and_a_full_disk_is_not() {
        let failed =
            |store| not_created(&object_store::Error::Generic { store, source: "broke off".into() }, "x".into());
        assert_eq!(failed("S3").kind(), Kind::Storage);
        assert_eq!(failed("LocalFileSystem").kind(), Kind::Output);
    }
}
