//! Threads that read objects, one object or part of one each at a time.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::Array;
use arrow::compute::max;
use arrow::error::ArrowError;
use chrono_tz::Tz;

use crate::config::{Pipeline, Source};
use crate::entity::Entity;
use crate::source::ingested::InputObject;
use crate::source::list::FoundObject;
use crate::source::parse::canonical::{CanonicalColumn, CanonicalRows, ConvertedBatch, days};
use crate::source::parse::convert::{Converter, IN_THE_FUTURE};
use crate::source::parse::derive::Derivation;
use crate::source::parse::own_order;
use crate::source::parse::parsed_time::day_number;
use crate::source::parse::zones::{ZoneClock, Zones};
use crate::source::read::batch::RowBatch;
use crate::source::read::bytes::{ReadContext, check_unchanged};
use crate::source::read::parts::Part;
use crate::source::read::reader::Reader;
use crate::source::reject::file::RejectFile;
use crate::source::reject::limit::RejectedRows;
use crate::source::reject::mask::RowMask;
use crate::source::row_fault::RowFault;
use crate::source::staging::customer_ids::{self, Customers, NumberMapping};
use crate::source::staging::cut::{Cut, cut};
use crate::source::staging::duplicates::KeyHashes;
use crate::source::staging::interners::Interners;
use crate::source::staging::queue::{CutObject, Queue, Task};
use crate::source::staging::tally::Tally;
use crate::source::staging::writer::{StagedFile, StagingWriter};
use crate::source::threads;
use crate::{Context, Error, Kind, Result};

/// What all threads of a run share.
pub(in crate::source) struct Shared {
    pub pipeline: Pipeline,
    pub as_of: chrono::NaiveDate,
    pub work: PathBuf,
    pub read: ReadContext,
    pub interners: Interners,
    /// Per source, the zone of times without an offset, if it declares one.
    pub source_clocks: Vec<Option<ZoneClock>>,
    /// Objects of twice as many bytes are cut into parts of about as many.
    pub part_bytes: u64,
}

/// What one thread did.
#[derive(Default)]
pub(in crate::source) struct WorkerResult {
    pub inputs: Vec<(i32, InputObject)>,
    pub objects: Vec<ObjectResult>,
    pub entities: BTreeMap<Entity, EntityResult>,
    /// Of each branch, its zone, and which row said so.
    pub branches: Vec<(String, Option<Tz>, (i32, i64))>,
    /// What customers' numbers stand for.
    pub customers: Vec<NumberMapping>,
}

/// What one thread did for one entity.
#[derive(Default)]
pub(in crate::source) struct EntityResult {
    /// Good rows.
    pub rows: Tally,
    pub hashes: KeyHashes,
    pub files: Vec<StagedFile>,
}

/// What one thread found in an object, or in a part of it.
pub(in crate::source) struct ObjectResult {
    pub entity: Entity,
    pub object_no: i32,
    pub object_ref: i32,
    pub good_rows: u64,
    pub rejected: RejectedRows,
    /// The file of these rows, if there are any.
    pub rejected_file: Option<PathBuf>,
    /// The last day of its good rows, if they have days.
    pub last_day: Option<i32>,
    /// The first day for which a row was rejected as in the future.
    pub first_future_day: Option<i32>,
    /// Whether its rows are orders of their own.
    pub has_own_orders: bool,
}

/// What objects that were read before say about the rows of this one.
pub(in crate::source) struct Lookups {
    pub zones: Zones,
    /// What customers' numbers stand for, if they are a branch's own.
    pub customers: Option<Customers>,
}

