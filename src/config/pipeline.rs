//! The compiled pipeline: what the rest of the program works from. Everything in it is valid.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use url::Url;

use crate::calendar::PeriodKind;
use crate::entity::Entity;
use crate::expression::Expression;
use crate::policy::Policies;

/// A validated pipeline.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// The file it came from, as given on the command line.
    pub file: PathBuf,
    /// Name, `[a-z0-9_-]+`.
    pub name: String,
    /// Zone of branches that name none, and of the default as-of date.
    pub timezone: Tz,
    /// ISO 4217 code of all money.
    pub currency: String,
    /// Length of a reporting period.
    pub period: PeriodKind,
    /// Which scopes are published.
    pub scopes: Scopes,
    /// Object-store options per scheme (`s3`, `gs`, `az`, `http`), as object_store names them.
    pub storage: BTreeMap<String, BTreeMap<String, Secret>>,
    /// Inputs, in the file's order.
    pub sources: Vec<Source>,
    /// Within what ids are unique.
    pub ids: Ids,
    /// What counts, how it is scored, and the life stages, by the day from which it holds.
    pub policies: Policies,
    /// How customers are named in what is published; by their ids as read unless told.
    pub privacy: Option<Privacy>,
    /// Where tables go.
    pub publish: Publish,
    /// What the run may use.
    pub limits: Limits,
}

/// Which scopes are published. At least one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes {
    /// One scope for the whole chain.
    pub chain: bool,
    /// One scope per branch.
    pub branch: bool,
    /// One scope per department.
    pub department: bool,
    /// One scope per item.
    pub item: bool,
}

/// Within what the ids of each kind are unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ids {
    /// Ids of orders.
    pub orders: UniqueIn,
    /// Ids of visits.
    pub visits: UniqueIn,
    /// Ids of customers.
    pub customers: UniqueIn,
}

/// Within what an id is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UniqueIn {
    /// A branch: another one may use the same id for something else.
    Branch,
    /// The whole chain.
    Chain,
}

impl Default for Ids {
    /// Branches' tills number alike more often than not; customers are the chain's.
    fn default() -> Self {
        Ids { orders: UniqueIn::Branch, visits: UniqueIn::Branch, customers: UniqueIn::Chain }
    }
}

/// One input of an entity.
#[derive(Clone, Debug)]
pub struct Source {
    /// What it holds.
    pub entity: Entity,
    /// How messages name it, such as `orders[0]`.
    pub label: String,
    /// Where it is.
    pub location: Location,
    /// File format.
    pub format: Format,
    /// Compression of CSV and NDJSON objects.
    pub compression: Compression,
    /// How CSV is written.
    pub csv: CsvOptions,
    /// Source column per canonical column. Columns that are not listed are looked up by their
    /// canonical name; a required one that is in neither place is an error.
    pub columns: BTreeMap<&'static str, String>,
    /// Expression per canonical column that is worked out from others of its row.
    pub expressions: BTreeMap<&'static str, Expression>,
    /// Date formats (chrono's `strftime`) per canonical column, tried in order; without an entry,
    /// the usual forms are tried.
    pub formats: BTreeMap<&'static str, Vec<String>>,
    /// Source value to canonical value, per canonical column.
    pub values: BTreeMap<&'static str, BTreeMap<String, String>>,
    /// The same value for every row, per canonical column.
    pub constants: BTreeMap<&'static str, String>,
    /// Zone of times without an offset; without it, the branch's.
    pub timezone: Option<Tz>,
}

impl Source {
    /// Everything that decides what is read of an object, to be told from other rules by its `Debug`.
    pub fn rules(&self) -> impl fmt::Debug + '_ {
        let reading = (self.format, self.compression, &self.csv, self.timezone);
        let mapping = (&self.columns, &self.expressions, &self.formats, &self.values, &self.constants);
        (self.entity, reading, mapping)
    }
}

/// An object, all objects under a prefix, or those that match a glob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The store's root: `file:///`, `s3://bucket/`, `gs://bucket/`, `az://container/`, `https://host/`.
    pub store: Url,
    /// Key within the store, decoded, without a leading slash. Of a glob, the whole pattern.
    pub path: String,
    /// What `path` names.
    pub kind: LocationKind,
}

/// What a location's path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocationKind {
    /// One object.
    Object,
    /// Every object whose key starts with the path, which ends with a slash or is empty.
    Prefix,
    /// Every object whose key matches the pattern: `*` and `?` within a segment, `**` across them.
    Glob,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.store.scheme() {
            "file" => write!(f, "/{}", self.path),
            _ => write!(f, "{}{}", self.store, self.path),
        }
    }
}

/// File format of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Delimited text.
    Csv,
    /// One JSON object per line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

/// Compression of a text source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// By each object's extension: `.gz`, `.zst`, else none.
    Auto,
    /// None.
    None,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// How a CSV source is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvOptions {
    /// Field separator, one ASCII byte.
    pub delimiter: u8,
    /// Quote, one ASCII byte.
    pub quote: u8,
    /// The first record holds the names. Without it, columns are named `1`, `2`, …
    pub header: bool,
    /// Encoding, by its WHATWG label; UTF-8 with or without byte-order mark unless told.
    pub encoding: &'static encoding_rs::Encoding,
}

/// Customers are named by a keyed hash of their ids.
#[derive(Clone, Debug)]
pub struct Privacy {
    /// The hash's key, of at least 32 bytes.
    pub key: Secret,
}

/// Where and how tables are published.
#[derive(Clone, Debug)]
pub struct Publish {
    /// A prefix, to which `<table>/dt=<as_of>/part-….parquet` is added.
    pub location: Location,
    /// Which tables are published, with those they are made from; all unless told.
    pub tables: Option<Vec<String>>,
    /// Whether each table has a Delta Lake log.
    pub delta: bool,
    /// Whether each snapshot gets a page for headquarters.
    pub report: bool,
    /// What a night does about closing snapshots whose rows have changed since.
    pub late_data: LateData,
    /// Days for which snapshots are kept that close no period; for ever unless told.
    pub keep_daily: Option<u32>,
}

impl Publish {
    /// The oldest day whose snapshot is kept though it closes no period, as of a night.
    pub fn oldest_daily(&self, as_of: NaiveDate) -> Option<NaiveDate> {
        as_of.checked_sub_days(Days::new(u64::from(self.keep_daily?)))
    }
}

/// What a night does about closing snapshots whose rows have changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LateData {
    /// It warns of them.
    Report,
    /// It publishes them anew, after its own day.
    Restate,
}

/// What a run may use.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Memory for queries, in bytes; beyond it they spill to disk.
    pub memory_bytes: u64,
    /// Partitions of a query; the number of cores unless told.
    pub target_partitions: usize,
    /// Models that are built side by side.
    pub models_at_once: usize,
    /// Where intermediate tables and spills go; the system's temporary directory unless told.
    pub work_dir: Option<PathBuf>,
    /// Where what was read stays for the next run; nothing stays unless told.
    pub state_dir: Option<PathBuf>,
    /// Whether rows that were read last stand in for exports that fail; only with a `state_dir`.
    pub holds_branches: bool,
    /// How long a run may take; as long as it likes unless told.
    pub deadline: Option<Duration>,
    /// Share of an entity's rows, from 0 to 1, that may be rejected before the run fails.
    pub max_rejected_share: f64,
    /// Share of an entity's rows, from 0 to 1, that may come again, under the same key, with another branch, customer or
    /// day before the run fails.
    pub max_conflicting_share: f64,
}

/// A value that is never shown: its `Debug` prints stars.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Secret(value.into())
    }

    /// The value itself, for the store or the hash that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
