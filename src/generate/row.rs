//! One row of text, cell by cell, as the branch's way of writing has them.

use std::fmt::{Display, Write};

use super::catalogue::ITEMS;
use super::dialect::Dialect;
use super::event::{Contact, Lead, OrderLine, Timestamp, Visit};
use super::id::Id;
use super::marketing::{Spending, campaign};
use super::world::World;
use crate::entity::Entity;

/// What makes a row useless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// The amount is a word.
    Amount,
    /// The time is none.
    Time,
    /// The customer is missing.
    Customer,
    /// The branch doesn't exist.
    Branch,
    /// The year was mistyped: decades from now.
    Future,
}

/// What all cells of a row need to know.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    pub world: &'a World,
    pub dialect: Dialect,
    pub customer: u64,
    pub defect: Option<Defect>,
}

/// Writes an order line to `text`, in place of what was there.
pub fn push_order(text: &mut String, row: Row<'_>, order: &OrderLine) {
    let item = ITEMS.get(order.item);
    row.push_cells(text, Entity::Orders, |text, column| match column {
        "order_id" => row.push_id(text, Id::order(row.number_at(order.branch), order.order)),
        "line_no" => push(text, order.line),
        "customer_id" => row.push_customer(text),
        "branch_id" => row.push_branch(text, Some(order.branch)),
        "paid_at" => row.push_event_time(text, order.paid_at),
        "department" => row.push_word(text, Entity::Orders, column, item.map_or("", |item| item.department.name())),
        "item_id" => text.push_str(item.map_or("", |item| item.id)),
        "quantity" => push(text, order.quantity),
        "amount" if row.defect == Some(Defect::Amount) => text.push_str("N/A"),
        "amount" => push_money(text, order.amount_cents),
        "list_amount" => order.list_cents.into_iter().for_each(|cents| push_money(text, cents)),
        "cost" => order.cost_cents.into_iter().for_each(|cents| push_money(text, cents)),
        "status" => row.push_word(text, Entity::Orders, column, order.status.word()),
        "kind" => row.push_word(text, Entity::Orders, column, order.kind.word()),
        "package_sessions" => order.package_sessions.into_iter().for_each(|sessions| push(text, sessions)),
        "referrer_id" => order.referrer.into_iter().for_each(|referrer| push(text, Id::customer(referrer))),
        "campaign_id" => row.push_campaign(text, order.campaign),
        "staff_id" => row.push_staff(text, order.branch, order.staff(row.customer)),
        _ => row.push_instant(text, order.updated_at, Some(order.branch)),
    });
}

/// Writes a visit to `text`, in place of what was there.
pub fn push_visit(text: &mut String, row: Row<'_>, visit: &Visit) {
    let item = ITEMS.get(visit.item);
    row.push_cells(text, Entity::Visits, |text, column| match column {
        "visit_id" => row.push_id(text, Id::visit(row.number_at(visit.branch), visit.number)),
        "customer_id" => row.push_customer(text),
        "branch_id" => row.push_branch(text, Some(visit.branch)),
        "visited_at" => row.push_event_time(text, visit.visited_at),
        "department" => row.push_word(text, Entity::Visits, column, item.map_or("", |item| item.department.name())),
        "item_id" => text.push_str(item.map_or("", |item| item.id)),
        "kind" => row.push_word(text, Entity::Visits, column, visit.kind.word()),
        "order_id" => row.push_order_of(text, visit),
        "order_branch_id" => row.push_branch_id(text, visit.order_branch),
        "appointment_at" => row.push_instant(text, visit.appointment_at, Some(visit.branch)),
        "status" => row.push_word(text, Entity::Visits, column, visit.status.word()),
        _ => row.push_instant(text, visit.updated_at, Some(visit.branch)),
    });
}

/// Writes a lead to `text`, in place of what was there.
pub fn push_lead(text: &mut String, row: Row<'_>, lead: &Lead, updated_at: Timestamp) {
    row.push_cells(text, Entity::Leads, |text, column| match column {
        "customer_id" => row.push_customer(text),
        "created_at" => row.push_event_time(text, lead.created_at),
        "branch_id" => row.push_branch(text, lead.branch),
        "channel" => text.push_str(lead.channel),
        "campaign_id" => row.push_campaign(text, Some((lead.channel, lead.created_at.day))),
        _ => row.push_instant(text, updated_at, lead.branch),
    });
}

/// Writes a contact to `text`, in place of what was there.
pub fn push_contact(text: &mut String, row: Row<'_>, contact: &Contact) {
    row.push_cells(text, Entity::Contacts, |text, column| match column {
        "contact_id" => row.push_id(text, Id::contact(row.customer, contact.number)),
        "customer_id" => row.push_customer(text),
        "contacted_at" => row.push_event_time(text, contact.contacted_at),
        "branch_id" => row.push_branch(text, Some(contact.branch)),
        "action" => text.push_str(contact.action),
        "channel" => text.push_str(contact.channel),
        "staff_id" => row.push_staff(text, contact.branch, contact.staff),
        "outcome" => text.push_str(contact.outcome),
        _ => row.push_instant(text, contact.updated_at, Some(contact.branch)),
    });
}

