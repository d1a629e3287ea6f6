//! The models of a run, each once those that it reads are there, some side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tracing::info;

use super::{rows, stale};
use crate::diagnostic::Diagnostic;
use crate::engine::{self, Engine};
use crate::model::{self, Catalog, Model, Node};
use crate::observe::{self, RunProgress};
use crate::publish::{self, WrittenTable};
use crate::{Error, Kind, Result};

/// Where models are built.
#[derive(Clone, Copy)]
pub struct Workshop<'a> {
    /// All models.
    pub catalog: &'a Catalog,
    /// Knows what they read.
    pub engine: &'a Engine,
    /// The run's work folder.
    pub work: &'a Path,
    /// How many are built side by side.
    pub at_once: usize,
    /// Which are asked for later.
    pub asked: Asked,
}

/// Which tables are asked for once all are built, beside those that are published. The others go when no model is left
/// that reads them: a night's disk is then not the sum of all that it makes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Any.
    Any,
    /// Those of the checks, and those by which a run accounts for its rows.
    OfARun,
}

impl Asked {
    fn has(self, catalog: &Catalog, model: &Model) -> bool {
        let is_accounted =
            || rows::ASKED.contains(&model.name.as_str()) || model.name == stale::MODEL || model.is_staging();
        let is_checked = || {
            let mut references = catalog.checks.values().flat_map(|check| &check.references);
            references.any(|reference| model::table_name(reference) == model.name)
        };
        self == Asked::Any || model.is_published() || is_accounted() || is_checked()
    }
}

/// A model's place in the order, and what came of it.
type Ended = (usize, Result<Option<WrittenTable>>);

impl Workshop<'_> {
    /// Builds all models; `judge` is asked as soon as it is known which rows contradict each other. The tables that will
    /// be published come in the order of the models.
    ///
    /// Where one fails, those that are being built beside it are waited for, for they write into the work folder.
    ///
    /// # Errors
    /// Those of the first model in the order that fails.
    pub async fn build_all(
        self,
        progress: &dyn RunProgress,
        mut judge: impl AsyncFnMut() -> Result<()>,
    ) -> Result<Vec<WrittenTable>> {
        let order = self.catalog.order().map_err(Diagnostic::into_error)?;
        let mut open = Open::of(self.catalog, &order);
        let mut readers = Readers::of(self.catalog, &order);
        let mut running = FuturesUnordered::new();
        let mut written = Vec::new();
        let mut failed: Vec<(usize, Error)> = Vec::new();
        loop {
            while failed.is_empty()
                && running.len() < self.at_once
                && let Some((place, node)) = open.next()
            {
                progress.building(&node.to_string(), place, order.len());
                running.push(async move { (place, self.build(node).await) });
            }
            let Some(ended): Option<Ended> = running.next().await else { break };
            match ended {
                (place, Ok(table)) => {
                    written.extend(table.map(|table| (place, table)));
                    let Some(node) = open.end(place) else { continue };
                    if node.model == rows::CONFLICTS {
                        failed.extend(judge().await.err().map(|error| (place, error)));
                    }
                    let gone = self.let_go(readers.end(self.catalog, node));
                    failed.extend(gone.err().map(|error| (place, error)));
                }
                (place, Err(error)) => failed.push((place, error)),
            }
        }
        if let Some((_, error)) = failed.into_iter().min_by_key(|(place, _)| *place) {
            return Err(error);
        }
        written.sort_by_key(|(place, _)| *place);
        Ok(written.into_iter().map(|(_, table)| table).collect())
    }

    fn let_go(self, nodes: Vec<Node>) -> Result<()> {
        for node in nodes {
            if let Some(model) = self.catalog.models.get(&node.model)
                && !self.asked.has(self.catalog, model)
            {
                self.engine.let_go(&node, model)?;
            }
        }
        Ok(())
    }

    async fn build(self, node: &Node) -> Result<Option<WrittenTable>> {
        let Some(model) = self.catalog.models.get(&node.model) else {
            return Err(Error::new(Kind::Bug, format!("no model {node}")));
        };
        let started = Instant::now();
        let spent_before = observe::cpu_seconds();
        let written = if model.is_published() {
            Some(self.build_published(model, node).await?)
        } else {
            self.engine.build(node, model).await?;
            None
        };
        // Of the process: beside others, what they spent is in it, too.
        let cpu_seconds = observe::cpu_seconds().zip(spent_before).map(|(now, before)| now - before);
        info!(model = %node, seconds = started.elapsed().as_secs_f64(), cpu_seconds, "built");
        Ok(written)
    }

    async fn build_published(self, model: &Model, node: &Node) -> Result<WrittenTable> {
        let failed = |cause| engine::failed(&model.file, &cause);
        let rows = self.engine.rows(node, model).await?;
        let folder = published_folder(self.work, &model.name);
        let file = folder.join("part-0.parquet");
        let written =
            publish::write_table(&model.name, &file, &model.sidecar.schema(), &model.sidecar.grain, rows, failed)
                .await?;
        self.engine.register_published(model, &folder)?;
        Ok(written)
    }
}

