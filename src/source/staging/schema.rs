//! The schema of staged files.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::entity::{Column, ColumnKind, Entity};

/// The schema of an entity's staged files.
pub(in crate::source) fn staged_schema(entity: Entity) -> SchemaRef {
    schema(entity, &DataType::Utf8)
}

/// As written, words are dictionaries; Parquet's schema is the same.
pub(super) fn written_schema(entity: Entity) -> SchemaRef {
    schema(entity, &DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)))
}

fn schema(entity: Entity, word: &DataType) -> SchemaRef {
    let field = |column: &Column| {
        let data_type = match column.kind {
            _ if is_reference(column) => DataType::Int32,
            ColumnKind::Text | ColumnKind::Zone => DataType::Utf8,
            ColumnKind::Word(_) => word.clone(),
            ColumnKind::LocalDay | ColumnKind::Day => DataType::Date32,
            ColumnKind::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            ColumnKind::Money => DataType::Decimal128(18, 2),
            ColumnKind::Integer => DataType::Int64,
        };
        let is_order_id = entity == Entity::Orders && column.name == "order_id";
        Field::new(staged_name(column), data_type, !column.required && !is_order_id)
    };
    let marks = [("key_hash", DataType::Int64), ("object_ref", DataType::Int32), ("row_no", DataType::Int64)];
    let marks = marks.map(|(name, data_type)| Field::new(name, data_type, false));
    Arc::new(Schema::new(entity.columns().iter().map(field).chain(marks).collect::<Vec<_>>()))
}

pub(in crate::source) fn is_reference(column: &Column) -> bool {
    column.names_customer() || column.names_branch() || matches!(column.name, "department" | "item_id")
}

pub(in crate::source) fn staged_name(column: &Column) -> String {
    let stem = |suffix| column.name.strip_suffix(suffix).unwrap_or(column.name);
    match column.kind {
        _ if is_reference(column) => format!("{}_ref", stem("_id")),
        ColumnKind::LocalDay if !column.name.ends_with("_on") => format!("{}_on", stem("_at")),
        _ => column.name.to_owned(),
    }
}
