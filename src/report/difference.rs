//! How two snapshots differ, for a terminal.

use super::summary::counted;
use super::tables::{grouped, table};
use crate::config::Pipeline;
use crate::diff::{Branch, Difference, Move};
use crate::number::hundredths;

/// Moves that are shown of a branch; JSON has all.
const SHOWN: usize = 5;

/// Customers and money side by side, then who moved where.
pub fn difference(pipeline: &Pipeline, difference: &Difference) -> String {
    let (before, after) = (&difference.before, &difference.after);
    let mut text = format!(
        "{}: {} (commit {}) against {} (commit {})\n\n",
        pipeline.name, after.as_of, after.commit, before.as_of, before.commit
    );
    text.push_str(&sums(&pipeline.currency, &difference.branches));
    text.push_str(&moves("Stages", &difference.branches, |branch| &branch.stages));
    text.push_str(&moves("Segments", &difference.branches, |branch| &branch.segments));
    text
}

fn sums(currency: &str, branches: &[Branch]) -> String {
    let money = format!("{currency} in the window");
    let header = ["Branch", "customers", "before", "change", money.as_str(), "before", "change"];
    let signed =
        |text: String| if text.starts_with('-') || text == "0" || text == "0.00" { text } else { format!("+{text}") };
    let rows = branches.iter().map(|branch| {
        let ([were, are], [had, have]) = (branch.customers, branch.monetary_hundredths);
        vec![
            branch.branch_id.clone(),
            grouped(are),
            grouped(were),
            signed(grouped(are - were)),
            grouped(hundredths(have)),
            grouped(hundredths(had)),
            signed(grouped(hundredths(have - had))),
        ]
    });
    table(&header, 1, rows)
}

fn moves(title: &str, branches: &[Branch], of: fn(&Branch) -> &Vec<Move>) -> String {
    let mut rows = Vec::new();
    for branch in branches {
        for moved in of(branch).iter().take(SHOWN) {
            let [from, to] = moved.ends().map(str::to_owned);
            rows.push(vec![branch.branch_id.clone(), from, to, grouped(moved.customers)]);
        }
        if let Some(more @ 1..) = of(branch).len().checked_sub(SHOWN) {
            rows.push(vec![
                branch.branch_id.clone(),
                format!("and {}", counted(more, "more way")),
                String::new(),
                String::new(),
            ]);
        }
    }
    match rows.is_empty() {
        true => format!("\n  {title}: nobody moved\n"),
        false => format!("\n{}", table(&[title, "from", "to", "customers"], 3, rows)),
    }
}
