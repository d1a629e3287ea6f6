//! What a file becomes, and how its mistakes are told.

use schemars::JsonSchema;
use serde::Deserialize;

use super::*;
use crate::diagnostic::Place;

const RECIPE: Subject = Subject { noun: "recipe", beginning: "name: soup" };

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
struct Recipe {
    #[schemars(example = &"soup")]
    name: String,
    #[serde(default)]
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
struct Step {
    minutes: u32,
    heat: Option<Heat>,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Heat {
    Low,
    High,
}

fn mistakes(text: &str) -> Vec<String> {
    let mistakes = read::<Recipe>("soup.yaml", text, &RECIPE, &schema_of::<Recipe>()).expect_err("a mistake");
    mistakes.iter().map(ToString::to_string).collect()
}

#[test]
fn a_file_becomes_a_value_with_the_places_of_all_that_it_holds() {
    let text = "name: 水餃\nsteps:\n  - minutes: 3\n  - {minutes: 10, heat: low}\n";
    let (recipe, places) = read::<Recipe>("soup.yaml", text, &RECIPE, &schema_of::<Recipe>()).expect("a recipe");
    let steps = vec![Step { minutes: 3, heat: None }, Step { minutes: 10, heat: Some(Heat::Low) }];
    assert_eq!(recipe, Recipe { name: "水餃".to_owned(), steps });
    let heat = At::root().key("steps").index(1).key("heat");
    assert_eq!(places.key(&heat), Place { line: 4, column: 19 });
    assert_eq!(places.value(&heat), Place { line: 4, column: 25 });
}

#[test]
fn what_is_not_written_stands_where_it_should_be_held() {
    let text = "name: soup\nsteps:\n  - minutes: 3\n";
    let (_, places) = read::<Recipe>("soup.yaml", text, &RECIPE, &schema_of::<Recipe>()).expect("a recipe");
    let heat = At::root().key("steps").index(0).key("heat");
    assert!(!places.has(&heat));
    assert_eq!(places.value(&heat), Place { line: 3, column: 5 });
    assert_eq!(places.value(&At::root().key("steps").index(7)), Place { line: 2, column: 1 }, "the key of the list");
    assert_eq!(places.value(&At::root().key("source")), Place::START);
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once_in_its_order() {
    let text = "steps:\n  - minutes: -1\n  - {minute: 3, heat: hihg}\n";
    let expected = [
        "soup.yaml:1:1: `name` is missing in the file; write `name: soup`, with your own value",
        "soup.yaml:2:14: `minutes` can't be `-1`; write a whole number from 0",
        "soup.yaml:3:5: `minutes` is missing in `steps[1]`; write `minutes: …`, with your own value",
        "soup.yaml:3:6: the key `minute` is not known here; write `minutes`",
        "soup.yaml:3:23: `heat` can't be `hihg`; write `high`",
    ];
    assert_eq!(mistakes(text), expected);
}

#[test]
fn what_is_no_document_of_its_kind_is_told_in_the_words_of_the_kind() {
    let empty = "soup.yaml:1:1: the file is empty; write a recipe, beginning with `name: soup`";
    assert_eq!(mistakes("# nothing\n"), [empty]);
    let two = "soup.yaml:2:1: a second document begins here; write one recipe per file";
    assert_eq!(mistakes("name: soup\n---\nname: cake\n"), [two]);
}

#[test]
fn what_aliases_come_to_is_counted() {
    let expected = "the file holds more than 33554432 bytes of texts; write fewer, or fewer aliases of anchors";
    let text = format!("name: &a \"{}\"\nsteps: [{}]\n", "y".repeat(1_000_000), "*a, ".repeat(20_000));
    assert_eq!(mistakes(&text), [format!("soup.yaml:2:137: {expected}")]);
    // A key is part of the way to each value under it.
    let text = format!("{}: [{}]\n", "y".repeat(1_000), "1, ".repeat(100_000));
    assert!(mistakes(&text)[0].ends_with(expected));
    let text = format!("a: &a [{}]\n{}: [{}]\n", "1, ".repeat(1_000), "y".repeat(1_000), "*a, ".repeat(40));
    assert!(mistakes(&text)[0].ends_with(expected));
    let values = "the file holds more than 1000000 values; write fewer, or fewer aliases of anchors";
    let text = format!("a: &a [{}]\nb: &b [{}]\nc: [{}]\n", "1, ".repeat(99), "*a, ".repeat(99), "*b, ".repeat(110));
    assert!(mistakes(&text)[0].ends_with(values));
}

#[test]
fn a_message_shows_the_beginning_of_a_long_text() {
    let long = "y".repeat(100_000);
    for text in [format!("name: [{long}]"), format!("{long}: 1"), format!("steps: {long}"), format!("steps: [{long}]")]
    {
        let told = mistakes(&text);
        assert!(told.iter().all(|told| told.len() < 250), "{}", &told[0][..250]);
    }
}

#[test]
fn many_keys_are_read_in_no_time() {
    let keys: String = (0..200_000).map(|n| format!("k{n}: 1\n")).collect();
    assert_eq!(mistakes(&format!("{keys}k7: 1\n")).len(), 200_002);
}
