//! How a source's columns become canonical ones: names, date formats, values, constants.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::format::{Item, Parsed, StrftimeItems};
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

use super::zone::unknown_zone;
use crate::config::era;
use crate::config::raw::{OneOrMany, RawColumn, RawExpression, Text};
use crate::entity::{Column, ColumnKind, Entity};
use crate::expression::Expression;
use crate::policy::interval::Measure;
use crate::suggest;
use crate::yaml::{At, Mistakes};

/// Source column per canonical column, and expression per one that is worked out.
pub type Columns = (BTreeMap<&'static str, String>, BTreeMap<&'static str, Expression>);

/// Where the canonical columns come from.
pub fn columns(entity: Entity, raw: BTreeMap<String, RawColumn>, at: &At, mistakes: &mut Mistakes) -> Columns {
    let mut expressions = BTreeMap::new();
    let mut names = BTreeMap::new();
    let compiled = each(entity, raw, at, mistakes, |_, raw, at, mistakes| match raw {
        RawColumn::Name(Text(name)) if name.trim().is_empty() => {
            mistakes.value(at, format!("{at} names no column; write the column's name in the source"));
            None
        }
        RawColumn::Name(Text(name)) => Some(Err(name)),
        RawColumn::Expression(RawExpression { sql }) => match Expression::parse(&sql?) {
            Ok(expression) => Some(Ok(expression)),
            Err(message) => {
                mistakes.value(&at.key("sql"), message);
                None
            }
        },
    });
    for (column, compiled) in compiled {
        match compiled {
            Ok(expression) => drop(expressions.insert(column, expression)),
            Err(name) => drop(names.insert(column, name)),
        }
    }
    (names, expressions)
}

/// Where all columns are texts, expressions are planned before anything is read.
pub fn over_texts(entity: Entity, expressions: &BTreeMap<&'static str, Expression>, at: &At, mistakes: &mut Mistakes) {
    for column in entity.columns() {
        let checked = expressions.get(column.name).map(|expression| expression.check_over_texts(column.kind));
        if let Some(Err(message)) = checked {
            let message = format!("`{}` can't be worked out: {message}; write an expression that can", column.name);
            mistakes.value(&at.key(column.name).key("sql"), message);
        }
    }
}

/// Date formats per canonical column.
pub fn formats(
    entity: Entity,
    raw: BTreeMap<String, OneOrMany<String>>,
    at: &At,
    mistakes: &mut Mistakes,
) -> BTreeMap<&'static str, Vec<String>> {
    each(entity, raw, at, mistakes, |column, raw, at, mistakes| {
        if !matches!(column.kind, ColumnKind::LocalDay | ColumnKind::Instant | ColumnKind::Day) {
            let dated = dated_columns(entity);
            mistakes.key(at, format!("{at} holds no date or time; write formats for {dated} only"));
            return None;
        }
        let formats = match raw {
            OneOrMany::One(format) => vec![format],
            OneOrMany::Many(formats) => formats,
        };
        if formats.is_empty() {
            mistakes.value(at, format!("{at} lists no format; write one, such as `%Y-%m-%d`"));
        }
        for (index, format) in formats.iter().enumerate() {
            if let Err(message) = check_format(format) {
                let item = at.index(index);
                mistakes.value(if formats.len() > 1 { &item } else { at }, message);
            }
        }
        Some(formats)
    })
}

fn dated_columns(entity: Entity) -> String {
    let is_dated =
        |column: &&Column| matches!(column.kind, ColumnKind::LocalDay | ColumnKind::Instant | ColumnKind::Day);
    let names: Vec<&str> = entity.columns().iter().filter(is_dated).map(|column| column.name).collect();
    if names.is_empty() { "columns of other entities".to_owned() } else { suggest::listed(&names) }
}

/// A format is good if a day that it writes can be read back.
fn check_format(format: &str) -> Result<(), String> {
    let common_era = era::split(format).map(|(before, after)| format!("{before}%Y{after}"));
    let items: Vec<Item<'_>> = StrftimeItems::new(common_era.as_deref().unwrap_or(format)).collect();
    if items.contains(&Item::Error) {
        return Err(format!("`{format}` is no strftime format; write one such as `%Y/%m/%d %H:%M`"));
    }
    let mut written = String::new();
    let mut parsed = Parsed::new();
    let is_read_back = write!(written, "{}", DateTime::UNIX_EPOCH.format_with_items(items.iter())).is_ok()
        && chrono::format::parse(&mut parsed, &written, items.iter()).is_ok()
        && (parsed.to_naive_date().is_ok() || parsed.timestamp().is_some());
    if is_read_back {
        return Ok(());
    }
    Err(format!("`{format}` doesn't tell year, month and day; write a format that does, such as `%Y/%m/%d %H:%M`"))
}

/// Canonical value per source value, per canonical column.
pub fn values(
    entity: Entity,
    raw: BTreeMap<String, BTreeMap<String, Text>>,
    at: &At,
    mistakes: &mut Mistakes,
) -> BTreeMap<&'static str, BTreeMap<String, String>> {
    each(entity, raw, at, mistakes, |column, raw, at, mistakes| {
        let is_text = matches!(column.kind, ColumnKind::Text | ColumnKind::Word(_) | ColumnKind::Zone);
        if !is_text && raw.values().any(|Text(to)| !to.is_empty()) {
            mistakes.key(at, format!("values of {at} can be mapped to none only; write `\"\"` for it"));
            return None;
        }
        let mut values = BTreeMap::new();
        for (from, Text(to)) in raw {
            let is_null = to.is_empty() && (column.kind == ColumnKind::Text || !is_text);
            match check_value(column, &to) {
                Err(message) if !is_null => mistakes.value(&at.key(&from), message),
                _ => {
                    values.insert(from, to);
                }
            }
        }
        Some(values)
    })
}

