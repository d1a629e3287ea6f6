//! The one error type: what failed, where, and what to do next.
//!
//! An error has three parts with three jobs: the message says what failed and names the offender,
//! the details add facts (one line each), the hint says what to do. The kind decides the exit code,
//! on which schedulers decide whether to retry.

use std::fmt;

/// What class of thing went wrong; decides the process's exit code.
///
/// Help, README and all in deploy/ say of each kind what is said here; tests/it/exit_codes.rs compares them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The command line is wrong (exit 64).
    Usage,
    /// The data failed a gate (exit 65).
    Data,
    /// Storage can't be reached, also after retries (exit 69).
    Storage,
    /// A defect of rfmart itself (exit 70).
    Bug,
    /// Output can't be written: a disk is full, or may not be written to (exit 73).
    Output,
    /// Another run won the commit, or a signal stopped this one (exit 75).
    Contention,
    /// The pipeline's configuration is wrong (exit 78).
    Config,
}

impl Kind {
    /// Every kind, by exit code.
    pub const ALL: [Kind; 7] =
        [Kind::Usage, Kind::Data, Kind::Storage, Kind::Bug, Kind::Output, Kind::Contention, Kind::Config];

    /// What the exit code tells.
    pub fn meaning(self) -> &'static str {
        match self {
            Kind::Usage => "the command line is wrong",
            Kind::Data => "the data failed a gate",
            Kind::Storage => "storage can't be reached",
            Kind::Bug => "a defect of rfmart",
            Kind::Output => "output can't be written",
            Kind::Contention => "another run won the commit, or a signal stopped this one",
            Kind::Config => "the pipeline's configuration is wrong",
        }
    }

    /// Whether a scheduler should try again: the same may succeed later. The others stay as they are until someone
    /// acts.
    pub fn is_retried(self) -> bool {
        matches!(self, Kind::Storage | Kind::Contention)
    }

    /// The process's exit code, after BSD's sysexits.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Usage => 64,
            Kind::Data => 65,
            Kind::Storage => 69,
            Kind::Bug => 70,
            Kind::Output => 73,
            Kind::Contention => 75,
            Kind::Config => 78,
        }
    }
}

/// Characters of a message, a detail or a hint. What they quote may be of any length, and a log is for reading.
const MAX_CHARACTERS: usize = 2_000;

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_CHARACTERS) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// A failure as a person will read it.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    details: Vec<String>,
    hint: Option<String>,
    exports: Vec<String>,
}

/// The result of everything in rfmart that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `kind`; `message` says in one sentence what failed and names the offender.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error { kind, message: cut(message.into()), details: Vec::new(), hint: None, exports: Vec::new() }
    }

    /// Adds a fact, shown on a line of its own under the message.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.details.push(cut(detail.into()));
        self
    }

    /// Takes the facts away, where they might tell what must stay unknown.
    pub fn without_details(mut self) -> Self {
        self.details.clear();
        self
    }

    /// Says what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(cut(hint.into()));
        self
    }

    /// Names the objects, or locations, by URL, whose exports are to blame: without them the others could go on.
    pub fn blaming(mut self, exports: impl IntoIterator<Item = String>) -> Self {
        self.exports.extend(exports);
        self
    }

    /// Those objects, or locations.
    pub fn exports(&self) -> &[String] {
        &self.exports
    }

    /// What failed and its facts, on one line.
    pub fn cause(&self) -> String {
        self.details.iter().fold(self.message.clone(), |told, detail| format!("{told}; {detail}"))
    }

    /// The class of the failure.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        for detail in &self.details {
            write!(f, "\n  {detail}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Adds what was being done to a library's error.
pub trait Context<T> {
    /// Turns the error into one of `kind` whose message is `what()` and whose detail is the cause.
    fn context(self, kind: Kind, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for std::result::Result<T, E> {
    fn context(self, kind: Kind, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|cause| Error::new(kind, what()).detail(cause.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_at_length_is_cut() {
        let long = "號".repeat(1_000_000);
        let error = Error::new(Kind::Config, format!("{long} is wrong")).detail(&long).hint("mend it");
        let beginning = "號".repeat(2_000);
        assert_eq!(error.to_string(), format!("{beginning}…\n  {beginning}…\nhint: mend it"));
    }
}
