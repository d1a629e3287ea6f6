//! Scores 1 to 5: quintiles that share out ties, fixed cut points, and the mean that decides high and low.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;

use super::{csv, night, sales, shop};
use crate::common::chain::day;

const SCORES: &[&str] = &["customer_id", "recency_score", "frequency_score", "monetary_score"];

#[test]
fn a_quintile_score_is_the_share_of_customers_who_are_strictly_worse() {
    let chain = shop(
        "",
        &[sales(&[
            "a N 2026-11-01 100",
            "b N 2026-11-01 100",
            "c N 2026-11-01 200",
            "d N 2026-11-01 200",
            "e N 2026-11-01 200",
            "f N 2026-11-01 900",
        ])],
    );
    let night = night(&chain, "2026-11-21");
    // Nobody is worse than 100; 2 of 6 are worse than 200: 1 + floor(10 / 6); 5 of 6 than 900: 1 + floor(25 / 6).
    assert_eq!(
        night.chain("fct_customer_rfm", SCORES),
        ["a 1 1 1", "b 1 1 1", "c 1 1 2", "d 1 1 2", "e 1 1 2", "f 1 1 5"]
    );
    let columns = &["metric", "method", "cut_point_2", "cut_point_3", "cut_point_4", "cut_point_5"];
    assert_eq!(
        night.chain("fct_score_cut_point", columns),
        [
            "frequency quintile - - - -",
            "monetary quintile 200.00 900.00 900.00 900.00",
            "recency_days quintile - - - -"
        ],
        "where all are equal, no value earns more than 1"
    );
    let heads = &[
        "metric",
        "customers",
        "head_count_1",
        "head_count_2",
        "head_count_3",
        "head_count_4",
        "head_count_5",
        "score_mean",
    ];
    assert_eq!(
        night.chain("fct_score_cut_point", heads),
        ["frequency 6 6 0 0 0 0 1.0", "monetary 6 2 3 0 0 1 2.1666666666666665", "recency_days 6 6 0 0 0 0 1.0"]
    );
}

