//! The fields of a CSV record (RFC 4180), strict about quotes: what stands behind a closing one is no text.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

/// How an object's records are written.
#[derive(Clone, Copy, Debug)]
pub(in crate::source) struct CsvDialect {
    pub delimiter: u8,
    pub quote: u8,
}

/// A field of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct CsvField {
    start: usize,
    end: usize,
    /// Whether it stands between quotes.
    pub is_quoted: bool,
    /// Whether quotes in it are written twice.
    has_pairs: bool,
}

/// How a record ends as far as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) enum Ending {
    /// Where it should.
    Complete,
    /// Within quotes: more lines belong to it, or a quote is stray.
    Open,
    /// With text behind a closing quote.
    TextBehindQuote,
}

/// A record taken apart; its memory is used again for the next.
#[derive(Default)]
pub(in crate::source) struct Fields {
    fields: Vec<CsvField>,
    /// The field whose closing quote wasn't found yet.
    open: Option<CsvField>,
    at: usize,
}

impl CsvField {
    /// Where its text is in the record, quotes written twice included.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Its text.
    #[inline]
    pub fn text<'a>(&self, record: &'a str, dialect: CsvDialect) -> Cow<'a, str> {
        let text = record.get(self.range()).unwrap_or_default();
        if self.has_pairs { Cow::Owned(without_pairs(text, dialect)) } else { Cow::Borrowed(text) }
    }
}

#[cold]
fn without_pairs(text: &str, dialect: CsvDialect) -> String {
    let quote = char::from(dialect.quote).to_string();
    text.replace(&quote.repeat(2), &quote)
}

impl Fields {
    /// Takes a new `record` apart.
    pub fn split(&mut self, record: &[u8], dialect: CsvDialect) -> Ending {
        self.fields.clear();
        self.open = None;
        self.at = 0;
        // Fields are too short for a search to pay, and most records have no quotes.
        let mut start = 0;
        let mut has_quotes = false;
        for (at, byte) in record.iter().enumerate() {
            if *byte == dialect.delimiter {
                self.push_plain(start, at);
                start = at + 1;
            }
            has_quotes |= *byte == dialect.quote;
        }
        if !has_quotes {
            self.push_plain(start, record.len());
            return Ending::Complete;
        }
        self.fields.clear();
        self.go_on(record, dialect)
    }

    /// Goes on with a record that was [`Ending::Open`], to which lines were added.
    pub fn go_on(&mut self, record: &[u8], dialect: CsvDialect) -> Ending {
        loop {
            let rest = record.get(self.at..).unwrap_or_default();
            if let Some(mut open) = self.open.take() {
                let Some(quote) = memchr(dialect.quote, rest).map(|found| self.at + found) else {
                    self.open = Some(open);
                    self.at = record.len();
                    return Ending::Open;
                };
                if record.get(quote + 1) == Some(&dialect.quote) {
                    open.has_pairs = true;
                    self.open = Some(open);
                    self.at = quote + 2;
                    continue;
                }
                self.fields.push(CsvField { end: quote, ..open });
                let is_blank = |byte: &&u8| matches!(**byte, b' ' | b'\t') && **byte != dialect.delimiter;
                let behind = record.get(quote + 1..).unwrap_or_default();
                let blanks = behind.iter().take_while(is_blank).count();
                match behind.get(blanks) {
                    None => return Ending::Complete,
                    Some(byte) if *byte == dialect.delimiter => self.at = quote + 1 + blanks + 1,
                    Some(_) => return Ending::TextBehindQuote,
                }
            } else if rest.first() == Some(&dialect.quote) {
                self.at += 1;
                self.open = Some(CsvField { start: self.at, end: self.at, is_quoted: true, has_pairs: false });
            } else {
                let Some(end) = memchr(dialect.delimiter, rest).map(|found| self.at + found) else {
                    self.push_plain(self.at, record.len());
                    return Ending::Complete;
                };
                self.push_plain(self.at, end);
                self.at = end + 1;
            }
        }
    }

