//! Arrow columns of orders, visits, leads and contacts, filled row by row.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Decimal128Builder, Int64Builder, RecordBatch, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use chrono::NaiveTime;

use super::catalogue::{ITEMS, Item, TAIPEI};
use super::event::{Contact, Lead, OrderLine, Timestamp, Visit};
use super::id::Id;
use super::marketing::campaign;
use super::world::World;

/// Money, as it is staged.
const MONEY: DataType = DataType::Decimal128(18, 2);

/// Turns local times into UTC.
struct Clock<'a> {
    world: &'a World,
    start_micros: i64,
}

impl<'a> Clock<'a> {
    fn new(world: &'a World) -> Self {
        Clock { world, start_micros: world.start.and_time(NaiveTime::MIN).and_utc().timestamp_micros() }
    }

    fn utc_micros(&self, at: Timestamp, branch: Option<usize>) -> i64 {
        let zone = branch.and_then(|branch| self.world.branches.get(branch)).map_or(TAIPEI, |branch| branch.zone);
        let minutes = i64::from(at.day) * 1440 + i64::from(at.minute - zone.ahead_minutes);
        self.start_micros + minutes * 60_000_000
    }

    fn campaign(&self, lead: Option<(&str, i32)>) -> Option<String> {
        lead.and_then(|(channel, day)| campaign(self.world, channel, day))
    }

    fn branch_id(&self, branch: usize) -> &str {
        self.world.branches.get(branch).map_or("", |branch| &branch.id)
    }
}

fn utc() -> TimestampMicrosecondBuilder {
    TimestampMicrosecondBuilder::new().with_timezone("UTC")
}

fn money() -> Decimal128Builder {
    Decimal128Builder::new().with_data_type(MONEY)
}

fn push_item(department: &mut StringBuilder, item_id: &mut StringBuilder, item: usize) {
    let item: Option<&Item> = ITEMS.get(item);
    department.append_option(item.map(|item| item.department.name()));
    item_id.append_option(item.map(|item| item.id));
}

fn batch<const N: usize>(columns: [(&str, ArrayRef); N]) -> Result<RecordBatch, ArrowError> {
    // Whether a column may be null must not depend on which rows happened to be gathered.
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
}

/// Columns of order lines.
pub struct OrderColumns<'a> {
    clock: Clock<'a>,
    order_id: StringBuilder,
    line_no: StringBuilder,
    customer_id: StringBuilder,
    branch_id: StringBuilder,
    paid_at: TimestampMicrosecondBuilder,
    department: StringBuilder,
    item_id: StringBuilder,
    quantity: Int64Builder,
    amount: Decimal128Builder,
    list_amount: Decimal128Builder,
    cost: Decimal128Builder,
    status: StringBuilder,
    kind: StringBuilder,
    package_sessions: Int64Builder,
    referrer_id: StringBuilder,
    campaign_id: StringBuilder,
    staff_id: StringBuilder,
    updated_at: TimestampMicrosecondBuilder,
}

impl<'a> OrderColumns<'a> {
    /// Empty columns.
    pub fn new(world: &'a World) -> Self {
        OrderColumns {
            clock: Clock::new(world),
            order_id: StringBuilder::new(),
            line_no: StringBuilder::new(),
            customer_id: StringBuilder::new(),
            branch_id: StringBuilder::new(),
            paid_at: utc(),
            department: StringBuilder::new(),
            item_id: StringBuilder::new(),
            quantity: Int64Builder::new(),
            amount: money(),
            list_amount: money(),
            cost: money(),
            status: StringBuilder::new(),
            kind: StringBuilder::new(),
            package_sessions: Int64Builder::new(),
            referrer_id: StringBuilder::new(),
            campaign_id: StringBuilder::new(),
            staff_id: StringBuilder::new(),
            updated_at: utc(),
        }
    }

    /// Rows gathered.
    pub fn len(&self) -> usize {
        self.quantity.values_slice().len()
    }

    /// Adds a row.
    pub fn push(&mut self, customer: u64, order: &OrderLine) {
        self.order_id.append_value(Id::order(self.clock.world.number_at(order.branch, customer), order.order).as_str());
        self.line_no.append_value(Id::number(order.line).as_str());
        self.customer_id.append_value(Id::customer(customer).as_str());
        self.branch_id.append_value(self.clock.branch_id(order.branch));
        self.paid_at.append_value(self.clock.utc_micros(order.paid_at, Some(order.branch)));
        push_item(&mut self.department, &mut self.item_id, order.item);
        self.quantity.append_value(order.quantity.into());
        self.amount.append_value(order.amount_cents.into());
        self.list_amount.append_option(order.list_cents.map(i128::from));
        self.cost.append_option(order.cost_cents.map(i128::from));
        self.status.append_value(order.status.word());
        self.kind.append_value(order.kind.word());
        self.package_sessions.append_option(order.package_sessions.map(i64::from));
        match order.referrer {
            Some(referrer) => self.referrer_id.append_value(Id::customer(referrer).as_str()),
            None => self.referrer_id.append_null(),
        }
        self.campaign_id.append_option(self.clock.campaign(order.campaign));
        let branch_id = self.clock.branch_id(order.branch);
        self.staff_id.append_value(format!("{branch_id}-{}", order.staff(customer)));
        self.updated_at.append_value(self.clock.utc_micros(order.updated_at, Some(order.branch)));
    }

