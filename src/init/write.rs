//! The first pipeline file: every guess with its reason, and what to look at.

use std::fmt::Write;

use super::guess::{Guess, MappedFrom, Mapping};
use super::inspect::Inspection;
use super::request::Request;
use crate::config::Format;
use crate::entity::Entity;

/// Marks lines to look at before the numbers are relied on.
pub const CHECK: &str = "CHECK";
/// Names of columns that a comment lists.
const NAMES_SHOWN: usize = 12;

/// The pipeline file.
pub fn pipeline(request: &Request, sources: &[(Inspection, Guess)]) -> String {
    // Writing to a string can't fail.
    let mut text = String::new();
    let _ = writeln!(
        text,
        "# A first pipeline, guessed by `rfmart init` from headers and the first rows. Inspection at the lines that say \
         {CHECK}.\n# `rfmart schema` prints all that a pipeline file may hold; pipelines/nightly.yaml explains it.\n"
    );
    let _ = writeln!(text, "name: {}", request.name);
    setting(&mut text, "timezone", request.timezone.as_deref(), "Asia/Taipei", "the zone of the branches' clocks");
    setting(&mut text, "currency", request.currency.as_deref(), "TWD", "all money is in it");
    text.push_str("\nsources:\n");
    for entity in in_order() {
        let of_entity: Vec<_> = sources.iter().filter(|(_, guess)| guess.entity == entity).collect();
        if of_entity.is_empty() {
            continue;
        }
        let _ = writeln!(text, "  {}:", entity.name());
        for (inspection, guess) in &of_entity {
            source(&mut text, inspection, guess, of_entity.len() > 1);
        }
    }
    text.push_str("\npublish:\n  location: warehouse/\n");
    text
}

/// Orders first, for they must be there.
fn in_order() -> impl Iterator<Item = Entity> {
    let others = Entity::ALL.into_iter().filter(|entity| *entity != Entity::Orders);
    [Entity::Orders].into_iter().chain(others)
}

fn setting(text: &mut String, key: &str, given: Option<&str>, default: &str, what: &str) {
    let _ = match given {
        Some(given) => writeln!(text, "{key}: {given}"),
        None => writeln!(text, "{key}: {default}    # {CHECK}: {what}; nothing told it (--{key})"),
    };
}

fn source(text: &mut String, inspection: &Inspection, guess: &Guess, is_one_of_several: bool) {
    let indent = if is_one_of_several { "      " } else { "    " };
    let first = if is_one_of_several { "    - " } else { indent };
    let _ = writeln!(text, "{first}location: {}", quoted(&inspection.location));
    if inspection.names_format {
        let format = match inspection.source.format {
            Format::Csv => "csv",
            Format::Ndjson => "ndjson",
            Format::Parquet => "parquet",
        };
        let _ = writeln!(text, "{indent}format: {format}    # guessed from the first bytes");
    }
    if let Some(options) = csv(inspection) {
        let _ = writeln!(text, "{indent}csv: {{{options}}}    # guessed from the first lines");
    }
    columns(text, guess, indent);
    formats(text, guess, indent);
    values(text, guess, indent);
    constants(text, guess, indent);
    if guess.entity == Entity::Orders && guess.columns.iter().all(|mapping| mapping.column != "order_id") {
        let _ = writeln!(
            text,
            "{indent}# No column looks like an order's number: each row is an order of its own. If one is, map it: order_id"
        );
    }
    if !guess.unmapped.is_empty() {
        let _ = writeln!(text, "{indent}# Not mapped: {}", comment(&names(&guess.unmapped)));
    }
}

fn csv(inspection: &Inspection) -> Option<String> {
    let options = &inspection.source.csv;
    let is_tsv = inspection.location.contains(".tsv");
    let mut parts = Vec::new();
    match (options.delimiter, is_tsv) {
        (b'\t', true) | (b',', false) => {}
        (b'\t', false) => parts.push("delimiter: \"\\t\"".to_owned()),
        (delimiter, _) => parts.push(format!("delimiter: \"{}\"", char::from(delimiter))),
    }
    if !options.header {
        parts.push("header: false".to_owned());
    }
    if options.encoding != encoding_rs::UTF_8 {
        parts.push(format!("encoding: {}", options.encoding.name().to_lowercase()));
    }
    (inspection.source.format == Format::Csv && !parts.is_empty()).then(|| parts.join(", "))
}

