//! Which format a source has, and how its CSV is written.

use encoding_rs::{Encoding, UTF_8};

use crate::config::pipeline::{Compression, CsvOptions, Format, Location};
use crate::config::raw::{RawCompression, RawCsv, RawFormat};
use crate::suggest;
use crate::yaml::{At, Mistakes};

/// How the bytes of a source become rows.
pub struct Reading {
    pub format: Format,
    pub compression: Compression,
    pub csv: CsvOptions,
}

/// As written of a source.
pub struct RawReading {
    pub format: Option<RawFormat>,
    pub compression: Option<RawCompression>,
    pub csv: Option<RawCsv>,
}

/// How to read the source at `at`, or `None` after at least one mistake.
pub fn reading(raw: RawReading, location: &Location, at: &At, mistakes: &mut Mistakes) -> Option<Reading> {
    let extension = extension(location);
    let has_csv_options = raw.csv.is_some();
    let csv = csv_options(raw.csv.unwrap_or_default(), extension.as_deref() == Some("tsv"), &at.key("csv"), mistakes);
    let format = match (raw.format, deduced(location)) {
        (Some(RawFormat::Csv), _) => Format::Csv,
        (Some(RawFormat::Ndjson), _) => Format::Ndjson,
        (Some(RawFormat::Parquet), _) => Format::Parquet,
        (None, Some(format)) => format,
        (None, None) => {
            let remedy = "write `format: csv`, `format: ndjson` or `format: parquet`";
            mistakes.value(&at.key("location"), format!("the location doesn't tell the format; {remedy} beside it"));
            return None;
        }
    };
    let compression = raw.compression.map_or(Compression::Auto, compression);
    if format == Format::Parquet && !matches!(compression, Compression::Auto | Compression::None) {
        mistakes.value(&at.key("compression"), "Parquet is compressed inside; write no `compression`");
    }
    if format != Format::Csv && has_csv_options {
        mistakes.key(&at.key("csv"), "this source is no CSV; write `format: csv`, or no `csv` options");
    }
    Some(Reading { format, compression, csv: csv? })
}

/// The format that a location's extension tells.
pub fn deduced(location: &Location) -> Option<Format> {
    match extension(location)?.as_str() {
        "csv" | "tsv" => Some(Format::Csv),
        "ndjson" | "jsonl" => Some(Format::Ndjson),
        "parquet" => Some(Format::Parquet),
        _ => None,
    }
}

/// The extension under that of a compression, in lower case.
fn extension(location: &Location) -> Option<String> {
    let name = location.path.rsplit('/').next()?.to_lowercase();
    let name = [".gz", ".zst"].iter().find_map(|compressed| name.strip_suffix(compressed)).unwrap_or(&name);
    name.rsplit_once('.').map(|(_, extension)| extension.to_owned())
}

fn compression(raw: RawCompression) -> Compression {
    match raw {
        RawCompression::Auto => Compression::Auto,
        RawCompression::None => Compression::None,
        RawCompression::Gzip => Compression::Gzip,
        RawCompression::Zstd => Compression::Zstd,
    }
}

fn csv_options(raw: RawCsv, is_tsv: bool, at: &At, mistakes: &mut Mistakes) -> Option<CsvOptions> {
    let default_delimiter = if is_tsv { b'\t' } else { b',' };
    let delimiter = byte(raw.delimiter.as_deref(), default_delimiter, ",", &at.key("delimiter"), mistakes);
    let quote = byte(raw.quote.as_deref(), b'"', "'", &at.key("quote"), mistakes);
    if delimiter.is_some() && delimiter == quote {
        mistakes.value(&at.key("quote"), "`quote` and `delimiter` are the same character; write different ones");
    }
    let encoding = match raw.encoding {
        None => Some(UTF_8),
        Some(label) => encoding(&label, &at.key("encoding"), mistakes),
    };
    Some(CsvOptions { delimiter: delimiter?, quote: quote?, header: raw.header.unwrap_or(true), encoding: encoding? })
}

fn byte(text: Option<&str>, default: u8, example: &str, at: &At, mistakes: &mut Mistakes) -> Option<u8> {
    match text.map(str::as_bytes) {
        None => Some(default),
        Some([byte]) if byte.is_ascii() && !matches!(byte, b'\n' | b'\r') => Some(*byte),
        Some(_) => {
            mistakes.value(at, format!("{at} must be one ASCII character; write one, such as `\"{example}\"`"));
            None
        }
    }
}

fn encoding(label: &str, at: &At, mistakes: &mut Mistakes) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label.as_bytes());
    if encoding.is_none() {
        let names = ["utf-8", "big5", "gb18030", "gbk", "shift_jis", "euc-kr", "windows-1252", "utf-16le", "utf-16be"];
        mistakes.value(at, format!("there is no encoding `{label}`; {}", suggest::write_instead(label, &names)));
    }
    encoding
}
