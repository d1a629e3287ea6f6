//! What a model's sidecar must say, and what a published table must be, whatever its columns.

use datafusion::sql::parser::Statement;

use super::definition::Model;
use super::metric_rules;
use super::parse::is_ordered;
use super::sidecar::ColumnType;
use crate::diagnostic::{Diagnostic, Place};
use crate::yaml::At;

/// The column that every published table begins its grain with.
const DAY: &str = "as_of";

/// The key of the folders of published tables, which no column may bear.
const FOLDER_KEY: &str = "dt";

/// The mistakes of a model that can be told without planning its query.
pub fn diagnostics(model: &Model, statement: &Statement) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if model.sidecar.description.trim().is_empty() {
        found.push((of_key(model, "description"), "the description is empty; say what the table is for".to_owned()));
    }
    if model.sidecar.grain.is_empty() {
        found.push((of_key(model, "grain"), "the grain is empty; name the columns that identify a row".to_owned()));
    }
    columns(model, &mut found);
    if model.is_published() {
        published(model, &mut found);
    } else if model.is_view() && !model.sidecar.cluster_by.is_empty() {
        let message = "rows that aren't kept lie in no order; leave `cluster_by` out, or let them be kept";
        found.push((of_key(model, "cluster_by"), message.to_owned()));
    }
    let mut diagnostics: Vec<Diagnostic> = found
        .into_iter()
        .map(|(place, message)| Diagnostic::new(&model.sidecar_file, message).at(Some(place)))
        .collect();
    diagnostics.extend(metric_rules::diagnostics(model));
    if model.is_published() && !is_ordered(statement) {
        let end = Place::of_byte(&model.sql, model.sql.trim_end().len());
        let message = "a published table is ordered by its grain; end the query with an `order by`";
        diagnostics.push(Diagnostic::new(&model.file, message).at(Some(end)));
    }
    diagnostics
}

fn columns(model: &Model, found: &mut Vec<(Place, String)>) {
    for (position, column) in model.sidecar.columns.iter().enumerate() {
        let mut tell = |message| found.push((of_column(model, position), message));
        if column.description.trim().is_empty() {
            tell(format!("the description of {} is empty; say what it means", column.name));
        }
        if model.sidecar.columns.iter().take(position).any(|other| other.name == column.name) {
            tell(format!("{} is declared twice", column.name));
        }
        if column.name == FOLDER_KEY {
            tell(format!(
                "no column may be named {FOLDER_KEY}: the folders of published tables are; take another name"
            ));
        }
    }
}

fn published(model: &Model, found: &mut Vec<(Place, String)>) {
    let sidecar = &model.sidecar;
    let mut tell = |key, message| found.push((of_key(model, key), message));
    if sidecar.columns.is_empty() {
        tell("columns", "a published table declares its columns; add them with type and description".to_owned());
        return;
    }
    if sidecar.moments {
        tell("moments", "a published table is of one day; leave `moments` out, or make an int_ model".to_owned());
    }
    if !sidecar.materialize {
        tell("materialize", "a published table is always written; leave `materialize` out".to_owned());
    }
    if !sidecar.cluster_by.is_empty() {
        tell("cluster_by", "a published table is ordered by its grain; leave `cluster_by` out".to_owned());
    }
    if sidecar.grain.first().is_some_and(|first| first != DAY) {
        tell("grain", format!("the grain of a published table starts with {DAY}"));
    }
    for column in &sidecar.grain {
        let declared = sidecar.columns.iter().find(|declared| declared.name == *column);
        match declared.map(|declared| declared.kind) {
            None => tell("grain", format!("{column} is in the grain, but not declared as a column")),
            Some(kind) if column == DAY && kind != ColumnType::Date => tell("grain", format!("{DAY} must be a date")),
            Some(_) => {}
        }
    }
}

/// Where a model's sidecar has a key of its own, or should have it.
pub fn of_key(model: &Model, key: &str) -> Place {
    model.places.key(&At::root().key(key))
}

/// Where a model's sidecar names its column at `position`, from 0.
pub fn of_column(model: &Model, position: usize) -> Place {
    model.places.value(&At::root().key("columns").index(position).key("name"))
}
