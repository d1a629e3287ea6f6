//! Which entity a source holds, and which of its columns stands for which canonical one.

use std::collections::BTreeSet;

use super::dates::{Dates, dates};
use super::inspect::Inspection;
use super::sample::Sample;
use super::vocabulary;
use crate::entity::{Column, ColumnKind, Entity};
use crate::expression::Expression;
use crate::number::is_number;

/// Different words that a status or kind may have; a column of more is something else.
const MOST_WORDS: usize = 12;

/// What a source is taken for.
pub struct Guess {
    /// What it holds.
    pub entity: Entity,
    /// Columns that were found, in the entity's order.
    pub columns: Vec<Mapping>,
    /// Required columns that were not found.
    pub missing: Vec<&'static str>,
    /// Columns of the source that stand for nothing.
    pub unmapped: Vec<String>,
}

/// Where a canonical column's values come from.
pub struct Mapping {
    /// The canonical column's name.
    pub column: &'static str,
    /// Its values.
    pub from: MappedFrom,
    /// Why.
    pub why: String,
    /// What to look at before it can be relied on.
    pub check: Option<String>,
    /// A date's format, if it needs one.
    pub format: Option<String>,
    /// Canonical words, by those in the source.
    pub values: Vec<(String, &'static str)>,
}

/// Where values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MappedFrom {
    /// A column.
    Name(String),
    /// An expression.
    Sql(String),
    /// The same for every row.
    Constant(&'static str),
}

/// The best guess of what a source holds: what the user said, else the entity whose columns fit best.
pub fn guess(inspection: &Inspection) -> Guess {
    let entities = inspection.declared.map_or_else(|| Entity::ALL.to_vec(), |entity| vec![entity]);
    let guesses = entities.into_iter().map(|entity| of_entity(entity, inspection));
    // Of equals, orders.
    let best = guesses.max_by_key(|guess| (score(guess, inspection), guess.entity == Entity::Orders));
    best.unwrap_or_else(|| of_entity(Entity::Orders, inspection))
}

fn score(guess: &Guess, inspection: &Inspection) -> i64 {
    let is_required = |name: &str| guess.entity.columns().iter().any(|column| column.name == name && column.required);
    let found = guess.columns.iter().filter(|mapping| !matches!(mapping.from, MappedFrom::Constant(_)));
    let found: i64 = found.map(|mapping| if is_required(mapping.column) { 3 } else { 1 }).sum();
    let missing = i64::try_from(guess.missing.len()).unwrap_or(i64::MAX);
    let is_named = vocabulary::is_file_of(guess.entity.name(), inspection.file());
    // Days and amounts alone are anybody's.
    let tells_of_spend = |mapping: &Mapping| matches!(mapping.column, "channel" | "campaign_id");
    let is_vague = guess.entity == Entity::Spend && !is_named && !guess.columns.iter().any(tells_of_spend);
    found - missing.saturating_mul(6) + if is_named { 4 } else { 0 } - if is_vague { 12 } else { 0 }
}

fn of_entity(entity: Entity, inspection: &Inspection) -> Guess {
    let mut search = Search { samples: &inspection.samples, used: BTreeSet::new(), found: Vec::new() };
    let has_names = inspection.source.csv.header;
    let columns = entity.columns();
    let required = || columns.iter().filter(|column| column.required);
    if has_names {
        search.by_header(columns.iter(), true);
        search.by_header(required(), false);
        search.by_header(columns.iter().filter(|column| !column.required), false);
        search.by_part(required());
        search.by_part(columns.iter().filter(|column| column.name == "quantity"));
    }
    search.by_values(required());
    if entity == Entity::Orders {
        search.amount();
        search.lines();
    }
    if !has_names {
        search.whatever_is_left(required().filter(|column| column.name != "branch_id"));
    }
    if matches!(entity, Entity::Orders | Entity::Visits) {
        search.branch();
    }
    let missing = required().map(|column| column.name).filter(|name| !search.has(name)).collect();
    let unmapped =
        inspection.samples.iter().map(|sample| &sample.name).filter(|name| !search.used.contains(name.as_str()));
    let unmapped = unmapped.cloned().collect();
    let place = |mapping: &Mapping| columns.iter().position(|column| column.name == mapping.column);
    search.found.sort_by_key(place);
    Guess { entity, columns: search.found, missing, unmapped }
}

struct Search<'a> {
    samples: &'a [Sample],
    used: BTreeSet<&'a str>,
    found: Vec<Mapping>,
}

impl<'a> Search<'a> {
    fn has(&self, column: &str) -> bool {
        self.found.iter().any(|mapping| mapping.column == column)
    }