    /// The rows gathered; the columns are empty again.
    ///
    /// # Errors
    /// None but a defect.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        batch([
            ("order_id", Arc::new(self.order_id.finish())),
            ("line_no", Arc::new(self.line_no.finish())),
            ("customer_id", Arc::new(self.customer_id.finish())),
            ("branch_id", Arc::new(self.branch_id.finish())),
            ("paid_at", Arc::new(self.paid_at.finish())),
            ("department", Arc::new(self.department.finish())),
            ("item_id", Arc::new(self.item_id.finish())),
            ("quantity", Arc::new(self.quantity.finish())),
            ("amount", Arc::new(self.amount.finish())),
            ("list_amount", Arc::new(self.list_amount.finish())),
            ("cost", Arc::new(self.cost.finish())),
            ("status", Arc::new(self.status.finish())),
            ("kind", Arc::new(self.kind.finish())),
            ("package_sessions", Arc::new(self.package_sessions.finish())),
            ("referrer_id", Arc::new(self.referrer_id.finish())),
            ("campaign_id", Arc::new(self.campaign_id.finish())),
            ("staff_id", Arc::new(self.staff_id.finish())),
            ("updated_at", Arc::new(self.updated_at.finish())),
        ])
    }
}

/// Columns of visits.
pub struct VisitColumns<'a> {
    clock: Clock<'a>,
    visit_id: StringBuilder,
    customer_id: StringBuilder,
    branch_id: StringBuilder,
    visited_at: TimestampMicrosecondBuilder,
    department: StringBuilder,
    item_id: StringBuilder,
    kind: StringBuilder,
    order_id: StringBuilder,
    order_branch_id: StringBuilder,
    appointment_at: TimestampMicrosecondBuilder,
    status: StringBuilder,
    updated_at: TimestampMicrosecondBuilder,
}

impl<'a> VisitColumns<'a> {
    /// Empty columns.
    pub fn new(world: &'a World) -> Self {
        VisitColumns {
            clock: Clock::new(world),
            visit_id: StringBuilder::new(),
            customer_id: StringBuilder::new(),
            branch_id: StringBuilder::new(),
            visited_at: utc(),
            department: StringBuilder::new(),
            item_id: StringBuilder::new(),
            kind: StringBuilder::new(),
            order_id: StringBuilder::new(),
            order_branch_id: StringBuilder::new(),
            appointment_at: utc(),
            status: StringBuilder::new(),
            updated_at: utc(),
        }
    }

    /// Rows gathered.
    pub fn len(&self) -> usize {
        self.visited_at.values_slice().len()
    }

    /// Adds a row.
    pub fn push(&mut self, customer: u64, visit: &Visit) {
        self.visit_id
            .append_value(Id::visit(self.clock.world.number_at(visit.branch, customer), visit.number).as_str());
        self.customer_id.append_value(Id::customer(customer).as_str());
        self.branch_id.append_value(self.clock.branch_id(visit.branch));
        self.visited_at.append_value(self.clock.utc_micros(visit.visited_at, Some(visit.branch)));
        push_item(&mut self.department, &mut self.item_id, visit.item);
        self.kind.append_value(visit.kind.word());
        match visit.order.zip(visit.order_branch) {
            Some((order, branch)) => {
                self.order_id.append_value(Id::order(self.clock.world.number_at(branch, customer), order).as_str());
                self.order_branch_id.append_value(self.clock.branch_id(branch));
            }
            None => {
                self.order_id.append_null();
                self.order_branch_id.append_null();
            }
        }
        self.appointment_at.append_value(self.clock.utc_micros(visit.appointment_at, Some(visit.branch)));
        self.status.append_value(visit.status.word());
        self.updated_at.append_value(self.clock.utc_micros(visit.updated_at, Some(visit.branch)));
    }

    /// The rows gathered; the columns are empty again.
    ///
    /// # Errors
    /// None but a defect.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        batch([
            ("visit_id", Arc::new(self.visit_id.finish())),
            ("customer_id", Arc::new(self.customer_id.finish())),
            ("branch_id", Arc::new(self.branch_id.finish())),
            ("visited_at", Arc::new(self.visited_at.finish())),
            ("department", Arc::new(self.department.finish())),
            ("item_id", Arc::new(self.item_id.finish())),
            ("kind", Arc::new(self.kind.finish())),
            ("order_id", Arc::new(self.order_id.finish())),
            ("order_branch_id", Arc::new(self.order_branch_id.finish())),
            ("appointment_at", Arc::new(self.appointment_at.finish())),
            ("status", Arc::new(self.status.finish())),
            ("updated_at", Arc::new(self.updated_at.finish())),
        ])
    }
}

