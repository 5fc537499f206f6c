//! Registers: one head whatever comes meanwhile, every line through the stranger's check, and nothing goes on that does not pass it.

use super::seals::seal;
use super::*;
use crate::register::{RegisterError, RegisterWriter};
use crate::storage::{Reader, TileId};
use watch::register::{Checked, Checker};

/// Three tenants with entries in turn, sealed after `sealed` rounds of `rounds`.
fn house(disk: &Disk, rounds: u64, sealed: u64) -> House {
    let house = House::with_tenants(disk, 3);
    for round in 0..rounds {
        (1..=3).for_each(|n| drop(house.submit(deposit(n, round)).unwrap()));
        if round + 1 == sealed {
            seal(&house);
        }
    }
    house
}

fn writer(house: &House, n: u8) -> Result<RegisterWriter<<Model as Storage>::Reads>, RegisterError> {
    RegisterWriter::open(house.reads.clone(), tenant(n), None, false, &mut |_, record| Ok(record))
}

fn whole(mut writer: RegisterWriter<<Model as Storage>::Reads>, at_once: usize) -> Result<String, RegisterError> {
    let mut text = String::new();
    while let Some(lines) = writer.portion(at_once)? {
        text.push_str(&lines);
    }
    Ok(text)
}

fn checked(text: &str) -> Checked {
    let mut checker = Checker::default();
    text.lines().for_each(|line| assert!(checker.line(line.as_bytes()).is_ok()));
    checker.finish().unwrap()
}

#[test]
fn portions_of_any_size_give_the_same_register() {
    let house = house(&Disk::new(), 40, 30);
    let text = whole(writer(&house, 2).unwrap(), 128).unwrap();
    for at_once in [1, 7, 40, 41] {
        assert_eq!(whole(writer(&house, 2).unwrap(), at_once).unwrap(), text, "{at_once} at once");
    }
    let read = checked(&text);
    assert_eq!((read.listed, read.sealed()), (40, 30));
    assert_eq!(read.register.tenant, tenant(2));
}

#[test]
fn one_head_for_the_whole_stream_whatever_is_logged_meanwhile() {
    let house = house(&Disk::new(), 10, 8);
    let mut writer = writer(&house, 1).unwrap();
    let mut text = writer.portion(4).unwrap().unwrap();
    while let Some(lines) = writer.portion(4).unwrap() {
        text.push_str(&lines);
        (0..3).for_each(|what| drop(house.submit(deposit(1, 100 + what + text.len() as u64)).unwrap()));
        seal(&house);
    }
    let read = checked(&text);
    assert_eq!((read.listed, read.sealed(), read.checkpoint.size.0), (10, 8, 31));
}

#[test]
fn held_to_a_head_a_register_goes_up_to_the_last_seal_below_it() {
    let house = house(&Disk::new(), 4, 2);
    let shown = house.reads.head().unwrap().unwrap();
    seal(&house);
    let under = |held| {
        let shown = Some(shown.checkpoint.clone());
        let writer = RegisterWriter::open(house.reads.clone(), tenant(1), shown, held, &mut |_, record| Ok(record));
        checked(&whole(writer.unwrap(), 10).unwrap())
    };
    // The newer seal's leaf is beyond that head: the seal before it, or a newer head.
    let (held, free) = (under(true), under(false));
    assert_eq!((held.listed, held.sealed(), held.checkpoint.size), (4, 2, shown.size));
    assert_eq!((free.listed, free.sealed(), free.checkpoint.size.0), (4, 4, shown.size.0 + 1));
}

#[test]
fn a_tenant_that_joined_since_the_seal_has_a_register_without_one() {
    let house = house(&Disk::new(), 2, 1);
    house.state(vec![row(4, 4)]).unwrap();
    house.submit(deposit(4, 1)).unwrap();
    let read = checked(&whole(writer(&house, 4).unwrap(), 10).unwrap());
    assert_eq!((read.listed, read.register.seal), (1, None));
}

#[test]
fn a_tree_of_several_tiles_is_read_within_the_bound_of_what_is_kept() {
    let house = house(&Disk::new(), 300, 300);
    assert_eq!(checked(&whole(writer(&house, 3).unwrap(), 50).unwrap()).sealed(), 300);
}

#[test]
fn what_does_not_pass_the_check_ends_with_an_error_before_its_last_line() {
    // An entry's record is another than the one that was logged.
    let disk = Disk::new();
    let altered = house(&disk, 10, 8);
    disk.alter_row(Index(13), |row| row.leaf.record = row.leaf.record.replace_digit());
    let refused = whole(writer(&altered, 2).unwrap(), 3);
    assert!(
        matches!(&refused, Err(RegisterError::Check(fault)) if fault.code == "entry-not-in-the-head"),
        "{refused:?}"
    );
    // A tile is: no path leads to the head, not even the seal's.
    let disk = Disk::new();
    let altered = house(&disk, 10, 8);
    disk.alter_tile(TileId { level: 0, index: 0 }, |tile| tile[0] ^= 1);
    let refused = writer(&altered, 2).and_then(|writer| whole(writer, 3));
    assert!(matches!(refused, Err(RegisterError::Check(_))), "{refused:?}");
    // A sequence is not listed.
    let disk = Disk::new();
    let altered = house(&disk, 10, 8);
    disk.forget_entry(tenant(2), 4);
    let refused = whole(writer(&altered, 2).unwrap(), 3);
    assert!(matches!(&refused, Err(RegisterError::Check(fault)) if fault.code == "sequence-broken"), "{refused:?}");
}

trait ReplaceDigit {
    fn replace_digit(&self) -> Self;
}

impl ReplaceDigit for Vec<u8> {
    /// The record with a digit of its salt changed.
    fn replace_digit(&self) -> Self {
        let mut bytes = self.clone();
        let salt = bytes.windows(8).position(|part| part == b"\"salt\":\"").unwrap() + 8;
        bytes[salt] = if bytes[salt] == b'0' { b'1' } else { b'0' };
        bytes
    }
}
