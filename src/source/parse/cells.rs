//! The cells of one column of a batch, before they are canonical.

use arrow::array::ArrayRef;

use crate::entity::Column;
use crate::source::fault::Fault;
use crate::source::parse::date_pattern::Format;
use crate::source::texts::{Texts, value_text};

/// What a column's cells are read from.
pub(in crate::source) enum Input {
    Texts(Texts),
    Array(ArrayRef),
}

/// Longest part of a bad value that a cause repeats.
const SHOWN_CHARS: usize = 60;

/// One column of a batch on its way.
pub(in crate::source) struct Cells<'a> {
    pub column: &'static Column,
    pub formats: Option<&'a [Format]>,
    pub input: Input,
    pub rows: usize,
}

impl Cells<'_> {
    /// A fault of this column: `label` for counts; the cause is a sentence on the cell's value.
    pub fn fault(&self, row: usize, label: &'static str, remedy: &str) -> Fault {
        let value = match &self.input {
            Input::Texts(texts) => texts.get(row).unwrap_or_default().to_owned(),
            Input::Array(array) => value_text(array, row),
        };
        let mut shown: String = value.chars().take(SHOWN_CHARS).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        let name = self.column.name;
        Fault { column: Some(name), label, cause: format!("{name}: '{shown}' is {label}; {remedy}") }
    }
}
