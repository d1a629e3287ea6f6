//! What is wrong with a file that people write, and where: gathered, then told all at once.

use std::fmt;

use crate::{Error, Kind};

/// Mistakes of a file that are shown.
const MAX_SHOWN: usize = 100;

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
        let line = before.rsplit('\n').next().unwrap_or_default();
        Place::of_counts(before.matches('\n').count(), line.chars().count())
    }

    /// The place after so many lines, and so many characters of its own line.
    pub fn of_counts(lines: usize, characters: usize) -> Self {
        let number = |count: usize| u64::try_from(count).map_or(u64::MAX, |count| count.saturating_add(1));
        Place { line: number(lines), column: number(characters) }
    }
}

/// A mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The file, as messages name it.
    pub file: String,
    /// Where in it, unless it is about the whole file.
    pub place: Option<Place>,
    /// What is wrong and what to do, as `what; remedy`.
    pub message: String,
}

impl Diagnostic {
    /// A mistake that is about the whole file.
    pub fn new(file: impl Into<String>, message: impl Into<String>) -> Self {
        Diagnostic { file: file.into(), place: None, message: message.into() }
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

    /// Mistakes as one error, each on a line; `message` is told their number, such as `3 mistakes`.
    pub fn all_into_error(diagnostics: &[Diagnostic], message: impl FnOnce(&str) -> String) -> Error {
        let count = match diagnostics.len() {
            1 => "1 mistake".to_owned(),
            count => format!("{count} mistakes"),
        };
        let error = Error::new(Kind::Config, message(&count));
        let shown = diagnostics.iter().take(MAX_SHOWN).map(ToString::to_string);
        let more = diagnostics.len().checked_sub(MAX_SHOWN).filter(|more| *more > 0);
        shown.chain(more.map(|more| format!("and {more} more"))).fold(error, Error::detail)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some(Place { line, column }) => write!(f, "{}:{line}:{column}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}
