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
    /// Cents.
    pub profit: i64,
    /// Lines whose profit nothing tells.
    pub lines_without_profit: i64,
    /// Sales.
    pub sales: i64,
    /// Whether the customer consumed.
    pub is_consumption: bool,
}

/// What is the same for all customers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// First day of the window of frequency and money.
    pub window_start: i32,
    /// The scope key under which all days count together, where that is asked for.
    pub chain_key: Option<i32>,
    /// The scope key of the first department, where departments are asked for.
    pub first_department_key: Option<i32>,
}

/// What the days come to in one scope group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The first day, of whatever kind.
    pub known_on: i32,
    /// The distinct days of consumption, ascending.
    pub consumed_days: Vec<i32>,
    /// The department of the latest of them: that with the most money on it, then the first by key.
    pub department_key: Option<i32>,
    /// Cents of what was consumed on that day, in all departments.
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
        summary.fill(days, bounds.window_start);
        take(chain_key, &summary);
    }
    days.sort_unstable_by_key(|day| (day.scope_key, day.day));
    for group in days.chunk_by(|one, other| one.scope_key == other.scope_key) {
        if let Some(scope_key) = group.first().and_then(|day| day.scope_key) {
            summary.fill(group, bounds.window_start);
            take(scope_key, &summary);
        }
    }
    let Some(first_department_key) = bounds.first_department_key else {
        return;
    };
    days.sort_unstable_by_key(|day| (day.department_key, day.day));
    for group in days.chunk_by(|one, other| one.department_key == other.department_key) {
        if let Some(department_key) = group.first().and_then(|day| day.department_key) {
            summary.fill(group, bounds.window_start);
            take(first_department_key.saturating_add(department_key), &summary);
        }
    }
}

impl Summary {
    /// Sums up `days`, which ascend.
    fn fill(&mut self, days: &[Day], window_start: i32) {
        let Summary { consumed_days, .. } = std::mem::take(self);
        self.consumed_days = consumed_days;
        self.consumed_days.clear();
        self.known_on = days.first().map_or(0, |day| day.day);
        for day in days {
            if day.is_consumption && self.consumed_days.last() != Some(&day.day) {
                self.consumed_days.push(day.day);
            }
            if day.day >= window_start {
                self.monetary += i128::from(day.revenue);
                self.lines += day.sales;
            }
            self.lifetime_monetary += i128::from(day.revenue);
            if self.consumed_days.first().is_some_and(|first| *first < day.day) {
                self.repeat_monetary += i128::from(day.revenue);
            }
            self.lifetime_profit += i128::from(day.profit);
            self.lines_without_profit += day.lines_without_profit;
        }
        let latest = self.consumed_days.last().map(|latest| money_by_department(days, *latest)).unwrap_or_default();
        self.latest_revenue = latest.iter().map(|(_, money)| money).sum();
        let top = latest.into_iter().max_by_key(|(department, money)| (*money, Reverse(*department)));
        self.department_key = top.map(|(department, _)| department).filter(|department| *department != NO_DEPARTMENT);
    }
}

/// Cents by department of what was consumed on the `latest` day; `days` ascend.
fn money_by_department(days: &[Day], latest: i32) -> Vec<(i32, i128)> {
    let start = days.partition_point(|day| day.day < latest);
    let consumed = days.get(start..).unwrap_or_default().iter();
    let consumed = consumed.take_while(|day| day.day == latest).filter(|day| day.is_consumption);
    let mut money: Vec<(i32, i128)> = Vec::new();
    for day in consumed {
        let department = day.department_key.unwrap_or(NO_DEPARTMENT);
        match money.iter_mut().find(|(known, _)| *known == department) {
            Some((_, sum)) => *sum += i128::from(day.revenue),
            None => money.push((department, i128::from(day.revenue))),
        }
    }
    money
}
