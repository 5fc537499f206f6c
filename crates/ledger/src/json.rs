//! The builder's writer of canonical JSON (RFC 8785). `proof` reads what is written here with its own reader, and refuses it
//! where the two disagree; the verifier never comes here.

use proof::json::{Canonical, JsonError};
use serde_json::{Map, Value};

/// The one canonical text of this value.
///
/// # Errors
/// What [`Canonical::parse`] refuses: numbers, keys and nesting outside the narrowing, a text longer than the limit.
pub fn to_canonical(value: &Value, limit: usize) -> Result<Canonical, JsonError> {
    let mut text = String::new();
    write(value, &mut text);
    Canonical::parse(text.as_bytes(), limit)
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (position, item) in items.iter().enumerate() {
                separate(position, text);
                write(item, text);
            }
            text.push(']');
        }
        Value::Object(members) => write_object(members, text),
        plain => text.push_str(&plain.to_string()),
    }
}

fn write_object(members: &Map<String, Value>, text: &mut String) {
    // Sorted here, whatever order the map keeps.
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    text.push('{');
    for (position, (key, member)) in sorted.into_iter().enumerate() {
        separate(position, text);
        text.push_str(&Value::String(key.clone()).to_string());
        text.push(':');
        write(member, text);
    }
    text.push('}');
}

fn separate(position: usize, text: &mut String) {
    if position > 0 {
        text.push(',');
    }
}

#[cfg(test)]
mod tests {
    use super::to_canonical;
    use serde_json::json;

    const LIMIT: usize = 1000;

    #[test]
    fn what_is_written_is_canonical() {
        let value = json!({"b": [1, -2, null, true, "\u{1f}\n\"é/"], "a": {"z": {}, "": []}});
        let text = r#"{"a":{"":[],"z":{}},"b":[1,-2,null,true,"\u001f\n\"é/"]}"#;
        assert_eq!(to_canonical(&value, LIMIT).unwrap().text(), text);
        assert_eq!(to_canonical(&value, text.len()).unwrap().text(), text);
        assert!(to_canonical(&value, text.len() - 1).is_err());
    }

    #[test]
    fn what_has_no_canonical_form_is_refused() {
        for value in [json!(1.5), json!(1_u64 << 53), json!(-(1_i64 << 53)), json!(-0.0), json!([1e300])] {
            assert!(to_canonical(&value, LIMIT).is_err(), "{value}");
        }
        assert!(to_canonical(&json!({"é": 1}), LIMIT).is_err());
        let deep = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!([inner]));
        assert!(to_canonical(&deep(127), LIMIT).is_ok());
        assert!(to_canonical(&deep(128), LIMIT).is_err());
    }
}
