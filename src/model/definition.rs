//! What a catalog holds: models, checks and seeds.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};

use super::files::Origin;
use super::layer::Layer;
use super::sidecar::Sidecar;
use crate::Result;
use crate::yaml::Places;

/// A model: a query that makes a table.
#[derive(Clone, Debug)]
pub struct Model {
    /// Table name: the file's name.
    pub name: String,
    /// File of the query, for messages, such as `sql/marts/fct_customer_rfm.sql`.
    pub file: String,
    /// File of the sidecar, for messages.
    pub sidecar_file: String,
    /// Whose files these are.
    pub origin: Origin,
    /// The query.
    pub sql: String,
    /// Purpose, grain, columns.
    pub sidecar: Sidecar,
    /// Where in the sidecar's file these stand.
    pub places: Places,
    /// Tables the query reads, as written: `int_customer_day`, `opening.int_customer_stage`.
    pub references: Vec<String>,
}

impl Model {
    /// Whether the table is published.
    pub fn is_published(&self) -> bool {
        is_published(&self.name)
    }

    /// Whether readers run the query instead of reading kept rows.
    pub fn is_view(&self) -> bool {
        self.is_staging() || !self.sidecar.materialize
    }

    /// Whether it is of the first layer, where rows are as they were read.
    pub fn is_staging(&self) -> bool {
        self.name.starts_with("stg_")
    }
}

/// Whether readers see a table: a mart.
pub fn is_published(table: &str) -> bool {
    Layer::Marts.prefixes().iter().any(|prefix| table.starts_with(prefix))
}

/// A query of which every returned row is a violation.
#[derive(Clone, Debug)]
pub struct CheckQuery {
    /// File name without the extension.
    pub name: String,
    /// File, for messages.
    pub file: String,
    /// Whose file it is.
    pub origin: Origin,
    /// The query.
    pub sql: String,
    /// First comment: what must hold.
    pub statement: String,
    /// Tables the query reads, as written.
    pub references: Vec<String>,
}

impl CheckQuery {
    /// Whether violating rows are told and stop nothing.
    pub fn is_warning(&self) -> bool {
        self.name.starts_with("warn_")
    }
}

/// A small table that ships with the models.
#[derive(Clone, Debug)]
pub struct Seed {
    /// Table name: the file's name.
    pub name: String,
    /// File, for messages.
    pub file: String,
    /// Whose file it is.
    pub origin: Origin,
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
