//! The SQL functions that models may use beside DataFusion's own.
//!
//! | function | result |
//! |---|---|
//! | `customer_key(ref)`, `branch_key(ref)`, `department_key(ref)`, `item_key(ref)` | key of a staged reference |
//! | `customer_id(key)`, `branch_id(key)`, `department_id(key)`, `item_id(key)` | id of a key |
//! | `scope_key(dimension, branch_key, department_key, item_key)` | key of the scope group that a row counts in by a dimension (chain, branch, department, item); null where it has no such key |
//! | `day_set(day)` | aggregate: the distinct days, ascending, as a list |
//! | `day_list(day)` | aggregate: the days, ascending, as a list; a day that comes twice is in it twice |
//! | `merge_day_sets(days)` | aggregate: the union of such lists |
//! | `count_days(days, from, until)` | how many days of a list lie in [from, until] |
//! | `day_count(days)` | how many days a list holds |
//! | `nth_day(days, n)` | the n-th day of an ascending list, from 1; null if there are fewer |
//! | `union_days(days, other_days)` | the union of two lists |
//! | `median_gap(days)` | median of the gaps between neighbouring days, in days; null with fewer than two days |
//! | `usual_gap(days, prior)` | that median drawn towards a prior, as if this were the median of three more gaps; the prior with fewer than two days |
//! | `spread_days(from, until, step)` | the list from, from + step, … and until: no window of `step` days between them is empty |
//! | `rhythm_since(days, as_of, recency_days, window_days, frequency)` | the first day from which on, without a break up to as_of, the rule "fewer than recency_days since the last day, and frequency days or more in window_days" has had the truth that it has on as_of; null if always |
//! | `money_since(paid_days, paid_cents, consumed_days, needs_consumption, as_of, window_days, least)` | the first day from which on, without a break up to as_of, the rule "the money of the last window_days is least or more, and if need be there was consumption in them" has had the truth that it has on as_of; null if always |
//! | `period_no(kind, day)` | number of the period of kind (day, week, month, quarter) that holds day; the next period has the next number |
//! | `period_label(kind, day)` | the label of that period, such as 2026-11 |
//! | `period_starts(kind, days)` | first days of the periods that hold one of an ascending list's days |
//! | `keyed_draw(key, id)` | a number from 0 to 2³² − 1 that stands for the id under the key: the first 32 bits of HMAC-SHA256 |
//! | `customer_scopes(scope_key, department_key, day, revenue, kept_revenue, profit, lines_without_profit, sales, is_consumption, window_start, other_window_start, chain_key, first_department_key, has_history)` | aggregate over a customer's days: a list of what they come to in each scope group |
//! | `bg_nbd(repeat_days, span_days, tenure_days, customers)` | aggregate: the parameters of days to come (`forecast::bg_nbd`), as a struct of `outcome`, `r`, `alpha`, `a` and `b` |
//! | `gamma_gamma(repeat_days, repeat_cents, customers)` | aggregate: the parameters of a day's money (`forecast::gamma_gamma`), as a struct of `outcome`, `p`, `q` and `v` |
//! | `alive_probability(repeat_days, span_days, tenure_days, r, alpha, a, b)` | probability that a customer still comes |
//! | `expected_days(days, repeat_days, span_days, tenure_days, r, alpha, a, b)` | on how many of the next days |
//! | `expected_money(repeat_days, repeat_cents, p, q, v)` | what such a day brings |
//!
//! Nulls: a null day is no day; a null list counts as empty.

mod count_days;
mod customer_scopes;
mod day_set;
mod dictionary;
mod expected;
mod fit;
mod keyed_draw;
mod money_since;
mod periods;
mod rhythm;
mod scope_key;
mod single_group;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use datafusion::prelude::SessionContext;

use crate::bounded_text;
use crate::source::{Dictionaries, ScopeKeys};

/// Registers the functions that need no data of the run.
pub fn register(context: &SessionContext) {
    for function in day_set::functions().into_iter().chain([day_set::day_list()]) {
        context.register_udaf(AggregateUDF::from(function));
    }
    context.register_udaf(AggregateUDF::from(customer_scopes::function()));
    for function in fit::functions() {
        context.register_udaf(function);
    }
    context.register_udf(ScalarUDF::from(count_days::CountDays::default()));
    context.register_udf(keyed_draw::function());
    context.register_udf(money_since::function());
    for function in bounded_text::functions() {
        context.register_udf(function.as_ref().clone());
    }
    for function in rhythm::functions().into_iter().chain(periods::functions()).chain(expected::functions()) {
        context.register_udf(function);
    }
}

/// Registers the functions that look up `dictionaries`.
pub fn register_dictionaries(context: &SessionContext, dictionaries: &Dictionaries) {
    for (domain, dictionary) in dictionaries.of_ids() {
        context.register_udf(ScalarUDF::from(dictionary::Key::new(domain, Arc::clone(dictionary))));
        context.register_udf(ScalarUDF::from(dictionary::Id::new(domain, Arc::clone(dictionary))));
    }
    let objects = dictionary::Key::named("object_no", Arc::clone(&dictionaries.object));
    context.register_udf(ScalarUDF::from(objects));
    context.register_udf(ScalarUDF::from(scope_key::ScopeKey::new(ScopeKeys::of(dictionaries))));
}
