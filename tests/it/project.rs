//! A project's own models, checks and seeds, laid over those that ship.

mod metrics;

use rfmart::model::{Catalog, Origin};
use rfmart::run::{Outcome, Published};
use rfmart::{Error, Kind};

use crate::common::chain::{Chain, day, part, rows, run};
use crate::common::{SPENDING, SPENDING_YAML};

const PIPELINE: &str = "
name: clinics
timezone: Asia/Taipei
currency: TWD
sources:
  orders: {location: orders.csv}
publish: {location: warehouse/}
";

const ORDERS: &str = "\
order_id,customer_id,branch_id,paid_at,amount
A1,c1,B1,2024-11-05,100
A2,c2,B1,2024-11-06,250
A3,c2,B2,2024-10-06,50
";

const AS_OF: &str = "2024-11-21";

/// A project with one order of each kind, and `files` below its folder `sql`.
fn project(files: &[(&str, &str)]) -> Chain {
    let chain = Chain::new(PIPELINE);
    chain.write("orders.csv", ORDERS);
    for (name, text) in files {
        chain.write(&format!("sql/{name}"), text);
    }
    chain
}

fn publish(chain: &Chain) -> Result<Box<Published>, Error> {
    match run(&chain.pipeline(), day(AS_OF))? {
        Outcome::Published(published) => Ok(published),
        Outcome::UpToDate(_) | Outcome::Unchanged(..) | Outcome::Restored(..) => panic!("nothing was published"),
    }
}

fn table(chain: &Chain, table: &str, columns: &[&str]) -> Vec<String> {
    rows(&part(&chain.path("warehouse"), table, AS_OF), columns)
}

fn catalog(chain: &Chain) -> Result<Catalog, Error> {
    Catalog::beside(&chain.path("pipeline.yaml"))
}

/// The lines of the refusal of a project's files, without the path of its folder.
fn refusal(chain: &Chain, error: &Error) -> Vec<String> {
    assert_eq!(error.kind(), Kind::Config, "{error}");
    let folder = format!("{}/", chain.path("").display());
    error.to_string().replace(folder.trim_end_matches('/'), "").lines().map(|line| line.trim().to_owned()).collect()
}

const SEED: &str = include_str!("../../sql/seeds/seed_stage.csv");

#[test]
fn without_a_folder_beside_the_pipeline_the_models_are_those_that_ship() {
    let own = catalog(&project(&[])).expect("models");
    assert_eq!(own.fingerprint(), Catalog::built_in().expect("models").fingerprint());
    assert!(own.models.values().all(|model| model.origin == Origin::BuiltIn && model.file.starts_with("sql/")));
}

#[test]
fn a_seed_of_the_same_name_takes_the_place_of_the_one_that_ships() {
    let chain = project(&[("seeds/seed_stage.csv", &SEED.replace("萌新", "新客"))]);
    publish(&chain).expect("a snapshot");
    let names = table(&chain, "dim_stage", &["name_zh_hant"]);
    assert!(names.contains(&"新客".to_owned()) && !names.contains(&"萌新".to_owned()), "{names:?}");
}

#[test]
fn a_mart_is_published_like_those_that_ship() {
    let files = [("marts/fct_big_spender.sql", SPENDING), ("marts/fct_big_spender.yaml", SPENDING_YAML)];
    let chain = project(&files);
    let published = publish(&chain).expect("a snapshot");
    assert!(published.tables.iter().any(|table| table.table == "fct_big_spender"));
    assert_eq!(table(&chain, "fct_big_spender", &["customer_id", "monetary"]), ["c1 100.00", "c2 300.00"]);
    assert_eq!(catalog(&chain).expect("models").models["fct_big_spender"].origin, Origin::Added);
}

