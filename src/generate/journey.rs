//! What a simulated customer does at one time: when and where to come, what to choose, the visit itself.

use super::card::Card;
use super::dice::{Dice, Purpose};
use super::event::{Life, OrderKind, OrderLine, Timestamp, Visit, VisitKind, VisitStatus};
use super::person::Person;
use super::recent_actions::RecentActions;
use super::world::World;

/// A customer's way through the history, as far as it is simulated.
pub struct Journey<'a> {
    pub world: &'a World,
    pub person: Person,
    pub dice: Dice,
    pub life: &'a mut Life,
    pub last_order: u32,
    pub card: Option<Card>,
    pub actions: RecentActions,
    pub first_day: i32,
    last_visit: u32,
}

impl<'a> Journey<'a> {
    /// The beginning of a customer's journey, which is written to `life`.
    pub fn new(world: &'a World, customer: u64, life: &'a mut Life) -> Self {
        let person = Person::new(world, customer);
        let dice = Dice::new(world.seed, customer, Purpose::Journey);
        let actions = RecentActions::default();
        Journey { world, person, dice, life, last_order: 0, card: None, actions, first_day: 0, last_visit: 0 }
    }

    /// Whether a day is still within the history.
    pub fn is_within_history(&self, day: i32) -> bool {
        day <= self.world.last_day
    }

    /// Records a visit, unless it lies beyond the history.
    pub fn visit(
        &mut self,
        appointment_at: Timestamp,
        branch: usize,
        item: usize,
        kind: VisitKind,
        order: Option<&OrderLine>,
        status: VisitStatus,
    ) {
        if !self.is_within_history(appointment_at.day) {
            return;
        }
        let visited_at = match status {
            VisitStatus::Attended => appointment_at.plus_minutes(self.days((0, 30)) - 10),
            _ => appointment_at,
        };
        self.last_visit += 1;
        let updated_at = visited_at.plus_minutes(self.days((5, 40)));
        let number = self.last_visit;
        self.life.visits.push(Visit {
            number,
            branch,
            visited_at,
            appointment_at,
            item,
            kind,
            order: order.map(|line| line.order),
            order_branch: order.map(|line| line.branch),
            status,
            updated_at,
        });
    }

    /// The branch that is visited on `day`.
    pub fn branch_on(&mut self, day: i32) -> usize {
        let second = self.person.second.filter(|second| self.world.is_open(*second, day));
        match second {
            Some(second) if self.dice.chance(350) => second,
            _ => self.person.home,
        }
    }

    /// An appointment within opening hours, on the half hour.
    pub fn slot(&mut self, day: i32) -> Timestamp {
        Timestamp { day, minute: 600 + 30 * self.days((0, 19)) }
    }

    /// A minute at which people are online.
    pub fn any_minute(&mut self) -> i32 {
        self.days((0, 1439))
    }

    /// An item to this customer's liking on `day`.
    pub fn item(&mut self, day: i32) -> usize {
        let department = self.person.any_department(&mut self.dice);
        let usual = self.person.tier(&mut self.dice);
        let tier = self.actions.tier(&self.person, usual, day, &mut self.dice);
        self.world.item(department, tier, &mut self.dice)
    }

    /// A number of days, or minutes, in a range.
    pub fn days(&mut self, range: (u32, u32)) -> i32 {
        i32::try_from(self.dice.between(range)).unwrap_or(i32::MAX)
    }

    /// The kind of a line: customers who know the chain are sold up, unless an earlier action still shows.
    pub fn line_kind(&mut self, line: u32, day: i32) -> OrderKind {
        match line > 1 && self.last_order > 1 && !self.actions.show(&self.person, day) && self.dice.chance(700) {
            true => OrderKind::TopUp,
            false => OrderKind::Single,
        }
    }
}
