//! Who a customer is: an archetype with its habits, a home branch, a taste.

use super::catalogue::{Department, Tier};
use super::dice::{Dice, Purpose};
use super::world::{Quality, World};

/// A kind of customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archetype {
    /// Never comes.
    LeadOnly,
    /// Is advised, and never buys.
    ConsultationOnly,
    /// Comes once.
    OneTimer,
    /// Comes a few times, months apart.
    Occasional,
    /// Comes every month or so.
    Regular,
    /// Comes every few weeks for a long time.
    Loyal,
    /// Buys packages and uses them up, or doesn't.
    CardHolder,
    /// Comes often and spends little.
    Thrifty,
    /// Stays away for months, then is won back.
    WinBack,
    /// Comes in one season of the year.
    Seasonal,
    /// Comes often and spends much.
    Vip,
}

/// What an archetype does. Chances are per mille.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// The archetype.
    pub archetype: Archetype,
    /// Share of the people.
    pub share: u32,
    /// Most visits: from, to.
    pub visits: (u32, u32),
    /// Days between visits: from, to.
    pub gap_days: (u32, u32),
    /// Chance to come again after a visit.
    pub stay: u32,
    /// Chance to buy something on a visit that a package has paid.
    pub buy: u32,
    /// Chance that a purchase is a package.
    pub package: u32,
    /// Weights of entry, middle and premium items.
    pub tiers: [u32; 3],
    /// Chance to use a second branch.
    pub roams: u32,
}

const fn habits(archetype: Archetype, share: u32, visits: (u32, u32), gap_days: (u32, u32), stay: u32) -> Habits {
    Habits { archetype, share, visits, gap_days, stay, buy: 850, package: 60, tiers: [60, 32, 8], roams: 500 }
}

/// All archetypes.
const HABITS: &[Habits] = &[
    habits(Archetype::LeadOnly, 130, (0, 0), (1, 1), 0),
    habits(Archetype::ConsultationOnly, 55, (0, 0), (1, 1), 0),
    habits(Archetype::OneTimer, 225, (1, 1), (1, 1), 0),
    habits(Archetype::Occasional, 205, (2, 6), (40, 115), 860),
    Habits { package: 110, roams: 620, ..habits(Archetype::Regular, 115, (4, 30), (22, 46), 930) },
    Habits { package: 140, tiers: [45, 43, 12], roams: 720, ..habits(Archetype::Loyal, 75, (8, 60), (12, 28), 968) },
    Habits { package: 900, buy: 700, roams: 540, ..habits(Archetype::CardHolder, 75, (5, 40), (24, 38), 950) },
    Habits { package: 80, tiers: [100, 0, 0], roams: 540, ..habits(Archetype::Thrifty, 45, (8, 70), (9, 18), 968) },
    Habits { roams: 620, ..habits(Archetype::WinBack, 35, (5, 20), (20, 45), 920) },
    Habits { roams: 250, ..habits(Archetype::Seasonal, 25, (3, 12), (18, 40), 960) },
    Habits { package: 120, tiers: [10, 45, 45], roams: 750, ..habits(Archetype::Vip, 15, (8, 60), (12, 30), 978) },
];

/// Days from the first interest to the first recommendation: from, to.
const RECOMMENDS_AFTER: (u32, u32) = (45, 200);
/// How long a customer goes on recommending.
pub const RECOMMENDS_DAYS: i32 = 20;

/// A customer's lasting traits.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// What the customer does.
    pub habits: Habits,
    /// Day of first interest.
    pub arrival: i32,
    /// Branch that is used most.
    pub home: usize,
    /// Another branch, used now and then.
    pub second: Option<usize>,
    /// First of the [`RECOMMENDS_DAYS`] on which the customer recommends the chain.
    pub recommends_from: Option<i32>,
    /// Department that is bought from most.
    pub department: Department,
    /// Whether the chain knew of the customer before the first visit.
    pub was_lead: bool,
}

