//! Threads that read objects, one object each at a time.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chrono_tz::Tz;

use crate::config::Pipeline;
use crate::entity::Entity;
use crate::source::fault::Fault;
use crate::source::ingested::InputObject;
use crate::source::list::Found;
use crate::source::parse::canonical::{Converted, Ready, Rows};
use crate::source::parse::convert::Converter;
use crate::source::parse::derive::Derivation;
use crate::source::parse::own_order;
use crate::source::parse::time::day_number;
use crate::source::parse::zones::{ZoneClock, Zones};
use crate::source::read::batch::RowBatch;
use crate::source::read::bytes::ReadContext;
use crate::source::read::reader::Reader;
use crate::source::reject::file::RejectFile;
use crate::source::reject::limit::FaultCounts;
use crate::source::reject::mask::Disguise;
use crate::source::staging::customer_ids::{self, Customers, Mapping};
use crate::source::staging::duplicates::KeyHashes;
use crate::source::staging::interners::Interners;
use crate::source::staging::tally::Tally;
use crate::source::staging::writer::StageWriter;
use crate::{Context, Kind, Result};

/// What all threads of a run share.
pub(in crate::source) struct Shared {
    pub pipeline: Pipeline,
    pub as_of: chrono::NaiveDate,
    pub work: PathBuf,
    pub read: ReadContext,
    pub interners: Interners,
}

/// What one thread did.
#[derive(Default)]
pub(in crate::source) struct Done {
    pub inputs: Vec<(i32, InputObject)>,
    pub entities: BTreeMap<Entity, EntityDone>,
    pub rejected: Vec<PathBuf>,
    /// Objects whose rows are orders of their own.
    pub own_orders: Vec<i32>,
    /// Of each branch, its zone, and which row said so.
    pub branches: Vec<(String, Option<Tz>, (i32, i64))>,
    /// What customers' numbers stand for.
    pub customers: Vec<Mapping>,
}

/// What one thread did for one entity.
#[derive(Default)]
pub(in crate::source) struct EntityDone {
    pub rows: Tally,
    pub faults: FaultCounts,
    pub hashes: KeyHashes,
    pub files: Vec<PathBuf>,
}

/// What is known before an object is read: what others told that were read before it.
pub(in crate::source) struct Known {
    pub zones: Zones,
    /// What customers' numbers stand for, if they are a branch's own.
    pub customers: Option<Customers>,
}

