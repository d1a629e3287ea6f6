//! Runs a pipeline for one day.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::Utc;
use sha2::{Digest, Sha256};
use tracing::info;

use super::empty::{self, Empty};
use super::facts::{self, Snapshot};
use super::frozen::Rulers;
use super::headline;
use super::outcome::{Outcome, Published, TableRows, WITHOUT_ORDER_ID, without};
use super::plan::{CHANGES_SHOWN, Plan, Verdict, plan};
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
use crate::publish::{self, Commit, EntityRows, Input, PublishedFile, Warehouse, WrittenTable};
use crate::source::{self, Ingested, InputObject, ScopeKeys};
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
    let plan = plan(pipeline, &catalog, &stores, &warehouse, snapshot).await?;
    match (&plan.verdict, plan.published()) {
        (Verdict::UpToDate, Some(published)) => {
            // A run that died after its commit left this one row unwritten.
            if !warehouse.has(&publish::partition_key(publish::DIM_SNAPSHOT, snapshot.as_of)).await? {
                warehouse.put_dim_snapshot(published, work.path()).await?;
            }
            return Ok(Outcome::UpToDate(Box::new(published.clone())));
        }
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
    warnings.extend(check::run(&catalog, &engine).await?);
    let rows = rows::read(&engine, pipeline, &ingested, &conflicts).await?;
    let headline = headline::read(&engine, &catalog).await?;
    progress.begin("Publishing");
    let commit = publish_all(pipeline, &plan, &warehouse, &ingested, rows, &written, work.path()).await?;
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

async fn publish_all(
    pipeline: &Pipeline,
    plan: &Plan,
    warehouse: &Warehouse,
    ingested: &Ingested,
    rows: BTreeMap<String, EntityRows>,
    written: &[WrittenTable],
    work: &Path,
) -> Result<Commit> {
    let as_of = plan.snapshot.as_of;
    warehouse.commits().refuse_taken(plan.next_number()).await?;
    let mut files = Vec::new();
    for table in written {
        files.push(warehouse.put_table(table, as_of).await?);
    }
    files.extend(put_rejected(warehouse, ingested, plan, work).await?);
    let commit = commit_record(pipeline, plan, ingested, rows, files);
    warehouse.commits().create(&commit).await?;
    warehouse.put_dim_snapshot(&commit, work).await?;
    Ok(commit)
}

/// Rejected rows go beside the commits, in one file however many threads set them aside.
async fn put_rejected(
    warehouse: &Warehouse,
    ingested: &Ingested,
    plan: &Plan,
    work: &Path,
) -> Result<Option<PublishedFile>> {
    if ingested.rejected.is_empty() {
        return Ok(None);
    }
    let path = work.join("rejected.parquet");
    let written = source::gather_rejected(&ingested.rejected, &path)?;
    let key = publish::partition_key("_rfmart/rejected", plan.snapshot.as_of);
    warehouse.put(&path, &key).await?;
    let (bytes, sha256) = publish::digest(&path)?;
    Ok(Some(PublishedFile { table: "_rfmart/rejected".to_owned(), path: key, rows: written, bytes, sha256 }))
}

fn commit_record(
    pipeline: &Pipeline,
    plan: &Plan,
    ingested: &Ingested,
    rows: BTreeMap<String, EntityRows>,
    files: Vec<PublishedFile>,
) -> Commit {
    let parent = plan.history.last().map(|commit| commit.number);
    let committed_at = Utc::now();
    let nonce = Sha256::digest(format!("{committed_at:?} {} {:p}", std::process::id(), &files));
    Commit {
        format: 1,
        number: plan.next_number(),
        parent,
        run_id: run_id(pipeline, plan, &ingested.inputs),
        nonce: format!("{nonce:x}"),
        pipeline: pipeline.name.clone(),
        as_of: plan.snapshot.as_of,
        period: plan.snapshot.period.label(),
        is_period_end: plan.snapshot.is_period_end(),
        committed_at,
        rfmart_version: env!("CARGO_PKG_VERSION").to_owned(),
        policy_sha256: plan.policy_sha256.clone(),
        id_scheme: plan.id_scheme.clone(),
        sql_sha256: plan.sql_sha256.clone(),
        inputs: ingested.inputs.iter().map(input).collect(),
        rows,
        files,
    }
}

/// Names the result by what it was made of: contents, not places or times.
fn run_id(pipeline: &Pipeline, plan: &Plan, inputs: &[InputObject]) -> String {
    let mut contents: Vec<&str> = inputs.iter().map(|input| input.sha256.as_str()).collect();
    contents.sort_unstable();
    let made_of = (&pipeline.name, plan.snapshot.as_of, &plan.policy_sha256, &plan.sql_sha256, contents);
    let hash = format!("{:x}", Sha256::digest(format!("{made_of:?}")));
    format!("{}-{}", plan.snapshot.as_of, hash.get(..12).unwrap_or(&hash))
}

fn input(object: &InputObject) -> Input {
    Input {
        entity: object.entity.name().to_owned(),
        url: object.url.clone(),
        size_bytes: object.size_bytes,
        e_tag: object.e_tag.clone(),
        last_modified: object.last_modified,
        sha256: object.sha256.clone(),
    }
}

#[cfg(test)]
mod tests;