impl Person {
    /// The customer of that number; the same one whenever asked.
    pub fn new(world: &World, customer: u64) -> Self {
        let mut dice = Dice::new(world.seed, customer, Purpose::Person);
        let arrival = world.arrival(customer, &mut dice);
        let home = world.open_branch(arrival, &mut dice);
        let habits = habits_at(world.quality(home), draw(&mut dice), &mut dice);
        // A chain with few orders for its customers has mostly leads.
        let comes = dice.rare(u32::try_from(world.activity.saturating_mul(2)).unwrap_or(u32::MAX));
        let habits = if comes { habits } else { lead_only() };
        let second = dice.chance(habits.roams).then(|| world.open_branch(world.last_day, &mut dice));
        let department = match dice.below(100) {
            0..55 => Department::Skin,
            55..90 => Department::Injection,
            _ => Department::Surgery,
        };
        let was_lead = habits.visits.1 == 0 || dice.chance(650);
        let likes_it =
            matches!(habits.archetype, Archetype::Regular | Archetype::Loyal | Archetype::CardHolder | Archetype::Vip);
        let recommends_from = (likes_it && dice.chance(500)).then(|| arrival + days(dice.between(RECOMMENDS_AFTER)));
        let second = second.filter(|second| *second != home);
        Person { habits, arrival, home, second, recommends_from, department, was_lead }
    }

    /// Whether the customer recommends the chain on `day`.
    pub fn recommends_on(&self, day: i32) -> bool {
        self.recommends_from.is_some_and(|from| (from..from + RECOMMENDS_DAYS).contains(&day))
    }

    /// Days after the first interest within which a customer who recommends the chain may do so.
    pub fn recommendation() -> (i32, i32) {
        (days(RECOMMENDS_AFTER.0), days(RECOMMENDS_AFTER.1) + RECOMMENDS_DAYS)
    }

    /// A price tier to this customer's liking.
    pub fn tier(&self, dice: &mut Dice) -> Tier {
        match dice.weighted(&cumulative_tiers(self.habits.tiers)) {
            0 => Tier::Entry,
            1 => Tier::Middle,
            _ => Tier::Premium,
        }
    }

    /// A department: the customer's own, most of the time.
    pub fn any_department(&self, dice: &mut Dice) -> Department {
        match dice.below(100) {
            0..80 => self.department,
            80..91 => Department::Skin,
            91..98 => Department::Injection,
            _ => Department::Surgery,
        }
    }
}

fn days(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn cumulative_tiers([entry, middle, premium]: [u32; 3]) -> [u32; 3] {
    [entry, entry + middle, entry + middle + premium]
}

fn lead_only() -> Habits {
    habits(Archetype::LeadOnly, 0, (0, 0), (1, 1), 0)
}

fn draw(dice: &mut Dice) -> Habits {
    let mut left = dice.below(HABITS.iter().map(|habits| habits.share).sum());
    let found = HABITS.iter().find(|habits| {
        let is_it = left < habits.share;
        left = left.saturating_sub(habits.share);
        is_it
    });
    found.copied().unwrap_or_else(lead_only)
}

/// A good branch makes regulars of some who would have come once; a bad one the reverse.
fn habits_at(quality: Quality, drawn: Habits, dice: &mut Dice) -> Habits {
    let instead = match (quality, drawn.archetype) {
        (Quality::Better, Archetype::OneTimer) if dice.chance(350) => Archetype::Regular,
        (Quality::Better, Archetype::Occasional) if dice.chance(350) => Archetype::Loyal,
        (Quality::Worse, Archetype::Regular | Archetype::Loyal | Archetype::Vip) if dice.chance(450) => {
            Archetype::Occasional
        }
        (Quality::Worse, Archetype::Occasional | Archetype::CardHolder) if dice.chance(350) => Archetype::OneTimer,
        _ => return drawn,
    };
    HABITS.iter().find(|habits| habits.archetype == instead).copied().unwrap_or(drawn)
}