/// Reads `objects` with as many threads as the pipeline's partitions, the largest objects first.
pub(in crate::source) async fn read_all(
    shared: &Arc<Shared>,
    known: &Arc<Known>,
    mut objects: Vec<Found>,
) -> Result<Vec<Done>> {
    objects.sort_by_key(|found| std::cmp::Reverse(found.meta.size));
    let threads = shared.pipeline.limits.target_partitions.clamp(1, objects.len().max(1));
    let queue = Arc::new(Mutex::new(VecDeque::from(objects)));
    let mut tasks = Vec::with_capacity(threads);
    for number in 0..threads {
        let (shared, known, queue) = (Arc::clone(shared), Arc::clone(known), Arc::clone(&queue));
        tasks.push(tokio::task::spawn_blocking(move || Worker::new(number, &shared, &known).run(&queue)));
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

struct Worker<'a> {
    number: usize,
    shared: &'a Shared,
    known: &'a Known,
    writers: BTreeMap<Entity, StageWriter>,
    done: Done,
}

impl<'a> Worker<'a> {
    fn new(number: usize, shared: &'a Shared, known: &'a Known) -> Self {
        Worker { number, shared, known, writers: BTreeMap::new(), done: Done::default() }
    }

    fn run(mut self, queue: &Mutex<VecDeque<Found>>) -> Result<Done> {
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        while let Some(found) = next() {
            self.shared.read.check()?;
            self.read_object(&found).map_err(|error| self.shared.read.fail(error))?;
        }
        for (entity, writer) in std::mem::take(&mut self.writers) {
            let files = writer.finish().map_err(|error| self.shared.read.fail(error))?;
            self.done.entities.entry(entity).or_default().files = files;
        }
        Ok(self.done)
    }

    fn read_object(&mut self, found: &Found) -> Result<()> {
        let Some(source) = self.shared.pipeline.sources.get(found.source) else { return Ok(()) };
        tracing::debug!(object = found.url, bytes = found.meta.size, "reading");
        let mut reader = Reader::open(found, source, &self.shared.read, &self.shared.work)?;
        let origins = reader.origins().to_vec();
        let modified = found.meta.last_modified.with_timezone(&self.shared.pipeline.timezone).date_naive();
        let mut converter = Converter {
            entity: found.entity,
            source,
            origins: &origins,
            zones: &self.known.zones,
            source_clock: source.timezone.map(ZoneClock::new),
            formats: Converter::formats_of(found.entity, source),
            last_possible_day: day_number(self.shared.as_of.max(modified)) + 1,
            has_own_orders: false,
        };
        let hash = self.shared.interners.customer_hash.as_ref();
        let disguise = hash.map(|hash| Disguise::new(hash, found.entity, source, &origins));
        let mut rejects = RejectFile::new(&self.shared.work, found);
        let mut own_orders = None;
        let mut derivation = Derivation::new(found, source);
        while let Some(mut batch) = reader.next_batch()? {
            self.shared.read.check()?;
            derivation.derive(&mut batch)?;
            if own_orders.is_none() {
                own_orders = own_order::are_own(found, source, &origins, &batch)?;
                converter.has_own_orders = own_orders == Some(true);
            }
            self.stage(found, &converter, disguise.as_ref(), batch, &mut rejects)?;
        }
        let sha256 = reader.outcome().sha256(found)?;
        self.done.rejected.extend(rejects.finish()?);
        if let Some(writer) = self.writers.get_mut(&found.entity) {
            writer.end_object()?;
        }
        if converter.has_own_orders {
            self.done.own_orders.push(found.object_no);
        }
        self.done.inputs.push((found.object_no, input_object(found, &source.label, sha256)));
        Ok(())
    }

    fn stage(
        &mut self,
        found: &Found,
        converter: &Converter<'_>,
        disguise: Option<&Disguise<'_>>,
        mut batch: RowBatch,
        rejects: &mut RejectFile,
    ) -> Result<()> {
        let entity = found.entity;
        let problem = || format!("{}: can't convert its rows", found.url);
        let mut converted = converter.convert(&mut batch).context(Kind::Data, problem)?;
        if let Some(customers) = &self.known.customers {
            customers.identify(entity, &mut converted)?;
        }
        let show = |row, fault: &Fault| match disguise {
            Some(disguise) => disguise.show(&batch.raw, &converted.columns, row, fault),
            None => (fault.cause.clone(), batch.raw.text(row)),
        };
        let position_of = |row| batch.position_of(row);
        rejects.write(found, &converter.source.label, &converted.faults, position_of, show)?;
        let part = self.done.entities.entry(entity).or_default();
        for (row, fault) in converted.faults.iter() {
            *part.faults.entry((fault.column, fault.label)).or_default() += 1;
            part.rows.add_rejected(self.known.branch_of(entity, &converted, row, fault));
        }
        let wanted = converted.wanted(batch.rows);
        let row_nos: Vec<i64> = (batch.first_row_no..).take(batch.rows).collect();
        let mut rows = match &wanted {
            None => Rows { columns: converted.columns, object_no: found.object_no, row_nos },
            Some(wanted) => Rows {
                columns: converted
                    .columns
                    .into_iter()
                    .map(|ready| ready.filtered(wanted))
                    .collect::<Result<_, _>>()
                    .context(Kind::Bug, problem)?,
                object_no: found.object_no,
                row_nos: row_nos.into_iter().zip(wanted).filter(|(_, w)| *w == Some(true)).map(|(no, _)| no).collect(),
            },
        };
        if rows.row_nos.is_empty() {
            return Ok(());
        }
        if converter.has_own_orders {
            own_order::name(&mut rows);
        }
        if entity == Entity::Branches {
            note_branches(&rows, &mut self.done.branches);
        }
        let (count, days) = (rows.row_nos.len(), rows.days(entity).cloned());
        let branches = if entity.is_staged() {
            let new_writer = || StageWriter::new(entity, self.shared.pipeline.ids, &self.shared.work, self.number);
            let writer = self.writers.entry(entity).or_insert_with(new_writer);
            let written = writer.write(rows, &self.shared.interners)?;
            part.hashes.extend(&written.hashes);
            written.branches
        } else {
            customer_ids::note(&rows, &mut self.done.customers);
            let branches = rows.texts(entity, "branch_id");
            branches.map(|branches| self.shared.interners.branch.intern(branches)).transpose()?
        };
        part.rows.add_good(count, branches.as_ref(), days.as_ref(), day_number(self.shared.as_of));
        Ok(())
    }
}

impl Known {
    /// The branch that a rejected row names, if that can be told.
    fn branch_of<'a>(&self, entity: Entity, converted: &'a Converted, row: usize, fault: &Fault) -> Option<&'a str> {
        fault.column?;
        let place = entity.columns().iter().position(|column| column.name == "branch_id");
        match converted.columns.get(place.filter(|_| entity != Entity::Branches)?)? {
            Ready::Texts(texts) => texts.get(row).filter(|id| self.zones.of_branch(id).is_some()),
            Ready::Array(_) => None,
        }
    }
}

fn note_branches(rows: &Rows, branches: &mut Vec<(String, Option<Tz>, (i32, i64))>) {
    let ids = rows.texts(Entity::Branches, "branch_id");
    let zones = rows.texts(Entity::Branches, "timezone");
    for (row, row_no) in rows.row_nos.iter().enumerate() {
        if let Some(id) = ids.and_then(|ids| ids.get(row)) {
            let zone = zones.and_then(|zones| zones.get(row)).and_then(|zone| zone.parse().ok());
            branches.push((id.to_owned(), zone, (rows.object_no, *row_no)));
        }
    }
}

fn input_object(found: &Found, label: &str, sha256: String) -> InputObject {
    InputObject {
        entity: found.entity,
        source: label.to_owned(),
        url: found.url.clone(),
        size_bytes: found.meta.size,
        e_tag: found.meta.e_tag.clone(),
        last_modified: found.meta.last_modified,
        sha256,
    }
}
