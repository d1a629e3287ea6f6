//! Mistakes of a YAML file, gathered while it is read and told all at once.

use super::path::At;
use super::places::Places;
use super::tree::Node;
use crate::diagnostic::{Diagnostic, Place};

/// What is wrong with a file, and where.
pub struct Mistakes {
    file: String,
    places: Places,
    found: Vec<Diagnostic>,
    condition: String,
}

impl Mistakes {
    /// None yet, of `file` as messages name it.
    pub fn of(file: impl Into<String>) -> Self {
        Mistakes { file: file.into(), places: Places::default(), found: Vec::new(), condition: String::new() }
    }

    /// Learns where the values of a file stand.
    pub fn locate(&mut self, root: &Node) {
        self.places = Places::of(root);
    }

    /// Learns that what stands at `written` is laid over the merged value at `merged`.
    pub fn lay(&mut self, written: &At, merged: &At) {
        self.places.lay(written, merged);
    }

    /// Under which condition the mistakes to come are ones, such as `from 2026-07-01 on: `.
    pub fn on_condition(&mut self, condition: String) {
        self.condition = condition;
    }

    /// Whether something is written at `at`.
    pub fn is_written(&self, at: &At) -> bool {
        self.places.has(at)
    }

    /// A mistake at a place.
    pub fn at(&mut self, place: Place, message: impl Into<String>) {
        let message = format!("{}{}", self.condition, message.into());
        self.found.push(Diagnostic::new(&self.file, message).at(Some(place)));
    }

    /// A mistake in the value at `at`; where there is none, in what should hold it.
    pub fn value(&mut self, at: &At, message: impl Into<String>) {
        self.at(self.places.value(at), message);
    }

    /// A mistake in the key of `at`.
    pub fn key(&mut self, at: &At, message: impl Into<String>) {
        self.at(self.places.key(at), message);
    }

    /// Where the key of `at` stands, which orders what the file lists.
    pub fn position(&self, at: &At) -> Place {
        self.places.key(at)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All of them, in the file's order, each once.
    pub fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        self.found.sort();
        self.found.dedup();
        self.found
    }
}
