//! YAML files that people write: pipelines, models' sidecars. Text is parsed to a tree whose keys and values know where
//! they stand ([`parse`]), the tree is held against the JSON Schema of a Rust type ([`conform`]), and what fits becomes
//! that type ([`read`]). Every step goes on after a mistake, so that all are told at once.

mod expect;
mod mistakes;
mod parse;
mod path;
mod places;
mod schema;
mod shape;
mod tree;

pub use mistakes::Mistakes;
pub use parse::{Subject, parse};
pub use path::At;
pub use places::Places;
pub use schema::{schema_of, types_of};
pub use shape::conform;
pub use tree::{Content, Entry, Node, Scalar, Style};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::diagnostic::Diagnostic;

/// Reads text as a `T`, whose `schema` ([`schema_of`]) says what the file may hold; tells where its values stand, too.
/// `file` is how messages name it.
///
/// # Errors
/// Every mistake of the file, in its order.
pub fn read<T: DeserializeOwned>(
    file: &str,
    text: &str,
    subject: &Subject,
    schema: &Value,
) -> Result<(T, Places), Vec<Diagnostic>> {
    let mut mistakes = Mistakes::of(file);
    let Some(root) = parse(text, subject, &mut mistakes) else {
        return Err(mistakes.into_diagnostics());
    };
    mistakes.locate(&root);
    let value = conform(schema, &root, &[], &mut mistakes);
    match value.filter(|_| mistakes.is_empty()).map(serde_json::from_value) {
        Some(Ok(read)) => Ok((read, Places::of(&root))),
        Some(Err(cause)) => {
            mistakes.value(&At::root(), format!("this is no {}: {cause}", subject.noun));
            Err(mistakes.into_diagnostics())
        }
        None => Err(mistakes.into_diagnostics()),
    }
}

#[cfg(test)]
mod tests;
