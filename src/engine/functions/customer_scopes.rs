//! `customer_scopes(…)`: what a customer's days make of them in each scope group, in one pass over the days.
//!
//! Fed in order of customers, it holds the days of one batch only.

mod columns;
mod history;
mod output;
mod state;

use std::mem::size_of;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Int32Array, Int64Array};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Field, FieldRef, Int32Type, Int64Type};
use datafusion::common::{Result, exec_datafusion_err, internal_datafusion_err, internal_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility};

use super::day_set::is_kept;
use super::single_group::{SingleGroup, states_of_rows};
pub use columns::MONEY;
use columns::{BOUNDS, DAY};
use history::{Bounds, Day};
use output::Output;

/// The aggregate.
pub fn function() -> CustomerScopes {
    let arguments = DAY.into_iter().chain(BOUNDS).map(|(_, kind)| kind).collect();
    CustomerScopes { signature: Signature::exact(arguments, Volatility::Immutable) }
}

/// See the module's documentation.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct CustomerScopes {
    signature: Signature,
}

impl AggregateUDFImpl for CustomerScopes {
    fn name(&self) -> &str {
        "customer_scopes"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(output::list_type())
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let types: Vec<DataType> = args.expr_fields.iter().map(|field| field.data_type().clone()).collect();
        Ok(Box::new(SingleGroup::new(Groups::default(), &types)))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format_state_name(args.name, "days"), state::list_type(), true))])
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::<Groups>::default())
    }
}

/// The days of the customers at hand.
#[derive(Default)]
struct Groups {
    days: Vec<Day>,
    bounds: Bounds,
    customers: usize,
}

impl Groups {
    /// Takes rows in; `columns` are those of [`DAY`] and [`BOUNDS`].
    fn push(&mut self, columns: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>) -> Result<()> {
        let [
            scope_key,
            department_key,
            day,
            revenue,
            kept,
            profit,
            lines_without_profit,
            sales,
            is_consumption,
            window_start,
            other_window_start,
            bounds @ ..,
        ] = columns
        else {
            return internal_err!("customer_scopes takes fourteen arguments");
        };
        if groups.is_empty() {
            return Ok(());
        }
        self.bounds = bounds_of(bounds)?;
        let [scope_key, department_key] = [scope_key, department_key].map(|keys| keys.as_primitive::<Int32Type>());
        let [revenue, kept, profit] = [revenue, kept, profit].map(|money| money.as_primitive::<Decimal128Type>());
        let [lines_without_profit, sales] =
            [lines_without_profit, sales].map(|counts| counts.as_primitive::<Int64Type>());
        let [days, window_start, other_window_start] =
            [day, window_start, other_window_start].map(|days| days.as_primitive::<Date32Type>());
        let is_consumption = is_consumption.as_boolean();
        let key = |keys: &Int32Array, row| keys.is_valid(row).then(|| keys.value(row));
        let cents = |money: &Decimal128Array, row| {
            let cents = if money.is_valid(row) { money.value(row) } else { 0 };
            i64::try_from(cents).map_err(|_| exec_datafusion_err!("a day's money overflows"))
        };
        let count = |counts: &Int64Array, row| if counts.is_valid(row) { counts.value(row) } else { 0 };
        self.days.reserve(groups.len());
        for (row, &group) in groups.iter().enumerate() {
            if days.is_null(row) || !is_kept(filter, row) {
                continue;
            }
            self.days.push(Day {
                customer: u32::try_from(group).map_err(|_| internal_datafusion_err!("more than 2^32 customers"))?,
                scope_key: key(scope_key, row),
                day: days.value(row),
                department_key: key(department_key, row),
                revenue: cents(revenue, row)?,
                kept_revenue: cents(kept, row)?,
                profit: cents(profit, row)?,
                lines_without_profit: count(lines_without_profit, row),
                sales: count(sales, row),
                is_consumption: is_consumption.is_valid(row) && is_consumption.value(row),
                window_start: window_start.value(row),
                other_window_start: other_window_start.value(row),
            });
        }
        Ok(())
    }

    /// Takes out the days of the first customers, in order of these.
    fn take(&mut self, emit_to: EmitTo) -> (Vec<Day>, usize) {
        let customers = match emit_to {
            EmitTo::All => self.customers,
            EmitTo::First(count) => count,
        };
        if !self.days.is_sorted_by_key(|day| day.customer) {
            self.days.sort_by_key(|day| day.customer);
        }
        let is_taken = |day: &Day| usize::try_from(day.customer).is_ok_and(|customer| customer < customers);
        let rest = self.days.split_off(self.days.partition_point(is_taken));
        let taken = std::mem::replace(&mut self.days, rest);
        let shift = u32::try_from(customers).unwrap_or(u32::MAX);
        for day in &mut self.days {
            day.customer = day.customer.saturating_sub(shift);
        }
        self.customers -= customers;
        (taken, customers)
    }
}

/// The bounds that all rows have.
fn bounds_of(columns: &[ArrayRef]) -> Result<Bounds> {
    let [chain_key, first_department_key, has_history] = columns else {
        return internal_err!("customer_scopes takes three bounds");
    };
    let key = |keys: &ArrayRef| keys.is_valid(0).then(|| keys.as_primitive::<Int32Type>().value(0));
    let has_history = has_history.is_valid(0) && has_history.as_boolean().value(0);
    Ok(Bounds { chain_key: key(chain_key), first_department_key: key(first_department_key), has_history })
}

/// `each` customer's days, of `customers` in all; those without days included.
fn each_customer(days: &mut [Day], customers: usize, mut each: impl FnMut(&mut [Day])) {
    let mut rest = days;
    for customer in 0..customers {
        let is_theirs = |day: &Day| usize::try_from(day.customer).is_ok_and(|owner| owner <= customer);
        // Customers have few days: to look for the next is quicker than to halve the rest.
        let count = rest.iter().take_while(|day| is_theirs(day)).count();
        let (theirs, others) = rest.split_at_mut(count);
        each(theirs);
        rest = others;
    }
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.customers = total_num_groups;
        self.push(values, group_indices, filter)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let (mut days, customers) = self.take(emit_to);
        let mut output = Output::new();
        each_customer(&mut days, customers, |days| {
            if !days.is_empty() {
                history::each_scope(days, self.bounds, |scope_key, summary| output.push(scope_key, summary));
            }
            output.end_customer();
        });
        output.finish()
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (mut days, customers) = self.take(emit_to);
        let mut lengths = Vec::with_capacity(customers);
        each_customer(&mut days, customers, |days| lengths.push(days.len()));
        Ok(vec![state::lists(&days, lengths, self.bounds)?])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.customers = total_num_groups;
        let [lists] = values else {
            return internal_err!("customer_scopes has one state");
        };
        let (columns, owners) = state::flat(lists, group_indices);
        self.push(&columns, &owners, None)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        states_of_rows(Groups::default(), values, filter)
    }

    fn size(&self) -> usize {
        self.days.capacity() * size_of::<Day>()
    }
}
