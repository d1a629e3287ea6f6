//! The page's parts put together. What it may do is said by hashes of its own style and script: nothing else in it
//! runs, and nothing leaves it.

use serde_json::Value;
use sha2::{Digest, Sha256};

macro_rules! part {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/report/", $path))
    };
}

const PAGE: &str = part!("page.html");
const STYLE: &str = part!("page.css");
const CHARTS: &str = part!("echarts.min.js");

/// The page's script, in the order in which its parts use each other.
const SCRIPT: [&str; 20] = [
    part!("script/data.js"),
    part!("script/language.js"),
    part!("script/format.js"),
    part!("script/dom.js"),
    part!("script/metrics.js"),
    part!("script/table.js"),
    part!("script/chart.js"),
    part!("script/section.js"),
    part!("script/coverage.js"),
    part!("script/headline.js"),
    part!("script/branches.js"),
    part!("script/findings.js"),
    part!("script/stages.js"),
    part!("script/segments.js"),
    part!("script/cohorts.js"),
    part!("script/second_visit.js"),
    part!("script/items.js"),
    part!("script/actions.js"),
    part!("script/trend.js"),
    part!("script/main.js"),
];

/// The texts of each language, by its tag; the first one is that of who asks for none of them.
const TEXTS: [(&str, &str); 3] = [
    ("zh-Hant", part!("texts/zh-Hant.json")),
    ("zh-Hans", part!("texts/zh-Hans.json")),
    ("en", part!("texts/en.json")),
];

/// The page with `data` in it.
pub fn html(data: &Value) -> String {
    // The parts share one scope, and leave nothing to others.
    let script = format!("{CHARTS}\n(() => {{\n\"use strict\";\n{}\n}})();\n", SCRIPT.join("\n"));
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
        hash(&script),
        hash(STYLE)
    );
    let texts: Vec<String> = TEXTS.iter().map(|(tag, texts)| format!("\"{tag}\":{texts}")).collect();
    let texts = island(&format!("{{{}}}", texts.join(",")));
    let data = island(&data.to_string());
    let parts =
        [("policy", policy.as_str()), ("style", STYLE), ("texts", &texts), ("data", &data), ("script", &script)];
    filled(PAGE, &parts)
}

/// JSON as it may stand in a page: nothing in it can end the element, or be taken for a comment.
fn island(json: &str) -> String {
    json.replace('<', "\\u003c")
}

/// `template` with each `{{name}}` taken for the part of that name. What is in the parts stays as it is.
fn filled(template: &str, parts: &[(&str, &str)]) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        text.push_str(before);
        let Some((name, behind)) = after.split_once("}}") else { break };
        text.extend(parts.iter().filter(|(part, _)| *part == name).map(|(_, value)| *value));
        rest = behind;
    }
    text + rest
}

/// How a page's policy names a text that may run.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", base64(&Sha256::digest(text)))
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit =
        |bits: u32| DIGITS.get(usize::try_from(bits & 63).unwrap_or_default()).map_or('=', |digit| char::from(*digit));
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | chunk.get(at).map_or(0, |byte| u32::from(*byte)));
        let digits = [18, 12, 6, 0].map(|shift| digit(bits >> shift));
        text.extend(digits.iter().take(chunk.len() + 1));
        text.extend(std::iter::repeat_n('=', 3 - chunk.len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        let expected = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (text, encoded) in expected {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn data_cannot_end_its_element_or_name_a_part() {
        let page = html(&json!({"name": "</script><script>alert(1)</script><!-- {{script}}"}));
        assert!(page.contains(r#"{"name":"\u003c/script>\u003cscript>alert(1)\u003c/script>\u003c!-- {{script}}"}"#));
        assert_eq!(page.matches("<script").count(), 3, "texts, data and script");
    }

    #[test]
    fn every_language_has_the_same_texts() {
        let keys = |texts: &str| -> BTreeSet<String> {
            let texts: serde_json::Map<String, Value> = serde_json::from_str(texts).expect("an object");
            texts
                .into_iter()
                .filter(|(_, text)| text.as_str().is_some_and(|text| !text.is_empty()))
                .map(|(key, _)| key)
                .collect()
        };
        let [(_, first), others @ ..] = TEXTS;
        for (tag, texts) in others {
            assert_eq!(keys(texts), keys(first), "{tag}");
        }
    }
}
