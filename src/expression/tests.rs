use std::sync::Arc;

use arrow::array::{Float64Array, Int64Array, RecordBatchOptions, StringArray};
use arrow::util::display::array_value_to_string;

use super::*;

/// What `sql` gives for rows of texts, and the rows that it fails for.
fn over(columns: &[(&str, &[Option<&str>])], sql: &str) -> (Vec<String>, Vec<(usize, String)>) {
    let arrays = columns.iter().map(|(name, texts)| {
        let array: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
        (*name, array, true)
    });
    over_batch(&RecordBatch::try_from_iter_with_nullable(arrays).expect("rows"), sql)
}

fn over_batch(rows: &RecordBatch, sql: &str) -> (Vec<String>, Vec<(usize, String)>) {
    let expression = Expression::parse(sql).expect("an expression");
    let planned = expression.plan(rows.schema_ref(), ColumnKind::Text).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let evaluated = planned.evaluate(rows).expect("values");
    let text = |row| match evaluated.values.is_null(row) {
        true => "-".to_owned(),
        false => array_value_to_string(&evaluated.values, row).expect("a text"),
    };
    ((0..rows.num_rows()).map(text).collect(), evaluated.failures)
}

/// The one value of `sql` over a row of texts.
fn one(columns: &[(&str, &str)], sql: &str) -> String {
    let row: Vec<(&str, [Option<&str>; 1])> = columns.iter().map(|(name, text)| (*name, [Some(*text)])).collect();
    let row: Vec<(&str, &[Option<&str>])> = row.iter().map(|(name, text)| (*name, text.as_slice())).collect();
    let (values, failures) = over(&row, sql);
    assert_eq!(failures, [], "{sql}");
    values.concat()
}

#[test]
fn texts_beside_signs_are_exact_decimals() {
    assert_eq!(one(&[("q", "3"), ("p", "0.1")], "q * p"), "0.3000000000000000");
    assert_eq!(one(&[("q", "1,000"), ("p", "1,234.50")], "q * p"), "1234500.0000000000000000");
    // As binary floats, 0.30000000000000004.
    assert_eq!(one(&[("a", "0.1"), ("b", "0.2")], "a + b"), "0.30000000");
    assert_eq!(one(&[("a", "0.1")], "-a"), "-0.10000000");
    assert_eq!(one(&[("q", "3"), ("p", "19.99")], "round(q * p * 0.95, 2)").trim_end_matches('0'), "56.97");
    assert_eq!(one(&[("p", "2.345")], "round(p, 2)").trim_end_matches('0'), "2.35");
    assert_eq!(one(&[("p", "-2.345")], "ROUND(p, 2)").trim_end_matches('0'), "-2.35");
    assert_eq!(one(&[("p", "-2.5")], "abs(round(p))").trim_end_matches('0'), "3.");
}

#[test]
fn texts_elsewhere_stay_texts() {
    assert_eq!(one(&[("a", "007"), ("b", "x")], "concat(a, '-', upper(b))"), "007-X");
    assert_eq!(one(&[("a", "A-17")], "substr(a, 3)"), "17");
    assert_eq!(one(&[("a", "x")], "coalesce(nullif(a, 'x'), 'other')"), "other");
    assert_eq!(one(&[("kind", "退貨"), ("p", "5.00")], "case when kind = '退貨' then -p else p end"), "-5.00000000");
    assert_eq!(one(&[("a", "10")], "case when a > 9 then 'many' else 'few' end"), "many");
    assert_eq!(one(&[("a", "10")], "case when a > '9' then 'many' else 'few' end"), "few");
    assert_eq!(one(&[("d", "2026-11-21")], "extract(year from cast(d as date))"), "2026");
    assert_eq!(one(&[("d", "2026-11-21")], "cast(d as date) - interval '1 day'"), "2026-11-20");
    assert_eq!(one(&[("單價", "2"), ("unit price", "3")], "單價 * \"unit price\""), "6.0000000000000000");
    assert_eq!(one(&[("Quantity", "2"), ("quantity", "3")], "Quantity * 1"), "2.00000000");
}

#[test]
fn a_missing_number_is_null_and_can_be_replaced() {
    let (values, failures) = over(&[("q", &[Some("2"), None]), ("p", &[Some("5"), Some("5")])], "q * p");
    assert_eq!((values, failures), (vec!["10.0000000000000000".to_owned(), "-".to_owned()], vec![]));
    let (values, _) = over(&[("q", &[None])], "coalesce(q, 1) * 4");
    assert_eq!(values.concat().trim_end_matches('0'), "4.");
}

