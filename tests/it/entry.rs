//! Exports that say less than a till does: orders without an id, columns that are worked out from others.

use std::sync::Arc;

use crate::common::chain::{Chain, day, part, rows, run};
use crate::common::staged::Fixture;
use crate::common::{pipeline, source};
use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use rfmart::Kind;
use rfmart::config::{Privacy, Secret, Source};
use rfmart::entity::Entity::Orders;
use rfmart::expression::Expression;
use rfmart::run::Outcome::Published;

const HEADER: &str = "customer_id,branch_id,paid_at,amount";

/// `source` with canonical columns that are worked out.
fn worked_out(mut source: Source, columns: &[(&'static str, &str)]) -> Source {
    let parsed = columns.iter().map(|(name, sql)| (*name, Expression::parse(sql).expect("an expression")));
    source.expressions = parsed.collect();
    source
}

#[test]
fn without_order_id_each_row_is_an_order_of_its_own() {
    let fixture = Fixture::new();
    for (name, customer) in [("in/a.csv", "C1"), ("in/b.csv", "C2"), ("in/c.csv", "C2")] {
        // Two purchases of a day, of the same money.
        fixture.write(name, format!("{HEADER}\n{}", format!("{customer},B,2026-11-20,5\n").repeat(500)).as_bytes());
    }
    fixture.write("named.csv", format!("order_id,{HEADER}\nA1,C1,B,2026-11-20,5\nA1,C1,B,2026-11-20,5\n").as_bytes());
    let sources = || vec![source(Orders, fixture.path(), "in/"), source(Orders, fixture.path(), "named.csv")];
    let outcome = fixture.ingest_on(1, sources());
    let columns = ["order_id", "line_no", "customer_ref", "key_hash", "object_no", "row_no"];
    let staged = outcome.rows(Orders, &columns);
    let ids = outcome.rows(Orders, &["order_id"]);
    let made_up = ids.iter().filter(|id| id.starts_with(' ')).collect::<std::collections::BTreeSet<_>>();
    assert_eq!((ids.len(), made_up.len()), (1_502, 1_500));
    assert!(staged.iter().any(|row| row.starts_with(" 00000001000000000002 - C2 ")), "{:?}", staged.first());
    // Only the order that has an id can be a duplicate.
    assert_eq!(outcome.ingested.entities[&Orders].repeated_key_hashes.len(), 1);
    assert!(outcome.ingested.has_own_orders);
    for threads in [2, 4] {
        assert_eq!(fixture.ingest_on(threads, sources()).rows(Orders, &columns), staged);
    }
}

#[test]
fn where_some_rows_name_their_order_one_that_does_not_is_set_aside() {
    let fixture = Fixture::new();
    fixture.write("orders.csv", format!("order_id,{HEADER}\nA1,C,B,2026-11-20,1\n,C,B,2026-11-20,2\n").as_bytes());
    let outcome = fixture.ingest(vec![source(Orders, fixture.path(), "orders.csv")]);
    assert_eq!(outcome.causes(), ["orders[0] 2 order_id: is empty, but required"]);
    assert!(!outcome.ingested.has_own_orders);
}

#[test]
fn json_lines_without_order_ids_are_orders_and_one_with_an_id_among_them_is_set_aside() {
    let fixture = Fixture::new();
    let line = |head: &str| {
        format!("{{{head}\"customer_id\":\"C\",\"branch_id\":\"B\",\"paid_at\":\"2026-11-20\",\"amount\":1}}\n")
    };
    let plain = line("").repeat(16_384);
    fixture.write("orders.ndjson", format!("{plain}{}{}", line("\"order_id\":\"A1\","), line("")).as_bytes());
    let outcome = fixture.ingest(vec![source(Orders, fixture.path(), "orders.ndjson")]);
    assert_eq!(outcome.rows(Orders, &["order_id"]).len(), 16_385);
    assert_eq!(outcome.rejected.len(), 1);
    assert!(outcome.rejected[0].cause.starts_with("order_id: is there, but the object's first rows have none"));
    let mut named = source(Orders, fixture.path(), "orders.ndjson");
    named.columns.insert("order_id", "nr".to_owned());
    let error = fixture.refusal(vec![named]).to_string();
    assert!(error.contains("no column 'nr' for orders.order_id"), "{error}");
}

#[test]
fn numbered_lines_of_orders_without_an_id_are_refused() {
    let fixture = Fixture::new();
    fixture.write("orders.csv", format!("line_no,{HEADER}\n1,C,B,2026-11-20,1\n").as_bytes());
    let error = fixture.refusal(vec![source(Orders, fixture.path(), "orders.csv")]);
    assert_eq!(error.kind(), Kind::Data);
    assert!(error.to_string().contains("has line_no, but no order_id"), "{error}");
    // The way out that the message names.
    let none = worked_out(source(Orders, fixture.path(), "orders.csv"), &[("line_no", "null")]);
    assert_eq!(fixture.ingest(vec![none]).rows(Orders, &["line_no"]), ["-"]);
}

#[test]
fn an_object_without_order_ids_counts_once() {
    let fixture = Fixture::new();
    fixture.write("orders.csv", format!("{HEADER}\nC,B,2026-11-20,1\n").as_bytes());
    let twice = || {
        let mut second = source(Orders, fixture.path(), "*.csv");
        second.label = "orders[1]".to_owned();
        vec![source(Orders, fixture.path(), "orders.csv"), second]
    };
    let error = fixture.refusal(twice());
    assert_eq!(error.kind(), Kind::Data);
    let named = "is named by orders[0] and by orders[1], and has no order_id";
    assert!(error.to_string().contains(named), "{error}");
    fixture.write("orders.csv", format!("order_id,{HEADER}\nA1,C,B,2026-11-20,1\n").as_bytes());
    assert_eq!(fixture.ingest(twice()).ingested.entities[&Orders].repeated_key_hashes.len(), 1);
}

#[test]
fn objects_of_the_same_bytes_are_told_where_their_rows_count_twice() {
    let warnings = |header: &str, row: &str| {
        let fixture = Fixture::new();
        for name in ["in/a.csv", "in/b.csv"] {
            fixture.write(name, format!("{header}\n{row}\n").as_bytes());
        }
        fixture.ingest(vec![source(Orders, fixture.path(), "in/")]).ingested.warnings
    };
    let told = warnings(HEADER, "C,B,2026-11-20,1");
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("in/a.csv and ") && told[0].contains("in/b.csv hold the same bytes"), "{told:?}");
    assert!(warnings(&format!("order_id,{HEADER}"), "A1,C,B,2026-11-20,1").is_empty());
}

/// Customer, quantity, price: the least that a till exports.
fn shop(orders: &str) -> Chain {
    let chain = Chain::new(&format!(
        "name: shop\ntimezone: Asia/Taipei\ncurrency: TWD\nsources:\n  orders:\n    location: sales.csv\n{orders}\n\
         publish: {{location: warehouse/}}\nlimits: {{memory: 1GiB, target_partitions: 2}}\n"
    ));
    let sales = "會員,日期,數量,單價\nC1,2024-11-01,2,10.50\nC1,2024-11-01,2,10.50\nC2,2024-11-02,1,\"1,000.10\"\n\
                 C2,2024-11-03,-1,0.10\n";
    chain.write("sales.csv", sales);
    chain
}

const MAPPING: &str = "    columns:\n      customer_id: 會員\n      paid_at: 日期\n      quantity: 數量\n      \
                       amount: {sql: 數量 * 單價}\n    constants: {branch_id: MAIN}";

#[test]
fn a_table_of_customer_day_quantity_and_price_is_enough_for_a_run() {
    let chain = shop(MAPPING);
    let Published(published) = run(&chain.pipeline(), day("2024-11-30")).expect("a snapshot") else {
        panic!("published for the first time");
    };
    assert!(published.switched_off.iter().any(|sentence| sentence.starts_with("no order_id: ")));
    let part = |table: &str| part(&chain.path("warehouse"), table, "2024-11-30");
    let customers = rows(&part("fct_customer_rfm"), &["scope", "customer_id", "frequency", "monetary"]);
    let expected = ["branch C1 1 42.00", "branch C2 1 1000.00", "chain C1 1 42.00", "chain C2 1 1000.00"];
    assert_eq!(customers, expected);
    // Three purchases; what was paid back is none.
    let summary = rows(&part("fct_period_summary"), &["scope", "orders", "revenue"]);
    assert_eq!(summary, ["branch 3 1042.00", "chain 3 1042.00"]);
}

#[test]
fn another_expression_is_another_policy() {
    let chain = shop(MAPPING);
    run(&chain.pipeline(), day("2024-11-30")).expect("a snapshot");
    let yaml = std::fs::read_to_string(chain.path("pipeline.yaml")).expect("a file");
    chain.write("pipeline.yaml", &yaml.replace("數量 * 單價", "數量 * 單價 * 2"));
    let error = run(&chain.pipeline(), day("2024-11-30")).err().expect("a refusal");
    assert!(error.to_string().contains("how sources are mapped"), "{error}");
}

const BY_PARTS: &[(&str, &str)] = &[("amount", "quantity * price"), ("status", "case when void = 'Y' then 'x' end")];

#[test]
fn expressions_give_the_same_in_every_format() {
    let fixture = Fixture::new();
    let head = "customer_id,branch_id,paid_at,quantity,price,void";
    fixture.write("orders.csv", format!("{head}\nC1,B,2026-11-20,3, 0.10 ,Y\nC2,B,2026-11-20,1,2.5,\n").as_bytes());
    let json = |rest: &str| format!("{{\"branch_id\":\"B\",\"paid_at\":\"2026-11-20\",{rest}}}\n");
    let lines = json("\"customer_id\":\"C1\",\"quantity\":3,\"price\":0.10,\"void\":\"Y\"")
        + &json("\"customer_id\":\"C2\",\"quantity\":\"1\",\"price\":\"2.5\"");
    fixture.write("orders.ndjson", lines.as_bytes());
    let text = |texts: [Option<&str>; 2]| Arc::new(StringArray::from(texts.to_vec())) as ArrayRef;
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("customer_id", text([Some("C1"), Some("C2")]), true),
        ("branch_id", text([Some("B"), Some("B")]), true),
        ("paid_at", text([Some("2026-11-20"); 2]), true),
        ("quantity", Arc::new(Int64Array::from(vec![3, 1])) as ArrayRef, true),
        ("price", Arc::new(Float64Array::from(vec![0.10, 2.5])) as ArrayRef, true),
        ("void", text([Some("Y"), None]), true),
    ]);
    fixture.write_parquet("orders.parquet", &batch.expect("rows"));
    for name in ["orders.csv", "orders.ndjson", "orders.parquet"] {
        let mut orders = worked_out(source(Orders, fixture.path(), name), BY_PARTS);
        // Values are those that the expression gives.
        orders.values.insert("status", [("x".to_owned(), "cancelled".to_owned())].into());
        let outcome = fixture.ingest(vec![orders]);
        let staged = outcome.rows(Orders, &["customer_ref", "amount", "quantity", "status"]);
        assert_eq!(staged, ["C1 0.30 3 cancelled", "C2 2.50 1 paid"], "{name}: {:?}", outcome.causes());
    }
}

