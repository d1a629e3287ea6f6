//! The way to a value within a YAML file.

use std::fmt;

use crate::suggest::shortened;

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
    pub(super) fn moved(&self, from: &At, to: &At) -> Option<Self> {
        let below = self.0.strip_prefix(from.0.as_slice())?;
        Some(At(to.0.iter().chain(below).cloned().collect()))
    }

    /// What holds the value.
    pub(super) fn parent(&self) -> Option<Self> {
        self.0.split_last().map(|(_, steps)| At(steps.to_vec()))
    }
}

/// How messages name the value: `location`, `orders[0]`, `the file`.
impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_last() {
            None => f.write_str("the file"),
            Some((Step::Key(key), _)) => write!(f, "`{}`", shortened(key)),
            Some((Step::Index(index), steps)) => match steps.last() {
                Some(Step::Key(key)) => write!(f, "`{}[{index}]`", shortened(key)),
                _ => write!(f, "item {index}"),
            },
        }
    }
}
