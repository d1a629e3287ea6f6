//! The metrics as semantic models of MetricFlow, in the YAML that dbt reads.
//!
//! <https://docs.getdbt.com/docs/build/semantic-models>: a table becomes a semantic model, its columns that aren't counted
//! become dimensions. Every published table is a series of snapshots, so each measure takes the last `as_of` of the time
//! that is asked for. Rows of several scopes tell of the same customers: each metric is there of the chain, and of the
//! branches.

use std::fmt::Write;

use crate::model::{Aggregate, Aggregation, Catalog, ColumnSpec, ColumnType, Metric, Model, SCOPE};
use crate::{Error, Kind, Result};

/// The column whose last day a measure takes.
const DAY: &str = "as_of";

/// What names and labels of the two parts of a ratio end in.
const NUMERATOR: (&str, &str) = ("_numerator", "（分子）");
const DENOMINATOR: (&str, &str) = ("_denominator", "（分母）");

/// A scope that a metric is told of, and what it adds to the metric's name, label and description.
struct Scope {
    id: &'static str,
    name: &'static str,
    label: &'static str,
    description: &'static str,
}

/// Those that metrics are told of where a table has several.
const SCOPES: [Scope; 2] = [
    Scope { id: "chain", name: "", label: "", description: "" },
    Scope {
        id: "branch", name: "_by_branch", label: "（各分院）", description: " Of a branch: group by scope_id."
    },
];

/// Semantic models and metrics of all tables that have metrics.
///
/// # Errors
/// None that a checked catalog can cause.
pub fn metricflow(catalog: &Catalog) -> Result<String> {
    let models: Vec<&Model> = catalog.models.values().filter(|model| !model.sidecar.metrics.is_empty()).collect();
    let mut text = String::from("semantic_models:\n");
    for model in &models {
        text.push_str(&semantic_model(model)?);
    }
    text.push_str("\nmetrics:\n");
    for model in &models {
        for metric in &model.sidecar.metrics {
            text.push_str(&of_scopes(model, metric));
        }
    }
    Ok(text)
}

fn semantic_model(model: &Model) -> Result<String> {
    let sidecar = &model.sidecar;
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = writeln!(text, "  - name: {}", model.name);
    let _ = writeln!(text, "    description: {}", quoted(&sidecar.description));
    let _ = writeln!(text, "    model: ref('{}')", model.name);
    let _ = writeln!(text, "    defaults: {{agg_time_dimension: {DAY}}}");
    let _ = writeln!(text, "    primary_entity: {}", entity(model));
    text.push_str("    dimensions:\n");
    text.extend(sidecar.columns.iter().filter_map(dimension));
    text.push_str("    measures:\n");
    for metric in &sidecar.metrics {
        match &metric.per {
            None => text.push_str(&measure(&metric.name, &metric.measure)?),
            Some(per) => {
                text.push_str(&measure(&format!("{}{}", metric.name, NUMERATOR.0), &metric.measure)?);
                text.push_str(&measure(&format!("{}{}", metric.name, DENOMINATOR.0), per)?);
            }
        }
    }
    Ok(text)
}

/// What a row of the table is called; filters name its dimensions by it.
fn entity(model: &Model) -> &str {
    model.name.split_once('_').map_or(model.name.as_str(), |(_, name)| name)
}

/// A column by which rows are grouped or filtered, if it is one.
fn dimension(column: &ColumnSpec) -> Option<String> {
    let kind = match column.kind {
        ColumnType::Date => "type: time, type_params: {time_granularity: day}",
        ColumnType::Text | ColumnType::Boolean => "type: categorical",
        ColumnType::Int | ColumnType::Bigint | ColumnType::Money | ColumnType::Double | ColumnType::Timestamp => {
            return None;
        }
    };
    Some(format!("      - {{name: {}, {kind}, description: {}}}\n", column.name, quoted(&column.description)))
}

fn measure(name: &str, measure: &str) -> Result<String> {
    let read = Aggregation::read(measure).map_err(|refusal| Error::new(Kind::Bug, refusal))?;
    let aggregate = match read.aggregate {
        Aggregate::Sum => "sum",
        Aggregate::Min => "min",
        Aggregate::Max => "max",
        Aggregate::Average => "average",
        Aggregate::Median => "median",
        Aggregate::Count => "count",
        Aggregate::CountDistinct => "count_distinct",
    };
    let of = read.of.as_deref().unwrap_or("1");
    let last = format!("non_additive_dimension: {{name: {DAY}, window_choice: max}}");
    Ok(format!("      - {{name: {name}, agg: {aggregate}, expr: {}, {last}}}\n", quoted(of)))
}

/// A metric of each scope, or of the table if it has none.
fn of_scopes(model: &Model, metric: &Metric) -> String {
    if model.sidecar.grain.iter().any(|column| column == SCOPE) {
        let is_told = |scope: &&Scope| metric.scopes.is_empty() || metric.scopes.iter().any(|told| told == scope.id);
        return SCOPES.iter().filter(is_told).map(|scope| of_scope(model, metric, Some(scope))).collect();
    }
    of_scope(model, metric, None)
}

/// A ratio is made of two metrics, which are told too.
fn of_scope(model: &Model, metric: &Metric, scope: Option<&Scope>) -> String {
    let [name_end, label_end, told] = scope.map_or([""; 3], |scope| [scope.name, scope.label, scope.description]);
    let filter = scope.map(|scope| format!("{{{{ Dimension('{}__{SCOPE}') }}}} = '{}'", entity(model), scope.id));
    let description = quoted(&format!("{}{told}", metric.description));
    let entry = |(part, part_label): (&str, &str), kind: &str, filter: Option<&String>| {
        let filter = filter.map(|filter| format!("\n    filter: {}", quoted(filter))).unwrap_or_default();
        let label = quoted(&format!("{}{part_label}{label_end}", metric.label.zh_hant));
        let name = format!("{}{part}{name_end}", metric.name);
        format!("  - name: {name}\n    label: {label}\n    description: {description}\n    {kind}{filter}\n")
    };
    let simple = |part: (&str, &str)| {
        let kind = format!("type: simple\n    type_params: {{measure: {}{}}}", metric.name, part.0);
        entry(part, &kind, filter.as_ref())
    };
    let mut text = match metric.per {
        None => simple(("", "")),
        Some(_) => {
            let [over, under] = [NUMERATOR, DENOMINATOR].map(|(part, _)| format!("{}{part}{name_end}", metric.name));
            let parts = format!("{{numerator: {{name: {over}}}, denominator: {{name: {under}}}}}");
            let ratio = entry(("", ""), &format!("type: ratio\n    type_params: {parts}"), None);
            simple(NUMERATOR) + &simple(DENOMINATOR) + &ratio
        }
    };
    let unit = quoted(metric.unit.as_deref().unwrap_or_default());
    let (good, hans, en) = (metric.direction.name(), quoted(&metric.label.zh_hans), quoted(&metric.label.en));
    // Writing to a string can't fail.
    let _ = writeln!(text, "    config: {{meta: {{unit: {unit}, good_is: {good}, zh_hans: {hans}, en: {en}}}}}");
    text
}

/// A text in YAML, which reads those of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
