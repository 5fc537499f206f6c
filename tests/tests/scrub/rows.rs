//! Rows of the index changed, taken away and added: each is found, in every family.

use crate::{Copy, Scrubbed};
use rocksdb::{DB, IteratorMode, Options};

const FAMILIES: [&str; 11] =
    ["state", "entries", "tiles", "heads", "ids", "sequences", "chains", "requests", "lookups", "ahead", "meta"];

pub fn index(copy: &Copy) -> DB {
    let mut options = Options::default();
    options.set_compression_type(rocksdb::DBCompressionType::Lz4);
    let all = DB::list_cf(&options, copy.store().join("index")).unwrap();
    DB::open_cf(&options, copy.store().join("index"), all).unwrap()
}

/// The row in the middle of a family.
pub fn middle(db: &DB, family: &str) -> (Box<[u8]>, Box<[u8]>) {
    // What the index remembers of segment files is learned again by the next start: its absence is none.
    let memory = |key: &[u8]| family == "meta" && key.starts_with(b"segment ");
    let rows: Vec<_> = db
        .iterator_cf(db.cf_handle(family).unwrap(), IteratorMode::Start)
        .map(Result::unwrap)
        .filter(|row| !memory(&row.0))
        .collect();
    assert!(!rows.is_empty(), "no row in {family}");
    rows[rows.len() / 2].clone()
}

fn damaged(scrubbed: &Scrubbed, family: &str, what: &str) {
    assert_eq!(scrubbed.exit, 1, "{family}, a row {what}: {} {}", scrubbed.json, scrubbed.error);
    assert!(!scrubbed.findings().is_empty());
}

#[test]
fn a_row_changed_in_any_family_is_found() {
    let copy = Copy::new();
    for family in FAMILIES.into_iter().filter(|family| *family != "lookups") {
        let (key, value) = {
            let db = index(&copy);
            let (key, value) = middle(&db, family);
            let mut other = value.to_vec();
            *other.last_mut().unwrap() ^= 1;
            db.put_cf(db.cf_handle(family).unwrap(), &key, other).unwrap();
            (key, value)
        };
        damaged(&copy.scrub(), family, "changed");
        let db = index(&copy);
        db.put_cf(db.cf_handle(family).unwrap(), key, value).unwrap();
    }
    assert_eq!(copy.scrub().exit, 0, "put back, it is sound again");
}

#[test]
fn a_row_taken_from_or_added_to_any_family_is_found() {
    let copy = Copy::new();
    for family in FAMILIES {
        let (key, value) = {
            let db = index(&copy);
            let (key, value) = middle(&db, family);
            db.delete_cf(db.cf_handle(family).unwrap(), &key).unwrap();
            (key, value)
        };
        // An index that does not say whose it is does not open, which is a finding too.
        damaged(&copy.scrub(), family, "taken away");
        let mut other = key.to_vec();
        {
            let db = index(&copy);
            db.put_cf(db.cf_handle(family).unwrap(), &key, &value).unwrap();
            other[0] ^= 0x40;
            db.put_cf(db.cf_handle(family).unwrap(), &other, &value).unwrap();
        }
        damaged(&copy.scrub(), family, "added");
        let db = index(&copy);
        db.delete_cf(db.cf_handle(family).unwrap(), &other).unwrap();
    }
    assert_eq!(copy.scrub().exit, 0, "put back, it is sound again");
}
