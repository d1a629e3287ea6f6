//! No key of a pipeline file does nothing: each has a test that shows its effect, which the table names.
//!
//! A new key needs a line in [`SHOWN_BY`]. Here are also the tests of keys that have no better place.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::common::chain::{Chain, day, part, rows, run};
use rfmart::config;
use rfmart::run::Outcome;
use rfmart::{Kind, report};
use serde_json::Value;

/// Key of a pipeline file → a test, or a case in `sql/tests/`, that fails if it has no effect. `*` is any name.
/// Departments and items have the keys of the chain's rules, and `changes` those of the policy: what is told of them here
/// is that they reach there.
const SHOWN_BY: &[(&str, &str)] = &[
    ("name", "a_warehouse_belongs_to_one_pipeline"),
    ("timezone", "the_day_of_an_instant_is_that_of_the_pipelines_zone"),
    ("currency", "the_summary_tells_the_currency"),
    ("period", "snapshots_belong_to_the_period_that_the_pipeline_asks_for"),
    ("scopes", "only_the_scopes_asked_for_are_published"),
    ("storage.s3", "unreachable_storage_exits_with_69_and_tells_no_secret"),
    ("storage.gs", "unreachable_storage_exits_with_69_and_tells_no_secret"),
    ("storage.az", "unreachable_storage_exits_with_69_and_tells_no_secret"),
    ("storage.http", "a_killed_runs_folder_goes_with_the_next_run_and_a_living_ones_stays"),
    ("sources.orders", "a_run_writes_one_file_per_table_and_one_commit"),
    ("sources.visits", "only_attended_visits_count"),
    ("sources.leads", "the_seven_questions_are_answered_month_by_month"),
    ("sources.contacts", "of those listed it is told who was contacted, came back and paid"),
    ("sources.spend", "what was spent is told per lead and per new customer, beside what they have brought"),
    ("sources.branches", "a_day_is_the_branchs_whatever_zone_the_clock_was_in"),
    ("sources.items", "each_entity_fills_what_it_is_for"),
    ("sources.customers", "customers_of_equal_numbers_are_kept_apart_and_mapped_ones_are_the_chains"),
    ("sources.*.location", "each_setting_of_a_source_is_needed_to_read_it"),
    ("sources.*.format", "each_setting_of_a_source_is_needed_to_read_it"),
    ("sources.*.compression", "each_setting_of_a_source_is_needed_to_read_it"),
    ("sources.*.csv.delimiter", "each_setting_of_a_source_is_needed_to_read_it"),
    ("sources.*.csv.quote", "each_setting_of_a_source_is_needed_to_read_it"),
    ("sources.*.csv.header", "each_setting_of_a_source_is_needed_to_read_it"),
    ("sources.*.csv.encoding", "each_setting_of_a_source_is_needed_to_read_it"),
    ("sources.*.timezone", "each_setting_of_a_source_is_needed_to_read_it"),
    ("sources.*.columns.*.sql", "another_expression_is_another_policy"),
    ("sources.*.formats.*", "each_setting_of_a_source_is_needed_to_read_it"),
    ("sources.*.values.*.*", "each_setting_of_a_source_is_needed_to_read_it"),
    ("sources.*.constants.*", "each_setting_of_a_source_is_needed_to_read_it"),
    ("order_ids.unique_in", "equal_numbers_at_two_branches_are_two_orders_unless_ids_are_the_chains"),
    ("visit_ids.unique_in", "visits_are_told_by_branch_and_number"),
    ("customer_ids.unique_in", "customers_of_equal_numbers_are_kept_apart_and_mapped_ones_are_the_chains"),
    ("policy.extends", "the injection preset scores the edges of recency as the articles say"),
    ("policy.window_days", "frequency counts days within the window"),
    ("policy.consumption", "kinds of visits count as the policy says"),
    ("policy.frequency", "frequency counts lines within the window"),
    ("policy.segment_names", "segments bear the names of textbooks where the policy picks them"),
    ("policy.scoring.recency", "recency_is_frozen_in_days"),
    ("policy.scoring.frequency", "frequency is scored by thresholds of one's own"),
    ("policy.scoring.monetary", "a_later_month_is_measured_with_the_ruler_of_an_earlier_one"),
    ("policy.scoring.*.frozen", "a_later_month_is_measured_with_the_ruler_of_an_earlier_one"),
    ("policy.scoring.*.thresholds.1", "frequency is scored by thresholds of one's own"),
    ("policy.scoring.*.thresholds.2", "frequency is scored by thresholds of one's own"),
    ("policy.scoring.*.thresholds.3", "frequency is scored by thresholds of one's own"),
    ("policy.scoring.*.thresholds.4", "frequency is scored by thresholds of one's own"),
    ("policy.scoring.*.thresholds.5", "frequency is scored by thresholds of one's own"),
    ("policy.lifecycle.package_valid_days", "each_number_of_the_ladder_moves_its_own_line"),
    ("policy.lifecycle.dead.idle_days", "each_number_of_the_ladder_moves_its_own_line"),
    ("policy.lifecycle.dead.beyond_recall_days", "each_number_of_the_ladder_moves_its_own_line"),
    ("policy.lifecycle.dormant.idle_days", "each_number_of_the_ladder_moves_its_own_line"),
    ("policy.lifecycle.loyal.recency_days", "each_number_of_the_ladder_moves_its_own_line"),
    ("policy.lifecycle.loyal.window_days", "each_number_of_the_ladder_moves_its_own_line"),
    ("policy.lifecycle.loyal.frequency", "each_number_of_the_ladder_moves_its_own_line"),
    ("policy.lifecycle.active.recency_days", "each_number_of_the_ladder_moves_its_own_line"),
    ("policy.lifecycle.active.window_days", "each_number_of_the_ladder_moves_its_own_line"),
    ("policy.lifecycle.active.frequency", "each_number_of_the_ladder_moves_its_own_line"),
    ("policy.lifecycle.effective.recency_days", "each_number_of_the_ladder_moves_its_own_line"),
    ("policy.lifecycle.effective.window_days", "each_number_of_the_ladder_moves_its_own_line"),
    ("policy.lifecycle.effective.frequency", "each_number_of_the_ladder_moves_its_own_line"),
    ("policy.lifecycle.new.recency_days", "each_number_of_the_ladder_moves_its_own_line"),
    ("policy.vip.metric", "lifetime money never leaves a tier"),
    ("policy.vip.tiers.name", "tiers are entered and left by the money of the window"),
    ("policy.vip.tiers.from", "tiers are entered and left by the money of the window"),
    ("policy.margin", "a line has the margin of its item, else of its department, else of the chain"),
    ("policy.risk.silence.medium", "a band of silence begins with its very value"),
    ("policy.risk.silence.high", "a band of silence begins with its very value"),
    ("policy.risk.churn.medium", "bands of churn begin where policy says"),
    ("policy.risk.churn.high", "bands of churn begin where policy says"),
    ("policy.high_value_actions.value_days", "value is spending over the days of policy"),
    ("policy.high_from.recency", "a metric is high from the score that policy sets"),
    ("policy.high_from.frequency", "a metric is high from the score that policy sets"),
    ("policy.high_from.monetary", "a metric is high from the score that policy sets"),
    ("policy.period_status.cycle_days", "who comes every six weeks as treated is never lost"),
    ("policy.actions.*.priority", "conditions, priorities and the branch are policy"),
    ("policy.actions.*.when.stages", "reasons are ordered from the most urgent"),
    ("policy.actions.*.when.segments", "conditions, priorities and the branch are policy"),
    ("policy.actions.*.when.risk_bands", "newcomers, those likely to stay away and every segment have an action"),
    ("policy.actions.*.when.recency_days.from", "a reason holds for whom its conditions name"),
    ("policy.actions.*.when.recency_days.until", "a reason holds for whom its conditions name"),
    ("policy.actions.*.when.known_days.from", "a reason holds for whom its conditions name"),
    ("policy.actions.*.when.known_days.until", "a reason holds for whom its conditions name"),
    ("policy.actions.*.when.consumption_days.from", "a reason holds for whom its conditions name"),
    ("policy.actions.*.when.consumption_days.until", "a reason holds for whom its conditions name"),
    ("policy.actions.*.when.has_sessions_left", "a reason holds for whom its conditions name"),
    ("policy.actions.*.when.is_vip", "a reason holds for whom its conditions name"),
    ("policy.actions.*.when.is_low_value_high_activity", "a reason holds for whom its conditions name"),
    ("policy.action_branch", "conditions, priorities and the branch are policy"),
    ("policy.action_outcome.contact_days", "a contact is one of the action's within the days of policy"),
    ("policy.action_outcome.hold_out.share", "a smaller share under the same key holds fewer out"),
    ("policy.action_outcome.hold_out.key", "another key holds others out"),
    ("policy.action_outcome.hold_out.from", "lists before the first day of a hold-out were worked whole"),
    ("policy.coverage.silent_days", "silence_begins_after_the_days_of_policy"),
    ("policy.coverage.least_rows", "of few rows a day nothing is expected"),
    ("policy.coverage.amount_factor", "amounts are of another size from the factor of policy on"),
    ("policy.coverage.stops_at", "whose_silence_stops_a_run_is_policy"),
    ("policy.departments.*.extends", "a department with thresholds is scored by them, and the mean is everybody's"),
    ("policy.departments.*.scoring", "thresholds of an item score its customers, and those of a department its own"),
    ("policy.departments.*.lifecycle", "a_department_may_have_a_ladder_of_its_own"),
    ("policy.departments.*.window_days", "a department's window is that of customers who were there last"),
    ("policy.departments.*.period_status", "a department's cycle is that of customers who were there last"),
    ("policy.departments.*.vip", "a department may have tiers on a metric of its own"),
    ("policy.departments.*.margin", "a line has the margin of its item, else of its department, else of the chain"),
    ("policy.items.*.extends", "an item may have a ladder and tiers of its own"),
    ("policy.items.*.scoring", "thresholds of an item score its customers, and those of a department its own"),
    ("policy.items.*.lifecycle", "an item may have a ladder and tiers of its own"),
    ("policy.items.*.window_days", "an item's window is that of who came for it, above their department's"),
    ("policy.items.*.period_status", "an item's cycle is that of who came for it"),
    ("policy.items.*.vip", "an item may have a ladder and tiers of its own"),
    ("policy.items.*.margin", "a line has the margin of its item, else of its department, else of the chain"),
    ("policy.changes.from", "only_the_policy_in_force_decides_a_snapshot"),
    ("privacy.customer_id", "a_customer_has_the_same_id_every_night_and_that_id_is_the_hash"),
    ("privacy.key", "ids_of_another_key_or_of_none_do_not_mix"),
    ("publish.location", "a_run_writes_one_file_per_table_and_one_commit"),
    ("publish.delta", "a_delta_log_has_a_version_for_each_commit"),
    ("publish.report", "each_snapshot_gets_its_page_where_the_pipeline_says_so"),
    ("publish.late_data", "late_rows_restate_a_closing_snapshot_where_the_pipeline_says_so"),
    ("publish.keep_daily", "snapshots_that_close_no_period_are_kept_as_long_as_the_pipeline_says"),
    ("publish.tables", "only_the_tables_asked_for_are_published_with_those_that_they_read"),
    ("limits.memory", "queries_stay_within_the_memory_that_they_are_given"),
    ("limits.target_partitions", "queries_run_in_as_many_partitions_as_they_are_given"),
    ("limits.models_at_once", "as_many_models_are_built_side_by_side_as_they_are_given"),
    ("limits.state_dir", "a_run_reads_what_is_new_and_what_changed"),
    ("limits.work_dir", "a_run_writes_nothing_but_into_its_work_folder_and_the_warehouse"),
    ("limits.on_branch_failure", "exports_that_fail_are_held_while_the_others_go_on"),
    ("limits.max_conflicting_share", "another_day_or_customer_at_the_same_branch_is_a_contradiction"),
    ("limits.deadline", "a_run_ends_with_its_deadline"),
    ("limits.max_rejected_share", "too_many_rejected_rows_publish_nothing_and_can_be_looked_at"),
];

