//! What high-value actions change: whoever was sold up, bought a package, tried another department or recommends the
//! chain comes back sooner, leaves less often and buys dearer for some months.

use super::catalogue::{Department, ITEMS, Tier};
use super::event::OrderKind;
use super::journey::Journey;
use super::person::RECOMMENDS_DAYS;

/// Days for which an action shows.
const KEEN_DAYS: i32 = 120;
/// Chance to leave after a visit while one shows, in percent of the usual.
const LEAVE_PERCENT: u64 = 30;

/// How an action shows.
#[derive(Clone, Copy)]
struct Effect {
    /// Days between visits, in percent of the usual.
    gap_percent: u64,
    /// Chance per mille to choose one tier up.
    dearer: u32,
}

/// Of an action in general.
const ACTED: Effect = Effect { gap_percent: 85, dearer: 250 };
/// Of a recommendation: nobody is keener.
const RECOMMENDED: Effect = Effect { gap_percent: 70, dearer: 450 };
/// Of none.
const NONE: Effect = Effect { gap_percent: 100, dearer: 0 };

/// What a customer's actions have done so far.
#[derive(Clone, Debug, Default)]
pub struct Keenness {
    /// Day before which an action shows.
    until: i32,
    /// Departments bought from.
    departments: Vec<Department>,
}

impl Journey<'_> {
    /// Whether an action of the customer's shows on `day`.
    pub fn is_keen(&self, day: i32) -> bool {
        self.recommended(day) || day < self.keenness.until
    }

    fn recommended(&self, day: i32) -> bool {
        let recommends = self.person.recommends_from;
        recommends.is_some_and(|from| (from..from + RECOMMENDS_DAYS + KEEN_DAYS).contains(&day))
    }

    fn effect(&self, day: i32) -> Effect {
        match self.recommended(day) {
            true => RECOMMENDED,
            false if self.is_keen(day) => ACTED,
            false => NONE,
        }
    }

    /// Whether a recommendation is still to come: nobody leaves before.
    fn will_recommend(&self, day: i32) -> bool {
        self.person.recommends_from.is_some_and(|from| day < from)
    }

    /// Takes note of the actions in the orders' lines from place `from` on.
    pub fn note_actions(&mut self, from: usize) {
        for line in self.life.orders.iter().skip(from) {
            let Some(department) = ITEMS.get(line.item).map(|item| item.department) else { continue };
            let is_known = self.keenness.departments.contains(&department);
            if !is_known {
                self.keenness.departments.push(department);
            }
            let is_new = !is_known && self.keenness.departments.len() > 1;
            if is_new || line.kind != OrderKind::Single {
                self.keenness.until = line.paid_at.day + KEEN_DAYS;
            }
        }
    }

    /// Days to the next visit, of what is usual.
    pub fn keen_gap(&self, usual: u64, day: i32) -> u64 {
        usual * self.effect(day).gap_percent / 100
    }

    /// Whether a customer who comes `most` times, as a rule, has come often enough.
    pub fn has_enough(&self, count: u64, most: u64, day: i32) -> bool {
        count >= most && (most == 1 || !self.is_keen(day) && !self.will_recommend(day))
    }

    /// Chance to leave after a visit, of what is usual.
    pub fn keen_leave(&self, usual: u32, day: i32) -> u32 {
        if self.will_recommend(day) {
            return 0;
        }
        let percent = if self.is_keen(day) { LEAVE_PERCENT } else { 100 };
        u32::try_from(u64::from(usual) * percent / 100).unwrap_or(usual)
    }

    /// The tier that is bought where `usual` would be.
    pub fn keen_tier(&mut self, usual: Tier, day: i32) -> Tier {
        if self.dice.chance(self.effect(day).dearer) { usual.dearer() } else { usual }
    }
}
