//! From a pipeline file to a valid [`Pipeline`]: it is parsed with its places, `env` expands `${NAME}`, keys and types
//! are held against the schema of `raw`, `compile` checks what they mean. Every stage goes on after a mistake, so that
//! all are told at once.

mod compile;
mod duration;
mod env;
pub mod era;
mod pipeline;
mod raw;
mod schema;

pub use duration::duration;
pub use env::Lookup;
pub use pipeline::{
    Compression, CsvOptions, Format, Ids, LateData, Limits, Location, LocationKind, Pipeline, Privacy, Publish, Scopes,
    Secret, Source, UniqueIn,
};

use std::io::ErrorKind;
use std::path::Path;

use crate::diagnostic::Diagnostic;
use crate::text_of_file::text_of_file;
use crate::yaml::{self, Mistakes, Node, Subject};
use crate::{Error, Kind, Result};

const PIPELINE: Subject = Subject { noun: "pipeline", beginning: "name: my-clinics" };

/// The keys under which secrets stand, and what messages call a value there instead of quoting it.
const SECRET: [(&str, &str); 2] = [("storage", "a single value"), ("privacy", "this value")];

const HINT: &str =
    "`rfmart schema` prints all that a pipeline file may hold; pipelines/nightly.yaml shows it with comments.";

/// Reads, expands and compiles a pipeline file; `${NAME}` comes from the process's environment.
///
/// # Errors
/// Every mistake in the file, at once, each as `file:line:column: message` with what to write instead.
pub fn load(file: &Path) -> Result<Pipeline> {
    load_with(file, &|name| std::env::var(name).ok())
}

/// [`load`] with another environment.
///
/// # Errors
/// As [`load`].
pub fn load_with(file: &Path, env: &Lookup<'_>) -> Result<Pipeline> {
    let text = read(file)?;
    let mut mistakes = Mistakes::of(file.display().to_string());
    let Some(mut root) = yaml::parse(&text, &PIPELINE, &mut mistakes) else {
        return Err(refuse(file, mistakes));
    };
    mistakes.locate(&root);
    env::expand(&mut root, env, &mut mistakes);
    match of_tree(&root, file, &mut mistakes)? {
        Some(pipeline) => Ok(pipeline),
        None => Err(refuse(file, mistakes)),
    }
}

/// The pipeline that a tree describes, which may stand within another file; `file` says where its paths begin. `None`
/// after at least one mistake.
///
/// # Errors
/// None that input can cause.
pub fn of_tree(root: &Node, file: &Path, mistakes: &mut Mistakes) -> Result<Option<Pipeline>> {
    let Some(value) = yaml::conform(&schema::strict(), root, &SECRET, mistakes) else {
        return Ok(None);
    };
    let raw = serde_json::from_value(value).map_err(|_| defect("does not fit its own schema", file))?;
    match compile::pipeline(raw, file, mistakes) {
        Some(pipeline) if mistakes.is_empty() => Ok(Some(pipeline)),
        None if mistakes.is_empty() => Err(defect("is refused without a reason", file)),
        _ => Ok(None),
    }
}

/// The location that `text` names for a pipeline file in `folder`, and the format that it tells.
///
/// # Errors
/// Text that is neither a path nor a URL of a store, in a sentence.
pub fn locate(text: &str, folder: &Path) -> Result<(Location, Option<Format>), String> {
    let location = compile::location(text, folder)?;
    let format = compile::deduced(&location);
    Ok((location, format))
}

/// The JSON Schema of pipeline files, for editors.
pub fn schema() -> serde_json::Value {
    schema::published()
}

fn read(file: &Path) -> Result<String> {
    let shown = file.display();
    let refuse = |what: &str, hint: &str| Error::new(Kind::Config, format!("{shown}: {what}")).hint(hint);
    if file.is_dir() {
        return Err(refuse("this is a folder", "name the pipeline file in it, such as `nightly.yaml`"));
    }
    text_of_file(file).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            refuse("there is no such file", "name a pipeline file; `rfmart demo` makes one to begin with")
        }
        ErrorKind::InvalidData => refuse("this is not UTF-8 text", "save the file as UTF-8"),
        ErrorKind::FileTooLarge => {
            refuse("this is too long for a pipeline file", "name the pipeline file").detail(error.to_string())
        }
        _ => refuse("the file can't be read", "see that this user may read it").detail(error.to_string()),
    })
}

fn refuse(file: &Path, mistakes: Mistakes) -> Error {
    let message = |count: &str| format!("{}: {count}", file.display());
    Diagnostic::all_into_error(&mistakes.into_diagnostics(), message).hint(HINT)
}

fn defect(what: &str, file: &Path) -> Error {
    Error::new(Kind::Bug, format!("{}: the file {what}", file.display())).hint("report this, with the file")
}
