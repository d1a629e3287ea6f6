//! Calls to customers who stay away. Of the dormant who had come more than once, calls bring some back; those after a
//! first visit, for a second one, bring nobody, nor do those to the dead. Who is held out of the list is never called.

use super::event::{Contact, Lead, OrderStatus, Timestamp, VisitKind, VisitStatus};
use super::id::Id;
use super::journey::Journey;
use super::world::Quality;

/// Days of idleness after which the clinic calls, as for the dormant of the default policy, and for the dead.
const DORMANT_DAYS: i32 = 90;
const DEAD_DAYS: i32 = 180;
const BEYOND_RECALL_DAYS: i32 = 360;
/// Days after a first visit on which the clinic calls for a second one.
const SECOND_VISIT_DAYS: (u32, u32) = (36, 75);
/// Days between two calls.
const CALL_EVERY: (u32, u32) = (24, 30);
const CALL_DEAD_EVERY: (u32, u32) = (26, 40);
/// Days within which a call brings somebody back.
const COMES_BACK_AFTER: (u32, u32) = (3, 18);

/// Chance per mille that a call to somebody dormant brings them back: a branch that looks after its customers well does
/// so on the telephone, too.
fn comes_back(quality: Quality) -> u32 {
    match quality {
        Quality::Better => 420,
        Quality::Usual => 230,
        Quality::Worse => 120,
    }
}

impl Journey<'_> {
    /// Calls whoever stayed away, gap by gap, once the life is known; a visit that a call brings about begins another gap.
    /// `has_card`: sessions were left when the customer left.
    pub fn recalls(&mut self, has_card: bool) {
        if self.world.hold_out.holds(Id::customer(self.life.customer).as_str()) {
            return;
        }
        let days = self.consumption_days();
        let ends: Vec<Option<i32>> = days.iter().skip(1).copied().map(Some).chain([None]).collect();
        for (number, (from, until)) in days.iter().copied().zip(ends).enumerate() {
            let end = until.unwrap_or(self.world.last_day + 1);
            let is_first = number == 0;
            let asked_on = from + self.days(SECOND_VISIT_DAYS);
            if is_first && asked_on < end {
                self.call(asked_on, "second_visit", false);
            }
            // Who has sessions left is no case of idleness.
            if until.is_some() || !has_card {
                self.recall_within(from, end, is_first);
            }
        }
    }

    fn recall_within(&mut self, mut last_day: i32, until: i32, is_first: bool) {
        let comes_back = comes_back(self.world.quality(self.person.home));
        let mut day = last_day + DORMANT_DAYS + self.days((1, 6));
        while day < until && day < last_day + BEYOND_RECALL_DAYS {
            let is_dead = day >= last_day + DEAD_DAYS;
            let returns_on = day + self.days(COMES_BACK_AFTER);
            let returns = !is_dead && !is_first && self.dice.chance(comes_back) && returns_on < until;
            // The clinic notes what it calls the dead for, and of the dormant that it called.
            self.call(day, if is_dead { "recall_dead" } else { "" }, returns);
            let every = if is_dead { CALL_DEAD_EVERY } else { CALL_EVERY };
            day += self.days(every);
            if returns && self.come_back(returns_on) {
                last_day = returns_on;
                day = last_day + DORMANT_DAYS + self.days((1, 6));
            }
        }
    }

    fn call(&mut self, day: i32, action: &'static str, returns: bool) {
        let minute = 600 + self.days((0, 540));
        let outcome = match self.dice.below(100) {
            _ if returns => "booked",
            0..35 => "no_answer",
            35..55 => "refused",
            _ => "reached",
        };
        let contacted_at = Timestamp { day, minute };
        let number = u32::try_from(self.life.contacts.len()).unwrap_or(0) + 1;
        let branch = self.person.home;
        self.life.contacts.push(Contact {
            number,
            branch,
            contacted_at,
            action,
            channel: self.dice.pick(&["phone", "line", "sms"]).copied().unwrap_or("phone"),
            staff: self.dice.between((1, 4)),
            outcome,
            updated_at: contacted_at.plus_minutes(5),
        });
    }

    /// Whether there was a purchase: a branch may be closed, or lose its visitors.
    fn come_back(&mut self, day: i32) -> bool {
        let branch = self.person.home;
        let is_lost = self.world.declines.loses_visit(branch, day, &mut self.dice);
        if is_lost || !self.is_within_history(day) || !self.world.is_open(branch, day) {
            return false;
        }
        let lines = self.life.orders.len();
        let slot = self.slot(day);
        self.buy(slot, branch);
        self.life.orders.len() > lines
    }

    /// Days on which the customer came or paid, ascending.
    fn consumption_days(&self) -> Vec<i32> {
        let paid = self.life.orders.iter().filter(|line| line.status == OrderStatus::Paid && line.amount_cents >= 0);
        let visits = self.life.visits.iter();
        let came =
            visits.filter(|visit| visit.status == VisitStatus::Attended && visit.kind != VisitKind::Consultation);
        let mut days: Vec<i32> =
            paid.map(|line| line.paid_at.day).chain(came.map(|visit| visit.visited_at.day)).collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// The campaign that a first purchase goes back to: that of the lead.
    pub fn campaign(&self) -> Option<(&'static str, i32)> {
        let lead: &Lead = self.life.lead.as_ref()?;
        (self.last_order == 1).then_some((lead.channel, lead.created_at.day))
    }
}
