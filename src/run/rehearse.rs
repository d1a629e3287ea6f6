//! Builds every model and check without rows, to tell what is wrong with them before anything is read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::prelude::DataFrame;

use super::facts::{self, Snapshot};
use super::stage_tables::stage_tables;
use super::{headline, rows};
use crate::Result;
use crate::config::Pipeline;
use crate::diagnostic::Diagnostic;
use crate::engine::Engine;
use crate::model::{Catalog, Model, Moment, Node, mismatches, refuse, table_name};
use crate::source::{Ingested, ScopeKeys};
use crate::yaml::At;

/// What each model and check gives, by its name.
pub type Schemas = BTreeMap<String, SchemaRef>;

/// Rehearses a project that has files of its own. Models and checks that ship are rehearsed by a test, not each time.
///
/// # Errors
/// As [`rehearse`].
pub async fn rehearse_own(pipeline: &Pipeline, catalog: &Catalog, snapshot: Snapshot) -> Result<()> {
    if !catalog.is_built_in() {
        rehearse(pipeline, catalog, snapshot).await?;
    }
    Ok(())
}

/// Plans all models in their order and all checks, as a run would, over tables without rows. Tells what each gives.
///
/// # Errors
/// Every mistake in the SQL and the sidecars, at once, with file, line and column. What reads the table of a
/// model that has a mistake is not looked at before that is mended.
pub async fn rehearse(pipeline: &Pipeline, catalog: &Catalog, snapshot: Snapshot) -> Result<Schemas> {
    let empty = Ingested::empty()?;
    let keys = ScopeKeys::of(&empty.dictionaries);
    let policy = pipeline.policies.on(snapshot.as_of);
    let facts = |moment| facts::facts(pipeline, policy, snapshot, moment, keys);
    let engine = Engine::rehearsal(&pipeline.limits, facts)?;
    stage_tables(&engine, pipeline, catalog, &empty, snapshot, None).await?;
    let (unsound, diagnostics) = catalog.unknown_tables().into_iter().unzip();
    let mut rehearsal = Rehearsal { catalog, engine: &engine, unsound, diagnostics, schemas: Schemas::new() };
    match catalog.order() {
        Ok(order) => rehearsal.all(&order).await?,
        Err(circle) => rehearsal.diagnostics.push(circle),
    }
    let mut diagnostics = rehearsal.diagnostics;
    if diagnostics.is_empty() {
        return Ok(rehearsal.schemas);
    }
    diagnostics.sort();
    // A model of several moments is planned once for each.
    diagnostics.dedup();
    Err(refuse(&diagnostics))
}

struct Rehearsal<'a> {
    catalog: &'a Catalog,
    engine: &'a Engine,
    /// Models and checks that can't be planned, or read the table of one that can't.
    unsound: BTreeSet<String>,
    diagnostics: Vec<Diagnostic>,
    schemas: Schemas,
}

impl Rehearsal<'_> {
    async fn all(&mut self, order: &[Node]) -> Result<()> {
        for node in order {
            if let Some(model) = self.catalog.models.get(&node.model) {
                self.model(node, model).await?;
            }
        }
        for check in self.catalog.checks.values() {
            if self.is_sound(&check.name, &check.references) {
                let planned = self.engine.rehearse(&check.file, &check.sql, Moment::Closing).await;
                match planned {
                    Ok(frame) => self.gives(&check.name, &frame),
                    Err(diagnostics) => self.diagnostics.extend(diagnostics),
                }
            }
        }
        let own = headline::queries(self.catalog).map(|sql| (headline::SHOWN, sql));
        for (shown, sql) in own.chain(rows::queries(self.catalog).map(|sql| (rows::SHOWN, sql))) {
            let planned = self.engine.rehearse(shown, sql, Moment::Closing).await;
            self.diagnostics.extend(planned.err().into_iter().flatten().map(|diagnostic| diagnostic.at(None)));
        }
        Ok(())
    }

    async fn model(&mut self, node: &Node, model: &Model) -> Result<()> {
        let mut planned = None;
        if self.is_sound(&model.name, &model.references) {
            match self.engine.rehearse(&model.file, &model.sql, node.moment).await {
                Ok(frame) => {
                    self.diagnostics.extend(mismatches(model, frame.schema().as_arrow()));
                    self.gives(&model.name, &frame);
                    planned = Some(frame);
                }
                Err(diagnostics) => self.diagnostics.extend(diagnostics),
            }
        }
        // The columns of a published table are known from its sidecar alone.
        if planned.is_none() && !model.is_published() {
            self.unsound.insert(model.name.clone());
        }
        self.engine.stand_in(node, model, planned).await?;
        self.metrics(model).await;
        Ok(())
    }

    /// Metrics are asked for over the published table.
    async fn metrics(&mut self, model: &Model) {
        for (position, metric) in model.sidecar.metrics.iter().enumerate() {
            let query = format!("select {} from {}", metric.sql(), model.name);
            let planned = self.engine.rehearse(&model.sidecar_file, &query, Moment::Closing).await;
            if planned.is_err() {
                let message =
                    format!("{}: `{}` can't be worked out of columns of these types", metric.name, metric.sql());
                let place = model.places.value(&At::root().key("metrics").index(position).key("measure"));
                self.diagnostics.push(Diagnostic::new(&model.sidecar_file, message).at(Some(place)));
            }
        }
    }

    fn gives(&mut self, name: &str, frame: &DataFrame) {
        self.schemas.insert(name.to_owned(), Arc::new(frame.schema().as_arrow().clone()));
    }

    fn is_sound(&self, name: &str, references: &[String]) -> bool {
        !self.unsound.contains(name) && !references.iter().any(|reference| self.unsound.contains(table_name(reference)))
    }
}
