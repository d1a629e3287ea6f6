//! The graph of hand-made models, and what must be true of the ones that ship.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::yaml::Places;

const KEPT: &str = "{description: a, grain: [a]}";
const OF_BOTH_MOMENTS: &str = "{description: a, grain: [a], moments: true}";

fn sidecar(text: &str) -> (Sidecar, Places) {
    Sidecar::read("sql/a.yaml", text).expect("a sidecar")
}

/// A catalog of models by name, sidecar and the tables that they read.
fn catalog(models: &[(&str, &str, &[&str])]) -> Catalog {
    let model = |(name, yaml, references): &(&str, &str, &[&str])| {
        let (sidecar, places) = sidecar(yaml);
        let model = Model {
            name: (*name).to_owned(),
            file: format!("sql/{name}.sql"),
            sidecar_file: format!("sql/{name}.yaml"),
            origin: Origin::BuiltIn,
            sql: String::new(),
            sidecar,
            places,
            references: references.iter().map(|reference| (*reference).to_owned()).collect(),
        };
        ((*name).to_owned(), model)
    };
    Catalog {
        models: models.iter().map(model).collect(),
        checks: BTreeMap::new(),
        seeds: BTreeMap::new(),
        cases: BTreeMap::new(),
    }
}

fn order(models: &[(&str, &str, &[&str])]) -> Vec<String> {
    catalog(models).order().expect("an order").iter().map(ToString::to_string).collect()
}

fn built_in() -> Catalog {
    Catalog::built_in().expect("the models that ship")
}

#[test]
fn each_model_comes_after_those_it_reads() {
    let models: &[(&str, &str, &[&str])] = &[
        ("fct_a", KEPT, &["int_z", "int_b", "seed_x"]),
        ("int_b", KEPT, &["int_z", "src_orders", "policy_ladder", "run_scope"]),
        ("int_z", KEPT, &[]),
    ];
    assert_eq!(order(models), ["int_z", "int_b", "fct_a"]);
}

#[test]
fn models_that_read_each_other_are_refused_with_the_circle() {
    let models: &[(&str, &str, &[&str])] =
        &[("a", KEPT, &["b"]), ("b", KEPT, &["c"]), ("c", KEPT, &["d", "b"]), ("d", KEPT, &[])];
    let refusal = |models| catalog(models).order().expect_err("a circle").to_string();
    assert_eq!(refusal(models), "sql/b.sql: models read each other in a circle: b → c → b");
    assert!(refusal(&[("a", KEPT, &["a"])]).ends_with("a → a"));
}

#[test]
fn a_table_that_no_model_makes_is_told_with_the_nearest_one() {
    let models: &[(&str, &str, &[&str])] =
        &[("fct_a", KEPT, &["int_custmer_day", "src_orders"]), ("int_customer_day", KEPT, &[]), ("int_x", KEPT, &[])];
    let told: Vec<String> =
        catalog(models).unknown_tables().iter().map(|(model, diagnostic)| format!("{model} {diagnostic}")).collect();
    assert_eq!(told, ["fct_a sql/fct_a.sql: no model makes the table int_custmer_day; write `int_customer_day`"]);
}

#[test]
fn the_opening_goes_down_to_the_models_of_no_moment() {
    let models: &[(&str, &str, &[&str])] = &[
        ("fct_a", KEPT, &["int_b", "opening.int_b"]),
        ("int_b", OF_BOTH_MOMENTS, &["int_c"]),
        ("int_c", OF_BOTH_MOMENTS, &["int_d"]),
        ("int_d", KEPT, &[]),
    ];
    assert_eq!(order(models), ["int_d", "int_c", "int_b", "opening.int_c", "opening.int_b", "fct_a"]);
}

#[test]
fn a_model_that_looks_back_from_the_baseline_needs_what_is_earlier_still() {
    let models: &[(&str, &str, &[&str])] = &[
        ("fct_a", KEPT, &["int_b", "baseline.int_b"]),
        ("int_b", OF_BOTH_MOMENTS, &["baseline.int_c"]),
        ("int_c", OF_BOTH_MOMENTS, &[]),
    ];
    assert_eq!(order(models), ["baseline.int_c", "int_b", "earlier.int_c", "baseline.int_b", "fct_a", "int_c"]);
}

