//! Metrics of a project's own tables.

use super::{mistakes, project, publish, table};
use crate::common::{SPENDING, SPENDING_YAML};

const METRICS: &str = "metrics:
    - name: spent_by_big_spenders
      description: What they spent.
      measure: sum(monetary)
      additive_over: [customer_id]
      unit: TWD
      direction: up
      label: {zh-Hant: 大戶消費, zh-Hans: 大户消费, en: Spent by big spenders}
    - name: monetary
      measure: sum(monetary)
      per: count(*)
      direction: neither
      label: {zh-Hant: 平均消費, zh-Hans: 平均消费, en: Mean spent}
";

fn told(from: &str, to: &str) -> Vec<String> {
    let metrics = METRICS.replacen(from, to, 1);
    assert_ne!(metrics, METRICS);
    let yaml = format!("{SPENDING_YAML}{metrics}");
    mistakes(&project(&[("marts/fct_big_spender.sql", SPENDING), ("marts/fct_big_spender.yaml", &yaml)]))
}

#[test]
fn a_projects_metrics_are_published_beside_those_that_ship() {
    let yaml = format!("{SPENDING_YAML}{METRICS}");
    let chain = project(&[("marts/fct_big_spender.sql", SPENDING), ("marts/fct_big_spender.yaml", &yaml)]);
    publish(&chain).expect("a snapshot");
    let columns = ["metric", "table_name", "measure", "unit", "direction", "description", "name_zh_hans"];
    let metrics = table(&chain, "dim_metric", &columns);
    let per =
        "monetary fct_big_spender cast(sum(monetary) as double) / nullif(count(*), 0) TWD neither Money. 平均消费";
    let own = "spent_by_big_spenders fct_big_spender sum(monetary) TWD up What they spent. 大户消费";
    for expected in [per, own] {
        assert!(metrics.iter().any(|metric| metric == expected), "{metrics:#?}");
    }
    assert!(
        metrics.iter().any(|metric| metric.starts_with("revenue fct_period_summary sum(revenue) ")),
        "{metrics:#?}"
    );
}

#[test]
fn a_mistake_in_a_metric_is_told_with_its_place() {
    let cases = [
        (
            "sum(monetary)",
            "sum(monetry)",
            "10:16: spent_by_big_spenders: the table has no column monetry; write `monetary`",
        ),
        (
            "sum(monetary)",
            "monetary",
            "10:16: spent_by_big_spenders: `monetary` is no aggregate over the table's columns; write one such as \
             `sum(revenue)` or `count(*)`",
        ),
        (
            "sum(monetary)",
            "sum(customer_id)",
            "10:16: spent_by_big_spenders: `sum(customer_id)` can't be worked out of columns of these types",
        ),
        (
            "per: count(*)",
            "per: max(customr_id)",
            "17:12: monetary: the table has no column customr_id; write `customer_id`",
        ),
        (
            "per: count(*)",
            "per: count(*)\n      scopes: [chain]",
            "18:15: monetary: the table's grain has no scope; leave `scopes` out",
        ),
        (
            "[customer_id]",
            "[branch_id]",
            "11:22: spent_by_big_spenders: the table has no column branch_id; write one of `as_of`, `customer_id`, `monetary`",
        ),
        (
            "    - name: spent_by_big_spenders\n",
            "    - name: spent__by\n",
            "8:13: spent__by: write a name of lower-case words, an underscore between them",
        ),
        (
            "      description: What they spent.\n",
            "",
            "8:13: spent_by_big_spenders: no column has this name; say in `description` what the metric means",
        ),
        (
            "      unit: TWD\n",
            "",
            "8:13: spent_by_big_spenders: no column of this name has a unit; say in `unit` what is counted",
        ),
        (
            "en: Spent by big spenders",
            "en: ''",
            "14:14: spent_by_big_spenders: a label is empty; write what readers of each language call it",
        ),
        ("direction: up", "direction: sideways", "13:18: "),
    ];
    for (from, to, expected) in cases {
        let told = told(from, to);
        let expected = format!("/sql/marts/fct_big_spender.yaml:{expected}");
        assert!(told.len() == 1 && told[0].starts_with(&expected), "{told:#?}\nisn't {expected}");
    }
}

#[test]
fn no_two_metrics_have_one_name() {
    let told = told("name: spent_by_big_spenders", "name: revenue");
    let expected = "sql/marts/fct_period_summary.yaml:";
    let why = "the metric revenue is defined in ";
    assert!(told.len() == 1 && told[0].starts_with(expected) && told[0].contains(why), "{told:#?}");
}

#[test]
fn only_what_is_published_has_metrics() {
    let yaml = format!("description: Ours.\ngrain: [branch_key]\n{METRICS}");
    let told = mistakes(&project(&[("intermediate/int_branch.yaml", &yaml)]));
    assert_eq!(
        told,
        ["/sql/intermediate/int_branch.yaml:3:1: only what is published has metrics; leave `metrics` out"]
    );
}
