//! What a query may not do, though its text is short: read itself, or come to ever more by naming queries of its own.

use std::collections::HashMap;
use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{ObjectName, Query, Visit, Visitor};
use datafusion::sql::sqlparser::tokenizer::Location;

use crate::diagnostic::{Diagnostic, Place};

/// Queries and tables that a query comes to when those that it names are put in, as the planner does. Of
/// `a1 as (select … from a0 union all select … from a0)` and so on, forty lines come to 2⁴⁰.
const MAX_QUERIES: usize = 2_000;

/// Checks a query before it is planned.
///
/// # Errors
/// What it does that it may not, where that can be told.
pub(super) fn check(file: &str, statement: &Statement) -> Result<(), Diagnostic> {
    let Statement::Statement(statement) = statement else {
        return Ok(());
    };
    match statement.visit(&mut Extent::default()) {
        ControlFlow::Break(Excess::Recursion(start)) => {
            let message =
                "`with recursive` may go on for ever, and no model needs it; write what it comes to, or a seed";
            Err(Diagnostic::new(file, message).at(Some(Place { line: start.line, column: start.column })))
        }
        ControlFlow::Break(Excess::Queries) => {
            let message = format!(
                "with the queries put in that it names, it comes to more than {MAX_QUERIES}; name each less often, or \
                 make models of them"
            );
            Err(Diagnostic::new(file, message))
        }
        ControlFlow::Continue(()) => Ok(()),
    }
}

enum Excess {
    Recursion(Location),
    Queries,
}

#[derive(Default)]
struct Extent {
    /// What the queries come to that are being looked at, the outermost first.
    open: Vec<usize>,
    /// The names of queries in `with`, by their addresses.
    names: HashMap<usize, String>,
    /// What these come to.
    named: HashMap<String, usize>,
}

impl Extent {
    fn add(&mut self, queries: usize) -> ControlFlow<Excess> {
        let Some(innermost) = self.open.last_mut() else { return ControlFlow::Continue(()) };
        *innermost = innermost.saturating_add(queries);
        match *innermost > MAX_QUERIES {
            true => ControlFlow::Break(Excess::Queries),
            false => ControlFlow::Continue(()),
        }
    }
}

fn address(query: &Query) -> usize {
    std::ptr::from_ref(query).addr()
}

impl Visitor for Extent {
    type Break = Excess;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Excess> {
        self.open.push(1);
        match &query.with {
            Some(with) if with.recursive => ControlFlow::Break(Excess::Recursion(with.with_token.0.span.start)),
            Some(with) => {
                let named = with.cte_tables.iter();
                self.names.extend(named.map(|named| (address(&named.query), named.alias.name.value.to_lowercase())));
                ControlFlow::Continue(())
            }
            None => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<Excess> {
        let queries = self.named.get(&relation.to_string().replace('"', "").to_lowercase()).copied();
        self.add(queries.unwrap_or(1))
    }

    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<Excess> {
        let queries = self.open.pop().unwrap_or_default();
        match self.names.remove(&address(query)) {
            Some(name) => {
                // Of queries with the same name, within others, the largest is meant.
                let known = self.named.entry(name).or_default();
                *known = queries.max(*known);
                ControlFlow::Continue(())
            }
            None => self.add(queries),
        }
    }
}