    /// The fields; the one that is open isn't among them.
    pub fn all(&self) -> &[CsvField] {
        &self.fields
    }

    /// The number, from 1, of the field that is open or else the last.
    pub fn last_no(&self) -> usize {
        self.fields.len() + usize::from(self.open.is_some())
    }

    fn push_plain(&mut self, start: usize, end: usize) {
        self.fields.push(CsvField { start, end, is_quoted: false, has_pairs: false });
    }
}

/// Adds `text` to a record, within quotes where it needs them.
pub(in crate::source) fn append(record: &mut String, text: &str, dialect: CsvDialect) {
    let quote = char::from(dialect.quote);
    if !text.bytes().any(|byte| [dialect.delimiter, dialect.quote, b'\n', b'\r'].contains(&byte)) {
        return record.push_str(text);
    }
    record.push(quote);
    for char in text.chars() {
        if char == quote {
            record.push(quote);
        }
        record.push(char);
    }
    record.push(quote);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COMMA: CsvDialect = CsvDialect { delimiter: b',', quote: b'"' };

    fn split(record: &str) -> (Ending, Vec<String>) {
        let mut fields = Fields::default();
        let ending = fields.split(record.as_bytes(), COMMA);
        (ending, fields.all().iter().map(|field| field.text(record, COMMA).into_owned()).collect())
    }

    #[test]
    fn a_record_is_taken_apart() {
        for (record, fields) in [
            ("", &[""][..]),
            ("a", &["a"]),
            ("a,,b,", &["a", "", "b", ""]),
            (r#""a","b,c""#, &["a", "b,c"]),
            (r#""say ""hi""","","""""#, &[r#"say "hi""#, "", "\""]),
            (r#""a" ,"b"	"#, &["a", "b"]),
            (r#"5" screen, "b"#, &[r#"5" screen"#, r#" "b"#]),
            ("\"王\r\n小明\",b", &["王\r\n小明", "b"]),
            (r#""a","#, &["a", ""]),
        ] {
            let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
            assert_eq!(split(record), (Ending::Complete, fields), "{record}");
        }
    }

    #[test]
    fn a_quote_that_is_not_closed_and_text_behind_one_are_told() {
        assert_eq!(split(r#"a,"b,c"#).0, Ending::Open);
        assert_eq!(split(r#"a,"b"""#).0, Ending::Open);
        assert_eq!(split(r#"a,"b"c,d"#).0, Ending::TextBehindQuote);
        assert_eq!(split(r#"a,""b"",d"#).0, Ending::TextBehindQuote);
        assert_eq!(split(r#"a,"b" c"#).0, Ending::TextBehindQuote);
    }

    #[test]
    fn an_open_record_goes_on_with_the_next_line() {
        let mut fields = Fields::default();
        assert_eq!(fields.split(br#"a,"b"""#, COMMA), Ending::Open);
        assert_eq!(fields.last_no(), 2);
        let record = "a,\"b\"\"\nc\",d";
        assert_eq!(fields.go_on(record.as_bytes(), COMMA), Ending::Complete);
        let texts: Vec<_> = fields.all().iter().map(|field| field.text(record, COMMA)).collect();
        assert_eq!(texts, ["a", "b\"\nc", "d"]);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(texts in prop::collection::vec("[a ,\"\n\r王]{0,8}", 1..6)) {
            let mut record = String::new();
            for (position, text) in texts.iter().enumerate() {
                if position > 0 {
                    record.push(',');
                }
                append(&mut record, text, COMMA);
            }
            prop_assert_eq!(split(&record), (Ending::Complete, texts));
        }

        #[test]
        fn no_record_makes_the_parser_panic(record in "[a, \"\n王]{0,24}") {
            let _ = split(&record);
        }
    }
}
