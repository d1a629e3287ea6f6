//! The metrics that the tables' sidecars define, as a list for people.

use super::tables::table;
use crate::model::Catalog;

/// Each metric with its table, how it is worked out, its unit and which way is good.
pub fn metrics(catalog: &Catalog) -> String {
    let rows = catalog.metrics().into_values().map(|(model, metric)| {
        let unit = metric.unit.clone().unwrap_or_default();
        let cells = [&metric.name, &metric.label.zh_hant, &metric.label.en, &model.name, &metric.sql(), &unit];
        let mut cells: Vec<String> = cells.into_iter().cloned().collect();
        cells.push(metric.direction.name().to_owned());
        cells
    });
    let header = ["metric", "zh-Hant", "en", "table", "measure", "unit", "good is"];
    table(&header, header.len(), rows)
}
