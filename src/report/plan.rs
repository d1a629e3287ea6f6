//! What a run would do, on one screen however many objects there are.

use std::collections::BTreeMap;
use std::fmt::Write;

use indicatif::HumanBytes;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::prose::{COLUMNS, prose};
use super::summary::heading;
use super::tables::{grouped, table};
use crate::config::Pipeline;
use crate::publish::StaleClosing;
use crate::run::{CHANGES_SHOWN, ComparedObject, ObjectCounts, Plan, Verdict};

/// Columns of a location that are shown however long the others are.
const LEAST_LOCATION: usize = 16;

/// What a run would do; `lists_objects` adds a line for each of them.
pub fn plan(pipeline: &Pipeline, plan: &Plan, lists_objects: bool) -> String {
    let mut text = heading(&pipeline.name, plan.snapshot);
    text.push_str("\n\n");
    text.push_str(&sources(pipeline, plan));
    text.push_str(&compared_with(plan));
    text.push_str(&kept(pipeline, plan));
    text.push('\n');
    if lists_objects {
        text.push_str(&objects(plan));
        text.push('\n');
    }
    text.push_str(&verdict(pipeline, plan));
    text.push_str(&stale(plan));
    text
}

/// Published days that lack what came since, as far as the last commit saw and none has taken their place.
fn stale(plan: &Plan) -> String {
    let Some(last) = plan.history.last() else { return String::new() };
    let holds =
        |closing: &&StaleClosing| plan.history.of_day(closing.as_of).is_some_and(|it| it.number == closing.number);
    let mut text: String = last
        .stale
        .closings
        .iter()
        .filter(holds)
        .map(|closing| prose(2, &format!("the closing snapshot of {}: {}", closing.as_of, closing.changes.join(", "))))
        .collect();
    if last.stale.other_days > 0 {
        let _ = writeln!(text, "  snapshots to date: {} days", grouped(last.stale.other_days));
    }
    match text.is_empty() {
        true => text,
        false => format!(
            "\nThese lack what came after they were published, as commit {} of {} saw:\n{text}\
             `rfmart run … --as-of <day> --restate --reason 'why'` publishes a day anew.\n",
            last.number, last.as_of
        ),
    }
}

fn sources(pipeline: &Pipeline, plan: &Plan) -> String {
    let mut of_source: Vec<Vec<&ComparedObject>> = pipeline.sources.iter().map(|_| Vec::new()).collect();
    let mut of_none: Vec<&ComparedObject> = Vec::new();
    for object in &plan.objects {
        match object.source.and_then(|source| of_source.get_mut(source)) {
            Some(objects) => objects.push(object),
            None => of_none.push(object),
        }
    }
    let keeps = pipeline.limits.state_dir.is_some();
    let line = |entity: &str, location: &str, counts: ObjectCounts| line(entity, location, counts, keeps);
    let named =
        pipeline.sources.iter().zip(of_source).map(|(source, objects)| {
            line(source.entity.name(), &source.location.to_string(), ObjectCounts::of(objects))
        });
    let mut lines: Vec<_> = named.collect();
    let mut entities: Vec<&str> = of_none.iter().map(|object| object.entity.as_str()).collect();
    entities.dedup();
    for entity in entities {
        let objects = of_none.iter().copied().filter(|object| object.entity == entity);
        lines.push(line(entity, "(no source now)", ObjectCounts::of(objects)));
    }
    if lines.len() > 1 {
        lines.push(line("in all", "", ObjectCounts::of(&plan.objects)));
    }
    let headers = ["Source", "location", "objects", "size", "new", "replaced", "same", "missing"];
    let headers: Vec<&str> = headers.into_iter().chain(keeps.then_some("stay read")).collect();
    let whole = table(&headers, 2, lines.clone());
    let beyond = whole.lines().map(UnicodeWidthStr::width).max().unwrap_or_default().saturating_sub(COLUMNS);
    if beyond == 0 {
        return whole;
    }
    // Sources of one pipeline differ at their ends.
    let longest =
        lines.iter().filter_map(|line| line.get(1)).map(|location| location.width()).max().unwrap_or_default();
    for location in lines.iter_mut().filter_map(|line| line.get_mut(1)) {
        *location = end_of(location, longest.saturating_sub(beyond).max(LEAST_LOCATION));
    }
    table(&headers, 2, lines)
}

