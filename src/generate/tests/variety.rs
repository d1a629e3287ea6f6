//! The demo shows all there is to see: every life stage, segment and period status, at several month
//! ends; branches that differ; declines that a closing snapshot shows.

use std::collections::{BTreeMap, BTreeSet};

use super::super::card::PACKAGE_VALID_DAYS;
use super::super::event::{Life, OrderStatus, VisitKind, VisitStatus};
use super::super::world::World;
use super::{ChainSpec, lives};

/// The last days of the last four months.
fn month_ends(world: &World) -> Vec<i32> {
    let last = world.months.len() - 1;
    (last - 3..=last).filter_map(|month| (0..=world.last_day).rev().find(|day| world.month(*day) == month)).collect()
}

/// Life stage under the default policy.
fn stage(life: &Life, as_of: i32) -> Option<&'static str> {
    let days = life.consumption_days(as_of);
    let Some(last) = days.last() else {
        return life.lead.as_ref().filter(|lead| lead.created_at.day <= as_of).map(|_| "potential");
    };
    let recency = as_of - last;
    let within = |window: i32| days.iter().filter(|day| as_of - **day < window).count();
    let (has_sessions, expired_on) = sessions_left(life, as_of);
    let idle = if has_sessions { 0 } else { as_of - expired_on.max(*last) };
    Some(match () {
        () if idle >= 360 => "beyond recall",
        () if idle >= 180 => "dead",
        () if idle >= 90 => "dormant",
        () if within(180) >= 5 => "loyal",
        () if recency < 120 && within(120) >= 3 => "active",
        () if recency < 90 && within(90) >= 2 => "effective",
        () if days.len() == 1 && recency <= 30 => "new",
        () => "silent",
    })
}

/// Whether sessions are left, and the last day on which some expired.
fn sessions_left(life: &Life, as_of: i32) -> (bool, i32) {
    let packages = life.orders.iter().filter(|line| line.status == OrderStatus::Paid && line.paid_at.day <= as_of);
    let (mut has_sessions, mut expired_on) = (false, 0);
    for (package, sessions) in packages.filter_map(|line| Some((line, line.package_sessions?))) {
        let used = life.visits.iter().filter(|visit| {
            visit.kind == VisitKind::PackageSession
                && visit.order == Some(package.order)
                && visit.status == VisitStatus::Attended
                && visit.visited_at.day <= as_of
        });
        let is_left = used.count() < sessions as usize;
        let expires_on = package.paid_at.day + PACKAGE_VALID_DAYS;
        has_sessions |= is_left && expires_on > as_of;
        if is_left && expires_on <= as_of {
            expired_on = expired_on.max(expires_on);
        }
    }
    (has_sessions, expired_on)
}

/// Period status in the month of `as_of`, and whether the customer came back to reach it.
fn period_status(life: &Life, world: &World, as_of: i32) -> Option<&'static str> {
    let days = life.consumption_days(as_of);
    let month = |day: &i32| world.month(*day);
    let first = days.first().map(month)?;
    let mut status = if days.iter().filter(|day| month(day) == first).count() > 1 { "active" } else { "new" };
    for period in first + 1..=world.month(as_of) {
        let has_consumed = days.iter().any(|day| month(day) == period);
        status = match (status, has_consumed) {
            ("dormant", true) => "reactivated",
            ("lost", true) => "recalled",
            (_, true) => "active",
            ("new" | "dormant" | "lost", false) => "lost",
            (_, false) => "dormant",
        };
    }
    Some(status)
}

/// Head-counts of the eight segments.
fn segments(lives: &[Life], as_of: i32) -> BTreeMap<String, usize> {
    let metrics: Vec<[i64; 3]> = lives
        .iter()
        .filter_map(|life| {
            let days = life.consumption_days(as_of);
            let last = days.last().filter(|last| as_of - **last < 365)?;
            let frequency = days.iter().filter(|day| as_of - **day < 365).count();
            Some([-i64::from(as_of - last), i64::try_from(frequency).ok()?, life.monetary(as_of)])
        })
        .collect();
    let mut scores = vec![[0_usize; 3]; metrics.len()];
    for metric in 0..3 {
        let mut sorted: Vec<i64> = metrics.iter().map(|values| values[metric]).collect();
        sorted.sort_unstable();
        for (score, values) in scores.iter_mut().zip(&metrics) {
            score[metric] = 1 + 5 * sorted.partition_point(|other| *other < values[metric]) / sorted.len();
        }
    }
    let sum = |metric: usize| scores.iter().map(|score| score[metric]).sum::<usize>();
    let sums = [sum(0), sum(1), sum(2)];
    let mut counts = BTreeMap::new();
    for score in &scores {
        let letter = |metric: usize| if score[metric] * scores.len() >= sums[metric] { 'H' } else { 'L' };
        *counts.entry([0, 1, 2].map(letter).iter().collect()).or_default() += 1;
    }
    counts
}

