//! What the generated chain holds for headquarters to find: actions that raise value, and three falls of three causes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;

use chrono::{DateTime, Datelike, TimeDelta};

use rfmart::generate::{ChainSpec, FileFormat, generate};

use crate::common::chain::{Chain, day, part, rows, run};

const CLOSING_DAYS: [&str; 3] = ["2026-08-31", "2026-09-30", "2026-10-31"];
/// Half a month after the last closing day, as in the demo.
const UNTIL: &str = "2026-11-15";

/// A chain with its closing snapshots.
static MADE: LazyLock<Chain> = LazyLock::new(|| {
    let chain = Chain::new("");
    let spec = ChainSpec {
        branches: 8,
        customers: 20_000,
        months: 18,
        until: day(UNTIL),
        format: FileFormat::Parquet,
        ..ChainSpec::default()
    };
    generate(&spec, &chain.path("made"), &|_| ()).expect("a chain");
    let pipeline = rfmart::config::load(&chain.path("made/pipeline.yaml")).expect("a pipeline");
    for closing_day in CLOSING_DAYS {
        run(&pipeline, day(closing_day)).unwrap_or_else(|error| panic!("{closing_day}: {error}"));
    }
    chain
});

fn table(name: &str, on: &str) -> PathBuf {
    part(&MADE.path("made/warehouse"), name, on)
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap_or(f64::NAN)
}

/// `columns` of a snapshot's rows, the first as text and the others as numbers.
fn numbers(name: &str, on: &str, key: &str, columns: &[&str]) -> Vec<(String, Vec<f64>)> {
    let parsed = |row: &String| {
        let mut cells = row.split(' ');
        (cells.next().expect("a key").to_owned(), cells.map(number).collect())
    };
    rows(&table(name, on), &[&[key], columns].concat()).iter().map(parsed).collect()
}

#[test]
fn actions_raise_value_in_most_closing_snapshots() {
    for action in ["package", "top_up", "referral", "new_department", "second_purchase"] {
        let lifts: Vec<Vec<f64>> = CLOSING_DAYS
            .iter()
            .flat_map(|on| rows(&table("fct_hva_effect", on), &["scope", "action", "median_lift", "mean_lift"]))
            .filter_map(|row| Some(row.strip_prefix(&format!("chain {action} "))?.split(' ').map(number).collect()))
            .collect();
        for lift in 0..2 {
            let raised = lifts.iter().filter(|lifts| lifts[lift] > 0.0).count();
            assert!(raised * 3 >= 2 * CLOSING_DAYS.len(), "{action}: {lifts:?}");
        }
        // Whoever acts is a better customer anyway; what the action adds goes beyond that.
        let median = lifts.iter().map(|lifts| lifts[0]).sum::<f64>() / lifts.len() as f64;
        assert!(median > 1_000.0, "{action}: {lifts:?}");
    }
}

#[test]
fn the_outcome_tells_the_action_that_works_from_the_one_that_does_not() {
    let columns = ["action", "customer_group", "basis", "verdict"];
    for on in CLOSING_DAYS {
        let told = rows(&table("fct_action_outcome", on), &columns);
        let of = |action: &str| told.iter().filter(|row| row.starts_with(action)).cloned().collect::<Vec<_>>();
        let recalled = ["recall_dormant held_out - -", "recall_dormant to_contact experiment higher"];
        assert_eq!(of("recall_dormant"), recalled, "{on}");
        let asked = ["second_visit held_out - -", "second_visit to_contact experiment cannot_tell"];
        assert_eq!(of("second_visit"), asked, "{on}");
        // Nobody calls for this.
        assert_eq!(of("care_vip")[1], "care_vip to_contact - not_tried", "{on}");
    }
}

#[test]
fn an_outcome_is_of_the_very_list_that_was_published_90_days_before() {
    let pipeline = rfmart::config::load(&MADE.path("made/pipeline.yaml")).expect("a pipeline");
    run(&pipeline, day("2026-08-02")).unwrap_or_else(|error| panic!("{error}"));
    let mut listed: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows(&table("fct_action_list", "2026-08-02"), &["action", "is_held_out"]) {
        let group = row.replace("false", "to_contact").replace("true", "held_out");
        *listed.entry(group).or_default() += 1;
    }
    let followed = rows(&table("fct_action_outcome", "2026-10-31"), &["action", "customer_group", "customers"]);
    let listed: Vec<String> = listed.iter().map(|(group, customers)| format!("{group} {customers}")).collect();
    assert_eq!(followed, listed);
}

/// Effects of traffic, conversion and price at `branch`, by declining item with 10 buyers before or more.
fn falls(branch: &str) -> Vec<(String, Vec<f64>)> {
    let columns = ["previous_buyers", "traffic_effect", "conversion_effect", "price_effect"];
    let table = table("fct_item_performance", "2026-10-31");
    let marks = rows(&table, &["branch_id", "is_declining"]);
    let all = numbers("fct_item_performance", "2026-10-31", "item_id", &columns);
    let here = marks.iter().zip(all).filter(|(mark, _)| **mark == format!("{branch} true"));
    here.map(|(_, row)| row).filter(|(_, numbers)| numbers[0] >= 10.0).collect()
}