#[test]
fn query_and_sidecar_are_overridden_one_without_the_other() {
    let sql = Catalog::built_in().expect("models").models["dim_stage"].sql.clone();
    let chain = project(&[("marts/dim_stage.sql", &format!("-- Ours.\n{sql}"))]);
    let model = &catalog(&chain).expect("models").models["dim_stage"];
    assert_eq!(model.origin, Origin::Overridden);
    assert!(model.sql.starts_with("-- Ours.\n"));
    assert_eq!(model.file, chain.path("sql/marts/dim_stage.sql").display().to_string());
    assert_eq!(model.sidecar_file, "sql/marts/dim_stage.yaml");

    let chain = project(&[("intermediate/int_branch.yaml", "{description: Ours., grain: [branch_key]}")]);
    let model = &catalog(&chain).expect("models").models["int_branch"];
    assert_eq!((model.sidecar.description.as_str(), model.file.as_str()), ("Ours.", "sql/intermediate/int_branch.sql"));
}

#[test]
fn a_check_that_finds_rows_stops_the_run_and_changes_no_number() {
    let check =
        "-- Nobody spends more than 200.\nselect customer_id, monetary from fct_customer_rfm where monetary > 200";
    let chain = project(&[("checks/nobody_is_rich.sql", check)]);
    let error = publish(&chain).err().expect("a failed check");
    assert_eq!(error.kind(), Kind::Data);
    let named =
        format!("{}: Nobody spends more than 200. (2 rows)", chain.path("sql/checks/nobody_is_rich.sql").display());
    assert!(error.to_string().contains(&named), "{error}");
    let fingerprint = catalog(&chain).expect("models").fingerprint();
    assert_eq!(fingerprint, Catalog::built_in().expect("models").fingerprint());

    let chain = project(&[("checks/warn_rich.sql", check)]);
    let warnings = publish(&chain).expect("a snapshot").warnings;
    assert!(warnings.iter().any(|warning| warning.contains("warn_rich.sql: Nobody spends")), "{warnings:?}");
}

#[test]
fn files_that_belong_nowhere_are_refused_all_at_once() {
    let chain = project(&[
        ("checks/silent.sql", "select 1"),
        ("marts/.DS_Store", ""),
        ("README.md", "Ours."),
        ("marts/Fct_A.sql", "select 1"),
        ("marts/dim_snapshot.sql", "select 1"),
        ("marts/fct_a.sql", "select 1"),
        ("marts/fct_b.yaml", SPENDING_YAML),
        ("marts/fct_c.txt", ""),
        ("marts/int_d.sql", "select 1"),
        ("marts/old/fct_e.sql", "select 1"),
        ("notes.txt", ""),
        ("reports/fct_f.sql", "select 1"),
        ("seeds/seed_g.csv", "a,b\n1\n"),
        ("seeds/stages.csv", "a\n1\n"),
    ]);
    let lines = refusal(&chain, &catalog(&chain).expect_err("a refusal"));
    let expected = [
        "12 mistakes in the models, checks and seeds",
        "/sql/checks/silent.sql:1:1: doesn't open with a comment; say in it (`-- `) what must hold: a failing run shows it",
        "/sql/marts/Fct_A.sql: the name is no table name; use a-z, 0-9 and _, a letter first",
        "/sql/marts/dim_snapshot.sql: dim_snapshot is written by every run from its commit; take another name",
        "/sql/marts/fct_a.sql: has no fct_a.yaml beside it; write one with description, grain and columns",
        "/sql/marts/fct_b.yaml: describes no model; there is no fct_b.sql, neither beside it nor built in",
        "/sql/marts/fct_c.txt: doesn't belong into marts/, which holds .sql and .yaml files",
        "/sql/marts/int_d.sql: is in the wrong folder; move it to intermediate/, or name it fct_… or dim_…",
        "/sql/marts/old: is a folder within marts/; move its files up",
        "/sql/notes.txt: lies outside the folders of models; sql/ beside a pipeline file holds staging/, intermediate/, marts/, checks/, seeds/, tests/",
        "/sql/reports: is no folder of models; sql/ beside a pipeline file holds staging/, intermediate/, marts/, checks/, seeds/, tests/",
        "/sql/seeds/seed_g.csv: is no CSV with a header: CSV error: record 1 (line: 2, byte: 4): found record with 1 fields, but the previous record has 2 fields",
        "/sql/seeds/stages.csv: files in seeds/ are named seed_…",
        "hint: files in `sql/` beside the pipeline file are laid over the built-in ones, which `rfmart compile` lists",
    ];
    assert_eq!(lines, expected);
}

