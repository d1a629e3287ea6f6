//! The cells of one column of a batch, before they are canonical.

use arrow::array::ArrayRef;

use crate::entity::Column;
use crate::source::parse::date_pattern::DatePattern;
use crate::source::row_fault::RowFault;
use crate::source::texts::{Texts, value_text};

/// What a column's cells are read from.
pub(in crate::source) enum CellInput {
    Texts(Texts),
    Array(ArrayRef),
}

/// Longest part of a bad value that a cause repeats.
const SHOWN_CHARS: usize = 60;

/// One column of a batch on its way.
pub(in crate::source) struct Cells<'a> {
    pub column: &'static Column,
    pub date_patterns: Option<&'a [DatePattern]>,
    pub input: CellInput,
    pub rows: usize,
}

impl Cells<'_> {
    /// A fault of this column: `label` for counts; the cause is a sentence on the cell's value.
    pub fn fault(&self, row: usize, label: &'static str, remedy: &str) -> RowFault {
        let value = match &self.input {
            CellInput::Texts(texts) => texts.get(row).unwrap_or_default().to_owned(),
            CellInput::Array(array) => value_text(array, row),
        };
        let mut shown: String = value.chars().take(SHOWN_CHARS).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        let name = self.column.name;
        RowFault { column: Some(name), label, cause: format!("{name}: '{shown}' is {label}; {remedy}") }
    }
}
