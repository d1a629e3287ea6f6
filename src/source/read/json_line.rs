//! The members of a JSON object (RFC 8259), with numbers as they are written: a float can't hold them all.

use std::borrow::Cow;

use memchr::memchr2;
use serde::de::IgnoredAny;

/// The value of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) enum Value<'a> {
    Null,
    /// `true`, `false`, or a number as it is written.
    Literal(&'a str),
    Text(Cow<'a, str>),
    /// An object or a list, as it is written.
    Nested(&'a str),
}

impl Value<'_> {
    /// The value as JSON.
    pub fn to_json(&self) -> String {
        match self {
            Value::Null => "null".to_owned(),
            Value::Literal(literal) | Value::Nested(literal) => (*literal).to_owned(),
            Value::Text(text) => text_to_json(text),
        }
    }
}

/// A text as JSON, in quotes.
pub(in crate::source) fn text_to_json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether `text` is a number as JSON writes it.
pub(in crate::source) fn is_json_number(text: &str) -> bool {
    number(text).is_some_and(|(_, rest)| rest.is_empty())
}

/// Calls `each` with the name and the value of each member of the object that `line` is, in their order.
/// None if it is no object; then `each` may have been called for some.
pub(in crate::source) fn members<'a>(line: &'a str, mut each: impl FnMut(&str, Value<'a>)) -> Option<()> {
    let mut rest = blank(blank(line).strip_prefix('{')?);
    if let Some(behind) = rest.strip_prefix('}') {
        return blank(behind).is_empty().then_some(());
    }
    loop {
        let (name, behind) = string(rest)?;
        let (value, behind) = value(blank(blank(behind).strip_prefix(':')?))?;
        each(&name, value);
        rest = blank(behind);
        match rest.strip_prefix(',') {
            Some(behind) => rest = blank(behind),
            None => return blank(rest.strip_prefix('}')?).is_empty().then_some(()),
        }
    }
}

fn blank(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\n', '\r'])
}

fn value(text: &str) -> Option<(Value<'_>, &str)> {
    match text.as_bytes().first()? {
        b'"' => string(text).map(|(text, rest)| (Value::Text(text), rest)),
        b'{' | b'[' => {
            let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
            values.next()?.ok()?;
            let (nested, rest) = text.split_at_checked(values.byte_offset())?;
            Some((Value::Nested(nested), rest))
        }
        b'-' | b'0'..=b'9' => number(text).map(|(literal, rest)| (Value::Literal(literal), rest)),
        b'n' => Some((Value::Null, text.strip_prefix("null")?)),
        _ => {
            let literal = ["true", "false"].into_iter().find(|literal| text.starts_with(literal))?;
            text.split_at_checked(literal.len()).map(|(literal, rest)| (Value::Literal(literal), rest))
        }
    }
}

fn string(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let body = text.strip_prefix('"')?;
    let mut end = 0;
    let mut has_escapes = false;
    loop {
        end += memchr2(b'"', b'\\', body.as_bytes().get(end..)?)?;
        if body.as_bytes().get(end) == Some(&b'"') {
            break;
        }
        has_escapes = true;
        end += 2;
    }
    let (content, rest) = (body.get(..end)?, body.get(end + 1..)?);
    if has_escapes {
        return Some((Cow::Owned(serde_json::from_str(text.get(..end + 2)?).ok()?), rest));
    }
    let has_controls = content.bytes().any(|byte| byte < 0x20);
    (!has_controls).then_some((Cow::Borrowed(content), rest))
}

fn number(text: &str) -> Option<(&str, &str)> {
    let digits = |at: usize| text.bytes().skip(at).take_while(u8::is_ascii_digit).count();
    let byte = |at: usize| text.as_bytes().get(at).copied();
    let mut at = usize::from(byte(0) == Some(b'-'));
    at += match (byte(at)?, digits(at)) {
        (_, 0) => return None,
        (b'0', 2..) => return None,
        (_, count) => count,
    };
    if byte(at) == Some(b'.') {
        at += 1 + Some(digits(at + 1)).filter(|count| *count > 0)?;
    }
    if matches!(byte(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(byte(at + 1), Some(b'+' | b'-')));
        at += Some(digits(at)).filter(|count| *count > 0)?;
    }
    text.split_at_checked(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(line: &str) -> Option<Vec<(String, String)>> {
        let mut all = Vec::new();
        members(line, |name, value| all.push((name.to_owned(), value.to_json())))?;
        Some(all)
    }

    #[test]
    fn members_are_read_as_they_are_written() {
        let line = r#" { "a" : 36893488147419103233 ,"b":-0.50e+3, "\u738b":"\"x\"", "n":null,"t":true, "x":[1,{"a":"]"}],"a":{}} "#;
        let read = all(line).expect("an object");
        let read: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected = [
            ("a", "36893488147419103233"),
            ("b", "-0.50e+3"),
            ("王", r#""\"x\"""#),
            ("n", "null"),
            ("t", "true"),
            ("x", r#"[1,{"a":"]"}]"#),
            ("a", "{}"),
        ];
        assert_eq!(read, expected);
        assert_eq!(all("{}"), Some(Vec::new()));
    }

    proptest! {
        #[test]
        fn what_is_an_object_is_as_serde_json_says(
            line in "\\{(\"[ab\\\\u0]{0,3}\" ?: ?(-?[0-9]{1,3}(\\.[0-9]{0,2})?([eE][-+]?[0-9]{0,2})?|\"[a\\\\\"n\u{1}]{0,3}\"|null|tru?e|\\[1?,?2?\\]|\\{\\}),?){0,3}\\}? ?"
        ) {
            let expected = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&line).ok();
            let read = all(&line).map(|members| {
                let value = |json: String| serde_json::from_str::<serde_json::Value>(&json).expect("JSON");
                members.into_iter().map(|(name, json)| (name, value(json))).collect::<serde_json::Map<_, _>>()
            });
            prop_assert_eq!(read, expected);
        }

        #[test]
        fn no_line_makes_the_parser_panic(line in "[{}\\[\\]:,\"\\\\ue0-9.+ 王-]{0,24}|.{0,12}") {
            let _ = all(&line);
        }
    }
}