/// Writes what was spent on a day to `text`, in place of what was there.
pub fn push_spending(text: &mut String, world: &World, spending: &Spending) {
    let branch = spending.branch.and_then(|branch| world.branches.get(branch)).map_or("", |branch| &branch.id);
    text.clear();
    push(text, format_args!("{},", world.date(spending.day)));
    push_money(text, spending.amount_cents);
    push(text, format_args!(",{branch},{},{}\n", spending.channel, spending.campaign));
}

/// Headers of what [`push_spending`] writes.
pub const SPENDING_HEADER: &str = "spent_on,amount,branch_id,channel,campaign_id\n";

impl Row<'_> {
    /// A branch's own system numbers its own.
    fn push_staff(self, text: &mut String, branch: usize, staff: u32) {
        if self.dialect == Dialect::Canonical {
            self.push_branch_id(text, Some(branch));
            text.push('-');
        }
        push(text, staff);
    }

    fn push_cells(self, text: &mut String, entity: Entity, mut cell: impl FnMut(&mut String, &'static str)) {
        text.clear();
        for (place, (column, _)) in self.dialect.columns(entity).iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            cell(text, column);
        }
        text.push('\n');
    }

    /// A useless row has a key of its own: it never stands in for a good one.
    fn push_id(self, text: &mut String, id: Id) {
        text.push_str(id.as_str());
        if self.defect.is_some() {
            text.push('X');
        }
    }

    fn number_at(self, branch: usize) -> u64 {
        self.world.number_at(branch, self.customer)
    }

    fn push_order_of(self, text: &mut String, visit: &Visit) {
        if let (Some(order), Some(branch)) = (visit.order, visit.order_branch) {
            push(text, Id::order(self.number_at(branch), order));
        }
    }

    fn push_branch_id(self, text: &mut String, branch: Option<usize>) {
        text.push_str(branch.and_then(|branch| self.world.branches.get(branch)).map_or("", |branch| &branch.id));
    }

    fn push_campaign(self, text: &mut String, lead: Option<(&str, i32)>) {
        let campaign = lead.and_then(|(channel, day)| campaign(self.world, channel, day));
        campaign.iter().for_each(|campaign| text.push_str(campaign));
    }

    fn push_customer(self, text: &mut String) {
        if self.defect != Some(Defect::Customer) {
            push(text, Id::customer(self.customer));
        }
    }

    fn push_branch(self, text: &mut String, branch: Option<usize>) {
        let known = branch.and_then(|branch| self.world.branches.get(branch));
        match (self.defect, self.dialect) {
            (Some(Defect::Branch), _) => text.push_str("ZZZ99"),
            (_, Dialect::OldSystem) => text.push_str(known.map_or("", |branch| &branch.name)),
            _ => self.push_branch_id(text, branch),
        }
    }

    fn push_word(self, text: &mut String, entity: Entity, column: &str, word: &'static str) {
        text.push_str(self.dialect.word(entity, column, word));
    }

    fn push_event_time(self, text: &mut String, at: Timestamp) {
        match self.defect {
            // An export without a branch has no wrong branch either.
            Some(Defect::Time) => text.push_str("0000-00-00"),
            Some(Defect::Branch) if self.dialect == Dialect::OwnSystem => text.push('?'),
            Some(Defect::Future) => text.push_str("2999-12-31 12:00:00"),
            _ => self.dialect.push_time(text, at, self.world),
        }
    }

    /// A point in time: with its offset where the export is canonical, else local.
    fn push_instant(self, text: &mut String, at: Timestamp, branch: Option<usize>) {
        if self.dialect != Dialect::Canonical {
            return self.dialect.push_time(text, at, self.world);
        }
        let zone =
            branch.and_then(|branch| self.world.branches.get(branch)).map_or(super::catalogue::TAIPEI, |b| b.zone);
        let at = at.plus_minutes(-zone.ahead_minutes);
        let (hour, minute) = (at.minute / 60, at.minute % 60);
        push(text, format_args!("{}T{hour:02}:{minute:02}:00Z", self.world.date(at.day)));
    }
}

fn push(text: &mut String, value: impl Display) {
    // Writing to a string can't fail.
    let _ = write!(text, "{value}");
}

/// Appends money: whole TWD without decimals.
fn push_money(text: &mut String, cents: i64) {
    let sign = if cents < 0 { "-" } else { "" };
    let (whole, part) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    match part {
        0 => push(text, format_args!("{sign}{whole}")),
        _ => push(text, format_args!("{sign}{whole}.{part:02}")),
    }
}