/// The keys of a schema, each with its way from the root.
struct Keys<'s> {
    root: &'s Value,
    found: BTreeSet<String>,
}

impl<'s> Keys<'s> {
    /// What `schema` may be, references followed.
    fn forms(&self, schema: &'s Value) -> Vec<&'s Value> {
        if let Some(name) = schema["$ref"].as_str() {
            let target = self.root.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("no {name}"));
            return self.forms(target);
        }
        let choices = ["anyOf", "oneOf"].into_iter().filter_map(|holder| schema[holder].as_array()).flatten();
        let forms: Vec<&Value> = choices.flat_map(|choice| self.forms(choice)).collect();
        if forms.is_empty() { vec![schema] } else { forms }
    }

    /// Adds the keys under `path`; where there are none, `path` itself.
    fn walk(&mut self, schema: &'s Value, path: &str) {
        let under = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        let mut is_leaf = true;
        for form in self.forms(schema) {
            if let Some(items) = form.get("items").filter(|items| items.is_object()) {
                let has_keys = self.forms(items).iter().any(|item| item.get("properties").is_some());
                if has_keys {
                    self.walk(items, path);
                    is_leaf = false;
                }
            }
            for (key, value) in form["properties"].as_object().into_iter().flatten() {
                self.key(value, path, &under(key));
                is_leaf = false;
            }
            if let Some(value) = form.get("additionalProperties").filter(|schema| schema.is_object()) {
                self.walk(value, &under("*"));
                is_leaf = false;
            }
        }
        if is_leaf {
            self.found.insert(path.to_owned());
        }
    }

