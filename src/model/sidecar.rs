//! What a model's `.yaml` says: its purpose, grain, columns and metrics.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::metric::Metric;
use crate::diagnostic::Diagnostic;
use crate::yaml::{self, Places, Subject};

const SIDECAR: Subject = Subject { noun: "sidecar", beginning: "description: what the table is for" };

/// What a sidecar may hold. Dozens are read, and it takes longer to make than they do to be held against it.
static SCHEMA: LazyLock<Value> = LazyLock::new(yaml::schema_of::<Sidecar>);

/// A model's sidecar file. What it leaves out of description and grain, the comment on top of the query says.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sidecar {
    /// What the table is for, for the data dictionary.
    #[serde(default)]
    #[schemars(example = &"customers and their scores")]
    pub description: String,
    /// Columns that identify a row.
    #[serde(default)]
    #[schemars(example = ["as_of", "customer_id"])]
    pub grain: Vec<String>,
    /// Whether the grain is that of the comment on top of the query.
    #[serde(skip)]
    pub has_grain_of_header: bool,
    /// Whether the model is evaluated as of earlier moments, too.
    #[serde(default)]
    pub moments: bool,
    /// Whether the rows are kept as a table; otherwise the SQL is run again by each reader.
    #[serde(default = "kept_unless_told")]
    pub materialize: bool,
    /// Columns that order the rows that are kept, the customer's key first: later queries read them so.
    #[serde(default)]
    #[schemars(example = ["customer_key", "day"])]
    pub cluster_by: Vec<String>,
    /// Columns in order. Published tables declare all of them.
    #[serde(default)]
    pub columns: Vec<ColumnSpec>,
    /// Numbers that are told of the rows of a published table.
    #[serde(default)]
    pub metrics: Vec<Metric>,
}

fn kept_unless_told() -> bool {
    true
}

/// A column of a published table.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnSpec {
    /// Name.
    #[schemars(example = &"customer_id")]
    pub name: String,
    /// Type.
    #[serde(rename = "type")]
    #[schemars(example = &"text")]
    pub kind: ColumnType,
    /// Meaning.
    #[schemars(example = &"id of the customer")]
    pub description: String,
    /// Unit, where the description alone leaves it open.
    pub unit: Option<String>,
    /// Whether a value may be missing.
    #[serde(default)]
    pub nullable: bool,
}

/// The types that every reader of the published tables agrees on.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// Calendar day.
    Date,
    /// UTF-8 text.
    Text,
    /// True or false.
    Boolean,
    /// 32-bit integer: scores, days, ranks.
    Int,
    /// 64-bit integer: counts.
    Bigint,
    /// DECIMAL(18,2) of the pipeline's currency.
    Money,
    /// 64-bit float: ratios.
    Double,
    /// UTC microseconds.
    Timestamp,
}

impl ColumnType {
    /// Every type.
    pub const ALL: [ColumnType; 8] = [
        ColumnType::Date,
        ColumnType::Text,
        ColumnType::Boolean,
        ColumnType::Int,
        ColumnType::Bigint,
        ColumnType::Money,
        ColumnType::Double,
        ColumnType::Timestamp,
    ];

    /// As a sidecar writes it.
    pub fn name(self) -> &'static str {
        match self {
            ColumnType::Date => "date",
            ColumnType::Text => "text",
            ColumnType::Boolean => "boolean",
            ColumnType::Int => "int",
            ColumnType::Bigint => "bigint",
            ColumnType::Money => "money",
            ColumnType::Double => "double",
            ColumnType::Timestamp => "timestamp",
        }
    }

    /// As readers' SQL names it.
    pub fn sql(self) -> &'static str {
        match self {
            ColumnType::Date => "DATE",
            ColumnType::Text => "VARCHAR",
            ColumnType::Boolean => "BOOLEAN",
            ColumnType::Int => "INTEGER",
            ColumnType::Bigint => "BIGINT",
            ColumnType::Money => "DECIMAL(18,2)",
            ColumnType::Double => "DOUBLE",
            ColumnType::Timestamp => "TIMESTAMP WITH TIME ZONE",
        }
    }

    /// The type of an Arrow column of a published table; None of any other.
    pub fn of(data_type: &DataType) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.arrow() == *data_type)
    }

    /// The Arrow type that is written.
    pub fn arrow(self) -> DataType {
        match self {
            ColumnType::Date => DataType::Date32,
            ColumnType::Text => DataType::Utf8,
            ColumnType::Boolean => DataType::Boolean,
            ColumnType::Int => DataType::Int32,
            ColumnType::Bigint => DataType::Int64,
            ColumnType::Money => DataType::Decimal128(18, 2),
            ColumnType::Double => DataType::Float64,
            ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        }
    }
}

impl Sidecar {
    /// Of a model that has no such file.
    pub fn unwritten() -> Self {
        Sidecar {
            description: String::new(),
            grain: Vec::new(),
            has_grain_of_header: false,
            moments: false,
            materialize: kept_unless_told(),
            cluster_by: Vec::new(),
            columns: Vec::new(),
            metrics: Vec::new(),
        }
    }

    /// Reads a sidecar, and where what it says stands; `file` is how messages name it.
    ///
    /// # Errors
    /// Every mistake of text that is no sidecar.
    pub fn read(file: &str, text: &str) -> Result<(Self, Places), Vec<Diagnostic>> {
        yaml::read(file, text, &SIDECAR, &SCHEMA)
    }

    /// The schema of the published table.
    pub fn schema(&self) -> SchemaRef {
        let field = |column: &ColumnSpec| Field::new(&column.name, column.kind.arrow(), column.nullable);
        Arc::new(Schema::new(self.columns.iter().map(field).collect::<Vec<_>>()))
    }
}
