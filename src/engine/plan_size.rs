//! How large a plan is, before it is optimised: a view stands in it as often as it is named.
//!
//! Of views that each name the one before twice, forty come to 2⁴⁰ steps. Until they are looked at one by one, they are
//! shared.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, LogicalPlan};

/// Steps of a plan.
const MAX_STEPS: usize = 5_000;

/// Steps of a plan of which each reads the one before.
const MAX_LEVELS: usize = 1_000;

/// Checks a plan.
///
/// # Errors
/// What it has too much of, and what to do, in a sentence.
pub(super) fn check(plan: &LogicalPlan) -> Result<(), String> {
    match Known(HashMap::new()).size(plan, 0) {
        Ok(_) => Ok(()),
        Err(Stop::TooLarge(much)) => Err(format!(
            "with all that it names put in, it comes to more than {much}; let models in between be kept, or name less"
        )),
        Err(Stop::Engine(cause)) => Err(cause.message().into_owned()),
    }
}

enum Stop {
    TooLarge(String),
    Engine(DataFusionError),
}

impl From<DataFusionError> for Stop {
    fn from(cause: DataFusionError) -> Self {
        Stop::Engine(cause)
    }
}

#[derive(Clone, Copy)]
struct Size {
    steps: usize,
    levels: usize,
}

impl Size {
    /// What a step reads.
    fn add(&mut self, part: Size) {
        self.steps = self.steps.saturating_add(part.steps);
        self.levels = self.levels.max(part.levels + 1);
    }
}

fn too_deep() -> Stop {
    Stop::TooLarge(format!("{MAX_LEVELS} steps behind each other"))
}

/// The sizes of parts of a plan, by their address: those that are shared are looked at once.
struct Known(HashMap<usize, Size>);

impl Known {
    fn size(&mut self, plan: &LogicalPlan, above: usize) -> Result<Size, Stop> {
        let address = std::ptr::from_ref(plan).addr();
        if let Some(size) = self.0.get(&address) {
            return Ok(*size);
        }
        if above >= MAX_LEVELS {
            return Err(too_deep());
        }
        let mut size = Size { steps: 1, levels: 1 };
        for input in plan.inputs() {
            size.add(self.size(input, above + 1)?);
        }
        for subquery in subqueries(plan)? {
            size.add(self.size(&subquery, above + 1)?);
        }
        if size.steps > MAX_STEPS {
            return Err(Stop::TooLarge(format!("{MAX_STEPS} steps")));
        }
        if above + size.levels > MAX_LEVELS {
            return Err(too_deep());
        }
        self.0.insert(address, size);
        Ok(size)
    }
}

/// The queries within a step's expressions.
fn subqueries(plan: &LogicalPlan) -> Result<Vec<Arc<LogicalPlan>>, DataFusionError> {
    let mut found = Vec::new();
    plan.apply_expressions(|expression| {
        expression.apply(|part| {
            match part {
                Expr::ScalarSubquery(subquery) => found.push(Arc::clone(&subquery.subquery)),
                Expr::InSubquery(within) => found.push(Arc::clone(&within.subquery.subquery)),
                Expr::Exists(exists) => found.push(Arc::clone(&exists.subquery.subquery)),
                _ => {}
            }
            Ok(TreeNodeRecursion::Continue)
        })
    })?;
    Ok(found)
}
