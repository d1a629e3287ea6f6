//! Pipeline files, queries and exports of somebody else: what goes too far is refused with its place, and no message
//! goes on for pages or quotes what it was not meant to read.

use std::fs;

use super::{Answer, Folder, PIPELINE, RUN};

/// Bytes that a person reads without scrolling far.
const MAX_MESSAGE: usize = 2_000;

#[track_caller]
fn assert_short(answer: &Answer) {
    assert!(answer.stderr.len() < MAX_MESSAGE, "{} bytes: {}", answer.stderr.len(), answer.stderr);
}

/// What a run says of a check that is `sql`.
fn run_with_check(sql: &str) -> Answer {
    let folder = Folder::new(PIPELINE);
    fs::create_dir_all(folder.path("sql/checks")).expect("a folder");
    folder.write("sql/checks/a_law.sql", &format!("-- A law.\n{sql}\n"));
    let answer = folder.call(RUN);
    assert!(!folder.path("warehouse/_rfmart/commits").exists(), "{}", answer.stderr);
    answer
}

#[test]
fn queries_that_go_too_far_exit_with_78() {
    let endless = "with recursive a as (select 1 as n union all select n + 1 from a)\nselect n from a";
    let cases = [
        (
            format!("select 1{} as n from fct_customer_rfm", "+1".repeat(40_000)),
            "./sql/checks/a_law.sql:2:409: the SQL can't be planned: it goes more than 200 operators and brackets deep",
        ),
        (endless.to_owned(), "./sql/checks/a_law.sql:2:1: `with recursive` may go on for ever"),
        (
            "select customer_id from fct_customer_rfm where length(repeat(customer_id, 2000000000)) > 1".to_owned(),
            "./sql/checks/a_law.sql failed\n  External error: repeat gives a text of more than 1048576 bytes\n",
        ),
    ];
    for (sql, told) in cases {
        let answer = run_with_check(&sql);
        answer.assert_fails(78, told);
        assert_short(&answer);
    }
}

#[test]
fn queries_read_and_write_no_file() {
    for (sql, told) in [
        ("select * from 'orders.csv'", "no model makes the table orders.csv; write one of "),
        ("select * from \"orders.csv\"", "no model makes the table orders.csv; write one of "),
        ("select * from read_csv('orders.csv')", "no model makes the table read_csv; write one of "),
        ("select * from information_schema.tables", "no model makes the table information_schema.tables; "),
        ("create external table t stored as csv location 'orders.csv'", "is not a query; it must be a `select`"),
        ("copy (select 1 as a) to 'out.csv' stored as csv", "is not a query; it must be a `select`"),
    ] {
        let answer = run_with_check(sql);
        answer.assert_fails(78, told);
        assert_short(&answer);
    }
}

#[test]
fn a_pipeline_file_of_aliases_exits_with_78() {
    let long = format!("note: &a \"{}\"\nnotes: [{}]\n", "y".repeat(1_000_000), "*a, ".repeat(20_000));
    let folder = Folder::new(&format!("{PIPELINE}{long}"));
    for command in ["validate", "run", "plan", "runs"] {
        let answer = folder.call(&[command, "pipeline.yaml"]);
        answer.assert_fails(78, "the file holds more than 33554432 bytes of texts; write fewer, or fewer aliases");
        assert_short(&answer);
    }
}

#[test]
fn the_root_of_the_disk_is_no_warehouse() {
    let folder = Folder::new(&PIPELINE.replace("warehouse/", "/"));
    for command in ["validate", "run", "plan", "gc", "repair"] {
        let told = "pipeline.yaml:7:21: tables can't be published to the root of the disk; write a folder";
        folder.call(&[command, "pipeline.yaml"]).assert_fails(78, told);
    }
}

#[test]
fn a_missing_column_quotes_no_line_of_another_file() {
    let folder = Folder::new(PIPELINE);
    folder.write("orders.csv", "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n");
    let answer = folder.call(RUN);
    answer.assert_fails(65, "orders.csv: no column 'customer_id' for orders.customer_id\n");
    assert!(answer.stderr.contains("\n  its first line isn't shown, for it looks like a row "), "{}", answer.stderr);
    for quoted in ["root:", "/bin/bash", "daemon"] {
        assert!(!answer.stderr.contains(quoted), "{}", answer.stderr);
    }
}

#[test]
fn a_missing_column_names_some_of_many_columns() {
    let folder = Folder::new(PIPELINE);
    let name = |number: usize| format!("{}{}", ["a", "b", "c"][number % 3].repeat(25), number % 1_000);
    folder.write("orders.csv", &((0..30_000).map(name).collect::<Vec<_>>().join(",") + "\n"));
    let answer = folder.call(RUN);
    answer.assert_fails(65, "orders.csv: no column 'customer_id' for orders.customer_id\n");
    assert!(answer.stderr.contains(", and 29960 more\n"), "{}", answer.stderr);
    assert_short(&answer);
}
