//! The order in which models run, inferred from the tables they read.

use std::collections::BTreeSet;
use std::fmt;

use super::catalog::Catalog;
use super::definition::Model;
use super::parse::place_of_table;
use crate::diagnostic::Diagnostic;
use crate::suggest::write_instead;

/// The day as of which a model is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moment {
    /// The snapshot's day.
    Closing,
    /// The day before the snapshot's period began.
    Opening,
    /// A horizon before the snapshot's day: since then it is known who came back.
    Baseline,
    /// A horizon before the baseline: what the baseline's own snapshot looked back to.
    Earlier,
}

impl Moment {
    /// All moments.
    pub const ALL: [Moment; 4] = [Moment::Closing, Moment::Opening, Moment::Baseline, Moment::Earlier];

    /// The schema in which SQL finds the tables of the moment.
    pub fn schema(self) -> &'static str {
        match self {
            Moment::Closing => "public",
            Moment::Opening => "opening",
            Moment::Baseline => "baseline",
            Moment::Earlier => "earlier",
        }
    }

    /// The moment that a model evaluated at this one reads where it asks for `asked`: what is a horizon before the
    /// baseline, there, is earlier still.
    pub fn seen_from(self, asked: Moment) -> Moment {
        if (self, asked) == (Moment::Baseline, Moment::Baseline) { Moment::Earlier } else { asked }
    }

    /// The moment that a reference asks for by its schema, and the table's name.
    fn of(reference: &str) -> Option<(Moment, &str)> {
        let (schema, name) = reference.split_once('.')?;
        Some((Moment::of_schema(schema)?, name))
    }

    /// The moment whose tables stand in `schema`.
    pub fn of_schema(schema: &str) -> Option<Moment> {
        Moment::ALL.into_iter().find(|moment| moment.schema() == schema)
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

/// Prefixes of the tables that a run brings along: staged rows, run facts, policy.
const GIVEN: [&str; 3] = ["src_", "run_", "policy_"];

/// Models by which a run judges what it has read: made whatever is published, and before all others.
pub(super) const INPUT_QUALITY: [&str; 2] = ["int_key_conflict", "int_row_count"];

/// The name of the table that a reference means, at whichever moment.
pub fn table_name(reference: &str) -> &str {
    Moment::of(reference).map_or(reference, |(_, name)| name)
}

impl Catalog {
    /// Every model, those that judge the input first, each after those it reads; at an earlier moment only where a
    /// closing model reads it there.
    /// Tables that no model makes are none of its business: [`Catalog::unknown_tables`] tells them.
    ///
    /// # Errors
    /// Models that read each other in a circle.
    pub fn order(&self) -> Result<Vec<Node>, Diagnostic> {
        let mut walk = Walk { catalog: self, done: BTreeSet::new(), path: Vec::new(), order: Vec::new() };
        let first = INPUT_QUALITY.iter().filter_map(|name| self.models.get_key_value(*name)).map(|(name, _)| name);
        for name in first.chain(self.models.keys()) {
            walk.visit(Node { model: name.clone(), moment: Moment::Closing })?;
        }
        Ok(walk.order)
    }

    /// The nodes that `node` reads directly.
    pub fn inputs(&self, node: &Node) -> Vec<Node> {
        let references = self.models.get(&node.model).into_iter().flat_map(|model| &model.references);
        let inputs: BTreeSet<Node> = references.filter_map(|reference| self.resolve(node.moment, reference)).collect();
        inputs.into_iter().collect()
    }

    /// The model that a reference means, and when it is evaluated; none for other tables.
    fn resolve(&self, moment: Moment, reference: &str) -> Option<Node> {
        let (asked, name) =
            Moment::of(reference).map_or((moment, reference), |(asked, name)| (moment.seen_from(asked), name));
        let found = self.models.get(name)?;
        let moment = if found.sidecar.moments { asked } else { Moment::Closing };
        Some(Node { model: name.to_owned(), moment })
    }

    /// The tables that a model reads directly, by name: of both moments, and with the list of what may be repeated
    /// as part of a source.
    pub fn reads(&self, model: &Model) -> BTreeSet<String> {
        let table = |reference: &String| {
            let table = table_name(reference);
            table.strip_suffix("_repeated").filter(|table| table.starts_with("src_")).unwrap_or(table).to_owned()
        };
        model.references.iter().map(table).collect()
    }

    /// The tables that no model makes and `model` depends on, through whichever models.
    pub fn origins(&self, model: &Model) -> BTreeSet<String> {
        let all = self.with_inputs(self.reads(model));
        all.into_iter().filter(|table| !self.models.contains_key(table)).collect()
    }

    /// Tables with all that they are made from, through whichever models.
    pub(super) fn with_inputs(&self, tables: impl IntoIterator<Item = String>) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<String> = tables.into_iter().collect();
        while let Some(table) = open.pop() {
            if let Some(model) = self.models.get(&table)
                && !seen.contains(&table)
            {
                open.extend(self.reads(model));
            }
            seen.insert(table);
        }
        seen
    }

    /// The references to tables that nothing makes, each with the name of the model or check that has it.
    pub fn unknown_tables(&self) -> Vec<(String, Diagnostic)> {
        let models = self.models.values().map(|model| (&model.name, &model.file, &model.sql, &model.references));
        let checks = self.checks.values().map(|check| (&check.name, &check.file, &check.sql, &check.references));
        let known: Vec<&str> = self.models.keys().chain(self.seeds.keys()).map(String::as_str).collect();
        let mut diagnostics = Vec::new();
        for (name, file, sql, references) in models.chain(checks) {
            for reference in references.iter().filter(|reference| !self.may_exist(reference)) {
                let table = table_name(reference);
                let message = format!("no model makes the table {reference}; {}", write_instead(table, &known));
                let diagnostic = Diagnostic::new(file, message).at(place_of_table(sql, reference));
                diagnostics.push((name.clone(), diagnostic));
            }
        }
        diagnostics
    }

    fn may_exist(&self, reference: &str) -> bool {
        let table = table_name(reference);
        GIVEN.iter().any(|prefix| reference.starts_with(prefix))
            || self.seeds.contains_key(reference)
            || self.models.contains_key(table)
    }
}

struct Walk<'a> {
    catalog: &'a Catalog,
    done: BTreeSet<Node>,
    path: Vec<Node>,
    order: Vec<Node>,
}

impl Walk<'_> {
    fn visit(&mut self, node: Node) -> Result<(), Diagnostic> {
        if self.done.contains(&node) {
            return Ok(());
        }
        if let Some(start) = self.path.iter().position(|open| *open == node) {
            return Err(self.circle(start));
        }
        self.path.push(node.clone());
        for input in self.catalog.inputs(&node) {
            self.visit(input)?;
        }
        self.path.pop();
        self.done.insert(node.clone());
        self.order.push(node);
        Ok(())
    }

    /// The path from `start` on leads back to its first node.
    fn circle(&self, start: usize) -> Diagnostic {
        let circle: Vec<&Node> = self.path.iter().skip(start).collect();
        let back = circle.first().copied();
        let names: Vec<String> = circle.iter().copied().chain(back).map(ToString::to_string).collect();
        let first = back.and_then(|node| self.catalog.models.get(&node.model));
        let file = first.map(|model| model.file.clone()).unwrap_or_default();
        let place = first.zip(circle.get(1).copied().or(back)).and_then(|(model, next)| {
            let reads = |reference: &&String| table_name(reference) == next.model;
            place_of_table(&model.sql, model.references.iter().find(reads)?)
        });
        Diagnostic::new(file, format!("models read each other in a circle: {}", names.join(" → "))).at(place)
    }
}
