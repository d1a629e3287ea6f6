//! Files between their upload and their commit.
//!
//! A run puts its files into a place of its own, `_rfmart/pending/<number>-<nonce>/`, named after the commit that it
//! attempts, where no reader looks and no other run writes. Once the commit record of that number names the nonce, they
//! are moved to where readers look; until then nothing of them is seen. Whoever comes next finishes what a killed run
//! left: a place whose number is taken is either the commit's own, and its files are moved, or lost the number, and is
//! removed. So nobody needs a lease or a clock. A run that was suspended in the middle of moving finds its place empty
//! when it wakes, for others have moved the rest, and can't put anything over what came later.

use std::collections::BTreeSet;
use std::path::Path as FilePath;

use chrono::NaiveDate;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::ObjectStoreExt;
use ring::rand::{SecureRandom, SystemRandom};

use super::commit::{Commit, PublishedFile};
use super::history::History;
use super::key::{partition, partition_key};
use super::records::{DIM_RESTATEMENT, DIM_SNAPSHOT, tables_of_records};
use super::unfinished::is_unfinished;
use super::warehouse::{AT_ONCE, Warehouse};
use super::write::WrittenTable;
use super::{dim_restatement, dim_snapshot, durable, unfinished};
use crate::{Context, Error, Kind, Result};

/// Where the places are.
const FOLDER: &str = "_rfmart/pending";

/// A run's attempt at a commit.
pub struct Attempt {
    /// Number of the commit.
    pub number: u64,
    /// What no other attempt has.
    pub nonce: String,
}

impl Attempt {
    /// A new attempt.
    ///
    /// # Errors
    /// A system without randomness.
    pub fn new(number: u64) -> Result<Self> {
        let mut bytes = [0; 8];
        SystemRandom::new().fill(&mut bytes).context(Kind::Bug, || "the system gives no random bytes".to_owned())?;
        Ok(Attempt { number, nonce: format!("{:016x}", u64::from_be_bytes(bytes)) })
    }

    /// The attempt that `commit` came of.
    pub fn of(commit: &Commit) -> Self {
        Attempt { number: commit.number, nonce: commit.nonce.clone() }
    }

    /// Its place, with a slash at its end.
    fn place(&self) -> String {
        format!("{FOLDER}/{:06}-{}/", self.number, self.nonce)
    }

    /// The list of files that the commit takes the place of.
    fn superseded(&self) -> String {
        format!("{}superseded.json", self.place())
    }

    /// Where a table's file waits: one per table.
    pub(super) fn key(&self, table: &str) -> String {
        let name = table.rsplit('/').next().unwrap_or(table);
        format!("{}{name}.parquet", self.place())
    }
}

/// What was found in the places of commits that are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Files that were moved to where readers look.
    pub moved: usize,
    /// Files of attempts that lost their number, removed.
    pub removed: usize,
    /// Commits whose notes of what they take the place of are still there.
    pub restating: usize,
}

impl Warehouse {
    /// Puts a table's file into the place of `attempt` and reads it back.
    ///
    /// # Errors
    /// The file can't be put, or what is there afterwards differs.
    pub async fn put_pending(
        &self,
        attempt: &Attempt,
        written: &WrittenTable,
        as_of: NaiveDate,
    ) -> Result<PublishedFile> {
        self.put(&written.path, &attempt.key(&written.table), &written.sha256).await?;
        Ok(PublishedFile {
            table: written.table.clone(),
            path: partition_key(&written.table, as_of, &written.sha256),
            rows: written.rows,
            bytes: written.bytes,
            sha256: written.sha256.clone(),
            columns: written.columns.clone(),
        })
    }

    /// Writes the tables that tell of `commit`, and puts them into its place: its row of `dim_snapshot`, and the
    /// restatements of its day up to it; `history` has those before.
    ///
    /// # Errors
    /// As [`Warehouse::put_pending`].
    pub async fn put_pending_records(
        &self,
        commit: &Commit,
        history: &History,
        work: &FilePath,
    ) -> Result<Vec<PublishedFile>> {
        let mut files = Vec::new();
        for table in tables_of_records(commit) {
            files.push(self.put_pending_record(table, commit, history, work).await?);
        }
        Ok(files)
    }

