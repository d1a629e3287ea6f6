//! Checks that a file has the shape its schema asks for: keys that are known and there, values of
//! the right type. All mistakes are told; what is right goes on to be compiled.

use serde_json::{Map, Number, Value};

use super::expect::{self, Form};
use super::mistakes::Mistakes;
use super::path::At;
use super::schema::types_of;
use super::tree::{Content, Entry, Node, Scalar, Style};
use crate::suggest::{self, shortened};

/// The file as a value that fits `schema`, but for required keys that are missing or wrong (which is noted). What
/// stands under the root's keys in `secret` is not quoted, but named as said there.
pub fn conform(schema: &Value, root: &Node, secret: &[(&str, &str)], mistakes: &mut Mistakes) -> Option<Value> {
    Shape { root: schema, secret, mistakes }.value(schema, root, &At::root())
}

struct Shape<'s, 'm> {
    root: &'s Value,
    secret: &'s [(&'s str, &'s str)],
    mistakes: &'m mut Mistakes,
}

impl<'s> Shape<'s, '_> {
    fn value(&mut self, schema: &'s Value, node: &Node, at: &At) -> Option<Value> {
        let forms = expect::forms(self.root, schema);
        match &node.content {
            Content::Mapping(entries) => match expect::form_of_type(&forms, "object") {
                Some(form) => Some(self.mapping(form, entries, at)),
                None => self.refuse(schema, &forms, "a mapping", at),
            },
            Content::List(items) => match expect::form_of_type(&forms, "array") {
                Some(form) => self.list(form, items, at),
                None => self.refuse(schema, &forms, "a list", at),
            },
            Content::Scalar(scalar) => self.scalar(schema, &forms, scalar, at),
        }
    }

    fn mapping(&mut self, form: Form<'s>, entries: &[Entry], at: &At) -> Value {
        let properties = form.get("properties").and_then(Value::as_object);
        let known = |key: &str| properties.and_then(|properties| properties.get(key));
        let others = form.get("additionalProperties").filter(|schema| schema.is_object());
        let mut values = Map::new();
        for entry in entries {
            let at = at.key(&entry.key);
            match known(&entry.key).or(others) {
                Some(_) if entry.value.is_null() && self.may_be_absent(&entry.value, &at, others.is_some()) => {}
                Some(schema) => {
                    if let Some(value) = self.value(schema, &entry.value, &at) {
                        values.insert(entry.key.clone(), value);
                    }
                }
                None => {
                    let remedy = instead_of(&entry.key, properties);
                    self.mistakes.key(&at, format!("the key `{}` is not known here; {remedy}", shortened(&entry.key)));
                }
            }
        }
        self.missing(form, entries, at);
        Value::Object(values)
    }

    /// Nothing where a setting may be left out is the setting left out. Under a key that the user
    /// chose it is a slip, unless the environment left it empty.
    fn may_be_absent(&mut self, node: &Node, at: &At, is_free_key: bool) -> bool {
        let is_from_environment =
            matches!(&node.content, Content::Scalar(scalar) if scalar.style == Style::Environment);
        if is_free_key && !is_from_environment {
            self.mistakes.key(at, format!("{at} has no value; write one after the colon, or leave the key out"));
        }
        true
    }

    fn missing(&mut self, form: Form<'s>, entries: &[Entry], at: &At) {
        let required = form.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for key in required {
            let schema = form.get("properties").and_then(|properties| properties.get(key));
            let example = schema.and_then(expect::example).unwrap_or_else(|| "…".to_owned());
            let remedy = format!("write `{key}: {example}`, with your own value");
            match entries.iter().find(|entry| entry.key == key) {
                None => self.mistakes.key(at, format!("`{key}` is missing in {at}; {remedy}")),
                Some(entry) if entry.value.is_null() => {
                    self.mistakes.key(&at.key(key), format!("`{key}` has no value; {remedy}"));
                }
                Some(_) => {}
            }
        }
    }

    /// A list with an item that can't be used can't be used either.
    fn list(&mut self, form: Form<'s>, items: &[Node], at: &At) -> Option<Value> {
        let schema = form.get("items")?;
        let values: Vec<Option<Value>> =
            items.iter().enumerate().map(|(index, item)| self.value(schema, item, &at.index(index))).collect();
        values.into_iter().collect::<Option<Vec<Value>>>().map(Value::Array)
    }

    fn scalar(&mut self, schema: &'s Value, forms: &[Form<'s>], scalar: &Scalar, at: &At) -> Option<Value> {
        if scalar.style == Style::Unusable {
            return None;
        }
        if scalar.is_null() {
            return self.refuse(schema, forms, "empty", at);
        }
        let words = expect::words(forms);
        if words.contains(&scalar.text.as_str()) {
            return Some(Value::String(scalar.text.clone()));
        }
        if let Some(value) = typed(scalar, forms) {
            return Some(value);
        }
        match remedy(scalar, forms) {
            Some(remedy) => {
                self.mistakes.value(at, format!("{at} can't be {}; {remedy}", quoted(scalar)));
                None
            }
            None => match self.secret.iter().find(|(key, _)| at.is_under(key)) {
                // It may be the secret, gone astray.
                Some((_, name)) => self.refuse(schema, forms, name, at),
                None => self.refuse(schema, forms, &quoted(scalar), at),
            },
        }
    }

    fn refuse(&mut self, schema: &Value, forms: &[Form<'_>], what: &str, at: &At) -> Option<Value> {
        let wanted = expect::wanted(schema, forms);
        self.mistakes.value(at, format!("{at} can't be {what}; write {wanted}"));
        None
    }
}

