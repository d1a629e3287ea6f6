//! Whether a warehouse holds what its commits say, and nothing that looks like it.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::NaiveDate;
use futures::{StreamExt, TryStreamExt, stream};

use super::commit::{Commit, PublishedFile};
use super::history::{DamagedRecord, History};
use super::key::partition;
use super::pending::{Attempt, Settled};
use super::records::{DIM_SNAPSHOT, is_of_records};
use super::warehouse::{AT_ONCE, Warehouse};
use crate::{Error, Kind, Result};

/// Where what is damaged is set aside.
const DAMAGED: &str = "_rfmart/damaged";

/// How closely files are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Whether they are there, in their size.
    Sizes,
    /// All their bytes are read, too, and their SHA-256 compared.
    Bytes,
}

/// What a look at a warehouse came to.
#[derive(Debug, Default)]
pub struct Findings {
    /// Commits that hold for their days.
    pub commits: usize,
    /// Files that were looked at.
    pub files: usize,
    /// Their bytes, as the commits tell them.
    pub bytes: u64,
    /// What isn't as it should be, in the order of commits and keys.
    pub faults: Vec<Fault>,
}

/// What was put in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Files that earlier runs had left on their way.
    pub settled: Settled,
    /// Files of `dim_snapshot` and `dim_restatement` that were gone or damaged, made again.
    pub record_files: usize,
    /// Files that held something else than was published, set aside.
    pub files: usize,
    /// Delta logs that weren't as the records say, made again.
    pub logs: usize,
    /// Records that can't be read, set aside.
    pub records: usize,
}

/// Something in a warehouse that isn't as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A commit record that can't be read.
    Record(DamagedRecord),
    /// A published file, of this commit and day, that is gone or holds something else.
    File {
        /// The commit that published it.
        commit: u64,
        /// Its day.
        as_of: NaiveDate,
        /// Key below the warehouse's prefix.
        path: String,
        /// What is wrong.
        cause: String,
    },
    /// A committed file that its run hadn't put in place when it died.
    Unsettled(String),
    /// A file that readers see and no commit in force names.
    Stray(String),
}

impl Warehouse {
    /// Looks at all that commits in force published, and at what else there is.
    ///
    /// # Errors
    /// Storage that can't be reached.
    pub async fn verify(&self, history: &History, depth: Depth) -> Result<Findings> {
        let in_force: Vec<&Commit> = history.in_force().collect();
        let all: Vec<(&Commit, &PublishedFile)> =
            in_force.iter().flat_map(|commit| commit.files.iter().map(move |file| (*commit, file))).collect();
        let mut findings = Findings {
            commits: in_force.len(),
            files: all.len(),
            bytes: all.iter().map(|(_, file)| file.bytes).sum(),
            faults: history.damaged().iter().cloned().map(Fault::Record).collect(),
        };
        let looks = stream::iter(all).map(|(commit, file)| self.fault_of(commit, file, depth));
        let found: Vec<Option<Fault>> = looks.buffered(AT_ONCE).try_collect().await?;
        findings.faults.extend(found.into_iter().flatten());
        findings.faults.extend(self.strays().await?.into_iter().map(Fault::Stray));
        Ok(findings)
    }

    async fn fault_of(&self, commit: &Commit, file: &PublishedFile, depth: Depth) -> Result<Option<Fault>> {
        let fault =
            |cause: String| Fault::File { commit: commit.number, as_of: commit.as_of, path: file.path.clone(), cause };
        let Some(bytes) = self.size(&file.path).await? else {
            let waiting = Attempt::of(commit).key(&file.table);
            return Ok(Some(match self.size(&waiting).await? {
                Some(_) => Fault::Unsettled(file.path.clone()),
                None => fault("it is gone".to_owned()),
            }));
        };
        if bytes != file.bytes {
            return Ok(Some(fault(format!("it has {bytes} bytes where {} were published", file.bytes))));
        }
        if depth == Depth::Sizes {
            return Ok(None);
        }
        let found = self.digest(&file.path).await?.map(|(_, sha256)| sha256);
        Ok((found.as_ref() != Some(&file.sha256)).then(|| fault("it has other bytes than were published".to_owned())))
    }

    /// Keys of files that readers see and no commit in force names.
    ///
    /// # Errors
    /// A record that can't be read, for it may name them; storage that can't be reached.
    pub async fn strays_to_remove(&self) -> Result<Vec<String>> {
        let history = self.commits().read_all().await?;
        if let Some(record) = history.damaged().first() {
            let message = format!("the commit record {} can't be read, so its files aren't known", record.key);
            return Err(Error::new(Kind::Data, message).detail(record.cause.as_str()).hint(
                "restore it from a backup, or let `rfmart repair` set it aside: then its files count as left over",
            ));
        }
        self.strays().await
    }

