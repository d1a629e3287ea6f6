//! From YAML text to a tree.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput};

use super::mistakes::Mistakes;
use super::tree::{Content, Entry, Node, Scalar, Size, Style};
use crate::diagnostic::Place;
use crate::suggest::shortened;

/// Levels of nesting that a file may have; a pipeline, the deepest, needs 8.
const MAX_DEPTH: usize = 32;

/// Nodes that a file may have, copies of anchors included.
const MAX_NODES: usize = 1_000_000;

/// Bytes that their texts may have, and the ways to them.
const MAX_BYTES: usize = 32 << 20;

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
    let mut builder = Builder { parser, anchors: HashMap::new(), size: Size::default(), way: 0, subject, mistakes };
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
    size: Size,
    /// Bytes of the keys around what is being read.
    way: usize,
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
        if depth > MAX_DEPTH {
            let message = format!("this is nested deeper than {MAX_DEPTH} levels; write a flatter file");
            return Err(Broken { place, message });
        }
        self.count(Size { nodes: 1, bytes: self.way }, place)?;
        let (content, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => {
                self.count(Size { nodes: 0, bytes: text.len() }, place)?;
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
        let mut lines: HashMap<String, u64> = HashMap::new();
        while let Some((event, place)) = self.next()? {
            if event == Event::MappingEnd {
                break;
            }
            let key = self.node(event, place, depth + 1)?;
            let Some((event, value_place)) = self.next()? else { break };
            let key = match key.content {
                Content::Scalar(Scalar { text, .. }) => Some(text),
                Content::List(_) | Content::Mapping(_) => None,
            };
            let bytes = key.as_ref().map_or(0, String::len);
            self.way += bytes;
            let value = self.node(event, value_place, depth + 1)?;
            self.way -= bytes;
            let Some(key) = key else {
                self.mistakes.at(place, "a key can't be a list or a mapping; write a name");
                continue;
            };
            match lines.get(&key) {
                Some(line) => {
                    let key = shortened(&key);
                    self.mistakes.at(place, format!("`{key}` is already on line {line}; write it once"));
                }
                None => {
                    lines.insert(key.clone(), place.line);
                    entries.push(Entry { key, place, value });
                }
            }
        }
        Ok(entries)
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<Node, Broken> {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            let message = "this refers to an anchor that holds it; write its content out".to_owned();
            return Err(Broken { place, message });
        };
        let size = node.size();
        let ways = Size { nodes: 0, bytes: size.nodes.saturating_mul(self.way) };
        self.count(size.plus(ways), place)?;
        Ok(node)
    }

    fn count(&mut self, size: Size, place: Place) -> Result<(), Broken> {
        self.size = self.size.plus(size);
        let much = match self.size {
            Size { nodes, .. } if nodes > MAX_NODES => format!("{MAX_NODES} values"),
            Size { bytes, .. } if bytes > MAX_BYTES => format!("{MAX_BYTES} bytes of texts"),
            _ => return Ok(()),
        };
        let message = format!("the file holds more than {much}; write fewer, or fewer aliases of anchors");
        Err(Broken { place, message })
    }
}

fn place_of(marker: &Marker) -> Place {
    Place::of_counts(marker.line().saturating_sub(1), marker.col())
}