/// Reads `objects` with as many threads as the pipeline's partitions, the largest objects first.
pub(in crate::source) async fn read_all(
    shared: &Arc<Shared>,
    lookups: &Arc<Lookups>,
    mut objects: Vec<FoundObject>,
) -> Result<Vec<WorkerResult>> {
    objects.sort_by_key(|found| std::cmp::Reverse(found.meta.size));
    let parts = objects.iter().map(|found| (found.meta.size / shared.part_bytes.max(1)).max(1)).sum::<u64>();
    let most = usize::try_from(parts).unwrap_or(usize::MAX).max(1);
    let threads = shared.pipeline.limits.target_partitions.clamp(1, most);
    let queue = Arc::new(Queue::new(objects));
    let mut tasks = Vec::with_capacity(threads);
    for number in 0..threads {
        let (shared, lookups, queue) = (Arc::clone(shared), Arc::clone(lookups), Arc::clone(&queue));
        match threads::start(move || Worker::new(number, &shared, &lookups).run(&queue)) {
            Ok(task) => tasks.push(task),
            Err(cause) if tasks.is_empty() => return Err(no_thread(&cause)),
            // Those that there are read everything, too.
            Err(_) => break,
        }
    }
    let mut done = Vec::with_capacity(threads);
    let mut failure = None;
    for task in tasks {
        match task.await.context(Kind::Bug, || "a reading thread broke off".to_owned()) {
            Ok(Ok(part)) => done.push(part),
            // The first failure stops the others, whose own errors then say no more than that.
            Ok(Err(error)) | Err(error) => failure = failure.or(Some(error)),
        }
    }
    match shared.read.first_failure().or(failure) {
        Some(error) => Err(error),
        None => Ok(done),
    }
}

fn no_thread(cause: &std::io::Error) -> Error {
    Error::new(Kind::Bug, "can't start a thread to read with")
        .detail(cause.to_string())
        .hint("raise how many this user may have: `ulimit -u`, TasksMax, pids.max")
}

/// Unreadable content is the export's fault, a store that fails isn't.
fn of_export(error: Error, url: String) -> Error {
    if error.kind() == Kind::Data { error.blaming([url]) } else { error }
}

impl Shared {
    /// Whether it is worth while to let several threads read an object: it is large, and what is left besides would not
    /// keep the others busy for as long.
    fn is_cut(&self, found: &FoundObject, queue: &Queue) -> bool {
        let others = u64::try_from(self.pipeline.limits.target_partitions).unwrap_or(u64::MAX).saturating_sub(1);
        let size = found.meta.size;
        others > 0 && size / 2 >= self.part_bytes && size > queue.bytes_left() / others
    }
}

/// An object that is being read, or a part of it, and how.
struct Reading<'a> {
    found: &'a FoundObject,
    converter: &'a Converter<'a>,
    mask: Option<&'a RowMask<'a>>,
    is_part: bool,
}

impl ObjectResult {
    fn new(found: &FoundObject) -> Self {
        ObjectResult {
            entity: found.entity,
            object_no: found.object_no,
            object_ref: found.object_ref,
            good_rows: 0,
            rejected: RejectedRows::default(),
            rejected_file: None,
            last_day: None,
            first_future_day: None,
            has_own_orders: false,
        }
    }

    /// Counts the faulty rows of a batch, each of the branch that `branch_of` tells.
    fn reject<'a>(&mut self, converted: &ConvertedBatch, branch_of: impl Fn(usize, &RowFault) -> Option<&'a str>) {
        let days = days(self.entity, &converted.columns);
        for (row, fault) in converted.faults.iter() {
            self.rejected.add(branch_of(row, fault), fault);
            let day =
                days.filter(|days| fault.label == IN_THE_FUTURE && days.is_valid(row)).map(|days| days.value(row));
            self.first_future_day = self.first_future_day.into_iter().chain(day).min();
        }
    }
}

struct Worker<'a> {
    number: usize,
    shared: &'a Shared,
    lookups: &'a Lookups,
    writers: BTreeMap<Entity, StagingWriter>,
    done: WorkerResult,
}

impl<'a> Worker<'a> {
    fn new(number: usize, shared: &'a Shared, lookups: &'a Lookups) -> Self {
        Worker { number, shared, lookups, writers: BTreeMap::new(), done: WorkerResult::default() }
    }

    fn run(mut self, queue: &Queue) -> Result<WorkerResult> {
        while let Some(task) = queue.next() {
            self.shared.read.check()?;
            let (done, url) = match task {
                Task::Object(found) => (self.read_object(&found, queue), found.url),
                Task::Part(object, part) => (self.read_part(&object, &part), object.found.url.clone()),
            };
            done.map_err(|error| self.shared.read.fail(of_export(error, url)))?;
        }
        for (entity, writer) in std::mem::take(&mut self.writers) {
            let files = writer.finish().map_err(|error| self.shared.read.fail(error))?;
            self.done.entities.entry(entity).or_default().files = files;
        }
        Ok(self.done)
    }