    fn name_of(&self, column: &str) -> Option<&'a Sample> {
        let mapping = self.found.iter().find(|mapping| mapping.column == column)?;
        let MappedFrom::Name(name) = &mapping.from else { return None };
        self.samples.iter().find(|sample| sample.name == *name)
    }

    fn unused(&self) -> Vec<&'a Sample> {
        self.samples.iter().filter(|sample| !self.used.contains(sample.name.as_str())).collect()
    }

    /// By headers that are known for a column; `own`: by its canonical name alone.
    fn by_header(&mut self, columns: impl Iterator<Item = &'static Column>, own: bool) {
        for column in columns.filter(|column| column.kind != ColumnKind::Zone || own) {
            if self.has(column.name) {
                continue;
            }
            let ranked = self
                .unused()
                .into_iter()
                .filter_map(|sample| Some((vocabulary::rank(column.name, &sample.name)?, sample)));
            let ranked = ranked.filter(|(rank, sample)| *rank == 0 || (!own && fits(column, sample)));
            if let Some((_, sample)) = ranked.min_by_key(|(rank, _)| *rank) {
                let why = format!("guessed from the header '{}'", sample.name);
                self.take(column, sample, why, None);
            }
        }
    }

    fn by_part(&mut self, columns: impl Iterator<Item = &'static Column>) {
        for column in columns {
            let fitting = |sample: &&Sample| vocabulary::is_likely(column.name, &sample.name) && fits(column, sample);
            if let Some(sample) = self.unused().into_iter().find(fitting).filter(|_| !self.has(column.name)) {
                let check = Some(format!("is it {}?", column.name));
                self.take(column, sample, format!("guessed from a part of the header '{}'", sample.name), check);
            }
        }
    }

    /// The only dates there are must be the day.
    fn by_values(&mut self, columns: impl Iterator<Item = &'static Column>) {
        for column in columns.filter(|column| column.kind == ColumnKind::LocalDay) {
            let mut dated = self.unused().into_iter().filter(|sample| dates(sample).is_some());
            if let (Some(sample), None) = (dated.next(), dated.next())
                && !self.has(column.name)
            {
                self.take(column, sample, "its values are dates, and no other column's are".to_owned(), None);
            }
        }
    }

    /// An export without an amount most often has its factors.
    fn amount(&mut self) {
        if self.has("amount") {
            return;
        }
        let is_price = |sample: &&Sample| {
            vocabulary::UNIT_PRICES.contains(&vocabulary::normal(&sample.name).as_str()) && sample.is_numeric()
        };
        let price = self.unused().into_iter().find(is_price);
        let quantity = self.name_of("quantity").or_else(|| self.quantity());
        let (from, why, check) = match (price, quantity) {
            (Some(price), Some(quantity)) => {
                let product = format!("{} * {}", identifier(&quantity.name), identifier(&price.name));
                let is_whole_cents = price.is_float || decimals(quantity) + decimals(price) <= 2;
                let sql = if is_whole_cents { product } else { format!("round({product}, 2)") };
                let why = format!("no column is an amount, '{}' and '{}' are its factors", quantity.name, price.name);
                (MappedFrom::Sql(sql), why, None)
            }
            (Some(price), None) => {
                let check = "if it is the price of one piece, multiply it";
                (MappedFrom::Name(price.name.clone()), format!("guessed from the header '{}'", price.name), Some(check))
            }
            _ => match self.unused().into_iter().rfind(|sample| sample.is_numeric() && decimals(sample) == 2) {
                Some(money) => {
                    let check = "is it what was paid for the line?";
                    (MappedFrom::Name(money.name.clone()), "its values have two decimals".to_owned(), Some(check))
                }
                None => return,
            },
        };
        if let Some(price) = price {
            self.used.insert(&price.name);
        }
        let check = check.map(str::to_owned);
        self.found.push(Mapping { column: "amount", from, why, check, format: None, values: Vec::new() });
    }

    fn quantity(&self) -> Option<&'a Sample> {
        let is_quantity =
            |name: &str| vocabulary::rank("quantity", name).is_some() || vocabulary::is_likely("quantity", name);
        self.unused().into_iter().find(|sample| is_quantity(&sample.name) && sample.is_numeric())
    }

    /// Lines of an order need something to tell them apart; without an order there are no lines.
    fn lines(&mut self) {
        let Some(order) = self.name_of("order_id") else {
            let line = self.name_of("line_no").map(|sample| sample.name.as_str());
            self.found.retain(|mapping| mapping.column != "line_no");
            self.used.retain(|name| Some(*name) != line);
            return;
        };
        let ids: Vec<&str> = (0..order.len()).filter_map(|row| order.get(row)).collect();
        let distinct: BTreeSet<&str> = ids.iter().copied().collect();
        if self.has("line_no") || ids.len() == distinct.len() {
            return;
        }
        let is_telling = |sample: &&Sample| {
            let pairs: BTreeSet<_> = (0..order.len()).map(|row| (order.get(row), sample.get(row))).collect();
            pairs.len() == order.len()
        };
        let (from, why) = match self.name_of("item_id").filter(is_telling) {
            Some(item) => (
                MappedFrom::Name(item.name.clone()),
                "an order has several rows, and each of its items once".to_owned(),
            ),
            None => return,
        };
        self.found.push(Mapping { column: "line_no", from, why, check: None, format: None, values: Vec::new() });
    }

    fn branch(&mut self) {
        if !self.has("branch_id") {
            self.found.push(Mapping {
                column: "branch_id",
                from: MappedFrom::Constant("MAIN"),
                why: "no column names the branch".to_owned(),
                check: Some("name the branch, or map the column that does".to_owned()),
                format: None,
                values: Vec::new(),
            });
        }
    }

    /// Without names a number must stand for each required column.
    fn whatever_is_left(&mut self, required: impl Iterator<Item = &'static Column>) {
        for column in required {
            let sample = self.unused().into_iter().find(|sample| fits(column, sample));
            if let Some(sample) = sample.filter(|_| !self.has(column.name)) {
                let check = Some("there is no header to tell".to_owned());
                self.take(column, sample, "the first column that is left".to_owned(), check);
            }
        }
    }

    fn take(&mut self, column: &'static Column, sample: &'a Sample, why: String, check: Option<String>) {
        let dates = if is_dated(column) { dates(sample) } else { None };
        let (values, unknown) = match column.kind {
            ColumnKind::Word(words) => translate(column.name, words, sample),
            _ => (Vec::new(), Vec::new()),
        };
        let other = dates.as_ref().and_then(|dates: &Dates| dates.other.as_ref());
        let check = match (other, unknown.is_empty()) {
            (Some(other), _) => Some(format!("the dates seen could be {other}, too")),
            (None, false) => {
                Some(format!("rows of other words are rejected until they are mapped: {}", unknown.join(", ")))
            }
            (None, true) => check,
        };
        let format = dates.and_then(|dates| dates.format);
        self.used.insert(&sample.name);
        let from = MappedFrom::Name(sample.name.clone());
        self.found.push(Mapping { column: column.name, from, why, check, format, values });
    }
}