fn counted<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    words.for_each(|word| *counts.entry(word).or_default() += 1);
    counts
}

#[test]
fn every_stage_segment_and_status_occurs_at_every_month_end() {
    let (world, lives) = lives(&ChainSpec::default());
    for as_of in month_ends(&world) {
        let stages = counted(lives.iter().filter_map(|life| stage(life, as_of)));
        assert_eq!(stages.len(), 9, "{stages:?}");
        assert!(stages.values().all(|count| *count >= 20), "{stages:?}");
        let statuses = counted(lives.iter().filter_map(|life| period_status(life, &world, as_of)));
        assert_eq!(statuses.len(), 6, "{statuses:?}");
        assert!(statuses.values().all(|count| *count >= 10), "{statuses:?}");
        let segments = segments(&lives, as_of);
        assert_eq!(segments.len(), 8, "{segments:?}");
        assert!(segments.values().all(|count| *count >= 20), "{segments:?}");
    }
}

#[test]
fn two_in_five_of_those_who_come_again_use_several_branches() {
    let (world, lives) = lives(&ChainSpec { customers: 20_000, ..ChainSpec::default() });
    let (mut repeat, mut cross) = (0, 0);
    for life in lives.iter().filter(|life| life.consumption_days(world.last_day).len() > 1) {
        repeat += 1;
        let visited = life.visits.iter().filter(|visit| visit.status == VisitStatus::Attended);
        let branches: BTreeSet<usize> =
            visited.map(|visit| visit.branch).chain(life.orders.iter().map(|line| line.branch)).collect();
        cross += usize::from(branches.len() > 1);
    }
    let percent = 100 * cross / repeat;
    assert!((35..=48).contains(&percent), "{percent} %");
}

#[test]
fn one_branch_keeps_its_customers_better_and_one_worse() {
    let (world, lives) = lives(&ChainSpec { customers: 20_000, ..ChainSpec::default() });
    let returned = |branch: usize| {
        let first_at = |life: &&Life| life.orders.first().is_some_and(|line| line.branch == branch);
        let customers: Vec<&Life> = lives.iter().filter(first_at).collect();
        let again = customers.iter().filter(|life| life.consumption_days(world.last_day).len() > 2).count();
        100 * again / customers.len()
    };
    let (usual, better, worse) = (returned(0), returned(1), returned(2));
    assert!(better >= usual + 8 && worse + 8 <= usual, "usual {usual} %, better {better} %, worse {worse} %");
    assert!(
        lives
            .iter()
            .flat_map(|life| &life.orders)
            .all(|line| line.branch != 3 || line.paid_at.day >= world.last_day / 2)
    );
}

#[test]
fn the_declines_are_in_the_last_month_that_is_over() {
    let fallen = |until: &str, months: u32| {
        let until = until.parse().expect("a day");
        let world = World::new(&ChainSpec { until, months, ..ChainSpec::default() }).expect("a spec");
        (world.date(world.declines.month.0).to_owned(), world.date(world.declines.month.1).to_owned())
    };
    let days = |first: &str, last: &str| (first.to_owned(), last.to_owned());
    assert_eq!(fallen("2026-10-31", 26), days("2026-10-01", "2026-10-31"));
    assert_eq!(fallen("2026-11-15", 26), days("2026-10-01", "2026-10-31"));
    assert_eq!(fallen("2026-11-15", 1), days("2026-10-16", "2026-10-31"));
    assert_eq!(fallen("2026-10-31", 1), days("2026-10-01", "2026-10-31"));
}
