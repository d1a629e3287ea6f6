//! The pipeline of a case: what it sets itself, and what a case needs beside that.

use std::path::Path;

use crate::Result;
use crate::config::{self, Pipeline};
use crate::diagnostic::Place;
use crate::entity::Entity;
use crate::yaml::{Content, Entry, Mistakes, Node, Scalar, Style};

/// The keys of a pipeline file that a case may set.
pub const KEYS: [&str; 6] = ["period", "scopes", "order_ids", "visit_ids", "customer_ids", "policy"];

/// The pipeline that reads `entities` from CSV objects in `folder`, with the settings of a case that begins at `place`;
/// none after a mistake.
///
/// # Errors
/// None that input can cause.
pub fn pipeline(
    settings: Vec<Entry>,
    entities: impl IntoIterator<Item = Entity>,
    folder: &Path,
    place: Place,
    mistakes: &mut Mistakes,
) -> Result<Option<Pipeline>> {
    let source = |entity: Entity| {
        let location = [("location", text(&format!("{}.csv", entity.name()), place))];
        (entity.name(), mapping(location, place))
    };
    let limits = [
        ("memory", text("1GiB", place)),
        ("target_partitions", text("1", place)),
        ("work_dir", text(".", place)),
        // A row that is meant to be read must be; rows that contradict each other are for the case to judge.
        ("max_rejected_share", text("0", place)),
        ("max_conflicting_share", text("1", place)),
    ];
    let needed = [
        ("name", text("case", place)),
        ("timezone", text("Asia/Taipei", place)),
        ("currency", text("TWD", place)),
        ("sources", mapping(entities.into_iter().map(source), place)),
        ("publish", mapping([("location", text("warehouse/", place))], place)),
        ("limits", mapping(limits, place)),
    ];
    let mut entries: Vec<Entry> = settings;
    entries.extend(needed.map(|(key, value)| Entry { key: key.to_owned(), place, value }));
    let root = Node { place, content: Content::Mapping(entries) };
    mistakes.locate(&root);
    config::of_tree(&root, &folder.join("case.yaml"), mistakes)
}

fn text(text: &str, place: Place) -> Node {
    Node { place, content: Content::Scalar(Scalar { text: text.to_owned(), style: Style::Plain }) }
}

fn mapping<'k>(entries: impl IntoIterator<Item = (&'k str, Node)>, place: Place) -> Node {
    let entry = |(key, value): (&str, Node)| Entry { key: key.to_owned(), place, value };
    Node { place, content: Content::Mapping(entries.into_iter().map(entry).collect()) }
}

/// `over` laid over `below`, mapping by mapping; any other value is replaced.
pub fn merged(below: &Node, over: &Node) -> Node {
    let (Content::Mapping(lower), Content::Mapping(upper)) = (&below.content, &over.content) else {
        return over.clone();
    };
    let mut entries = lower.clone();
    for entry in upper {
        match entries.iter_mut().find(|known| known.key == entry.key) {
            Some(known) => *known = Entry { value: merged(&known.value, &entry.value), ..entry.clone() },
            None => entries.push(entry.clone()),
        }
    }
    Node { place: over.place, content: Content::Mapping(entries) }
}
