//! Readers that look on: after each change, what they go by must be whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use rfmart::publish::{Commit, DIM_SNAPSHOT};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::chain::WAREHOUSE;

/// What readers have seen that they must not.
#[derive(Default)]
pub struct Reader {
    broken: Mutex<BTreeSet<String>>,
}

impl Reader {
    /// Promises that were broken so far.
    pub fn broken(&self) -> Vec<String> {
        self.broken.lock().unwrap().iter().cloned().collect()
    }

    /// Looks at all that there is, through each door.
    pub async fn look(&self, store: &InMemory) {
        let warehouse = Warehouse::read(store).await;
        let mut broken = self.broken.lock().unwrap();
        broken.extend(warehouse.uncommitted());
        broken.extend(warehouse.torn());
        broken.extend(warehouse.incomplete_snapshots());
        broken.extend(warehouse.dangling_logs());
    }
}

/// Every object of the warehouse, by its key from there.
struct Warehouse {
    objects: BTreeMap<String, Bytes>,
    commits: Vec<Commit>,
}

impl Warehouse {
    async fn read(store: &InMemory) -> Self {
        let root = Path::from(WAREHOUSE);
        let listed: Vec<_> = store.list(Some(&root)).try_collect().await.unwrap();
        let mut objects = BTreeMap::new();
        for meta in listed {
            let bytes = store.get(&meta.location).await.unwrap().bytes().await.unwrap();
            objects.insert(meta.location.as_ref().strip_prefix("warehouse/").unwrap().to_owned(), bytes);
        }
        let records = objects.iter().filter(|(key, _)| key.starts_with("_rfmart/commits/"));
        let commits = records.filter_map(|(_, bytes)| serde_json::from_slice(bytes).ok()).collect();
        Warehouse { objects, commits }
    }

    /// Files that a glob over a table finds.
    fn parts(&self) -> impl Iterator<Item = (&String, &Bytes)> {
        self.objects.iter().filter(|(key, _)| !key.starts_with('_') && key.ends_with(".parquet"))
    }

    /// Files that a glob finds and no commit names.
    fn uncommitted(&self) -> Vec<String> {
        let named: BTreeSet<&str> =
            self.commits.iter().flat_map(|commit| &commit.files).map(|file| file.path.as_str()).collect();
        let strangers = self.parts().filter(|(key, _)| !named.contains(key.as_str()));
        strangers.map(|(key, _)| format!("a reader saw {key}, which no commit names")).collect()
    }

    /// Files whose bytes aren't those that they are named after.
    fn torn(&self) -> Vec<String> {
        let is_whole = |key: &str, bytes: &Bytes| key.contains(&format!("{:x}", Sha256::digest(bytes))[..16]);
        let torn = self.parts().filter(|(key, bytes)| !is_whole(key, bytes));
        torn.map(|(key, _)| format!("a reader saw {key} with other bytes than its commit's")).collect()
    }

    /// Days that `dim_snapshot` tells of, as of a commit in force, and that lack a table.
    fn incomplete_snapshots(&self) -> Vec<String> {
        let mut in_force: BTreeMap<_, &Commit> = BTreeMap::new();
        for commit in &self.commits {
            in_force.insert(commit.as_of, commit);
        }
        let is_told = |commit: &Commit| {
            let row = commit.files.iter().find(|file| file.table == DIM_SNAPSHOT);
            row.is_some_and(|row| self.objects.contains_key(&row.path))
        };
        let told = in_force.into_values().filter(|commit| is_told(commit));
        let missing = told.flat_map(|commit| commit.files.iter().map(move |file| (commit, file)));
        missing
            .filter(|(_, file)| !self.objects.contains_key(&file.path))
            .map(|(commit, file)| {
                format!("dim_snapshot told of commit {}, and {} was missing", commit.number, file.path)
            })
            .collect()
    }

    /// Files that a Delta log names and that aren't there, and days that it has twice.
    fn dangling_logs(&self) -> Vec<String> {
        let mut active: BTreeSet<String> = BTreeSet::new();
        // Keys are in the order of versions.
        for (key, bytes) in &self.objects {
            let Some((table, _)) = key.split_once("/_delta_log/") else { continue };
            for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                // A store that takes damaged bytes holds them until its run has read them back.
                let Ok(action) = serde_json::from_slice::<Value>(line) else { continue };
                let path = |what: &str| action[what]["path"].as_str().map(|path| format!("{table}/{path}"));
                if let Some(path) = path("remove") {
                    active.remove(&path);
                }
                active.extend(path("add"));
            }
        }
        let mut broken: Vec<String> = active
            .iter()
            .filter(|path| !self.objects.contains_key(*path))
            .map(|path| format!("a Delta log named {path}, which was not there"))
            .collect();
        let mut folders = BTreeSet::new();
        let again = active.iter().filter(|path| !folders.insert(path.rsplit_once('/').unwrap().0));
        broken.extend(again.map(|path| format!("a Delta log named {path} and another file of its day")));
        broken
    }
}
