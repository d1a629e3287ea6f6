//! From objects to staged rows: list, fingerprint, read, map, check each row, set bad ones aside.
//!
//! Every entity is staged as Parquet files under `<work>/src_<entity>/`; small objects share one.
//! A staged file has the entity's canonical columns ([`Entity::columns`]) in order, where
//!
//! | kind | staged as |
//! |---|---|
//! | ids of customers, branches, departments, items | `customer_ref`, `branch_ref`, …: Int32 reference into [`Dictionaries`] |
//! | Text, Word, Zone | Utf8 |
//! | LocalDay `…_at` | `…_on`: Date32, the branch's local day |
//! | Instant | Timestamp(µs, UTC) |
//! | Day | Date32 |
//! | Money | Decimal128(18, 2) |
//! | Integer | Int64 |
//!
//! and then `key_hash` Int64 (of [`Entity::key`], and of the branch where that is part of the key),
//! `object_no` Int32 (rank of the object's URL among the entity's) and `row_no` Int64 (position of the
//! row in its object, from 1). All columns but the required ones, orders' order_id and these three are
//! nullable.

mod keyed_hash;
mod list;
mod parse;
mod read;
mod reject;
mod staging;
mod texts;

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, Int32Array, StringArray};
use arrow::datatypes::SchemaRef;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use tokio::sync::mpsc;

use crate::config::{Pipeline, UniqueIn};
use crate::entity::Entity;
use crate::observe::ReadProgress;
use crate::storage::Stores;
use crate::{Context, Error, Kind, Result};

use list::Found;
use parse::zones::Zones;
use read::bytes::{ReadContext, Stop};
use reject::file::{FaultCounts, check_share};
use staging::customer_ids::Customers;
use staging::duplicates::KeyHashes;
use staging::pool::{Done, EntityDone, Known, Shared, read_all};
use staging::tally::Tally;
use staging::writer::{Interners, staged_schema};

pub use keyed_hash::id_scheme;
pub use read::peek::{Peek, Seen, days_of, first_bytes, is_date_of, is_number, peek};
pub use reject::file::{folder as rejected_folder, gather_rejected, ratio, rejected_schema};
pub use staging::customer_ids::Replaced;

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

/// The distinct ids of one domain. A *reference* is the order of arrival, which differs from run to
/// run; a *key* is the rank of the id in byte order, which doesn't.
#[derive(Clone, Debug)]
pub struct Dictionary {
    /// Key (from 0) per reference.
    pub key_of_ref: Int32Array,
    /// Id per key, as it is published: distinct and ascending.
    pub id_of_key: StringArray,
}

impl Dictionary {
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

/// Everything that was read.
#[derive(Debug)]
pub struct Ingested {
    /// Every entity, present or not.
    pub entities: BTreeMap<Entity, Staged>,
    /// What the rows on customers' numbers replaced among themselves.
    pub customers: Replaced,
    /// Objects, by entity and URL.
    pub inputs: Vec<InputObject>,
    /// Customers, branches, departments, items.
    pub dictionaries: Dictionaries,
    /// Parquet files of rejected rows, with the schema of [`rejected_schema`].
    pub rejected: Vec<PathBuf>,
    /// Whether orders of some object have no id, so that each of its rows is an order of its own.
    pub has_own_orders: bool,
    /// What a person should look at, though nothing failed.
    pub warnings: Vec<String>,
}

/// An object that a source names, not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedObject {
    /// What it holds.
    pub entity: Entity,
    /// Full URL, without credentials.
    pub url: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// The store's entity tag, if it has one.
    pub e_tag: Option<String>,
}

/// Lists what [`ingest`] would read, by entity and URL.
///
/// # Errors
/// Stores that can't be listed; a source that names no object.
pub async fn list(pipeline: &Pipeline, stores: &Stores) -> Result<Vec<ListedObject>> {
    let listed = |found: list::Found| ListedObject {
        entity: found.entity,
        url: found.url,
        size_bytes: found.meta.size,
        e_tag: found.meta.e_tag,
    };
    Ok(list::find_all(pipeline, stores).await?.into_iter().map(listed).collect())
}

/// Reads all sources of `pipeline` as they stand, for a snapshot of `as_of`, into `work`.
///
/// Of the errors, those on too many rejected rows come last: the files that hold these rows are then
/// complete, and stay in `work`.
///
/// # Errors
/// Unreadable stores and objects; a required column in neither the mapping nor the object; a share
/// of rejected rows over the limit.
pub async fn ingest(
    pipeline: &Pipeline,
    stores: &Stores,
    as_of: NaiveDate,
    work: &Path,
    progress: &dyn ReadProgress,
) -> Result<Ingested> {
    let found = list::find_all(pipeline, stores).await?;
    let bytes = found.iter().map(|found| found.meta.size).sum();
    progress.start(u64::try_from(found.len()).unwrap_or(u64::MAX), bytes);
    make_folders(work)?;
    let (sender, mut bytes) = mpsc::unbounded_channel();
    let stop = Stop::default();
    let _given_up = StopOnDrop(stop.clone());
    let shared = Arc::new(Shared {
        pipeline: pipeline.clone(),
        as_of,
        work: work.to_path_buf(),
        read: ReadContext {
            runtime: tokio::runtime::Handle::current(),
            progress: sender,
            stop,
            hides_rows: pipeline.privacy.is_some(),
        },
        interners: Interners::new(pipeline.privacy.as_ref()),
    });
    let reading = async move {
        let done = read_in_order(&shared, found).await?;
        let shared = Arc::into_inner(shared).ok_or_else(|| Error::new(Kind::Bug, "a reading thread goes on"))?;
        Ok((shared.interners, done))
    };
    let telling = async {
        while let Some(count) = bytes.recv().await {
            progress.advance(count);
        }
    };
    let (read, ()) = futures::join!(reading, telling);
    let (interners, (done, customers)) = read?;
    finish(pipeline, work, interners, done, customers).await
}

