//! What all customers of a spec share: the calendar, the branches, the items on their shelves.

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::catalogue::{
    BANGKOK, CITIES, City, Department, ITEMS, LAST_BUT_ONE_CITY, LAST_CITY, TAIPEI, TOKYO, Tier, Zone,
};
use super::chain_spec::ChainSpec;
use super::declines::Declines;
use super::dice::{Dice, cumulative};
use crate::Result;
use crate::policy::HoldOut;

/// How busy a month is, January first; 100 is usual. Chinese New Year and the ghost month are quiet.
const SEASON: [u32; 12] = [110, 80, 95, 95, 100, 105, 95, 85, 100, 110, 125, 130];
/// How many new people a day of the week brings, Monday first.
const WEEKDAY: [u32; 7] = [70, 80, 90, 90, 110, 150, 130];
/// Customers who are held out of the action list: so many that a chain of the demo's size sees something.
const HELD_OUT_MILLIONTHS: u32 = 200_000;
/// The branch whose till numbers by itself.
const OWN_TILL: usize = 1;
/// Days after the end whose dates may be written: a correction of the last evening, no more.
const DAYS_AFTER: i32 = 3;
/// Days before the start whose dates may be written: the UTC date of the first morning.
const DAYS_BEFORE: i32 = 1;

/// A branch.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Region.
    pub region: &'static str,
    /// Zone.
    pub zone: Zone,
    /// First open day, in days from the start of the history; below 0 for most.
    pub opened: i32,
    /// How well customers are looked after.
    pub quality: Quality,
}

/// How well a branch looks after its customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// The one to learn from.
    Better,
    /// Like most.
    Usual,
    /// The one to look into.
    Worse,
}

/// Everything that is the same for all customers.
#[derive(Debug)]
pub struct World {
    /// Seed.
    pub seed: u64,
    /// Customers.
    pub customers: u64,
    /// How often people come, in millionths of what is natural.
    pub activity: u64,
    /// First day.
    pub start: NaiveDate,
    /// Last day, in days from the start.
    pub last_day: i32,
    /// Branches.
    pub branches: Vec<Branch>,
    /// What declines in the last closed month.
    pub declines: Declines,
    /// Who is held out of the action list.
    pub hold_out: HoldOut,
    /// Labels of the months, such as `2026-11`.
    pub months: Vec<String>,
    branch_sizes: Vec<u32>,
    arrivals: Vec<u64>,
    dates: Vec<String>,
    month_of_day: Vec<usize>,
    season_of_month: Vec<u32>,
    shelves: Vec<Shelf>,
}

/// The items of a department and tier.
#[derive(Debug)]
struct Shelf {
    department: Department,
    tier: Tier,
    items: Vec<usize>,
    weights: Vec<u32>,
}

impl World {
    /// The world of `spec`.
    ///
    /// # Errors
    /// A spec that can't be carried out.
    pub fn new(spec: &ChainSpec) -> Result<Self> {
        let start = spec.first_day()?;
        let days: Vec<NaiveDate> = start.iter_days().take_while(|day| *day <= spec.until).collect();
        let last_day = i32::try_from(days.len()).unwrap_or(i32::MAX) - 1;
        let dates = (-DAYS_BEFORE..=last_day + DAYS_AFTER)
            .filter_map(|day| start.checked_add_signed(TimeDelta::days(day.into())))
            .map(|day| day.to_string())
            .collect();
        let mut months: Vec<String> = Vec::new();
        let mut season_of_month = Vec::new();
        let mut month_of_day = Vec::with_capacity(days.len());
        for day in &days {
            let label = day.format("%Y-%m").to_string();
            if months.last() != Some(&label) {
                months.push(label);
                season_of_month.push(season(*day));
            }
            month_of_day.push(months.len() - 1);
        }
        let branches = branches(spec.branches, last_day);
        Ok(World {
            seed: spec.seed,
            customers: spec.customers,
            activity: 1_000_000,
            start,
            last_day,
            branch_sizes: cumulative((0..spec.branches).map(|place| 4_000 / (4 + place))),
            declines: Declines::new(last_closed_month(&days)),
            hold_out: HoldOut { share_millionths: HELD_OUT_MILLIONTHS, key: "aurora".to_owned(), from: start },
            branches,
            months,
            arrivals: arrivals(&days),
            dates,
            month_of_day,
            season_of_month,
            shelves: shelves(),
        })
    }

    /// The day on which a customer first shows interest. Customers are numbered as they appear.
    pub fn arrival(&self, customer: u64, dice: &mut Dice) -> i32 {
        let total = u128::from(self.arrivals.last().copied().unwrap_or(0));
        let share = u128::from(self.customers.max(1));
        let before = u128::from(customer.saturating_sub(1)) * total / share;
        let drawn = before + u128::from(dice.below_u64(u64::try_from(total / share).unwrap_or(u64::MAX).max(1)));
        let day = self.arrivals.partition_point(|sum| u128::from(*sum) <= drawn);
        i32::try_from(day).unwrap_or(i32::MAX).min(self.last_day)
    }

    /// How many customers have shown interest by the end of `day`, about.
    pub fn arrived_by(&self, day: i32) -> u64 {
        let total = u128::from(self.arrivals.last().copied().unwrap_or(0)).max(1);
        let sum = usize::try_from(day)
            .ok()
            .map_or(0, |day| self.arrivals.get(day).or(self.arrivals.last()).copied().unwrap_or(0));
        u64::try_from(u128::from(self.customers) * u128::from(sum) / total).unwrap_or(0)
    }