#[test]
fn ten_different_customers_are_two_for_each_score() {
    let lines: Vec<String> = (1..=10).map(|n| format!("c{n:02} N 2026-11-{n:02} {n}")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let night = night(&shop("", &[sales(&lines)]), "2026-11-21");
    let expected: Vec<String> = (1..=10).map(|n| format!("c{n:02} {0} 1 {0}", (n + 1) / 2)).collect();
    assert_eq!(night.chain("fct_customer_rfm", SCORES), expected);
}

#[test]
fn who_did_not_consume_within_the_window_scores_1_and_ranks_nobody() {
    // The 365 days up to 2026-11-21 begin with 2025-11-22.
    let chain =
        shop("", &[sales(&["first_day N 2025-11-22 10", "day_before N 2025-11-21 9000", "today N 2026-11-21 10"])]);
    let night = night(&chain, "2026-11-21");
    let columns = &["customer_id", "recency_days", "frequency", "monetary", "rfm_cell", "segment"];
    assert_eq!(
        night.chain("fct_customer_rfm", columns),
        ["day_before 365 0 0.00 111 LHH", "first_day 364 1 10.00 111 LHH", "today 0 1 10.00 311 HHH"]
    );
    assert_eq!(
        night.chain("fct_score_cut_point", &["metric", "customers", "score_mean"]),
        ["frequency 2 1.0", "monetary 2 1.0", "recency_days 2 2.0"]
    );
}

#[test]
fn without_a_ranked_customer_nobody_is_high() {
    let night = night(&shop("", &[sales(&["ann N 2024-01-01 10"])]), "2026-11-21");
    assert_eq!(night.chain("fct_customer_rfm", &["customer_id", "rfm_cell", "segment"]), ["ann 111 LLL"]);
    let columns = &["metric", "customers", "cut_point_2", "score_mean"];
    assert_eq!(
        night.chain("fct_score_cut_point", columns),
        ["frequency 0 - -", "monetary 0 - -", "recency_days 0 - -"]
    );
}

#[test]
fn where_everybody_is_equal_everybody_is_high() {
    let night = night(&shop("", &[sales(&["a N 2026-11-01 5", "b N 2026-11-01 5", "c S 2026-11-01 5"])]), "2026-11-21");
    let expected = ["a 111 HHH false", "b 111 HHH false", "c 111 HHH false"];
    let columns = &["customer_id", "rfm_cell", "segment", "low_value_high_activity"];
    assert_eq!(night.chain("fct_customer_rfm", columns), expected);
    assert_eq!(night.rows_where("scope_id", "N", "fct_customer_rfm", columns), expected[..2]);
}

#[test]
fn the_injection_preset_scores_its_edges_as_the_articles_say() {
    let as_of = day("2026-11-21");
    let ago = |days: u64| as_of - Days::new(days);
    let by_days = [(0, 5), (30, 5), (31, 4), (35, 4), (36, 3), (40, 3), (41, 2), (50, 2), (51, 1), (400, 1)];
    let by_money = [
        ("-5.00", 1),
        ("0", 1),
        ("999.99", 1),
        ("1000", 2),
        ("1499.99", 2),
        ("1500", 3),
        ("1999.99", 3),
        ("2000", 4),
        ("2499.99", 4),
        ("2500", 5),
    ];
    let on_days = by_days.map(|(days, _)| format!("r{days:03} N {} 1", ago(days)));
    // A sale of nothing is a consumption day; a refund of 5 afterwards leaves -5.
    let for_money = (0..).zip(&by_money).flat_map(|(n, (amount, _))| match amount.strip_prefix('-') {
        Some(_) => vec![format!("m{n} N {} 0", ago(1)), format!("m{n} N {} {amount}", ago(0))],
        None => vec![format!("m{n} N {} {amount}", ago(0))],
    });
    let lines: Vec<String> = on_days.into_iter().chain(for_money).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let night =
        night(&shop("policy: {scoring: {recency: injection, monetary: injection}}", &[sales(&lines)]), "2026-11-21");

    let recency = night.chain("fct_customer_rfm", &["customer_id", "recency_score"]);
    let recency: Vec<&String> = recency.iter().filter(|row| row.starts_with('r')).collect();
    assert_eq!(recency, by_days.map(|(days, score)| format!("r{days:03} {score}")).iter().collect::<Vec<_>>());
    let monetary = night.chain("fct_customer_rfm", &["customer_id", "monetary_score"]);
    let monetary: Vec<&String> = monetary.iter().filter(|row| row.starts_with('m')).collect();
    let expected: Vec<String> = (0..).zip(by_money).map(|(n, (_, score))| format!("m{n} {score}")).collect();
    assert_eq!(monetary, expected.iter().collect::<Vec<_>>());

    let columns = &["metric", "method", "cut_point_2", "cut_point_3", "cut_point_4", "cut_point_5", "customers"];
    let ruler = night.chain("fct_score_cut_point", columns);
    assert_eq!(
        ruler[1..],
        [
            "monetary thresholds 1000.00 1500.00 2000.00 2500.00 19",
            "recency_days thresholds 50.00 40.00 35.00 30.00 19"
        ]
    );
    let heads = &["metric", "head_count_1", "head_count_2", "head_count_3", "head_count_4", "head_count_5"];
    assert_eq!(night.chain("fct_score_cut_point", heads)[1..], ["monetary 12 2 2 2 1", "recency_days 1 2 2 2 12"]);
}

#[test]
fn the_articles_example_ends_in_555_where_recency_and_money_are_best() {
    let as_of = day("2026-11-21");
    let on = |days: u64| (as_of - Days::new(days)).to_string();
    let lines = [
        format!("a N {} 3000", on(10)),
        format!("b N {} 1100", on(33)),
        format!("b N {} 1000", on(34)),
        format!("c N {} 1600", on(38)),
        format!("d N {} 1200", on(45)),
        format!("e N {} 500", on(60)),
        format!("gone N {} 9000", on(700)),
    ];
    let night =
        night(&shop("policy: {extends: injection}", &[sales(&lines.each_ref().map(String::as_str))]), "2026-11-21");
    // The means of the five who came within the window are 3, 5 and 3.
    assert_eq!(
        night.chain("fct_customer_rfm", &["customer_id", "frequency", "rfm_cell", "segment"]),
        ["a 1 555 HHH", "b 2 454 HHH", "c 1 353 HHH", "d 1 252 LHL", "e 1 151 LHL", "gone 0 151 LHL"]
    );
    let ruler = &["metric", "method", "cut_point_2", "cut_point_3", "cut_point_4", "cut_point_5", "score_mean"];
    assert_eq!(
        night.chain("fct_score_cut_point", ruler),
        [
            "frequency thresholds 0.00 0.00 0.00 0.00 5.0",
            "monetary thresholds 1000.00 1500.00 2000.00 2500.00 3.0",
            "recency_days thresholds 50.00 40.00 35.00 30.00 3.0",
        ]
    );
    let heads = &["metric", "head_count_1", "head_count_2", "head_count_3", "head_count_4", "head_count_5"];
    assert_eq!(
        night.chain("fct_score_cut_point", heads),
        ["frequency 0 0 0 0 5", "monetary 1 1 1 1 1", "recency_days 1 1 1 1 1"]
    );
}

#[test]
fn scores_that_thresholds_leave_out_are_nobodys() {
    let policy = r#"policy: {scoring: {
        recency: {thresholds: {2: "> 20", 4: "<= 20"}},
        frequency: injection,
        monetary: {thresholds: {2: "< 100", 5: ">= 100"}}}}"#;
    let lines = ["a N 2026-11-01 99.99", "b N 2026-10-31 100", "c N 2026-10-31 100", "c N 2026-11-10 -101"];
    let night = night(&shop(policy, &[sales(&lines)]), "2026-11-21");
    assert_eq!(
        night.chain("fct_customer_rfm", &["customer_id", "recency_days", "monetary", "rfm_cell"]),
        ["a 20 99.99 452", "b 21 100.00 255", "c 21 -1.00 252"]
    );
    let ruler = &["metric", "cut_point_2", "cut_point_3", "cut_point_4", "cut_point_5"];
    assert_eq!(
        night.chain("fct_score_cut_point", ruler),
        [
            "frequency 0.00 0.00 0.00 0.00",
            "monetary -9999999999999999.99 100.00 100.00 100.00",
            "recency_days 9999999.00 20.00 20.00 -",
        ],
        "the worst value there can be earns the worst score, and nothing a 5 of recency"
    );
}

