//! From a pipeline file to a valid [`Pipeline`]: `yaml` parses it with positions, `env` expands
//! `${NAME}`, `shape` checks keys and types against the schema of `raw`, `compile` checks what they mean.
//! Every stage goes on after a mistake, so that all are told at once.

mod compile;
mod env;
pub mod era;
mod expect;
mod mistakes;
mod pipeline;
mod raw;
mod schema;
mod shape;
mod suggest;
mod yaml;

pub use env::Lookup;
pub use mistakes::Mistakes;
pub use pipeline::{
    Compression, CsvOptions, Format, Ids, Limits, Location, LocationKind, Pipeline, Privacy, Publish, Scopes, Secret,
    Source, UniqueIn,
};
pub use suggest::write_instead;
pub use yaml::{Content, Entry, Mark, Node, Scalar, Style, parse};

use std::io::ErrorKind;
use std::path::Path;

use crate::{Error, Kind, Result};

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
    let Some(mut root) = yaml::parse(&text, &mut mistakes) else {
        return Err(mistakes.into_error());
    };
    mistakes.locate(&root);
    env::expand(&mut root, env, &mut mistakes);
    match of_tree(&root, file, &mut mistakes)? {
        Some(pipeline) => Ok(pipeline),
        None => Err(mistakes.into_error()),
    }
}

/// The pipeline that a tree tells, which may stand within another file; `file` says where its paths begin. `None`
/// after at least one mistake.
///
/// # Errors
/// None that input can cause.
pub fn of_tree(root: &Node, file: &Path, mistakes: &mut Mistakes) -> Result<Option<Pipeline>> {
    let Some(value) = shape::conform(&schema::strict(), root, mistakes) else {
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
    std::fs::read_to_string(file).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            refuse("there is no such file", "name a pipeline file; `rfmart demo` makes one to begin with")
        }
        ErrorKind::InvalidData => refuse("this is not UTF-8 text", "save the file as UTF-8"),
        _ => refuse("the file can't be read", "see that this user may read it").detail(error.to_string()),
    })
}

fn defect(what: &str, file: &Path) -> Error {
    Error::new(Kind::Bug, format!("{}: the file {what}", file.display())).hint("report this, with the file")
}
