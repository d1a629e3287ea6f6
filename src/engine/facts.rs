//! Run facts in SQL: `$name` becomes a typed literal in the parsed statement, before it is planned.
//!
//! DataFusion's own parameters have no type yet while a query is planned, so that `select $as_of`
//! would make a column of nulls to whoever reads the view.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use arrow::temporal_conversions::date32_to_datetime;
use datafusion::common::ScalarValue;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Expr, Value, visit_expressions_mut};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use crate::{Context, Error, Kind, Result};

/// Facts of a run by the name that SQL uses, without the `$`.
pub type Facts = BTreeMap<&'static str, ScalarValue>;

/// Puts the facts in place of their names.
///
/// # Errors
/// A `$name` that is no fact; names `file` and what there is.
pub fn fill_in(file: &str, statement: &mut Statement, facts: &Facts) -> Result<()> {
    let Statement::Statement(statement) = statement else {
        return Err(Error::new(Kind::Config, format!("{file} is not a query")));
    };
    let refusal = visit_expressions_mut(statement, |expression| match fact(file, expression, facts) {
        Ok(Some(literal)) => {
            *expression = literal;
            ControlFlow::Continue(())
        }
        Ok(None) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(error),
    });
    match refusal {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

fn fact(file: &str, expression: &Expr, facts: &Facts) -> Result<Option<Expr>> {
    let Expr::Value(value) = expression else {
        return Ok(None);
    };
    let Value::Placeholder(placeholder) = &value.value else {
        return Ok(None);
    };
    let name = placeholder.trim_start_matches('$');
    match facts.get(name) {
        Some(fact) => literal(fact).map(Some),
        None => {
            let known = facts.keys().map(|known| format!("${known}")).collect::<Vec<_>>().join(", ");
            let message = format!("{file} uses {placeholder}, which no run has");
            Err(Error::new(Kind::Config, message).hint(format!("there are {known}")))
        }
    }
}

fn literal(fact: &ScalarValue) -> Result<Expr> {
    let text = match fact {
        ScalarValue::Date32(Some(day)) => {
            let day = date32_to_datetime(*day).map(|day| day.date());
            day.map(|day| format!("cast('{day}' as date)"))
        }
        ScalarValue::Utf8(Some(text)) => Some(format!("'{}'", text.replace('\'', "''"))),
        ScalarValue::Boolean(Some(is_true)) => Some(is_true.to_string()),
        ScalarValue::Int32(Some(number)) => Some(format!("cast({number} as int)")),
        ScalarValue::Float64(Some(number)) => Some(format!("cast({number} as double)")),
        ScalarValue::Int64(Some(number)) => Some(format!("cast({number} as bigint)")),
        _ => None,
    };
    let text = text.ok_or_else(|| Error::new(Kind::Bug, format!("the run fact {fact:?} has no literal")))?;
    let parser = Parser::new(&GenericDialect {}).try_with_sql(&text);
    parser.and_then(|mut parser| parser.parse_expr()).context(Kind::Bug, || format!("{text} is no literal"))
}
