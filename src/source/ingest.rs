//! Reading from beginning to end: all sources of a pipeline, as they stand.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use tokio::sync::mpsc;

use crate::config::{Pipeline, UniqueIn};
use crate::entity::Entity;
use crate::observe::ReadProgress;
use crate::source::folders::make_folders;
use crate::source::ingested::{Ingested, InputObject, Replaced, Staged};
use crate::source::list::{self, FoundObject};
use crate::source::parse::own_order;
use crate::source::parse::zones::{ZoneClock, Zones};
use crate::source::read::bytes::{ReadContext, Stop};
use crate::source::reject::limit::{FaultCounts, check_share};
use crate::source::staging::customer_ids::Customers;
use crate::source::staging::duplicates::KeyHashes;
use crate::source::staging::interners::Interners;
use crate::source::staging::pool::{EntityResult, Lookups, Shared, WorkerResult, read_all};
use crate::source::staging::schema::staged_schema;
use crate::source::staging::tally::Tally;
use crate::storage::Stores;
use crate::{Context, Error, Kind, Result};

/// Bytes of a large object's part: enough that opening it costs little, and few enough that threads end together.
const PART_BYTES: u64 = 16 << 20;

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
    ingest_in_parts(pipeline, stores, as_of, work, progress, PART_BYTES).await
}

/// The same, with large objects in parts of about `part_bytes` bytes each, which several threads read at the same time.
/// What is read doesn't depend on it.
///
/// # Errors
/// As [`ingest`].
pub async fn ingest_in_parts(
    pipeline: &Pipeline,
    stores: &Stores,
    as_of: NaiveDate,
    work: &Path,
    progress: &dyn ReadProgress,
    part_bytes: u64,
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
        source_clocks: pipeline.sources.iter().map(|source| source.timezone.map(ZoneClock::new)).collect(),
        part_bytes,
    });
    let reading = async move {
        let done = read_in_order(&shared, found).await?;
        let shared = Arc::into_inner(shared).ok_or_else(|| Error::new(Kind::Bug, "a reading thread goes on"))?;
        Ok((shared.interners, done))
    };
    let reporting = async {
        while let Some(count) = bytes.recv().await {
            progress.advance(count);
        }
    };
    let (read, ()) = futures::join!(reading, reporting);
    let (interners, (done, customers)) = read?;
    finish(pipeline, work, interners, done, customers).await
}

/// Branches first: rows of the others are checked against them, and dated in their zones. Then what customers' numbers
/// stand for, where they are a branch's own: rows of the others are told by the ids.
async fn read_in_order(shared: &Arc<Shared>, found: Vec<FoundObject>) -> Result<(Vec<WorkerResult>, Replaced)> {
    let (branches, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|found| found.entity == Entity::Branches);
    let (numbers, others) = others.into_iter().partition(|found| found.entity == Entity::Customers);
    let knows_branches = !branches.is_empty();
    let zone = shared.pipeline.timezone;
    let lookups = Lookups { zones: Zones::new(zone, None), customers: None };
    let mut done = read_all(shared, &Arc::new(lookups), branches).await?;
    let zones = knows_branches.then(|| branch_zones(&mut done));
    let lookups = Arc::new(Lookups { zones: Zones::new(zone, zones.clone()), customers: None });
    let mut numbers = read_all(shared, &lookups, numbers).await?;
    let mappings = numbers.iter_mut().flat_map(|part| std::mem::take(&mut part.customers)).collect();
    done.append(&mut numbers);
    let (customers, replaced) = Customers::new(mappings, shared.pipeline.privacy.is_some());
    let are_mapped = shared.pipeline.ids.customers == UniqueIn::Branch;
    let lookups = Lookups { zones: Zones::new(zone, zones), customers: are_mapped.then_some(customers) };
    done.extend(read_all(shared, &Arc::new(lookups), others).await?);
    Ok((done, replaced))
}

/// Each branch's zone, by the last row that describes the branch.
fn branch_zones(done: &mut [WorkerResult]) -> HashMap<String, Option<Tz>> {
    let mut rows: Vec<_> = done.iter_mut().flat_map(|part| std::mem::take(&mut part.branches)).collect();
    rows.sort_by_key(|(_, _, place)| *place);
    rows.into_iter().map(|(branch, zone, _)| (branch, zone)).collect()
}

async fn finish(
    pipeline: &Pipeline,
    work: &Path,
    interners: Interners,
    done: Vec<WorkerResult>,
    customers: Replaced,
) -> Result<Ingested> {
    let mut inputs = Vec::new();
    let mut rejected = Vec::new();
    let mut parts: BTreeMap<Entity, Vec<EntityResult>> = BTreeMap::new();
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
    let warnings = own_order::identical_objects(inputs.iter().filter(is_own).map(|(_, input)| input));
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
fn put_together(entity: Entity, parts: Vec<EntityResult>) -> (Staged, Tally, FaultCounts) {
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