    /// Alike things are told once.
    fn key(&mut self, schema: &'s Value, parent: &str, path: &str) {
        match parent {
            "sources" => {
                self.found.insert(path.to_owned());
                self.walk(schema, "sources.*");
            }
            "storage" | "policy.departments.*" | "policy.items.*" => {
                self.found.insert(path.to_owned());
            }
            "policy.scoring" => {
                self.found.insert(path.to_owned());
                self.walk(schema, "policy.scoring.*");
                self.found.remove("policy.scoring.*");
            }
            "policy.changes" if path != "policy.changes.from" => {
                let same = format!("policy{}", path.trim_start_matches("policy.changes"));
                assert!(self.is_known(&same), "{path} is no key of the policy");
            }
            _ => self.walk(schema, path),
        }
    }

    fn is_known(&self, path: &str) -> bool {
        let below = format!("{path}.");
        self.found.iter().any(|known| known == path || known.starts_with(&below))
    }
}

/// The names of all test functions, in `tests/` and beside the sources, and of all cases of the built-in models.
fn test_names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files("rs", Path::new("tests")).into_iter().chain(files("rs", Path::new("src"))) {
        let text = fs::read_to_string(&file).expect("a source file");
        for after in text.split("#[test]").skip(1) {
            let name = after.split_once("fn ").and_then(|(_, rest)| rest.split_once('(')).map(|(name, _)| name);
            names.extend(name.map(str::to_owned));
        }
    }
    for file in files("yaml", Path::new("sql/tests")) {
        let text = fs::read_to_string(&file).expect("a file of cases");
        names.extend(text.lines().filter_map(|line| Some(line.trim().strip_prefix("- name: ")?.to_owned())));
    }
    names
}

