//! `rfmart plan`: what there is to read, on one screen, and what follows.

use std::fs;

use super::{Folder, ORDERS};

const PIPELINE: &str = "
name: clinics
timezone: Asia/Taipei
currency: TWD
sources:
  orders:
    - {location: orders/, format: csv}
    - {location: till/*.csv}
  visits: {location: visits.csv}
publish: {location: warehouse/}
";

const VISITS: &str = "visit_id,customer_id,branch_id,visited_at,kind,order_id\n1,c1,B1,2024-11-07,treatment,\n";

fn order(number: u32) -> String {
    ORDERS.replace("A1,", &format!("A{number},"))
}

/// Six orders in two folders, and a visit.
fn folder() -> Folder {
    let folder = Folder::new(PIPELINE);
    for name in ["orders", "till"] {
        fs::create_dir(folder.path(name)).expect("a folder");
    }
    for number in 1..=4 {
        folder.write(&format!("orders/{number}.csv"), &order(number));
    }
    for number in 5..=6 {
        folder.write(&format!("till/{number}.csv"), &order(number));
    }
    folder.write("visits.csv", VISITS);
    folder
}

/// What the command prints, without the way to the folder and with single blanks: both depend on the folder's name.
fn printed(folder: &Folder, command: &[&str]) -> String {
    let whole = folder.path("").display().to_string();
    let name = whole.trim_end_matches('/').rsplit('/').next().expect("a name");
    let text = folder.call(command).stdout().replace(&whole, "/");
    let word = |word: &str| match word.split_once(&format!("{name}/")) {
        Some((way, rest)) if way.starts_with('…') => format!("/{rest}"),
        _ => word.to_owned(),
    };
    let line = |line: &str| line.split_whitespace().map(word).collect::<Vec<_>>().join(" ") + "\n";
    text.lines().map(line).collect()
}

const RUN: &[&str] = &["run", "pipeline.yaml", "--as-of", "2024-11-21"];
const PLAN: &[&str] = &["plan", "pipeline.yaml", "--as-of", "2024-11-22"];

/// One object changed, two new ones, and one of each source gone; the source of visits is no more.
fn change(folder: &Folder) {
    folder.write("orders/1.csv", &order(10));
    folder.write("orders/7.csv", &order(7));
    folder.write("orders/8.csv", &order(8));
    fs::remove_file(folder.path("orders/2.csv")).expect("the file was there");
    fs::remove_file(folder.path("till/6.csv")).expect("the file was there");
    folder.write("pipeline.yaml", &PIPELINE.replace("  visits: {location: visits.csv}\n", ""));
}

#[test]
fn a_plan_counts_the_objects_of_each_source_by_what_has_become_of_them() {
    let folder = folder();
    let expected = "clinics: as of 2024-11-22, period 2024-11 (to date)

Source location objects size new replaced same missing
orders /orders/ 4 280 B 4 0 0 0
orders /till/*.csv 2 140 B 2 0 0 0
visits /visits.csv 1 86 B 1 0 0 0
in all 7 506 B 7 0 0 0
Nothing is published yet: every object is new.

would publish to /warehouse/
as commit 1: there is no snapshot of 2024-11-22 yet
";
    assert_eq!(printed(&folder, PLAN), expected);
    folder.call(RUN).stdout();
    change(&folder);
    let expected = "clinics: as of 2024-11-22, period 2024-11 (to date)

Source location objects size new replaced same missing
orders /orders/ 5 351 B 2 1 2 1
orders /till/*.csv 1 70 B 0 0 1 1
visits (no source now) 0 0 B 0 0 0 1
in all 6 421 B 2 1 3 3
Compared with commit 1, the last one, as of 2024-11-21.

would publish to /warehouse/
as commit 2: there is no snapshot of 2024-11-22 yet
changed since the last commit: the policy, a snapshot that its scores are
frozen on, or how sources are mapped
";
    assert_eq!(printed(&folder, PLAN), expected);
}

#[test]
fn a_plan_lists_the_objects_where_that_is_asked_for() {
    let folder = folder();
    folder.call(RUN).stdout();
    change(&folder);
    let text = printed(&folder, &[PLAN, &["--objects"]].concat());
    let (_, objects) = text.split_once("Entity object size\n").expect("a list");
    let (objects, _) = objects.split_once("\n\n").expect("a verdict");
    let expected = "orders file:///orders/1.csv replaced 71 B
orders file:///orders/3.csv same 70 B
orders file:///orders/4.csv same 70 B
orders file:///orders/7.csv new 70 B
orders file:///orders/8.csv new 70 B
orders file:///till/5.csv same 70 B
orders file:///orders/2.csv missing 70 B
orders file:///till/6.csv missing 70 B
visits file:///visits.csv missing 86 B";
    assert_eq!(objects, expected, "{text}");
}

#[test]
fn a_plan_shows_ten_of_the_changes_that_a_run_would_refuse() {
    let folder = folder();
    folder.call(RUN).stdout();
    for number in 10..22 {
        folder.write(&format!("orders/{number}.csv"), &order(number));
    }
    let text = printed(&folder, &["plan", "pipeline.yaml", "--as-of", "2024-11-21"]);
    assert!(text.contains("\nCompared with commit 1, which published this snapshot.\n"), "{text}");
    let (_, refused) = text.split_once("(unless told to --restate)\n").expect("a refusal");
    let lines: Vec<&str> = refused.lines().collect();
    assert_eq!(lines.len(), 11, "{text}");
    assert_eq!(lines[0], "new object file:///orders/10.csv");
    assert_eq!(lines[10], "and 2 more: --objects lists them");
}

#[test]
fn long_locations_show_their_ends_in_80_columns() {
    let location = format!("{}orders/", "a-folder-of-exports/".repeat(5));
    let folder = Folder::new(&PIPELINE.replace("orders/, format", &format!("{location}, format")));
    fs::create_dir_all(folder.path(&location)).expect("folders");
    folder.write(&format!("{location}1.csv"), &order(1));
    fs::create_dir(folder.path("till")).expect("a folder");
    folder.write("till/2.csv", &order(2));
    folder.write("visits.csv", VISITS);
    let text = folder.call(PLAN).stdout();
    let table: Vec<&str> = text.lines().skip(2).take_while(|line| !line.contains("in all")).collect();
    assert!(table.iter().all(|line| line.chars().count() <= 80), "{text}");
    assert!(table.iter().any(|line| line.contains("  …") && line.contains("exports/orders/ ")), "{text}");
}
