//! Runs a pipeline for one day.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use tracing::info;

use super::consent::Consent;
use super::empty::{self, Empty};
use super::facts::{self, Snapshot};
use super::frozen::Rulers;
use super::headline;
use super::models::{Asked, Workshop};
use super::outcome::{Outcome, Published, TableRows, WITHOUT_ORDER_ID, without};
use super::plan::{Verdict, plan};
use super::publishing::{self, Made, Told};
use super::rehearse::rehearse_own;
use super::restate;
use super::rows;
use super::shrunk;
use super::stage_tables::stage_tables;
use super::stale;
use super::work_folder::WorkFolder;
use crate::check;
use crate::config::Pipeline;
use crate::engine::Engine;
use crate::model::Catalog;
use crate::observe::{self, RunProgress};
use crate::publish::{DamagedRecord, EntityRows, Restated, Settled, Warehouse};
use crate::source::{self, Held, Ingested, ScopeKeys};
use crate::storage::Stores;
use crate::{Error, Kind, Result};

/// Runs `pipeline` for `snapshot` over `stores`, and publishes its tables or finds that they are up to date.
///
/// # Errors
/// Whatever keeps the snapshot from being published; the last good one stays as it is.
pub async fn run(
    pipeline: &Pipeline,
    stores: &Stores,
    snapshot: Snapshot,
    consent: &Consent,
    progress: &dyn RunProgress,
) -> Result<Outcome> {
    let mut held = Held::default();
    let mut failed: Vec<Error> = Vec::new();
    loop {
        let error = match attempt(pipeline, stores, snapshot, consent, progress, &held).await {
            Err(error) if pipeline.limits.holds_branches && consent.empty == Empty::Refused => error,
            ended => return ended,
        };
        let goes_on = held.add(error.exports(), &error.cause());
        info!("{}", error.cause());
        failed.push(error);
        if !goes_on {
            return Err(first_of(failed));
        }
    }
}

/// What kept a run from being published, and why nothing could stand in for it.
fn first_of(failed: Vec<Error>) -> Error {
    let others: Vec<String> = failed.iter().skip(1).map(Error::cause).collect();
    let first = failed.into_iter().next().unwrap_or_else(|| Error::new(Kind::Bug, "a run ended without an end"));
    others.into_iter().fold(first, Error::detail)
}

/// One try, in which the rows that were kept stand in for exports that are `held`.
async fn attempt(
    pipeline: &Pipeline,
    stores: &Stores,
    snapshot: Snapshot,
    consent: &Consent,
    progress: &dyn RunProgress,
    held: &Held,
) -> Result<Outcome> {
    let started = Instant::now();
    let catalog = Catalog::of_pipeline(pipeline)?;
    rehearse_own(pipeline, &catalog, snapshot).await?;
    let work = WorkFolder::create(&pipeline.limits)?;
    let warehouse = Warehouse::open(&pipeline.publish.location, stores)?;
    warehouse.make()?;
    progress.begin("Looking at what is there");
    let history = warehouse.commits().read_all().await?;
    let settled = warehouse.settle(&history).await?;
    if settled != Settled::default() {
        info!(moved = settled.moved, removed = settled.removed, "settled what earlier runs left");
    }
    if pipeline.publish.delta {
        warehouse.write_delta(&history).await?;
    }
    if settled.restating > 0 {
        warehouse.remove_superseded(&history).await?;
    }
    let plan = plan(pipeline, &catalog, stores, &warehouse, history, snapshot, held).await?;
    if let (Verdict::UpToDate, Some(published)) = (&plan.verdict, plan.published()) {
        return Ok(Outcome::UpToDate(Box::new(published.clone())));
    }

    progress.begin("Reading");
    let reading =
        source::ingest_listed(pipeline, stores, snapshot.as_of, work.path(), progress.reading(), &plan.listing);
    let mut ingested = match reading.await {
        Ok(ingested) => ingested,
        Err(error) if error.kind() == Kind::Data => return Err(work.keep_rejected(error)),
        Err(error) => return Err(error),
    };
    let mut warnings = empty::gate(&ingested, &plan, consent.empty)?;
    let rulers = Rulers::read(&plan.frozen, &warehouse).await?;
    let engine = prepare(pipeline, &catalog, &ingested, snapshot, &rulers, work.path()).await?;
    let mut conflicts = rows::Conflicts::new();
    let judge = async || {
        conflicts = rows::judge(&engine, pipeline, &ingested).await?;
        Ok(())
    };
    let at_once = pipeline.limits.models_at_once;
    let asked = Asked::OfARun;
    let workshop = Workshop { catalog: &catalog, engine: &engine, work: work.path(), at_once, asked };
    let written = workshop.build_all(progress, judge).await?;
    progress.begin("Checking");
    warnings.extend(ingested.warnings.iter().cloned());
    warnings.extend(plan.history.damaged().iter().map(damaged));
    warnings.extend(check::run(&catalog, &engine).await?);
    let rows = rows::read(&engine, pipeline, &ingested, &conflicts).await?;
    warnings.extend(shrunk::gate(&engine, &ingested, &rows, &plan, consent).await?);
    ingested.keep(pipeline);
    let stale = stale::find(&engine, &catalog, &plan).await?;
    warnings.extend(stale::warnings(&stale));
    let headline = headline::read(&engine, &catalog).await?;
    progress.begin("Publishing");
    let made = Made::new(pipeline, &plan, &ingested, &written, work.path())?;
    let restates = match published_before(&made, &warehouse, &rows, consent).await? {
        Before::Nothing => None,
        Before::Other(restated) => Some(restated),
        Before::Same(outcome) => return Ok(outcome),
    };
    let package_sessions = rows::package_sessions(&engine, &catalog).await?;
    let told = Told { rows, warnings: &warnings, restates, stale };
    let commit = publishing::publish(&made, &warehouse, told).await?;
    Ok(Outcome::Published(Box::new(Published {
        snapshot,
        location: warehouse.shown().to_owned(),
        commit_number: commit.number,
        restates: commit.restates,
        stale: commit.stale,
        rows: commit.rows,
        package_sessions,
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

/// How what was made compares with what is published of its day.
enum Before {
    Nothing,
    /// The same, but for files that were gone.
    Same(Outcome),
    /// Something else, and it is to be restated.
    Other(Restated),
}

async fn published_before(
    made: &Made<'_>,
    warehouse: &Warehouse,
    rows: &BTreeMap<String, EntityRows>,
    consent: &Consent,
) -> Result<Before> {
    let Some(published) = made.plan.published() else { return Ok(Before::Nothing) };
    let differing = restate::differing(made, published);
    let reason = consent.restate.as_deref();
    // Rows that no table tells of are still not those that the commit tells of: it would count as stale for ever.
    let is_other = !differing.is_empty() || reason.is_some() && stale::differ(rows, &published.rows);
    if let (Verdict::Changed(changes), true) = (&made.plan.verdict, is_other) {
        let restated = restate::restated(made, warehouse, (published, changes), differing, reason);
        return restated.await.map(Before::Other);
    }
    let missing = warehouse.missing(published).await?;
    publishing::restore(made, warehouse, published, &missing).await?;
    let published = Box::new(published.clone());
    Ok(Before::Same(match (&made.plan.verdict, missing.len()) {
        (Verdict::Changed(changes), 0) => Outcome::Unchanged(published, changes.clone()),
        (_, restored) => Outcome::Restored(published, restored),
    }))
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

#[cfg(test)]
mod tests;
