//! Finds out how a source is written: format, encoding, delimiter, header.

use std::collections::BTreeMap;
use std::path::Path;

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8};

use super::sample::Sample;
use super::vocabulary;
use crate::config::{self, Compression, CsvOptions, Format, LocationKind, Source};
use crate::entity::Entity;
use crate::number::is_number;
use crate::source::{self, is_date_of};
use crate::storage::Stores;
use crate::{Error, Kind, Result};

/// Bytes that tell how a text is written.
const FIRST_BYTES: u64 = 256 << 10;
/// Rows that are looked at.
const ROWS: usize = 1_000;
/// Lines that tell the delimiter.
const LINES: usize = 50;
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A source, and what its first rows hold.
pub struct Inspection {
    /// The location as the pipeline file names it.
    pub location: String,
    /// What the user said that it holds.
    pub declared: Option<Entity>,
    /// How it is read.
    pub source: Source,
    /// Whether the location doesn't tell the format.
    pub names_format: bool,
    /// Its columns.
    pub samples: Vec<Sample>,
}

/// Looks at what `argument` names, `SOURCE` or `ENTITY=SOURCE`, from `folder`.
///
/// # Errors
/// No location, nothing there, or nothing that can be read.
pub async fn inspect(argument: &str, folder: &Path, stores: &Stores, work: &Path) -> Result<Inspection> {
    let (declared, location) = declared(argument);
    let is_folder = !location.contains("://") && !location.ends_with('/') && folder.join(location).is_dir();
    let location = if is_folder { format!("{location}/") } else { location.to_owned() };
    let refuse = |message| Error::new(Kind::Usage, format!("{location}: {message}")).hint("name files as sources do");
    let (place, format) = config::locate(&location, folder).map_err(refuse)?;
    let mut source = Source {
        entity: declared.unwrap_or(Entity::Orders),
        label: location.clone(),
        location: place,
        format: format.unwrap_or(Format::Csv),
        compression: Compression::Auto,
        csv: CsvOptions { delimiter: b',', quote: b'"', header: true, encoding: UTF_8 },
        columns: BTreeMap::new(),
        expressions: BTreeMap::new(),
        formats: BTreeMap::new(),
        values: BTreeMap::new(),
        constants: BTreeMap::new(),
        timezone: None,
    };
    let names_format = format.is_none();
    if names_format || source.format == Format::Csv {
        let bytes = source::first_bytes(&source, stores, FIRST_BYTES).await?;
        if names_format {
            source.format = format_of(&bytes);
        }
        if source.format == Format::Csv {
            source.csv = csv_of(&bytes);
        }
    }
    let peek = source::peek(&source, stores, ROWS, work).await?;
    if peek.columns.is_empty() {
        let hint = "name another, or `ENTITY=SOURCE`, once there are rows in it";
        return Err(Error::new(Kind::Data, format!("{}: there are no columns in it", peek.url)).hint(hint));
    }
    let samples = peek.columns.iter().map(Sample::of).collect();
    Ok(Inspection { location, declared, source, names_format, samples })
}

impl Inspection {
    /// The name of the file or folder, without what wildcards leave open.
    pub fn file(&self) -> &str {
        let name = match self.source.location.kind {
            LocationKind::Object => self.location.rsplit('/').next(),
            LocationKind::Prefix | LocationKind::Glob => Some(self.location.as_str()),
        };
        name.unwrap_or(&self.location)
    }
}

fn declared(argument: &str) -> (Option<Entity>, &str) {
    match argument.split_once('=') {
        Some((name, location)) if Entity::named(name).is_some() => (Entity::named(name), location),
        _ => (None, argument),
    }
}

fn format_of(bytes: &[u8]) -> Format {
    match bytes.trim_ascii_start() {
        [b'P', b'A', b'R', b'1', ..] => Format::Parquet,
        [b'{', ..] => Format::Ndjson,
        _ => Format::Csv,
    }
}

fn csv_of(bytes: &[u8]) -> CsvOptions {
    let encoding = encoding_of(bytes);
    let (text, _) = encoding.decode_without_bom_handling(whole_lines(bytes));
    let lines: String = text.split_inclusive('\n').take(LINES).collect();
    let delimiter = delimiter_of(&lines);
    let first = records(&lines, delimiter).into_iter().next().unwrap_or_default();
    CsvOptions { delimiter, quote: b'"', header: is_header(&first), encoding }
}

/// What stands before the last line, which may be cut off.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    end.and_then(|end| bytes.get(..=end)).unwrap_or(bytes)
}