#[test]
fn a_row_that_an_expression_fails_for_is_set_aside_with_the_cause() {
    let fixture = Fixture::new();
    let rows = "C1,B,2026-11-20,3,ten\nC2,B,2026-11-20,1,2.5\nC3,B,2026-11-20,3,0.001\nC4,B,2026-11-20,,1\n";
    fixture.write("orders.csv", format!("customer_id,branch_id,paid_at,quantity,price\n{rows}").as_bytes());
    let orders = worked_out(source(Orders, fixture.path(), "orders.csv"), &[("amount", "quantity * price")]);
    let outcome = fixture.ingest(vec![orders]);
    assert_eq!(outcome.rows(Orders, &["customer_ref", "amount"]), ["C2 2.50"]);
    let causes = [
        "orders[0] 1 amount: can't be worked out: 'ten' is not a number; expected one such as 1234.50 or 1,234.50",
        "orders[0] 3 amount: '0.0030000000000000' is not whole cents; money has two decimals; nothing is rounded",
        "orders[0] 4 amount: is empty, but required",
    ];
    assert_eq!(outcome.causes(), causes);
}

#[test]
fn an_expression_over_a_column_that_is_not_there_names_it_and_those_that_are() {
    let fixture = Fixture::new();
    fixture.write("orders.csv", format!("{HEADER},Quantity\nC,B,2026-11-20,1,1\n").as_bytes());
    let line = "{\"customer_id\":\"C\",\"branch_id\":\"B\",\"paid_at\":\"2026-11-20\",\"Quantity\":1}\n";
    fixture.write("orders.ndjson", line.as_bytes());
    for name in ["orders.csv", "orders.ndjson"] {
        let orders = worked_out(source(Orders, fixture.path(), name), &[("amount", "quantity * 2")]);
        let error = fixture.refusal(vec![orders]).to_string();
        for part in [name, "no column 'quantity' for orders.amount", "customer_id, branch_id", "write `Quantity`"] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }
}

