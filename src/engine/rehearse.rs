//! Plans queries without rows, and tells what is wrong with them by their place in the file.

use std::collections::BTreeSet;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{self, Column, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, LogicalPlan, Volatility};
use datafusion::prelude::DataFrame;

use super::{Engine, plan_size};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{Model, Moment, Node};
use crate::suggest::write_instead;
use crate::{Error, Result};

impl Engine {
    /// Plans a query as a run would, down to the operators that would carry it out.
    ///
    /// # Errors
    /// Everything that keeps the query from being planned.
    pub async fn rehearse(&self, file: &str, sql: &str, moment: Moment) -> Result<DataFrame, Vec<Diagnostic>> {
        let statement = self.statement(file, sql, moment).map_err(|diagnostic| vec![diagnostic])?;
        let state = self.session(moment).context.state();
        let plan = match state.statement_to_plan(statement).await {
            Ok(plan) => plan,
            Err(cause) => return Err(diagnostics(file, sql, &cause)),
        };
        plan_size::check(&plan).map_err(|message| vec![Diagnostic::new(file, message)])?;
        let mut found = volatile_functions(&plan).map_err(|cause| diagnostics(file, sql, &cause))?;
        if let Some(function) = found.pop_first() {
            let place = place_of_once(sql, &function);
            let message =
                format!("{function} gives something else each time; a run depends on its inputs and $as_of only");
            return Err(vec![Diagnostic::new(file, message).at(place)]);
        }
        match state.create_physical_plan(&plan).await {
            Ok(_) => Ok(DataFrame::new(state, plan)),
            Err(cause) => Err(diagnostics(file, sql, &cause)),
        }
    }

    /// Makes the table of a rehearsed model available to the models that read it; it has no rows.
    ///
    /// # Errors
    /// None that input can cause.
    pub async fn stand_in(&self, node: &Node, model: &Model, frame: Option<DataFrame>) -> Result<(), Error> {
        match frame {
            _ if model.is_published() => self.register_empty(&model.name, &[Moment::Closing], &model.sidecar.schema()),
            Some(frame) => self.keep(node, model, frame).await,
            None => Ok(()),
        }
    }
}

/// The functions in a plan that depend on more than their arguments, such as the clock.
fn volatile_functions(plan: &LogicalPlan) -> datafusion::error::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expression| {
            expression.apply(|part| {
                if let Expr::ScalarFunction(call) = part
                    && call.func.signature().volatility != Volatility::Immutable
                {
                    found.insert(call.func.name().to_owned());
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    Ok(found)
}

/// The mistakes in a query that can't be planned; the planner often stops at the first.
fn diagnostics(file: &str, sql: &str, cause: &DataFusionError) -> Vec<Diagnostic> {
    cause.iter().map(|cause| diagnostic(file, sql, cause)).collect()
}

fn diagnostic(file: &str, sql: &str, cause: &DataFusionError) -> Diagnostic {
    let message = message(cause);
    let span = cause.diagnostic().and_then(|diagnostic| diagnostic.span);
    let place = span.map(|span| Place { line: span.start.line, column: span.start.column });
    let place = place.or_else(|| place_of_named(sql, &message));
    Diagnostic::new(file, message).at(place)
}

fn message(cause: &DataFusionError) -> String {
    let root = cause.find_root();
    if let DataFusionError::SchemaError(cause, _) = root
        && let SchemaError::FieldNotFound { field, valid_fields } = cause.as_ref()
    {
        let of_its_table = |valid: &&Column| field.relation.is_none() || valid.relation == field.relation;
        let names: Vec<&str> = valid_fields.iter().filter(of_its_table).map(|valid| valid.name.as_str()).collect();
        return match names.is_empty() {
            true => format!("there is no column {}", field.flat_name()),
            false => format!("there is no column {}; {}", field.flat_name(), write_instead(&field.name, &names)),
        };
    }
    match cause.diagnostic() {
        Some(diagnostic) if diagnostic.notes.len() < 2 => of_diagnostic(diagnostic),
        _ => root.message().lines().map(str::trim).collect::<Vec<_>>().join(" "),
    }
}

fn of_diagnostic(diagnostic: &common::Diagnostic) -> String {
    let notes = diagnostic.notes.iter().map(|note| &note.message);
    let helps = diagnostic.helps.iter().map(|help| &help.message);
    notes.chain(helps).fold(diagnostic.message.clone(), |message, note| format!("{message}; {note}"))
}

/// Where the query has the name that a message quotes first, if it has it only once.
fn place_of_named(sql: &str, message: &str) -> Option<Place> {
    let name = message.split('\'').nth(1).filter(|name| !name.is_empty())?;
    place_of_once(sql, name)
}

fn place_of_once(sql: &str, name: &str) -> Option<Place> {
    let mut found = sql.match_indices(name);
    match (found.next(), found.next()) {
        (Some((byte, _)), None) => Some(Place::of_byte(sql, byte)),
        _ => None,
    }
}
