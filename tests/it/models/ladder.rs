//! Each number of the ladder moves the line that it is named for.

use std::rc::Rc;

use super::{csv, night, shop};
use crate::common::chain::Chain;

/// Who came when, as of 2026-11-21: of each stage one, and a card's holder.
fn chain(policy: &str) -> Rc<Chain> {
    let days: [(&str, &[&str]); 6] = [
        ("new", &["11-01"]),
        ("effective", &["10-01", "11-01"]),
        ("active", &["09-01", "10-01", "11-01"]),
        ("loyal", &["07-01", "08-01", "09-01", "10-01", "11-01"]),
        // 112 and 204 days ago.
        ("dormant", &["08-01"]),
        ("dead", &["05-01"]),
    ];
    let days = days.into_iter().flat_map(|(customer, days)| days.iter().map(move |day| (customer, *day)));
    let lines = days.map(|(customer, day)| format!("{customer}-{day},{customer},S,2026-{day},100,single,"));
    let header = "order_id,customer_id,branch_id,paid_at,amount,kind,package_sessions";
    let card = "card,holder,S,2026-07-20,600,package,6".to_owned();
    shop(&format!("policy: {{lifecycle: {{{policy}}}}}"), &[csv("orders", header, lines.chain([card]))])
}

fn stages(policy: &str) -> Vec<String> {
    let columns = &["customer_id", "stage", "is_beyond_recall"];
    night(&chain(policy), "2026-11-21").chain("fct_lifecycle_snapshot", columns)
}

#[test]
fn each_number_of_the_ladder_moves_its_own_line() {
    let default = stages("");
    let expected = [
        "active active false",
        "dead dead false",
        "dormant dormant false",
        "effective effective false",
        "holder silent false",
        "loyal loyal false",
        "new new false",
    ];
    assert_eq!(default, expected);
    let moves: [(&str, &[&str]); 14] = [
        ("new: {recency_days: 19}", &["new silent false"]),
        ("effective: {recency_days: 20}", &["effective silent false"]),
        ("effective: {window_days: 30, recency_days: 30}", &["effective silent false"]),
        // Who is active has three days in 90 as well.
        ("effective: {frequency: 3}, active: {frequency: 4}", &["active effective false", "effective silent false"]),
        ("active: {recency_days: 20}", &["active effective false"]),
        ("active: {window_days: 60}", &["active effective false"]),
        ("active: {frequency: 4}", &["active effective false"]),
        ("loyal: {recency_days: 20}", &["loyal active false"]),
        ("loyal: {window_days: 120}", &["loyal active false"]),
        ("loyal: {frequency: 6}", &["loyal active false"]),
        ("dormant: {idle_days: 113}", &["dormant silent false"]),
        ("dead: {idle_days: 205}", &["dead dormant false"]),
        ("dead: {beyond_recall_days: 204}", &["dead dead true"]),
        // The card expired on 08-19, 94 days ago.
        ("package_valid_days: 30", &["holder dormant false"]),
    ];
    for (policy, moved) in moves {
        let changed: Vec<String> = stages(policy).into_iter().filter(|row| !default.contains(row)).collect();
        assert_eq!(changed, moved, "{policy}");
    }
}
