//! Reading from beginning to end: all sources of a pipeline, as they stand.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayBuilder, Int32Builder};
use chrono::NaiveDate;
use chrono_tz::Tz;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tracing::info;

use crate::config::{Pipeline, UniqueIn};
use crate::entity::Entity;
use crate::observe::ReadProgress;
use crate::source::everything::Ingested;
use crate::source::folders::make_folders;
use crate::source::held::Held;
use crate::source::ingested::{Dictionary, InputObject, Replaced, Staged};
use crate::source::list::FoundObject;
use crate::source::outlook::Listing;
use crate::source::parse::own_order;
use crate::source::parse::zones::{ZoneClock, Zones};
use crate::source::read::bytes::{ReadContext, Stop};
use crate::source::reject::limit::{check_share, ratio};
use crate::source::staging::customer_ids::Customers;
use crate::source::staging::duplicates::KeyHashes;
use crate::source::staging::interners::Interners;
use crate::source::staging::pool::{EntityResult, Lookups, ObjectResult, Shared, WorkerResult, read_all};
use crate::source::staging::schema::staged_schema;
use crate::source::staging::tally::Tally;
use crate::source::staging::writer::StagedFile;
use crate::source::state::{Kept, NewlyRead, Scanned, StateFolder, ToKeep, stand_in};
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

/// The same of objects that are listed already, with the rows that were kept of those that are held in place of what has
/// become of these.
///
/// # Errors
/// As [`ingest`]; nothing is kept of what is held.
pub async fn ingest_listed(
    pipeline: &Pipeline,
    stores: &Stores,
    as_of: NaiveDate,
    work: &Path,
    progress: &dyn ReadProgress,
    listing: &Listing,
) -> Result<Ingested> {
    ingest_parts(pipeline, stores, as_of, work, progress, (PART_BYTES, listing)).await
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
    let listing = Listing::of(pipeline, stores, &Held::default()).await?;
    ingest_parts(pipeline, stores, as_of, work, progress, (part_bytes, &listing)).await
}

async fn ingest_parts(
    pipeline: &Pipeline,
    stores: &Stores,
    as_of: NaiveDate,
    work: &Path,
    progress: &dyn ReadProgress,
    (part_bytes, listing): (u64, &Listing),
) -> Result<Ingested> {
    let (mut found, held) = (listing.found.clone(), &listing.held);
    let folder = StateFolder::open(pipeline);
    let (mut kept, told) = match &folder {
        Some(folder) if !held.is_empty() => stand_in(folder, pipeline, stores, held, &mut found, as_of)?,
        folder => (Kept::of(folder.as_ref(), pipeline, &mut found, as_of), Vec::new()),
    };
    tell(progress, &found);
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
            tags_are_no_md5: Arc::default(),
        },
        interners: Interners::new(pipeline.privacy.as_ref(), kept.unused()),
        source_clocks: pipeline.sources.iter().map(|source| source.timezone.map(ZoneClock::new)).collect(),
        part_bytes,
    });
    let reading = async {
        let read = read_in_order(&shared, &mut found, &mut kept, progress).await;
        // Ends the count of bytes.
        let shared = Arc::into_inner(shared);
        let (read, shared) = (read?, shared.ok_or_else(|| Error::new(Kind::Bug, "a reading thread goes on"))?);
        Ok::<_, Error>((read, shared.interners))
    };
    let reporting = async {
        while let Some(count) = bytes.recv().await {
            progress.advance(count);
        }
    };
    let (read, ()) = futures::join!(reading, reporting);
    let (read, interners) = read?;
    let mut ingested = finish(pipeline, work, Gathered { found, folder, kept, interners, read }).await?;
    ingested.warnings.extend(told);
    Ok(ingested)
}

/// Tells what is about to be read.
fn tell(progress: &dyn ReadProgress, found: &[FoundObject]) {
    let read = || found.iter().filter(|found| !found.is_kept);
    let objects = read().count();
    info!(read = objects, stay_read = found.len() - objects, "objects");
    progress.start(u64::try_from(objects).unwrap_or(u64::MAX), read().map(|found| found.meta.size).sum());
}

/// What a run has read itself.
struct Results {
    done: Vec<WorkerResult>,
    customers: Replaced,
    /// Hash of what rows were held against.
    lookups: String,
}

/// Everything that was read, now or before.
struct Gathered {
    found: Vec<FoundObject>,
    folder: Option<StateFolder>,
    kept: Kept,
    interners: Interners,
    read: Results,
}

