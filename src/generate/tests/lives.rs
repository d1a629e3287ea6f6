//! What holds in every customer's life.

use std::collections::{BTreeMap, BTreeSet};

use super::super::card::PACKAGE_VALID_DAYS;
use super::super::event::{OrderKind, OrderStatus, VisitKind, VisitStatus};
use super::{ChainSpec, lives};

#[test]
fn refunds_never_exceed_their_order_and_come_after_it() {
    let (_, lives) = lives(&ChainSpec::default());
    let mut full = 0;
    let mut partial = 0;
    for life in &lives {
        for refund in life.orders.iter().filter(|line| line.amount_cents < 0) {
            let bought = || life.lines_of(refund.order).filter(|line| line.amount_cents >= 0);
            assert!(bought().count() > 0 && bought().all(|line| line.paid_at < refund.paid_at));
            let net: i64 = life.lines_of(refund.order).map(|line| line.amount_cents).sum();
            assert!(net >= 0, "{refund:?}");
            *(if net == 0 { &mut full } else { &mut partial }) += 1;
        }
    }
    assert!(full > 100 && partial > 100, "{full} {partial}");
}

#[test]
fn sessions_never_exceed_their_package_nor_outlive_it() {
    let (_, lives) = lives(&ChainSpec::default());
    let (mut used_up, mut left_over, mut expired) = (0, 0, 0);
    for life in &lives {
        let mut sessions = BTreeMap::<u32, Vec<i32>>::new();
        let visits = life.visits.iter().filter(|visit| visit.kind == VisitKind::PackageSession);
        for visit in visits.filter(|visit| visit.status == VisitStatus::Attended) {
            sessions.entry(visit.order.expect("a package")).or_default().push(visit.visited_at.day);
        }
        for package in life.orders.iter().filter(|line| line.package_sessions.is_some()) {
            assert_eq!(package.kind, OrderKind::Package);
            let days = sessions.remove(&package.order).unwrap_or_default();
            let bought = usize::try_from(package.package_sessions.expect("a package")).expect("few");
            assert!(days.len() <= bought);
            assert!(days.iter().all(|day| (0..PACKAGE_VALID_DAYS).contains(&(day - package.paid_at.day))));
            assert!(package.status == OrderStatus::Paid || days.is_empty());
            match days.len() == bought {
                true => used_up += 1,
                false => left_over += 1,
            }
            expired += usize::from(days.len() < bought && package.paid_at.day < 26 * 30 - PACKAGE_VALID_DAYS);
        }
        assert!(sessions.is_empty(), "sessions of no package: {sessions:?}");
    }
    assert!(used_up > 100 && left_over > 100 && expired > 20, "{used_up} {left_over} {expired}");
}

#[test]
fn everything_refers_to_something_that_exists_at_that_time() {
    let (world, lives) = lives(&ChainSpec::default());
    let first_paid: BTreeMap<u64, i32> = lives
        .iter()
        .filter_map(|life| Some((life.customer, life.orders.iter().map(|line| line.paid_at.day).min()?)))
        .collect();
    let mut referred = 0;
    for life in &lives {
        let mut keys = BTreeSet::new();
        for line in &life.orders {
            assert!(keys.insert((line.order, line.line)), "two lines of one key: {line:?}");
            assert!(world.is_open(line.branch, line.paid_at.day) && (0..=world.last_day).contains(&line.paid_at.day));
            if let Some(referrer) = line.referrer {
                referred += 1;
                assert!(first_paid.contains_key(&referrer) && referrer < life.customer);
            }
        }
        let mut numbers = BTreeSet::new();
        for visit in &life.visits {
            assert!(numbers.insert(visit.number));
            assert!(world.is_open(visit.branch, visit.visited_at.day), "{visit:?}");
            assert!((0..=world.last_day).contains(&visit.visited_at.day));
            assert!(
                visit
                    .order
                    .is_none_or(|order| life.lines_of(order).any(|line| line.paid_at.day <= visit.visited_at.day))
            );
        }
    }
    assert!(referred > 50, "{referred}");
}
