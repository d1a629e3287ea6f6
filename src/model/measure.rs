//! A measure as SQL: one aggregate function over a table's columns, which is what semantic layers understand.

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    self, DuplicateTreatment, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, SelectItem, SetExpr,
    visit_expressions, visit_relations,
};

use super::parse::parse;

/// What a measure is said to be read from while it is parsed.
const ROWS: &str = "rows_of_the_table";

/// How a measure brings values together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// Their sum.
    Sum,
    /// The least of them.
    Min,
    /// The greatest of them.
    Max,
    /// Their mean.
    Average,
    /// The middle one.
    Median,
    /// How many there are.
    Count,
    /// How many different ones there are.
    CountDistinct,
}

/// A measure taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregation {
    /// How values are brought together.
    pub aggregate: Aggregate,
    /// The SQL expression that gives a row's value; none where rows are counted.
    pub of: Option<String>,
    /// The columns that it names.
    pub columns: Vec<String>,
}

impl Aggregation {
    /// Takes a measure apart.
    ///
    /// # Errors
    /// What it has to be instead.
    pub fn read(measure: &str) -> Result<Self, String> {
        let refusal = || {
            format!(
                "`{measure}` is no aggregate over the table's columns; write one such as `sum(revenue)` or `count(*)`"
            )
        };
        let statement = parse("", &format!("select {measure} from {ROWS}")).map_err(|_| refusal())?;
        let function = only_function(&statement).ok_or_else(refusal)?;
        let (is_distinct, argument) = only_argument(&function).ok_or_else(refusal)?;
        let of = match argument {
            FunctionArgExpr::Expr(of) => Some(of),
            FunctionArgExpr::Wildcard => None,
            _ => return Err(refusal()),
        };
        let aggregate = match (function.name.to_string().to_lowercase().as_str(), is_distinct, of) {
            ("count", false, _) => Aggregate::Count,
            ("count", true, Some(_)) => Aggregate::CountDistinct,
            ("sum", false, Some(_)) => Aggregate::Sum,
            ("min", false, Some(_)) => Aggregate::Min,
            ("max", false, Some(_)) => Aggregate::Max,
            ("avg", false, Some(_)) => Aggregate::Average,
            ("median", false, Some(_)) => Aggregate::Median,
            _ => return Err(refusal()),
        };
        Ok(Aggregation { aggregate, of: of.map(ToString::to_string), columns: columns(of) })
    }
}

/// The function that is all a query selects, if it reads nothing but the rows and does no more with them.
fn only_function(statement: &Statement) -> Option<ast::Function> {
    let Statement::Statement(statement) = statement else { return None };
    let ast::Statement::Query(query) = statement.as_ref() else { return None };
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    let [SelectItem::UnnamedExpr(Expr::Function(function))] = select.projection.as_slice() else { return None };
    let mut tables = 0;
    let _ = visit_relations(statement, |_| -> ControlFlow<()> {
        tables += 1;
        ControlFlow::Continue(())
    });
    let is_all = query.to_string() == format!("SELECT {function} FROM {ROWS}");
    (is_all && tables == 1 && function.filter.is_none() && function.over.is_none()).then(|| function.clone())
}

/// A function's one argument, and whether equal values count once.
fn only_argument(function: &ast::Function) -> Option<(bool, &FunctionArgExpr)> {
    let FunctionArguments::List(arguments) = &function.args else { return None };
    let [FunctionArg::Unnamed(argument)] = arguments.args.as_slice() else { return None };
    let is_distinct = arguments.duplicate_treatment == Some(DuplicateTreatment::Distinct);
    arguments.clauses.is_empty().then_some((is_distinct, argument))
}

fn columns(of: Option<&Expr>) -> Vec<String> {
    let mut columns = Vec::new();
    if let Some(of) = of {
        let _ = visit_expressions(of, |inner| -> ControlFlow<()> {
            match inner {
                Expr::Identifier(name) => columns.push(name.value.clone()),
                Expr::CompoundIdentifier(_) => columns.push(inner.to_string()),
                _ => {}
            }
            ControlFlow::Continue(())
        });
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_one_aggregate_over_an_expression() {
        let read = |measure| {
            let read = Aggregation::read(measure).expect("a measure");
            (read.aggregate, read.of.unwrap_or_default(), read.columns.join(" "))
        };
        let told = |aggregate, of: &str, columns: &str| (aggregate, of.to_owned(), columns.to_owned());
        assert_eq!(read("sum(revenue)"), told(Aggregate::Sum, "revenue", "revenue"));
        assert_eq!(read("count(*)"), told(Aggregate::Count, "", ""));
        assert_eq!(read("count(distinct a)"), told(Aggregate::CountDistinct, "a", "a"));
        let of = "CASE WHEN a > 0 THEN b ELSE 0 END";
        assert_eq!(read("avg(case when a > 0 then b else 0 end)"), told(Aggregate::Average, of, "a b"));
    }

    #[test]
    fn what_else_a_query_may_do_is_no_measure() {
        for measure in [
            "",
            "revenue",
            "sum(a) + sum(b)",
            "sum(a) as b",
            "sum(a), sum(b)",
            "sum(a) from fct_b --",
            "sum(a) from rows_of_the_table where a > 0 --",
            "distinct sum(a)",
            "sum((select max(b) from fct_b))",
            "sum(a) over (order by b)",
            "sum(a) filter (where b)",
            "sum(a, b)",
            "sum(*)",
            "sum(distinct a)",
            "upper(a)",
            "sum(a); select 1",
        ] {
            let refusal = Aggregation::read(measure).expect_err(measure);
            assert!(
                refusal.starts_with(&format!("`{measure}` is no aggregate over the table's columns; ")),
                "{refusal}"
            );
        }
    }
}