/// Branches first: rows of the others are checked against them, and dated in their zones. Then what customers' numbers
/// stand for, where they are a branch's own: rows of the others are told by the ids. Rows that are `kept` stay so if they
/// were held against the same.
async fn read_in_order(
    shared: &Arc<Shared>,
    found: &mut [FoundObject],
    kept: &mut Kept,
    progress: &dyn ReadProgress,
) -> Result<Results> {
    let of = |entity: Entity| found.iter().filter(move |found| found.entity == entity).cloned().collect::<Vec<_>>();
    let (branches, numbers) = (of(Entity::Branches), of(Entity::Customers));
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
    let customers = (shared.pipeline.ids.customers == UniqueIn::Branch).then_some(customers);
    let hash = held_against(zones.as_ref(), customers.as_ref());
    if kept.hold_against(&hash, found) {
        tell(progress, found);
    }
    if let Some(gone) = found.iter().find(|found| found.is_held && !found.is_kept) {
        return Err(Error::new(Kind::Data, format!("what was kept of {} can't be used any more", gone.url)));
    }
    let is_read_before = |found: &FoundObject| matches!(found.entity, Entity::Branches | Entity::Customers);
    let others = found.iter().filter(|found| !found.is_kept && !is_read_before(found)).cloned().collect();
    let lookups = Lookups { zones: Zones::new(zone, zones), customers };
    done.extend(read_all(shared, &Arc::new(lookups), others).await?);
    Ok(Results { done, customers: replaced, lookups: hash })
}

/// Hash of what rows are held against.
fn held_against(zones: Option<&HashMap<String, Option<Tz>>>, customers: Option<&Customers>) -> String {
    let zones = zones.map(|zones| zones.iter().collect::<BTreeMap<_, _>>());
    format!("{:x}", Sha256::digest(format!("{zones:?} {:?}", customers.map(Customers::in_order))))
}

/// Each branch's zone, by the last row that describes the branch.
fn branch_zones(done: &mut [WorkerResult]) -> HashMap<String, Option<Tz>> {
    let mut rows: Vec<_> = done.iter_mut().flat_map(|part| std::mem::take(&mut part.branches)).collect();
    rows.sort_by_key(|(_, _, place)| *place);
    rows.into_iter().map(|(branch, zone, _)| (branch, zone)).collect()
}

