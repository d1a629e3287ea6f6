//! Mistakes of a pipeline file, gathered while it is read and told all at once.

use std::collections::HashMap;
use std::fmt;

use super::yaml::{Content, Mark, Node};
use crate::{Error, Kind};

const HINT: &str =
    "`rfmart schema` prints all that a pipeline file may hold; pipelines/nightly.yaml shows it with comments.";

/// One step of the way from the root of the file to a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    Key(String),
    Index(usize),
}

/// The way from the root of the file to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct At(Vec<Step>);

impl At {
    /// The whole file.
    pub fn root() -> Self {
        At::default()
    }

    /// The value under `key`.
    pub fn key(&self, key: &str) -> Self {
        self.step(Step::Key(key.to_owned()))
    }

    /// The item at `index`, from 0.
    pub fn index(&self, index: usize) -> Self {
        self.step(Step::Index(index))
    }

    /// Whether the value lies under the root's `key`.
    pub fn is_under(&self, key: &str) -> bool {
        matches!(self.0.first(), Some(Step::Key(first)) if first == key)
    }

    fn step(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        At(steps)
    }

    /// The same value as seen from `to` instead of `from`, if it lies there.
    fn moved(&self, from: &At, to: &At) -> Option<Self> {
        let below = self.0.strip_prefix(from.0.as_slice())?;
        Some(At(to.0.iter().chain(below).cloned().collect()))
    }

    fn parent(&self) -> Option<Self> {
        self.0.split_last().map(|(_, steps)| At(steps.to_vec()))
    }
}

/// How messages name the value: `location`, `orders[0]`, `the file`.
impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_last() {
            None => f.write_str("the file"),
            Some((Step::Key(key), _)) => write!(f, "`{key}`"),
            Some((Step::Index(index), steps)) => match steps.last() {
                Some(Step::Key(key)) => write!(f, "`{key}[{index}]`"),
                _ => write!(f, "item {index}"),
            },
        }
    }
}

/// Where a value and its key stand. Of list items and the root, the key is the value.
#[derive(Clone, Copy)]
struct Place {
    key: Mark,
    value: Mark,
}

/// What is wrong with a file, and where.
pub struct Mistakes {
    file: String,
    places: HashMap<At, Place>,
    found: Vec<(Mark, String)>,
    condition: String,
}

impl Mistakes {
    /// None yet, of `file` as messages name it.
    pub fn of(file: impl Into<String>) -> Self {
        Mistakes { file: file.into(), places: HashMap::new(), found: Vec::new(), condition: String::new() }
    }

    /// Learns where the values of a file stand.
    pub fn locate(&mut self, root: &Node) {
        self.place(At::root(), root.mark, root);
    }

    /// Learns that what stands at `written` is laid over the merged value at `merged`.
    pub fn lay(&mut self, written: &At, merged: &At) {
        let moved = self.places.iter().filter_map(|(at, place)| Some((at.moved(written, merged)?, *place)));
        let moved: Vec<(At, Place)> = moved.collect();
        self.places.extend(moved);
    }

    /// Under which condition the mistakes to come are ones, such as `from 2026-07-01 on: `.
    pub fn on_condition(&mut self, condition: String) {
        self.condition = condition;
    }

    /// Whether something is written at `at`.
    pub fn is_written(&self, at: &At) -> bool {
        self.places.contains_key(at)
    }

    /// A mistake at a position.
    pub fn mark(&mut self, mark: Mark, message: impl Into<String>) {
        self.found.push((mark, format!("{}{}", self.condition, message.into())));
    }

    /// A mistake in the value at `at`; where there is none, in what should hold it.
    pub fn value(&mut self, at: &At, message: impl Into<String>) {
        let mark = self.find(at).value;
        self.mark(mark, message);
    }

    /// A mistake in the key of `at`.
    pub fn key(&mut self, at: &At, message: impl Into<String>) {
        let mark = self.find(at).key;
        self.mark(mark, message);
    }

    /// Where the key of `at` stands, which orders what the file lists.
    pub fn position(&self, at: &At) -> Mark {
        self.find(at).key
    }

    /// All of them, each where it was found.
    pub fn into_found(self) -> Vec<(Mark, String)> {
        self.found
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All of them, in the file's order.
    pub fn into_error(mut self) -> Error {
        self.found.sort();
        self.found.dedup();
        let count = match self.found.len() {
            1 => "1 mistake".to_owned(),
            count => format!("{count} mistakes"),
        };
        let error = Error::new(Kind::Config, format!("{}: {count}", self.file)).hint(HINT);
        self.found.iter().fold(error, |error, (mark, message)| {
            error.detail(format!("{}:{}:{}: {message}", self.file, mark.line, mark.column))
        })
    }

    fn find(&self, at: &At) -> Place {
        let mut at = at.clone();
        loop {
            if let Some(place) = self.places.get(&at) {
                return *place;
            }
            match at.parent() {
                // What should hold a missing value is named by its key.
                Some(parent) => match self.places.get(&parent) {
                    Some(place) => return Place { key: place.key, value: place.key },
                    None => at = parent,
                },
                None => return Place { key: Mark::START, value: Mark::START },
            }
        }
    }

    fn place(&mut self, at: At, key: Mark, node: &Node) {
        match &node.content {
            Content::Scalar(_) => {}
            Content::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.place(at.index(index), item.mark, item);
                }
            }
            Content::Mapping(entries) => {
                for entry in entries {
                    self.place(at.key(&entry.key), entry.mark, &entry.value);
                }
            }
        }
        self.places.insert(at, Place { key, value: node.mark });
    }
}
