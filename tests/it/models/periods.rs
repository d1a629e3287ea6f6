//! The state machine over periods, the counts of each of its moves, and what flows from stage to stage.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Night, csv, night, sales, shop};
use crate::common::chain::Chain;

const MONTH_ENDS: [&str; 6] = ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"];

fn half_a_year() -> Rc<Chain> {
    let orders = sales(&[
        "once N 2026-01-10 10",
        "twice N 2026-01-10 10",
        "twice N 2026-01-20 10",
        "twice N 2026-04-05 10",
        "often N 2026-01-10 10",
        "often N 2026-02-10 10",
        "often N 2026-04-10 10",
        "often N 2026-05-10 10",
        "recalled N 2026-01-10 10",
        "recalled N 2026-03-10 10",
        "won N 2026-03-20 10",
    ]);
    let leads = csv("leads", "customer_id,branch_id,created_at", ["lead,N,2026-01-05", "won,N,2026-02-01"]);
    shop("", &[orders, leads])
}

#[test]
fn period_status_moves_as_the_state_machine_says() {
    let expected = [
        ("lead", ["-", "-", "-", "-", "-", "-"]),
        ("often", ["new", "active", "dormant", "active", "active", "dormant"]),
        ("once", ["new", "lost", "lost", "lost", "lost", "lost"]),
        ("recalled", ["new", "lost", "active", "dormant", "lost", "lost"]),
        // Consumed again within its first period.
        ("twice", ["active", "dormant", "lost", "active", "dormant", "lost"]),
        (
            "won",
            ["", "-", "new", "lost", "lost", "lost"].map(|status| if status.is_empty() { "unknown" } else { status }),
        ),
    ];
    let chain = half_a_year();
    for (month, on) in MONTH_ENDS.iter().enumerate() {
        let statuses =
            |statuses: &[&'static str; 6]| (statuses[month], month.checked_sub(1).map_or("-", |past| statuses[past]));
        let wanted: Vec<String> = expected
            .iter()
            .map(|(customer, of)| (customer, statuses(of)))
            .filter(|(_, (now, _))| *now != "unknown")
            .map(|(customer, (now, before))| {
                format!("{customer} {now} {}", if before == "unknown" { "-" } else { before })
            })
            .collect();
        let columns = &["customer_id", "period_status", "previous_period_status"];
        assert_eq!(night(&chain, on).chain("fct_lifecycle_snapshot", columns), wanted, "{on}");
    }
}

#[test]
fn the_seven_questions_are_answered_month_by_month() {
    let columns = &[
        "leads",
        "customers",
        "new_customers",
        "active_customers",
        "active_or_vip_to_dormant_customers",
        "lost_customers",
        "reactivated_customers",
        "recalled_customers",
        "consuming_customers",
        "retention_rate",
        "repurchase_rate",
    ];
    let expected = [
        // Nobody consumed in December; of four in January, twice came again.
        ["1 4 4 1 0 0 0 0 4 - 0.25"],
        // once and recalled are lost, twice sleeps; of January's four, often came again.
        ["2 4 0 1 1 2 0 0 1 0.25 1.0"],
        // often sleeps, twice is lost, recalled is back; won is new. February's only customer stayed away.
        ["1 5 1 1 1 1 0 1 2 0.0 0.5"],
        // often is reactivated, twice recalled; recalled sleeps again, won is lost.
        ["1 5 0 2 1 1 1 1 2 0.0 1.0"],
        // twice sleeps, recalled is lost; of twice and often, often stayed.
        ["1 5 0 1 1 1 0 0 1 0.5 1.0"],
        // Nobody came: there is no repurchase rate of nobody.
        ["1 5 0 0 1 1 0 0 0 0.0 -"],
    ];
    let chain = half_a_year();
    for (on, expected) in MONTH_ENDS.iter().zip(expected) {
        let night = night(&chain, on);
        assert_eq!(night.chain("fct_period_summary", columns), expected, "{on}");
        assert_eq!(
            night.rows_where("scope_id", "N", "fct_period_summary", columns),
            expected,
            "{on} at the one branch"
        );
    }
}

#[test]
fn an_open_period_takes_nothing_away() {
    let chain = half_a_year();
    let columns = &["customer_id", "previous_period_status", "period_status", "is_provisional"];
    let statuses = |on: &str| night(&chain, on).chain("fct_lifecycle_snapshot", columns);
    let [lead, once, won] = ["lead - - false", "once lost lost true", "won new new true"];
    let none_came = ["often dormant dormant true", "recalled active active true", "twice lost lost true"];
    assert_eq!(statuses("2026-04-01"), [lead, none_came[0], once, none_came[1], none_came[2], won]);
    let twice = "twice lost active false"; // came on 04-05
    assert_eq!(statuses("2026-04-07"), [lead, none_came[0], once, none_came[1], twice, won]);
    let often = "often dormant active false"; // came on 04-10
    assert_eq!(statuses("2026-04-29"), [lead, often, once, none_came[1], twice, won]);
    // The closing day decides about those who did not come.
    let [once, recalled, won] = ["once lost lost false", "recalled active dormant false", "won new lost false"];
    assert_eq!(statuses("2026-04-30"), [lead, often, once, recalled, twice, won]);
}

#[test]
fn every_kind_of_period_waits_for_its_closing_day() {
    // Twice in the ISO week from 11-09 to 11-15.
    let lines = [sales(&["a N 2026-11-10 1", "a N 2026-11-12 1"])];
    let cases: [(&str, &[(&str, &str)]); 4] = [
        ("day", &[("2026-11-12", "active false"), ("2026-11-13", "dormant false"), ("2026-11-14", "lost false")]),
        (
            "week",
            &[
                ("2026-11-15", "active false"),
                ("2026-11-16", "active true"),
                ("2026-11-22", "dormant false"),
                ("2026-11-28", "dormant true"),
                ("2026-11-29", "lost false"),
            ],
        ),
        ("month", &[("2026-12-30", "active true"), ("2026-12-31", "dormant false"), ("2027-01-31", "lost false")]),
        (
            "quarter",
            &[
                ("2027-03-30", "active true"),
                ("2027-03-31", "dormant false"),
                ("2027-04-01", "dormant true"),
                ("2027-06-30", "lost false"),
            ],
        ),
    ];
    for (kind, expected) in cases {
        let chain = shop(&format!("period: {kind}"), &lines);
        for (on, status) in expected {
            let found = night(&chain, on).chain("fct_lifecycle_snapshot", &["period_status", "is_provisional"]);
            assert_eq!(found, [*status], "{kind} of {on}");
        }
    }
}

/// Three months in which some stay, some come later in the month and some stay away.
fn three_months() -> Rc<Chain> {
    shop(
        "",
        &[sales(&[
            "a N 2026-02-03 1",
            "a N 2026-03-03 1",
            "a N 2026-04-03 1",
            "b N 2026-02-03 1",
            "b N 2026-03-20 1",
            "b N 2026-04-25 1",
            "c N 2026-03-03 1",
            "d N 2026-02-05 1",
            "d N 2026-02-06 1",
            "d N 2026-03-09 1",
            "e N 2026-01-05 1",
            "e N 2026-02-01 1",
            "f N 2026-01-07 1",
            "g N 2025-12-05 1",
            "g N 2026-01-05 1",
        ])],
    )
}

const WHOLE: &[&str] = &["is_provisional", "retention_rate", "active_or_vip_to_dormant_customers", "lost_customers"];

const TO_DATE: &[&str] = &[
    "retention_rate_to_date",
    "previous_retention_rate_to_date",
    "dormant_to_date_customers",
    "previous_dormant_to_date_customers",
    "lost_to_date_customers",
    "previous_lost_to_date_customers",
];

#[test]
fn what_only_a_whole_period_can_tell_waits_for_its_closing_day() {
    let chain = three_months();
    assert_eq!(night(&chain, "2026-04-10").chain("fct_period_summary", WHOLE), ["true - - -"]);
    // Of March's a, b, c and d, a and b came. d was active; c was new, and e dormant.
    assert_eq!(night(&chain, "2026-04-30").chain("fct_period_summary", WHOLE), ["false 0.5 1 2"]);
}

#[test]
fn figures_to_date_stand_beside_the_period_before_at_the_same_day_of_it() {
    let chain = three_months();
    for (on, expected) in [
        // Nobody came on the first of April or of March. At the opening of April a, b and d were active, c new and e
        // dormant; at that of March d and e were active, a and b new, and g dormant. f was lost at both.
        ("2026-04-01", "0.0 0.0 3 2 2 3"),
        // a of March's a, b, c and d has come by 04-10; a and d of February's a, b, d and e had by 03-10.
        ("2026-04-10", "0.25 0.5 2 1 2 2"),
        // b, too, in both months. On the closing day lost to date is lost.
        ("2026-04-30", "0.5 0.75 1 1 2 1"),
    ] {
        let night = night(&chain, on);
        assert_eq!(night.chain("fct_period_summary", TO_DATE), [expected], "{on}");
        assert_eq!(night.rows_where("scope_id", "N", "fct_period_summary", TO_DATE), [expected], "{on} at the branch");
    }
}

#[test]
fn branches_are_compared_by_retention_to_date_until_the_period_is_whole() {
    let chain = three_months();
    let retention = |on: &str, metric: &str| {
        let columns = &["branch_id", "value", "previous_value", "chain_value"];
        night(&chain, on).rows_where("metric", metric, "fct_branch_comparison", columns)
    };
    assert_eq!(retention("2026-04-10", "retention_rate_to_date"), ["N 0.25 0.5 0.25"]);
    assert_eq!(retention("2026-04-10", "retention_rate"), [""; 0]);
    assert_eq!(retention("2026-04-30", "retention_rate_to_date"), ["N 0.5 0.75 0.5"]);
    assert_eq!(retention("2026-04-30", "retention_rate"), ["N 0.5 0.75 0.5"]);
}

/// Cards of 60 days, bought on 01-10: `holder` used one session of three, `once` none of two.
fn cards() -> Rc<Chain> {
    let orders = csv(
        "orders",
        "order_id,customer_id,branch_id,paid_at,amount,kind,package_sessions",
        ["H,holder,N,2026-01-10,900,package,3", "O,once,N,2026-01-10,600,package,2"],
    );
    let visits = csv(
        "visits",
        "visit_id,customer_id,branch_id,visited_at,kind,order_id",
        ["V1,holder,N,2026-01-20,package_session,H"],
    );
    shop("policy: {lifecycle: {package_valid_days: 60}}", &[orders, visits])
}

#[test]
fn a_period_that_ends_with_sessions_left_takes_nothing_away() {
    let chain = cards();
    let expected = [
        ("2026-01-31", ["holder active false", "once new false"]),
        ("2026-02-28", ["holder active false", "once new false"]),
        ("2026-03-11", ["holder active true", "once new true"]), // the cards expire
        ("2026-03-31", ["holder dormant false", "once lost false"]),
        ("2026-04-29", ["holder dormant true", "once lost true"]),
        ("2026-04-30", ["holder lost false", "once lost false"]),
    ];
    for (on, expected) in expected {
        let columns = &["customer_id", "period_status", "is_provisional"];
        assert_eq!(night(&chain, on).chain("fct_lifecycle_snapshot", columns), expected, "{on}");
    }
}

#[test]
fn who_has_sessions_left_is_neither_dormant_nor_lost_to_date() {
    let chain = cards();
    let columns = TO_DATE.get(2..).expect("head-counts");
    for (on, expected) in [
        ("2026-03-10", "0 0 0 0"),
        ("2026-03-11", "1 0 1 0"), // the cards expire
        ("2026-03-31", "1 0 1 0"),
        ("2026-04-10", "0 0 1 0"), // compared with 03-10; holder is dormant, once lost since March
        ("2026-04-11", "0 1 1 1"),
        ("2026-05-10", "0 0 0 1"), // holder was dormant at the end of March
    ] {
        assert_eq!(night(&chain, on).chain("fct_period_summary", columns), [expected], "{on}");
    }
}

#[test]
fn without_leads_and_visits_their_counts_are_unknown() {
    let night = night(&shop("", &[sales(&["a N 2026-11-01 10"])]), "2026-11-30");
    assert_eq!(night.chain("fct_period_summary", &["leads", "visits", "customers"]), ["- - 1"]);
}

#[test]
fn only_attended_visits_count() {
    let visits = csv(
        "visits",
        "visit_id,customer_id,branch_id,visited_at,kind,status",
        [
            "V1,a,N,2026-11-01,treatment,attended",
            "V2,a,N,2026-11-01,consultation,attended",
            "V3,a,S,2026-11-02,treatment,no_show",
            "V4,a,S,2026-10-31,treatment,attended",
        ],
    );
    let night = night(&shop("", &[sales(&["a N 2026-11-01 10"]), visits]), "2026-11-30");
    assert_eq!(night.rows("fct_period_summary", &["scope_id", "visits"]), ["N 2", "S 0", "* 2"]);
}

#[test]
fn a_transaction_is_a_paying_customers_day() {
    let orders = csv(
        "orders",
        "order_id,line_no,customer_id,branch_id,paid_at,amount",
        [
            "A,1,a,N,2026-11-01,100",
            "A,2,a,N,2026-11-01,50",
            "B,1,a,S,2026-11-01,30",
            "C,1,b,N,2026-11-01,0",
            "D,1,b,N,2026-11-02,70",
            "D,2,b,N,2026-11-03,-20",
            "E,1,b,S,2026-11-04,500",
            "E,2,b,S,2026-11-05,-500",
        ],
    );
    let night = night(&shop("", &[orders]), "2026-11-30");
    let columns = &["scope_id", "revenue", "orders", "paying_days", "paid", "average_transaction_value"];
    // a on the first (one day in the chain, one at each branch), b on the second; C was free, E paid back. What was paid
    // back on the third is no part of what was paid on the second.
    assert_eq!(
        night.rows("fct_period_summary", columns),
        ["N 200.00 3 2 220.00 110.0", "S 30.00 1 1 30.00 30.0", "* 230.00 4 2 250.00 125.0"]
    );
}

#[test]
fn a_refund_lowers_the_transaction_value_on_the_day_of_its_sale_only() {
    let orders = csv(
        "orders",
        "order_id,line_no,customer_id,branch_id,paid_at,amount,department,item_id",
        [
            // Mostly paid back a month later.
            "A,1,a,N,2026-10-05,1000,skin,LASER",
            "A,2,a,N,2026-11-03,-900,skin,LASER",
            // 100 paid back at once, 50 five days later.
            "B,1,b,N,2026-11-04,300,skin,LASER",
            "B,2,b,N,2026-11-04,-100,skin,LASER",
            "B,3,b,N,2026-11-09,-50,skin,LASER",
            // At once, but at the other branch.
            "C,1,c,S,2026-11-05,80,injection,BOTOX",
            "C,2,c,N,2026-11-05,-30,injection,BOTOX",
            // On that day, of another order.
            "D,1,d,S,2026-11-06,40,injection,BOTOX",
            "E,1,d,S,2026-11-06,-10,injection,BOTOX",
            // All of it at once: nothing was bought.
            "F,1,f,N,2026-11-07,500,skin,LASER",
            "F,2,f,N,2026-11-07,-500,skin,LASER",
            // Paid back to somebody else.
            "G,1,g,S,2026-11-08,70,injection,BOTOX",
            "G,2,h,S,2026-11-08,-20,injection,BOTOX",
        ],
    );
    let settings = "scopes: [chain, branch, department, item]\norder_ids: {unique_in: chain}";
    let night = night(&shop(settings, &[orders]), "2026-11-30");
    let columns = &["scope_id", "revenue", "paying_days", "paid", "average_transaction_value"];
    assert_eq!(
        night.rows("fct_period_summary", columns),
        [
            "N -780.00 1 170.00 170.0",
            "S 160.00 3 190.00 63.333333333333336",
            "* -620.00 4 360.00 90.0",
            "injection 130.00 3 160.00 53.333333333333336",
            "skin -750.00 1 200.00 200.0",
            "BOTOX 130.00 3 160.00 53.333333333333336",
            "LASER -750.00 1 200.00 200.0",
        ]
    );
    let metric = night.rows_where(
        "metric",
        "average_transaction_value",
        "fct_branch_comparison",
        &["branch_id", "value", "previous_value", "chain_value"],
    );
    assert_eq!(metric, ["N 170.0 1000.0 90.0", "S 63.333333333333336 - 90.0"]);
    let item = &[
        "branch_id",
        "item_id",
        "revenue_change",
        "paid",
        "previous_paid",
        "average_transaction_value",
        "previous_average_transaction_value",
    ];
    assert_eq!(
        night.rows("fct_item_performance", item),
        [
            "N BOTOX -30.00 -30.00 0.00 - -",
            "N LASER -1750.00 200.00 1000.00 200.0 1000.0",
            "S BOTOX 160.00 190.00 0.00 63.333333333333336 -",
        ]
    );
}

/// Customers per stage, from one stage column and a head-count column.
fn stock(night: &Night, table: &str, stage: &str, heads: Option<&str>) -> BTreeMap<String, i64> {
    let mut stock = BTreeMap::new();
    for row in night.chain(table, &[&[stage], heads.as_slice()].concat()) {
        let (stage, heads) = row.split_once(' ').unwrap_or((&row, "1"));
        if stage != "-" {
            *stock.entry(stage.to_owned()).or_default() += heads.parse::<i64>().expect("a number");
        }
    }
    stock
}

#[test]
fn opening_stock_plus_in_minus_out_is_closing_stock() {
    let chain = half_a_year();
    let mut closed: BTreeMap<String, i64> = BTreeMap::new();
    for on in MONTH_ENDS {
        let night = night(&chain, on);
        let opening = stock(&night, "fct_lifecycle_transition", "from_stage", Some("customers"));
        let closing = stock(&night, "fct_lifecycle_transition", "to_stage", Some("customers"));
        assert_eq!(opening, closed, "{on} opens with the stock with which the month before closed");
        assert_eq!(closing, stock(&night, "fct_lifecycle_snapshot", "stage", None), "{on}");
        closed = closing;
    }
    assert_eq!(closed.values().sum::<i64>(), 6);
}

#[test]
fn transitions_carry_heads_and_money_of_each_way() {
    let night = night(&half_a_year(), "2026-03-31");
    let columns = &["from_stage", "to_stage", "customers", "monetary"];
    assert_eq!(
        night.chain("fct_lifecycle_transition", columns),
        [
            "effective effective 2 40.00", // twice and often: two days in the last 90
            "potential new 1 10.00",       // won
            "potential potential 1 0.00",  // lead
            "silent effective 1 20.00",    // recalled
            "silent silent 1 10.00",       // once
        ]
    );
}