fn columns(text: &mut String, guess: &Guess, indent: &str) {
    let mapped = guess.columns.iter().filter(|mapping| !matches!(mapping.from, MappedFrom::Constant(_)));
    let mapped: Vec<&Mapping> = mapped.collect();
    if !mapped.is_empty() {
        let _ = writeln!(text, "{indent}columns:");
    }
    for mapping in mapped {
        let value = match &mapping.from {
            MappedFrom::Name(name) => quoted(name),
            MappedFrom::Sql(sql) => format!("{{sql: {}}}", quoted(sql)),
            MappedFrom::Constant(_) => continue,
        };
        let _ = writeln!(text, "{indent}  {}: {value}    # {}", mapping.column, reason(mapping));
    }
    for missing in &guess.missing {
        let _ = writeln!(
            text,
            "{indent}# {CHECK}: no column looks like {missing}, which must be there; add `{missing}: <its name>` to columns"
        );
    }
}

fn formats(text: &mut String, guess: &Guess, indent: &str) {
    let dated = guess.columns.iter().filter_map(|mapping| Some((mapping.column, mapping.format.as_ref()?)));
    let dated: Vec<String> = dated.map(|(column, format)| format!("{column}: {}", quoted(format))).collect();
    if !dated.is_empty() {
        let _ = writeln!(text, "{indent}formats: {{{}}}    # guessed from the first values", dated.join(", "));
    }
}

fn values(text: &mut String, guess: &Guess, indent: &str) {
    let mapped: Vec<&Mapping> = guess.columns.iter().filter(|mapping| !mapping.values.is_empty()).collect();
    if !mapped.is_empty() {
        let _ = writeln!(text, "{indent}values:    # guessed from the words themselves");
    }
    for mapping in mapped {
        let words = mapping.values.iter().map(|(from, to)| format!("{}: {to}", quoted(from)));
        let _ = writeln!(text, "{indent}  {}: {{{}}}", mapping.column, words.collect::<Vec<_>>().join(", "));
    }
}

fn constants(text: &mut String, guess: &Guess, indent: &str) {
    for mapping in &guess.columns {
        if let MappedFrom::Constant(value) = mapping.from {
            let _ = writeln!(text, "{indent}constants: {{{}: {value}}}    # {}", mapping.column, reason(mapping));
        }
    }
}

fn reason(mapping: &Mapping) -> String {
    let why = comment(&mapping.why);
    match &mapping.check {
        Some(check) => format!("{CHECK}: {why}; {}", comment(check)),
        None => why,
    }
}

/// On one line.
fn comment(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn names(names: &[String]) -> String {
    let mut shown: Vec<&str> = names.iter().take(NAMES_SHOWN).map(String::as_str).collect();
    let more = names.len().saturating_sub(shown.len());
    let more = format!("and {more} more");
    if names.len() > shown.len() {
        shown.push(&more);
    }
    shown.join(", ")
}

/// Text in YAML's flow style: in quotes unless it is a word.
fn quoted(text: &str) -> String {
    let is_plain_char = |c: char| c.is_alphanumeric() || "_-./".contains(c);
    let is_word = text.starts_with(|c: char| c.is_alphabetic()) && text.chars().all(is_plain_char);
    let is_reserved =
        ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_lowercase().as_str());
    if is_word && !is_reserved {
        return text.to_owned();
    }
    // JSON is YAML. A dollar with a brace would be a variable.
    serde_json::Value::from(text.replace("${", "$${")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_word_stands_in_quotes() {
        for (text, yaml) in [
            ("單價", "單價"),
            ("exports/a-b.csv", "exports/a-b.csv"),
            ("a b", "\"a b\""),
            ("1", "\"1\""),
            ("null", "\"null\""),
            ("No", "\"No\""),
            ("a: b", "\"a: b\""),
            ("${X}", "\"$${X}\""),
            ("say \"hi\"", r#""say \"hi\"""#),
            ("*.csv", "\"*.csv\""),
        ] {
            assert_eq!(quoted(text), yaml);
        }
    }

    #[test]
    fn long_lists_are_cut() {
        let many: Vec<String> = (0..20).map(|number| format!("c{number}")).collect();
        assert!(names(&many).ends_with("c11, and 8 more"), "{}", names(&many));
    }
}
