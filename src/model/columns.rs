//! Holds the columns that a query gives against those that its sidecar declares.

use arrow::datatypes::{DataType, Schema};

use super::clustering;
use super::definition::Model;
use super::header;
use super::rules::{of_column, of_key};
use super::sidecar::{ColumnSpec, ColumnType};
use crate::diagnostic::{Diagnostic, Place};

/// Where the columns of `found`, which the model's query gives, differ from its sidecar.
pub fn mismatches(model: &Model, found: &Schema) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let in_sidecar = |place, message: String| Diagnostic::new(&model.sidecar_file, message).at(Some(place));
    for column in model.sidecar.grain.iter().filter(|column| found.column_with_name(column).is_none()) {
        let message = format!("{column} is in the grain, but the query gives no such column");
        diagnostics.push(match model.sidecar.has_grain_of_header {
            true => Diagnostic::new(&model.file, message).at(Some(header::of_grain(&model.sql, column))),
            false => in_sidecar(of_key(model, "grain"), message),
        });
    }
    if let Err(flaw) = clustering::positions(&model.sidecar.cluster_by, found) {
        diagnostics.push(in_sidecar(of_key(model, "cluster_by"), flaw));
    }
    let declared = &model.sidecar.columns;
    if declared.is_empty() {
        return diagnostics;
    }
    for (position, column) in declared.iter().enumerate() {
        let place = || of_column(model, position);
        match found.field_with_name(&column.name) {
            Err(_) => diagnostics.push(in_sidecar(place(), missing(model, column))),
            Ok(field) if !fits(field.data_type(), column.kind) => {
                let (name, given) = (&column.name, field.data_type());
                let message = format!("{name} is declared as {}, but the query gives {given}", column.kind.name());
                diagnostics.push(in_sidecar(place(), message + "; declare that, or cast in the query"));
            }
            Ok(_) => {}
        }
    }
    let is_declared = |name: &str| declared.iter().any(|column| column.name == name);
    for field in found.fields().iter().filter(|field| !is_declared(field.name())) {
        let message = format!("the query gives {}, which {} doesn't declare", field.name(), model.sidecar_file);
        let message = message + "; add it there with type and description, or leave it out";
        diagnostics.push(Diagnostic::new(&model.file, message).at(last_named(&model.sql, field.name())));
    }
    let given: Vec<&str> = found.fields().iter().map(|field| field.name().as_str()).collect();
    if diagnostics.is_empty() && declared.iter().map(|column| column.name.as_str()).ne(given.iter().copied()) {
        let message = format!("the columns are in another order than the query gives: {}", given.join(", "));
        diagnostics.push(in_sidecar(of_key(model, "columns"), message));
    }
    diagnostics
}

fn missing(model: &Model, column: &ColumnSpec) -> String {
    format!("{} is declared, but {} doesn't give it; add it to the query, or leave it out", column.name, model.file)
}

/// Whether values of a type can be written as the declared one without being read as something else.
fn fits(given: &DataType, declared: ColumnType) -> bool {
    let is_text = matches!(given, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    match declared {
        _ if given.is_null() => true,
        ColumnType::Date => matches!(given, DataType::Date32),
        ColumnType::Text => is_text,
        ColumnType::Boolean => matches!(given, DataType::Boolean),
        ColumnType::Int | ColumnType::Bigint => given.is_integer(),
        ColumnType::Money => given.is_decimal() || given.is_integer(),
        ColumnType::Double => given.is_numeric(),
        ColumnType::Timestamp => matches!(given, DataType::Timestamp(..)),
    }
}

/// Where a text last has a word: a query's result is named at its end.
fn last_named(sql: &str, word: &str) -> Option<Place> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let byte = sql.rmatch_indices(word).map(|(at, _)| at).find(|at| {
        let before = sql.get(..*at).unwrap_or_default();
        let after = sql.get(at + word.len()..).unwrap_or_default();
        !before.ends_with(is_part) && !after.starts_with(is_part)
    });
    byte.map(|byte| Place::of_byte(sql, byte))
}
