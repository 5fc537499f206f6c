//! The register's file: what is written is read back, nothing that is read makes it panic, nothing changed passes.
#![allow(missing_docs, clippy::unwrap_used)]

use proof::{Hash, TreeSize};
use proptest::prelude::*;
use watch::limits::{REGISTER_HEADER_LINES, REGISTER_LINE_BYTES};
use watch::register::{Checked, Checker, Fault, RegisterRow};

#[path = "register/chain.rs"]
mod chain;

use chain::{TENANT, chain, written};

fn checked(text: &[u8]) -> Result<Checked, Fault> {
    let mut checker = Checker::default();
    let whole = text.strip_suffix(b"\n").unwrap_or(text);
    whole.split(|byte| *byte == b'\n').try_for_each(|line| checker.line(line).map(drop))?;
    checker.finish()
}

#[test]
fn what_is_written_is_read_back() {
    let (register, ..) = chain(70, 3);
    let read = checked(written(70, 3).as_bytes()).unwrap();
    assert_eq!((read.register, read.listed, read.checkpoint.size), (register, 70, TreeSize(210)));
    let row = RegisterRow { tenant: TENANT, salt: [4; 32], count: 1 << 40, last: Hash([9; 32]) };
    assert_eq!(RegisterRow::parse(&row.to_bytes()), Some(row));
    assert_eq!(row.to_bytes().len(), 88);
    assert_eq!(RegisterRow::parse(&row.to_bytes()[..87]), None);
    assert_eq!(RegisterRow::parse(&[&row.to_bytes()[..], &[0]].concat()), None);
}

#[test]
fn paths_share_their_ends() {
    let full = chain(1000, 1).1.path(0).len();
    let hashes = |text: &str| {
        text.lines()
            .filter(|l| l.starts_with("later"))
            .map(|l| l.split(' ').nth(3).unwrap().len() * 3 / 4 / 32)
            .sum::<usize>()
    };
    assert!(full == 10 && hashes(&written(1000, 1)) < 3 * 1000, "{}", hashes(&written(1000, 1)));
}

#[test]
fn a_line_may_be_as_long_as_the_limit_and_no_longer() {
    let last = |length: usize| {
        let mut checker = Checker::default();
        written(3, 2).lines().take(6).for_each(|line| assert!(checker.line(line.as_bytes()).is_ok()));
        checker.line(&[b'x'; REGISTER_LINE_BYTES + 1][..length]).unwrap_err().why
    };
    assert!(last(REGISTER_LINE_BYTES).contains("an entry or the end"));
    assert!(last(REGISTER_LINE_BYTES + 1).contains("limit"));
}

#[test]
fn a_header_may_have_as_many_lines_as_the_limit_and_no_more() {
    let mut checker = Checker::default();
    checker.line(b"tabellion-register@v1").unwrap();
    for _ in 0..REGISTER_HEADER_LINES {
        assert_eq!(checker.line(b"x"), Ok(None));
    }
    assert_eq!(checker.line(b"x").unwrap_err().code, "register-malformed");
}

proptest! {
    #[test]
    fn nothing_that_is_read_makes_it_panic(text in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = checked(&text);
        let _ = checked(&[b"tabellion-register@v1\n", text.as_slice()].concat());
    }

    #[test]
    fn a_changed_byte_of_an_entry_never_passes_as_what_was_written(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let good = written(9, 3).into_bytes();
        // After the head, whose signatures are the verifier's.
        let from = good.windows(2).position(|pair| pair == b"\n\n").unwrap() + 2;
        let place = from + at.index(good.len() - from);
        let mut changed = good.clone();
        changed[place] = to;
        prop_assert!(changed == good || checked(&changed).is_err(), "byte {place} to {to}");
    }

    #[test]
    fn a_register_cut_anywhere_never_passes(at in any::<prop::sample::Index>()) {
        let good = written(5, 2);
        let lines: Vec<&str> = good.lines().collect();
        let cut: String = lines[..at.index(lines.len())].iter().map(|line| format!("{line}\n")).collect();
        prop_assert!(checked(cut.as_bytes()).is_err());
    }
}
