//! The tables of a run that publishes nothing.

use super::execute::prepare;
use super::facts::Snapshot;
use super::frozen::Rulers;
use super::models::{Asked, Workshop};
use super::work_folder::WorkFolder;
use crate::config::Pipeline;
use crate::engine::Engine;
use crate::model::Catalog;
use crate::observe::{Quiet, RunProgress};
use crate::storage::Stores;
use crate::{Result, check, source};

/// Tables as a run makes them, to be asked through their engine.
pub struct Built {
    /// Knows all tables of the run.
    pub engine: Engine,
    /// Holds their rows.
    _work: WorkFolder,
}

/// Reads the sources of `pipeline` and builds the models of `catalog`, as a run does before it publishes. There is no
/// warehouse to take frozen cut points from.
///
/// # Errors
/// Whatever keeps a run from publishing: too many rejected rows, a model that fails, a check that finds rows.
pub async fn build(pipeline: &Pipeline, catalog: &Catalog, snapshot: Snapshot) -> Result<Built> {
    let work = WorkFolder::create(&pipeline.limits)?;
    let stores = Stores::new(pipeline.storage.clone());
    let ingested = source::ingest(pipeline, &stores, snapshot.as_of, work.path(), Quiet.reading()).await?;
    let engine = prepare(pipeline, catalog, &ingested, snapshot, &Rulers::default(), work.path()).await?;
    let at_once = pipeline.limits.models_at_once;
    let workshop = Workshop { catalog, engine: &engine, work: work.path(), at_once, asked: Asked::Any };
    workshop.build_all(&Quiet, async || Ok(())).await?;
    check::run(catalog, &engine).await?;
    Ok(Built { engine, _work: work })
}