#[test]
fn a_row_that_fails_does_not_take_others_with_it() {
    let (values, failures) =
        over(&[("q", &[Some("1"), Some("two"), Some("3"), Some("4")]), ("p", &[Some("1"); 4])], "q * p");
    let expected = "'two' is not a number; expected one such as 1234.50 or 1,234.50";
    assert_eq!(failures, [(1, expected.to_owned())]);
    assert_eq!(values.join(" "), "1.0000000000000000 - 3.0000000000000000 4.0000000000000000");
    let (_, failures) = over(&[("q", &[Some("0"), Some("2")])], "1 / q");
    assert_eq!(failures.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [0]);
    let (_, failures) = over(&[("q", &[Some("0.123456789")])], "q * 1");
    assert_eq!(failures, [(0, "'0.123456789' has more than 8 decimals".to_owned())]);
}

#[test]
fn numbers_of_the_object_are_used_as_they_are() {
    let quantity: ArrayRef = Arc::new(Int64Array::from(vec![2]));
    let price: ArrayRef = Arc::new(Float64Array::from(vec![1.25]));
    let rows = RecordBatch::try_from_iter([("q", quantity), ("p", price)]).expect("rows");
    assert_eq!(over_batch(&rows, "q * p").0, ["2.5"]);
    assert_eq!(over_batch(&rows, "round(p, 1)").0, ["1.3"]);
}

#[test]
fn what_looks_beyond_the_row_is_refused() {
    for (sql, told) in [
        ("sum(a)", "`sum` looks at other rows"),
        ("row_number() over ()", "`row_number` looks at other rows"),
        ("sum(a) over ()", "`sum` looks at other rows"),
        ("(select 1)", "a subquery"),
        ("a in (select 1)", "a subquery"),
        ("exists (select 1)", "a subquery"),
        ("now()", "`now` gives something else each time"),
        ("current_date", "`current_date` gives something else each time"),
        ("uuid()", "`uuid` gives something else each time"),
        ("$1 * a", "`$1` has no value"),
        ("t.a", "`t.a` has a table's name in front"),
        ("uper(a)", "write `upper`"),
        ("a as b", "leave the name out"),
        ("a *", "isn't a SQL expression"),
        ("a; drop table x", "isn't a SQL expression"),
        ("", "isn't a SQL expression"),
    ] {
        let error = Expression::parse(sql).err().unwrap_or_else(|| panic!("{sql} is taken"));
        assert!(error.contains(told), "{sql}: {error}");
    }
}

#[test]
fn types_that_cannot_be_are_told_before_anything_is_read() {
    let refusal = |sql: &str, kind| Expression::parse(sql).expect("an expression").check_over_texts(kind).err();
    assert_eq!(refusal("a * b", ColumnKind::Money), None);
    assert_eq!(refusal("a", ColumnKind::LocalDay), None);
    let told = refusal("a = b", ColumnKind::Money).expect("a refusal");
    assert_eq!(told, "it gives Boolean, where an amount is wanted");
    assert!(refusal("cast(a as date)", ColumnKind::Money).is_some());
    assert!(refusal("a * 2", ColumnKind::LocalDay).is_some());
    assert!(refusal("upper(a, b)", ColumnKind::Text).is_some());
}

#[test]
fn an_expression_knows_its_columns() {
    let expression = Expression::parse("coalesce(\"unit price\", 單價) * q + q").expect("an expression");
    assert_eq!(expression.columns(), ["q", "unit price", "單價"]);
    assert_eq!(format!("{expression:?}"), "Expression(\"coalesce(\\\"unit price\\\", 單價) * q + q\")");
}

#[test]
fn a_value_that_depends_on_no_column_is_one_per_row() {
    let rows = RecordBatch::try_new_with_options(
        Arc::new(Schema::empty()),
        vec![],
        &RecordBatchOptions::new().with_row_count(Some(3)),
    );
    let (values, _) = over_batch(&rows.expect("rows"), "'MAIN'");
    assert_eq!(values, ["MAIN", "MAIN", "MAIN"]);
}

#[test]
fn what_goes_too_deep_is_refused_before_it_is_read() {
    let levels = "…`: it goes more than 200 operators and brackets deep; write it flatter: ";
    let brackets = "…`: it has more than 16 brackets within each other; write it flatter";
    for (deep, expected) in [
        ("amount + ".repeat(10_000) + "amount", levels),
        ("(".repeat(10_000) + "amount", brackets),
        // The parser would take an hour over it.
        ("cast(".repeat(32) + "amount %", brackets),
    ] {
        let told = Expression::parse(&deep).expect_err("too deep");
        assert!(told.contains(expected) && told.len() < 250, "{}", &told[..250]);
    }
    let deepest = "amount + ".repeat(199) + "amount";
    let planned = Expression::parse(&deepest).expect("an expression").check_over_texts(ColumnKind::Money);
    assert_eq!(planned, Ok(()));
}

#[test]
fn a_text_that_is_too_long_fails_its_row() {
    let (values, failures) = over(&[("n", &[Some("2"), Some("2000000000")])], "repeat('ab', cast(n as bigint))");
    assert_eq!(values, ["abab", "-"]);
    let [(1, cause)] = failures.as_slice() else { panic!("{failures:?}") };
    assert!(cause.contains("repeat gives a text of more than 1048576 bytes"), "{cause}");
}
