//! Columns in canonical form, and the rows that they make.

use arrow::array::{ArrayRef, AsArray, BooleanArray, Date32Array};
use arrow::compute::filter;
use arrow::datatypes::Date32Type;
use arrow::error::ArrowError;

use crate::entity::{ColumnKind, Entity};
use crate::source::row_fault::RowFaults;
use crate::source::texts::Texts;

/// A canonical column.
pub(in crate::source) enum CanonicalColumn {
    /// To be interned, hashed or staged as it is.
    Texts(Texts),
    /// As staged.
    Array(ArrayRef),
}

impl CanonicalColumn {
    /// The rows that `wanted` marks.
    pub fn filtered(self, wanted: &BooleanArray) -> Result<Self, ArrowError> {
        Ok(match self {
            CanonicalColumn::Texts(texts) => CanonicalColumn::Texts(texts.filtered(wanted)?),
            CanonicalColumn::Array(array) => CanonicalColumn::Array(filter(&array, wanted)?),
        })
    }
}

/// A batch in canonical form.
pub(in crate::source) struct ConvertedBatch {
    pub columns: Vec<CanonicalColumn>,
    pub faults: RowFaults,
}

impl ConvertedBatch {
    /// Marks the rows that can be staged; None if all can.
    pub fn wanted(&self, rows: usize) -> Option<BooleanArray> {
        if self.faults.is_empty() {
            return None;
        }
        let mut wanted = vec![true; rows];
        for (row, _) in self.faults.iter() {
            if let Some(slot) = wanted.get_mut(row) {
                *slot = false;
            }
        }
        Some(wanted.into())
    }
}

/// Rows that are good, in canonical form.
pub(in crate::source) struct CanonicalRows {
    pub columns: Vec<CanonicalColumn>,
    pub object_ref: i32,
    pub object_no: i32,
    pub row_nos: Vec<i64>,
}

impl CanonicalRows {
    /// The canonical column's texts, if it has any.
    pub fn texts(&self, entity: Entity, name: &str) -> Option<&Texts> {
        let place = entity.columns().iter().position(|column| column.name == name)?;
        match self.columns.get(place)? {
            CanonicalColumn::Texts(texts) => Some(texts),
            CanonicalColumn::Array(_) => None,
        }
    }

    /// The canonical column's values, if they are anything but texts.
    pub fn array(&self, entity: Entity, name: &str) -> Option<&ArrayRef> {
        let place = entity.columns().iter().position(|column| column.name == name)?;
        match self.columns.get(place)? {
            CanonicalColumn::Texts(_) => None,
            CanonicalColumn::Array(array) => Some(array),
        }
    }

    /// The day of each row, if rows of the entity have one.
    pub fn days(&self, entity: Entity) -> Option<&Date32Array> {
        days(entity, &self.columns)
    }
}

/// The day of each row of an entity's canonical columns, if rows of the entity have one.
pub(in crate::source) fn days(entity: Entity, columns: &[CanonicalColumn]) -> Option<&Date32Array> {
    let place = entity.columns().iter().position(|column| column.kind == ColumnKind::LocalDay)?;
    match columns.get(place)? {
        CanonicalColumn::Texts(_) => None,
        CanonicalColumn::Array(array) => array.as_primitive_opt::<Date32Type>(),
    }
}
