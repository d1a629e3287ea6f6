//! What the definition of a metric must say, and what it takes from the table's columns.

use std::collections::{BTreeMap, BTreeSet};

use super::definition::Model;
use super::measure::Aggregation;
use super::metric::Metric;
use super::sidecar::Sidecar;
use crate::diagnostic::{Diagnostic, Place};
use crate::suggest::write_instead;
use crate::yaml::At;

/// The column that says what kind of scope group a row is of.
pub const SCOPE: &str = "scope";

/// Fills in what metrics leave out from the columns of their names.
pub fn complete(sidecar: &mut Sidecar) {
    for metric in &mut sidecar.metrics {
        let Some(column) = sidecar.columns.iter().find(|column| column.name == metric.name) else { continue };
        if metric.description.trim().is_empty() {
            metric.description.clone_from(&column.description);
        }
        if metric.unit.is_none() {
            metric.unit.clone_from(&column.unit);
        }
    }
}

/// The mistakes in a model's metrics that can be told without planning them.
pub fn diagnostics(model: &Model) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if !model.is_published() && !model.sidecar.metrics.is_empty() {
        let place = model.places.key(&At::root().key("metrics"));
        let message = "only what is published has metrics; leave `metrics` out";
        return vec![Diagnostic::new(&model.sidecar_file, message).at(Some(place))];
    }
    for (position, metric) in model.sidecar.metrics.iter().enumerate() {
        let mistakes = of_name(metric).into_iter().chain(of_meaning(metric)).chain(of_columns(model, metric));
        found.extend(mistakes.map(|(key, message)| {
            let message = format!("{}: {message}", metric.name);
            Diagnostic::new(&model.sidecar_file, message).at(Some(place(model, position, key)))
        }));
    }
    found
}

/// Metrics that bear the name of an earlier one, of whichever table.
pub fn repeated<'a>(models: impl Iterator<Item = &'a Model>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    for model in models {
        for (position, metric) in model.sidecar.metrics.iter().enumerate() {
            if let Some(file) = known.insert(&metric.name, &model.sidecar_file) {
                let message = format!("the metric {} is defined in {file} already; take another name", metric.name);
                let place = place(model, position, "name");
                found.push(Diagnostic::new(&model.sidecar_file, message).at(Some(place)));
            }
        }
    }
    found
}

fn place(model: &Model, position: usize, key: &str) -> Place {
    model.places.value(&At::root().key("metrics").index(position).key(key))
}

/// Semantic layers take names of lower-case words, and none with two underscores, which part a table from its column.
fn of_name(metric: &Metric) -> Option<(&'static str, String)> {
    let name = &metric.name;
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(is_part);
    let is_taken = is_name && !name.contains("__") && !name.ends_with('_');
    (!is_taken).then(|| ("name", "write a name of lower-case words, an underscore between them".to_owned()))
}

fn of_meaning(metric: &Metric) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if metric.description.trim().is_empty() {
        found.push(("name", "no column has this name; say in `description` what the metric means".to_owned()));
    }
    if metric.unit.as_deref().is_none_or(|unit| unit.trim().is_empty()) {
        found.push(("name", "no column of this name has a unit; say in `unit` what is counted".to_owned()));
    }
    let label = &metric.label;
    if [&label.zh_hant, &label.zh_hans, &label.en].iter().any(|text| text.trim().is_empty()) {
        found.push(("label", "a label is empty; write what readers of each language call it".to_owned()));
    }
    found
}

fn of_columns(model: &Model, metric: &Metric) -> Vec<(&'static str, String)> {
    let declared: BTreeSet<&str> = model.sidecar.columns.iter().map(|column| column.name.as_str()).collect();
    let unknown = |column: &str| {
        let names: Vec<&str> = declared.iter().copied().collect();
        (!declared.contains(column))
            .then(|| format!("the table has no column {column}; {}", write_instead(column, &names)))
    };
    let measures = [("measure", Some(&metric.measure)), ("per", metric.per.as_ref())];
    let mut found = Vec::new();
    for (key, measure) in measures.into_iter().filter_map(|(key, measure)| Some((key, measure?))) {
        match Aggregation::read(measure) {
            Ok(read) => found.extend(read.columns.iter().filter_map(|column| Some((key, unknown(column)?)))),
            Err(refusal) => found.push((key, refusal)),
        }
    }
    if !metric.scopes.is_empty() && !model.sidecar.grain.iter().any(|column| column == SCOPE) {
        found.push(("scopes", format!("the table's grain has no {SCOPE}; leave `scopes` out")));
    }
    found.extend(metric.additive_over.iter().filter_map(|column| Some(("additive_over", unknown(column)?))));
    found
}
