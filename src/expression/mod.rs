//! A canonical column as a SQL expression over the row's own columns: `quantity * unit_price`.
//!
//! DataFusion parses, plans and evaluates it, a batch at a time. Texts are what they are in every other column:
//! trimmed, and null where empty. Where numbers are wanted they are read as exact decimals ([`numbers`]).

mod functions;
mod message;
mod numbers;
mod syntax;

use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, new_null_array};
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::DFSchema;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::sql::sqlparser::ast::ExprWithAlias;

use crate::entity::ColumnKind;

use message::message;

/// A parsed expression. It looks at its row only, and always gives the same for the same row.
#[derive(Clone)]
pub struct Expression {
    sql: String,
    syntax: ExprWithAlias,
    columns: Vec<String>,
}

/// Only the text, which is what decides.
impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.sql).finish()
    }
}

impl Expression {
    /// Parses `sql`.
    ///
    /// # Errors
    /// What is wrong with it, and what to write instead, in a sentence.
    pub fn parse(sql: &str) -> Result<Self, String> {
        let (syntax, columns) = syntax::parse(sql)?;
        Ok(Expression { sql: sql.to_owned(), syntax, columns })
    }

    /// The expression as written.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The source's columns that it reads, ascending, each once.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Whether it can give values of `kind` from columns that are all text, as in CSV and NDJSON.
    ///
    /// # Errors
    /// Why not, in a sentence.
    pub fn check_over_texts(&self, kind: ColumnKind) -> Result<(), String> {
        let fields: Vec<Field> = self.columns.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
        self.plan(&Schema::new(fields), kind).map(drop)
    }

    /// Plans it over columns of certain types, for values of `kind`.
    ///
    /// # Errors
    /// Why it can't be, in a sentence.
    pub(crate) fn plan(&self, schema: &Schema, kind: ColumnKind) -> Result<Planned, String> {
        let planned = self.planned(schema).map_err(|cause| message(&cause))?;
        if !kind.takes(&planned.data_type) {
            let wanted = kind.wanted();
            return Err(format!("it gives {}, where {wanted} wanted", planned.data_type));
        }
        Ok(planned)
    }

    fn planned(&self, schema: &Schema) -> Result<Planned, DataFusionError> {
        let state = syntax::state();
        let df_schema = DFSchema::try_from(schema.clone())?;
        let logical = state.create_logical_expr_from_sql_expr(self.syntax.clone(), &df_schema)?;
        let logical = numbers::as_decimals(logical, &df_schema)?;
        let simplifier = simplifier(state, &df_schema);
        let logical = simplifier.simplify(simplifier.coerce(logical, &df_schema)?)?;
        let physical = state.create_physical_expr(logical, &df_schema)?;
        let data_type = physical.data_type(schema)?;
        Ok(Planned { physical, data_type })
    }
}

/// Some functions, such as coalesce, are only known to the simplifier.
fn simplifier(state: &SessionState, schema: &DFSchema) -> ExprSimplifier {
    let context = SimplifyContext::builder()
        .with_schema(Arc::new(schema.clone()))
        .with_config_options(Arc::clone(state.config_options()))
        .build();
    ExprSimplifier::new(context)
}

/// An expression that can be evaluated.
pub(crate) struct Planned {
    physical: Arc<dyn PhysicalExpr>,
    data_type: DataType,
}

/// What an expression gives for a batch.
pub(crate) struct Evaluated {
    /// A value per row; null where it failed.
    pub values: ArrayRef,
    /// Rows that it can't be worked out for, and why.
    pub failures: Vec<(usize, String)>,
}

impl Planned {
    /// Evaluates all rows. When that fails, halves are tried, down to the rows that are to blame.
    ///
    /// # Errors
    /// Of arrow; values only cause failures.
    pub fn evaluate(&self, rows: &RecordBatch) -> Result<Evaluated, DataFusionError> {
        let mut parts = Vec::new();
        let mut failures = Vec::new();
        self.evaluate_into(rows, 0, &mut parts, &mut failures)?;
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        Ok(Evaluated { values: concat(&parts)?, failures })
    }

    fn evaluate_into(
        &self,
        rows: &RecordBatch,
        first: usize,
        parts: &mut Vec<ArrayRef>,
        failures: &mut Vec<(usize, String)>,
    ) -> Result<(), DataFusionError> {
        let count = rows.num_rows();
        match self.physical.evaluate(rows).and_then(|value| value.into_array(count)) {
            Ok(values) if *values.data_type() == self.data_type => parts.push(values),
            Ok(values) => parts.push(cast(&values, &self.data_type)?),
            Err(cause) if count <= 1 => {
                failures.push((first, message(&cause)));
                parts.push(new_null_array(&self.data_type, count));
            }
            Err(_) => {
                let half = count / 2;
                self.evaluate_into(&rows.slice(0, half), first, parts, failures)?;
                self.evaluate_into(&rows.slice(half, count - half), first + half, parts, failures)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
