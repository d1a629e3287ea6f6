//! Scores 1 to 5 and the mean that decides high and low, of a made-up chain, by the definitions.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;

use super::{night, sales, shop};
use crate::common::chain::day;

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
