//! What a run reads and publishes, told to a lineage service while it goes on: events of OpenLineage
//! (<https://openlineage.io/docs/spec/object-model>), sent where its standard environment variables say.

mod dataset;
mod event;
mod transport;

use chrono::Utc;
use serde_json::Value;
use tracing::warn;

use self::event::{Job, State};
use self::transport::Transport;
use crate::Result;
use crate::config::Pipeline;
use crate::model::Catalog;
use crate::run::{Outcome, Snapshot};

/// Tells of one run. The night doesn't depend on it: an event that can't be sent is warned of.
pub struct Lineage {
    transport: Transport,
    job: Job,
    inputs: Vec<Value>,
    catalog: Option<Catalog>,
    pipeline: Pipeline,
}

impl Lineage {
    /// Of a run of `pipeline` for `snapshot`, if the environment says where events go.
    pub fn of(pipeline: &Pipeline, snapshot: Snapshot, environment: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let asked = Transport::of(environment).and_then(|transport| match transport {
            Some(transport) => Ok(Some((transport, Job::of(pipeline, snapshot, environment)?))),
            None => Ok(None),
        });
        let (transport, job) = match asked {
            Ok(asked) => asked?,
            Err(error) => {
                warn!("no lineage events are sent: {error}");
                return None;
            }
        };
        Some(Lineage {
            transport,
            job,
            inputs: dataset::inputs(pipeline),
            // A run whose models can't be read fails, and says so itself.
            catalog: Catalog::of_pipeline(pipeline).ok(),
            pipeline: pipeline.clone(),
        })
    }

    /// The run begins.
    pub async fn start(&self) {
        self.send(&State::Start, self.outputs(None)).await;
    }

    /// The run is over.
    pub async fn end(&self, outcome: &Result<Outcome>) {
        match outcome {
            Ok(outcome) => self.send(&State::Complete, self.outputs(Some(outcome))).await,
            Err(error) => self.send(&State::Fail(error.to_string()), self.outputs(None)).await,
        }
    }

    fn outputs(&self, outcome: Option<&Outcome>) -> Vec<Value> {
        let outputs = |catalog| dataset::outputs(&self.pipeline, catalog, outcome);
        self.catalog.as_ref().map(outputs).unwrap_or_default()
    }

    async fn send(&self, state: &State, outputs: Vec<Value>) {
        let event = self.job.event(state, Utc::now(), &self.inputs, &outputs);
        if let Err(error) = self.transport.send(&event).await {
            warn!("the lineage event {} isn't sent: {error}", state.name());
        }
    }
}