/// A text, or as much of its end as `columns` hold.
fn end_of(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut room = columns.saturating_sub(1);
    let fits = |letter: &char| {
        let width = letter.width().unwrap_or_default();
        let fits = width <= room;
        room = if fits { room - width } else { 0 };
        fits
    };
    let end: Vec<char> = text.chars().rev().take_while(fits).collect();
    format!("…{}", end.into_iter().rev().collect::<String>())
}

fn line(entity: &str, location: &str, counts: ObjectCounts, keeps: bool) -> Vec<String> {
    let ObjectCounts { new, replaced, same, missing, kept, bytes } = counts;
    let numbers = [grouped(counts.listed()), HumanBytes(bytes).to_string()];
    let changes = [new, replaced, same, missing].into_iter().chain(keeps.then_some(kept)).map(grouped);
    [entity.to_owned(), location.to_owned()].into_iter().chain(numbers).chain(changes).collect()
}

/// How many objects stay read, and why the others don't.
fn kept(pipeline: &Pipeline, plan: &Plan) -> String {
    let Some(folder) = &pipeline.limits.state_dir else { return String::new() };
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for reason in plan.objects.iter().filter_map(|object| object.read_because) {
        *reasons.entry(reason).or_default() += 1;
    }
    let reasons: Vec<String> =
        reasons.into_iter().map(|(reason, count)| format!("{} {reason}", grouped(count))).collect();
    let read = if reasons.is_empty() { String::new() } else { format!("; to be read: {}", reasons.join(", ")) };
    let count = grouped(ObjectCounts::of(&plan.objects).kept);
    let folder = folder.display();
    prose(2, &format!("Kept in {folder}: {count} objects stay read, if branches and customers' numbers do{read}."))
}

fn compared_with(plan: &Plan) -> String {
    match (plan.compared_with(), plan.published()) {
        (None, _) => "  Nothing is published yet: every object is new.\n".to_owned(),
        (Some(commit), Some(_)) => {
            format!("  Compared with commit {}, which published this snapshot.\n", commit.number)
        }
        (Some(commit), None) => {
            format!("  Compared with commit {}, the last one, as of {}.\n", commit.number, commit.as_of)
        }
    }
}

fn objects(plan: &Plan) -> String {
    let lines = plan.objects.iter().map(|object| {
        let size = HumanBytes(object.size_bytes).to_string();
        vec![object.entity.clone(), object.url.clone(), object.change.name().to_owned(), size]
    });
    table(&["Entity", "object", "", "size"], 3, lines)
}

fn verdict(pipeline: &Pipeline, plan: &Plan) -> String {
    match &plan.verdict {
        Verdict::Publish => {
            let (location, number, as_of) =
                (&pipeline.publish.location, plan.history.next_number(), plan.snapshot.as_of);
            let rules = plan.rules.iter().map(|rule| prose(2, &format!("changed since the last commit: {rule}")));
            let text =
                format!("would publish to {location}\n  as commit {number}: there is no snapshot of {as_of} yet\n");
            rules.fold(text, |text, rule| text + &rule)
        }
        Verdict::UpToDate => "is up to date: a run would do nothing\n".to_owned(),
        Verdict::Restore(missing) => {
            let text = prose(0, "is published, but these files are gone or damaged: a run would make them again");
            missing.iter().fold(text, |text, file| text + &format!("  {}\n", file.path))
        }
        Verdict::Changed(changes) => {
            let text = "is published already, and these have changed since: a run would work it out again, and refuse if a \
                        table differs (unless told to --restate)";
            prose(0, text) + &first_of(changes)
        }
    }
}

fn first_of(changes: &[String]) -> String {
    let mut text: String = changes.iter().take(CHANGES_SHOWN).map(|change| prose(2, change)).collect();
    if let Some(more @ 1..) = changes.len().checked_sub(CHANGES_SHOWN) {
        // Writing to a string can't fail.
        let _ = writeln!(text, "  and {} more: --objects lists them", grouped(more));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_text_the_end_is_told_in_the_columns_that_there_are() {
        assert_eq!(end_of("exports/orders/", 15), "exports/orders/");
        assert_eq!(end_of("exports/orders/", 8), "…orders/");
        assert_eq!(end_of("exports/臺北/", 5), "…北/");
    }
}