    /// One of these tables.
    ///
    /// # Errors
    /// As [`Warehouse::put_pending`].
    pub async fn put_pending_record(
        &self,
        table: &str,
        commit: &Commit,
        history: &History,
        work: &FilePath,
    ) -> Result<PublishedFile> {
        let path = work.join(format!("{table}.parquet"));
        let written = match table {
            DIM_RESTATEMENT => dim_restatement::write(commit, history, &path)?,
            _ => dim_snapshot::write(commit, &path)?,
        };
        self.put_pending(&Attempt::of(commit), &written, commit.as_of).await
    }

    /// Notes in the place of `commit`'s attempt which files it will take the place of: those that are in the same folders
    /// by then, those of the commit that it restates, and those of the days that it prunes. Looked up before the commit, so
    /// that a run that is suspended in the middle takes nothing away that came later.
    ///
    /// # Errors
    /// Storage that fails, or a disk that can't be written.
    pub async fn note_superseded(&self, commit: &Commit, history: &History) -> Result<()> {
        let lists = stream::iter(&commit.files).map(|file| self.list_parts(&file.table, commit.as_of));
        let found: Vec<Vec<String>> = lists.buffered(AT_ONCE).try_collect().await?;
        let earlier = commit.prunes.iter().chain([&commit.as_of]).filter_map(|day| history.of_day(*day));
        let of_earlier = earlier.flat_map(|commit| &commit.files).map(|file| file.path.clone());
        let all: BTreeSet<String> = found.into_iter().flatten().chain(of_earlier).collect();
        let stays = |key: &String| commit.files.iter().any(|file| file.path == *key);
        let superseded: Vec<String> = all.into_iter().filter(|key| !stays(key)).collect();
        if superseded.is_empty() {
            return Ok(());
        }
        let key = Attempt::of(commit).superseded();
        let list = serde_json::to_vec(&superseded).context(Kind::Bug, || format!("can't write {key}"))?;
        self.put_small(&key, list, || format!("can't write {}{key}", self.shown())).await
    }

    async fn list_parts(&self, table: &str, as_of: NaiveDate) -> Result<Vec<String>> {
        let folder = partition(table, as_of);
        let listed = self.list(&folder).await?;
        let is_part = |key: &String| key.strip_prefix(&folder).is_some_and(|name| name.starts_with("part-"));
        Ok(listed.into_iter().filter(is_part).collect())
    }

    /// Makes the snapshot of `commit`, whose files wait in its place.
    ///
    /// # Errors
    /// [`Kind::Contention`] when another run took the number: the place is removed. After an outage nobody knows whether
    /// the record is there; if it is, whoever comes next needs the files, so they stay.
    pub async fn commit(&self, commit: &Commit) -> Result<()> {
        let created = self.commits().create(commit).await;
        if created.as_ref().is_err_and(|error| error.kind() == Kind::Contention) {
            self.forget(&Attempt::of(commit)).await;
        }
        created
    }

    /// Moves what commits have in their places to where readers look, and removes what lost its number. What the commits
    /// take the place of stays until [`Warehouse::remove_superseded`], for logs may still name it.
    ///
    /// # Errors
    /// Storage that fails, or a disk that can't be written.
    pub async fn settle(&self, history: &History) -> Result<Settled> {
        let mut settled = Settled::default();
        let mut lost = Vec::new();
        let mut waiting: Vec<&Commit> = Vec::new();
        for key in self.list(FOLDER).await? {
            let Some((number, nonce)) = attempt_of(&key) else { continue };
            match history.numbered(number) {
                Some(_) if is_unfinished(&key) => lost.push(key),
                // What a later commit of its day has taken the place of isn't brought back.
                Some(commit) if commit.nonce == nonce && history.is_in_force(commit) => waiting.push(commit),
                Some(_) => lost.push(key),
                // Not taken yet: that run may be alive. Or taken by a record that can't be read: it may be the winner.
                None => {}
            }
        }
        waiting.sort_unstable_by_key(|commit| commit.number);
        waiting.dedup_by_key(|commit| commit.number);
        for commit in waiting {
            settled.moved += self.reveal(commit).await?;
            settled.restating += usize::from(self.size(&Attempt::of(commit).superseded()).await?.is_some());
        }
        settled.removed = lost.len();
        let removals = stream::iter(lost).map(|key| async move { self.remove(&key).await });
        removals.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        self.remove_empty_places();
        Ok(settled)
    }

