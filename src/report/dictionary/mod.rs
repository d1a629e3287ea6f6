//! The data dictionary and the lineage of a catalog: what each table holds and what it is made of.

mod given;
mod html;

use std::collections::BTreeSet;
use std::fmt::Write;

use serde::Serialize;

use crate::model::{Catalog, ColumnSpec, Direction, Label, Metric, Model, Origin, Sidecar};
use crate::publish;
use given::{Input, Seed};

/// What there is to know of a catalog's tables and checks.
#[derive(Serialize)]
pub struct Dictionary {
    /// Tables that are published, by name.
    tables: Vec<Table>,
    /// Tables that a run makes on the way, by name.
    intermediate: Vec<Table>,
    /// Tables of what sources bring, by name.
    inputs: Vec<Input>,
    /// Tables that ship as files, by name.
    seeds: Vec<Seed>,
    /// What must hold before anything is published.
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Table {
    name: String,
    description: String,
    grain: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    columns: Vec<Column>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metrics: Vec<TableMetric>,
    /// Tables that the query names.
    reads: BTreeSet<String>,
    /// Inputs, seeds, policy and run facts that the table depends on in the end.
    made_of: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// Whether a project's own file takes part.
    is_own: bool,
}

#[derive(Serialize)]
struct Column {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    nullable: bool,
    unit: Option<String>,
    description: String,
}

#[derive(Serialize)]
struct TableMetric {
    name: String,
    label: Label,
    /// The whole of it, as SQL.
    measure: String,
    /// What is added up or counted.
    aggregate: String,
    /// What that is divided by.
    per: Option<String>,
    /// Columns over whose values it may be added up.
    additive_over: Vec<String>,
    unit: Option<String>,
    /// Which way is good.
    direction: Direction,
    description: String,
}

#[derive(Serialize)]
struct Check {
    name: String,
    statement: String,
    stops_the_run: bool,
    file: String,
}

impl Dictionary {
    /// The dictionary of a catalog.
    pub fn of(catalog: &Catalog) -> Self {
        let (published, intermediate): (Vec<&Model>, Vec<&Model>) =
            catalog.models.values().partition(|model| model.is_published());
        let mut tables: Vec<Table> = published.into_iter().map(|model| of_model(catalog, model)).collect();
        tables.push(table(publish::DIM_SNAPSHOT, &publish::dim_snapshot_sidecar()));
        tables.push(table(publish::DIM_RESTATEMENT, &publish::dim_restatement_sidecar()));
        tables.sort_by(|one, other| one.name.cmp(&other.name));
        let check = |check: &crate::model::CheckQuery| Check {
            name: check.name.clone(),
            statement: check.statement.clone(),
            stops_the_run: !check.is_warning(),
            file: check.file.clone(),
        };
        Dictionary {
            tables,
            intermediate: intermediate.into_iter().map(|model| of_model(catalog, model)).collect(),
            inputs: given::inputs(),
            seeds: catalog.seeds.values().map(Seed::of).collect(),
            checks: catalog.checks.values().map(check).collect(),
        }
    }

    /// The dictionary as Markdown, with the lineage as a Mermaid graph.
    pub fn markdown(&self) -> String {
        let mut text = String::from(
            "# Data dictionary\n\nEach table is `<location>/<table>/dt=<as_of>/part-….parquet`, one file a day.\n",
        );
        for table in &self.tables {
            text.push_str(&table.markdown());
        }
        text.push_str("\n# Checks\n\n| check | what must hold | if not |\n|---|---|---|\n");
        for check in &self.checks {
            let outcome = if check.stops_the_run { "nothing is published" } else { "a warning" };
            // Writing to a string can't fail.
            let _ = writeln!(text, "| `{}` | {} | {outcome} |", check.name, cell(&check.statement));
        }
        text.push_str("\n# On the way\n\n| table | a row per | holds | reads |\n|---|---|---|---|\n");
        for table in &self.intermediate {
            let (grain, reads) = (table.grain.join(", "), listed(&table.reads));
            let _ = writeln!(text, "| `{}` | {grain} | {} | {reads} |", table.name, cell(&table.description));
        }
        text.push_str("\n# Lineage\n\nRun facts and policy tables, which most models read, are left out.\n\n");
        text.push_str(&self.graph());
        text
    }

