//! From YAML text to a tree.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput};

use super::mistakes::Mistakes;
use super::tree::{Content, Entry, Node, Scalar, Style};
use crate::diagnostic::Place;

/// Levels of nesting that a file may have; a pipeline, the deepest, needs 8.
const MAX_DEPTH: usize = 32;

/// Nodes that a file may have, copies of anchors included.
const MAX_NODES: usize = 1_000_000;

/// What a file is expected to be, for messages.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// What one is called: `pipeline`.
    pub noun: &'static str,
    /// What its text may begin with: `name: my-clinics`.
    pub beginning: &'static str,
}

/// Parses the one document of a file; `None` if it is empty or broken, which has been noted.
pub fn parse(text: &str, subject: &Subject, mistakes: &mut Mistakes) -> Option<Node> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let parser = Parser::new_from_str(text);
    let mut builder = Builder { parser, anchors: HashMap::new(), nodes: 0, subject, mistakes };
    match builder.document() {
        Ok(Some(node)) => Some(node),
        Ok(None) => {
            let Subject { noun, beginning } = subject;
            mistakes.at(Place::START, format!("the file is empty; write a {noun}, beginning with `{beginning}`"));
            None
        }
        Err(Broken { place, message }) => {
            let line = usize::try_from(place.line.saturating_sub(1))
                .ok()
                .and_then(|at| text.lines().nth(at))
                .unwrap_or_default();
            let quotes = if line.contains("${") { "; within brackets write `\"${NAME}\"`, in quotes" } else { "" };
            mistakes.at(place, format!("{message}{quotes}"));
            None
        }
    }
}

struct Builder<'input, 'm> {
    parser: Parser<'input, StrInput<'input>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    subject: &'m Subject,
    mistakes: &'m mut Mistakes,
}

struct Broken {
    place: Place,
    message: String,
}

impl From<ScanError> for Broken {
    fn from(error: ScanError) -> Self {
        let message =
            format!("this is not YAML: {}; mind indentation, quotes and brackets here or just above", error.info());
        Broken { place: place_of(error.marker()), message }
    }
}

impl<'input> Builder<'input, '_> {
    fn document(&mut self) -> Result<Option<Node>, Broken> {
        let mut document = None;
        while let Some((event, place)) = self.next()? {
            match event {
                Event::Nothing | Event::StreamStart | Event::DocumentEnd | Event::StreamEnd => {}
                Event::DocumentStart(_) if document.is_some() => {
                    let message = format!("a second document begins here; write one {} per file", self.subject.noun);
                    return Err(Broken { place, message });
                }
                Event::DocumentStart(_) => {}
                event => document = Some(self.node(event, place, 0)?),
            }
        }
        Ok(document.filter(|node| !node.is_null()))
    }

    fn next(&mut self) -> Result<Option<(Event<'input>, Place)>, Broken> {
        match self.parser.next_event().transpose()? {
            Some((event, span)) => Ok(Some((event, place_of(&span.start)))),
            None => Ok(None),
        }
    }

    fn node(&mut self, event: Event<'input>, place: Place, depth: usize) -> Result<Node, Broken> {
        self.count(1, place)?;
        if depth > MAX_DEPTH {
            let message = format!("this is nested deeper than {MAX_DEPTH} levels; write a flatter file");
            return Err(Broken { place, message });
        }
        let (content, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => {
                let style = if style == ScalarStyle::Plain { Style::Plain } else { Style::Quoted };
                (Content::Scalar(Scalar { text: text.into_owned(), style }), anchor)
            }
            Event::SequenceStart(anchor, _) => (Content::List(self.list(depth)?), anchor),
            Event::MappingStart(anchor, _) => (Content::Mapping(self.mapping(depth)?), anchor),
            Event::Alias(anchor) => return self.alias(anchor, place),
            _ => (Content::Scalar(Scalar { text: String::new(), style: Style::Plain }), 0),
        };
        let node = Node { place, content };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Broken> {
        let mut items = Vec::new();
        while let Some((event, place)) = self.next()? {
            if event == Event::SequenceEnd {
                break;
            }
            items.push(self.node(event, place, depth + 1)?);
        }
        Ok(items)
    }

    fn mapping(&mut self, depth: usize) -> Result<Vec<Entry>, Broken> {
        let mut entries: Vec<Entry> = Vec::new();
        while let Some((event, place)) = self.next()? {
            if event == Event::MappingEnd {
                break;
            }
            let key = self.node(event, place, depth + 1)?;
            let Some((event, value_place)) = self.next()? else { break };
            let value = self.node(event, value_place, depth + 1)?;
            let Content::Scalar(Scalar { text: key, .. }) = key.content else {
                self.mistakes.at(place, "a key can't be a list or a mapping; write a name");
                continue;
            };
            match entries.iter().find(|entry| entry.key == key) {
                Some(first) => {
                    let line = first.place.line;
                    self.mistakes.at(place, format!("`{key}` is already on line {line}; write it once"));
                }
                None => entries.push(Entry { key, place, value }),
            }
        }
        Ok(entries)
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<Node, Broken> {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            let message = "this refers to an anchor that holds it; write its content out".to_owned();
            return Err(Broken { place, message });
        };
        self.count(node.size(), place)?;
        Ok(node)
    }

    fn count(&mut self, nodes: usize, place: Place) -> Result<(), Broken> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            let message =
                format!("the file holds more than {MAX_NODES} values; write fewer, or fewer aliases of anchors");
            return Err(Broken { place, message });
        }
        Ok(())
    }
}

fn place_of(marker: &Marker) -> Place {
    Place::of_counts(marker.line().saturating_sub(1), marker.col())
}
