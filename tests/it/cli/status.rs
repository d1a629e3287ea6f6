//! `rfmart status`: one line for the morning, an exit code for a monitor.

use std::fs;

use chrono::{Days, NaiveDate};

use super::{Folder, PIPELINE};

const STATUS: &[&str] = &["status", "pipeline.yaml"];

#[test]
fn a_chain_that_has_published_its_last_night_is_up_to_date() {
    let folder = Folder::new(PIPELINE);
    let answer = folder.call(STATUS);
    assert_eq!(answer.code, 65);
    assert_eq!(answer.stdout, "clinics: nothing has been published yet\n");
    // Without --as-of: the last day that is over.
    folder.call(&["run", "pipeline.yaml"]).stdout();
    let text = folder.call(STATUS).stdout();
    assert!(text.starts_with("clinics: up to date: snapshot of "), "{text}");
    assert!(text.ends_with(" UTC), 0 warnings\n"), "{text}");
    fs::write(folder.path("warehouse/_rfmart/commits/000002.json"), "").expect("a file");
    let answer = folder.call(STATUS);
    assert_eq!(answer.code, 65);
    assert!(answer.stdout.ends_with("damaged: _rfmart/commits/000002.json: it is empty\n"), "{}", answer.stdout);
    assert!(answer.stderr.contains("a commit record can't be read"), "{}", answer.stderr);
}

#[test]
fn a_night_that_is_not_there_exits_with_65_and_tells_how_far_behind_it_is() {
    let folder = Folder::new(PIPELINE);
    folder.call(&["run", "pipeline.yaml", "--as-of", "2024-11-21"]).stdout();
    let answer = folder.call(STATUS);
    assert_eq!(answer.code, 65);
    assert!(answer.stdout.contains(" days behind "), "{}", answer.stdout);
    assert!(answer.stdout.contains(": snapshot of 2024-11-21 (commit 1, "), "{}", answer.stdout);
    assert!(answer.stderr.contains("there is no snapshot of "), "{}", answer.stderr);
}

#[test]
fn metrics_are_told_as_prometheus_reads_them() {
    let folder = Folder::new(PIPELINE);
    folder.call(&["run", "pipeline.yaml", "--as-of", "2024-11-21"]).stdout();
    let text = folder.call(&[STATUS, &["--format", "prometheus"]].concat()).stdout;
    for line in [
        "# TYPE rfmart_days_behind gauge",
        "rfmart_commit_number{pipeline=\"clinics\"} 1",
        "rfmart_warnings{pipeline=\"clinics\"} 1",
        "rfmart_damaged_records{pipeline=\"clinics\"} 0",
        "rfmart_rows{pipeline=\"clinics\",entity=\"orders\",outcome=\"used\"} 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}:\n{text}");
    }
    let is_sample =
        |line: &str| line.starts_with("rfmart_") && line.rsplit(' ').next().is_some_and(|n| n.parse::<f64>().is_ok());
    assert!(text.lines().all(|line| line.starts_with("# ") || is_sample(line)), "{text}");
}

/// Records of the nights before the one that is published, one for each number of days back.
fn pretend_nights(folder: &Folder, back: impl Iterator<Item = u64>) -> NaiveDate {
    let commits = folder.path("warehouse/_rfmart/commits");
    let text = fs::read_to_string(commits.join("000001.json")).expect("a record");
    let mut record: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let latest: NaiveDate = record["as_of"].as_str().and_then(|day| day.parse().ok()).expect("a day");
    for (index, back) in back.enumerate() {
        let number = index + 2;
        record["number"] = number.into();
        record["parent"] = (number - 1).into();
        record["as_of"] = (latest - Days::new(back)).to_string().into();
        fs::write(commits.join(format!("{number:06}.json")), record.to_string()).expect("a file");
    }
    latest
}

#[test]
fn nights_that_were_missed_are_named_where_most_were_not() {
    let folder = Folder::new(PIPELINE);
    folder.call(&["run", "pipeline.yaml"]).stdout();
    let told = |arguments: &[&str]| folder.call(arguments).stdout();
    let latest = pretend_nights(&folder, (1..=14).chain([20]));
    assert!(!told(STATUS).contains("missed"), "half of them are no habit");
    pretend_nights(&folder, (1..=30).filter(|back| ![5, 9].contains(back)));
    let days = [9, 5].map(|back| (latest - Days::new(back)).to_string()).join(", ");
    let line = format!("missed in the last 30 days: {days}\n");
    assert!(told(STATUS).ends_with(&line), "{}", told(STATUS));
    let runs = told(&["runs", "pipeline.yaml"]);
    assert!(runs.ends_with(&line), "{runs}");
    assert_eq!(runs.lines().count(), 31, "{runs}");
}