fn files(extension: &str, folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let below = |path: PathBuf| if path.is_dir() { files(extension, &path) } else { vec![path] };
    paths.flat_map(below).filter(|path| path.extension().is_some_and(|end| end == extension)).collect()
}

#[test]
fn each_key_has_a_test_that_shows_its_effect() {
    let schema = config::schema();
    let mut keys = Keys { root: &schema, found: BTreeSet::new() };
    // `changes` comes last, for it has the policy's keys.
    keys.walk(&schema, "");
    let listed: BTreeSet<String> = SHOWN_BY.iter().map(|(key, _)| (*key).to_owned()).collect();
    let difference = |one: &BTreeSet<String>, other| one.difference(other).cloned().collect::<Vec<_>>().join("\n  ");
    let (without, gone) = (difference(&keys.found, &listed), difference(&listed, &keys.found));
    assert!(without.is_empty(), "keys without a line in SHOWN_BY:\n  {without}");
    assert!(gone.is_empty(), "lines in SHOWN_BY whose key is no more:\n  {gone}");
    assert_eq!(listed.len(), SHOWN_BY.len(), "a key has two lines");
    let names = test_names();
    let missing: Vec<_> = SHOWN_BY.iter().filter(|(_, test)| !names.contains(*test)).collect();
    assert!(missing.is_empty(), "there are no such tests: {missing:?}");
}