#[test]
fn thresholds_score_also_who_did_not_consume_within_the_window() {
    let policy =
        r#"policy: {scoring: {recency: {thresholds: {1: "> 900", 2: "900", 3: "899", 4: "898", 5: "< 898"}}}}"#;
    let night = night(&shop(policy, &[sales(&["old N 2025-01-01 1", "older N 2024-06-05 1"])]), "2026-11-21");
    let scores = night.chain("fct_customer_rfm", &["customer_id", "recency_days", "rfm_cell"]);
    assert_eq!(scores, ["old 689 511", "older 899 311"]);
}

#[test]
fn frequency_is_scored_by_thresholds_of_ones_own() {
    let policy =
        r#"policy: {scoring: {frequency: {thresholds: {1: "<= 1", 2: "(1, 2]", 3: "(2, 4]", 4: "(4, 8]", 5: "> 8"}}}}"#;
    let expected = [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (8, 4), (9, 5)];
    let lines: Vec<String> = expected
        .iter()
        .flat_map(|(frequency, _)| (1..=*frequency).map(move |on| format!("f{frequency} N 2026-11-{on:02} 1")))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let night = night(&shop(policy, &[sales(&lines)]), "2026-11-21");
    assert_eq!(
        night.chain("fct_customer_rfm", &["customer_id", "frequency", "frequency_score"]),
        expected.map(|(frequency, score)| format!("f{frequency} {frequency} {score}"))
    );
}