/// Which of traffic, conversion and price took most.
fn cause(numbers: &[f64]) -> &'static str {
    let effects = ["traffic", "conversion", "price"].into_iter().zip(&numbers[1..]);
    effects.min_by(|one, other| one.1.total_cmp(other.1)).expect("three effects").0
}

fn cause_at(branch: &str, item: &str) -> Option<&'static str> {
    falls(branch).iter().find(|(id, _)| id == item).map(|(_, numbers)| cause(numbers))
}

#[test]
fn the_last_closed_month_has_a_fall_by_conversion_one_by_price_and_one_by_traffic() {
    assert_eq!(cause_at("TPE01", "INJ-102"), Some("conversion"));
    assert_eq!(cause_at("TPE02", "SKN-102"), Some("price"));
    let quiet = falls("TXG01");
    let by_traffic = quiet.iter().filter(|(_, numbers)| cause(numbers) == "traffic").count();
    assert!(by_traffic >= 5 && by_traffic * 2 > quiet.len(), "{quiet:?}");
}

#[test]
fn only_the_quiet_branch_loses_traffic() {
    let columns = ["branch_customer_days", "previous_branch_customer_days"];
    let mut branches = numbers("fct_item_performance", "2026-10-31", "branch_id", &columns);
    branches.dedup();
    assert_eq!(branches.len(), 8);
    for (branch, days) in branches {
        let change = days[0] / days[1] - 1.0;
        let expected = if branch == "TXG01" { -0.42..-0.25 } else { -0.1..0.3 };
        assert!(expected.contains(&change), "{branch}: {change}");
    }
}

/// `columns` of an entity's raw rows.
fn raw(entity: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let folder = std::fs::read_dir(MADE.path("made").join(entity)).expect("a folder");
    let files = folder.map(|file| file.expect("a file").path());
    let cells = |row: String| row.split(' ').map(str::to_owned).collect();
    files.flat_map(|file| rows(&file, columns)).map(cells).collect()
}

/// Whether a raw row's instant is in October 2026 at the branch: all are eight hours ahead but the one in Tokyo.
fn is_in_october(at: &str, branch: &str) -> bool {
    let hours = if branch == "TYO01" { 9 } else { 8 };
    let local = DateTime::parse_from_rfc3339(at).expect("a time") + TimeDelta::hours(hours);
    (local.year(), local.month()) == (2026, 10)
}

#[test]
fn a_branchs_numbers_are_others_numbers_too() {
    let mut branches_of: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in raw("orders", &["order_id", "branch_id"]) {
        branches_of.entry(row[0].clone()).or_default().insert(row[1].clone());
    }
    let shared = branches_of.values().filter(|branches| branches.len() > 1 && branches.contains("TPE02"));
    let own = branches_of.values().filter(|branches| branches.contains("TPE02")).count();
    assert!(shared.count() * 10 > own, "{own}");
    assert!(branches_of.values().all(|branches| branches.len() < 2 || branches.contains("TPE02")));
}

#[test]
fn totals_of_branches_are_those_of_the_raw_files() {
    let mut expected: BTreeMap<String, (i64, u64)> = BTreeMap::new();
    let mut lines = 0;
    for row in raw("orders", &["branch_id", "paid_at", "status", "amount"]) {
        let [branch, paid_at, status, amount] = &row[..] else { panic!("{row:?}") };
        lines += 1;
        let cents: i64 = amount.replace('.', "").parse().expect("money");
        let is_counted = status == "paid" || (status == "refunded" && cents < 0);
        if is_counted && is_in_october(paid_at, branch) {
            expected.entry(branch.clone()).or_default().0 += cents;
        }
    }
    for row in raw("visits", &["branch_id", "visited_at", "status"]) {
        if row[2] == "attended" && is_in_october(&row[1], &row[0]) {
            expected.entry(row[0].clone()).or_default().1 += 1;
        }
    }
    let published: BTreeMap<String, (i64, u64)> =
        rows(&table("fct_period_summary", "2026-10-31"), &["scope", "scope_id", "revenue", "visits"])
            .iter()
            .filter_map(|row| row.strip_prefix("branch "))
            .map(|row| {
                let cells: Vec<&str> = row.split(' ').collect();
                let revenue = cells[1].replace('.', "").parse().expect("money");
                (cells[0].to_owned(), (revenue, cells[2].parse().expect("a count")))
            })
            .collect();
    assert_eq!(published, expected);
    let commit = std::fs::read(MADE.path("made/warehouse/_rfmart/commits/000003.json")).expect("a commit");
    let commit: rfmart::publish::Commit = serde_json::from_slice(&commit).expect("a commit record");
    let orders = &commit.rows["orders"];
    assert_eq!((orders.read, orders.duplicates, orders.used + orders.after_as_of), (lines, 0, lines));
}
