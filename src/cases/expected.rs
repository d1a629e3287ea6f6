//! The tables that a case expects, held against what the models give.

use arrow::datatypes::{DataType, SchemaRef};

use super::case::{Expected, Rows};
use super::table::{Table, table};
use super::value;
use crate::diagnostic::Place;
use crate::run::Schemas;
use crate::suggest::write_instead;
use crate::yaml::{Content, Entry, Mistakes, Node};

/// The day of the tables: a column that every expected table may name.
pub const DAY: &str = "as_of";

/// How a case may name what is a key within the models.
const IDS: [(&str, &str); 4] = [
    ("customer_id", "customer_key"),
    ("branch_id", "branch_key"),
    ("department", "department_key"),
    ("item_id", "item_key"),
];

/// How to select a column, and its type.
pub struct Selected {
    /// The expression in SQL, under the column's name.
    pub sql: String,
    /// The type of its values.
    pub data_type: DataType,
}

/// How `column` is selected from what gives `schema`: as it is; as an id where there is its key; or as the day.
pub fn selected(schema: &SchemaRef, column: &str) -> Option<Selected> {
    if let Ok(field) = schema.field_with_name(column) {
        return Some(Selected { sql: format!("\"{column}\""), data_type: field.data_type().clone() });
    }
    if column == DAY {
        return Some(Selected { sql: format!("$as_of as {DAY}"), data_type: DataType::Date32 });
    }
    let (_, key) = IDS.iter().find(|(id, key)| *id == column && schema.field_with_name(key).is_ok())?;
    let function = key.replace("_key", "_id");
    Some(Selected { sql: format!("{function}({key}) as {column}"), data_type: DataType::Utf8 })
}

/// What a case expects of the table that `entry` names, of `days` days; none after a mistake.
pub fn expected(
    entry: &Entry,
    schemas: &Schemas,
    days: usize,
    file_text: &str,
    mistakes: &mut Mistakes,
) -> Option<Expected> {
    let Some(schema) = schemas.get(&entry.key) else {
        let names: Vec<&str> = schemas.keys().map(String::as_str).collect();
        let remedy = write_instead(&entry.key, &names);
        mistakes.at(entry.place, format!("there is no model or check `{}`; {remedy}", entry.key));
        return None;
    };
    let (filter, rows) = parts(&entry.value, mistakes)?;
    let table = table(rows, file_text, mistakes)?;
    let types = types(&entry.key, schema, &table, mistakes)?;
    if days > 1 && !table.columns.iter().any(|(name, _)| name == DAY) {
        let message =
            format!("the case has {days} days, and this table doesn't tell them apart; name its column `{DAY}`");
        mistakes.at(table.place, message);
        return None;
    }
    let rows = cells(&table, &types, mistakes)?;
    let columns = table.columns.into_iter().map(|(name, _)| name).collect();
    Some(Expected { table: entry.key.clone(), filter, rows: Rows { columns, rows } })
}

/// The filter and the rows of an expectation, which may be the rows alone.
fn parts<'n>(node: &'n Node, mistakes: &mut Mistakes) -> Option<(Option<String>, &'n Node)> {
    let Content::Mapping(entries) = &node.content else { return Some((None, node)) };
    let mut filter = None;
    let mut rows = None;
    for Entry { key, place, value } in entries {
        match (key.as_str(), &value.content) {
            ("where", Content::Scalar(scalar)) if !value.is_null() => filter = Some(scalar.text.clone()),
            ("where", _) => mistakes.at(value.place, "`where` is a condition in SQL, such as `metric = 'revenue'`"),
            ("rows", _) => rows = Some(value),
            _ => {
                let remedy = write_instead(key, &["where", "rows"]);
                mistakes.at(*place, format!("the key `{key}` is not known here; {remedy}"));
            }
        }
    }
    if rows.is_none() {
        mistakes.at(node.place, "`rows` is missing; write the rows that must come, `[]` if none must");
    }
    Some((filter, rows?))
}

fn types(name: &str, schema: &SchemaRef, table: &Table, mistakes: &mut Mistakes) -> Option<Vec<DataType>> {
    let mut types = Some(Vec::new());
    for (column, place) in &table.columns {
        match selected(schema, column) {
            Some(selected) => types.iter_mut().for_each(|types| types.push(selected.data_type.clone())),
            None => {
                mistakes.at(*place, unknown(name, schema, column));
                types = None;
            }
        }
    }
    types
}

fn unknown(name: &str, schema: &SchemaRef, column: &str) -> String {
    let ids = IDS.iter().filter(|(_, key)| schema.field_with_name(key).is_ok()).map(|(id, _)| *id);
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).chain(ids).collect();
    format!("`{name}` has no column `{column}`; {}", write_instead(column, &names))
}

/// The cells in the order of the columns, each held against its column's type.
fn cells(table: &Table, types: &[DataType], mistakes: &mut Mistakes) -> Option<Vec<Vec<Option<String>>>> {
    let mut is_sound = true;
    let mut wrong = |place: Place, message: String| {
        mistakes.at(place, message);
        is_sound = false;
    };
    let mut rows = Vec::new();
    for row in &table.rows {
        let mut cells = Vec::new();
        for ((name, _), data_type) in table.columns.iter().zip(types) {
            let Some(cell) = row.cell(name) else {
                wrong(
                    row.place,
                    format!(
                        "this row doesn't name `{name}`, which another one does; write `{name}: null` if it is null"
                    ),
                );
                continue;
            };
            if let Some(mistake) = cell.text.as_deref().and_then(|text| value::mistake(data_type, text)) {
                wrong(cell.place, mistake);
            }
            cells.push(cell.text.clone());
        }
        rows.push(cells);
    }
    is_sound.then_some(rows)
}
