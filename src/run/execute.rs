//! Runs a pipeline for one day.

use std::path::{Path, PathBuf};
use std::time::Instant;

use tracing::info;

use super::empty::{self, Empty};
use super::facts::{self, Snapshot};
use super::frozen::Rulers;
use super::headline;
use super::outcome::{Outcome, Published, TableRows, WITHOUT_ORDER_ID, without};
use super::plan::{CHANGES_SHOWN, Verdict, plan};
use super::publishing::{self, Made};
use super::rehearse::rehearse_own;
use super::rows;
use super::stage_tables::stage_tables;
use super::work_folder::WorkFolder;
use crate::check;
use crate::config::Pipeline;
use crate::diagnostic::Diagnostic;
use crate::engine::{self, Engine};
use crate::model::{Catalog, Model, Node};
use crate::observe::{self, RunProgress};
use crate::publish::{self, DamagedRecord, Settled, Warehouse, WrittenTable};
use crate::source::{self, Ingested, ScopeKeys};
use crate::storage::Stores;
use crate::{Error, Kind, Result};

/// Runs `pipeline` for `snapshot` and publishes its tables, or finds that they are up to date. Inputs that have run
/// dry are `empty`.
///
/// # Errors
/// Whatever keeps the snapshot from being published; the last good one stays as it is.
pub async fn run(pipeline: &Pipeline, snapshot: Snapshot, empty: Empty, progress: &dyn RunProgress) -> Result<Outcome> {
    let started = Instant::now();
    let catalog = Catalog::of_pipeline(pipeline)?;
    rehearse_own(pipeline, &catalog, snapshot).await?;
    let work = WorkFolder::create(&pipeline.limits)?;
    let stores = Stores::new(pipeline.storage.clone());
    let warehouse = Warehouse::open(&pipeline.publish.location, &stores)?;
    warehouse.make()?;
    progress.begin("Looking at what is there");
    let history = warehouse.commits().read_all().await?;
    let settled = warehouse.settle(&history).await?;
    if settled != Settled::default() {
        info!(moved = settled.moved, removed = settled.removed, "settled what earlier runs left");
    }
    let plan = plan(pipeline, &catalog, &stores, &warehouse, history, snapshot).await?;
    match (&plan.verdict, plan.published()) {
        (Verdict::UpToDate, Some(published)) => return Ok(Outcome::UpToDate(Box::new(published.clone()))),
        (Verdict::Changed(changes), _) => return Err(refusal(snapshot, changes)),
        _ => {}
    }

    progress.begin("Reading");
    let reading = source::ingest(pipeline, &stores, snapshot.as_of, work.path(), progress.reading());
    let ingested = match reading.await {
        Ok(ingested) => ingested,
        Err(error) if error.kind() == Kind::Data => return Err(work.keep_rejected(error)),
        Err(error) => return Err(error),
    };
    let mut warnings = empty::gate(&ingested, &plan, empty)?;
    let rulers = Rulers::read(&plan.frozen, &warehouse).await?;
    let engine = prepare(pipeline, &catalog, &ingested, snapshot, &rulers, work.path()).await?;
    let mut conflicts = rows::Conflicts::new();
    let judge = async || {
        conflicts = rows::judge(&engine, pipeline, &ingested).await?;
        Ok(())
    };
    let written = build_all(&catalog, &engine, work.path(), progress, judge).await?;
    progress.begin("Checking");
    warnings.extend(ingested.warnings.iter().cloned());
    warnings.extend(plan.history.damaged().iter().map(damaged));
    warnings.extend(check::run(&catalog, &engine).await?);
    let rows = rows::read(&engine, pipeline, &ingested, &conflicts).await?;
    let headline = headline::read(&engine, &catalog).await?;
    progress.begin("Publishing");
    let made = Made::new(pipeline, &plan, &ingested, &written, work.path())?;
    if let (Verdict::Restore(missing), Some(published)) = (&plan.verdict, plan.published()) {
        publishing::restore(&made, &warehouse, published, missing).await?;
        return Ok(Outcome::Restored(Box::new(published.clone()), missing.len()));
    }
    let commit = publishing::publish(&made, &warehouse, rows).await?;
    Ok(Outcome::Published(Box::new(Published {
        snapshot,
        location: warehouse.shown().to_owned(),
        commit_number: commit.number,
        rows: commit.rows,
        package_sessions: rows::package_sessions(&engine, &catalog).await?,
        tables: written
            .iter()
            .map(|table| TableRows { table: table.table.clone(), rows: table.rows, bytes: table.bytes })
            .collect(),
        headline,
        switched_off: switched_off(&ingested),
        warnings,
        elapsed: started.elapsed(),
        peak_memory_bytes: observe::peak_memory_bytes(),
    })))
}

