//! Parts of a large object, which several threads read at the same time.

use std::ops::Range;

use crate::source::read::lines::TextPlace;

/// A part of an object.
#[derive(Clone, Debug)]
pub(in crate::source) enum Part {
    /// Of CSV or NDJSON: whole records.
    Text(TextPart),
    /// Of Parquet: whole row groups.
    Groups(GroupPart),
}

/// Records of a text, one behind the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) struct TextPart {
    /// Where the first begins.
    pub start: TextPlace,
    /// Where the first record behind them begins, in bytes of the text; beyond its end if there is none.
    pub end: u64,
    /// Number of the first row in its object, from 1.
    pub first_row_no: i64,
    /// The length of the mark before the text.
    pub mark: u64,
}

/// Row groups of a Parquet object, one behind the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) struct GroupPart {
    pub groups: Range<usize>,
    /// Number of the first row in its object, from 1.
    pub first_row_no: i64,
}

/// Cuts a text into parts, record by record.
pub(in crate::source) struct TextCutter {
    part_bytes: u64,
    /// The part whose end isn't known yet.
    part: TextPart,
    rows: i64,
}

impl TextCutter {
    /// Of a text whose first record is at `start`.
    pub fn new(start: TextPlace, mark: u64, part_bytes: u64) -> Self {
        TextCutter { part_bytes, part: TextPart { start, end: u64::MAX, first_row_no: 1, mark }, rows: 0 }
    }

    /// The next record begins at `place`: returns the part that ends before it, if that is long enough.
    pub fn cut(&mut self, place: TextPlace) -> Option<TextPart> {
        if place.byte.saturating_sub(self.part.start.byte) < self.part_bytes {
            return None;
        }
        let next = TextPart { start: place, end: u64::MAX, first_row_no: self.rows + 1, mark: self.part.mark };
        let done = std::mem::replace(&mut self.part, next);
        Some(TextPart { end: place.byte, ..done })
    }

    /// A record was passed.
    pub fn pass(&mut self) {
        self.rows += 1;
    }

    /// The last part, if it has a record.
    pub fn finish(self) -> Option<TextPart> {
        (self.rows >= self.part.first_row_no).then_some(self.part)
    }
}
