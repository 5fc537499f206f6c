//! A pack of version 1, frozen: every later verifier must judge it as it was judged.
//!
//! Made once, with `TABELLION_FREEZE` set; never made again once released.

use std::path::{Path, PathBuf};

use serde_json::Value;
use verifier::{Lang, Policy, verify_pack};

use crate::world::{JUDGED, SHOWN, world};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn verdict(pack: &[u8]) -> Value {
    let policy = Policy::parse(&std::fs::read(golden("policy.json")).unwrap()).unwrap();
    crate::json::to_json(&verify_pack(pack, Some(&policy), JUDGED), Lang::French)
}

#[test]
fn the_frozen_pack_is_judged_as_ever() {
    if std::env::var_os("TABELLION_FREEZE").is_some() {
        freeze();
    }
    let expected: Value = serde_json::from_slice(&std::fs::read(golden("verdict.json")).unwrap()).unwrap();
    let pack = std::fs::read(golden("v1.asice")).unwrap();
    assert_eq!(verdict(&pack), expected);
    assert_eq!(expected["verdict"], "PASSED-TIMESTAMPED");
}

#[test]
fn the_verdict_has_the_shape_of_its_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../../../docs/formats/verdict.schema.json")).unwrap();
    let world = world();
    for pack in [world.pack(SHOWN), world.unsealed(SHOWN), b"x".to_vec()] {
        let verdict = crate::json::to_json(&verify_pack(&pack, Some(&world.policy()), JUDGED), Lang::English);
        shaped(&schema, &verdict, "");
    }
    let names: Vec<&str> = verifier::NAMES.split(" ").collect();
    assert_eq!(schema.pointer("/properties/findings/items/properties/name/enum").unwrap(), &serde_json::json!(names));
}

/// As much of JSON Schema as ours uses, patterns and formats left out; a property the schema lacks is a fault.
fn shaped(schema: &Value, value: &Value, place: &str) {
    if let Some(only) = schema.get("const") {
        assert_eq!(value, only, "{place}");
    }
    if let Some(known) = schema.get("enum") {
        assert!(known.as_array().unwrap().contains(value), "{place}: {value}");
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match schema.get("type") {
        Some(Value::String(only)) => assert_eq!(only, kind, "{place}"),
        Some(several) => assert!(several.as_array().unwrap().iter().any(|k| k == kind), "{place}: {kind}"),
        None => {}
    }
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        assert!(value.is_null() || value.get(name.as_str().unwrap()).is_some(), "{place} lacks {name}");
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        let known = schema.pointer(&format!("/properties/{name}"));
        shaped(known.unwrap_or_else(|| panic!("{place} has {name}")), inner, &format!("{place}/{name}"));
    }
    for item in value.as_array().into_iter().flatten() {
        if let Some(inner) = schema.get("items") {
            shaped(inner, item, &format!("{place}/*"));
        }
    }
}

/// Makes the frozen files: only for a new version, under new names.
fn freeze() {
    let world = world();
    std::fs::create_dir_all(golden("")).unwrap();
    std::fs::write(golden("v1.asice"), world.pack(SHOWN)).unwrap();
    std::fs::write(golden("policy.json"), format!("{:#}\n", world.policy_json())).unwrap();
    let judged = verdict(&world.pack(SHOWN));
    std::fs::write(golden("verdict.json"), format!("{judged:#}\n")).unwrap();
}
