//! The warehouse's history: its commit records, each created with put-if-absent.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::ObjectStoreExt;

use super::commit::{Commit, FORMAT};
use super::warehouse::Warehouse;
use crate::storage::failure;
use crate::{Context, Error, Kind, Result};

/// Where the records are, below the warehouse's prefix.
const FOLDER: &str = "_rfmart/commits";

/// Records that are read side by side.
const READ_AT_ONCE: usize = 16;

/// Listings that may lack a record, for another run has just made it.
const LISTINGS: usize = 3;

/// What has been published, as far as its records can be read.
#[derive(Debug, Default)]
pub struct History {
    commits: Vec<Commit>,
    damaged: Vec<DamagedRecord>,
}

/// A commit record that can't be read: its number is taken, and what it published isn't known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedRecord {
    /// Its number, as its name tells.
    pub number: u64,
    /// Where it is, below the warehouse's prefix.
    pub key: String,
    /// What is wrong with it.
    pub cause: String,
}

impl History {
    /// The commits, the oldest first.
    pub fn commits(&self) -> &[Commit] {
        &self.commits
    }

    /// Records that can't be read, the oldest first.
    pub fn damaged(&self) -> &[DamagedRecord] {
        &self.damaged
    }

    /// The last commit.
    pub fn last(&self) -> Option<&Commit> {
        self.commits.last()
    }

    /// The commit of a number.
    pub fn numbered(&self, number: u64) -> Option<&Commit> {
        self.commits.iter().find(|commit| commit.number == number)
    }

    /// The commit that holds for a day: the last of it, unless a later one has pruned the day.
    pub fn of_day(&self, as_of: NaiveDate) -> Option<&Commit> {
        let told = |commit: &&Commit| commit.as_of == as_of || commit.prunes.contains(&as_of);
        self.commits.iter().rev().find(told).filter(|commit| commit.as_of == as_of)
    }

    /// Whether a day was ever published.
    pub fn was_published(&self, as_of: NaiveDate) -> bool {
        self.commits.iter().any(|commit| commit.as_of == as_of)
    }

    /// The commits that hold for their days, the oldest first.
    pub fn in_force(&self) -> impl Iterator<Item = &Commit> {
        self.in_force_at(None)
    }

    /// The same as of a commit: as if none had come after `at`.
    pub fn in_force_at(&self, at: Option<u64>) -> impl Iterator<Item = &Commit> {
        let mut of_day: BTreeMap<NaiveDate, &Commit> = BTreeMap::new();
        for commit in self.commits.iter().filter(|commit| at.is_none_or(|at| commit.number <= at)) {
            of_day.retain(|day, _| !commit.prunes.contains(day));
            of_day.insert(commit.as_of, commit);
        }
        let mut commits: Vec<&Commit> = of_day.into_values().collect();
        commits.sort_unstable_by_key(|commit| commit.number);
        commits.into_iter()
    }

    /// Whether a commit holds for its day: no later one has taken its place.
    pub fn is_in_force(&self, commit: &Commit) -> bool {
        self.of_day(commit.as_of).is_some_and(|last| last.number == commit.number)
    }

    /// Number of the commit that comes next.
    pub fn next_number(&self) -> u64 {
        let last = self.commits.last().map_or(0, |commit| commit.number);
        let damaged = self.damaged.last().map_or(0, |record| record.number);
        last.max(damaged) + 1
    }
}

/// The commit records of a warehouse, under `_rfmart/commits/`.
pub struct Commits<'w>(&'w Warehouse);

impl Warehouse {
    /// The commit records.
    pub fn commits(&self) -> Commits<'_> {
        Commits(self)
    }
}