/// Branches first: rows of the others are checked against them, and dated in their zones. Then what customers' numbers
/// stand for, where they are a branch's own: rows of the others are told by the ids.
async fn read_in_order(shared: &Arc<Shared>, found: Vec<Found>) -> Result<(Vec<Done>, Replaced)> {
    let (branches, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|found| found.entity == Entity::Branches);
    let (numbers, others) = others.into_iter().partition(|found| found.entity == Entity::Customers);
    let knows_branches = !branches.is_empty();
    let zone = shared.pipeline.timezone;
    let known = Known { zones: Zones::new(zone, None), customers: None };
    let mut done = read_all(shared, &Arc::new(known), branches).await?;
    let zones = knows_branches.then(|| branch_zones(&mut done));
    let known = Arc::new(Known { zones: Zones::new(zone, zones.clone()), customers: None });
    let mut numbers = read_all(shared, &known, numbers).await?;
    let mappings = numbers.iter_mut().flat_map(|part| std::mem::take(&mut part.customers)).collect();
    done.append(&mut numbers);
    let (customers, replaced) = Customers::new(mappings, shared.pipeline.privacy.is_some());
    let are_mapped = shared.pipeline.ids.customers == UniqueIn::Branch;
    let known = Known { zones: Zones::new(zone, zones), customers: are_mapped.then_some(customers) };
    done.extend(read_all(shared, &Arc::new(known), others).await?);
    Ok((done, replaced))
}

/// Each branch's zone, by the last row that describes the branch.
fn branch_zones(done: &mut [Done]) -> HashMap<String, Option<Tz>> {
    let mut rows: Vec<_> = done.iter_mut().flat_map(|part| std::mem::take(&mut part.branches)).collect();
    rows.sort_by_key(|(_, _, place)| *place);
    rows.into_iter().map(|(branch, zone, _)| (branch, zone)).collect()
}

fn make_folders(work: &Path) -> Result<()> {
    let folders =
        Entity::ALL.iter().map(|entity| staging::writer::folder(work, *entity)).chain([reject::file::folder(work)]);
    for folder in folders {
        std::fs::create_dir_all(&folder).context(Kind::Output, || reject::file::cannot_write(&folder))?;
    }
    Ok(())
}

async fn finish(
    pipeline: &Pipeline,
    work: &Path,
    interners: Interners,
    done: Vec<Done>,
    customers: Replaced,
) -> Result<Ingested> {
    let mut inputs = Vec::new();
    let mut rejected = Vec::new();
    let mut parts: BTreeMap<Entity, Vec<EntityDone>> = BTreeMap::new();
    let mut own_orders = HashSet::new();
    for mut part in done {
        own_orders.extend(std::mem::take(&mut part.own_orders));
        inputs.append(&mut part.inputs);
        rejected.append(&mut part.rejected);
        for (entity, part) in part.entities {
            parts.entry(entity).or_default().push(part);
        }
    }
    inputs.sort_by_key(|(object_no, input)| (input.entity, *object_no));
    rejected.sort_unstable();
    let is_own = |input: &&(i32, InputObject)| input.1.entity == Entity::Orders && own_orders.contains(&input.0);
    let warnings = parse::own_order::twins(inputs.iter().filter(is_own).map(|(_, input)| input));
    let dictionaries = tokio::task::spawn_blocking(move || interners.finish());
    let mut entities = BTreeMap::new();
    let mut tallies = Vec::new();
    for entity in Entity::ALL {
        let parts = parts.remove(&entity).unwrap_or_default();
        let staging = tokio::task::spawn_blocking(move || put_together(entity, parts));
        let (mut staged, rows, faults) =
            staging.await.context(Kind::Bug, || "looking for repeated keys broke off".to_owned())?;
        check_share(entity, staged.rows, &faults, pipeline.limits.max_rejected_share, work)?;
        staged.is_present = pipeline.sources.iter().any(|source| source.entity == entity);
        entities.insert(entity, staged);
        tallies.push((entity, rows));
    }
    let dictionaries = dictionaries.await.context(Kind::Bug, || "finishing dictionaries broke off".to_owned())??;
    for (entity, tally) in tallies {
        if let Some(staged) = entities.get_mut(&entity) {
            staged.by_branch = tally.finish(&dictionaries.branch);
        }
    }
    let inputs = inputs.into_iter().map(|(_, input)| input).collect();
    let has_own_orders = !own_orders.is_empty();
    Ok(Ingested { entities, customers, inputs, dictionaries, rejected, has_own_orders, warnings })
}

/// One entity from what each thread did for it.
fn put_together(entity: Entity, parts: Vec<EntityDone>) -> (Staged, Tally, FaultCounts) {
    let mut tally = Tally::default();
    let mut faults = FaultCounts::new();
    let mut files = Vec::new();
    let mut hashes = Vec::new();
    for part in parts {
        tally.merge(part.rows);
        for (cause, count) in part.faults {
            *faults.entry(cause).or_default() += count;
        }
        files.extend(part.files);
        hashes.push(part.hashes);
    }
    files.sort_unstable();
    let repeated_key_hashes = KeyHashes::repeated(hashes);
    let (schema, rows) = (staged_schema(entity), tally.total());
    let staged = Staged { files, schema, rows, by_branch: BTreeMap::new(), repeated_key_hashes, is_present: false };
    (staged, tally, faults)
}

/// Stops the reading threads when nobody waits for them any more.
struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.set();
    }
}