#[test]
fn lineage_leads_through_all_models_to_what_none_makes() {
    let models: &[(&str, &str, &[&str])] = &[
        ("fct_a", KEPT, &["int_b", "opening.int_c"]),
        ("int_b", KEPT, &["int_c", "policy_ladder"]),
        ("int_c", OF_BOTH_MOMENTS, &["src_orders", "src_orders_repeated", "seed_x"]),
        ("int_d", KEPT, &["src_visits"]),
    ];
    let catalog = catalog(models);
    let model = &catalog.models["fct_a"];
    assert_eq!(Vec::from_iter(catalog.reads(model)), ["int_b", "int_c"]);
    assert_eq!(Vec::from_iter(catalog.origins(model)), ["policy_ladder", "seed_x", "src_orders"]);
}

#[test]
fn nothing_is_evaluated_at_the_opening_that_no_model_reads_there() {
    assert_eq!(order(&[("fct_a", KEPT, &["int_b"]), ("int_b", OF_BOTH_MOMENTS, &[])]), ["int_b", "fct_a"]);
}

#[test]
fn the_opening_of_a_model_of_no_moment_is_that_model() {
    assert_eq!(order(&[("fct_a", KEPT, &["opening.int_b"]), ("int_b", KEPT, &[])]), ["int_b", "fct_a"]);
}

#[test]
fn the_models_that_ship_are_in_order() {
    let catalog = built_in();
    let order = catalog.order().expect("an order");
    let mut done = BTreeSet::new();
    for node in &order {
        for input in catalog.inputs(node) {
            assert!(done.contains(&input), "{node} comes before {input}");
        }
        assert!(done.insert(node.clone()), "{node} comes twice");
    }
    for name in catalog.models.keys() {
        let node = Node { model: name.clone(), moment: Moment::Closing };
        assert!(done.contains(&node), "{name} is left out");
    }
    assert!(done.contains(&Node { model: "int_customer_stage".to_owned(), moment: Moment::Opening }));
}

#[test]
fn published_tables_declare_their_grain_and_describe_every_column() {
    for model in built_in().models.values().filter(|model| model.is_published()) {
        let columns: Vec<&str> = model.sidecar.columns.iter().map(|column| column.name.as_str()).collect();
        let distinct: BTreeSet<&str> = columns.iter().copied().collect();
        assert_eq!(distinct.len(), columns.len(), "{} declares a column twice", model.name);
        assert!(model.sidecar.grain.starts_with(&["as_of".to_owned()]), "{}: the grain starts with as_of", model.name);
        assert_eq!(columns[..3], ["as_of", "period", "is_period_end"], "{}", model.name);
        for column in &model.sidecar.grain {
            assert!(distinct.contains(column.as_str()), "{}: {column} is in the grain only", model.name);
        }
        for column in &model.sidecar.columns {
            assert!(!column.description.trim().is_empty(), "{}.{} has no description", model.name, column.name);
            let is_money_or_days = column.kind == ColumnType::Money || column.name.ends_with("_days");
            assert!(!is_money_or_days || column.unit.is_some(), "{}.{} has no unit", model.name, column.name);
        }
    }
}

#[test]
fn every_model_says_what_it_is_and_what_identifies_a_row() {
    for model in built_in().models.values() {
        assert!(!model.sidecar.description.trim().is_empty(), "{} has no description", model.name);
        assert!(!model.sidecar.grain.is_empty(), "{} has no grain", model.name);
        let comment: String = model.sql.lines().map_while(|line| line.strip_prefix("--")).collect::<Vec<_>>().join(" ");
        let grain = format!("Grain: {}", model.sidecar.grain.join(", "));
        assert!(comment.contains(&grain), "{}: the comment on top doesn't say '{grain}'", model.file);
    }
}

