//! What high-value actions change: whoever was sold up, bought a package, tried another department or recommends the
//! chain comes back sooner, leaves less often and buys dearer for some months.

use super::catalogue::{Department, ITEMS, Tier};
use super::dice::Dice;
use super::event::{OrderKind, OrderLine};
use super::person::{Person, RECOMMENDS_DAYS};

/// Days for which an action shows.
const EFFECT_DAYS: i32 = 120;
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
/// Of a recommendation, which shows most.
const RECOMMENDED: Effect = Effect { gap_percent: 70, dearer: 450 };
/// Of none.
const NONE: Effect = Effect { gap_percent: 100, dearer: 0 };

/// The high-value actions of a customer up to now.
#[derive(Clone, Debug, Default)]
pub struct RecentActions {
    /// Day before which an action shows.
    until: i32,
    /// Departments bought from.
    departments: Vec<Department>,
}

impl RecentActions {
    /// Whether an action of the customer's shows on `day`.
    pub fn show(&self, person: &Person, day: i32) -> bool {
        recommended(person, day) || day < self.until
    }

    fn effect(&self, person: &Person, day: i32) -> Effect {
        match recommended(person, day) {
            true => RECOMMENDED,
            false if self.show(person, day) => ACTED,
            false => NONE,
        }
    }

    /// Takes note of the actions in an order's lines.
    pub fn note(&mut self, lines: &[OrderLine]) {
        for line in lines {
            let Some(department) = ITEMS.get(line.item).map(|item| item.department) else { continue };
            let is_known = self.departments.contains(&department);
            if !is_known {
                self.departments.push(department);
            }
            let is_new = !is_known && self.departments.len() > 1;
            if is_new || line.kind != OrderKind::Single {
                self.until = line.paid_at.day + EFFECT_DAYS;
            }
        }
    }

    /// Days to the next visit, of what is usual.
    pub fn gap(&self, person: &Person, usual: u64, day: i32) -> u64 {
        usual * self.effect(person, day).gap_percent / 100
    }

    /// Whether a customer who comes `most` times, as a rule, has come often enough.
    pub fn are_enough_visits(&self, person: &Person, count: u64, most: u64, day: i32) -> bool {
        count >= most && (most == 1 || !self.show(person, day) && !will_recommend(person, day))
    }

    /// Chance to leave after a visit, of what is usual.
    pub fn chance_to_leave(&self, person: &Person, usual: u32, day: i32) -> u32 {
        if will_recommend(person, day) {
            return 0;
        }
        let percent = if self.show(person, day) { LEAVE_PERCENT } else { 100 };
        u32::try_from(u64::from(usual) * percent / 100).unwrap_or(usual)
    }

    /// The tier that is bought where `usual` would be.
    pub fn tier(&self, person: &Person, usual: Tier, day: i32, dice: &mut Dice) -> Tier {
        if dice.chance(self.effect(person, day).dearer) { usual.dearer() } else { usual }
    }
}

fn recommended(person: &Person, day: i32) -> bool {
    person.recommends_from.is_some_and(|from| (from..from + RECOMMENDS_DAYS + EFFECT_DAYS).contains(&day))
}

/// Whether a recommendation is still to come: nobody leaves before.
fn will_recommend(person: &Person, day: i32) -> bool {
    person.recommends_from.is_some_and(|from| day < from)
}
