//! The order in which models run, inferred from the tables they read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::catalog::{Catalog, Model};
use crate::{Error, Kind, Result};

/// The day as of which a model is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moment {
    /// The snapshot's day.
    Closing,
    /// The day before the snapshot's period began.
    Opening,
    /// A horizon before the snapshot's day: since then it is known who came back.
    Baseline,
}

impl Moment {
    /// All moments.
    pub const ALL: [Moment; 3] = [Moment::Closing, Moment::Opening, Moment::Baseline];

    /// The schema in which SQL finds the tables of the moment.
    pub fn schema(self) -> &'static str {
        match self {
            Moment::Closing => "public",
            Moment::Opening => "opening",
            Moment::Baseline => "baseline",
        }
    }

    /// The moment that a reference asks for by its schema, and the table's name.
    fn of(reference: &str) -> Option<(Moment, &str)> {
        let (schema, name) = reference.split_once('.')?;
        Some((Moment::ALL.into_iter().find(|moment| moment.schema() == schema)?, name))
    }
}

/// A model at a moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// Model name.
    pub model: String,
    /// When it is evaluated.
    pub moment: Moment,
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.moment {
            Moment::Closing => f.write_str(&self.model),
            moment => write!(f, "{}.{}", moment.schema(), self.model),
        }
    }
}

/// Prefixes of the tables that a run brings along: staged rows, run facts, policy, seeds.
const GIVEN: [&str; 4] = ["src_", "run_", "policy_", "seed_"];

impl Catalog {
    /// Every model, each after those it reads; at an earlier moment only where a closing model reads it there.
    ///
    /// # Errors
    /// A reference to a table that doesn't exist, or a cycle; names file and table.
    pub fn order(&self) -> Result<Vec<Node>> {
        let mut walk = Walk { catalog: self, done: BTreeSet::new(), path: Vec::new(), order: Vec::new() };
        for name in self.models.keys() {
            walk.visit(Node { model: name.clone(), moment: Moment::Closing })?;
        }
        Ok(walk.order)
    }

    /// The nodes that `node` reads directly.
    ///
    /// # Errors
    /// A reference to a table that doesn't exist.
    pub fn inputs(&self, node: &Node) -> Result<Vec<Node>> {
        let Some(model) = self.models.get(&node.model) else {
            return Ok(Vec::new());
        };
        let mut inputs = BTreeMap::new();
        for reference in &model.references {
            if let Some(input) = self.resolve(model, node.moment, reference)? {
                inputs.insert(input, ());
            }
        }
        Ok(inputs.into_keys().collect())
    }

    fn resolve(&self, model: &Model, moment: Moment, reference: &str) -> Result<Option<Node>> {
        let (asked, name) = Moment::of(reference).unwrap_or((moment, reference));
        if GIVEN.iter().any(|prefix| name.starts_with(prefix)) {
            return Ok(None);
        }
        let Some(found) = self.models.get(name) else {
            let near = self.models.keys().min_by_key(|known| strsim::levenshtein(known, name));
            let hint = near.map_or_else(String::new, |near| format!("did you mean {near}?"));
            let message = format!("{} reads the table {name}, which no model makes", model.file);
            return Err(Error::new(Kind::Config, message).hint(hint));
        };
        let moment = if found.sidecar.moments { asked } else { Moment::Closing };
        Ok(Some(Node { model: name.to_owned(), moment }))
    }
}

struct Walk<'a> {
    catalog: &'a Catalog,
    done: BTreeSet<Node>,
    path: Vec<Node>,
    order: Vec<Node>,
}

impl Walk<'_> {
    fn visit(&mut self, node: Node) -> Result<()> {
        if self.done.contains(&node) {
            return Ok(());
        }
        if let Some(start) = self.path.iter().position(|open| *open == node) {
            let cycle = self.path.iter().skip(start).chain([&node]).map(ToString::to_string).collect::<Vec<_>>();
            return Err(Error::new(Kind::Config, "models read each other in a circle").detail(cycle.join(" → ")));
        }
        self.path.push(node.clone());
        for input in self.catalog.inputs(&node)? {
            self.visit(input)?;
        }
        self.path.pop();
        self.done.insert(node.clone());
        self.order.push(node);
        Ok(())
    }
}