    /// Reads an object, or cuts it into parts for all threads.
    fn read_object(&mut self, found: &FoundObject, queue: &Queue) -> Result<()> {
        let Some(source) = self.shared.pipeline.sources.get(found.source) else { return Ok(()) };
        tracing::debug!(object = found.url, bytes = found.meta.size, "reading");
        let (context, work) = (&self.shared.read, &self.shared.work);
        let mut opened = None;
        if self.shared.is_cut(found, queue) {
            let cutting = queue.cut();
            match cut(found, source, context, work, self.shared.part_bytes, &cutting)? {
                Cut::Done(sha256) => {
                    self.done.inputs.push((found.object_no, found.input(sha256)));
                    return Ok(());
                }
                Cut::Whole(parquet) => opened = parquet,
            }
        }
        let mut reader = match opened {
            Some(parquet) => Reader::Parquet(parquet.reader(found, None)?),
            None => Reader::open(found, source, context, work)?,
        };
        let rejects = RejectFile::new(work, found, None);
        self.read_rows(found, source, &mut reader, None, rejects)?;
        let sha256 = reader.status().sha256(found)?;
        self.done.inputs.push((found.object_no, found.input(sha256)));
        Ok(())
    }

    fn read_part(&mut self, object: &CutObject, part: &Part) -> Result<()> {
        let found = &object.found;
        let Some(source) = self.shared.pipeline.sources.get(found.source) else { return Ok(()) };
        let (mut reader, first_row_no) = match (part, &object.parquet) {
            (Part::Groups(part), Some(parquet)) => {
                (Reader::Parquet(parquet.reader(found, Some(part))?), part.first_row_no)
            }
            (Part::Text(part), _) => {
                (Reader::open_part(found, source, &self.shared.read.silent(), part)?, part.first_row_no)
            }
            (Part::Groups(_), None) => return Ok(()),
        };
        let rejects = RejectFile::new(&self.shared.work, found, Some(first_row_no));
        self.read_rows(found, source, &mut reader, Some(object.has_own_orders), rejects)?;
        match part {
            Part::Text(_) => check_unchanged(found, &self.shared.read),
            Part::Groups(_) => Ok(()),
        }
    }

    /// Stages the rows of `reader`; whether they are orders of their own is to be seen unless it is known.
    fn read_rows(
        &mut self,
        found: &FoundObject,
        source: &Source,
        reader: &mut Reader<'_>,
        mut own_orders: Option<bool>,
        mut rejects: RejectFile,
    ) -> Result<()> {
        let bindings = reader.bindings().to_vec();
        let mut converter = Converter {
            entity: found.entity,
            source,
            bindings: &bindings,
            zones: &self.lookups.zones,
            source_clock: self.shared.source_clocks.get(found.source).and_then(Option::as_ref),
            date_patterns: Converter::date_patterns_of(found.entity, source),
            last_possible_day: found.last_possible_day(self.shared.pipeline.timezone, self.shared.as_of),
            has_own_orders: own_orders == Some(true),
        };
        let hash = self.shared.interners.customer_hash.as_ref();
        let mask = hash.map(|hash| RowMask::new(hash, found.entity, source, &bindings));
        let mut derivation = Derivation::new(found, source);
        let is_part = own_orders.is_some();
        if let Some(writer) = self.writers.get_mut(&found.entity) {
            writer.begin_object(found.object_ref, is_part)?;
        }
        let mut object = ObjectResult::new(found);
        while let Some(mut batch) = reader.next_batch()? {
            self.shared.read.check()?;
            derivation.derive(&mut batch)?;
            if own_orders.is_none() {
                own_orders = own_order::are_own(found, source, &bindings, &batch)?;
                converter.has_own_orders = own_orders == Some(true);
            }
            let reading = Reading { found, converter: &converter, mask: mask.as_ref(), is_part };
            self.stage_rows(&reading, batch, &mut rejects, &mut object)?;
        }
        object.rejected_file = rejects.finish()?;
        object.has_own_orders = converter.has_own_orders;
        self.done.objects.push(object);
        if let Some(writer) = self.writers.get_mut(&found.entity) {
            writer.end_object()?;
        }
        Ok(())
    }

