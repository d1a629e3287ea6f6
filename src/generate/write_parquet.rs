//! Writes the chain as clean canonical Parquet: a file per block of customers, blocks in parallel.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;

use arrow::array::{ArrayRef, Date32Array, Decimal128Array, RecordBatch, StringArray};
use arrow::error::ArrowError;
use chrono::{NaiveDate, TimeDelta};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::catalogue::ITEMS;
use super::columns::{ContactColumns, LeadColumns, OrderColumns, VisitColumns};
use super::event::Life;
use super::folder::make_dir;
use super::marketing::spending;
use super::simulate::simulate;
use super::summary::Summary;
use super::world::World;
use crate::entity::Entity;
use crate::{Context, Error, Kind, Result};

/// Customers per block: about half a million order lines.
const BLOCK_CUSTOMERS: u64 = 65_536;
/// Rows that are gathered before they are encoded.
const BATCH_ROWS: usize = 16_384;
/// Rows of a row group.
const GROUP_ROWS: usize = 131_072;
/// Columns whose values hardly repeat: a dictionary would only cost time.
const DISTINCT: [&str; 9] = [
    "order_id",
    "visit_id",
    "contact_id",
    "paid_at",
    "visited_at",
    "contacted_at",
    "updated_at",
    "appointment_at",
    "created_at",
];

/// Writes all files but the pipeline's.
///
/// # Errors
/// A folder or file that can't be written.
pub fn write(world: &World, threads: usize, dir: &Path, progress: &dyn Fn(u64)) -> Result<Summary> {
    let mut summary = Summary::default();
    write_master_data(world, dir, &mut summary)?;
    for entity in [Entity::Orders, Entity::Visits, Entity::Leads, Entity::Contacts] {
        make_dir(&dir.join(entity.name()))?;
    }
    let next_block = AtomicU64::new(0);
    let is_failed = AtomicBool::new(false);
    let blocks = world.customers.div_ceil(BLOCK_CUSTOMERS);
    let work = |report: mpsc::Sender<Result<(u64, Summary)>>| {
        while !is_failed.load(Ordering::Relaxed) {
            let block = next_block.fetch_add(1, Ordering::Relaxed);
            if block >= blocks {
                break;
            }
            let written = write_block(world, block, dir);
            is_failed.fetch_or(written.is_err(), Ordering::Relaxed);
            if report.send(written).is_err() {
                break;
            }
        }
    };
    std::thread::scope(|scope| {
        let (report, reports) = mpsc::channel();
        for _ in 0..threads.max(1) {
            let report = report.clone();
            scope.spawn(|| work(report));
        }
        drop(report);
        let mut done = 0;
        for written in reports {
            let (customers, block) = written?;
            done += customers;
            summary.merge(&block);
            progress(done);
        }
        Ok(())
    })
    .map(|()| summary)
}

fn write_block(world: &World, block: u64, dir: &Path) -> Result<(u64, Summary)> {
    let file = |entity: Entity| dir.join(entity.name()).join(format!("part-{block:05}.parquet"));
    let mut orders = TableFile::new(file(Entity::Orders));
    let mut visits = TableFile::new(file(Entity::Visits));
    let mut leads = TableFile::new(file(Entity::Leads));
    let (mut order_columns, mut visit_columns) = (OrderColumns::new(world), VisitColumns::new(world));
    let mut contacts = TableFile::new(file(Entity::Contacts));
    let (mut lead_columns, mut contact_columns) = (LeadColumns::new(world), ContactColumns::new(world));
    let mut life = Life::default();
    let first = 1 + block * BLOCK_CUSTOMERS;
    let last = world.customers.min(first + BLOCK_CUSTOMERS - 1);
    for customer in first..=last {
        simulate(world, customer, &mut life);
        life.orders.iter().for_each(|order| order_columns.push(customer, order));
        life.visits.iter().for_each(|visit| visit_columns.push(customer, visit));
        life.lead.iter().for_each(|lead| lead_columns.push(customer, lead));
        life.contacts.iter().for_each(|contact| contact_columns.push(customer, contact));
        let is_last = customer == last;
        orders.take(order_columns.len(), is_last, || order_columns.finish())?;
        visits.take(visit_columns.len(), is_last, || visit_columns.finish())?;
        leads.take(lead_columns.len(), is_last, || lead_columns.finish())?;
        contacts.take(contact_columns.len(), is_last, || contact_columns.finish())?;
    }
    let mut summary = Summary::default();
    let files = [orders, visits, leads, contacts];
    for (entity, file) in [Entity::Orders, Entity::Visits, Entity::Leads, Entity::Contacts].into_iter().zip(files) {
        file.close(entity, &mut summary)?;
    }
    Ok((last - first + 1, summary))
}

/// A Parquet file that is made with its first rows.
struct TableFile {
    path: PathBuf,
    writer: Option<ArrowWriter<File>>,
    rows: u64,
}

