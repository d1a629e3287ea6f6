//! High-value actions: spending before and after, over the days of policy. And whom to contact: the dead in time.

use std::rc::Rc;

use super::{csv, night, sales, shop};
use crate::common::chain::Chain;

fn chain(value_days: &str) -> Rc<Chain> {
    let policy = format!("policy: {{high_value_actions: {{{value_days}}}}}");
    let lines = [
        // The second purchase is 30 days after the first, and 20 before the third.
        "a N 2026-09-01 100",
        "a N 2026-10-01 200",
        "a N 2026-10-21 300",
        // New on 2026-08-23, 90 days before; b comes back 53 days later.
        "b N 2026-08-01 90",
        "b N 2026-10-15 10",
        "b N 2026-11-01 120",
        "c N 2026-08-01 60",
    ];
    shop(&policy, &[sales(&lines)])
}

#[test]
fn value_is_spending_over_the_days_of_policy_per_30_days() {
    let values = |value_days: &str| {
        let columns = &["customer_id", "action", "value_before", "value_after"];
        night(&chain(value_days), "2026-11-21").rows("fct_high_value_action", columns)
    };
    assert_eq!(values(""), ["a second_purchase 50.0 -", "b second_purchase 0.0 -"], "60 days have not passed");
    assert_eq!(values("value_days: 30"), ["a second_purchase 100.0 300.0", "b second_purchase 0.0 120.0"]);
    assert_eq!(
        values("value_days: 29"),
        ["a second_purchase 0.0 310.3448275862069", "b second_purchase 0.0 124.13793103448276"]
    );
}

#[test]
fn an_effect_is_of_actions_on_the_days_that_value_days_leave_of_90() {
    let effects = |value_days: &str| {
        let columns = &["action", "customers", "like_customers", "median_jump", "median_lift", "mean_lift"];
        night(&chain(value_days), "2026-11-21").rows("fct_hva_effect", columns)
    };
    // Days of action end on 2026-09-22 with 60 value days, on 2026-10-15 with 37.
    assert_eq!(effects(""), [""; 0]);
    assert_eq!(effects("value_days: 38"), [""; 0]);
    assert_eq!(
        effects("value_days: 37"),
        ["second_purchase 1 1 24.324324324324323 72.97297297297297 72.97297297297297"]
    );
    assert_eq!(effects("value_days: 30"), ["second_purchase 1 1 30.0 90.0 90.0"]);
}

#[test]
fn the_dead_within_recall_are_on_a_list_and_those_beyond_it_on_none() {
    let orders = csv(
        "orders",
        "order_id,customer_id,branch_id,paid_at,amount,kind,package_sessions",
        [
            // As of 2026-11-21: 180, 359 and 360 days ago, and one with sessions left after 200.
            "A,dead,N,2026-05-25,90000,single,",
            "B,almost_beyond,N,2025-11-27,10,single,",
            "C,beyond,N,2025-11-26,10,single,",
            "D,holder,N,2026-05-05,10,package,6",
            // 179 days ago, and today.
            "E,dormant,N,2026-05-26,10,single,",
            "F1,regular,N,2026-10-21,500,single,",
            "F2,regular,N,2026-11-21,500,single,",
        ],
    );
    let tiers = "policy: {vip: {metric: lifetime_monetary, tiers: [{name: gold, from: 50000}]}}";
    let night = night(&shop(tiers, &[orders]), "2026-11-21");
    assert_eq!(
        night.rows("fct_action_list", &["customer_id", "stage", "action", "priority", "branch_rank", "vip_tier"]),
        [
            "almost_beyond dead recall_dead 6 4 -",
            "dead dead recall_dead 6 3 gold",
            "dormant dormant recall_dormant 5 2 -",
            "holder silent use_sessions 3 1 -",
            "regular effective care_vip 8 5 -",
        ]
    );
}

#[test]
fn reasons_are_ordered_from_the_most_urgent() {
    let night = night(&shop("", &[sales(&["a N 2026-11-01 10"])]), "2026-11-21");
    let mut actions = night.rows("dim_action", &["priority", "action"]);
    actions.sort();
    let expected = [
        "1 win_back_important",
        "2 keep_rhythm",
        "3 use_sessions",
        "4 second_visit",
        "5 recall_dormant",
        "6 recall_dead",
        "7 raise_frequency",
        "8 care_vip",
        "9 follow_up_lead",
    ];
    assert_eq!(actions, expected);
}