/// A chain whose pipeline is as small as can be but for `settings`.
fn chain(settings: &str, orders: &str) -> Chain {
    let chain = Chain::new(&format!(
        "name: clinics\ncurrency: TWD\npublish: {{location: warehouse/}}\nsources: {{orders: {{location: orders.csv}}}}\n\
         {settings}\n"
    ));
    chain.write("orders.csv", &format!("order_id,customer_id,branch_id,paid_at,amount,item_id\n{orders}\n"));
    chain
}

fn table(chain: &Chain, table: &str, columns: &[&str]) -> Vec<String> {
    rows(&part(&chain.path("warehouse"), table, "2024-11-21"), columns)
}

const ORDER: &str = "A1,c1,B1,2024-11-05,100,BOTOX";

#[test]
fn the_day_of_an_instant_is_that_of_the_pipelines_zone() {
    for (zone, expected) in [("Asia/Taipei", "2024-11-06"), ("America/New_York", "2024-11-05")] {
        let chain = chain(&format!("timezone: {zone}"), "A1,c1,B1,2024-11-05T20:00:00Z,100,");
        run(&chain.pipeline(), day("2024-11-21")).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(table(&chain, "fct_customer_rfm", &["last_consumed_on"]), [expected, expected], "{zone}");
    }
}

#[test]
fn the_summary_tells_the_currency() {
    let chain = chain("timezone: Asia/Taipei", ORDER);
    let mut pipeline = chain.pipeline();
    let summary = |outcome: Outcome| report::outcome(&chain.pipeline(), &outcome);
    let told = summary(run(&pipeline, day("2024-11-21")).unwrap_or_else(|error| panic!("{error}")));
    assert!(told.contains("M in TWD") && told.contains("revenue in 2024-11 to date, TWD"), "{told}");
    // It decides what numbers mean, though no table tells it.
    let yaml = fs::read_to_string(chain.path("pipeline.yaml")).expect("a file");
    chain.write("pipeline.yaml", &yaml.replace("currency: TWD", "currency: USD"));
    pipeline = chain.pipeline();
    for as_of in ["2024-11-21", "2024-11-22"] {
        let refusal = run(&pipeline, day(as_of)).err().expect("a refusal");
        assert_eq!(refusal.kind(), Kind::Config);
        assert!(refusal.to_string().contains("holds amounts in TWD, and the pipeline's are in USD"), "{refusal}");
    }
}

#[test]
fn each_entity_fills_what_it_is_for() {
    let chain = chain("timezone: Asia/Taipei", ORDER);
    chain.write("items.csv", "item_id,name\nBOTOX,Botulinum\n");
    let yaml = fs::read_to_string(chain.path("pipeline.yaml")).expect("a file");
    chain.write("pipeline.yaml", &yaml.replace("orders.csv}}", "orders.csv}, items: {location: items.csv}}"));
    run(&chain.pipeline(), day("2024-11-21")).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(table(&chain, "dim_item", &["item_id", "name"]), ["BOTOX Botulinum"]);
}

#[test]
fn only_the_tables_asked_for_are_published_with_those_that_they_read() {
    let chain = chain("timezone: Asia/Taipei", ORDER);
    let yaml = fs::read_to_string(chain.path("pipeline.yaml")).expect("a file");
    chain.write("pipeline.yaml", &yaml.replace("warehouse/}", "warehouse/, tables: [fct_period_summary]}"));
    run(&chain.pipeline(), day("2024-11-21")).unwrap_or_else(|error| panic!("{error}"));
    let published = fs::read_dir(chain.path("warehouse")).expect("a folder").map(|entry| entry.expect("an entry"));
    let names: BTreeSet<String> = published.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert!(names.contains("fct_period_summary") && names.contains("dim_snapshot"), "{names:?}");
    assert!(!names.contains("fct_cohort_retention") && !names.contains("dim_item"), "{names:?}");
}