/// A mart of `sql`, whose sidecar is `yaml`.
fn mart(sql: &str, yaml: &str) -> Chain {
    project(&[("marts/fct_big_spender.sql", sql), ("marts/fct_big_spender.yaml", yaml)])
}

/// What a run, which reads nothing before, says of the project's files: each mistake.
#[track_caller]
fn mistakes(chain: &Chain) -> Vec<String> {
    let error = publish(chain).err().expect("a refusal");
    assert!(!chain.path("warehouse").exists(), "the warehouse was touched");
    let lines = refusal(chain, &error);
    assert!(lines[0].contains(" in the models, checks and seeds") && lines[lines.len() - 1].starts_with("hint: "));
    lines[1..lines.len() - 1].to_vec()
}

#[test]
fn a_mistake_in_a_query_is_told_with_its_place() {
    let cases = [
        ("    monetary\n", "    monetry\n", "6:5: there is no column monetry; write `monetary`"),
        ("    monetary\n", "    (monetary\n", "7:1: the SQL can't be read: Expected: ), found: from"),
        (
            "    monetary\n",
            "    fct_customer_rfm.monetry as monetary\n",
            "6:5: there is no column fct_customer_rfm.monetry; write `monetary`",
        ),
        (
            "from fct_customer_rfm",
            "from fct_customer_rmf",
            "7:6: no model makes the table fct_customer_rmf; write `fct_customer_rfm`",
        ),
        ("from fct_customer_rfm", "from src_order", "7:6: table 'src_order' not found"),
        ("$as_of", "$as_off", "4:5: no run has a fact $as_off; write `$as_of`"),
        (
            "    monetary\n",
            "    floo(monetary) as monetary\n",
            "6:5: Invalid function 'floo'; Possible function 'floor'",
        ),
        (
            "    monetary\n",
            "    monetary + true as monetary\n",
            "6:5: Cannot coerce arithmetic expression Decimal128(18, 2) + Boolean to valid types",
        ),
        ("    monetary\n", "    count_days(monetary) as monetary\n", "6:5: "),
        (
            "$as_of",
            "current_date",
            "4:5: current_date gives something else each time; a run depends on its inputs and $as_of only",
        ),
        ("scope = 'chain'", "random() > 0", "8:7: random gives something else each time"),
        (
            "order by customer_id",
            "",
            "8:22: a published table is ordered by its grain; end the query with an `order by`",
        ),
        (
            "    monetary\n",
            "    monetary,\n    segment\n",
            "7:5: the query gives segment, which /sql/marts/fct_big_spender.yaml doesn't declare; add it there with type and description, or leave it out",
        ),
    ];
    for (from, to, expected) in cases {
        assert!(SPENDING.contains(from), "{from}");
        let chain = mart(&SPENDING.replacen(from, to, 1), SPENDING_YAML);
        let told = mistakes(&chain);
        let expected = format!("/sql/marts/fct_big_spender.sql:{expected}");
        assert!(told.len() == 1 && told[0].starts_with(&expected), "{told:#?}\nisn't {expected}");
    }
}

/// A mart of which a query `sql` gives `x`, what a run says of its query, and where.
fn refused(sql: &str) -> String {
    let sql = format!("-- A.\n-- Grain: as_of, customer_id.\n{sql}\norder by customer_id\n");
    let told = mistakes(&mart(&sql, SPENDING_YAML));
    let [told] = told.as_slice() else { panic!("{told:#?}") };
    assert!(told.len() < 400, "{told}");
    told.trim_start_matches("/sql/marts/fct_big_spender.sql:").trim_start().to_owned()
}

#[test]
fn a_query_that_goes_too_deep_is_refused_before_it_is_read() {
    let deep =
        "it goes more than 200 operators and brackets deep; write it flatter: `in (…)`, a seed or several columns";
    let links = [" + 1", " or 1 = 1", " || 'a'", "::int"];
    for link in links {
        let told = refused(&format!("select 1{} as customer_id", link.repeat(90_000 / link.len())));
        assert!(told.starts_with("3:") && told.ends_with(&format!("the SQL can't be planned: {deep}")), "{told}");
    }
    let told = refused(&format!("select 1{} as customer_id", " + 1".repeat(1_000_000)));
    assert_eq!(told, "the SQL can't be planned: it is longer than 98304 bytes; write a shorter one, or several");
    let told = refused(&format!("select 1 as customer_id{}", " union all select 1".repeat(3_000)));
    let steps = "it has more than 200 selects and joins; make several models of it";
    assert_eq!(told, format!("3:3816: the SQL can't be planned: {steps}"));
}

