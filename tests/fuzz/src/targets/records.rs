//! The three records: bytes that are one are the canonical form of what they say, and give themselves again.

use proof::record::{EntryRecord, FileRecord, Kind, LogRecord};
use proof::{FileNumber, Hash, TenantId};

use super::Target;
use crate::bugs::planted;
use crate::world::{World, tenant};

/// Another reader of JSON, of another house, finds the same value in bytes we took: written by it they are the same.
fn assert_second_opinion(data: &[u8]) {
    let value: serde_json::Value = serde_json::from_slice(data).expect("a record is JSON");
    assert_eq!(value.to_string().as_bytes(), data);
}

/// Fields of every record.
macro_rules! words {
    ($($word:literal),*) => {
        &["\"version\":1", "\"salt\":\"", "null", "9007199254740991", "9007199254740992", "\\u0000", "\\\"", $($word),*]
    };
}

pub const FILE: Target = Target {
    name: "record-F",
    max_len: 4096,
    check: file,
    seeds: file_seeds,
    words: words!["\"number\":", "\"parent\":", "\"name\":\"", "\"name_base64\":\"", "\"size\":", "\"media_type\":\""],
};

fn file(data: &[u8]) {
    let Ok(record) = FileRecord::parse(data) else { return };
    assert_eq!(record.to_bytes().unwrap(), data, "F written again");
    assert_second_opinion(data);
    planted(|| record.parent == Some(record.number));
}

fn file_seeds(archive: &World) -> Vec<Vec<u8>> {
    let files = archive.entries.iter().flat_map(|entry| &entry.files);
    let mut seeds: Vec<Vec<u8>> = files.map(|(_, _, record)| record.clone()).collect();
    let mut record = FileRecord::parse(&seeds[0]).unwrap();
    record.parent = Some(FileNumber(7));
    record.name = "d\u{e9}lib\u{fffd}.pdf".to_owned();
    record.name_base64 = Some("ZOlsaWLpLnBkZg==".to_owned());
    seeds.push(record.to_bytes().unwrap());
    record.size = (1 << 53) - 1;
    seeds.push(with(&record.to_bytes().unwrap(), "{", LATER));
    seeds
}

/// The record with the first of one text replaced by another: canonical still.
fn with(record: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(record).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    text.replacen(from, to, 1).into_bytes()
}

/// Fields a later writer might add: kept, ignored, written again.
const LATER: &str = "{\"a_list\":[1,-2,0,[[]],{}],\"a_zone\":{\"a\":\"\u{e9}\\n\\u0001\",\"b\":[true,false,null]},";

pub const ENTRY: Target = Target {
    name: "record-E",
    max_len: 4096,
    check: entry,
    seeds: entry_seeds,
    words: words!["\"kind\":\"", "\"facts\":{", "\"findings\":[", "\"file_count\":", "elimination", "journal"],
};

fn entry(data: &[u8]) {
    let Ok(record) = EntryRecord::parse(data) else { return };
    assert_eq!(record.to_bytes().unwrap(), data, "E written again");
    assert_second_opinion(data);
    planted(|| record.file_count > 2 && record.kind == Kind::Journal);
}

fn entry_seeds(archive: &World) -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = archive.entries.iter().map(|entry| entry.entry.clone()).collect();
    let mut record = EntryRecord::parse(&seeds[0]).unwrap();
    let mut findings = String::new();
    for kind in ["elimination", "journal", "administration", "conversion"] {
        record.kind = Kind::parse(kind).unwrap();
        record.file_count += 1;
        findings.push_str("{\"code\":\"file-empty\",\"severity\":\"warning\"}");
        let list = format!("\"findings\":[{findings}]");
        seeds.push(with(&record.to_bytes().unwrap(), "\"findings\":[]", &list));
        findings.push(',');
    }
    seeds.push(with(&record.to_bytes().unwrap(), "{", LATER));
    seeds.push(with(&record.to_bytes().unwrap(), "\"facts\":{", "\"facts\":{\"deep\":[[[{\"a\":-3}]]],"));
    assert!(seeds.iter().all(|seed| EntryRecord::parse(seed).is_ok()));
    seeds
}

pub const LOG: Target = Target {
    name: "record-R",
    max_len: 4096,
    check: log,
    seeds: log_seeds,
    words: words![
        "\"id\":\"",
        "\"tenant\":\"",
        "\"sequence\":",
        "\"previous\":",
        "\"received_at\":\"",
        "-02-29T23:59:60.000Z"
    ],
};

fn log(data: &[u8]) {
    let Ok(record) = LogRecord::parse(data) else { return };
    assert_eq!(record.to_bytes().unwrap(), data, "R written again");
    assert_second_opinion(data);
    planted(|| record.previous.is_none() && record.sequence.0 > 10);
}

fn log_seeds(archive: &World) -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = archive.entries.iter().map(|entry| entry.record.clone()).collect();
    let mut record = LogRecord::parse(&seeds[1]).unwrap();
    record.previous = Some(Hash([0xab; 32]));
    for (of, kind) in [(tenant(2), "journal"), (TenantId::PLATFORM, "administration")] {
        record.tenant = of;
        record.kind = Kind::parse(kind).unwrap();
        record.sequence.0 += 40;
        seeds.push(record.to_bytes().unwrap());
    }
    seeds.push(with(&record.to_bytes().unwrap(), "{", LATER));
    seeds
}