fn is_dated(column: &Column) -> bool {
    matches!(column.kind, ColumnKind::LocalDay | ColumnKind::Instant | ColumnKind::Day)
}

/// Whether the values seen can be the column's.
fn fits(column: &Column, sample: &Sample) -> bool {
    if sample.distinct().is_empty() {
        return true;
    }
    match column.kind {
        ColumnKind::Text => true,
        ColumnKind::Zone => sample.distinct().iter().all(|value| value.contains('/') || *value == "UTC"),
        ColumnKind::Money => sample.is_numeric() && (sample.is_float || decimals(sample) <= 2),
        ColumnKind::Integer => sample.is_whole(),
        ColumnKind::LocalDay | ColumnKind::Instant | ColumnKind::Day => dates(sample).is_some(),
        ColumnKind::Word(words) => {
            let distinct = sample.distinct();
            let is_known =
                |value: &&str| words.contains(value) || vocabulary::word(column.name, words, value).is_some();
            distinct.len() <= MOST_WORDS && distinct.iter().any(is_known)
        }
    }
}

/// Canonical words of those that aren't, and what is not known.
fn translate(column: &str, words: &[&str], sample: &Sample) -> (Vec<(String, &'static str)>, Vec<String>) {
    let mut values = Vec::new();
    let mut unknown = Vec::new();
    for value in sample.distinct().into_iter().filter(|value| !words.contains(value)) {
        match vocabulary::word(column, words, value) {
            Some(word) => values.push((value.to_owned(), word)),
            None => unknown.push(value.to_owned()),
        }
    }
    (values, unknown)
}

/// Most decimals, other than zeros at the end, of the values.
fn decimals(sample: &Sample) -> usize {
    let of = |value: &str| value.rsplit_once('.').map_or(0, |(_, rest)| rest.trim_end_matches('0').len());
    sample.distinct().into_iter().filter(|value| is_number(value)).map(of).max().unwrap_or(0)
}

/// The column's name as SQL has it: in quotes unless it is a word.
fn identifier(name: &str) -> String {
    match Expression::parse(name) {
        Ok(expression) if expression.columns() == [name] => name.to_owned(),
        _ => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}
