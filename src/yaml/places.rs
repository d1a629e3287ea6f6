//! Where the values of a YAML file stand, by the way to them.

use std::collections::HashMap;

use super::path::At;
use super::tree::{Content, Node};
use crate::diagnostic::Place;

/// Where a value and its key stand. Of list items and the root, the key is the value.
#[derive(Clone, Copy, Debug)]
struct Span {
    key: Place,
    value: Place,
}

/// Where the values of a file and their keys stand. What isn't written stands where it should be held.
#[derive(Clone, Debug, Default)]
pub struct Places(HashMap<At, Span>);

impl Places {
    /// The places of all that `root` holds.
    pub fn of(root: &Node) -> Self {
        let mut places = Places::default();
        places.add(At::root(), root.place, root);
        places
    }

    /// Where the value at `at` begins.
    pub fn value(&self, at: &At) -> Place {
        self.find(at).value
    }

    /// Where the key of `at` begins.
    pub fn key(&self, at: &At) -> Place {
        self.find(at).key
    }

    /// Whether something is written at `at`.
    pub fn has(&self, at: &At) -> bool {
        self.0.contains_key(at)
    }

    /// Learns that what stands at `written` is laid over the merged value at `merged`.
    pub fn lay(&mut self, written: &At, merged: &At) {
        let moved = self.0.iter().filter_map(|(at, span)| Some((at.moved(written, merged)?, *span)));
        let moved: Vec<(At, Span)> = moved.collect();
        self.0.extend(moved);
    }

    fn find(&self, at: &At) -> Span {
        let mut at = at.clone();
        loop {
            if let Some(span) = self.0.get(&at) {
                return *span;
            }
            match at.parent() {
                // What should hold a missing value is named by its key.
                Some(parent) => match self.0.get(&parent) {
                    Some(span) => return Span { key: span.key, value: span.key },
                    None => at = parent,
                },
                None => return Span { key: Place::START, value: Place::START },
            }
        }
    }

    fn add(&mut self, at: At, key: Place, node: &Node) {
        match &node.content {
            Content::Scalar(_) => {}
            Content::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.add(at.index(index), item.place, item);
                }
            }
            Content::Mapping(entries) => {
                for entry in entries {
                    self.add(at.key(&entry.key), entry.place, &entry.value);
                }
            }
        }
        self.0.insert(at, Span { key, value: node.place });
    }
}