async fn finish(pipeline: &Pipeline, work: &Path, gathered: Gathered) -> Result<Ingested> {
    let Gathered { found, folder, mut kept, interners, read } = gathered;
    let mut inputs: Vec<(i32, InputObject)> = kept.inputs(&found).collect();
    let mut objects = Vec::new();
    let mut parts: BTreeMap<Entity, Vec<EntityResult>> = BTreeMap::new();
    for mut part in read.done {
        inputs.append(&mut part.inputs);
        objects.append(&mut part.objects);
        for (entity, part) in part.entities {
            parts.entry(entity).or_default().push(part);
        }
    }
    inputs.sort_by_key(|(object_no, input)| (input.entity, *object_no));
    let own_orders: HashSet<i32> =
        objects.iter().filter(|object| object.has_own_orders).map(|object| object.object_no).collect();
    let is_own = |input: &&(i32, InputObject)| input.1.entity == Entity::Orders && own_orders.contains(&input.0);
    let is_spend = |input: &&(i32, InputObject)| input.1.entity == Entity::Spend;
    let mut warnings = own_order::identical_objects(inputs.iter().filter(is_own).map(|(_, input)| input), "order_id");
    warnings.extend(own_order::identical_objects(inputs.iter().filter(is_spend).map(|(_, input)| input), "number"));
    let known = std::mem::take(&mut kept.known);
    let dictionaries = tokio::task::spawn_blocking(move || interners.finish(&known));
    let mut entities = BTreeMap::new();
    let mut tallies = Vec::new();
    let mut new_files = BTreeMap::new();
    for entity in Entity::ALL {
        let mut rejected = kept.rejected(entity);
        objects.iter().filter(|object| object.entity == entity).for_each(|object| rejected.merge(&object.rejected));
        let parts = parts.remove(&entity).unwrap_or_default();
        let scanned = kept.scanned.remove(&entity).unwrap_or_default();
        let staging = tokio::task::spawn_blocking(move || put_together(parts, scanned));
        let (mut tally, repeated_key_hashes, files) =
            staging.await.context(Kind::Bug, || "looking for repeated keys broke off".to_owned())?;
        tally.add_rejected(&rejected);
        let rows = tally.total();
        let max_share = pipeline.limits.max_rejected_share;
        check_share(entity, rows, &rejected.by_fault, max_share, work)
            .map_err(|error| error.blaming(of_bad_rows(entity, &objects, &found, max_share)))?;
        let stayed = folder.as_ref().map(|folder| kept.files(folder.path(), entity)).unwrap_or_default();
        let staged = Staged {
            files: stayed.into_iter().chain(files.iter().map(|file| file.path.clone())).collect(),
            schema: staged_schema(entity),
            rows,
            by_branch: BTreeMap::new(),
            repeated_key_hashes,
            is_present: pipeline.sources.iter().any(|source| source.entity == entity),
        };
        entities.insert(entity, staged);
        tallies.push((entity, tally));
        new_files.insert(entity, files);
    }
    let mut dictionaries =
        dictionaries.await.context(Kind::Bug, || "finishing dictionaries broke off".to_owned())??;
    dictionaries.object = Arc::new(numbers_of_objects(&found));
    for (entity, tally) in tallies {
        if let Some(staged) = entities.get_mut(&entity) {
            staged.by_branch = tally.finish(&dictionaries.branch);
        }
    }
    let mut rejected: Vec<PathBuf> = objects.iter().filter_map(|object| object.rejected_file.clone()).collect();
    if let Some(folder) = &folder {
        rejected.extend(kept.restore_rejected(folder.path(), work, &found)?);
    }
    rejected.sort_unstable();
    let has_own_orders = !own_orders.is_empty();
    let customers = read.customers;
    let mut ingested = Ingested {
        entities,
        customers,
        inputs: inputs.iter().map(|(_, input)| input.clone()).collect(),
        dictionaries: dictionaries.clone(),
        rejected,
        has_own_orders,
        warnings,
        state: folder,
        to_keep: None,
    };
    let lookups = read.lookups;
    let read = NewlyRead { found, inputs, objects, files: new_files, dictionaries, lookups };
    ingested.to_keep = ingested.state.is_some().then(|| ToKeep { kept, read });
    if !pipeline.limits.holds_branches {
        ingested.keep(pipeline);
    }
    Ok(ingested)
}

/// URLs of the objects that were read now of whose rows too many can't be used.
fn of_bad_rows(entity: Entity, objects: &[ObjectResult], found: &[FoundObject], max_share: f64) -> Vec<String> {
    let mut rows: BTreeMap<i32, (u64, u64)> = BTreeMap::new();
    for part in objects.iter().filter(|part| part.entity == entity) {
        let (rejected, all) = rows.entry(part.object_no).or_default();
        *rejected += part.rejected.count();
        *all += part.rejected.count() + part.good_rows;
    }
    let is_bad = |found: &&FoundObject| {
        rows.get(&found.object_no).is_some_and(|(rejected, all)| ratio(*rejected, *all) > max_share)
    };
    let of_entity = found.iter().filter(|found| found.entity == entity);
    of_entity.filter(is_bad).map(|found| found.url.clone()).collect()
}

/// The good rows of one entity, which hashes of their keys are repeated, and the new files, from what stays read and from
/// what each thread did for it.
fn put_together(parts: Vec<EntityResult>, kept: Scanned) -> (Tally, Vec<i64>, Vec<StagedFile>) {
    let mut tally = kept.rows;
    let mut files = Vec::new();
    let mut hashes = vec![kept.hashes];
    for part in parts {
        tally.merge(part.rows);
        files.extend(part.files);
        hashes.push(part.hashes);
    }
    files.sort_unstable();
    (tally, KeyHashes::repeated(hashes), files)
}

/// The number of each object within its entity, by its reference.
fn numbers_of_objects(found: &[FoundObject]) -> Dictionary {
    let mut numbered: Vec<(i32, i32)> = found.iter().map(|found| (found.object_ref, found.object_no)).collect();
    numbered.sort_unstable();
    let mut numbers = Int32Builder::new();
    for (object_ref, number) in numbered {
        let gap = usize::try_from(object_ref).unwrap_or_default().saturating_sub(numbers.len());
        numbers.append_nulls(gap);
        numbers.append_value(number);
    }
    Dictionary::without_ids(numbers.finish())
}

/// Stops the reading threads when nobody waits for them any more.
struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.set();
    }
}