    /// A file is seen only after its commit is there: who lists first and then reads the commits takes none for a stray
    /// that a run has just published. What a commit takes the place of is left to the next run, which writes the logs
    /// first.
    async fn strays(&self) -> Result<Vec<String>> {
        let mut keys = self.list("").await?;
        let history = self.commits().read_all().await?;
        let superseded = self.superseded(&history).await?;
        let in_force: Vec<&Commit> = history.in_force().collect();
        let named: BTreeSet<&str> =
            in_force.iter().flat_map(|commit| commit.files.iter().map(|file| file.path.as_str())).collect();
        // The first format's records don't name the row of dim_snapshot.
        let unnamed: Vec<String> = in_force
            .iter()
            .filter(|commit| commit.format < 2)
            .map(|commit| partition(DIM_SNAPSHOT, commit.as_of))
            .collect();
        let is_stray = |key: &String| {
            is_part(key)
                && !named.contains(key.as_str())
                && !superseded.contains(key.as_str())
                && !unnamed.iter().any(|folder| key.starts_with(folder))
        };
        keys.retain(is_stray);
        keys.sort_unstable();
        Ok(keys)
    }

    /// Puts in order what the commits alone tell how to: moves files that wait for it, writes rows of `dim_snapshot`
    /// anew, and sets aside, into `_rfmart/damaged/`, files that hold something else than was published and records that
    /// can't be read. A run for their day then makes such files again.
    ///
    /// # Errors
    /// Storage that fails, or a disk that can't be written.
    pub async fn repair(&self, history: &History, work: &Path) -> Result<Repaired> {
        let mut repaired = Repaired { settled: self.settle(history).await?, ..Repaired::default() };
        for commit in history.in_force() {
            for file in &commit.files {
                if self.fault_of(commit, file, Depth::Bytes).await?.is_none() {
                    continue;
                }
                if is_of_records(&file.table) {
                    let made = self.put_pending_record(&file.table, commit, history, work).await?;
                    self.rename(&Attempt::of(commit).key(&made.table), &made.path).await?;
                    repaired.record_files += 1;
                } else if self.size(&file.path).await?.is_some() {
                    self.rename(&file.path, &format!("{DAMAGED}/{}", file.path)).await?;
                    repaired.files += 1;
                }
            }
        }
        repaired.logs = if history.damaged().is_empty() { self.repair_delta(history).await? } else { 0 };
        self.remove_superseded(history).await?;
        for record in history.damaged() {
            self.rename(&record.key, &format!("{DAMAGED}/{:06}.json", record.number)).await?;
            repaired.records += 1;
        }
        Ok(repaired)
    }

    /// Removes files that readers see and no commit in force names.
    ///
    /// # Errors
    /// As [`Warehouse::strays_to_remove`]; a disk that can't be written.
    pub async fn remove_strays(&self) -> Result<Vec<String>> {
        let strays = self.strays_to_remove().await?;
        let removals = stream::iter(&strays).map(|key| self.remove(key));
        removals.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        Ok(strays)
    }
}

/// Whether a key is that of a table's file: `<table>/dt=<day>/part-….parquet`. What else people keep there is theirs.
fn is_part(key: &str) -> bool {
    if key.starts_with(DAMAGED) {
        return false;
    }
    let mut parts = key.rsplitn(3, '/');
    let is_file = parts.next().is_some_and(|name| name.starts_with("part-") && name.contains(".parquet"));
    is_file && parts.next().is_some_and(|folder| folder.starts_with("dt=")) && parts.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::is_part;

    #[test]
    fn files_of_tables_are_told_from_what_else_is_there() {
        assert!(is_part("fct_a/dt=2026-10-31/part-0.parquet"));
        assert!(is_part("_rfmart/rejected/dt=2026-10-31/part-00ff.parquet"));
        assert!(!is_part("fct_a/dt=2026-10-31/notes.txt"));
        assert!(!is_part("fct_a/_delta_log/00000000000000000000.json"));
        assert!(!is_part("dt=2026-10-31/part-0.parquet"));
        assert!(!is_part("_rfmart/pending/000001-ff/fct_a.parquet"));
        assert!(!is_part("_rfmart/damaged/fct_a/dt=2026-10-31/part-0.parquet"));
    }
}
