//! What the page calls a metric, how it writes its values, and which way is good: as the tables' sidecars say.

use serde_json::{Map, Value, json};

use crate::Result;
use crate::config::Pipeline;
use crate::model::{Catalog, Metric};

/// The metrics that ship, and over them those of the pipeline's project, by name.
///
/// # Errors
/// Files beside the pipeline file that can't be read as what their places say they are.
pub fn of_pipeline(pipeline: &Pipeline) -> Result<Map<String, Value>> {
    let mut metrics = told(&Catalog::built_in()?);
    metrics.extend(told(&Catalog::beside(&pipeline.file)?));
    Ok(metrics)
}

fn told(catalog: &Catalog) -> Map<String, Value> {
    let metric = |metric: &Metric| {
        json!({
            "label": metric.label,
            "direction": metric.direction,
            "format": metric.format(),
            "definition": metric.description,
        })
    };
    catalog.metrics().into_iter().map(|(name, (_, definition))| (name.to_owned(), metric(definition))).collect()
}
