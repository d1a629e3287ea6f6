//! The SQL functions that models may use beside DataFusion's own.
//!
//! | function | result |
//! |---|---|
//! | `customer_key(ref)`, `branch_key(ref)`, `department_key(ref)` | key of a staged reference |
//! | `customer_id(key)`, `branch_id(key)`, `department_id(key)` | id of a key |
//! | `day_set(day)` | aggregate: the distinct days, ascending, as a list |
//! | `merge_day_sets(days)` | aggregate: the union of such lists |
//! | `count_days(days, from, until)` | how many days of a list lie in [from, until] |
//! | `latest_departments(day, department_key, money)` | aggregate: departments of the latest day with their money |
//! | `merge_latest_departments(departments)` | aggregate: the same of several such lists |
//! | `top_department(departments)` | the department with the most money, then the first by name |
//!
//! Nulls: a null day is no day; a null list counts as empty.

mod count_days;
mod day_set;
mod dictionary;
mod latest_departments;
mod single_group;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use datafusion::prelude::SessionContext;

use crate::source::Dictionaries;

/// Registers the functions that need no data of the run.
pub fn register(context: &SessionContext) {
    for function in day_set::functions() {
        context.register_udaf(AggregateUDF::from(function));
    }
    for function in latest_departments::functions() {
        context.register_udaf(AggregateUDF::from(function));
    }
    context.register_udf(ScalarUDF::from(count_days::CountDays::default()));
    context.register_udf(ScalarUDF::from(latest_departments::TopDepartment::default()));
}

/// Registers the functions that look up `dictionaries`.
pub fn register_dictionaries(context: &SessionContext, dictionaries: &Dictionaries) {
    for (domain, dictionary) in [
        ("customer", &dictionaries.customer),
        ("branch", &dictionaries.branch),
        ("department", &dictionaries.department),
    ] {
        context.register_udf(ScalarUDF::from(dictionary::Key::new(domain, Arc::clone(dictionary))));
        context.register_udf(ScalarUDF::from(dictionary::Id::new(domain, Arc::clone(dictionary))));
    }
}
