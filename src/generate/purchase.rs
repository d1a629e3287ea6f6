//! What is bought, and what becomes of it: prices, packages, refunds.

use super::card::{Card, PACKAGE_VALID_DAYS};
use super::catalogue::{Department, ITEMS, Item};
use super::event::{OrderKind, OrderLine, OrderStatus, Timestamp, VisitKind, VisitStatus};
use super::journey::Journey;
use super::person::Person;
use super::world::Quality;

/// Earlier customers of whom one may have brought a new one.
const REFERRERS_ASKED: u32 = 40;

/// What becomes of an order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fulfilment {
    /// Bought and treated on the same day.
    Treated,
    /// Bought online, treated days later.
    Prepaid,
    /// Called off before anything happened.
    Cancelled,
    /// Marked as paid back.
    MarkedRefunded,
    /// Paid back by as many lines below zero.
    RefundedInFull,
    /// One line paid back in part.
    RefundedInPart,
}

impl Journey<'_> {
    /// An order of one line or more, and its treatment.
    pub fn buy(&mut self, slot: Timestamp, branch: usize) {
        let fulfilment = self.fulfilment();
        let paid_at = match fulfilment {
            Fulfilment::Prepaid => Timestamp { day: slot.day, minute: self.any_minute() },
            _ => slot.plus_minutes(self.days((20, 75))),
        };
        if !self.is_within_history(paid_at.day) {
            return;
        }
        let from = self.life.orders.len();
        self.lines(paid_at, branch);
        let Some(first) = self.life.orders.get(from).cloned() else { return };
        if !matches!(fulfilment, Fulfilment::Cancelled | Fulfilment::MarkedRefunded | Fulfilment::RefundedInFull) {
            self.actions.note(self.life.orders.get(from..).unwrap_or_default());
        }
        match fulfilment {
            Fulfilment::Treated => self.treat(&first, slot, branch),
            Fulfilment::Prepaid => {
                let later = slot.day + self.days((1, 14));
                let slot = self.slot(later);
                self.treat(&first, slot, branch);
            }
            Fulfilment::Cancelled => self.mark(from, OrderStatus::Cancelled),
            Fulfilment::MarkedRefunded => self.mark(from, OrderStatus::Refunded),
            Fulfilment::RefundedInFull => self.refund_all(from),
            Fulfilment::RefundedInPart => {
                self.treat(&first, slot, branch);
                let cents = first.amount_cents * i64::from(self.days((20, 60))) / 100;
                let after = self.days((3, 40));
                self.refund(&first, cents, after);
            }
        }
    }

    /// A package, with its first session on the same day more often than not.
    pub fn buy_card(&mut self, slot: Timestamp, branch: usize) {
        let paid_at = slot.plus_minutes(self.days((20, 75)));
        let Some(item) = self.course(paid_at.day) else { return self.buy(slot, branch) };
        if !self.is_within_history(paid_at.day) {
            return;
        }
        let sessions = self.dice.pick(&[4, 6, 6, 8, 10, 12]).copied().unwrap_or(6);
        self.last_order += 1;
        let from = self.life.orders.len();
        self.line(item, OrderKind::Package, Some(sessions), 1, paid_at, branch);
        let Some(line) = self.life.orders.get(from).cloned() else { return };
        match self.fulfilment() {
            Fulfilment::Cancelled => self.mark(from, OrderStatus::Cancelled),
            Fulfilment::MarkedRefunded => self.mark(from, OrderStatus::Refunded),
            Fulfilment::RefundedInFull => self.refund_all(from),
            _ => {
                self.actions.note(self.life.orders.get(from..).unwrap_or_default());
                let expires = paid_at.day + PACKAGE_VALID_DAYS;
                self.card = Some(Card { line, left: sessions, expires });
                if self.dice.chance(700) {
                    self.use_card(slot, branch);
                }
            }
        }
    }

    /// A session of the package in use.
    pub fn use_card(&mut self, slot: Timestamp, branch: usize) {
        let Some(mut card) = self.card.take() else { return };
        self.visit(slot, branch, card.line.item, VisitKind::PackageSession, Some(&card.line), VisitStatus::Attended);
        card.left -= 1;
        self.card = Some(card).filter(|card| card.left > 0);
    }

    /// The customer won't come again; some have what is left of a package paid back.
    pub fn stop_coming(&mut self, day: i32) {
        let after = self.days((15, 70));
        let Some(card) = self.card.take() else { return };
        if day + after < card.expires && self.is_within_history(day) && self.dice.chance(120) {
            let sessions = i64::from(card.line.package_sessions.unwrap_or(1));
            let cents = card.line.amount_cents * i64::from(card.left) / sessions;
            self.refund(&card.line, cents, day + after - card.line.paid_at.day);
        }
    }

    fn fulfilment(&mut self) -> Fulfilment {
        match self.dice.below(1000) {
            0..15 => Fulfilment::Cancelled,
            15..22 => Fulfilment::MarkedRefunded,
            22..34 => Fulfilment::RefundedInFull,
            34..46 => Fulfilment::RefundedInPart,
            46..120 => Fulfilment::Prepaid,
            _ => Fulfilment::Treated,
        }
    }

    fn lines(&mut self, paid_at: Timestamp, branch: usize) {
        let count = match (self.dice.below(100), self.world.quality(branch)) {
            (0..10, _) | (10..20, Quality::Better) => 3,
            (10..38, _) => 2,
            _ => 1,
        };
        self.last_order += 1;
        let before = self.life.orders.len();
        for number in 1..=count {
            let item = self.item(paid_at.day);
            let kind = self.line_kind(number, paid_at.day);
            self.line(item, kind, None, number, paid_at, branch);
        }
        if self.life.orders.len() == before {
            self.last_order -= 1;
        }
    }

    fn line(
        &mut self,
        index: usize,
        kind: OrderKind,
        package_sessions: Option<u32>,
        line: u32,
        paid_at: Timestamp,
        branch: usize,
    ) {
        let Some(item) = ITEMS.get(index) else { return };
        if self.world.declines.loses_sale(branch, index, paid_at.day, &mut self.dice) {
            return;
        }
        let quantity = match item.department {
            Department::Injection if package_sessions.is_none() => self.days((1, 6)).saturating_sub(3).max(1),
            _ => 1,
        };
        let pieces = i64::from(package_sessions.unwrap_or(1)) * i64::from(quantity);
        let change = self.world.declines.price_percent(branch, index, paid_at.day);
        let amount_cents = self.price_cents(item, branch, package_sessions.is_some(), change) * pieces;
        let cost_percent = self.dice.between(item.department.cost_percent());
        let referrer = if self.last_order == 1 { self.referrer(paid_at.day) } else { None };
        let updated_at = paid_at.plus_minutes(self.days((1, 90)));
        let campaign = self.campaign();
        self.life.orders.push(OrderLine {
            order: self.last_order,
            line,
            branch,
            paid_at,
            item: index,
            quantity,
            amount_cents,
            list_cents: Some(i64::from(item.list_price) * self.price_level(branch) * pieces),
            cost_cents: Some(i64::from(item.list_price) * i64::from(cost_percent) * pieces),
            status: OrderStatus::Paid,
            kind,
            package_sessions,
            referrer,
            campaign,
            updated_at,
        });
    }

    /// Price of a piece: `change` percent of the list's, less a discount, to the next ten; sometimes a voucher makes it
    /// odd.
    fn price_cents(&mut self, item: &Item, branch: usize, is_package: bool, change: i64) -> i64 {
        let discount = self.dice.pick(&[100, 100, 95, 90, 90, 85, 80]).copied().unwrap_or(100);
        let package = if is_package { 80 } else { 100 };
        let level = self.price_level(branch);
        let tens = i64::from(item.list_price) * discount * package * level * change / 1_000_000_000;
        let voucher = if self.dice.chance(30) { self.days((1, 499)) } else { 0 };
        tens * 1_000 - i64::from(voucher)
    }

    /// What a branch asks by its list, in percent of the chain's list price.
    fn price_level(&self, branch: usize) -> i64 {
        match self.world.quality(branch) {
            Quality::Better => 106,
            Quality::Usual => 100,
            Quality::Worse => 94,
        }
    }

    /// An item that is sold in sessions.
    fn course(&mut self, day: i32) -> Option<usize> {
        (0..4).map(|_| self.item(day)).find(|item| ITEMS.get(*item).is_some_and(|item| item.is_course))
    }

    /// Who brought this customer, if anyone did: an earlier one who recommends the chain just now.
    fn referrer(&mut self, day: i32) -> Option<u64> {
        if let Some(first) = self.life.orders.first() {
            return first.referrer;
        }
        if !self.dice.chance(380) {
            return None;
        }
        let (soonest, latest) = Person::recommendation();
        let first = 1 + self.world.arrived_by(day - latest);
        let last = self.world.arrived_by(day - soonest).min(self.life.customer - 1);
        (0..REFERRERS_ASKED).find_map(|_| {
            let candidate = first + self.dice.below_u64((last + 1).saturating_sub(first));
            (candidate <= last && Person::new(self.world, candidate).recommends_on(day)).then_some(candidate)
        })
    }

    fn treat(&mut self, line: &OrderLine, slot: Timestamp, branch: usize) {
        self.visit(slot, branch, line.item, VisitKind::Treatment, Some(line), VisitStatus::Attended);
        let department = ITEMS.get(line.item).map(|item| item.department);
        let review = match department {
            Some(Department::Surgery) => 650,
            Some(Department::Injection) => 160,
            _ => 30,
        };
        if self.dice.chance(review) {
            let day = slot.day + self.days((6, 15));
            let slot = self.slot(day);
            self.visit(slot, branch, line.item, VisitKind::Review, Some(line), VisitStatus::Attended);
        }
    }

    fn mark(&mut self, from: usize, status: OrderStatus) {
        for line in self.life.orders.iter_mut().skip(from) {
            line.status = status;
            line.updated_at = line.updated_at.plus_minutes(60);
        }
    }

    fn refund_all(&mut self, from: usize) {
        let lines: Vec<OrderLine> = self.life.orders.iter().skip(from).cloned().collect();
        let after = self.days((1, 25));
        for line in lines {
            self.refund(&line, line.amount_cents, after);
        }
    }

    fn refund(&mut self, line: &OrderLine, cents: i64, after_days: i32) {
        let minute = 600 + self.days((0, 600));
        let paid_at = Timestamp { day: line.paid_at.day + after_days, minute };
        if cents <= 0 || !self.is_within_history(paid_at.day) {
            return;
        }
        let lines = self.life.orders.iter().rev().filter(|other| other.order == line.order);
        let number = 1 + lines.map(|other| other.line).max().unwrap_or(line.line);
        self.life.orders.push(OrderLine {
            line: number,
            paid_at,
            quantity: -line.quantity,
            amount_cents: -cents,
            list_cents: None,
            cost_cents: None,
            package_sessions: None,
            updated_at: paid_at.plus_minutes(30),
            ..line.clone()
        });
    }
}
