//! The rows that a case gives: of entities, in canonical columns.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::case::Rows;
use super::table::{Cell, Row, Table};
use super::value::is_money;
use crate::diagnostic::Place;
use crate::entity::{Column, ColumnKind, Entity};
use crate::suggest::write_instead;
use crate::yaml::Mistakes;

/// Values of columns where a table leaves them out.
pub type Defaults = BTreeMap<String, Cell>;

/// Notes defaults of columns that no entity has.
pub fn check_defaults(defaults: &Defaults, mistakes: &mut Mistakes) {
    let columns = || Entity::ALL.into_iter().flat_map(Entity::columns);
    for (name, cell) in defaults {
        if !columns().any(|column| column.name == name) {
            let mut names: Vec<&str> = columns().map(|column| column.name).collect();
            names.sort_unstable();
            names.dedup();
            let message = format!("no table has the column `{name}`; {}", write_instead(name, &names));
            mistakes.at(cell.place, message);
        }
    }
}

/// The rows of an entity, filled up with defaults, as they will be read; none after a mistake.
pub fn rows(entity: Entity, table: &Table, defaults: &Defaults, mistakes: &mut Mistakes) -> Option<Rows> {
    let is_known = are_known(entity, &table.columns, mistakes);
    if table.rows.is_empty() {
        return is_known.then(|| header_of(entity));
    }
    let is_written = |column: &&Column| {
        let is_named = table.columns.iter().any(|(name, _)| name == column.name);
        is_named || defaults.contains_key(column.name) || is_numbered(column)
    };
    let columns: Vec<&Column> = entity.columns().iter().filter(is_written).collect();
    let mut is_sound = is_known && is_complete(entity, table, &columns, mistakes);
    let mut rows = Vec::new();
    for (number, row) in (1..).zip(&table.rows) {
        let mut cells = Vec::new();
        for column in &columns {
            match value(column, row, number, defaults) {
                Ok(text) => cells.push(text),
                Err((place, message)) => {
                    mistakes.at(place, message);
                    is_sound = false;
                }
            }
        }
        rows.push(cells);
    }
    let columns = columns.into_iter().map(|column| column.name.to_owned()).collect();
    is_sound.then_some(Rows { columns, rows })
}

/// An entity that is there without rows: its header.
pub fn header_of(entity: Entity) -> Rows {
    let columns = entity.columns().iter().map(|column| column.name.to_owned()).collect();
    Rows { columns, rows: Vec::new() }
}

/// A visit's id matters to nobody unless a case says so.
fn is_numbered(column: &Column) -> bool {
    column.name == "visit_id"
}

fn are_known(entity: Entity, columns: &[(String, Place)], mistakes: &mut Mistakes) -> bool {
    let names: Vec<&str> = entity.columns().iter().map(|column| column.name).collect();
    let unknown = columns.iter().filter(|(name, _)| !names.contains(&name.as_str()));
    let mut is_sound = true;
    for (name, place) in unknown {
        let remedy = write_instead(name, &names);
        mistakes.at(*place, format!("`{}` has no column `{name}`; {remedy}", entity.name()));
        is_sound = false;
    }
    is_sound
}

fn is_complete(entity: Entity, table: &Table, columns: &[&Column], mistakes: &mut Mistakes) -> bool {
    let has = |name: &str| columns.iter().any(|column| column.name == name);
    let missing = entity.columns().iter().filter(|column| column.required && !has(column.name));
    let missing: Vec<String> = missing.map(|column| format!("`{}`", column.name)).collect();
    if missing.is_empty() {
        return true;
    }
    let message =
        format!("`{}` needs {}; name it in the rows, or once under `defaults`", entity.name(), missing.join(", "));
    mistakes.at(table.place, message);
    false
}

/// The value of a column in a row, or what is wrong with it.
fn value(column: &Column, row: &Row, number: u32, defaults: &Defaults) -> Result<Option<String>, (Place, String)> {
    let Some(cell) = row.cell(column.name).or_else(|| defaults.get(column.name)) else {
        return match is_numbered(column) {
            true => Ok(Some(format!("V{number}"))),
            false if column.required => {
                Err((row.place, format!("this row has no `{}`; every row needs one", column.name)))
            }
            false => Ok(None),
        };
    };
    match &cell.text {
        None if column.required => Err((cell.place, format!("`{}` is empty; every row needs one", column.name))),
        None => Ok(None),
        Some(text) => match wanted(column.kind, text) {
            None => Ok(Some(text.clone())),
            Some(wanted) => Err((cell.place, format!("`{text}` can't be `{}`; write {wanted}", column.name))),
        },
    }
}

/// What to write, where `text` is no value of a kind.
fn wanted(kind: ColumnKind, text: &str) -> Option<String> {
    let is_day = |text: Option<&str>| text.is_some_and(|text| text.parse::<NaiveDate>().is_ok());
    match kind {
        ColumnKind::Word(words) if !words.contains(&text) => {
            let remedy = write_instead(text, words);
            Some(remedy.trim_start_matches("write ").to_owned())
        }
        ColumnKind::Money if !is_money(text) => Some("an amount, such as 1200 or 99.50".to_owned()),
        ColumnKind::Integer if text.parse::<i64>().is_err() => Some("a whole number".to_owned()),
        ColumnKind::Day if !is_day(Some(text)) => Some("a day, such as 2026-11-21".to_owned()),
        ColumnKind::LocalDay | ColumnKind::Instant if !is_day(text.get(..10)) => {
            Some("a day or a time, such as 2026-11-21 or 2026-11-21 18:30".to_owned())
        }
        _ => None,
    }
}