fn refusal(snapshot: Snapshot, changes: &[String]) -> Error {
    let message = format!("the snapshot of {} is published already, and these have changed since", snapshot.as_of);
    let shown = changes.iter().take(CHANGES_SHOWN);
    let error = shown.fold(Error::new(Kind::Data, message), |error, change| error.detail(change.as_str()));
    let error = match changes.len().checked_sub(CHANGES_SHOWN) {
        Some(more @ 1..) => error.detail(format!("and {more} more")),
        _ => error,
    };
    error.hint("a published snapshot is never rewritten: the change takes effect from the next as_of on")
}

/// An engine over what was read, with all tables that models read but don't make.
pub(super) async fn prepare(
    pipeline: &Pipeline,
    catalog: &Catalog,
    ingested: &Ingested,
    snapshot: Snapshot,
    rulers: &Rulers,
    work: &Path,
) -> Result<Engine> {
    let policy = pipeline.policies.on(snapshot.as_of);
    let keys = ScopeKeys::of(&ingested.dictionaries);
    let facts = |moment| facts::facts(pipeline, policy, snapshot, moment, keys);
    let engine = Engine::new(&pipeline.limits, work, facts)?;
    stage_tables(&engine, pipeline, catalog, ingested, snapshot, Some(rulers)).await?;
    Ok(engine)
}

/// A record that can't be read keeps nobody from publishing, and is told of until someone has looked.
fn damaged(record: &DamagedRecord) -> String {
    format!("the commit record {} can't be read: {}; see `rfmart verify`", record.key, record.cause)
}

fn switched_off(ingested: &Ingested) -> Vec<&'static str> {
    let missing = ingested.entities.iter().filter(|(_, staged)| !staged.is_present);
    let own_orders = ingested.has_own_orders.then_some(WITHOUT_ORDER_ID);
    let sentences: Vec<_> = missing.filter_map(|(entity, _)| without(*entity)).chain(own_orders).collect();
    for sentence in &sentences {
        info!("switched off: {sentence}");
    }
    sentences
}

/// Builds all models in their order; `judge` is asked as soon as it is known which rows contradict each other.
pub(super) async fn build_all(
    catalog: &Catalog,
    engine: &Engine,
    work: &Path,
    progress: &dyn RunProgress,
    mut judge: impl AsyncFnMut() -> Result<()>,
) -> Result<Vec<WrittenTable>> {
    let order = catalog.order().map_err(Diagnostic::into_error)?;
    let mut written = Vec::new();
    for (done, node) in order.iter().enumerate() {
        let Some(model) = catalog.models.get(&node.model) else {
            return Err(Error::new(Kind::Bug, format!("no model {node}")));
        };
        progress.building(&node.to_string(), done, order.len());
        let started = Instant::now();
        let spent_before = observe::cpu_seconds();
        if model.is_published() {
            written.push(build_published(engine, model, node, work).await?);
        } else {
            engine.build(node, model).await?;
        }
        if node.model == rows::CONFLICTS {
            judge().await?;
        }
        let cpu_seconds = observe::cpu_seconds().zip(spent_before).map(|(now, before)| now - before);
        info!(model = %node, seconds = started.elapsed().as_secs_f64(), cpu_seconds, "built");
    }
    Ok(written)
}

async fn build_published(engine: &Engine, model: &Model, node: &Node, work: &Path) -> Result<WrittenTable> {
    let failed = |cause| engine::failed(&model.file, &cause);
    let rows = engine.rows(node, model).await?;
    let folder = published_folder(work, &model.name);
    let file = folder.join("part-0.parquet");
    let written =
        publish::write_table(&model.name, &file, &model.sidecar.schema(), &model.sidecar.grain, rows, failed).await?;
    engine.register_published(model, &folder)?;
    Ok(written)
}

fn published_folder(work: &Path, table: &str) -> PathBuf {
    work.join("publish").join(table)
}

#[cfg(test)]
mod tests;