/// Columns of leads.
pub struct LeadColumns<'a> {
    clock: Clock<'a>,
    customer_id: StringBuilder,
    created_at: TimestampMicrosecondBuilder,
    branch_id: StringBuilder,
    channel: StringBuilder,
    campaign_id: StringBuilder,
}

impl<'a> LeadColumns<'a> {
    /// Empty columns.
    pub fn new(world: &'a World) -> Self {
        LeadColumns {
            clock: Clock::new(world),
            customer_id: StringBuilder::new(),
            created_at: utc(),
            branch_id: StringBuilder::new(),
            channel: StringBuilder::new(),
            campaign_id: StringBuilder::new(),
        }
    }

    /// Rows gathered.
    pub fn len(&self) -> usize {
        self.created_at.values_slice().len()
    }

    /// Adds a row.
    pub fn push(&mut self, customer: u64, lead: &Lead) {
        self.customer_id.append_value(Id::customer(customer).as_str());
        self.created_at.append_value(self.clock.utc_micros(lead.created_at, lead.branch));
        self.branch_id.append_option(lead.branch.map(|branch| self.clock.branch_id(branch)));
        self.channel.append_value(lead.channel);
        self.campaign_id.append_option(self.clock.campaign(Some((lead.channel, lead.created_at.day))));
    }

    /// The rows gathered; the columns are empty again.
    ///
    /// # Errors
    /// None but a defect.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        batch([
            ("customer_id", Arc::new(self.customer_id.finish())),
            ("created_at", Arc::new(self.created_at.finish())),
            ("branch_id", Arc::new(self.branch_id.finish())),
            ("channel", Arc::new(self.channel.finish())),
            ("campaign_id", Arc::new(self.campaign_id.finish())),
        ])
    }
}

/// Columns of contacts.
pub struct ContactColumns<'a> {
    clock: Clock<'a>,
    contact_id: StringBuilder,
    customer_id: StringBuilder,
    contacted_at: TimestampMicrosecondBuilder,
    branch_id: StringBuilder,
    action: StringBuilder,
    channel: StringBuilder,
    staff_id: StringBuilder,
    outcome: StringBuilder,
    updated_at: TimestampMicrosecondBuilder,
}

impl<'a> ContactColumns<'a> {
    /// Empty columns.
    pub fn new(world: &'a World) -> Self {
        ContactColumns {
            clock: Clock::new(world),
            contact_id: StringBuilder::new(),
            customer_id: StringBuilder::new(),
            contacted_at: utc(),
            branch_id: StringBuilder::new(),
            action: StringBuilder::new(),
            channel: StringBuilder::new(),
            staff_id: StringBuilder::new(),
            outcome: StringBuilder::new(),
            updated_at: utc(),
        }
    }

    /// Rows gathered.
    pub fn len(&self) -> usize {
        self.contacted_at.values_slice().len()
    }

    /// Adds a row.
    pub fn push(&mut self, customer: u64, contact: &Contact) {
        let branch_id = self.clock.branch_id(contact.branch);
        self.contact_id.append_value(Id::contact(customer, contact.number).as_str());
        self.customer_id.append_value(Id::customer(customer).as_str());
        self.contacted_at.append_value(self.clock.utc_micros(contact.contacted_at, Some(contact.branch)));
        self.branch_id.append_value(branch_id);
        self.action.append_option((!contact.action.is_empty()).then_some(contact.action));
        self.channel.append_value(contact.channel);
        self.staff_id.append_value(format!("{branch_id}-{}", contact.staff));
        self.outcome.append_value(contact.outcome);
        self.updated_at.append_value(self.clock.utc_micros(contact.updated_at, Some(contact.branch)));
    }

    /// The rows gathered; the columns are empty again.
    ///
    /// # Errors
    /// None but a defect.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        batch([
            ("contact_id", Arc::new(self.contact_id.finish())),
            ("customer_id", Arc::new(self.customer_id.finish())),
            ("contacted_at", Arc::new(self.contacted_at.finish())),
            ("branch_id", Arc::new(self.branch_id.finish())),
            ("action", Arc::new(self.action.finish())),
            ("channel", Arc::new(self.channel.finish())),
            ("staff_id", Arc::new(self.staff_id.finish())),
            ("outcome", Arc::new(self.outcome.finish())),
            ("updated_at", Arc::new(self.updated_at.finish())),
        ])
    }
}