/// How the orders below are written, a setting each: (its name, YAML).
const WRITING: [(&str, &str); 9] = [
    ("location", "location: orders.dat"),
    ("format", "format: csv"),
    ("compression", "compression: gzip"),
    ("csv", "csv: {delimiter: ';', quote: \"'\", header: false, encoding: big5}"),
    ("timezone", "timezone: Europe/London"),
    ("columns", "columns: {order_id: 1, customer_id: 2, paid_at: 3, amount: 4, status: 5}"),
    ("formats", "formats: {paid_at: '%d.%m.%Y %H:%M'}"),
    ("values", "values: {status: {ok: paid}}"),
    ("constants", "constants: {branch_id: B1}"),
];

/// What comes of orders that are read with these settings: the customers, or nothing if they can't be.
fn read_with(settings: &[&str]) -> Option<Vec<String>> {
    let chain = Chain::new(&format!(
        "name: clinics\ntimezone: Asia/Taipei\ncurrency: TWD\npublish: {{location: warehouse/}}\n\
         sources: {{orders: {{{}}}}}\n",
        settings.join(", ")
    ));
    let (text, _, _) = encoding_rs::BIG5.encode("A1;'王;明';05.11.2024 20:00;100;ok\n");
    let mut file = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    file.write_all(&text).expect("bytes");
    fs::write(chain.path("orders.dat"), file.finish().expect("bytes")).expect("a file");
    let pipeline = config::load(&chain.path("pipeline.yaml")).ok()?;
    run(&pipeline, day("2024-11-21")).ok()?;
    Some(table(&chain, "fct_customer_rfm", &["scope_id", "customer_id", "last_consumed_on", "monetary"]))
}

#[test]
fn each_setting_of_a_source_is_needed_to_read_it() {
    let settings = WRITING.map(|(_, yaml)| yaml);
    // 20:00 in London is 04:00 of the next day in Taipei.
    let expected = Some(vec!["B1 王;明 2024-11-06 100.00".to_owned(), "* 王;明 2024-11-06 100.00".to_owned()]);
    assert_eq!(read_with(&settings), expected);
    for (left_out, _) in WRITING {
        let others: Vec<&str> = WRITING.iter().filter(|(name, _)| *name != left_out).map(|(_, yaml)| *yaml).collect();
        assert_ne!(read_with(&others), expected, "without {left_out}");
    }
    let csv = settings[3];
    for setting in ["delimiter: ';', ", "quote: \"'\", ", "header: false, ", ", encoding: big5"] {
        let others = settings.map(|yaml| if yaml == csv { csv.replace(setting, "") } else { yaml.to_owned() });
        assert_ne!(others[3], csv);
        assert_ne!(read_with(&others.each_ref().map(String::as_str)), expected, "without {setting}");
    }
}

const GREEDY: &str = "\
-- A table for which a great many values have to be held at once.
-- Grain: as_of.
select
    $as_of as as_of,
    count(distinct concat(repeat('x', 100), one.number, two.number)) as ones,
    count(distinct concat(repeat('y', 100), two.number, one.number)) as twos
from seed_number as one
cross join seed_number as two
order by as_of
";

#[test]
fn queries_stay_within_the_memory_that_they_are_given() {
    let numbers: Vec<String> = (1000..2000).map(|number| number.to_string()).collect();
    let attempt = |memory: &str| {
        let chain = chain(&format!("timezone: Asia/Taipei\nlimits: {{memory: {memory}, target_partitions: 1}}"), ORDER);
        chain.write("sql/seeds/seed_number.csv", &format!("number\n{}\n", numbers.join("\n")));
        chain.write("sql/marts/fct_greedy.sql", GREEDY);
        chain.write(
            "sql/marts/fct_greedy.yaml",
            "description: Many values.\ngrain: [as_of]\ncolumns:\n\
             \x20   - {name: as_of, type: date, description: Day.}\n\
             \x20   - {name: ones, type: bigint, description: A count.}\n\
             \x20   - {name: twos, type: bigint, description: A count.}\n",
        );
        run(&chain.pipeline(), day("2024-11-21")).map(|_| table(&chain, "fct_greedy", &["ones", "twos"]))
    };
    assert_eq!(attempt("8GiB").unwrap_or_else(|error| panic!("{error}")), ["1000000 1000000"]);
    let error = attempt("64MiB").expect_err("a refusal");
    assert!(error.to_string().contains("\nhint: raise limits.memory, "), "{error}");
}
