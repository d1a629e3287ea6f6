//! The page's parts put together. What it may do is said by hashes of its own style and script: nothing else in it
//! runs, and nothing leaves it.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::parts::{Parts, SKELETON, Texts};

/// The page of `parts` with `data` in it, and `picture` as it is.
pub fn html(parts: &Parts, data: &Value, picture: &str) -> String {
    // The files share one scope, and leave nothing to others.
    let script = format!("{}\n(() => {{\n\"use strict\";\n{}\n}})();\n", parts.library, parts.script.join("\n"));
    let style = parts.style.join("\n");
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
        hash(&script),
        hash(&style)
    );
    let texts = island(&format!("{{{}}}", parts.texts.map(|texts| of_language(&texts)).join(",")));
    let data = island(&data.to_string());
    let filling = [
        ("policy", policy.as_str()),
        ("style", &style),
        ("picture", picture),
        ("texts", &texts),
        ("data", &data),
        ("script", &script),
    ];
    filled(SKELETON, &filling)
}

/// The texts of a language as a member of an object; its files are objects, which become one.
fn of_language((tag, files): &Texts) -> String {
    let members: Vec<&str> =
        files.iter().map(|file| file.trim().trim_start_matches('{').trim_end_matches('}').trim()).collect();
    format!("\"{tag}\":{{{}}}", members.join(","))
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
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::json;

    use super::*;
    use crate::page::parts::{DICTIONARY, REPORT};

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
        let data = json!({"name": "</script><script>alert(1)</script><!-- {{script}}"});
        let page = html(&REPORT, &data, "");
        assert!(page.contains(r#"{"name":"\u003c/script>\u003cscript>alert(1)\u003c/script>\u003c!-- {{script}}"}"#));
        assert_eq!(page.matches("<script").count(), 3, "texts, data and script");
    }

    #[test]
    fn every_language_has_the_same_texts() {
        let keys = |texts: &Texts| -> BTreeSet<String> {
            let member = format!("{{{}}}", of_language(texts));
            let all: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(&member).expect("an object");
            let of_one = all.into_values().next().expect("texts");
            of_one.into_iter().filter(|(_, text)| !text.is_empty()).map(|(key, _)| key).collect()
        };
        for parts in [REPORT, DICTIONARY] {
            let [first, others @ ..] = &parts.texts;
            for texts in others {
                assert_eq!(keys(texts), keys(first), "{}", texts.0);
            }
        }
    }
}