    /// Moves a commit's files to where readers look; `dim_snapshot` follows when all others are there.
    ///
    /// # Errors
    /// As [`Warehouse::settle`].
    pub async fn reveal(&self, commit: &Commit) -> Result<usize> {
        let (last, tables): (Vec<_>, Vec<_>) = commit.files.iter().partition(|file| file.table == DIM_SNAPSHOT);
        let mut moved = 0;
        for files in [tables, last] {
            let attempt = &Attempt::of(commit);
            let moves = stream::iter(&files).map(|file| self.reveal_file(attempt, file));
            let outcomes: Vec<bool> = moves.buffer_unordered(AT_ONCE).try_collect().await?;
            moved += outcomes.into_iter().filter(|moved| *moved).count();
            self.sync_folders_of(files.iter().map(|file| file.path.as_str()))?;
        }
        self.remove_empty_places();
        Ok(moved)
    }

    /// Removes what commits in force have taken the place of. A file that a log names goes last: its reader would fail.
    ///
    /// # Errors
    /// As [`Warehouse::settle`].
    pub async fn remove_superseded(&self, history: &History) -> Result<()> {
        for key in self.list(FOLDER).await? {
            let Some((number, nonce)) = attempt_of(&key) else { continue };
            if let Some(commit) = history.numbered(number).filter(|commit| commit.nonce == nonce)
                && key == Attempt::of(commit).superseded()
                && history.is_in_force(commit)
            {
                self.remove_superseded_by(commit).await?;
            }
        }
        Ok(())
    }

