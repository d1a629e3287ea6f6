//! Carries a case out: writes its rows, builds its tables as a run does, and compares.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};
use arrow::util::display::array_value_to_string;
use chrono::NaiveDate;

use super::case::{Case, Expected, Rows};
use super::compare::{Difference, Row, difference};
use super::expected::{DAY, selected};
use crate::diagnostic::Diagnostic;
use crate::engine::{self, Engine};
use crate::model::{Catalog, Moment, table_name};
use crate::run::{self, Schemas, Snapshot};
use crate::{Context, Error, Kind, Result};

/// What became of a case.
#[derive(Debug)]
pub struct CaseResult {
    /// The time that it took.
    pub elapsed: Duration,
    /// How it ended.
    pub outcome: CaseOutcome,
}

/// How a case ended.
#[derive(Debug)]
pub enum CaseOutcome {
    /// Every table is as expected.
    Passed,
    /// Tables differ.
    Differs(Vec<Difference>),
    /// The tables could not be made.
    Stopped(Error),
}

/// Carries out a case with the models of `catalog`, which give `schemas`.
pub async fn perform(case: &Case, catalog: &Catalog, schemas: &Schemas) -> CaseResult {
    let started = Instant::now();
    let outcome = match differences(case, catalog, schemas).await {
        Ok(differences) if differences.is_empty() => CaseOutcome::Passed,
        Ok(differences) => CaseOutcome::Differs(differences),
        Err(error) => CaseOutcome::Stopped(error),
    };
    CaseResult { elapsed: started.elapsed(), outcome }
}

async fn differences(case: &Case, catalog: &Catalog, schemas: &Schemas) -> Result<Vec<Difference>> {
    write(case)?;
    let needed = needed(case, catalog);
    let mut got: Vec<Vec<Row>> = vec![Vec::new(); case.expected.len()];
    for day in &case.days {
        let built = run::build(&case.pipeline, &needed, Snapshot::new(&case.pipeline, *day)).await?;
        for (expected, rows) in case.expected.iter().zip(&mut got) {
            rows.extend(ask(&built.engine, catalog, schemas, case, expected, *day).await?);
        }
    }
    let compared = case.expected.iter().zip(got).filter_map(|(expected, got)| {
        let types = types(schemas, expected);
        difference(expected, &types, &key(catalog, expected), got)
    });
    Ok(compared.collect())
}

/// The models that the expected tables are made from, and the checks that look at nothing else. A check whose rows are
/// expected stops nothing.
fn needed(case: &Case, catalog: &Catalog) -> Catalog {
    let mut tables = BTreeSet::new();
    for Expected { table, .. } in &case.expected {
        match catalog.checks.get(table) {
            Some(check) => tables.extend(check.references.iter().map(|reference| table_name(reference).to_owned())),
            None => drop(tables.insert(table.clone())),
        }
    }
    let mut needed = catalog.clone().making(tables);
    needed.checks.retain(|name, _| !case.expected.iter().any(|expected| expected.table == *name));
    needed
}

/// Writes the rows where the case's pipeline reads them.
fn write(case: &Case) -> Result<()> {
    let folder = case.pipeline.file.parent().unwrap_or(&case.pipeline.file);
    let failed = || format!("can't write the rows of a case into {}", folder.display());
    fs::create_dir_all(folder).context(Kind::Output, failed)?;
    for (entity, Rows { columns, rows }) in &case.given {
        let file = folder.join(format!("{}.csv", entity.name()));
        let mut writer = csv::Writer::from_path(file).context(Kind::Output, failed)?;
        writer.write_record(columns).context(Kind::Output, failed)?;
        for row in rows {
            let cells = row.iter().map(|cell| cell.as_deref().unwrap_or_default());
            writer.write_record(cells).context(Kind::Output, failed)?;
        }
        writer.flush().context(Kind::Output, failed)?;
    }
    Ok(())
}

/// The expected columns of what came.
async fn ask(
    engine: &Engine,
    catalog: &Catalog,
    schemas: &Schemas,
    case: &Case,
    expected: &Expected,
    day: NaiveDate,
) -> Result<Vec<Row>> {
    let shown = format!("{}:{}: {} as of {day}", case.file, case.line, expected.table);
    let columns: Vec<String> = expected
        .rows
        .columns
        .iter()
        .filter_map(|column| Some(selected(schema(schemas, expected)?, column)?.sql))
        .collect();
    // A check's query begins with a comment.
    let from = match catalog.checks.get(&expected.table) {
        Some(check) => format!("(\n{}\n) as found", check.sql),
        None => expected.table.clone(),
    };
    let filter = expected.filter.as_ref().map(|filter| format!(" where {filter}")).unwrap_or_default();
    let sql = format!("select {} from {from}{filter}", columns.join(", "));
    if expected.filter.is_some() {
        engine
            .rehearse(&shown, &sql, Moment::Closing)
            .await
            .map_err(|diagnostics| wrong_filter(&expected.table, &diagnostics))?;
    }
    let failed = |cause| engine::failed(&shown, &cause);
    let batches = engine.query(&shown, &sql, Moment::Closing).await?.collect().await.map_err(failed)?;
    let mut rows = Vec::new();
    for batch in &batches {
        for row in 0..batch.num_rows() {
            rows.push(texts(batch, row).context(Kind::Bug, || format!("can't show {shown}"))?);
        }
    }
    Ok(rows)
}

/// What is wrong with the one part of a query that a case writes itself.
fn wrong_filter(table: &str, diagnostics: &[Diagnostic]) -> Error {
    let error = Error::new(Kind::Config, format!("`where` of {table} is no condition on its columns"));
    diagnostics.iter().fold(error, |error, diagnostic| error.detail(diagnostic.message.as_str()))
}

fn texts(batch: &RecordBatch, row: usize) -> Result<Row, arrow::error::ArrowError> {
    let cell = |column: &arrow::array::ArrayRef| match column.is_null(row) {
        true => Ok(None),
        false => array_value_to_string(column, row).map(Some),
    };
    batch.columns().iter().map(cell).collect()
}

fn schema<'s>(schemas: &'s Schemas, expected: &Expected) -> Option<&'s SchemaRef> {
    schemas.get(&expected.table)
}

fn types(schemas: &Schemas, expected: &Expected) -> Vec<DataType> {
    let columns = expected.rows.columns.iter();
    columns.filter_map(|column| Some(selected(schema(schemas, expected)?, column)?.data_type)).collect()
}

/// The columns by which rows are set side by side: those of the grain that are compared, else the first.
fn key(catalog: &Catalog, expected: &Expected) -> Vec<usize> {
    let grain = catalog.models.get(&expected.table).map(|model| model.sidecar.grain.as_slice()).unwrap_or_default();
    let is_key = |column: &str| column == DAY || grain.iter().any(|part| part == column || is_id_of(column, part));
    let columns = expected.rows.columns.iter().enumerate();
    let key: Vec<usize> = columns.filter(|(_, column)| is_key(column)).map(|(index, _)| index).collect();
    if key.is_empty() { vec![0] } else { key }
}

/// Whether `column` is the id of the key `part`: `customer_id` of `customer_key`.
fn is_id_of(column: &str, part: &str) -> bool {
    part.strip_suffix("_key").is_some_and(|name| column.strip_suffix("_id").unwrap_or(column) == name)
}
