//! Which of an object's columns stands for which canonical column.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::config::{CsvOptions, Format, Source};
use crate::entity::{Column, ColumnKind};
use crate::expression::Expression;
use crate::source::list::FoundObject;
use crate::suggest::{shortened, write_instead};
use crate::{Error, Kind, Result};

/// Where the values of a canonical column come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) enum Binding {
    /// The object's column of this index.
    Object(usize),
    /// The same text for every row: a constant, or the column's default.
    Constant(String),
    /// What the column's expression gives.
    Expression,
    /// Nowhere: null.
    Absent,
}

/// Binds the canonical columns, in order, to the columns that the object has, and behind them the [`inputs`].
///
/// # Errors
/// A required or mapped column that isn't there, or is there twice.
pub(in crate::source) fn bind(found: &FoundObject, source: &Source, names: &[String]) -> Result<Vec<Binding>> {
    let canonical = found.entity.columns().iter().map(|column| binding_of(column, found, source, names));
    let inputs = inputs(source).into_iter().map(|input| input_of(input, found, source, names));
    canonical.chain(inputs).collect()
}

/// Whether few texts are found again and again in a column, so that it is read as a dictionary: each distinct text is
/// then looked at once in a batch.
pub(in crate::source) fn repeats(column: &Column) -> bool {
    match column.kind {
        ColumnKind::Word(_) | ColumnKind::Zone => true,
        _ => matches!(column.name, "branch_id" | "department" | "item_id" | "channel"),
    }
}

/// The columns that the source's expressions read, ascending, each once.
pub(in crate::source) fn inputs(source: &Source) -> BTreeSet<&str> {
    source.expressions.values().flat_map(Expression::columns).map(String::as_str).collect()
}

fn input_of(input: &str, found: &FoundObject, source: &Source, names: &[String]) -> Result<Binding> {
    let mut places = names.iter().enumerate().filter(|(_, name)| *name == input).map(|(place, _)| place);
    match (places.next(), places.next()) {
        (Some(place), None) => Ok(Binding::Object(place)),
        (None, _) => Err(missing_input(input, found, source, names)),
        (Some(_), Some(_)) => {
            Err(Error::new(Kind::Data, format!("{}: two columns are named '{}'", found.url, shortened(input)))
                .detail(columns_line(source, names))
                .hint(format!("{}: an expression reads it; only one of them can be meant", source.label)))
        }
    }
}

/// The error that `input`, which an expression reads, isn't among the object's `names`.
pub(in crate::source) fn missing_input(input: &str, found: &FoundObject, source: &Source, names: &[String]) -> Error {
    let readers = source.expressions.iter().filter(|(_, expression)| expression.columns().iter().any(|c| c == input));
    let readers: Vec<String> = readers.map(|(name, _)| format!("{}.{name}", found.entity.name())).collect();
    let remedy = match may_be_shown(source, names) {
        true => write_instead(input, &names.iter().map(String::as_str).collect::<Vec<_>>()),
        false => "is it the right file, and has it a header?".to_owned(),
    };
    // What stands in a header goes into details, which are taken away where it may be a row.
    Error::new(Kind::Data, format!("{}: no column '{}' for {}", found.url, shortened(input), readers.join(", ")))
        .detail(columns_line(source, names))
        .detail(remedy)
        .hint(format!(
            "mend the `sql` under sources.{}.columns; names that are no words stand in double quotes",
            source.label
        ))
}

fn binding_of(column: &Column, found: &FoundObject, source: &Source, names: &[String]) -> Result<Binding> {
    if let Some(constant) = source.constants.get(column.name) {
        return Ok(Binding::Constant(constant.clone()));
    }
    if source.expressions.contains_key(column.name) {
        return Ok(Binding::Expression);
    }
    let mapped = source.columns.get(column.name).map(String::as_str);
    let wanted = mapped.unwrap_or(column.name);
    let mut places = names.iter().enumerate().filter(|(_, name)| *name == wanted).map(|(place, _)| place);
    match (places.next(), places.next()) {
        (Some(_), Some(_)) => {
            Err(Error::new(Kind::Data, format!("{}: two columns are named '{}'", found.url, shortened(wanted)))
                .detail(columns_line(source, names))
                .hint(format!("{}: only one of them can be {}.{}", source.label, found.entity.name(), column.name)))
        }
        (Some(place), None) => Ok(Binding::Object(place)),
        (None, _) if column.required || mapped.is_some() => Err(missing(column, wanted, found, source, names)),
        (None, _) => Ok(column.default.map_or(Binding::Absent, |text| Binding::Constant(text.to_owned()))),
    }
}

