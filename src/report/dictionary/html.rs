//! The dictionary as a page: the same that it tells in JSON, the lineage as a picture, and a pipeline's policy.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{Dictionary, Table, is_setting};
use crate::config::Pipeline;
use crate::report::picture::{self, Reads};
use crate::{Context, Kind, Result, page};

impl Dictionary {
    /// The dictionary as one HTML file, with the policy of a pipeline that is in force on a day.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn html(&self, pipeline: Option<(&Pipeline, NaiveDate)>) -> Result<String> {
        let dictionary = serde_json::to_value(self).context(Kind::Bug, || "can't write the dictionary".to_owned())?;
        let pipeline = pipeline.map(|(pipeline, day)| of_pipeline(pipeline, day)).transpose()?;
        let version = env!("CARGO_PKG_VERSION");
        let data = json!({"dictionary": dictionary, "pipeline": pipeline, "rfmart_version": version});
        Ok(page::dictionary(&data, &picture::lineage(&self.reads())))
    }

    /// What each table reads, but for run facts and policy, which most do.
    fn reads(&self) -> Reads<'_> {
        let tables = self.intermediate.iter().chain(&self.tables);
        tables.map(|table| (table.name.as_str(), table.rows_read())).collect()
    }
}

impl Table {
    fn rows_read(&self) -> BTreeSet<&str> {
        self.reads.iter().map(String::as_str).filter(|read| !is_setting(read)).collect()
    }
}

fn of_pipeline(pipeline: &Pipeline, day: NaiveDate) -> Result<Value> {
    let policy =
        serde_json::to_value(pipeline.policies.on(day)).context(Kind::Bug, || "can't write the policy".to_owned())?;
    Ok(json!({
        "name": pipeline.name,
        "currency": pipeline.currency,
        "day": day,
        "since": pipeline.policies.since(day),
        "policy": policy,
    }))
}