#[test]
fn the_lines_of_a_refunded_or_cancelled_order_are_no_consumption() {
    let orders = csv(
        "orders",
        "order_id,line_no,customer_id,branch_id,paid_at,amount,status",
        [
            "A,1,part,N,2026-11-01,300,paid",
            "A,2,part,N,2026-11-11,-100,refunded",
            "B,1,whole,N,2026-11-01,300,paid",
            "B,2,whole,N,2026-11-11,-300,paid",
            "C,1,back,N,2026-11-01,300,refunded",
            "D,1,never,N,2026-11-01,300,cancelled",
        ],
    );
    let chain = shop("", &[orders]);
    let columns = &["customer_id", "recency_days", "frequency", "monetary"];
    assert_eq!(night(&chain, "2026-11-10").chain("fct_customer_rfm", columns), ["part 9 1 300.00", "whole 9 1 300.00"]);
    assert_eq!(night(&chain, "2026-11-11").chain("fct_customer_rfm", columns), ["part 10 1 200.00"]);
    let stages = night(&chain, "2026-11-12").chain("fct_lifecycle_snapshot", &["customer_id", "stage", "monetary"]);
    assert_eq!(stages, ["back potential 0.00", "never potential 0.00", "part new 200.00", "whole potential 0.00"]);
}

/// R, F, M of a customer in a scope group, and whether the customer consumed within the window.
#[derive(Clone, Copy)]
struct Metrics {
    values: [i64; 3],
    is_ranked: bool,
}

/// A row of fct_customer_rfm, by the definitions: cell, segment.
fn naive_row(one: &Metrics, group: &[Metrics]) -> String {
    let ranked: Vec<&Metrics> = group.iter().filter(|other| other.is_ranked).collect();
    // More is better, so recency counts with its sign changed.
    let goodness = |metrics: &Metrics, metric: usize| metrics.values[metric] * [-1, 1, 1][metric];
    let score = |own: &Metrics, metric: usize| {
        let worse = ranked.iter().filter(|other| goodness(other, metric) < goodness(own, metric)).count();
        if own.is_ranked { 1 + 5 * worse / ranked.len() } else { 1 }
    };
    let is_high = |metric| {
        let total: usize = ranked.iter().map(|other| score(other, metric)).sum();
        score(one, metric) * ranked.len() >= total
    };
    let cell: String = (0..3).map(|metric| score(one, metric).to_string()).collect();
    let segment: String = (0..3).map(|metric| if is_high(metric) { 'H' } else { 'L' }).collect();
    format!("{cell} {segment}")
}

#[test]
fn a_made_up_chain_scores_as_the_definitions_say_in_every_scope_group() {
    let as_of = day("2026-11-21");
    let mut state = 7_u64;
    let mut dice = |sides: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % sides
    };
    let mut days: BTreeMap<(String, String), BTreeSet<u64>> = BTreeMap::new();
    let mut money: BTreeMap<(String, String), i64> = BTreeMap::new();
    let mut lines = Vec::new();
    for _ in 0..400 {
        let customer = format!("c{:02}", dice(90));
        let (ago, units) = (dice(12) * 40, dice(5) * 100);
        let branch = ["N", "S"][usize::from(dice(3) == 0)];
        lines.push(format!("{customer} {branch} {} {units}", as_of - Days::new(ago)));
        for scope in ["*", branch] {
            let key = (scope.to_owned(), customer.clone());
            days.entry(key.clone()).or_default().insert(ago);
            *money.entry(key).or_default() += if ago < 365 { i64::try_from(units).expect("small") } else { 0 };
        }
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let night = night(&shop("", &[sales(&lines)]), "2026-11-21");
    for scope in ["*", "N", "S"] {
        let in_scope = days.iter().filter(|((of, _), _)| of == scope);
        let group: Vec<(&String, Metrics)> = in_scope
            .map(|(key, ago)| {
                let recency = *ago.first().expect("a day");
                let frequency = ago.iter().filter(|ago| **ago < 365).count();
                let values = [i64::try_from(recency), i64::try_from(frequency), Ok(money[key])];
                (&key.1, Metrics { values: values.map(|value| value.expect("small")), is_ranked: recency < 365 })
            })
            .collect();
        let all: Vec<Metrics> = group.iter().map(|(_, metrics)| *metrics).collect();
        let expected: Vec<String> = group
            .iter()
            .map(|(customer, own)| {
                let [recency, frequency, monetary] = own.values;
                format!("{customer} {recency} {frequency} {monetary}.00 {}", naive_row(own, &all))
            })
            .collect();
        let columns = &["customer_id", "recency_days", "frequency", "monetary", "rfm_cell", "segment"];
        assert_eq!(night.rows_where("scope_id", scope, "fct_customer_rfm", columns), expected, "scope {scope}");
    }
}
