//! A customer's life with the chain, from first interest to the end of the history.

use super::catalogue::CHANNELS;
use super::event::{Lead, Life, Timestamp, VisitKind, VisitStatus};
use super::journey::Journey;
use super::person::Archetype;
use super::world::{Quality, World};

/// A million.
const NATURAL: u64 = 1_000_000;

/// Simulates a customer's life into `life`, whose buffers are reused.
pub fn simulate(world: &World, customer: u64, life: &mut Life) {
    life.customer = customer;
    life.lead = None;
    life.orders.clear();
    life.visits.clear();
    life.contacts.clear();
    let mut journey = Journey::new(world, customer, life);
    journey.first_interest();
    match journey.person.habits.archetype {
        Archetype::LeadOnly => {}
        Archetype::ConsultationOnly => journey.consultations(),
        _ => journey.visits(),
    }
}

impl Journey<'_> {
    fn first_interest(&mut self) {
        let arrival = self.person.arrival;
        if !self.person.was_lead {
            self.first_day = arrival;
            return;
        }
        let minute = self.any_minute();
        let branch = self.dice.chance(700).then_some(self.person.home);
        let channel = self.dice.pick(CHANNELS).copied().unwrap_or("walk_in");
        self.life.lead = Some(Lead { created_at: Timestamp { day: arrival, minute }, branch, channel });
        self.first_day = arrival + self.days((1, 21));
    }

    fn consultations(&mut self) {
        let mut day = self.first_day;
        for _ in 0..self.dice.between((1, 2)) {
            self.consult(day);
            day += self.days((5, 40));
        }
    }

    fn consult(&mut self, day: i32) {
        let (branch, slot) = (self.branch_on(day), self.slot(day));
        let item = self.item(day);
        self.visit(slot, branch, item, VisitKind::Consultation, None, VisitStatus::Attended);
    }

    fn visits(&mut self) {
        let habits = self.person.habits;
        let most = match habits.visits {
            (1, 1) => 1,
            range => (u64::from(self.dice.between(range)) * self.world.activity / NATURAL).max(1),
        };
        let leave = (u64::from(1000 - habits.stay) * 1000 * NATURAL / self.world.activity).min(NATURAL);
        let leave = u32::try_from(leave).unwrap_or(1_000_000);
        let pause_after = u64::from(self.dice.between((3, 6)));
        let mut day = self.first_day;
        let mut count = 0;
        if self.dice.chance(350) {
            let earlier = day - self.days((0, 6));
            self.consult(earlier.max(self.person.arrival));
        }
        loop {
            day = self.postponed(day);
            if !self.is_within_history(day) {
                break;
            }
            self.come(day);
            count += 1;
            let leave = self.actions.chance_to_leave(&self.person, leave, day);
            if self.actions.are_enough_visits(&self.person, count, most, day) || self.dice.rare(leave) {
                break;
            }
            day += self.gap(day, count, pause_after);
        }
        let has_card = self.card.is_some();
        self.stop_coming(day);
        self.recalls(has_card);
    }

    /// Days to the next visit.
    fn gap(&mut self, day: i32, count: u64, pause_after: u64) -> i32 {
        let usual = u64::from(self.dice.between(self.person.habits.gap_days)) * NATURAL;
        let scaled = self.actions.gap(&self.person, usual * NATURAL / self.world.activity, day);
        let part = u32::try_from(scaled % NATURAL).unwrap_or(0);
        let whole = i32::try_from(scaled / NATURAL).unwrap_or(i32::MAX / 4);
        let days = (whole + i32::from(self.dice.rare(part))).max(1);
        let pause = match self.person.habits.archetype {
            Archetype::WinBack if count == pause_after => self.days((110, 320)),
            Archetype::Seasonal if count.is_multiple_of(3) => self.days((230, 300)),
            _ if self.dice.chance(12) && !self.actions.show(&self.person, day) => self.days((60, 200)),
            _ => 0,
        };
        days + pause
    }

    fn come(&mut self, day: i32) {
        let (branch, slot) = (self.branch_on(day), self.slot(day));
        if self.world.declines.loses_visit(branch, day, &mut self.dice) {
            return;
        }
        self.miss(day, branch);
        self.card = self.card.take().filter(|card| day < card.expires);
        let is_first = self.last_order == 0;
        if self.card.is_some() {
            self.use_card(slot, branch);
            if self.dice.chance(self.person.habits.buy) {
                self.buy(slot, branch);
            }
        } else if !is_first && self.dice.chance(60) {
            let item = match self.life.orders.last() {
                Some(bought) => bought.item,
                None => self.item(day),
            };
            self.visit(slot, branch, item, VisitKind::Review, None, VisitStatus::Attended);
        } else if self.dice.chance(self.person.habits.package) && !(is_first && self.dice.chance(500)) {
            self.buy_card(slot, branch);
        } else {
            self.buy(slot, branch);
        }
    }

    /// Quiet months put some visits off.
    fn postponed(&mut self, day: i32) -> i32 {
        match self.dice.below(260) >= 130 + self.world.season(day) && day > self.first_day {
            true => day + self.days((5, 16)),
            false => day,
        }
    }

    /// A booking before this visit that came to nothing.
    fn miss(&mut self, day: i32, branch: usize) {
        let (no_show, cancelled) = match self.world.quality(branch) {
            Quality::Better => (25, 30),
            Quality::Usual => (50, 45),
            Quality::Worse => (110, 80),
        };
        for (status, chance) in [(VisitStatus::NoShow, no_show), (VisitStatus::Cancelled, cancelled)] {
            let earlier = day - self.days((2, 9));
            if self.dice.chance(chance) && earlier > self.first_day && self.world.is_open(branch, earlier) {
                let (slot, item) = (self.slot(earlier), self.item(earlier));
                self.visit(slot, branch, item, VisitKind::Treatment, None, status);
            }
        }
    }
}
