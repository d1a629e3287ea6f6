//! VIP tiers: entry, exit and the customers that became VIP in the period.

use std::rc::Rc;

use super::{Night, night, sales, shop};
use crate::common::chain::Chain;

const TIERS: &str = "tiers: [{name: silver, from: 500}, {name: gold, from: 1500}]";

const TIER_COLUMNS: &[&str] = &["customer_id", "previous_vip_tier", "vip_tier", "period_status"];

fn chain(metric: &str) -> Rc<Chain> {
    shop(
        &format!("policy: {{window_days: 60, vip: {{metric: {metric}, {TIERS}}}}}"),
        &[sales(&[
            "below N 2026-11-05 499.99",
            "silver N 2026-11-05 500",
            "almost_gold N 2026-11-05 1499.99",
            "gold N 2026-11-05 1500",
            // Silver in October; 1500 with November.
            "rises N 2026-10-20 700",
            "rises N 2026-11-05 800",
            // Silver in October; 60 days are over on 2026-11-08.
            "leaves N 2026-09-09 600",
            "leaves N 2026-11-05 1",
            // Silver in October and since.
            "stays N 2026-10-30 500",
            "stays N 2026-11-30 1",
            // Active in October, no VIP yet; silver with November.
            "climbs N 2026-10-05 200",
            "climbs N 2026-10-20 200",
            "climbs N 2026-11-05 200",
            // VIP in October after consuming twice, dormant in November.
            "sleeps N 2026-10-10 300",
            "sleeps N 2026-10-20 300",
        ])],
    )
}

fn summary(night: &Night) -> Vec<String> {
    night.chain("fct_period_summary", &["active_to_vip_customers", "active_or_vip_to_dormant_customers"])
}

#[test]
fn tiers_are_entered_and_left_by_the_money_of_the_window() {
    let night = night(&chain("monetary"), "2026-11-30");
    assert_eq!(
        night.chain("fct_lifecycle_snapshot", TIER_COLUMNS),
        [
            "almost_gold - silver new",
            "below - - new",
            "climbs - silver active",
            "gold - gold new",
            "leaves silver - active",
            "rises silver gold active",
            "silver - silver new",
            "sleeps silver silver dormant",
            "stays silver silver active",
        ]
    );
    assert_eq!(summary(&night), ["1 1"], "climbs was active before; the newcomers weren't. sleeps went to sleep");
}

#[test]
fn lifetime_money_never_leaves_a_tier() {
    let night = night(&chain("lifetime_monetary"), "2026-11-30");
    let tiers = night.chain("fct_lifecycle_snapshot", TIER_COLUMNS);
    assert_eq!(tiers[4], "leaves silver silver active");
}

#[test]
fn tiers_may_be_counts_of_days() {
    let settings = "policy: {vip: {metric: frequency, tiers: [{name: regular, from: 2}, {name: daily, from: 3}]}}";
    let lines = [
        "a N 2026-11-01 1",
        "b N 2026-11-01 1",
        "b N 2026-11-02 1",
        "c N 2026-10-31 1",
        "c N 2026-11-01 1",
        "c N 2026-11-02 1",
    ];
    let night = night(&shop(settings, &[sales(&lines)]), "2026-11-30");
    let tiers = night.chain("fct_lifecycle_snapshot", &["customer_id", "vip_tier"]);
    assert_eq!(tiers, ["a -", "b regular", "c daily"]);
}

#[test]
fn without_tiers_nobody_is_vip_and_their_number_is_unknown() {
    let night = night(&shop("", &[sales(&["a N 2026-11-01 99999"])]), "2026-11-30");
    assert_eq!(night.chain("fct_lifecycle_snapshot", &["vip_tier", "previous_vip_tier"]), ["- -"]);
    assert_eq!(summary(&night), ["- 0"]);
}