impl Commits<'_> {
    /// All that has been published. A record that can't be read as one is told of and keeps nobody from going on.
    ///
    /// # Errors
    /// Storage that can't be reached; a record of a later rfmart.
    pub async fn read_all(&self) -> Result<History> {
        let numbers = self.numbers().await?;
        let mut reading = stream::iter(numbers)
            .map(|number| async move { Ok::<_, Error>((number, self.parsed(number).await?)) })
            .buffered(READ_AT_ONCE);
        let mut history = History::default();
        while let Some((number, parsed)) = reading.try_next().await? {
            match parsed {
                Ok(commit) => history.commits.push(commit),
                Err(cause) => history.damaged.push(DamagedRecord { number, key: record(number), cause }),
            }
        }
        Ok(history)
    }

    /// Numbers of the records that there are, ascending.
    ///
    /// # Errors
    /// A listing that lacks some: all that they published would be taken for left over.
    async fn numbers(&self) -> Result<Vec<u64>> {
        for _ in 0..LISTINGS {
            let listed = self.0.list(FOLDER).await?;
            // A listing may tell of an object twice.
            let numbers: BTreeSet<u64> = listed.iter().filter_map(|key| number(key)).collect();
            let next = numbers.last().map_or(1, |last| last + 1);
            let mut lacks_one = false;
            // A number may be free because its record could not be read, and was set aside.
            for free in (1..=next).filter(|number| !numbers.contains(number)) {
                lacks_one |= self.0.size(&record(free)).await?.is_some();
            }
            if !lacks_one {
                return Ok(numbers.into_iter().collect());
            }
        }
        let hint = "run again; if it stays so, see what answers in the store's place, a proxy perhaps";
        Err(Error::new(Kind::Storage, format!("can't list {}{FOLDER}", self.0.shown()))
            .detail("the answer lacks records that are there")
            .hint(hint))
    }

    /// A record, or what is wrong with it. What can't be read is read once more: it may have suffered on its way only.
    async fn parsed(&self, number: u64) -> Result<std::result::Result<Commit, String>> {
        match parse(number, &self.bytes(number).await?)? {
            Ok(commit) => Ok(Ok(commit)),
            Err(_) => parse(number, &self.bytes(number).await?),
        }
    }

    async fn bytes(&self, number: u64) -> Result<bytes::Bytes> {
        let key = self.0.key(&record(number));
        let bytes = async { self.0.store.get(&key).await?.bytes().await }.await;
        bytes.map_err(|cause| failure(&cause, format!("can't read the commit {}{}", self.0.shown(), record(number))))
    }

    async fn read(&self, number: u64) -> Result<Commit> {
        let key = self.0.key(&record(number));
        let parsed = self.parsed(number).await?;
        parsed.map_err(|cause| Error::new(Kind::Data, format!("the commit {key} is damaged")).detail(cause))
    }

    /// Refuses a number that is taken before anything is uploaded in vain.
    ///
    /// # Errors
    /// As [`Commits::create`].
    pub async fn refuse_taken(&self, number: u64) -> Result<()> {
        match self.0.size(&record(number)).await? {
            Some(_) => Err(taken(&self.read(number).await?)),
            None => Ok(()),
        }
    }

    /// Creates `commit` if its number is still free.
    ///
    /// # Errors
    /// [`Kind::Contention`] when another run took the number; storage that can't be reached, in which
    /// case the outcome was looked up and the commit is not there.
    pub async fn create(&self, commit: &Commit) -> Result<()> {
        let bytes = serde_json::to_vec_pretty(commit).context(Kind::Bug, || "can't write the commit".to_owned())?;
        let key = record(commit.number);
        let cant = || format!("can't create the commit {}{key}", self.0.shown());
        let created = self.0.put_if_absent(&key, bytes, cant).await;
        if matches!(created, Ok(true)) {
            return Ok(());
        }
        // A lost answer looks like a failure, and its retry like a rival: only the record itself tells.
        match (self.read(commit.number).await, created) {
            (Ok(found), _) if found.nonce == commit.nonce => Ok(()),
            (Ok(found), _) => Err(taken(&found)),
            (Err(_), Err(error)) => Err(error),
            // It was there for the store, and is gone again.
            (Err(unreadable), Ok(_)) => Err(refused(commit.number, &unreadable)),
        }
    }
}

/// The key of a record below the warehouse's prefix.
fn record(number: u64) -> String {
    format!("{FOLDER}/{number:06}.json")
}

/// The number in a record's key; None of what isn't a record.
fn number(key: &str) -> Option<u64> {
    key.strip_prefix(FOLDER)?.strip_prefix('/')?.strip_suffix(".json")?.parse().ok()
}

/// A record, or what is wrong with it.
fn parse(number: u64, bytes: &[u8]) -> Result<std::result::Result<Commit, String>> {
    #[derive(serde::Deserialize)]
    struct Header {
        format: u32,
        rfmart_version: Option<String>,
    }
    if bytes.is_empty() {
        return Ok(Err("it is empty".to_owned()));
    }
    let header: Header = match serde_json::from_slice(bytes) {
        Ok(header) => header,
        Err(cause) => return Ok(Err(cause.to_string())),
    };
    if header.format > FORMAT {
        let version = header.rfmart_version.unwrap_or_default();
        let message = format!("commit {number} has format {}, and this rfmart reads up to {FORMAT}", header.format);
        return Err(Error::new(Kind::Config, message)
            .hint(format!("a later rfmart ({version}) publishes here: use that one, or one as late")));
    }
    Ok(match serde_json::from_slice::<Commit>(bytes) {
        Ok(commit) if commit.number == number => Ok(commit),
        Ok(commit) => Err(format!("it says that it is commit {}", commit.number)),
        Err(cause) => Err(cause.to_string()),
    })
}

fn taken(rival: &Commit) -> Error {
    let message = format!("another run took commit {}: as of {}", rival.number, rival.as_of);
    Error::new(Kind::Contention, message).hint("run again: it starts from what the other published")
}

/// The store refused the record for another that isn't there, or not yet.
fn refused(number: u64, cause: &Error) -> Error {
    let hint = "run again: it starts from what the other publishes";
    Error::new(Kind::Contention, format!("another run writes commit {number}")).detail(cause.cause()).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_is_no_record_is_told_of_and_one_of_a_later_version_is_refused() {
        let damage = |bytes: &[u8]| parse(3, bytes).expect("no refusal").expect_err("damage");
        assert_eq!(damage(b""), "it is empty");
        assert!(
            damage(b"{\"format\": 1, \"num").starts_with("EOF while parsing"),
            "{}",
            damage(b"{\"format\": 1, \"num")
        );
        assert!(damage(b"{\"format\": 1}").starts_with("missing field"), "{}", damage(b"{\"format\": 1}"));
        let refusal = parse(3, b"{\"format\": 99, \"rfmart_version\": \"9.1.0\"}").expect_err("a refusal");
        assert_eq!(refusal.kind(), Kind::Config);
        assert!(refusal.to_string().starts_with("commit 3 has format 99, and this rfmart reads up to "), "{refusal}");
        assert!(refusal.to_string().contains("(9.1.0)"), "{refusal}");
    }

    #[test]
    fn numbers_are_read_from_names_of_records_alone() {
        let of = |name: &str| number(&format!("_rfmart/commits/{name}"));
        assert_eq!([of("000012.json"), of("1000000.json")], [Some(12), Some(1_000_000)]);
        assert_eq!([of("000012.json#1"), of("notes.json"), of("000012")], [None; 3]);
    }
}
