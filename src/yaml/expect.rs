//! What a schema wants, in words for people.

use serde_json::{Map, Value};

use super::schema::types_of;
use crate::suggest;

/// The keywords of one alternative of a schema.
pub type Form<'s> = &'s Map<String, Value>;

/// The alternatives of a schema, references followed and unions opened; null is none of them.
pub fn forms<'s>(root: &'s Value, schema: &'s Value) -> Vec<Form<'s>> {
    let Value::Object(keywords) = schema else { return Vec::new() };
    if let Some(Value::String(reference)) = keywords.get("$ref") {
        let target = reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
        return target.map(|target| forms(root, target)).unwrap_or_default();
    }
    for union in ["anyOf", "oneOf"] {
        if let Some(Value::Array(schemas)) = keywords.get(union) {
            return schemas.iter().flat_map(|schema| forms(root, schema)).collect();
        }
    }
    if types_of(keywords) == ["null"] { Vec::new() } else { vec![keywords] }
}

/// The alternative that is of type `name`.
pub fn form_of_type<'s>(forms: &[Form<'s>], name: &str) -> Option<Form<'s>> {
    forms.iter().copied().find(|form| types_of(form).contains(&name) && words_of(form).is_empty())
}

/// The words that are allowed, over all alternatives.
pub fn words<'s>(forms: &[Form<'s>]) -> Vec<&'s str> {
    forms.iter().copied().flat_map(words_of).collect()
}

fn words_of(form: Form<'_>) -> Vec<&str> {
    let word = form.get("const").and_then(Value::as_str);
    let words = form.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    word.into_iter().chain(words).collect()
}

/// What to write, with an example if the schema has one.
pub fn wanted(schema: &Value, forms: &[Form<'_>]) -> String {
    let words = words(forms);
    let mut parts = Vec::new();
    match words.as_slice() {
        [] => {}
        [word] => parts.push(format!("`{word}`")),
        _ => parts.push(format!("one of {}", suggest::listed(&words))),
    }
    parts.extend(
        ["string", "integer", "number", "boolean", "array", "object"]
            .into_iter()
            .filter_map(|name| form_of_type(forms, name).map(|form| (name, form)))
            .filter(|(name, form)| *name == "string" || !types_of(form).contains(&"string"))
            .map(|(name, form)| of_type(name, form)),
    );
    let wanted = parts.join(" or ");
    let is_of_two = form_of_type(forms, "boolean").is_some() && form_of_type(forms, "string").is_none();
    let is_complete = parts.len() == 1 && (!words.is_empty() || is_of_two);
    match example(schema) {
        Some(example) if !is_complete => format!("{wanted}, such as `{example}`"),
        _ => wanted,
    }
}

fn of_type(name: &str, form: Form<'_>) -> String {
    match name {
        "string" => "text".to_owned(),
        "integer" => format!("a whole number{}", range(form)),
        "number" => format!("a number{}", range(form)),
        "boolean" => "`true` or `false`".to_owned(),
        "array" => "a list".to_owned(),
        _ => match form.get("properties").and_then(Value::as_object) {
            Some(properties) => {
                let keys: Vec<&str> = properties.keys().map(String::as_str).collect();
                format!("a mapping with {}", suggest::listed(&keys))
            }
            None => "a mapping".to_owned(),
        },
    }
}

fn range(form: Form<'_>) -> String {
    match (form.get("minimum"), form.get("maximum")) {
        (Some(minimum), Some(maximum)) => format!(" from {} to {}", number(minimum), number(maximum)),
        (Some(minimum), None) => format!(" from {}", number(minimum)),
        _ => String::new(),
    }
}

/// `1.0` in a schema is `1` to a person.
fn number(value: &Value) -> String {
    value.as_f64().map_or_else(|| value.to_string(), |number| number.to_string())
}

/// The schema's first example, as it would stand in YAML.
pub fn example(schema: &Value) -> Option<String> {
    schema.get("examples")?.get(0).map(flow)
}

/// A value in YAML's flow style.
fn flow(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::String(text) if is_plain(text) => text.clone(),
        Value::String(text) => format!("{text:?}"),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key}: {}", flow(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// Whether text needs no quotes, also within brackets.
fn is_plain(text: &str) -> bool {
    let is_number = text.parse::<f64>().is_ok();
    !is_number
        && text.starts_with(|c: char| c.is_alphanumeric() || c == '/')
        && text.chars().all(|c| c.is_alphanumeric() || "-_./:+".contains(c))
        && !text.ends_with(':')
}