/// `times` queries of which each is what `next` makes of the one before, and the last of them.
fn chained(times: usize, next: impl Fn(usize) -> String) -> String {
    let named = |(number, sql): (usize, String)| format!("c{number} as ({sql})");
    let first = "select $as_of as as_of, 'a' as customer_id, cast(1 as decimal(18, 2)) as monetary".to_owned();
    let queries: Vec<String> = std::iter::once(first).chain((0..times).map(next)).enumerate().map(named).collect();
    format!("with {}\nselect * from c{times}", queries.join(",\n"))
}

#[test]
fn a_query_that_doubles_with_each_line_is_refused_before_it_is_planned() {
    let large = "with the queries put in that it names, it comes to more than 2000; name each less often, or make models \
                 of them";
    let union = |before| format!("select * from c{before} union all select * from C{before}");
    assert_eq!(refused(&chained(40, union)), large);
    let exists =
        |before| format!("select * from c0 where exists (select 1 from c{before}) and 1 in (select 1 from c{before})");
    assert_eq!(refused(&chained(40, exists)), large);
}

#[test]
fn views_that_double_from_one_to_the_next_are_refused_before_they_are_planned() {
    let views: Vec<(String, String)> = (0..40)
        .map(|number: usize| {
            let before = number.checked_sub(1).map_or("stg_branches".to_owned(), |before| format!("stg_v{before:02}"));
            let sql = format!("-- A.\n-- Grain: a.\nselect 1 as a from {before} union all select 1 as a from {before}");
            (format!("staging/stg_v{number:02}.sql"), sql)
        })
        .collect();
    let views: Vec<(&str, &str)> = views.iter().map(|(file, sql)| (file.as_str(), sql.as_str())).collect();
    let told = mistakes(&project(&views));
    let large =
        "with all that it names put in, it comes to more than 5000 steps; let models in between be kept, or name less";
    assert!(told.len() == 1 && told[0].ends_with(large), "{told:#?}");
}

#[test]
fn the_deepest_query_that_is_taken_is_carried_out() {
    let filtered = |before| format!("select * from c{before} where customer_id <> 'b'");
    let sql = format!("-- A.\n{}\norder by customer_id", chained(198, filtered));
    let sql = sql.replacen("cast(1 as", &format!("cast(1{} as", " + 1".repeat(190)), 1);
    let chain = mart(&sql, SPENDING_YAML);
    publish(&chain).expect("a snapshot");
    assert_eq!(table(&chain, "fct_big_spender", &["customer_id", "monetary"]), ["a 191.00"]);
}

#[test]
fn a_query_that_reads_itself_is_refused() {
    let sql = "with recursive a as (select 1 as n union all select n + 1 from a)\nselect n as customer_id from a";
    let expected = "3:1: `with recursive` may go on for ever, and no model needs it; write what it comes to, or a seed";
    assert_eq!(refused(sql), expected);
}

#[test]
fn a_text_that_would_fill_the_memory_is_refused() {
    for (sql, function) in [
        ("repeat('x', 2000000000)", "repeat"),
        ("lpad(customer_id, 2000000000, 'y')", "lpad"),
        ("replace(repeat('x', 100000), 'x', repeat('y', 100000))", "replace"),
    ] {
        let sql = SPENDING.replacen("    customer_id,\n", &format!("    {sql} as customer_id,\n"), 1);
        let error = publish(&mart(&sql, SPENDING_YAML)).err().expect("a refusal");
        assert_eq!(error.kind(), Kind::Config, "{error}");
        let cause = format!("{function} gives a text of more than 1048576 bytes");
        assert!(error.to_string().contains(&cause), "{error}");
    }
}

#[test]
fn a_message_names_some_columns_and_not_all() {
    let columns: Vec<String> = (0..3_500).map(|n| format!("{n} as column_{n}")).collect();
    let sql = format!("select nothing as customer_id from (select {}) as a\norder by customer_id", columns.join(", "));
    let told = mistakes(&mart(&sql, SPENDING_YAML));
    assert!(
        told[0].contains("there is no column nothing; write one of `column_0`, ") && told[0].len() < 1_000,
        "{told:?}"
    );
}

