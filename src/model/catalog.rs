//! All models, checks and seeds, read and checked against each other before any data is.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::resolve::resolve_table_references;
use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

use super::sidecar::Sidecar;
use crate::{Context, Error, Kind, Result};

static BUILT_IN: Dir = include_dir!("$CARGO_MANIFEST_DIR/sql");

/// A model: a query that makes a table.
#[derive(Clone, Debug)]
pub struct Model {
    /// Table name: the file's name.
    pub name: String,
    /// File, for messages, such as `sql/marts/fct_customer_rfm.sql`.
    pub file: String,
    /// The query.
    pub sql: String,
    /// Purpose, grain, columns.
    pub sidecar: Sidecar,
    /// Tables the query reads, as written: `int_customer_day`, `opening.int_customer_stage`.
    pub references: Vec<String>,
}

impl Model {
    /// Whether the table is published.
    pub fn is_published(&self) -> bool {
        self.name.starts_with("fct_") || self.name.starts_with("dim_")
    }

    /// Whether readers run the query instead of reading kept rows.
    pub fn is_view(&self) -> bool {
        self.name.starts_with("stg_") || !self.sidecar.materialize
    }
}

/// A query of which every returned row is a violation.
#[derive(Clone, Debug)]
pub struct CheckQuery {
    /// File name without the extension.
    pub name: String,
    /// File, for messages.
    pub file: String,
    /// The query.
    pub sql: String,
    /// First comment: what must hold.
    pub statement: String,
}

/// A small table that ships with the models.
#[derive(Clone, Debug)]
pub struct Seed {
    /// Table name: the file's name.
    pub name: String,
    /// CSV with a header.
    pub csv: Vec<u8>,
}

impl Seed {
    /// The rows; every column is text.
    ///
    /// # Errors
    /// Bytes that are not CSV with a header, in UTF-8.
    pub fn rows(&self) -> Result<RecordBatch, Box<dyn std::error::Error>> {
        let mut reader = csv::Reader::from_reader(self.csv.as_slice());
        let names = reader.headers()?.clone();
        let mut columns: Vec<Vec<String>> = vec![Vec::new(); names.len()];
        for record in reader.records() {
            for (column, value) in columns.iter_mut().zip(&record?) {
                column.push(value.to_owned());
            }
        }
        let columns = columns.into_iter().map(|column| Arc::new(StringArray::from(column)) as ArrayRef);
        Ok(RecordBatch::try_from_iter(names.iter().zip(columns))?)
    }
}

/// Models, checks and seeds.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// Models by name.
    pub models: BTreeMap<String, Model>,
    /// Checks by name.
    pub checks: BTreeMap<String, CheckQuery>,
    /// Seeds by name.
    pub seeds: BTreeMap<String, Seed>,
}

impl Catalog {
    /// The models that ship with the program.
    ///
    /// # Errors
    /// A file that can't be read as what its place says it is; names file and cause.
    pub fn built_in() -> Result<Self> {
        let mut catalog = Catalog { models: BTreeMap::new(), checks: BTreeMap::new(), seeds: BTreeMap::new() };
        for layer in ["staging", "intermediate", "marts"] {
            for (name, sql) in files(layer, "sql") {
                let file = format!("sql/{layer}/{name}.sql");
                let sidecar = files(layer, "yaml")
                    .find(|(sidecar, _)| *sidecar == name)
                    .ok_or_else(|| Error::new(Kind::Bug, format!("{file} has no {name}.yaml beside it")))?
                    .1;
                catalog.models.insert(name.to_owned(), model(name, file, text(sql)?, text(sidecar)?)?);
            }
        }
        for (name, sql) in files("checks", "sql") {
            let sql = text(sql)?.to_owned();
            let statement = sql.lines().map_while(|line| line.strip_prefix("-- ")).collect::<Vec<_>>().join(" ");
            let check = CheckQuery { name: name.to_owned(), file: format!("sql/checks/{name}.sql"), sql, statement };
            catalog.checks.insert(name.to_owned(), check);
        }
        for (name, csv) in files("seeds", "csv") {
            catalog.seeds.insert(name.to_owned(), Seed { name: name.to_owned(), csv: csv.to_vec() });
        }
        Ok(catalog)
    }

