use super::*;
use crate::config::Config;
use crate::limits::JOURNAL_BYTES;
use ledger::storage::Reader;
use proof::record::{EntryRecord, Kind, LogRecord};
use proof::{FileNumber, Index};
use std::io::Read;
use tempfile::TempDir;

const TENANT: TenantId = TenantId([5; 16]);

struct Opened {
    _directory: TempDir,
    home: Home,
    open: crate::open::Open,
}

fn opened() -> Opened {
    let directory = TempDir::new().unwrap();
    let data = directory.path().join("data");
    crate::init::init(&data, "essai.exemple.fr/journal").unwrap();
    let (home, config) = (Home::at(&data), Config::load(&data).unwrap());
    let open = crate::open::open(&home, &config).unwrap();
    Opened { _directory: directory, home, open }
}

impl Opened {
    fn size(&self) -> u64 {
        self.open.office.reads.head().unwrap().unwrap().size.0
    }

    /// What the entry at this index says of its stretch, and the lines it keeps.
    fn journal(&self, index: u64) -> (Value, Vec<Value>) {
        let reads = &self.open.office.reads;
        let row = reads.entry(Index(index)).unwrap().unwrap();
        assert_eq!(LogRecord::parse(&row.leaf.record).unwrap().kind, Kind::Journal);
        let e = reads.read_entry_record(Index(index)).unwrap().unwrap();
        let said = EntryRecord::parse(&e).unwrap().facts["journal"].to_string();
        let mut text = String::new();
        reads.open_file(Index(index), FileNumber(1)).unwrap().unwrap().read_to_string(&mut text).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (serde_json::from_str(&said).unwrap(), lines)
    }

    fn end(self) {
        crate::open::close(&self.open.office.sequencer, self.open.thread).unwrap();
    }
}

#[test]
fn events_are_archived_once_each_tenants_apart_and_nothing_is_left() {
    let opened = opened();
    let journal = Journal::of(&opened.home);
    assert_eq!(journal.archive(&opened.open.office).unwrap(), 0);
    let before = opened.size();
    journal.note(TenantId::PLATFORM, "one", facts([("n", json!(1))]));
    journal.note(TenantId::PLATFORM, "two", facts([]));
    // What was noted before a restart is there after it.
    assert_eq!(Journal::of(&opened.home).archive(&opened.open.office).unwrap(), 1);
    let (said, lines) = opened.journal(before);
    assert_eq!((&said["events"], &said["first"], &said["last"]), (&json!(2), &lines[0]["at"], &lines[1]["at"]));
    assert_eq!((&lines[0]["event"], &lines[0]["n"], &lines[1]["event"]), (&json!("one"), &json!(1), &json!("two")));
    assert_eq!(fs::read_dir(opened.home.journal()).unwrap().count(), 0);
    assert_eq!((opened.size(), journal.archive(&opened.open.office).unwrap()), (before + 1, 0));
    opened.end();
}

#[test]
fn a_stretch_that_was_logged_before_its_file_was_removed_is_not_logged_twice() {
    let opened = opened();
    let journal = Journal::of(&opened.home);
    journal.note(TenantId::PLATFORM, "one", facts([]));
    journal.close().unwrap();
    let closed = stretch::closed(&opened.home.journal()).unwrap().remove(0).path;
    let kept = fs::read(&closed).unwrap();
    assert_eq!(journal.archive(&opened.open.office).unwrap(), 1);
    let size = opened.size();
    fs::write(&closed, kept).unwrap();
    assert_eq!((journal.archive(&opened.open.office).unwrap(), opened.size()), (1, size));
    assert!(!closed.exists());
    opened.end();
}

#[test]
fn a_tenant_that_is_not_in_the_log_keeps_its_events_until_it_is() {
    let opened = opened();
    let journal = Journal::of(&opened.home);
    journal.note(TENANT, "one", facts([]));
    assert!(journal.archive(&opened.open.office).is_err());
    assert_eq!(stretch::closed(&opened.home.journal()).unwrap().len(), 1);
    opened.end();
}

#[test]
fn a_stretch_that_is_full_says_how_many_events_it_left_out() {
    let opened = opened();
    let journal = Journal::of(&opened.home);
    let long = facts([("text", json!("x".repeat(1 << 20)))]);
    let room = JOURNAL_BYTES / ((1 << 20) + 100);
    (0..room + 3).for_each(|_| journal.note(TenantId::PLATFORM, "long", long.clone()));
    let held = fs::metadata(opened.home.journal().join(format!("{}.open", TenantId::PLATFORM))).unwrap().len();
    assert!(held <= JOURNAL_BYTES);
    journal.close().unwrap();
    let closed = stretch::closed(&opened.home.journal()).unwrap().remove(0).path;
    let text = fs::read_to_string(closed).unwrap();
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let kept = text.lines().count() as u64 - 1;
    assert_eq!((&last["event"], &last["count"]), (&json!("events-left-out"), &json!(room + 3 - kept)));
    opened.end();
}
