//! Which of an object's columns stands for which canonical column.

use std::collections::BTreeSet;

use crate::config::{CsvOptions, Format, Source};
use crate::entity::{Column, ColumnKind};
use crate::expression::Expression;
use crate::source::list::FoundObject;
use crate::suggest::write_instead;
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
        (Some(_), Some(_)) => Err(Error::new(Kind::Data, format!("{}: two columns are named '{input}'", found.url))
            .detail(columns_line(names))
            .hint(format!("{}: an expression reads it; only one of them can be meant", source.label))),
    }
}

/// The error that `input`, which an expression reads, isn't among the object's `names`.
pub(in crate::source) fn missing_input(input: &str, found: &FoundObject, source: &Source, names: &[String]) -> Error {
    let readers = source.expressions.iter().filter(|(_, expression)| expression.columns().iter().any(|c| c == input));
    let readers: Vec<String> = readers.map(|(name, _)| format!("{}.{name}", found.entity.name())).collect();
    let remedy = write_instead(input, &names.iter().map(String::as_str).collect::<Vec<_>>());
    // What stands in a header goes into details, which are taken away where it may be a row.
    Error::new(Kind::Data, format!("{}: no column '{input}' for {}", found.url, readers.join(", ")))
        .detail(columns_line(names))
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
        (Some(_), Some(_)) => Err(Error::new(Kind::Data, format!("{}: two columns are named '{wanted}'", found.url))
            .detail(columns_line(names))
            .hint(format!("{}: only one of them can be {}.{}", source.label, found.entity.name(), column.name))),
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
    Error::new(Kind::Data, format!("{}: no column '{wanted}' for {}.{}", found.url, found.entity.name(), column.name))
        .detail(columns_line(names))
        .hint(format!(
            "under sources.{} write `columns: {{{}: {example}}}`, or give it as a constant",
            source.label, column.name
        ))
}

/// Names that a message shows, and the characters of each: what is taken for a header may be anything.
const NAMES_SHOWN: usize = 40;
const CHARACTERS_SHOWN: usize = 60;

fn columns_line(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(NAMES_SHOWN).map(|name| shortened(name)).collect();
    let more = match names.len().checked_sub(NAMES_SHOWN) {
        Some(more @ 1..) => format!(", and {more} more"),
        _ => String::new(),
    };
    format!("its columns: {}{more}", shown.join(", "))
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(CHARACTERS_SHOWN) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
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
    use super::columns_line;

    #[test]
    fn a_message_shows_some_names_and_of_each_its_beginning() {
        let names = |count: usize, name: &str| vec![name.to_owned(); count];
        assert_eq!(columns_line(&names(2, "會員編號")), "its columns: 會員編號, 會員編號");
        let long = columns_line(&names(1, &"號".repeat(61)));
        assert_eq!(long, format!("its columns: {}…", "號".repeat(60)));
        let many = columns_line(&names(1_000, "a"));
        assert!(many.ends_with(", a, a, and 960 more"), "{many}");
    }
}