fn published_folder(work: &Path, table: &str) -> PathBuf {
    work.join("publish").join(table)
}

/// Models that aren't begun yet, with those that they wait for.
struct Open<'a> {
    order: &'a [Node],
    /// By place: the inputs that aren't there yet; none once begun.
    waits_for: Vec<Option<BTreeSet<Node>>>,
}

impl<'a> Open<'a> {
    fn of(catalog: &Catalog, order: &'a [Node]) -> Self {
        let waits_for = order.iter().map(|node| Some(catalog.inputs(node).into_iter().collect())).collect();
        Open { order, waits_for }
    }

    /// Takes out the first model in the order whose inputs are all there.
    fn next(&mut self) -> Option<(usize, &'a Node)> {
        let place = self.waits_for.iter().position(|inputs| inputs.as_ref().is_some_and(BTreeSet::is_empty))?;
        self.waits_for.get_mut(place)?.take();
        Some((place, self.order.get(place)?))
    }

    /// The model at `place` is there.
    fn end(&mut self, place: usize) -> Option<&'a Node> {
        let node = self.order.get(place)?;
        for inputs in self.waits_for.iter_mut().flatten() {
            inputs.remove(node);
        }
        Some(node)
    }
}

/// How many models that read a node aren't built yet.
struct Readers(BTreeMap<Node, usize>);

impl Readers {
    fn of(catalog: &Catalog, order: &[Node]) -> Self {
        let mut readers = BTreeMap::new();
        for input in order.iter().flat_map(|node| catalog.inputs(node)) {
            *readers.entry(input).or_default() += 1;
        }
        Readers(readers)
    }

    /// `node` is built; returns what nobody is left to read.
    fn end(&mut self, catalog: &Catalog, node: &Node) -> Vec<Node> {
        let mut is_last = |input: &Node| {
            self.0.get_mut(input).is_some_and(|readers| {
                *readers = readers.saturating_sub(1);
                *readers == 0
            })
        };
        catalog.inputs(node).into_iter().filter(|input| is_last(input)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_let_go_with_the_last_model_that_reads_it() {
        let catalog = Catalog::built_in().expect("the models that ship");
        let order = catalog.order().expect("an order");
        let mut readers = Readers::of(&catalog, &order);
        let mut gone: BTreeSet<Node> = BTreeSet::new();
        for node in &order {
            let inputs = catalog.inputs(node);
            let missing: Vec<&Node> = inputs.iter().filter(|input| gone.contains(input)).collect();
            assert!(missing.is_empty(), "{node} is built when {missing:?} are gone");
            gone.extend(readers.end(&catalog, node));
        }
        let read: BTreeSet<Node> = order.iter().flat_map(|node| catalog.inputs(node)).collect();
        assert_eq!(gone, read);
    }

    #[test]
    fn a_model_is_begun_once_all_that_it_reads_is_there() {
        let catalog = Catalog::built_in().expect("the models that ship");
        let order = catalog.order().expect("an order");
        let mut open = Open::of(&catalog, &order);
        let mut there: BTreeSet<Node> = BTreeSet::new();
        let mut side_by_side = 0;
        loop {
            let begun: Vec<(usize, &Node)> = std::iter::from_fn(|| open.next()).collect();
            for (_, node) in &begun {
                let missing: Vec<Node> =
                    catalog.inputs(node).into_iter().filter(|input| !there.contains(input)).collect();
                assert_eq!(missing, [], "{node} was begun before");
            }
            side_by_side = side_by_side.max(begun.len());
            if begun.is_empty() {
                break;
            }
            for (place, node) in begun {
                open.end(place);
                there.insert(node.clone());
            }
        }
        assert_eq!(there.len(), order.len());
        assert!(side_by_side > 1);
    }
}