#[test]
fn a_mistake_in_a_sidecar_is_told_with_its_place() {
    let cases = [
        (
            "type: money",
            "type: int",
            "6:14: monetary is declared as int, but the query gives Decimal128(18, 2); declare that, or cast in the query",
        ),
        (
            "customer_id, type: text",
            "customer_id, type: int",
            "5:14: customer_id is declared as int, but the query gives Utf8; declare that, or cast in the query",
        ),
        (
            "name: monetary",
            "name: dt",
            "6:14: no column may be named dt: the folders of published tables are; take another name",
        ),
        ("name: customer_id, type: text", "name: as_of, type: date", "5:14: as_of is declared twice"),
        (
            "name: monetary",
            "name: money",
            "6:14: money is declared, but /sql/marts/fct_big_spender.sql doesn't give it; add it to the query, or leave it out",
        ),
        ("type: money", "type: monney", "6:30: `type` can't be `monney`; write `money`"),
        ("description: Money.,", "", "6:7: `description` is missing in `columns[2]`; write "),
        ("description: Money.", "description: ' '", "6:14: the description of monetary is empty; say what it means"),
        (
            "description: Money per customer.",
            "description: ''",
            "1:1: the description is empty; say what the table is for",
        ),
        ("[as_of, customer_id]", "[customer_id]", "2:1: the grain of a published table starts with as_of"),
        ("[as_of, customer_id]", "[as_of, customer]", "2:1: customer is in the grain, but not declared as a column"),
        ("name: as_of, type: date", "name: as_of, type: text", "2:1: as_of must be a date"),
        (
            "grain:",
            "moments: true\ngrain:",
            "2:1: a published table is of one day; leave `moments` out, or make an int_ model",
        ),
        ("grain:", "materialize: false\ngrain:", "2:1: a published table is always written; leave `materialize` out"),
    ];
    for (from, to, expected) in cases {
        assert!(SPENDING_YAML.contains(from), "{from}");
        let chain = mart(SPENDING, &SPENDING_YAML.replacen(from, to, 1));
        let expected = format!("/sql/marts/fct_big_spender.yaml:{expected}");
        let told = mistakes(&chain);
        assert!(told.iter().any(|told| told.starts_with(&expected)), "{told:#?}\nisn't {expected}");
    }
}

#[test]
fn rows_that_are_not_kept_are_not_clustered() {
    let yaml = "description: Ours.\ngrain: [branch_key]\nmaterialize: false\ncluster_by: [branch_key]\n";
    let told = mistakes(&project(&[("intermediate/int_branch.yaml", yaml)]));
    let expected = "/sql/intermediate/int_branch.yaml:4:1: rows that aren't kept lie in no order";
    assert!(told.iter().any(|told| told.starts_with(expected)), "{told:#?}");
}

#[test]
fn a_published_table_without_columns_is_refused() {
    let yaml = "description: A.\ngrain: [as_of]\n";
    let expected = "/sql/marts/fct_big_spender.yaml:1:1: a published table declares its columns; add them with type and description";
    assert_eq!(mistakes(&mart(SPENDING, yaml)), [expected]);
}

/// The block of README.md in `language` that holds `text`.
fn readme_block(language: &str, text: &str) -> &'static str {
    let mut blocks = include_str!("../../README.md").split("```");
    let found = blocks.find_map(|block| block.strip_prefix(language).filter(|block| block.contains(text)));
    found.expect("the block").trim_start()
}

#[test]
fn the_mart_that_the_readme_shows_is_published() {
    let sql = readme_block("sql", "-- Customers of the chain who spent");
    let yaml = readme_block("yaml", "grain: [as_of, customer_id]");
    let chain = mart(&sql.replace("150000", "100"), yaml);
    publish(&chain).expect("a snapshot");
    assert_eq!(table(&chain, "fct_big_spender", &["customer_id", "monetary"]), ["c2 300.00"]);
}

