//! The index made again: equal to a sound one, better than a spoiled one, and never lost by a crash.

use crate::files::flip;
use crate::rows::{index, middle};
use crate::{Copy, picture};
use serde_json::Value;
use std::fs;
use tests::published::tabellion;

pub fn reindex(copy: &Copy) -> (i32, Value, String) {
    let data = copy.data.display().to_string();
    let output = tabellion(&["--data", &data, "reindex", "--format", "json"]).unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap_or(Value::Null), error)
}

#[test]
fn a_sound_index_is_equal_row_by_row_and_the_new_one_serves() {
    let mut copy = Copy::new();
    let (exit, json, error) = reindex(&copy);
    assert_eq!((exit, &json["equal"]), (0, &Value::Bool(true)), "{json} {error}");
    assert!(json["rows"].as_u64().unwrap() > 1000, "{json}");
    assert!(copy.store().join("aside/index").is_dir() && !copy.store().join("index.new").exists());
    assert_eq!(copy.scrub().exit, 0);
    copy.house.start().unwrap();
    copy.house.deposit(3, "e").unwrap();
}

#[test]
fn a_spoiled_index_is_mended_and_each_difference_is_said() {
    let copy = Copy::new();
    {
        let db = index(&copy);
        let (key, mut value) = middle(&db, "tiles");
        value[5] ^= 1;
        db.put_cf(db.cf_handle("tiles").unwrap(), key, value).unwrap();
        let (key, value) = middle(&db, "ids");
        db.delete_cf(db.cf_handle("ids").unwrap(), &key).unwrap();
        db.put_cf(db.cf_handle("lookups").unwrap(), key, value).unwrap();
    }
    let (exit, json, error) = reindex(&copy);
    assert_eq!(exit, 4, "{json} {error}");
    assert_eq!((&json["missing"], &json["extra"], &json["changed"]), (&1.into(), &1.into(), &1.into()), "{json}");
    assert_eq!(copy.scrub().exit, 0, "mended");
    assert_eq!(reindex(&copy).0, 0, "and equal from now on");
    // One that does not open at all, and none.
    fs::remove_file(copy.store().join("index/CURRENT")).unwrap();
    assert_eq!(copy.scrub().exit, 1);
    assert_eq!(reindex(&copy).0, 4);
    fs::remove_dir_all(copy.store().join("index")).unwrap();
    assert_eq!(reindex(&copy).0, 4);
    assert_eq!(copy.scrub().exit, 0);
}

/// As a program of before left it: rows that this one does not read, under their number.
fn older(copy: &Copy) {
    let db = index(copy);
    db.put_cf(db.cf_handle("meta").unwrap(), b"format", 1_u32.to_be_bytes()).unwrap();
    let (key, value) = middle(&db, "entries");
    db.put_cf(db.cf_handle("entries").unwrap(), key, [&value[..], &[1; 90]].concat()).unwrap();
}

#[test]
fn an_index_of_an_older_program_is_replaced_by_a_start_or_beforehand() {
    let mut copy = Copy::new();
    older(&copy);
    let scrubbed = copy.scrub();
    assert_eq!(scrubbed.exit, 1);
    assert!(scrubbed.json.to_string().contains("index-unopened"), "{}", scrubbed.json);
    let (exit, json, error) = reindex(&copy);
    assert_eq!(exit, 4, "{json} {error}");
    assert!(json["unopened"].as_str().is_some_and(|why| why.contains("format 1")), "{json}");
    assert_eq!((copy.scrub().exit, reindex(&copy).0), (0, 0));
    older(&copy);
    copy.house.start().unwrap();
    copy.house.deposit(3, "e").unwrap();
    copy.house.stop().unwrap();
    assert!(copy.store().join("aside/index-older").is_dir());
    assert_eq!((copy.scrub().exit, reindex(&copy).0), (0, 0));
}

#[test]
fn damaged_or_shortened_segments_leave_the_old_index_where_it_stands() {
    let copy = Copy::new();
    let segments = copy.listed("segments");
    let before = picture(&copy.store().join("index"));
    flip(&segments[1], 2 * 512 + 9, 1);
    let (exit, json, error) = reindex(&copy);
    assert_eq!((exit, &json), (1, &Value::Null));
    assert!(error.contains(&crate::name(&segments[1])), "{error}");
    flip(&segments[1], 2 * 512 + 9, 1);
    // The newest two segments are gone: the index knows of more.
    let newest = segments.last().unwrap();
    fs::remove_file(newest).unwrap();
    fs::remove_file(&segments[segments.len() - 2]).unwrap();
    let (exit, _, error) = reindex(&copy);
    assert_eq!(exit, 1, "{error}");
    assert!(picture(&copy.store().join("index")) == before);
}

#[test]
fn a_crash_at_any_step_leaves_an_index_that_serves() {
    for step in ["half a new one", "exchanged, not yet aside", "none"] {
        let mut copy = Copy::new();
        let (old, new) = (copy.store().join("index"), copy.store().join("index.new"));
        match step {
            "none" => fs::rename(&old, copy.store().join("aside/index")).unwrap(),
            "half a new one" => {
                fs::create_dir(&new).unwrap();
                fs::write(new.join("000004.log"), b"half").unwrap();
            }
            _ => {
                assert_eq!(reindex(&copy).0, 0);
                fs::rename(copy.store().join("aside/index"), &new).unwrap();
            }
        }
        copy.house.start().unwrap();
        copy.house.deposit(2, "f").unwrap();
        copy.house.stop().unwrap();
        let (exit, json, error) = reindex(&copy);
        assert_eq!(exit, 0, "{step}: {json} {error}");
        assert_eq!(copy.scrub().exit, 0, "{step}");
    }
}
