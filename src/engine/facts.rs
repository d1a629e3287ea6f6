//! Run facts in SQL: `$name` becomes a typed literal in the parsed statement, before it is planned.
//!
//! DataFusion's own parameters have no type yet while a query is planned, so that `select $as_of`
//! would make a column of nulls to whoever reads the view.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use arrow::temporal_conversions::date32_to_datetime;
use datafusion::common::ScalarValue;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Expr, ObjectNamePart, Value, visit_expressions_mut, visit_relations_mut};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use crate::diagnostic::{Diagnostic, Place};
use crate::model::Moment;
use crate::suggest::write_instead;

/// Facts of a run by the name that SQL uses, without the `$`.
pub type Facts = BTreeMap<&'static str, ScalarValue>;

/// Puts the facts in place of their names.
///
/// # Errors
/// A `$name` that is no fact.
pub fn fill_in(file: &str, statement: &mut Statement, facts: &Facts) -> Result<(), Diagnostic> {
    let Statement::Statement(statement) = statement else {
        return Ok(());
    };
    let refusal = visit_expressions_mut(statement, |expression| match fact(file, expression, facts) {
        Ok(Some(literal)) => {
            *expression = literal;
            ControlFlow::Continue(())
        }
        Ok(None) => ControlFlow::Continue(()),
        Err(diagnostic) => ControlFlow::Break(diagnostic),
    });
    match refusal {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(diagnostic) => Err(diagnostic),
    }
}

/// Has a query of a model that is evaluated at `moment` read the moments that it sees from there.
pub fn look_back(statement: &mut Statement, moment: Moment) {
    let Statement::Statement(statement) = statement else { return };
    let _ = visit_relations_mut(statement, |relation| {
        let schema = match relation.0.as_mut_slice() {
            [ObjectNamePart::Identifier(schema), _] => Some(schema),
            _ => None,
        };
        if let Some(schema) = schema
            && let Some(asked) = Moment::of_schema(&schema.value)
        {
            moment.seen_from(asked).schema().clone_into(&mut schema.value);
        }
        ControlFlow::<()>::Continue(())
    });
}

fn fact(file: &str, expression: &Expr, facts: &Facts) -> Result<Option<Expr>, Diagnostic> {
    let Expr::Value(value) = expression else {
        return Ok(None);
    };
    let Value::Placeholder(placeholder) = &value.value else {
        return Ok(None);
    };
    let diagnostic = |message| {
        let start = value.span.start;
        Diagnostic::new(file, message).at(Some(Place { line: start.line, column: start.column }))
    };
    match facts.get(placeholder.trim_start_matches('$')) {
        Some(fact) => literal(fact).map(Some).map_err(diagnostic),
        None => {
            let known: Vec<String> = facts.keys().map(|known| format!("${known}")).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            Err(diagnostic(format!("no run has a fact {placeholder}; {}", write_instead(placeholder, &known))))
        }
    }
}

fn literal(fact: &ScalarValue) -> Result<Expr, String> {
    let text = match fact {
        ScalarValue::Date32(Some(day)) => {
            let day = date32_to_datetime(*day).map(|day| day.date());
            day.map(|day| format!("cast('{day}' as date)"))
        }
        ScalarValue::Utf8(Some(text)) => Some(format!("'{}'", text.replace('\'', "''"))),
        ScalarValue::Boolean(Some(is_true)) => Some(is_true.to_string()),
        ScalarValue::Int32(Some(number)) => Some(format!("cast({number} as int)")),
        ScalarValue::Int64(Some(number)) => Some(format!("cast({number} as bigint)")),
        _ => None,
    };
    let text = text.ok_or_else(|| format!("the run fact {fact:?} has no literal"))?;
    let parser = Parser::new(&GenericDialect {}).try_with_sql(&text);
    parser.and_then(|mut parser| parser.parse_expr()).map_err(|cause| format!("{text} is no literal: {cause}"))
}
