//! The physical lines of a text.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use memchr::memchr2;

/// Of each of the buffers that text passes through: small, for there may be many small objects.
const BUFFER_BYTES: usize = 64 << 10;

/// Where a line begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) struct TextPlace {
    /// Bytes of the text before it.
    pub byte: u64,
    /// The line's number, from 1.
    pub line_no: i64,
}

impl TextPlace {
    /// Of a text's first line.
    pub const START: TextPlace = TextPlace { byte: 0, line_no: 1 };
}

/// A line of a text.
#[derive(Clone, Debug, Default)]
pub(in crate::source) struct Line {
    /// Its bytes, without its end.
    pub text: Vec<u8>,
    /// What ended it; nothing at the end of the text.
    pub end: &'static str,
    /// Its number, from 1.
    pub no: i64,
    /// Bytes of the text before it.
    pub start: u64,
}

impl Line {
    fn behind(&self) -> TextPlace {
        let length = self.text.len() + self.end.len();
        TextPlace { byte: self.start + u64::try_from(length).unwrap_or_default(), line_no: self.no + 1 }
    }
}

/// Reads lines that end with `\n`, `\r\n` or `\r`.
pub(in crate::source) struct LineReader<R> {
    reader: BufReader<R>,
    /// Lines that were given back.
    again: VecDeque<Line>,
    last_no: i64,
    /// Where the next line begins.
    place: TextPlace,
}

impl<R: Read> LineReader<R> {
    pub fn new(reader: R) -> Self {
        LineReader::from(reader, TextPlace::START)
    }

    /// Of a text whose beginning isn't read: the first line is at `place`.
    pub fn from(reader: R, place: TextPlace) -> Self {
        let reader = BufReader::with_capacity(BUFFER_BYTES, reader);
        LineReader { reader, again: VecDeque::new(), last_no: place.line_no - 1, place }
    }

    /// Where the next line begins.
    pub fn place(&self) -> TextPlace {
        self.place
    }

    /// Reads the next line into `line`; false at the end of the text.
    pub fn next(&mut self, line: &mut Line) -> io::Result<bool> {
        if let Some(again) = self.again.pop_front() {
            *line = again;
            self.place = line.behind();
            return Ok(true);
        }
        line.text.clear();
        line.end = "";
        let mut is_there = false;
        while line.end.is_empty() {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            is_there = true;
            let (before, behind) = match memchr2(b'\n', b'\r', buffer) {
                Some(at) => buffer.split_at_checked(at).unwrap_or((buffer, &[])),
                None => (buffer, &[] as &[u8]),
            };
            line.text.extend_from_slice(before);
            let (count, end) = (before.len(), behind.first().copied());
            self.reader.consume(count + usize::from(end.is_some()));
            line.end = match end {
                None => "",
                Some(b'\r') if self.takes_newline()? => "\r\n",
                Some(b'\r') => "\r",
                Some(_) => "\n",
            };
        }
        self.last_no += i64::from(is_there);
        line.no = self.last_no;
        line.start = self.place.byte;
        self.place = line.behind();
        Ok(is_there)
    }

    /// Gives lines back, which are then read again before all others.
    pub fn give_back(&mut self, lines: Vec<Line>) {
        for line in lines.into_iter().rev() {
            self.place = TextPlace { byte: line.start, line_no: line.no };
            self.again.push_front(line);
        }
    }

    fn takes_newline(&mut self) -> io::Result<bool> {
        let is_there = self.reader.fill_buf()?.first() == Some(&b'\n');
        self.reader.consume(usize::from(is_there));
        Ok(is_there)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives its bytes one at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(buffer.len()).min(1);
            self.0.read(&mut buffer[..count])
        }
    }

    fn lines(reader: impl Read) -> Vec<Line> {
        let mut reader = LineReader::new(reader);
        let mut lines = Vec::new();
        let mut line = Line::default();
        while reader.next(&mut line).expect("a line") {
            lines.push(line.clone());
        }
        lines
    }

    #[test]
    fn a_line_ends_with_any_of_the_three_ends() {
        for text in ["a\r\nb\n\n\rc\r", "a\r\nb\n\n\rc"] {
            let lines = lines(Slow(text.as_bytes()));
            let texts: Vec<&str> = lines.iter().map(|line| std::str::from_utf8(&line.text).expect("a text")).collect();
            assert_eq!(texts, ["a", "b", "", "", "c"]);
            assert_eq!(lines.iter().map(|line| line.no).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        }
        assert!(lines(Slow(b"")).is_empty());
    }

    #[test]
    fn lines_that_are_given_back_come_again_with_their_numbers() {
        let mut reader = LineReader::new("a\nb\nc\n".as_bytes());
        let mut next = || {
            let mut line = Line::default();
            reader.next(&mut line).expect("a line").then_some(line)
        };
        let read: Vec<Line> = [next(), next()].into_iter().flatten().collect();
        reader.give_back(read);
        let mut line = Line::default();
        let mut all = Vec::new();
        while reader.next(&mut line).expect("a line") {
            all.push((line.text.clone(), line.no));
        }
        assert_eq!(all, [(b"a".to_vec(), 1), (b"b".to_vec(), 2), (b"c".to_vec(), 3)]);
    }

    proptest! {
        #[test]
        fn lines_and_their_ends_are_the_whole_text(text in "[ab\r\n]{0,40}") {
            for lines in [lines(text.as_bytes()), lines(Slow(text.as_bytes()))] {
                let whole: Vec<u8> =
                    lines.iter().flat_map(|line| [&line.text[..], line.end.as_bytes()].concat()).collect();
                prop_assert_eq!(whole, text.as_bytes());
            }
        }
    }
}