#[test]
fn columns_in_another_order_than_declared_are_refused() {
    let line = "    - {name: customer_id, type: text, description: Customer.}\n";
    let yaml = SPENDING_YAML.replace(line, "") + line;
    let expected = "/sql/marts/fct_big_spender.yaml:3:1: the columns are in another order than the query gives: as_of, customer_id, monetary";
    assert_eq!(mistakes(&mart(SPENDING, &yaml)), [expected]);
}

#[test]
fn models_that_read_each_other_are_refused_with_the_circle() {
    let yaml = "{description: A., grain: [a]}";
    let chain = project(&[
        ("intermediate/int_a.sql", "-- A.\nselect a\nfrom int_b"),
        ("intermediate/int_a.yaml", yaml),
        ("intermediate/int_b.sql", "-- B.\nselect a from int_a"),
        ("intermediate/int_b.yaml", yaml),
    ]);
    let expected = "/sql/intermediate/int_a.sql:3:6: models read each other in a circle: int_a → int_b → int_a";
    assert_eq!(mistakes(&chain), [expected]);
}

#[test]
fn mistakes_in_several_files_are_told_at_once_and_not_those_that_follow_from_them() {
    let yaml = "{description: A., grain: [a], moments: true}";
    let chain = project(&[
        ("checks/a_law.sql", "-- A law.\nselect nothing from int_branch"),
        ("intermediate/int_a.sql", "-- A.\nselect scope_kee as a\nfrom int_scope"),
        ("intermediate/int_a.yaml", yaml),
        ("intermediate/int_b.sql", "-- B.\nselect a, other from int_a union all select a, b from opening.int_a"),
        ("intermediate/int_b.yaml", yaml),
        ("intermediate/int_c.sql", "-- C.\nselect 1 as b"),
        ("intermediate/int_c.yaml", yaml),
    ]);
    let told = mistakes(&chain);
    assert!(told[0].starts_with("/sql/checks/a_law.sql:2:8: there is no column nothing; write one of "), "{told:?}");
    assert_eq!(
        told[1..],
        [
            "/sql/intermediate/int_a.sql:2:8: there is no column scope_kee; write `scope_key`",
            "/sql/intermediate/int_c.yaml:1:19: a is in the grain, but the query gives no such column",
        ]
    );
}

#[test]
fn a_model_without_a_sidecar_is_described_by_its_opening_comment() {
    let spender = SPENDING.replace("from fct_customer_rfm\nwhere scope = 'chain'\n", "from int_spender\n");
    let chain = project(&[
        ("marts/fct_big_spender.sql", &spender),
        ("marts/fct_big_spender.yaml", SPENDING_YAML),
        (
            "intermediate/int_spender.sql",
            "-- The chain's customers\n-- with their money.\n-- Grain: customer_id; all of them.\n\
             select customer_id, monetary from fct_customer_rfm where scope = 'chain'",
        ),
    ]);
    publish(&chain).expect("a snapshot");
    assert_eq!(table(&chain, "fct_big_spender", &["customer_id", "monetary"]), ["c1 100.00", "c2 300.00"]);
    let model = &catalog(&chain).expect("models").models["int_spender"];
    assert_eq!(model.origin, Origin::Added);
    assert_eq!(model.sidecar.description, "The chain's customers with their money.");
    assert_eq!(model.sidecar.grain, ["customer_id"]);
}

#[test]
fn an_opening_comment_takes_the_place_of_the_one_that_ships_and_leaves_the_sidecar() {
    let sql = Catalog::built_in().expect("models").models["int_voided_order"].sql.clone();
    let (_, query) = sql.split_once("\nwith").expect("a query");
    let chain = project(&[(
        "intermediate/int_voided_order.sql",
        &format!("-- Ours.\n-- Grain: order_id, order_branch_key.\nwith{query}"),
    )]);
    let model = &catalog(&chain).expect("models").models["int_voided_order"];
    assert_eq!(model.origin, Origin::Overridden);
    assert_eq!((model.sidecar.description.as_str(), model.sidecar.moments), ("Ours.", true));
    assert_eq!(model.sidecar.grain, ["order_id", "order_branch_key"]);
}

