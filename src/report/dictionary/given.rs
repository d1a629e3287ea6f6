//! What models are made of in the end: rows of sources, and files that ship with the models.

use serde::Serialize;

use crate::entity::{ColumnKind, Entity};
use crate::model;

/// The table of an entity's rows.
#[derive(Serialize)]
pub struct Input {
    name: String,
    /// As pipeline files name it.
    entity: Entity,
    /// Canonical columns, in order.
    columns: Vec<InputColumn>,
}

#[derive(Serialize)]
struct InputColumn {
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    /// A row without a value is rejected.
    required: bool,
    /// What is taken where there is no value.
    default: Option<&'static str>,
    /// The values that there may be, of a column of words.
    words: &'static [&'static str],
}

/// The tables of all entities.
pub fn inputs() -> Vec<Input> {
    let columns = |entity: Entity| {
        let column = |column: &crate::entity::Column| InputColumn {
            name: column.name,
            kind: kind(column.kind),
            required: column.required,
            default: column.default,
            words: if let ColumnKind::Word(words) = column.kind { words } else { &[] },
        };
        entity.columns().iter().map(column).collect()
    };
    Entity::ALL
        .into_iter()
        .map(|entity| Input { name: format!("src_{}", entity.name()), entity, columns: columns(entity) })
        .collect()
}

fn kind(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text => "text",
        ColumnKind::LocalDay => "local day",
        ColumnKind::Instant => "instant",
        ColumnKind::Day => "day",
        ColumnKind::Money => "money",
        ColumnKind::Integer => "integer",
        ColumnKind::Word(_) => "word",
        ColumnKind::Zone => "time zone",
    }
}

/// A small table that ships as a file.
#[derive(Serialize)]
pub struct Seed {
    name: String,
    file: String,
}

impl Seed {
    /// That of a catalog.
    pub fn of(seed: &model::Seed) -> Self {
        Seed { name: seed.name.clone(), file: seed.file.clone() }
    }
}
