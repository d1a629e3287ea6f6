//! What is wrong with the files of models, and where: gathered, then told all at once.

use std::fmt;

use crate::{Error, Kind};

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
}

impl Place {
    /// The beginning of a file.
    pub const START: Place = Place { line: 1, column: 1 };

    /// The place of a byte of `text`.
    pub fn of_byte(text: &str, byte: usize) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Place { line: count(before.matches('\n').count() + 1), column: count(line.chars().count() + 1) }
    }
}

/// A mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flaw {
    /// The file, as messages name it.
    pub file: String,
    /// Where in it, unless it is about the whole file.
    pub place: Option<Place>,
    /// What is wrong, and what to do.
    pub message: String,
}

impl Flaw {
    /// A mistake that is about the whole file.
    pub fn new(file: impl Into<String>, message: impl Into<String>) -> Self {
        Flaw { file: file.into(), place: None, message: message.into() }
    }

    /// The same mistake at a place, if it is known.
    pub fn at(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }

    /// This mistake alone as an error.
    pub fn into_error(self) -> Error {
        Error::new(Kind::Config, self.to_string())
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some(Place { line, column }) => write!(f, "{}:{line}:{column}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

/// All mistakes as one error, each on a line.
pub fn refuse(flaws: Vec<Flaw>) -> Error {
    let count = match flaws.len() {
        1 => "1 mistake".to_owned(),
        count => format!("{count} mistakes"),
    };
    let error = Error::new(Kind::Config, format!("{count} in the models, checks and seeds"));
    flaws
        .iter()
        .fold(error, |error, flaw| error.detail(flaw.to_string()))
        .hint("files in `sql/` beside the pipeline file are laid over the built-in ones, which `rfmart compile` lists")
}