/// The same value for every row, per canonical column.
pub fn constants(
    entity: Entity,
    raw: BTreeMap<String, Text>,
    at: &At,
    mistakes: &mut Mistakes,
) -> BTreeMap<&'static str, String> {
    each(entity, raw, at, mistakes, |column, Text(value), at, mistakes| {
        if matches!(entity.key(), [first, ..] if *first == column.name) {
            mistakes.key(at, format!("{at} tells rows apart and can't be constant; write it under `columns`"));
            return None;
        }
        if let Err(message) = check_value(column, &value) {
            mistakes.value(at, message);
        }
        Some(value)
    })
}

/// Whether `text` is a canonical value of the column.
fn check_value(column: &Column, text: &str) -> Result<(), String> {
    let name = column.name;
    let is_good = match column.kind {
        ColumnKind::Text => !text.trim().is_empty(),
        ColumnKind::Word(words) if words.contains(&text) => true,
        ColumnKind::Word(words) => {
            return Err(format!("`{name}` can't be `{text}`; {}", suggest::write_instead(text, words)));
        }
        ColumnKind::Zone if text.parse::<Tz>().is_ok() => true,
        ColumnKind::Zone => return Err(unknown_zone(text)),
        ColumnKind::Money => Measure::Money.parse(text).is_ok(),
        ColumnKind::Integer => text.parse::<i64>().is_ok(),
        ColumnKind::Day => text.parse::<NaiveDate>().is_ok(),
        ColumnKind::LocalDay | ColumnKind::Instant => {
            text.parse::<NaiveDate>().is_ok()
                || text.parse::<NaiveDateTime>().is_ok()
                || DateTime::parse_from_rfc3339(text).is_ok()
        }
    };
    if is_good {
        return Ok(());
    }
    let wanted = match column.kind {
        ColumnKind::Money => "an amount with at most two decimals, such as `1500` or `99.50`",
        ColumnKind::Integer => "a whole number, such as `6`",
        ColumnKind::Day => "a day, such as `2026-11-21`",
        ColumnKind::LocalDay | ColumnKind::Instant => "a day or a time, such as `2026-11-21` or `2026-11-21T09:30:00Z`",
        ColumnKind::Text | ColumnKind::Word(_) | ColumnKind::Zone => "text that is not empty",
    };
    Err(format!("`{name}` can't be `{text}`; write {wanted}"))
}

/// A column has its value from one place.
pub fn conflicts(
    (columns, expressions): &Columns,
    constants: &BTreeMap<&'static str, String>,
    at: &At,
    mistakes: &mut Mistakes,
) {
    let is_mapped = |name: &&&str| columns.contains_key(*name) || expressions.contains_key(*name);
    for name in constants.keys().filter(is_mapped) {
        mistakes.key(&at.key(name), format!("`{name}` is also under `columns`; write it in one of the two places"));
    }
}

/// Without a header columns have numbers, and none can be found by its canonical name.
pub fn numbered(
    entity: Entity,
    (columns, expressions): &Columns,
    constants: &BTreeMap<&'static str, String>,
    at: &At,
    mistakes: &mut Mistakes,
) {
    for (name, number) in columns {
        if !is_column_number(number) {
            let message =
                format!("`{number}` is no column number; without a header write numbers from 1, such as `{name}: 3`");
            mistakes.value(&at.key("columns").key(name), message);
        }
    }
    for (name, expression) in expressions {
        for input in expression.columns().iter().filter(|input| !is_column_number(input)) {
            let message = format!(
                "`{input}` is no column number; without a header write numbers from 1 in double quotes, such as `\"3\"`"
            );
            mistakes.value(&at.key("columns").key(name).key("sql"), message);
        }
    }
    if columns.contains_key("line_no") && !columns.contains_key("order_id") && !expressions.contains_key("order_id") {
        let message = "`line_no` numbers the lines of an order, and no `order_id` is mapped; write `order_id`, too, or \
                       no `line_no`: each row is then an order of its own";
        mistakes.key(&at.key("columns").key("line_no"), message);
    }
    for column in entity.columns().iter().filter(|column| column.required) {
        let name = column.name;
        if !columns.contains_key(name) && !expressions.contains_key(name) && !constants.contains_key(name) {
            let message = format!(
                "`{name}` has no column number; without a header write it under `columns`, such as `{name}: 3`"
            );
            mistakes.key(&at.key("columns"), message);
        }
    }
}

fn is_column_number(text: &str) -> bool {
    text.parse::<usize>().is_ok_and(|number| number > 0)
}

/// Applies `compile` to the entries of known canonical columns, and notes the others.
fn each<R, C>(
    entity: Entity,
    raw: BTreeMap<String, R>,
    at: &At,
    mistakes: &mut Mistakes,
    compile: impl Fn(&'static Column, R, &At, &mut Mistakes) -> Option<C>,
) -> BTreeMap<&'static str, C> {
    let mut compiled = BTreeMap::new();
    for (name, raw) in raw {
        let at = at.key(&name);
        match entity.columns().iter().find(|column| column.name == name) {
            Some(column) => {
                if let Some(value) = compile(column, raw, &at, mistakes) {
                    compiled.insert(column.name, value);
                }
            }
            None => {
                let names: Vec<&str> = entity.columns().iter().map(|column| column.name).collect();
                let remedy = suggest::write_instead(&name, &names);
                mistakes.key(&at, format!("{} have no canonical column `{name}`; {remedy}", entity.name()));
            }
        }
    }
    compiled
}