/// What to write for a key that is not known: the one that says (`x-instead-of`) to stand where this key would be
/// expected, else the likeliest.
fn instead_of(key: &str, properties: Option<&Map<String, Value>>) -> String {
    let known = || properties.into_iter().flatten();
    let stands_for = |schema: &Value| schema.get("x-instead-of").and_then(Value::as_str) == Some(key);
    match known().find(|(_, schema)| stands_for(schema)) {
        Some((right, schema)) => {
            let meaning = schema.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
            format!("write `{right}`: {meaning}")
        }
        None => suggest::write_instead(key, &known().map(|(key, _)| key.as_str()).collect::<Vec<_>>()),
    }
}

/// What to write, if the scalar tells what was meant.
fn remedy(scalar: &Scalar, forms: &[Form<'_>]) -> Option<String> {
    let text = &scalar.text;
    match scalar.style {
        Style::Environment | Style::Unusable => None,
        Style::Quoted => {
            let plain = Scalar { text: text.clone(), style: Style::Plain };
            typed(&plain, forms).map(|_| format!("write `{}`, without quotes", shortened(text)))
        }
        Style::Plain if expect::form_of_type(forms, "string").is_some() => {
            Some(format!("write `\"{}\"`, in quotes", shortened(text)))
        }
        Style::Plain => suggest::closest(text, expect::words(forms)).map(|word| format!("write `{word}`")),
    }
}

/// How a message shows a scalar. What comes from the environment may be a secret gone astray.
fn quoted(scalar: &Scalar) -> String {
    match scalar.style {
        Style::Environment => "what the environment variable holds".to_owned(),
        Style::Quoted => format!("the text {:?}", shortened(&scalar.text)),
        Style::Plain | Style::Unusable => format!("`{}`", shortened(&scalar.text)),
    }
}

/// The scalar as the first type that wants it. Text without quotes that looks like a number is text
/// only where both are welcome.
fn typed(scalar: &Scalar, forms: &[Form<'_>]) -> Option<Value> {
    let is_literal = scalar.style == Style::Plain && (is_boolean(&scalar.text) || is_number(&scalar.text));
    if let Some(form) = expect::form_of_type(forms, "string") {
        let takes_literals = types_of(form).contains(&"number");
        return (takes_literals || !is_literal).then(|| Value::String(scalar.text.clone()));
    }
    if scalar.style == Style::Quoted {
        return None;
    }
    let text = scalar.text.trim();
    if let Some(form) = expect::form_of_type(forms, "integer") {
        return text.parse::<i64>().ok().map(Number::from).filter(|number| is_within(form, number)).map(Value::Number);
    }
    if let Some(form) = expect::form_of_type(forms, "number") {
        let number = text.parse::<f64>().ok().and_then(Number::from_f64);
        return number.filter(|number| is_within(form, number)).map(Value::Number);
    }
    expect::form_of_type(forms, "boolean").and_then(|_| text.parse::<bool>().ok()).map(Value::Bool)
}

fn is_boolean(text: &str) -> bool {
    matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
}

/// `inf` and `nan` are words here.
fn is_number(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit() || c == '.') && text.parse::<f64>().is_ok()
}

fn is_within(form: Form<'_>, number: &Number) -> bool {
    let bound = |keyword| form.get(keyword).and_then(Value::as_f64);
    number.as_f64().is_some_and(|number| {
        bound("minimum").is_none_or(|minimum| number >= minimum)
            && bound("maximum").is_none_or(|maximum| number <= maximum)
    })
}
