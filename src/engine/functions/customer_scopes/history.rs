//! A customer's days, and what they come to in a scope group.

use std::cmp::Reverse;

/// Stands for no department: it comes after every key.
const NO_DEPARTMENT: i32 = i32::MAX;

/// What a customer did on a day in a scope group and department.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    /// The customer, by their place among those at hand.
    pub customer: u32,
    /// The scope group; none for leads of no branch.
    pub scope_key: Option<i32>,
    /// Day.
    pub day: i32,
    /// Department.
    pub department_key: Option<i32>,
    /// Cents.
    pub revenue: i64,
    /// Cents, without those of orders that were fully refunded.
    pub kept_revenue: i64,
    /// Cents.
    pub profit: i64,
    /// Lines whose profit nothing tells.
    pub lines_without_profit: i64,
    /// Sales.
    pub sales: i64,
    /// Whether the customer consumed.
    pub is_consumption: bool,
    /// First day of the window of frequency and money for whom the day's department stands.
    pub window_start: i32,
    /// The same for whom no department stands.
    pub other_window_start: i32,
}

/// What is the same for all customers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The scope key under which all days count together, where that is asked for.
    pub chain_key: Option<i32>,
    /// The scope key of the first department, where departments are asked for.
    pub first_department_key: Option<i32>,
    /// Whether what was paid on each day is asked for.
    pub has_history: bool,
}

/// What the days come to in one scope group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The first day, of whatever kind.
    pub known_on: i32,
    /// The distinct days of consumption, ascending.
    pub consumed_days: Vec<i32>,
    /// The days on which money was paid or paid back, ascending, where they are asked for.
    pub paid_days: Vec<i32>,
    /// The cents of each of them.
    pub paid_cents: Vec<i64>,
    /// The department of the latest of them: that with the most kept money on it, then the first by key.
    pub department_key: Option<i32>,
    /// Cents kept of what was consumed on that day, in all departments.
    pub latest_revenue: i128,
    /// Cents in the window.
    pub monetary: i128,
    /// Sales in the window.
    pub lines: i64,
    /// Cents.
    pub lifetime_monetary: i128,
    /// Cents, those of days after the first of consumption.
    pub repeat_monetary: i128,
    /// Cents.
    pub lifetime_profit: i128,
    /// Lines whose profit nothing tells.
    pub lines_without_profit: i64,
}

/// Tells `take` what `days` of one customer come to in each scope group; leads of no branch count for the chain only.
pub fn each_scope(days: &mut [Day], bounds: Bounds, mut take: impl FnMut(i32, &Summary)) {
    let mut summary = Summary::default();
    if let Some(chain_key) = bounds.chain_key {
        days.sort_unstable_by_key(|day| day.day);
        summary.fill(days, bounds.has_history);
        take(chain_key, &summary);
    }
    days.sort_unstable_by_key(|day| (day.scope_key, day.day));
    for group in days.chunk_by(|one, other| one.scope_key == other.scope_key) {
        if let Some(scope_key) = group.first().and_then(|day| day.scope_key) {
            summary.fill(group, bounds.has_history);
            take(scope_key, &summary);
        }
    }
    let Some(first_department_key) = bounds.first_department_key else {
        return;
    };
    days.sort_unstable_by_key(|day| (day.department_key, day.day));
    for group in days.chunk_by(|one, other| one.department_key == other.department_key) {
        if let Some(department_key) = group.first().and_then(|day| day.department_key) {
            summary.fill(group, bounds.has_history);
            take(first_department_key.saturating_add(department_key), &summary);
        }
    }
}

impl Summary {
    /// Sums up `days`, which ascend.
    fn fill(&mut self, days: &[Day], has_history: bool) {
        let Summary { mut consumed_days, mut paid_days, mut paid_cents, .. } = std::mem::take(self);
        consumed_days.clear();
        paid_days.clear();
        paid_cents.clear();
        *self = Summary { consumed_days, paid_days, paid_cents, ..Summary::default() };
        self.known_on = days.first().map_or(0, |day| day.day);
        for day in days {
            if day.is_consumption && self.consumed_days.last() != Some(&day.day) {
                self.consumed_days.push(day.day);
            }
            if has_history && day.revenue != 0 {
                self.pay(day.day, day.revenue);
            }
            self.lifetime_monetary += i128::from(day.revenue);
            if self.consumed_days.first().is_some_and(|first| *first < day.day) {
                self.repeat_monetary += i128::from(day.revenue);
            }
            self.lifetime_profit += i128::from(day.profit);
            self.lines_without_profit += day.lines_without_profit;
        }
        let latest = self.consumed_days.last().map(|latest| consumed_on(days, *latest)).unwrap_or_default();
        self.latest_revenue = latest.iter().map(|stake| stake.kept_revenue).sum();
        let top = latest.into_iter().max_by_key(|stake| (stake.kept_revenue, Reverse(stake.department_key)));
        self.department_key = top.map(|top| top.department_key).filter(|department| *department != NO_DEPARTMENT);
        let window_start = top.map(|top| top.window_start).or_else(|| days.first().map(|day| day.other_window_start));
        let window = days.partition_point(|day| Some(day.day) < window_start);
        for day in days.get(window..).unwrap_or_default() {
            self.monetary += i128::from(day.revenue);
            self.lines += day.sales;
        }
    }

    /// Money of the latest day so far, or of one after it.
    fn pay(&mut self, day: i32, cents: i64) {
        if self.paid_days.last() == Some(&day)
            && let Some(sum) = self.paid_cents.last_mut()
        {
            // What is too much for the type is told of all days' money.
            *sum = sum.saturating_add(cents);
            return;
        }
        self.paid_days.push(day);
        self.paid_cents.push(cents);
    }
}

/// What a department has of a day.
#[derive(Clone, Copy)]
struct Stake {
    department_key: i32,
    kept_revenue: i128,
    window_start: i32,
}

/// What each department has of what was consumed on the `latest` day; `days` ascend.
fn consumed_on(days: &[Day], latest: i32) -> Vec<Stake> {
    let start = days.partition_point(|day| day.day < latest);
    let consumed = days.get(start..).unwrap_or_default().iter();
    let consumed = consumed.take_while(|day| day.day == latest).filter(|day| day.is_consumption);
    let mut stakes: Vec<Stake> = Vec::new();
    for day in consumed {
        let department_key = day.department_key.unwrap_or(NO_DEPARTMENT);
        let kept_revenue = i128::from(day.kept_revenue);
        match stakes.iter_mut().find(|stake| stake.department_key == department_key) {
            Some(stake) => stake.kept_revenue += kept_revenue,
            None => stakes.push(Stake { department_key, kept_revenue, window_start: day.window_start }),
        }
    }
    stakes
}
