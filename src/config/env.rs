//! `${NAME}` and `${NAME:-default}` in the values of a pipeline file.

use crate::yaml::{Content, Mistakes, Node, Scalar, Style};

/// Looks an environment variable up by name.
pub type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Expands every value (keys stay as they are). What can't be expanded is noted and left unusable.
pub fn expand(node: &mut Node, env: &Lookup<'_>, mistakes: &mut Mistakes) {
    match &mut node.content {
        Content::List(items) => items.iter_mut().for_each(|item| expand(item, env, mistakes)),
        Content::Mapping(entries) => entries.iter_mut().for_each(|entry| expand(&mut entry.value, env, mistakes)),
        Content::Scalar(scalar) => match expand_text(&scalar.text, env) {
            Ok(None) => {}
            Ok(Some(text)) => *scalar = Scalar { text, style: Style::Environment },
            Err(message) => {
                scalar.style = Style::Unusable;
                mistakes.at(node.place, message);
            }
        },
    }
}

/// The expanded text, or `None` if there is nothing to expand.
fn expand_text(text: &str, env: &Lookup<'_>) -> Result<Option<String>, String> {
    if !text.contains("${") {
        return Ok(None);
    }
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, inner)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            expanded.push_str(before);
            expanded.push_str("${");
            rest = inner;
            continue;
        }
        let Some((reference, after)) = inner.split_once('}') else {
            return Err("`${` has no closing brace; write `${NAME}`, or `$${` for the characters themselves".to_owned());
        };
        expanded.push_str(before);
        expanded.push_str(&value_of(reference, env)?);
        rest = after;
    }
    expanded.push_str(rest);
    Ok(Some(expanded))
}

/// As in a shell, `:-` stands in for a variable that is unset or empty.
fn value_of(reference: &str, env: &Lookup<'_>) -> Result<String, String> {
    let (name, default) = match reference.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (reference, None),
    };
    if !is_name(name) {
        return Err("`${…}` names no environment variable; write `${NAME}` or `${NAME:-default}`".to_owned());
    }
    match (env(name), default) {
        (Some(value), None) => Ok(value),
        (Some(value), Some(_)) if !value.is_empty() => Ok(value),
        (_, Some(default)) => Ok(default.to_owned()),
        (None, None) => Err(format!(
            "the environment variable `{name}` is not set; set it, or write `${{{name}:-default}}` with a default instead"
        )),
    }
}

fn is_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> Result<Option<String>, String> {
        expand_text(text, &|name| match name {
            "BUCKET" => Some("exports".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        })
    }

    fn is(text: &str) -> Result<Option<String>, String> {
        Ok(Some(text.to_owned()))
    }

    #[test]
    fn variables_are_replaced_by_their_value_or_default() {
        assert_eq!(expanded("s3://${BUCKET}/a/${UNSET:-b}/"), is("s3://exports/a/b/"));
        assert_eq!(expanded("${BUCKET:-other}"), is("exports"));
        assert_eq!(expanded("${EMPTY:-other}"), is("other"));
        assert_eq!(expanded("${EMPTY}"), is(""));
        assert_eq!(expanded("${UNSET:-}"), is(""));
    }

    #[test]
    fn text_without_a_reference_is_left_alone() {
        assert_eq!(expanded("costs $5"), Ok(None));
        assert_eq!(expanded("$${BUCKET} is ${BUCKET}"), is("${BUCKET} is exports"));
        assert_eq!(expanded("$${"), is("${"));
    }

    #[test]
    fn a_reference_that_cannot_be_resolved_is_refused() {
        assert!(expanded("${UNSET}").is_err());
        assert!(expanded("${BUCKET").is_err());
        assert!(expanded("${}").is_err());
        assert!(expanded("${1A}").is_err());
    }
}
