//! Summaries as a column of lists of structs.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Builder, Decimal128Builder, Int32Builder, Int64Builder, ListArray, ListBuilder, StructArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::{Result, exec_datafusion_err};

use super::columns::MONEY;
use super::history::Summary;
use crate::engine::functions::{day_set, money_since};

fn fields() -> Fields {
    let days = DataType::List(day_set::item_field());
    Fields::from(vec![
        Field::new("scope_key", DataType::Int32, true),
        Field::new("known_on", DataType::Date32, true),
        Field::new("first_consumed_on", DataType::Date32, true),
        Field::new("last_consumed_on", DataType::Date32, true),
        Field::new("consumed_days", days, true),
        Field::new("paid_days", DataType::List(day_set::item_field()), true),
        Field::new("paid_cents", money_since::cents_type(), true),
        Field::new("department_key", DataType::Int32, true),
        Field::new("latest_revenue", MONEY, true),
        Field::new("monetary", MONEY, true),
        Field::new("lines", DataType::Int64, true),
        Field::new("lifetime_monetary", MONEY, true),
        Field::new("repeat_monetary", MONEY, true),
        Field::new("lifetime_profit", MONEY, true),
        Field::new("lines_without_profit", DataType::Int64, true),
    ])
}

fn item() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Struct(fields()), true))
}

/// A list of what a customer is in each scope group.
pub fn list_type() -> DataType {
    DataType::List(item())
}

/// Builds such lists, customer after customer.
pub struct Output {
    scope_key: Int32Builder,
    known_on: Date32Builder,
    first_consumed_on: Date32Builder,
    last_consumed_on: Date32Builder,
    consumed_days: ListBuilder<Date32Builder>,
    paid_days: ListBuilder<Date32Builder>,
    paid_cents: ListBuilder<Int64Builder>,
    department_key: Int32Builder,
    latest_revenue: Decimal128Builder,
    monetary: Decimal128Builder,
    lines: Int64Builder,
    lifetime_monetary: Decimal128Builder,
    repeat_monetary: Decimal128Builder,
    lifetime_profit: Decimal128Builder,
    lines_without_profit: Int64Builder,
    lengths: Vec<usize>,
    length: usize,
}

impl Output {
    /// No customers yet.
    pub fn new() -> Self {
        let money = || Decimal128Builder::new().with_data_type(MONEY);
        Output {
            scope_key: Int32Builder::new(),
            known_on: Date32Builder::new(),
            first_consumed_on: Date32Builder::new(),
            last_consumed_on: Date32Builder::new(),
            consumed_days: ListBuilder::new(Date32Builder::new()).with_field(day_set::item_field()),
            paid_days: ListBuilder::new(Date32Builder::new()).with_field(day_set::item_field()),
            paid_cents: ListBuilder::new(Int64Builder::new()).with_field(money_since::cents_field()),
            department_key: Int32Builder::new(),
            latest_revenue: money(),
            monetary: money(),
            lines: Int64Builder::new(),
            lifetime_monetary: money(),
            repeat_monetary: money(),
            lifetime_profit: money(),
            lines_without_profit: Int64Builder::new(),
            lengths: Vec::new(),
            length: 0,
        }
    }

    /// One more scope group of the customer at hand.
    pub fn push(&mut self, scope_key: i32, summary: &Summary) {
        self.scope_key.append_value(scope_key);
        self.known_on.append_value(summary.known_on);
        self.first_consumed_on.append_option(summary.consumed_days.first().copied());
        self.last_consumed_on.append_option(summary.consumed_days.last().copied());
        self.consumed_days.values().append_slice(&summary.consumed_days);
        self.consumed_days.append(true);
        self.paid_days.values().append_slice(&summary.paid_days);
        self.paid_days.append(true);
        self.paid_cents.values().append_slice(&summary.paid_cents);
        self.paid_cents.append(true);
        self.department_key.append_option(summary.department_key);
        self.latest_revenue.append_value(summary.latest_revenue);
        self.monetary.append_value(summary.monetary);
        self.lines.append_value(summary.lines);
        self.lifetime_monetary.append_value(summary.lifetime_monetary);
        self.repeat_monetary.append_value(summary.repeat_monetary);
        self.lifetime_profit.append_value(summary.lifetime_profit);
        self.lines_without_profit.append_value(summary.lines_without_profit);
        self.length += 1;
    }

    /// The customer at hand is done.
    pub fn end_customer(&mut self) {
        self.lengths.push(std::mem::take(&mut self.length));
    }

    /// The column.
    ///
    /// # Errors
    /// Money beyond `DECIMAL(18, 2)`.
    pub fn finish(mut self) -> Result<ArrayRef> {
        let money = |column: &mut Decimal128Builder| -> Result<ArrayRef> {
            let column = column.finish();
            column.validate_decimal_precision(18).map_err(|_| exec_datafusion_err!("a customer's money overflows"))?;
            Ok(Arc::new(column))
        };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.scope_key.finish()),
            Arc::new(self.known_on.finish()),
            Arc::new(self.first_consumed_on.finish()),
            Arc::new(self.last_consumed_on.finish()),
            Arc::new(self.consumed_days.finish()),
            Arc::new(self.paid_days.finish()),
            Arc::new(self.paid_cents.finish()),
            Arc::new(self.department_key.finish()),
            money(&mut self.latest_revenue)?,
            money(&mut self.monetary)?,
            Arc::new(self.lines.finish()),
            money(&mut self.lifetime_monetary)?,
            money(&mut self.repeat_monetary)?,
            money(&mut self.lifetime_profit)?,
            Arc::new(self.lines_without_profit.finish()),
        ];
        let rows = StructArray::try_new(fields(), columns, None)?;
        Ok(Arc::new(ListArray::try_new(item(), OffsetBuffer::from_lengths(self.lengths), Arc::new(rows), None)?))
    }
}