    /// Keys of files that commits in force take the place of and haven't removed yet: a log may still name them.
    ///
    /// # Errors
    /// Storage that can't be reached.
    pub(super) async fn superseded<'h>(&self, history: &'h History) -> Result<BTreeSet<&'h str>> {
        let mut keys = BTreeSet::new();
        let replaces = |commit: &&Commit| commit.restates.is_some() || !commit.prunes.is_empty();
        for commit in history.in_force().filter(replaces) {
            // Asked for by its name, for a listing may lack it.
            if self.size(&Attempt::of(commit).superseded()).await?.is_none() {
                continue;
            }
            let makes_way = |earlier: &&Commit| {
                earlier.number < commit.number
                    && (earlier.as_of == commit.as_of || commit.prunes.contains(&earlier.as_of))
            };
            let files = history.commits().iter().filter(makes_way).flat_map(|earlier| &earlier.files);
            keys.extend(files.map(|file| file.path.as_str()));
        }
        Ok(keys)
    }

    /// Removes what `commit` has taken the place of, if it is still there.
    ///
    /// # Errors
    /// As [`Warehouse::settle`].
    pub async fn remove_superseded_by(&self, commit: &Commit) -> Result<()> {
        let key = Attempt::of(commit).superseded();
        let Some(list) = self.read(&key).await? else { return Ok(()) };
        // Of a note that can't be read any more, what it named is left over, and `rfmart verify` tells of it.
        let superseded: Vec<String> = serde_json::from_slice(&list).unwrap_or_default();
        for old in superseded.iter().filter(|key| commit.files.iter().all(|file| file.path != **key)) {
            self.remove(old).await?;
        }
        self.remove(&key).await?;
        self.remove_empty_places();
        Ok(())
    }

    /// Whether this call moved it: another run may have been faster.
    async fn reveal_file(&self, attempt: &Attempt, file: &PublishedFile) -> Result<bool> {
        let from = attempt.key(&file.table);
        let cant = || format!("can't move {}{from} to {}", self.shown(), file.path);
        let is_moved = self.bring(&from, &file.path).await?;
        match self.size(&file.path).await? {
            Some(bytes) if bytes == file.bytes => {}
            found => {
                let found = found.map_or("nothing".to_owned(), |bytes| format!("{bytes} bytes"));
                return Err(Error::new(Kind::Storage, cant())
                    .detail(format!("{} bytes are to be there, and {found} are", file.bytes))
                    .hint("run again; if it stays so, see `rfmart verify`"));
            }
        }
        if is_moved && self.folder.is_none() {
            self.remove(&from).await?;
        }
        Ok(is_moved)
    }

    /// Files of a commit that are neither where readers look nor on their way there, or have another size.
    ///
    /// # Errors
    /// Storage that can't be reached.
    pub async fn missing(&self, commit: &Commit) -> Result<Vec<PublishedFile>> {
        let attempt = &Attempt::of(commit);
        let looks = stream::iter(&commit.files).map(|file| async move {
            let there = match self.size(&file.path).await? {
                None => self.size(&attempt.key(&file.table)).await?,
                there => there,
            };
            Ok::<_, Error>((there != Some(file.bytes)).then(|| file.clone()))
        });
        let found: Vec<_> = looks.buffered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Removes an attempt's place, as far as that is possible: a later run does it otherwise.
    pub async fn forget(&self, attempt: &Attempt) {
        for key in self.list(&attempt.place()).await.unwrap_or_default() {
            // What stays is removed when its number is taken.
            let _ = self.remove(&key).await;
        }
        self.remove_empty_places();
    }

    pub(super) async fn remove(&self, key: &str) -> Result<()> {
        if let Some(folder) = self.folder.as_ref().filter(|_| is_unfinished(key)) {
            return unfinished::remove(folder, key)
                .map_err(|cause| self.disk_failed(&cause, format!("can't remove {}{key}", self.shown())));
        }
        match self.store.delete(&self.key(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(cause) => Err(self.write_failed(&cause, format!("can't remove {}{key}", self.shown()))),
        }
    }

    /// Moves a file over what is there; a store's is copied and then removed.
    pub(super) async fn rename(&self, from: &str, to: &str) -> Result<()> {
        if !self.bring(from, to).await? {
            return Err(Error::new(Kind::Contention, format!("can't move {}{from} to {to}", self.shown()))
                .detail("it is gone: another run or `rfmart repair` was faster")
                .hint("run again"));
        }
        if self.folder.is_none() {
            self.remove(from).await?;
        }
        self.sync_folders_of([from, to].into_iter())
    }

    /// Brings what is under `from` to `to`, over what is there. A local file has one place at a time; in a store it stays
    /// under `from` too. Tells whether there was something to bring.
    async fn bring(&self, from: &str, to: &str) -> Result<bool> {
        let (source, target) = (self.key(from), self.key(to));
        let mut brought = match self.folder {
            Some(_) => self.store.rename(&source, &target).await,
            None => self.store.copy(&source, &target).await,
        };
        // To Google Cloud Storage object_store 0.13 copies only what isn't there: it has the modes the wrong way round.
        if let Err(object_store::Error::AlreadyExists { .. }) = brought {
            let wanted = self.digest(from).await?;
            if wanted.is_none() || wanted == self.digest(to).await? {
                return Ok(wanted.is_some());
            }
            self.remove(to).await?;
            brought = self.store.copy(&source, &target).await;
        }
        match brought {
            Ok(()) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(cause) => Err(self.write_failed(&cause, format!("can't move {}{from} to {to}", self.shown()))),
        }
    }

    fn sync_folders_of<'a>(&self, keys: impl Iterator<Item = &'a str>) -> Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let files: Vec<_> = keys.map(|key| folder.join(key)).collect();
        durable::sync_folders(files.iter().map(|file| file.as_path()), folder)
            .map_err(|cause| self.disk_failed(&cause, format!("can't write {} to the disk", self.shown())))
    }

    /// Stores have no folders; local ones stay until they are removed, which fails while there is something in them.
    fn remove_empty_places(&self) {
        let Some(pending) = self.folder.as_ref().map(|folder| folder.join(FOLDER)) else { return };
        for place in std::fs::read_dir(&pending).into_iter().flatten().flatten() {
            let _ = std::fs::remove_dir(place.path());
        }
        let _ = std::fs::remove_dir(pending);
    }
}

/// Number and nonce of the attempt whose place holds a key.
fn attempt_of(key: &str) -> Option<(u64, &str)> {
    let (place, _) = key.strip_prefix(FOLDER)?.strip_prefix('/')?.split_once('/')?;
    let (number, nonce) = place.split_once('-')?;
    Some((number.parse().ok()?, nonce))
}
