//! The queries of the figures, made for a day.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};

use super::span::earliest_period;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::run::Snapshot;
use crate::{Error, Kind, Result};

static QUERIES: Dir = include_dir!("$CARGO_MANIFEST_DIR/report/figures");

/// A query whose rows the page shows.
pub struct Figure {
    /// Its name on the page.
    pub name: String,
    /// The file that it is written in, for messages.
    pub file: String,
    /// The query with its days as literals, so that whoever reads it on the page can run it.
    pub sql: String,
    /// The published tables that it reads.
    pub tables: Vec<String>,
}

/// Every figure, made for `snapshot`.
///
/// # Errors
/// None that input can cause.
pub fn all(snapshot: Snapshot) -> Result<Vec<Figure>> {
    let facts = facts(snapshot);
    let mut figures = Vec::new();
    for file in QUERIES.files() {
        let path = file.path();
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let shown = format!("report/figures/{}", path.display());
        let query = file.contents_utf8().ok_or_else(|| Error::new(Kind::Bug, format!("{shown} is not UTF-8")))?;
        let sql = filled(query, &facts);
        let tables = tables(&shown, &sql).map_err(Diagnostic::into_error)?;
        figures.push(Figure { name, file: shown, sql, tables });
    }
    Ok(figures)
}

fn tables(file: &str, sql: &str) -> Result<Vec<String>, Diagnostic> {
    model::tables(file, &model::parse(file, sql)?)
}

/// The day, and those that it is compared with, as SQL writes them.
fn facts(snapshot: Snapshot) -> BTreeMap<&'static str, String> {
    let (period, previous) = (snapshot.period, snapshot.period.previous());
    let year_before = period.year_before();
    BTreeMap::from([
        ("as_of", format!("date '{}'", snapshot.as_of)),
        ("previous_as_of", format!("date '{}'", snapshot.to_date(previous))),
        ("previous_period_start", format!("date '{}'", previous.start)),
        ("year_before_as_of", format!("date '{}'", snapshot.to_date(year_before))),
        ("year_before_start", format!("date '{}'", year_before.start)),
        ("earliest_period", format!("'{}'", earliest_period(snapshot).label())),
        ("year_before_period", format!("'{}'", year_before.label())),
    ])
}

/// `query` with each `$name` of a fact taken for what it stands for. In a text and not in the parsed statement, for the
/// page shows it as it was written.
fn filled(query: &str, facts: &BTreeMap<&'static str, String>) -> String {
    let mut parts = query.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        match facts.get(name) {
            Some(fact) => text.push_str(fact),
            // The parser then tells of it.
            None => text.extend(["$", name]),
        }
        text.push_str(rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Period, PeriodKind};

    #[test]
    fn a_query_tells_its_days_as_literals() {
        let as_of = "2026-11-15".parse().expect("a date");
        let facts = facts(Snapshot { as_of, period: Period::containing(PeriodKind::Month, as_of) });
        assert_eq!(
            filled("where as_of in ($as_of, $previous_as_of) and period >= $earliest_period", &facts),
            "where as_of in (date '2026-11-15', date '2026-10-15') and period >= '2022-12'"
        );
    }

    #[test]
    fn every_query_can_be_parsed_and_reads_published_tables_alone() {
        let as_of = "2026-10-31".parse().expect("a date");
        let figures = all(Snapshot { as_of, period: Period::containing(PeriodKind::Month, as_of) }).expect("figures");
        assert!(!figures.is_empty());
        for figure in figures {
            assert!(!figure.sql.contains('$'), "{}", figure.file);
            assert!(
                figure.tables.iter().all(|table| model::is_published(table)),
                "{}: {:?}",
                figure.file,
                figure.tables
            );
        }
    }
}