/// Orders of a line each, written as `customer day amount kind`; lines that pay one back, as `order customer day amount`.
fn orders_of_kinds(policy: &str, lines: &[&str], refunds: &[&str]) -> Rc<Chain> {
    let orders = (1..).zip(lines).map(|(number, line)| format!("O{number},1,N,{}", line.replace(' ', ",")));
    let refunds = refunds.iter().map(|line| match line.split_once(' ') {
        Some((order, line)) => format!("{order},2,N,{},", line.replace(' ', ",")),
        None => panic!("{line}"),
    });
    let header = "order_id,line_no,branch_id,customer_id,paid_at,amount,kind";
    shop(policy, &[csv("orders", header, orders.chain(refunds))])
}

#[test]
fn a_first_purchase_with_a_package_or_top_up_in_it_is_an_action() {
    let lines = [
        // What else was bought on that day is not the act's money.
        "card 2026-08-01 1000 package",
        "card 2026-08-01 100 single",
        "card 2026-09-01 500 package",
        "both 2026-08-01 1000 package",
        "both 2026-08-01 300 top_up",
        // Not on the first day.
        "late 2026-08-01 100 single",
        "late 2026-08-02 1000 package",
        // The first was paid back in full, so that the second is the first.
        "back 2026-08-01 1000 package",
        "back 2026-08-03 800 top_up",
        // Before the window.
        "old 2025-08-01 1000 package",
    ];
    let chain = orders_of_kinds("", &lines, &["O8 back 2026-08-02 -1000"]);
    let columns = &["customer_id", "action", "acted_on", "amount"];
    assert_eq!(
        night(&chain, "2026-11-21").rows("fct_high_value_action", columns),
        [
            "back first_purchase 2026-08-03 800.00",
            "back top_up 2026-08-03 800.00",
            "both first_purchase 2026-08-01 1300.00",
            "both package 2026-08-01 1000.00",
            "both top_up 2026-08-01 300.00",
            "card first_purchase 2026-08-01 1000.00",
            "card package 2026-08-01 1000.00",
            "card package 2026-09-01 500.00",
            "card second_purchase 2026-09-01 500.00",
            "late package 2026-08-02 1000.00",
            "late second_purchase 2026-08-02 1000.00",
        ]
    );
}

#[test]
fn the_acts_own_money_stands_beside_what_came_before_and_after() {
    let lines = [
        "big 2026-09-01 500 single",
        "big 2026-09-21 32600 top_up",
        "big 2026-10-01 90 single",
        "big 2026-11-11 300 package",
    ];
    let columns = &[
        "action",
        "acted_on",
        "amount",
        "value_before",
        "value_after",
        "value_jump",
        "value_with_act",
        "jump_with_act",
    ];
    let night = night(&orders_of_kinds("policy: {high_value_actions: {value_days: 45}}", &lines, &[]), "2026-11-21");
    assert_eq!(
        night.rows("fct_high_value_action", columns),
        [
            "package 2026-11-11 300.00 60.0 - - - -",
            "second_purchase 2026-09-21 32600.00 333.3333333333333 60.0 -273.3333333333333 21793.333333333332 21460.0",
            "top_up 2026-09-21 32600.00 333.3333333333333 60.0 -273.3333333333333 21793.333333333332 21460.0",
        ],
        "(90 + 32600) x 30 / 45, and 500 x 30 / 45 less"
    );
}

#[test]
fn an_effect_tells_the_money_of_the_acts_beside_the_jump() {
    // New on 2026-08-23; actions count from then to 2026-09-22, money before up to then and after since.
    let lines = [
        "a 2026-08-01 300 single",
        "a 2026-09-01 1000 package",
        "a 2026-09-02 2000 package",
        "a 2026-10-01 60 single",
        "b 2026-08-01 100 single",
        "b 2026-09-10 800 package",
        "c 2026-08-01 100 single",
        "c 2026-09-11 500 package",
        "like 2026-08-01 40 single",
    ];
    let night = night(&orders_of_kinds("", &lines, &[]), "2026-11-21");
    let columns = &[
        "customers",
        "median_jump",
        "mean_jump",
        "median_amount",
        "mean_amount",
        "median_jump_with_act",
        "mean_jump_with_act",
    ];
    // Jumps of 60 days are -240, -100 and -100; with 3000, 800 and 500 they are 2760, 700 and 400.
    assert_eq!(
        night.rows_where("action", "package", "fct_hva_effect", columns),
        ["3 -50.0 -73.33333333333333 800.0 1433.3333333333333 350.0 643.3333333333334"]
    );
}
