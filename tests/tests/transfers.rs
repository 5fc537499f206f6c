//! A transfer of SEDA as large as they come, read in bounded memory. Alone in its program: the memory told is that of the whole process.
#![allow(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

use std::io::{self, Read};

use flow::{Declared, Flow, Incoming, Limits, NoMembers, Outcome};
use tests::samples::{Transfer, VERSIONS};

const UNITS: usize = 100_000;
const OBJECTS: usize = 20;
const OBJECT_BYTES: u64 = 103 << 20;
/// What the reading may add to the process, in KiB.
const ROOM_KIB: u64 = 192 << 10;

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

#[test]
fn a_hundred_thousand_units_and_two_gigabytes_are_read_in_bounded_memory() {
    for version in VERSIONS {
        let small = Transfer::new(version, 10, 2, 1_000);
        let flow = read(&small, &small.bordereau());
        assert_eq!(flow.outcome(), Outcome::Accepted, "{version}: {:?}", flow.findings);
    }
    let large = Transfer::new("2.2", UNITS, OBJECTS, OBJECT_BYTES);
    let bordereau = large.bordereau();
    assert!(large.size(&bordereau) > 2 << 30);
    let before = peak();
    let began = std::time::Instant::now();
    let flow = read(&large, &bordereau);
    let (took, more) = (began.elapsed(), peak() - before);
    println!(
        "{UNITS} units, {} bytes of bordereau, {} bytes in all: {more} KiB more, {took:?}",
        bordereau.len(),
        large.size(&bordereau)
    );
    let said: Vec<&str> = flow.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(said, ["seda-listed"], "{:?}", flow.findings);
    assert_eq!(flow.facts["nombre_unites"], UNITS + 1);
    assert_eq!(flow.facts["octets"], OBJECT_BYTES * OBJECTS as u64);
    assert!(more < ROOM_KIB, "{more} KiB");
}