    fn graph(&self) -> String {
        let mut text = String::from("```mermaid\nflowchart LR\n");
        for table in self.intermediate.iter().chain(&self.tables) {
            for read in table.reads.iter().filter(|read| !is_setting(read)) {
                let _ = writeln!(text, "    {read} --> {}", table.name);
            }
        }
        text.push_str("    classDef published stroke-width:3px\n");
        let names: Vec<&str> = self.tables.iter().map(|table| table.name.as_str()).collect();
        let _ = writeln!(text, "    class {} published\n```", names.join(","));
        text
    }
}

impl Table {
    fn markdown(&self) -> String {
        let mut text = format!("\n## {}\n\n{}\n\nA row per {}.", self.name, self.description, self.grain.join(", "));
        if !self.reads.is_empty() {
            let _ = write!(text, " Reads {}; made of {}.", listed(&self.reads), listed(&self.made_of));
        }
        if let Some(file) = &self.file {
            let _ = write!(text, " SQL: `{file}`{}.", if self.is_own { ", the project's own" } else { "" });
        }
        text.push_str("\n\n| column | type | null | unit | meaning |\n|---|---|---|---|---|\n");
        for column in &self.columns {
            let null = if column.nullable { "yes" } else { "" };
            let unit = column.unit.as_deref().unwrap_or_default();
            let meaning = cell(&column.description);
            let _ = writeln!(text, "| `{}` | {} | {null} | {} | {meaning} |", column.name, column.kind, cell(unit));
        }
        if !self.metrics.is_empty() {
            text.push_str(
                "\n| metric | called | measure | unit | good is | adds up over |\n|---|---|---|---|---|---|\n",
            );
            text.extend(self.metrics.iter().map(TableMetric::line));
        }
        text
    }
}

impl TableMetric {
    fn of(metric: &Metric) -> Self {
        TableMetric {
            name: metric.name.clone(),
            label: metric.label.clone(),
            measure: metric.sql(),
            aggregate: metric.measure.clone(),
            per: metric.per.clone(),
            additive_over: metric.additive_over.clone(),
            unit: metric.unit.clone(),
            direction: metric.direction,
            description: metric.description.clone(),
        }
    }

    fn line(&self) -> String {
        let called = format!("{}, {}, {}", self.label.zh_hant, self.label.zh_hans, self.label.en);
        let (unit, additive) = (self.unit.as_deref().unwrap_or_default(), self.additive_over.join(", "));
        let (measure, good) = (&self.measure, self.direction.name());
        format!("| `{}` | {} | `{measure}` | {} | {good} | {additive} |\n", self.name, cell(&called), cell(unit))
    }
}

fn of_model(catalog: &Catalog, model: &Model) -> Table {
    Table {
        reads: catalog.reads(model),
        made_of: catalog.origins(model),
        file: Some(model.file.clone()),
        is_own: model.origin != Origin::BuiltIn,
        ..table(&model.name, &model.sidecar)
    }
}

fn table(name: &str, sidecar: &Sidecar) -> Table {
    let column = |column: &ColumnSpec| Column {
        name: column.name.clone(),
        kind: column.kind.sql(),
        nullable: column.nullable,
        unit: column.unit.clone(),
        description: column.description.clone(),
    };
    Table {
        name: name.to_owned(),
        description: sidecar.description.clone(),
        grain: sidecar.grain.clone(),
        columns: sidecar.columns.iter().map(column).collect(),
        metrics: sidecar.metrics.iter().map(TableMetric::of).collect(),
        reads: BTreeSet::new(),
        made_of: BTreeSet::new(),
        file: None,
        is_own: false,
    }
}

/// Whether a table says how the run is set up, rather than what happened.
fn is_setting(table: &str) -> bool {
    table.starts_with("run_") || table.starts_with("policy_")
}

fn listed(tables: &BTreeSet<String>) -> String {
    tables.iter().map(|table| format!("`{table}`")).collect::<Vec<_>>().join(", ")
}

/// A text within a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").split_whitespace().collect::<Vec<_>>().join(" ")
}