    fn stage_rows(
        &mut self,
        reading: &Reading<'_>,
        mut batch: RowBatch,
        rejects: &mut RejectFile,
        object: &mut ObjectResult,
    ) -> Result<()> {
        let Reading { found, converter, mask, is_part } = *reading;
        let entity = found.entity;
        let problem = || format!("{}: can't convert its rows", found.url);
        let mut converted = converter.convert(&mut batch).context(Kind::Data, problem)?;
        if let Some(customers) = &self.lookups.customers {
            customers.identify(entity, &mut converted)?;
        }
        let show = |row, fault: &RowFault| match mask {
            Some(mask) => mask.show(&batch.raw, &converted.columns, row, fault),
            None => (fault.cause.clone(), batch.raw.text(row)),
        };
        let position_of = |row| batch.position_of(row);
        rejects.write(found, &converter.source.label, &converted.faults, position_of, show)?;
        object.reject(&converted, |row, fault| self.lookups.branch_of(entity, &converted, row, fault));
        let mut rows = good_rows(found, &batch, converted).context(Kind::Bug, problem)?;
        if rows.row_nos.is_empty() {
            return Ok(());
        }
        if converter.has_own_orders {
            own_order::name(&mut rows);
        }
        if entity == Entity::Branches {
            collect_branches(&rows, &mut self.done.branches);
        }
        let (count, days) = (rows.row_nos.len(), rows.days(entity).cloned());
        object.good_rows += u64::try_from(count).unwrap_or(u64::MAX);
        object.last_day = object.last_day.max(days.as_ref().and_then(max));
        let part = self.done.entities.entry(entity).or_default();
        let branches = if entity.is_staged() {
            let new_writer = || StagingWriter::new(entity, self.shared.pipeline.ids, &self.shared.work, self.number);
            let writer = self.writers.entry(entity).or_insert_with(new_writer);
            let written = writer.write(rows, is_part, &self.shared.interners)?;
            part.hashes.extend(&written.hashes);
            written.branches
        } else {
            customer_ids::collect_mappings(&rows, &mut self.done.customers);
            let branches = rows.texts(entity, "branch_id");
            branches.map(|branches| self.shared.interners.ids.branch.intern(branches)).transpose()?
        };
        part.rows.add_good(count, branches.as_ref(), days.as_ref(), day_number(self.shared.as_of));
        Ok(())
    }
}

impl Lookups {
    /// The branch that a rejected row names, if that can be told.
    fn branch_of<'a>(
        &self,
        entity: Entity,
        converted: &'a ConvertedBatch,
        row: usize,
        fault: &RowFault,
    ) -> Option<&'a str> {
        fault.column?;
        let place = entity.columns().iter().position(|column| column.name == "branch_id");
        match converted.columns.get(place.filter(|_| entity != Entity::Branches)?)? {
            CanonicalColumn::Texts(texts) => texts.get(row).filter(|id| self.zones.of_branch(id).is_some()),
            CanonicalColumn::Array(_) => None,
        }
    }
}

/// The rows of a batch that have no fault.
fn good_rows(found: &FoundObject, batch: &RowBatch, converted: ConvertedBatch) -> Result<CanonicalRows, ArrowError> {
    let (object_ref, object_no) = (found.object_ref, found.object_no);
    let row_nos: Vec<i64> = (batch.first_row_no..).take(batch.rows).collect();
    let Some(wanted) = converted.wanted(batch.rows) else {
        return Ok(CanonicalRows { columns: converted.columns, object_ref, object_no, row_nos });
    };
    let columns = converted.columns.into_iter().map(|column| column.filtered(&wanted)).collect::<Result<_, _>>()?;
    let row_nos =
        row_nos.into_iter().zip(&wanted).filter(|(_, wanted)| *wanted == Some(true)).map(|(no, _)| no).collect();
    Ok(CanonicalRows { columns, object_ref, object_no, row_nos })
}

fn collect_branches(rows: &CanonicalRows, branches: &mut Vec<(String, Option<Tz>, (i32, i64))>) {
    let ids = rows.texts(Entity::Branches, "branch_id");
    let zones = rows.texts(Entity::Branches, "timezone");
    for (row, row_no) in rows.row_nos.iter().enumerate() {
        if let Some(id) = ids.and_then(|ids| ids.get(row)) {
            let zone = zones.and_then(|zones| zones.get(row)).and_then(|zone| zone.parse().ok());
            branches.push((id.to_owned(), zone, (rows.object_no, *row_no)));
        }
    }
}
