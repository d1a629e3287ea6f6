//! Rows as a case writes them: mappings in a list, or a table of text whose first line names the columns.

use crate::diagnostic::Place;
use crate::yaml::{Content, Mistakes, Node, Style};

/// Rows, each cell with its place.
pub struct Table {
    /// The columns, each where it is first named.
    pub columns: Vec<(String, Place)>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Where the table begins.
    pub place: Place,
}

/// A row of a table.
pub struct Row {
    /// Where it begins.
    pub place: Place,
    /// The cells by column; of a mapping, those that it names.
    pub cells: Vec<(String, Cell)>,
}

impl Row {
    /// The cell of a column.
    pub fn cell(&self, column: &str) -> Option<&Cell> {
        self.cells.iter().find(|(name, _)| name == column).map(|(_, cell)| cell)
    }
}

/// A value and where it stands.
#[derive(Clone)]
pub struct Cell {
    /// Its text; none for null.
    pub text: Option<String>,
    /// Where it stands.
    pub place: Place,
}

const FORMS: &str = "write rows as mappings, `- {customer_id: ann, amount: 100}`, or after `|` as a table: a line of \
                     column names, then a line per row, cells apart by `|`";

/// The rows of `node`, which stands in `file_text`, as far as they can be told; none if none can.
pub fn table(node: &Node, file_text: &str, mistakes: &mut Mistakes) -> Option<Table> {
    match &node.content {
        Content::List(items) => mappings(items, node.place, mistakes),
        Content::Scalar(scalar) if scalar.style == Style::Quoted && !scalar.text.trim().is_empty() => {
            Lines { file_text, place: node.place, mistakes }.table(&scalar.text)
        }
        Content::Scalar(_) | Content::Mapping(_) => {
            mistakes.at(node.place, format!("these are no rows; {FORMS}"));
            None
        }
    }
}

fn mappings(items: &[Node], place: Place, mistakes: &mut Mistakes) -> Option<Table> {
    let mut table = Table { columns: Vec::new(), rows: Vec::new(), place };
    let mut is_sound = true;
    for item in items {
        let Content::Mapping(entries) = &item.content else {
            mistakes.at(item.place, format!("this is no row; {FORMS}"));
            is_sound = false;
            continue;
        };
        let mut row = Row { place: item.place, cells: Vec::new() };
        for entry in entries {
            if !table.columns.iter().any(|(name, _)| *name == entry.key) {
                table.columns.push((entry.key.clone(), entry.place));
            }
            match cell(&entry.value) {
                Some(cell) => row.cells.push((entry.key.clone(), cell)),
                None => {
                    mistakes
                        .at(entry.value.place, format!("`{}` can't be a list or a mapping; write a value", entry.key));
                    is_sound = false;
                }
            }
        }
        table.rows.push(row);
    }
    is_sound.then_some(table)
}

/// A single value; none of a list or a mapping.
pub fn cell(node: &Node) -> Option<Cell> {
    match &node.content {
        Content::Scalar(scalar) => {
            let text = (!node.is_null()).then(|| scalar.text.trim().to_owned());
            Some(Cell { text: text.filter(|text| !text.is_empty()), place: node.place })
        }
        Content::List(_) | Content::Mapping(_) => None,
    }
}

/// A table of text, and the file that it stands in.
struct Lines<'a> {
    file_text: &'a str,
    place: Place,
    mistakes: &'a mut Mistakes,
}

impl Lines<'_> {
    fn table(&mut self, text: &str) -> Option<Table> {
        let first_line = self.first_line(text);
        let lines = text.lines().enumerate().map(|(index, line)| (first_line + index, without_comment(line)));
        let mut lines = lines.filter(|(_, line)| !line.trim().is_empty());
        let (index, header) = lines.next()?;
        let columns: Vec<(String, Place)> =
            self.cells(index, header).into_iter().map(|cell| (cell.text.unwrap_or_default(), cell.place)).collect();
        let is_sound = self.is_header(&columns);
        let mut rows = Vec::new();
        for (index, line) in lines {
            let cells = self.cells(index, line);
            let place = cells.first().map_or(self.place, |cell| cell.place);
            if cells.len() != columns.len() {
                let message = format!("this row has {} cells, its table {} columns", cells.len(), columns.len());
                self.mistakes.at(place, format!("{message}; set them apart by `|`, and leave a cell empty for null"));
                continue;
            }
            let names = columns.iter().map(|(name, _)| name.clone());
            rows.push(Row { place, cells: names.zip(cells).collect() });
        }
        is_sound.then_some(Table { columns, rows, place: self.place })
    }

    fn is_header(&mut self, columns: &[(String, Place)]) -> bool {
        let mut is_sound = true;
        for (index, (name, place)) in columns.iter().enumerate() {
            let is_repeated = columns.iter().take(index).any(|(earlier, _)| earlier == name);
            let message = match name.as_str() {
                "" => "a column of this table has no name; write one".to_owned(),
                name if is_repeated => format!("the column `{name}` is in this table already; write it once"),
                _ => continue,
            };
            self.mistakes.at(*place, message);
            is_sound = false;
        }
        is_sound
    }

    /// The cells of `line`, which is the file's line at `index`, perhaps less indented.
    fn cells(&self, index: usize, line: &str) -> Vec<Cell> {
        let blanks = |line: &str| line.chars().take_while(|c| c.is_whitespace()).count();
        let raw = self.file_text.lines().nth(index).unwrap_or_default();
        let mut column = blanks(raw).saturating_sub(blanks(line));
        let mut cells = Vec::new();
        for part in line.split('|') {
            let text = part.trim();
            let place = Place::of_counts(index, column + blanks(part));
            cells.push(Cell { text: (!text.is_empty()).then(|| text.to_owned()), place });
            column += part.chars().count() + 1;
        }
        cells
    }

    /// The file's line, from 0, on which the text begins: at its value, or below.
    fn first_line(&self, text: &str) -> usize {
        let first = text.lines().next().unwrap_or_default().trim();
        let from = usize::try_from(self.place.line.saturating_sub(1)).unwrap_or_default();
        let below = self.file_text.lines().skip(from).position(|line| line.trim() == first);
        from + below.unwrap_or_default()
    }
}

/// What stands before ` #`.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') {
        return "";
    }
    line.split_once(" #").map_or(line, |(row, _)| row)
}