/// UTF-8 if it is that; else the one of Big5 and GB18030 that makes better sense of the bytes.
fn encoding_of(bytes: &[u8]) -> &'static Encoding {
    let is_utf8 = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(cause) => cause.error_len().is_none(),
    };
    if is_utf8 {
        return UTF_8;
    }
    let sense = |encoding: &'static Encoding, common: std::ops::RangeInclusive<u8>| {
        let bytes = whole_lines(bytes);
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        let malformed = text.matches(char::REPLACEMENT_CHARACTER).count();
        (known_headers(&text), std::cmp::Reverse(malformed), common_share(bytes, &common))
    };
    // Lead bytes of the characters that are used most: the first level of each standard.
    if sense(BIG5, 0xA4..=0xC6) > sense(GB18030, 0xB0..=0xD7) { BIG5 } else { GB18030 }
}

fn known_headers(text: &str) -> usize {
    let header = text.lines().next().unwrap_or_default();
    let fields = header.split(|c: char| DELIMITERS.iter().any(|delimiter| c == char::from(*delimiter)));
    fields.filter(|field| is_known(field)).count()
}

/// Parts in a thousand of the double bytes whose lead is in `common`.
fn common_share(bytes: &[u8], common: &std::ops::RangeInclusive<u8>) -> usize {
    let (mut pairs, mut hits, mut rest) = (0_usize, 0_usize, bytes);
    while let [lead, tail @ ..] = rest {
        rest = tail;
        if *lead >= 0x81 {
            pairs += 1;
            hits += usize::from(common.contains(lead));
            rest = tail.get(1..).unwrap_or_default();
        }
    }
    (hits * 1_000).checked_div(pairs).unwrap_or(0)
}

/// The one by which most lines have as many fields as the first, and several.
fn delimiter_of(lines: &str) -> u8 {
    let score = |delimiter: &u8| {
        let widths: Vec<usize> = records(lines, *delimiter).iter().map(Vec::len).collect();
        let width = widths.first().copied().unwrap_or(0);
        let alike = widths.iter().filter(|other| **other == width).count();
        if width > 1 { (alike, width) } else { (0, 0) }
    };
    // The first of equals.
    DELIMITERS.into_iter().rev().max_by_key(score).unwrap_or(b',')
}

fn records(lines: &str, delimiter: u8) -> Vec<Vec<String>> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(lines.as_bytes());
    reader.records().flatten().map(|record| record.iter().map(|field| field.trim().to_owned()).collect()).collect()
}

/// Names are neither numbers nor dates.
fn is_header(first: &[String]) -> bool {
    let is_value = |field: &String| is_number(field) || is_date_of(None, field);
    first.iter().any(|field| is_known(field)) || !first.iter().any(is_value)
}

fn is_known(header: &str) -> bool {
    let columns = Entity::ALL.into_iter().flat_map(Entity::columns);
    !vocabulary::normal(header).is_empty()
        && columns.into_iter().any(|column| vocabulary::rank(column.name, header).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "訂單編號,會員編號,分店,付款時間,金額\nA1,M1,台北,2026/11/20 10:00,100\n";

    #[test]
    fn the_encoding_is_the_one_that_makes_sense() {
        let simplified = "订单编号,会员编号,门店,付款时间,金额\nA1,M1,上海,2026/11/20 10:00,100\n";
        let rows = "甲,王小明\n乙,陳美麗\n丙,林志偉\n";
        for (text, encoding) in [(HEADER, BIG5), (simplified, GB18030), (HEADER, UTF_8), (rows, BIG5), (rows, GB18030)]
        {
            let (bytes, _, _) = encoding.encode(text);
            assert_eq!(encoding_of(&bytes).name(), encoding.name(), "{text}");
        }
        // A character that the first bytes cut off.
        assert_eq!(encoding_of(HEADER.as_bytes().get(..1).expect("a byte")), UTF_8);
    }

    #[test]
    fn the_delimiter_is_the_one_that_lines_agree_on() {
        for (lines, delimiter) in [
            ("a,b\n1,2\n", b','),
            ("a;b;c\n1,5;2,5;x\n", b';'),
            ("a\tb\n1\t2, or so\n", b'\t'),
            ("a|b\n\"x|y\"|2\n", b'|'),
            ("a\n1\n", b','),
        ] {
            assert_eq!(delimiter_of(lines), delimiter, "{lines}");
        }
    }

    #[test]
    fn a_row_is_no_header() {
        let fields = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        assert!(is_header(&fields("name,when")) && is_header(&fields("amount,2026")));
        assert!(!is_header(&fields("C1,2026-11-20")) && !is_header(&fields("C1,12.50")));
    }

    #[test]
    fn an_entity_may_be_told() {
        assert_eq!(declared("visits=a=b.csv"), (Some(Entity::Visits), "a=b.csv"));
        assert_eq!(declared("s3://b/dt=1/x.csv"), (None, "s3://b/dt=1/x.csv"));
    }
}
