//! A transfer of SEDA as large as they come, read in bounded memory. Alone in its program: the memory told is that of the whole process.
#![allow(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

use std::io::{self, Read};

use flow::{Declared, Flow, Incoming, Limits, NoMembers, Outcome};
use tests::samples::{Transfer, VERSIONS};

const UNITS: usize = 100_000;
const OBJECTS: usize = 20;
const OBJECT_BYTES: u64 = 103 << 20;
/// What the reading may add to the process, in KiB.
const ROOM_KIB: u64 = 16 << 10;
/// Units, objects and groups of the largest transfer.
const NODES: usize = flow::limits::MAX_SEDA_NODES;
const MANY_OBJECTS: usize = 50_000;
/// What that one may add.
const ROOM_OF_ALL_KIB: u64 = 112 << 10;

/// The most memory that this process ever had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn read(transfer: &Transfer, bordereau: &[u8]) -> Flow {
    let mut open = || Ok::<Box<dyn Read + '_>, io::Error>(transfer.archive(bordereau));
    let size = transfer.size(bordereau);
    let mut files = [Incoming { name: b"versement.tar", media_type: None, size, open: &mut open }];
    flow::read(&mut files, Declared::Seda, None, &mut NoMembers, (&Limits::default(), &flow::NoJudge))
}

/// The memory that this process takes on for the reading, in KiB, beyond what it has; and how long it takes.
fn taken(transfer: &Transfer, bordereau: &[u8]) -> (Flow, u64) {
    // The most is counted from now on (proc_pid_clear_refs(5)).
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let (before, began) = (peak(), std::time::Instant::now());
    let flow = read(transfer, bordereau);
    let (took, more) = (began.elapsed(), peak() - before);
    println!(
        "{} units, {} bytes of bordereau, {} bytes in all: {more} KiB more, {took:?}",
        flow.facts["nombre_unites"],
        bordereau.len(),
        transfer.size(bordereau)
    );
    (flow, more)
}

#[test]
fn as_many_units_and_gigabytes_as_they_come_are_read_in_bounded_memory() {
    for version in VERSIONS {
        let small = Transfer::new(version, 10, 2, 1_000);
        let flow = read(&small, &small.bordereau());
        assert_eq!(flow.outcome(), Outcome::Accepted, "{version}: {:?}", flow.findings);
    }
    // Two gigabytes of objects; then as many things of the tree as there may be, a third of them objects and groups.
    for (units, objects, bytes, room) in
        [(UNITS, OBJECTS, OBJECT_BYTES, ROOM_KIB), (NODES - 2 * MANY_OBJECTS - 1, MANY_OBJECTS, 10, ROOM_OF_ALL_KIB)]
    {
        let large = Transfer::new("2.2", units, objects, bytes);
        let bordereau = large.bordereau();
        assert!(objects > OBJECTS || large.size(&bordereau) > 2 << 30);
        let (flow, more) = taken(&large, &bordereau);
        let said: Vec<&str> = flow.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(said, ["seda-listed"], "{:?}", flow.findings);
        assert_eq!(flow.facts["nombre_unites"], units + 1);
        assert_eq!(flow.facts["octets"], bytes * objects as u64);
        assert!(more < room, "{more} KiB");
    }
}
