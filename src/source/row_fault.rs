//! What is wrong with a row, and which rows of a batch are bad.

use std::collections::BTreeMap;

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RowFault {
    /// The canonical column; None if the row as a whole is bad.
    pub column: Option<&'static str>,
    /// The class of the fault, for counts.
    pub label: &'static str,
    /// The sentence that a person reads.
    pub cause: String,
}

/// The bad rows of a batch, by index; of each the first fault that was found.
#[derive(Default)]
pub(super) struct RowFaults(BTreeMap<usize, RowFault>);

impl RowFaults {
    /// Marks `row`, unless it is marked already.
    pub fn add(&mut self, row: usize, fault: impl FnOnce() -> RowFault) {
        self.0.entry(row).or_insert_with(fault);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = (usize, &RowFault)> {
        self.0.iter().map(|(row, fault)| (*row, fault))
    }
}

/// A row with bytes that are not text.
pub(super) fn malformed(encoding: &str) -> RowFault {
    RowFault { column: None, label: "malformed encoding", cause: format!("has bytes that aren't valid {encoding}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_keeps_its_first_fault() {
        let fault = |label| move || RowFault { column: None, label, cause: String::new() };
        let mut faults = RowFaults::default();
        faults.add(3, fault("first"));
        faults.add(3, fault("second"));
        assert_eq!(faults.iter().map(|(row, fault)| (row, fault.label)).collect::<Vec<_>>(), [(3, "first")]);
    }
}
