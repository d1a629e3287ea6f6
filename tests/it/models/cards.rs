//! Cards of sessions: whoever has some left is not idle, and idle days count from the day on which the last card was
//! used up or expired.

use std::rc::Rc;

use super::{Night, csv, night, shop};
use crate::common::chain::Chain;

/// A card of six bought on 2026-01-01 at N. One session was used, on 2026-01-11; the other five expire on 2027-05-16.
fn holder() -> Rc<Chain> {
    let orders = csv(
        "orders",
        "order_id,customer_id,branch_id,paid_at,amount,kind,package_sessions",
        ["CARD,holder,N,2026-01-01,6000,package,6", "S1,holder,S,2026-01-05,100,single,"],
    );
    let visits = csv(
        "visits",
        "visit_id,customer_id,branch_id,visited_at,kind,order_id",
        ["V1,holder,N,2026-01-11,package_session,CARD"],
    );
    shop("policy: {lifecycle: {package_valid_days: 500}}", &[orders, visits])
}

fn stage(night: &Night, scope_id: &str) -> String {
    let columns = &["recency_days", "package_sessions_left", "stage", "stage_since", "is_beyond_recall"];
    night.rows_where("scope_id", scope_id, "fct_lifecycle_snapshot", columns).join(", ")
}

#[test]
fn who_has_sessions_left_is_silent_however_long_they_stay_away() {
    let chain = holder();
    for (on, recency_days) in [("2026-07-09", 179), ("2026-07-10", 180), ("2027-02-15", 400), ("2027-05-15", 489)] {
        // Three consumption days, the first on 01-01: until 04-30 there were three in 120 days.
        let expected = format!("{recency_days} 5 silent 2026-05-01 false");
        assert_eq!(stage(&night(&chain, on), "*"), expected, "{on}");
    }
}

#[test]
fn the_clock_starts_when_the_card_expires() {
    let chain = holder();
    let expected = [
        ("2027-05-16", "490 0 silent 2026-05-01 false"),
        ("2027-08-13", "579 0 silent 2026-05-01 false"),
        ("2027-08-14", "580 0 dormant 2027-08-14 false"), // 90 days after the card
        ("2027-11-11", "669 0 dormant 2027-08-14 false"),
        ("2027-11-12", "670 0 dead 2027-11-12 false"), // 180 days after it
        ("2028-05-09", "849 0 dead 2027-11-12 false"),
        ("2028-05-10", "850 0 dead 2027-11-12 true"), // 360 days after it
    ];
    for (on, expected) in expected {
        assert_eq!(stage(&night(&chain, on), "*"), expected, "{on}");
    }
}

#[test]
fn a_card_counts_where_it_was_bought() {
    let chain = holder();
    let at = |on: &str| {
        let night = night(&chain, on);
        [stage(&night, "N"), stage(&night, "S")]
    };
    assert_eq!(at("2026-07-03"), ["173 5 silent 2026-04-01 false", "179 0 dormant 2026-04-05 false"]);
    assert_eq!(at("2026-07-04"), ["174 5 silent 2026-04-01 false", "180 0 dead 2026-07-04 false"]);
}

#[test]
fn the_clock_starts_when_the_card_is_used_up() {
    let orders = csv(
        "orders",
        "order_id,customer_id,branch_id,paid_at,amount,kind,package_sessions",
        ["CARD,a,N,2026-01-01,2000,package,2"],
    );
    let visits = csv(
        "visits",
        "visit_id,customer_id,branch_id,visited_at,kind,order_id",
        ["V1,a,N,2026-01-11,package_session,CARD", "V2,a,N,2026-02-20,package_session,CARD"],
    );
    let chain = shop("", &[orders, visits]);
    let expected = [
        ("2026-05-20", "89 0 silent 2026-05-01 false"),
        ("2026-05-21", "90 0 dormant 2026-05-21 false"),
        ("2026-08-18", "179 0 dormant 2026-05-21 false"),
        ("2026-08-19", "180 0 dead 2026-08-19 false"),
    ];
    for (on, expected) in expected {
        assert_eq!(stage(&night(&chain, on), "*"), expected, "{on}");
    }
}
