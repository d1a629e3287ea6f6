//! Pipelines built without a pipeline file, chains and fixtures.

pub mod chain;
pub mod staged;

use std::collections::BTreeMap;
use std::path::Path;

use rfmart::calendar::PeriodKind;
use rfmart::config::{
    Compression, CsvOptions, Format, Ids, LateData, Limits, Location, LocationKind, Pipeline, Publish, Scopes, Source,
};
use rfmart::entity::Entity;
use rfmart::policy::{Policies, Policy};

/// A project's own model, a published table.
pub const SPENDING: &str = "\
-- Customers of the chain with their money of the window.
-- Grain: as_of, customer_id.
select
    $as_of as as_of,
    customer_id,
    monetary
from fct_customer_rfm
where scope = 'chain'
order by customer_id
";

/// What describes it.
pub const SPENDING_YAML: &str = "\
description: Money per customer.
grain: [as_of, customer_id]
columns:
    - {name: as_of, type: date, description: Day.}
    - {name: customer_id, type: text, description: Customer.}
    - {name: monetary, type: money, description: Money., unit: TWD}
";

/// A pipeline of `sources` in Asia/Taipei, which publishes into `folder` and rejects no row in vain.
pub fn pipeline(folder: &Path, sources: Vec<Source>) -> Pipeline {
    Pipeline {
        file: folder.join("pipeline.yaml"),
        name: "test".to_owned(),
        timezone: chrono_tz::Asia::Taipei,
        currency: "TWD".to_owned(),
        period: PeriodKind::Month,
        scopes: Scopes { chain: true, branch: true, department: false, item: false },
        storage: BTreeMap::new(),
        sources,
        ids: Ids::default(),
        policies: Policies::from(Policy::default()),
        privacy: None,
        publish: Publish {
            location: location(folder, "warehouse/"),
            tables: None,
            delta: false,
            report: false,
            late_data: LateData::Report,
            keep_daily: None,
        },
        limits: Limits {
            memory_bytes: 1 << 30,
            target_partitions: 2,
            models_at_once: 2,
            work_dir: None,
            state_dir: None,
            holds_branches: false,
            deadline: None,
            max_rejected_share: 1.0,
            max_conflicting_share: 1.0,
        },
    }
}

/// A source of `path` (object, prefix or glob) in `folder`, whose format its extension names.
pub fn source(entity: Entity, folder: &Path, path: &str) -> Source {
    let format = match () {
        () if path.contains(".parquet") => Format::Parquet,
        () if path.contains(".ndjson") => Format::Ndjson,
        () => Format::Csv,
    };
    Source {
        entity,
        label: format!("{}[0]", entity.name()),
        location: location(folder, path),
        format,
        compression: Compression::Auto,
        csv: CsvOptions { delimiter: b',', quote: b'"', header: true, encoding: encoding_rs::UTF_8 },
        columns: BTreeMap::new(),
        expressions: BTreeMap::new(),
        formats: BTreeMap::new(),
        values: BTreeMap::new(),
        constants: BTreeMap::new(),
        timezone: None,
    }
}

/// The location of `path` in `folder`.
pub fn location(folder: &Path, path: &str) -> Location {
    let kind = match path {
        _ if path.contains(['*', '?', '[']) => LocationKind::Glob,
        _ if path.ends_with('/') || path.is_empty() => LocationKind::Prefix,
        _ => LocationKind::Object,
    };
    let path = format!("{}/{path}", folder.display());
    Location { store: "file:///".parse().expect("a URL"), path: path.trim_start_matches('/').to_owned(), kind }
}
