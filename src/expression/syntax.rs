//! What an expression may say: one value from one row.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::OnceLock;

use datafusion::config::Dialect;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::Volatility;
use datafusion::prelude::SessionConfig;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, ExprWithAlias, Function, ObjectNamePart, UnaryOperator, Value, visit_expressions,
    visit_expressions_mut,
};

use super::functions;
use super::message::message;
use crate::sql_extent;
use crate::suggest::{self, shortened};

/// The functions and the rules by which expressions are planned.
pub(super) fn state() -> &'static SessionState {
    static STATE: OnceLock<SessionState> = OnceLock::new();
    STATE.get_or_init(|| {
        let config = SessionConfig::new()
            // Columns are named as in the object, also without quotes.
            .set_bool("datafusion.sql_parser.enable_ident_normalization", false)
            .set_bool("datafusion.sql_parser.parse_float_as_decimal", true)
            .set_bool("datafusion.sql_parser.map_string_types_to_utf8view", false);
        let mut state = SessionStateBuilder::new().with_config(config).with_default_features().build();
        functions::register(&mut state);
        state
    })
}

/// The parsed expression, with the names of the columns that it reads.
pub(super) fn parse(sql: &str) -> Result<(ExprWithAlias, Vec<String>), String> {
    sql_extent::check(sql).map_err(|excess| format!("`{}`: {excess}", shortened(sql)))?;
    let shown = shortened(sql);
    let parsed = state().sql_to_expr_with_alias(sql, &Dialect::Generic);
    let mut parsed = parsed.map_err(|cause| {
        format!("`{shown}` isn't a SQL expression: {}; write one such as `quantity * unit_price`", message(&cause))
    })?;
    if parsed.alias.is_some() {
        return Err(format!("`{shown}` names its value with `as`; leave the name out"));
    }
    let mut columns = BTreeSet::new();
    let refusal = visit_expressions(&parsed.expr, |part| match refuse(part) {
        Some(message) => ControlFlow::Break(message),
        None => {
            if let Expr::Identifier(name) = part {
                columns.insert(name.value.clone());
            }
            ControlFlow::Continue(())
        }
    });
    if let ControlFlow::Break(message) = refusal {
        return Err(format!("`{shown}`: {message}"));
    }
    // Names of columns are taken as written, those of functions in any case. The planner wants a number behind a sign
    // before texts are read as numbers, but none before a minus between two.
    let _: ControlFlow<()> = visit_expressions_mut(&mut parsed.expr, |part| {
        if let Expr::UnaryOp { op: UnaryOperator::Minus, expr } = part
            && !matches!(expr.as_ref(), Expr::Value(_) | Expr::Interval(_))
        {
            let zero = Box::new(Expr::Value(Value::Number("0".to_owned(), false).into()));
            let negated = std::mem::replace(expr, zero.clone());
            let right = Box::new(Expr::Nested(negated));
            *part = Expr::Nested(Box::new(Expr::BinaryOp { left: zero, op: BinaryOperator::Minus, right }));
        }
        if let Expr::Function(function) = part {
            for name in &mut function.name.0 {
                if let ObjectNamePart::Identifier(name) = name {
                    name.value = name.value.to_lowercase();
                }
            }
        }
        ControlFlow::Continue(())
    });
    Ok((parsed, columns.into_iter().collect()))
}

/// Why a part of an expression can't be used, and what to do instead.
fn refuse(part: &Expr) -> Option<String> {
    match part {
        Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::Exists { .. } => {
            Some("it reads other rows by a subquery; write what the row's own columns give".to_owned())
        }
        Expr::CompoundIdentifier(names) => {
            let name = names.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(".");
            Some(format!(
                "`{name}` has a table's name in front; write the column's name alone, in double quotes if it has dots"
            ))
        }
        Expr::Wildcard(_) | Expr::QualifiedWildcard(..) => Some("`*` names no column; write one".to_owned()),
        Expr::Value(value) => match &value.value {
            Value::Placeholder(name) => Some(format!("`{name}` has no value; write the value itself")),
            _ => None,
        },
        Expr::Function(function) => refuse_function(function),
        _ => None,
    }
}

fn refuse_function(function: &Function) -> Option<String> {
    let name = function.name.to_string().to_lowercase();
    let state = state();
    let looks_around = state.aggregate_functions().contains_key(&name) || state.window_functions().contains_key(&name);
    if function.over.is_some() || (looks_around && !state.scalar_functions().contains_key(&name)) {
        return Some(format!("`{name}` looks at other rows; write what the row's own columns give"));
    }
    match state.scalar_functions().get(&name) {
        Some(known) if known.signature().volatility != Volatility::Immutable => {
            Some(format!("`{name}` gives something else each time; write what the row's own columns give"))
        }
        Some(_) => None,
        None => Some(unknown_function(&name)),
    }
}

fn unknown_function(name: &str) -> String {
    let state = state();
    let closest = suggest::closest(name, state.scalar_functions().keys().map(String::as_str));
    match closest {
        Some(known) => format!("there is no function `{name}`; write `{known}`"),
        None => format!("there is no function `{name}`; write one of DataFusion's scalar functions"),
    }
}