#[test]
fn an_opening_comment_without_the_grain_is_refused_with_its_place() {
    let chain = project(&[
        ("intermediate/int_a.sql", "-- A.\n-- Of all.\nselect branch_key from int_branch"),
        ("intermediate/int_b.sql", "select branch_key from int_branch"),
        ("staging/stg_c.sql", "-- C.\n-- Grain: a row per branch.\nselect branch_key from stg_branches"),
        ("staging/stg_branches.sql", "-- Ours.\nselect branch_ref from src_branches"),
    ]);
    let grain = "the comment on top doesn't say what identifies a row; end it with a line `-- Grain: ` and those \
                 columns, such as `-- Grain: branch_key, day.`";
    assert_eq!(
        mistakes(&chain),
        [
            format!("/sql/intermediate/int_a.sql:2:1: {grain}"),
            "/sql/intermediate/int_b.sql:1:1: doesn't open with what the table is for; say so on top, in lines that \
             begin with `-- `"
                .to_owned(),
            format!("/sql/staging/stg_branches.sql:1:1: {grain}"),
            "/sql/staging/stg_c.sql:2:1: the grain names `a row per branch`, which is no column; write `-- Grain: ` \
             and columns, a comma between them, then a full stop"
                .to_owned(),
        ]
    );
}

#[test]
fn a_column_of_the_grain_that_the_query_does_not_give_is_told_where_the_comment_names_it() {
    let chain =
        project(&[("intermediate/int_a.sql", "-- A.\n-- Grain: branch_key, day.\nselect branch_key from int_branch")]);
    let expected = "/sql/intermediate/int_a.sql:2:23: day is in the grain, but the query gives no such column";
    assert_eq!(mistakes(&chain), [expected]);
}

#[test]
fn the_spans_that_are_compared_are_those_of_the_moment() {
    let slots = "-- Spans.\n-- Grain: slot.\nselect slot, starts_on from run_slot";
    let mart = "-- Spans at the opening.\n-- Grain: as_of, slot.\n\
                select $as_of as as_of, slot, starts_on from opening.int_slot order by slot";
    let columns = "
description: Spans at the opening.
grain: [as_of, slot]
columns:
    - {name: as_of, type: date, description: Day.}
    - {name: slot, type: text, description: Span.}
    - {name: starts_on, type: date, description: First day.}
";
    let chain = project(&[
        ("intermediate/int_slot.sql", slots),
        ("intermediate/int_slot.yaml", "moments: true\n"),
        ("marts/fct_slot.sql", mart),
        ("marts/fct_slot.yaml", columns),
    ]);
    publish(&chain).expect("a snapshot");
    assert_eq!(
        table(&chain, "fct_slot", &["slot", "starts_on"]),
        ["current 2024-10-01", "previous 2024-09-01", "year_before 2023-10-01"]
    );
}

#[test]
fn what_the_summary_after_a_run_needs_is_part_of_the_check() {
    let sql = "-- A.\n-- Grain: as_of, stage.\nselect $as_of as as_of, stage as name from seed_stage order by stage";
    let yaml = "
description: A.
grain: [as_of, name]
columns:
    - {name: as_of, type: date, description: Day.}
    - {name: name, type: text, description: Stage.}
";
    let told = mistakes(&project(&[("marts/dim_stage.sql", sql), ("marts/dim_stage.yaml", yaml)]));
    let expected = [
        "sql/checks/known_stages_and_segments.sql:12:29: there is no column stage; write one of `as_of`, `name`",
        "the summary after a run: there is no column dim_stage.stage; write one of `as_of`, `name`",
    ];
    assert_eq!(told, expected);
}

#[test]
fn the_models_that_ship_have_no_mistake_under_any_policy_of_a_file() {
    for pipeline in ["pipelines/nightly.yaml", "deploy/kubernetes/pipeline.yaml"] {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(pipeline);
        let environment = |name: &str| Some(format!("{name}1GiB")).filter(|_| name.is_empty());
        let pipeline = rfmart::config::load_with(&file, &environment).expect("a pipeline");
        let catalog = Catalog::beside(&file).expect("models");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let snapshot = rfmart::run::Snapshot::new(&pipeline, day(AS_OF));
        runtime.block_on(rfmart::run::rehearse(&pipeline, &catalog, snapshot)).expect("no mistake");
    }
}