/// The error that `wanted`, which stands for `column`, isn't among the object's `names`.
pub(in crate::source) fn missing(
    column: &Column,
    wanted: &str,
    found: &FoundObject,
    source: &Source,
    names: &[String],
) -> Error {
    let example = if source.format == Format::Csv && !source.csv.header { "1" } else { "<its name there>" };
    let (wanted, entity) = (shortened(wanted), found.entity.name());
    Error::new(Kind::Data, format!("{}: no column '{wanted}' for {entity}.{}", found.url, column.name))
        .detail(columns_line(source, names))
        .hint(format!(
            "under sources.{} write `columns: {{{}: {example}}}`, or give it as a constant",
            source.label, column.name
        ))
}

/// Names that a message shows.
const NAMES_SHOWN: usize = 40;

fn columns_line(source: &Source, names: &[String]) -> String {
    if !may_be_shown(source, names) {
        return "its first line isn't shown, for it looks like a row rather than names of columns".to_owned();
    }
    listed(names)
}

fn listed(names: &[String]) -> String {
    let shown: Vec<Cow<'_, str>> = names.iter().take(NAMES_SHOWN).map(|name| shortened(name)).collect();
    let more = match names.len().checked_sub(NAMES_SHOWN) {
        Some(more @ 1..) => format!(", and {more} more"),
        _ => String::new(),
    };
    format!("its columns: {}{more}", shown.join(", "))
}

/// Whether names may stand in a message. A location may lead to any file, and what stands first in it is no business of
/// a log unless it is a header.
fn may_be_shown(source: &Source, names: &[String]) -> bool {
    source.format != Format::Csv || !source.csv.header || !names.iter().any(|name| looks_like_a_value(name))
}

/// Digits in a row that no name has, but a phone number, an id or a day.
const VALUE_DIGITS: usize = 5;

fn looks_like_a_value(name: &str) -> bool {
    let has_letters = name.chars().any(char::is_alphabetic);
    let longest_number = name.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    name.contains([':', '@', '/', '\\', '=', '{', '<', '"'])
        || (!has_letters && name.contains(|c: char| c.is_ascii_digit()))
        || longest_number >= Some(VALUE_DIGITS)
}

/// Names of the columns of a CSV object without header: `1`, `2`, …
pub(in crate::source) fn numbered(width: usize) -> Vec<String> {
    (1..=width).map(|number| number.to_string()).collect()
}

/// What messages call the width that every record should have.
pub(in crate::source) fn width_of(options: &CsvOptions) -> &'static str {
    if options.header { "the header" } else { "the first row" }
}

#[cfg(test)]
mod tests {
    use super::{listed, looks_like_a_value};

    #[test]
    fn a_message_shows_some_names_and_of_each_its_beginning() {
        let names = |count: usize, name: &str| vec![name.to_owned(); count];
        assert_eq!(listed(&names(2, "會員編號")), "its columns: 會員編號, 會員編號");
        let long = listed(&names(1, &"號".repeat(61)));
        assert_eq!(long, format!("its columns: {}…", "號".repeat(60)));
        let many = listed(&names(1_000, "a"));
        assert!(many.ends_with(", a, a, and 960 more"), "{many}");
    }

    #[test]
    fn what_no_header_has_looks_like_a_value() {
        for name in ["customer_id", "會員編號", "金額（元）", "Unit price", "2024 Q1", "address 2", "", "-"] {
            assert!(!looks_like_a_value(name), "{name}");
        }
        for value in ["root:x:0:0:root:/root:/bin/bash", "A=b", "0912345678", "2024-11-05", "100", "a@b.c", "A100234"] {
            assert!(looks_like_a_value(value), "{value}");
        }
    }
}