    /// The number of `customer` in the ids that a branch gives to orders and visits. One branch's till numbers by itself:
    /// what it gives to one customer, other branches give to the next.
    pub fn number_at(&self, branch: usize, customer: u64) -> u64 {
        match branch == OWN_TILL {
            true => (customer.saturating_sub(1) ^ 1) + 1,
            false => customer,
        }
    }

    /// The branch whose till numbers by itself.
    pub fn own_till(&self) -> Option<&Branch> {
        self.branches.get(OWN_TILL)
    }

    /// A branch that is open on `day`, as likely as its size.
    pub fn open_branch(&self, day: i32, dice: &mut Dice) -> usize {
        let branch = dice.weighted(&self.branch_sizes);
        if self.is_open(branch, day) { branch } else { 0 }
    }

    /// Whether a branch is open on `day`.
    pub fn is_open(&self, branch: usize, day: i32) -> bool {
        self.branches.get(branch).is_some_and(|branch| branch.opened <= day)
    }

    /// How well a branch looks after its customers.
    pub fn quality(&self, branch: usize) -> Quality {
        self.branches.get(branch).map_or(Quality::Usual, |branch| branch.quality)
    }

    /// An item of a department and tier, as likely as it is popular.
    pub fn item(&self, department: Department, tier: Tier, dice: &mut Dice) -> usize {
        let shelf = self.shelves.iter().find(|shelf| shelf.department == department && shelf.tier == tier);
        shelf.and_then(|shelf| shelf.items.get(dice.weighted(&shelf.weights))).copied().unwrap_or(0)
    }

    /// How busy the month of `day` is; 100 is usual.
    pub fn season(&self, day: i32) -> u32 {
        self.season_of_month.get(self.month(day)).copied().unwrap_or(100)
    }

    /// Index of the month of `day`, of the first or last one for a day outside the history.
    pub fn month(&self, day: i32) -> usize {
        let day = usize::try_from(day.clamp(0, self.last_day)).unwrap_or(0);
        self.month_of_day.get(day).copied().unwrap_or(0)
    }

    /// ISO date of `day`, which may be a little outside the history.
    pub fn date(&self, day: i32) -> &str {
        let place = usize::try_from(day + DAYS_BEFORE).unwrap_or(0).min(self.dates.len().saturating_sub(1));
        self.dates.get(place).map_or("", String::as_str)
    }
}

/// First and last day of the last month that is over at the end of `days`; of the first one if none is.
fn last_closed_month(days: &[NaiveDate]) -> (i32, i32) {
    let is_last = |day: &NaiveDate| day.succ_opt().is_none_or(|next| next.month() != day.month());
    let end = days.iter().rposition(is_last).unwrap_or(days.len().saturating_sub(1));
    let before = days.iter().take(end).rposition(is_last);
    let day = |place: usize| i32::try_from(place).unwrap_or(i32::MAX);
    (before.map_or(0, |place| day(place) + 1), day(end))
}

fn season(day: NaiveDate) -> u32 {
    SEASON.get(day.month0() as usize).copied().unwrap_or(100)
}

/// Ascending sums of how many new people each day brings: more every month, more at weekends.
fn arrivals(days: &[NaiveDate]) -> Vec<u64> {
    let mut sum = 0;
    let mut sums = Vec::with_capacity(days.len());
    for (number, day) in days.iter().enumerate() {
        let weekday = WEEKDAY.get(day.weekday().num_days_from_monday() as usize).copied().unwrap_or(100);
        let growth = 700 + 600 * number as u64 / days.len() as u64;
        // Scaled up so that a customer's share of the whole doesn't round to nothing.
        sum += u64::from(season(*day)) * u64::from(weekday) * growth * 1_000_000;
        sums.push(sum);
    }
    sums
}

fn branches(count: u32, last_day: i32) -> Vec<Branch> {
    let mut in_city = std::collections::BTreeMap::<&str, u32>::new();
    (0..count)
        .map(|place| {
            let (city, zone) = city(place, count);
            let number = in_city.entry(city.code).or_default();
            *number += 1;
            Branch {
                id: format!("{}{number:02}", city.code),
                name: format!("{}{number}院", city.name),
                region: city.region,
                zone,
                opened: match place {
                    3 => last_day / 2,
                    _ => -2_400 + i32::try_from(place % 24).unwrap_or(0) * 90,
                },
                quality: match place {
                    1 => Quality::Better,
                    2 => Quality::Worse,
                    _ => Quality::Usual,
                },
            }
        })
        .collect()
}

fn city(place: u32, count: u32) -> (City, Zone) {
    match count - place {
        1 if count >= 7 => (LAST_CITY, TOKYO),
        2 if count >= 12 => (LAST_BUT_ONE_CITY, BANGKOK),
        _ => {
            let city = CITIES.get(place as usize % CITIES.len()).copied().unwrap_or(LAST_CITY);
            (city, TAIPEI)
        }
    }
}

fn shelves() -> Vec<Shelf> {
    let mut shelves: Vec<Shelf> = Vec::new();
    for (index, item) in ITEMS.iter().enumerate() {
        let found = shelves.iter_mut().find(|shelf| shelf.department == item.department && shelf.tier == item.tier);
        match found {
            Some(shelf) => shelf.items.push(index),
            None => shelves.push(Shelf {
                department: item.department,
                tier: item.tier,
                items: vec![index],
                weights: Vec::new(),
            }),
        }
    }
    for shelf in &mut shelves {
        shelf.weights = cumulative(shelf.items.iter().filter_map(|index| ITEMS.get(*index)).map(|item| item.weight));
    }
    shelves
}