impl TableFile {
    fn new(path: PathBuf) -> Self {
        TableFile { path, writer: None, rows: 0 }
    }

    /// Writes a batch once enough rows have gathered, or the last ones.
    fn take(
        &mut self,
        gathered: usize,
        is_last: bool,
        batch: impl FnOnce() -> Result<RecordBatch, ArrowError>,
    ) -> Result<()> {
        if gathered == 0 || (gathered < BATCH_ROWS && !is_last) {
            return Ok(());
        }
        let batch = batch().map_err(|cause| bug(&self.path, cause))?;
        self.write(&batch)
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => self.writer.insert(create(&self.path, batch)?),
        };
        writer.write(batch).context(Kind::Output, || cannot_write(&self.path))
    }

    fn close(self, entity: Entity, summary: &mut Summary) -> Result<()> {
        let Some(mut writer) = self.writer else { return Ok(()) };
        writer.finish().context(Kind::Output, || cannot_write(&self.path))?;
        summary.add_file(entity, self.rows, writer.bytes_written() as u64);
        Ok(())
    }
}

fn create(path: &Path, batch: &RecordBatch) -> Result<ArrowWriter<File>> {
    let file = File::create_new(path).context(Kind::Output, || cannot_write(path))?;
    let mut properties =
        WriterProperties::builder().set_compression(Compression::SNAPPY).set_max_row_group_row_count(Some(GROUP_ROWS));
    for column in DISTINCT {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(column), false);
    }
    let options = ArrowWriterOptions::new().with_properties(properties.build()).with_skip_arrow_metadata(true);
    ArrowWriter::try_new_with_options(file, batch.schema(), options).context(Kind::Output, || cannot_write(path))
}

fn cannot_write(path: &Path) -> String {
    format!("can't write {}", path.display())
}

fn bug(path: &Path, cause: ArrowError) -> Error {
    Error::new(Kind::Bug, format!("the rows of {} don't fit their schema", path.display())).detail(cause.to_string())
}

fn write_master_data(world: &World, dir: &Path, summary: &mut Summary) -> Result<()> {
    let batches = [(Entity::Branches, branches(world)), (Entity::Items, items()), (Entity::Spend, spend(world))];
    for (entity, batch) in batches {
        let path = dir.join(format!("{}.parquet", entity.name()));
        let mut file = TableFile::new(path.clone());
        file.write(&batch.map_err(|cause| bug(&path, cause))?)?;
        file.close(entity, summary)?;
    }
    Ok(())
}

fn text<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn branches(world: &World) -> Result<RecordBatch, ArrowError> {
    let branches = || world.branches.iter();
    let opened_on = branches().map(|branch| {
        let day = world.start + TimeDelta::days(branch.opened.into());
        i32::try_from(day.signed_duration_since(NaiveDate::default()).num_days()).unwrap_or(0)
    });
    RecordBatch::try_from_iter([
        ("branch_id", text(branches().map(|branch| branch.id.as_str()))),
        ("name", text(branches().map(|branch| branch.name.as_str()))),
        ("region", text(branches().map(|branch| branch.region))),
        ("opened_on", Arc::new(Date32Array::from_iter_values(opened_on))),
        ("timezone", text(branches().map(|branch| branch.zone.name))),
    ])
}

fn spend(world: &World) -> Result<RecordBatch, ArrowError> {
    let rows = spending(world);
    let spent_on = rows.iter().map(|row| {
        let day = world.start + TimeDelta::days(row.day.into());
        i32::try_from(day.signed_duration_since(NaiveDate::default()).num_days()).unwrap_or(0)
    });
    let amounts = Decimal128Array::from_iter_values(rows.iter().map(|row| i128::from(row.amount_cents)));
    let branches = rows.iter().map(|row| Some(world.branches.get(row.branch?)?.id.as_str()));
    RecordBatch::try_from_iter_with_nullable([
        ("spent_on", Arc::new(Date32Array::from_iter_values(spent_on)) as ArrayRef, true),
        ("amount", Arc::new(amounts.with_precision_and_scale(18, 2)?), true),
        ("branch_id", Arc::new(StringArray::from_iter(branches)), true),
        ("channel", text(rows.iter().map(|row| row.channel)), true),
        ("campaign_id", text(rows.iter().map(|row| row.campaign.as_str())), true),
    ])
}

fn items() -> Result<RecordBatch, ArrowError> {
    let prices = Decimal128Array::from_iter_values(ITEMS.iter().map(|item| i128::from(item.list_price) * 100));
    RecordBatch::try_from_iter([
        ("item_id", text(ITEMS.iter().map(|item| item.id))),
        ("name", text(ITEMS.iter().map(|item| item.name))),
        ("department", text(ITEMS.iter().map(|item| item.department.name()))),
        ("category", text(ITEMS.iter().map(|item| item.category))),
        ("list_price", Arc::new(prices.with_precision_and_scale(18, 2)?)),
    ])
}
