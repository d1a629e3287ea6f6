//! A file's SQL as a statement, and the tables that it names.

use std::ops::ControlFlow;

use datafusion::error::DataFusionError;
use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::{self, visit_relations};

use super::bounds;
use crate::diagnostic::{Diagnostic, Place};
use crate::sql_extent::{self, Excess};

/// Parses the one query of a file.
///
/// # Errors
/// Anything but one query, and one that is too long or too deep; names file, line and column.
pub fn parse(file: &str, sql: &str) -> Result<Statement, Diagnostic> {
    sql_extent::check(sql).map_err(|excess| too_much(file, excess))?;
    let mut statements = DFParser::parse_sql(sql).map_err(|cause| syntax(file, sql, &cause))?;
    let count = statements.len();
    match statements.pop_front() {
        Some(statement) if count == 1 && is_query(&statement) => {
            bounds::check(file, &statement)?;
            Ok(statement)
        }
        Some(_) if count == 1 => Err(Diagnostic::new(file, "is not a query; it must be a `select`")),
        _ => Err(Diagnostic::new(file, format!("must hold one query, not {count}"))),
    }
}

fn too_much(file: &str, excess: Excess) -> Diagnostic {
    let place = match excess {
        Excess::Bytes => None,
        Excess::Levels(line, column) | Excess::Brackets(line, column) | Excess::Steps(line, column) => {
            Some(Place { line, column })
        }
    };
    Diagnostic::new(file, format!("the SQL can't be planned: {excess}")).at(place)
}

fn is_query(statement: &Statement) -> bool {
    matches!(statement, Statement::Statement(statement) if matches!(**statement, ast::Statement::Query(_)))
}

/// A syntax error. The parser tells its place within the message, and none at the end of the text.
fn syntax(file: &str, sql: &str, cause: &DataFusionError) -> Diagnostic {
    let message = match cause.find_root() {
        DataFusionError::SQL(cause, _) => cause.to_string(),
        other => other.strip_backtrace(),
    };
    let message = message.trim_start_matches("sql parser error: ");
    let (what, place) = message.rsplit_once(" at Line: ").unwrap_or((message, ""));
    let place = place.split_once(", Column: ").and_then(|(line, column)| {
        Some(Place { line: line.parse().ok()?, column: column.trim_end_matches('"').parse().ok()? })
    });
    let place = place.unwrap_or_else(|| Place::of_byte(sql, sql.trim_end().len()));
    Diagnostic::new(file, format!("the SQL can't be read: {what}")).at(Some(place))
}

/// The tables that a query reads, as written, without those that it defines itself.
///
/// # Errors
/// A query whose tables can't be made out.
pub fn tables(file: &str, statement: &Statement) -> Result<Vec<String>, Diagnostic> {
    let (references, _) = resolve_table_references(statement, true)
        .map_err(|cause| Diagnostic::new(file, format!("its tables can't be made out: {}", cause.strip_backtrace())))?;
    Ok(references.iter().map(ToString::to_string).collect())
}

/// Where a query first names `table`, as written.
pub fn place_of_table(sql: &str, table: &str) -> Option<Place> {
    let Ok(Statement::Statement(statement)) = parse("", sql) else {
        return None;
    };
    let found = visit_relations(&*statement, |relation| {
        let start = relation.0.first().and_then(ast::ObjectNamePart::as_ident).map(|first| first.span.start);
        match start {
            Some(start) if relation.to_string() == table => ControlFlow::Break(start),
            _ => ControlFlow::Continue(()),
        }
    });
    match found {
        ControlFlow::Break(start) => Some(Place { line: start.line, column: start.column }),
        ControlFlow::Continue(()) => None,
    }
}

/// Whether the rows of a query come in an order.
pub fn is_ordered(statement: &Statement) -> bool {
    let Statement::Statement(statement) = statement else {
        return false;
    };
    matches!(statement.as_ref(), ast::Statement::Query(query) if query.order_by.is_some())
}