#[test]
fn types_of_a_parquet_object_that_an_expression_cannot_use_are_told() {
    let fixture = Fixture::new();
    let text = |text: &str| Arc::new(StringArray::from(vec![text])) as ArrayRef;
    let batch = RecordBatch::try_from_iter([
        ("customer_id", text("C")),
        ("branch_id", text("B")),
        ("paid_at", text("2026-11-20")),
        ("is_paid", Arc::new(arrow::array::BooleanArray::from(vec![true])) as ArrayRef),
    ]);
    fixture.write_parquet("orders.parquet", &batch.expect("rows"));
    let orders = worked_out(source(Orders, fixture.path(), "orders.parquet"), &[("amount", "is_paid")]);
    let error = fixture.refusal(vec![orders]).to_string();
    assert!(
        error.contains("orders.amount can't be worked out: it gives Boolean, where an amount is wanted"),
        "{error}"
    );
    assert!(error.contains("is_paid Boolean") && error.contains("sources.orders[0].columns.amount"), "{error}");
}

#[test]
fn a_header_that_may_be_a_row_is_not_quoted_to_an_expression() {
    let fixture = Fixture::new();
    fixture.write("orders.csv", "quantitx,M-4711,B,paid\n".as_bytes());
    let mut orders = worked_out(source(Orders, fixture.path(), "orders.csv"), &[("amount", "quantity * 2")]);
    for column in ["customer_id", "branch_id", "paid_at"] {
        orders.constants.insert(column, "2026-11-20".to_owned());
    }
    let mut pipeline = pipeline(fixture.path(), vec![orders]);
    let told =
        |pipeline: &rfmart::config::Pipeline| fixture.run("2026-11-21", pipeline).expect_err("a refusal").to_string();
    assert!(told(&pipeline).contains("M-4711") && told(&pipeline).contains("write `quantitx`"), "{}", told(&pipeline));
    for value in ["2026-11-20", "0912345678", "a@b.c", "root:x:0:0:root:/root:/bin/bash"] {
        fixture.write("orders.csv", format!("quantitx,M-4711,B,{value}\n").as_bytes());
        let told = told(&pipeline);
        assert!(told.contains("its first line isn't shown, for it looks like a row"), "{told}");
        assert!(![value, "M-4711", "quantitx"].iter().any(|text| told.contains(text)), "{told}");
    }
    fixture.write("orders.csv", "quantitx,M-4711,B,paid\n".as_bytes());
    pipeline.privacy = Some(Privacy { key: Secret::new("a key of thirty-two bytes or more") });
    assert!(!told(&pipeline).contains("M-4711") && !told(&pipeline).contains("quantitx"), "{}", told(&pipeline));
}