    /// SHA-256 over all queries, sidecars and seeds, hex: changes when a published number could.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for model in self.models.values() {
            hash.update(&model.name);
            hash.update(&model.sql);
            hash.update(format!("{:?}", model.sidecar));
        }
        for seed in self.seeds.values() {
            hash.update(&seed.name);
            hash.update(&seed.csv);
        }
        format!("{:x}", hash.finalize())
    }
}

fn files(folder: &str, extension: &'static str) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    let files = BUILT_IN.get_dir(folder).into_iter().flat_map(Dir::files);
    files.filter(move |file| file.path().extension().is_some_and(|found| found == extension)).filter_map(|file| {
        let name = file.path().file_stem()?.to_str()?;
        Some((name, file.contents()))
    })
}

fn text(bytes: &'static [u8]) -> Result<&'static str> {
    std::str::from_utf8(bytes).context(Kind::Bug, || "a built-in SQL file is not UTF-8".to_owned())
}

fn model(name: &str, file: String, sql: &str, sidecar: &str) -> Result<Model> {
    let sidecar: Sidecar = serde_yaml::from_str(sidecar)
        .context(Kind::Config, || format!("{} can't be read", file.replace(".sql", ".yaml")))?;
    let statement = parse(&file, sql)?;
    let (references, _) = resolve_table_references(&statement, true)
        .context(Kind::Config, || format!("{file}: its tables can't be made out"))?;
    let references = references.iter().map(ToString::to_string).collect();
    Ok(Model { name: name.to_owned(), file, sql: sql.to_owned(), sidecar, references })
}

/// Parses the one statement of a file.
///
/// # Errors
/// Anything but one statement; names file, line and column.
pub fn parse(file: &str, sql: &str) -> Result<Statement> {
    let mut statements = DFParser::parse_sql(sql).context(Kind::Config, || format!("{file} is not valid SQL"))?;
    match (statements.pop_front(), statements.len()) {
        (Some(statement), 0) => Ok(statement),
        _ => Err(Error::new(Kind::Config, format!("{file} must hold exactly one statement"))),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn references(sql: &str) -> BTreeSet<String> {
        let sidecar = "{description: a, grain: [a]}";
        model("int_a", "sql/intermediate/int_a.sql".to_owned(), sql, sidecar)
            .expect("a model")
            .references
            .into_iter()
            .collect()
    }

    #[test]
    fn a_model_reads_the_tables_that_it_names_wherever_it_names_them() {
        let sql = "
            with ours as (select a from int_b where exists (select 1 from int_c))
            select a, (select max(a) from opening.int_d) as d from ours
            inner join src_orders on ours.a = src_orders.a
            union all
            select a, 1 as d from (select a from int_e) as nested";
        let named = ["int_b", "int_c", "int_e", "opening.int_d", "src_orders"];
        assert_eq!(references(sql), named.map(str::to_owned).into());
    }

    #[test]
    fn a_model_that_is_not_one_query_is_refused_by_its_file() {
        for sql in ["selekt 1", "select 1; select 2", "-- nothing"] {
            let refusal = model("int_a", "sql/intermediate/int_a.sql".to_owned(), sql, "{description: a, grain: [a]}");
            let refusal = refusal.expect_err("an error");
            assert_eq!(refusal.kind(), Kind::Config, "{sql}");
            assert!(refusal.to_string().starts_with("sql/intermediate/int_a.sql "), "{sql}: {refusal}");
        }
    }

    #[test]
    fn a_sidecar_that_cant_be_read_is_refused_by_its_file() {
        let refusal = model("int_a", "sql/intermediate/int_a.sql".to_owned(), "select 1", "{grain: [a], kept: true}");
        let refusal = refusal.expect_err("an error").to_string();
        assert!(refusal.starts_with("sql/intermediate/int_a.yaml can't be read"), "{refusal}");
    }
}
