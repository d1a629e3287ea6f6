//! Lays what is written later over what stands before it: only what differs has to be written.

use serde_json::{Map, Value};

/// The keys of a policy that are rules, which departments and items may have of their own.
const RULES: [&str; 6] = ["window_days", "scoring", "lifecycle", "period_status", "vip", "margin"];

/// A policy with a change laid over it.
pub fn policy(below: &Value, own: &Value) -> Value {
    mapping(below, own, |key, below, own| match key {
        "departments" | "items" => mapping(below, own, |_, below, own| rules(below, own)),
        _ => rule(key, below, own),
    })
}

/// Rules with others laid over them.
pub fn rules(below: &Value, own: &Value) -> Value {
    mapping(below, own, rule)
}

/// Only the rules of a policy, without what holds for the whole chain.
pub fn rules_of(policy: &Value) -> Value {
    let mut rules: Map<String, Value> =
        RULES.iter().filter_map(|key| Some(((*key).to_owned(), policy.get(key)?.clone()))).collect();
    if let Some(Value::Object(lifecycle)) = rules.get_mut("lifecycle") {
        lifecycle.remove("package_valid_days");
    }
    Value::Object(rules)
}

/// Rules without their margin, for items: a line of an item without one is under that of its department.
pub fn without_margin(rules: &Value) -> Value {
    let mut rules = rules.clone();
    if let Some(rules) = rules.as_object_mut() {
        rules.remove("margin");
    }
    rules
}

/// A scoring method is replaced as a whole: half of one scale and half of another are none.
fn rule(key: &str, below: &Value, own: &Value) -> Value {
    match key {
        "scoring" => mapping(below, own, |_, _, own| own.clone()),
        _ => deep(key, below, own),
    }
}

fn deep(_: &str, below: &Value, own: &Value) -> Value {
    mapping(below, own, deep)
}

/// Mappings are merged key by key; anything else replaces what stands below.
fn mapping(below: &Value, own: &Value, merge: impl Fn(&str, &Value, &Value) -> Value) -> Value {
    let (Value::Object(below), Value::Object(own)) = (below, own) else {
        return own.clone();
    };
    let mut merged = below.clone();
    for (key, own) in own {
        let value = below.get(key).map_or_else(|| own.clone(), |below| merge(key, below, own));
        merged.insert(key.clone(), value);
    }
    Value::Object(merged)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_later_layer_changes_only_what_it_names() {
        let below = json!({
            "window_days": 365,
            "lifecycle": {"dead": {"idle_days": 180, "beyond_recall_days": 360}, "new": {"recency_days": 30}},
            "departments": {"skin": {"margin": 0.5}, "injection": {"margin": 0.4, "vip": {"tiers": [1, 2]}}},
        });
        let own = json!({
            "lifecycle": {"dead": {"idle_days": 150}},
            "departments": {"injection": {"vip": {"tiers": [3]}}, "surgery": {}},
        });
        let expected = json!({
            "window_days": 365,
            "lifecycle": {"dead": {"idle_days": 150, "beyond_recall_days": 360}, "new": {"recency_days": 30}},
            "departments": {
                "skin": {"margin": 0.5},
                "injection": {"margin": 0.4, "vip": {"tiers": [3]}},
                "surgery": {},
            },
        });
        assert_eq!(policy(&below, &own), expected);
    }

    #[test]
    fn a_scoring_method_is_replaced_as_a_whole() {
        let below = json!({"scoring": {"recency": {"thresholds": {"1": "> 50"}}, "frequency": "quintile"}});
        let own = json!({"scoring": {"recency": {"frozen": "2026-06-30"}}});
        let expected = json!({"scoring": {"recency": {"frozen": "2026-06-30"}, "frequency": "quintile"}});
        assert_eq!(rules(&below, &own), expected);
        assert_eq!(policy(&below, &own), expected);
    }

    #[test]
    fn a_department_may_be_called_as_a_rule_is() {
        let below = json!({"departments": {"scoring": {"vip": {"metric": "monetary", "tiers": []}}}});
        let own = json!({"departments": {"scoring": {"vip": {"metric": "frequency"}}}});
        let expected = json!({"departments": {"scoring": {"vip": {"metric": "frequency", "tiers": []}}}});
        assert_eq!(policy(&below, &own), expected);
    }

    #[test]
    fn what_holds_for_the_whole_chain_is_no_rule() {
        let policy = json!({"frequency": "lines", "margin": 0.5, "lifecycle": {"package_valid_days": 9, "new": {}}});
        assert_eq!(rules_of(&policy), json!({"margin": 0.5, "lifecycle": {"new": {}}}));
    }
}