#[test]
fn rejected_rows_do_not_tell_the_parts_that_a_customers_id_is_made_of() {
    let fixture = Fixture::new();
    let head = "club,member,branch_id,paid_at,amount,note";
    let rows = "NORTH,88123,B,2026-11-20,x,\nSOUTH,M-4711,B,2026-11-20,1,private\nWEST,99001,B,2026-11-20,1,\n\
                EAST,55777,B,2026-11-20,x,55777\n";
    fixture.write("orders.csv", format!("{head}\n{rows}").as_bytes());
    let orders = worked_out(
        source(Orders, fixture.path(), "orders.csv"),
        &[("customer_id", "concat(club, '-', cast(substr(member, 1) as bigint))"), ("department", "substr(member, 3)")],
    );
    let mut pipeline = pipeline(fixture.path(), vec![orders]);
    pipeline.privacy = Some(Privacy { key: Secret::new("a key of thirty-two bytes or more") });
    let outcome = fixture.run("2026-11-21", &pipeline).expect("rows");
    let rejected: Vec<String> = outcome.rejected.iter().map(|row| format!("{} | {}", row.cause, row.raw)).collect();
    assert_eq!(rejected.len(), 3, "{rejected:?}");
    for part in ["88123", "NORTH", "M-4711", "4711", "SOUTH", "private", "55777", "EAST"] {
        assert!(
            rejected.iter().all(|row| !row
                .replace(char::is_whitespace, " ")
                .split_once(" | ")
                .is_some_and(|(cause, raw)| cause.contains(part) || (part.len() > 3 && raw.contains(part)))),
            "{part}: {rejected:?}"
        );
    }
    assert!(
        rejected[0].contains("amount: 'x' is not an amount") && rejected[0].contains(",B,2026-11-20,x"),
        "{rejected:?}"
    );
    assert!(rejected[1].starts_with("customer_id: is not to be worked out"), "{rejected:?}");
}