/// Models of as_of that earlier moments may read: the later day adds scope groups that nobody is in yet.
const HARMLESS: [&str; 1] = ["int_scope"];

/// A model that isn't evaluated at an earlier moment is the closing one there, too. That must not depend on the day
/// through models that are.
#[test]
fn what_is_evaluated_at_an_earlier_moment_reads_nothing_of_the_closing_one() {
    let catalog = built_in();
    let has_moments = |table: &String| catalog.models.get(table).is_some_and(|model| model.sidecar.moments);
    for node in catalog.order().expect("an order").iter().filter(|node| node.moment != Moment::Closing) {
        let is_late = |input: &&Node| input.moment == Moment::Closing && !HARMLESS.contains(&input.model.as_str());
        for input in catalog.inputs(node).iter().filter(is_late) {
            let inputs = catalog.with_inputs([input.model.clone()]);
            let late: Vec<&String> = inputs.iter().filter(|table| has_moments(table)).collect();
            assert!(late.is_empty(), "{node} reads {input}, which is of as_of: it depends on {late:?}");
        }
    }
}

/// Columns that readers join tables by: in every table the same thing.
const KEYS: [&str; 6] = ["as_of", "period", "is_period_end", "scope", "scope_id", "customer_id"];

#[test]
fn key_columns_are_the_same_in_every_table() {
    let catalog = built_in();
    for key in KEYS {
        let declared: Vec<(&str, &ColumnSpec)> = catalog
            .models
            .values()
            .flat_map(|model| model.sidecar.columns.iter().map(|column| (model.name.as_str(), column)))
            .filter(|(_, column)| column.name == key)
            .collect();
        let Some(((first, one), others)) = declared.split_first() else {
            panic!("no table has {key}");
        };
        assert!(!one.nullable, "{first}.{key} may be null");
        for (table, other) in others {
            let facts = |column: &ColumnSpec| (column.kind, column.description.clone(), column.nullable);
            assert_eq!(facts(one), facts(other), "{key} of {first} and of {table}");
        }
    }
}

#[test]
fn every_check_says_what_must_hold() {
    for check in built_in().checks.values() {
        assert!(check.statement.ends_with('.'), "{}: {:?}", check.file, check.statement);
    }
}

#[test]
fn a_sidecar_with_an_unknown_key_or_type_is_refused() {
    let cases = [
        (
            "{description: a, grain: [a], materialise: false}",
            "1:30: the key `materialise` is not known here; write `materialize`",
        ),
        (
            "{description: a, grain: [a], columns: [{name: a, type: int, description: a, null: true}]}",
            "1:77: the key `null` is not known here; write one of `name`, `type`, `description`, `unit`, `nullable`",
        ),
        (
            "{description: a, grain: [a], columns: [{name: a, type: integer, description: a}]}",
            "1:56: `type` can't be `integer`; write one of `date`, `text`, `boolean`, `int`, `bigint`, `money`, `double`, `timestamp`",
        ),
    ];
    for (text, expected) in cases {
        let mistakes = Sidecar::read("a.yaml", text).expect_err("a mistake");
        assert_eq!(mistakes.iter().map(ToString::to_string).collect::<Vec<_>>(), [format!("a.yaml:{expected}")]);
    }
}

#[test]
fn a_change_of_any_query_sidecar_or_seed_changes_the_fingerprint() {
    let changes: [fn(&mut Catalog); 5] = [
        |_| (),
        |catalog| catalog.models.get_mut("fct_customer_rfm").expect("a model").sql.push(' '),
        |catalog| catalog.models.get_mut("int_branch").expect("a model").sidecar.moments = true,
        |catalog| catalog.seeds.get_mut("seed_stage").expect("a seed").csv.push(b'\n'),
        |catalog| drop(catalog.models.remove("dim_item")),
    ];
    let fingerprints: BTreeSet<String> = changes
        .iter()
        .map(|change| {
            let mut catalog = built_in();
            change(&mut catalog);
            catalog.fingerprint()
        })
        .collect();
    assert_eq!(fingerprints.len(), changes.len());
}
