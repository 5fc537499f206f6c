//! Parsers: never a panic, never other bytes than those written, limits at and one past them.

use super::*;
use crate::cipher::{ChunkCipher, Domain, chunks_of, stored_len};
use crate::codec::{ParseError, Parser, Writer};
use crate::keys::KeyId;
use crate::limits::*;
use crate::record::{Form, Header, KeyringWriter, Location, PREFIX, Prefix, Record, UnitKeys, VERSION, WrappedKey};
use crate::record::{LEAF_FRONT, parse_leaf, parse_leaf_data, write_header, write_leaf};
use crate::rows;
use proof::Hash;
use zeroize::Zeroizing;

fn some_commit() -> Commit<SealedParts> {
    let place = Place::new();
    let mut commit = commit(&place.open().vault(), 0, &[10, 300_000, 0]);
    commit.leaves.push((leaf(1), SealedParts::default()));
    commit.leaves.push((old_leaf(2), sealed(&place.open().vault(), 2, &[0, 11])));
    commit.leaves.push((old_leaf(3), SealedParts::default()));
    commit.puts.push(Put { space: 2, key: vec![1; 9], value: None });
    commit.size = TreeSize(4);
    // The file ahead is removed with its parts: only the bytes of the header matter here.
    commit
}

#[test]
fn a_header_is_read_as_it_was_written() {
    let commit = some_commit();
    let written = write_header(&commit).unwrap();
    let parsed = Header::parse(&written).unwrap();
    assert_eq!((parsed.at, parsed.size, &parsed.puts), (commit.at, commit.size, &commit.puts));
    assert_eq!(parsed.checkpoint_text, commit.checkpoint_text);
    for (found, (said, parts)) in parsed.leaves.iter().zip(&commit.leaves) {
        let without = NewLeaf { lookups: vec![], ..said.clone() };
        assert_eq!(found.leaf, without);
        assert_eq!(found.files, parts.entry.as_ref().map(|_| parts.files.len() as u32));
        for (unit, number) in parts.units().zip(0..) {
            let (from, len) = found.form.unit_at(number);
            let at = found.facts_at + from as usize;
            assert_eq!(found.form.parse_unit(&written[at..at + len]).unwrap(), unit.facts());
        }
    }
    for len in 0..written.len() {
        assert!(Header::parse(&written[..len]).is_err(), "length {len}");
    }
    assert_eq!(Header::parse(&[&written[..], &[0]].concat()), Err(ParseError::Trailing(1)));
}

#[test]
fn a_leaf_of_which_something_does_not_follow_from_its_r_is_kept_in_full() {
    let mut other_data = leaf(3).leaf_data;
    other_data[50] ^= 1;
    let differs = [
        NewLeaf { tenant: TenantId([9; 16]), ..leaf(3) },
        NewLeaf { sequence: Sequence(9), ..leaf(3) },
        NewLeaf { id: EntryId([9; 16]), ..leaf(3) },
        NewLeaf { leaf_data: other_data, ..leaf(3) },
        NewLeaf { groups: vec![sha256(b"another")], ..leaf(3) },
        NewLeaf { groups: vec![], ..leaf(3) },
    ];
    let mut brief = Writer::default();
    assert_eq!(write_leaf(&mut brief, &leaf(3)), Ok(Form::Short));
    for said in differs {
        let mut out = Writer::default();
        assert_eq!(write_leaf(&mut out, &said), Ok(Form::Long));
        assert!(out.0.len() > 2 * brief.0.len(), "{} and {}", out.0.len(), brief.0.len());
        assert_eq!(parse_leaf(&mut Parser::new(&out.0)), Ok((NewLeaf { lookups: vec![], ..said }, Form::Long)));
    }
}

#[test]
fn a_leaf_in_brief_holds_no_more_than_its_front_may_and_is_read_from_it() {
    let record = LogRecord { sequence: Sequence((1 << 53) - 1), ..fields_of(3) };
    let record = LogRecord { received_at: UnixMillis(253_402_300_799_999), ..record };
    let text = record.to_bytes().unwrap();
    let (leaf_data, group) = ledger::brief::follows(&record, &text);
    let long = NewLeaf { sequence: record.sequence, record: text, leaf_data, groups: vec![group], ..leaf(3) };
    let long = NewLeaf { index: Index(u64::MAX), first_group: u64::MAX, ..long };
    let mut out = Writer::default();
    assert_eq!(write_leaf(&mut out, &long), Ok(Form::Short));
    assert!(out.0.len() as u64 <= LEAF_FRONT);
    assert_eq!(parse_leaf_data(&out.0), Ok((long.index, long.leaf_data.clone())));
    assert_eq!(parse_leaf(&mut Parser::new(&out.0)), Ok((NewLeaf { lookups: vec![], ..long }, Form::Short)));
    for len in 0..out.0.len() {
        assert!(parse_leaf(&mut Parser::new(&out.0[..len])).is_err(), "length {len}");
    }
}

#[test]
fn limits_hold_at_the_limit_and_one_past_it() {
    let mut commit = some_commit();
    commit.leaves.truncate(1);
    let mut at = |change: &mut dyn FnMut(&mut Commit<SealedParts>)| {
        change(&mut commit);
        write_header(&commit).and_then(|written| Header::parse(&written)).map(drop)
    };
    let beyond = |what, limit: u32| Err(ParseError::Beyond { what, found: u64::from(limit) + 1, limit: limit.into() });
    let text = |len: u32| "x".repeat(len as usize);
    assert_eq!(at(&mut |c| c.checkpoint_text = text(MAX_CHECKPOINT_BYTES)), Ok(()));
    assert_eq!(
        at(&mut |c| c.checkpoint_text = text(MAX_CHECKPOINT_BYTES + 1)),
        beyond("checkpoint", MAX_CHECKPOINT_BYTES)
    );
    at(&mut |c| c.checkpoint_text.clear()).unwrap();
    let data = |len: u32| vec![1; len as usize];
    assert_eq!(at(&mut |c| c.leaves[0].0.leaf_data = data(MAX_LEAF_DATA_BYTES)), Ok(()));
    assert_eq!(
        at(&mut |c| c.leaves[0].0.leaf_data = data(MAX_LEAF_DATA_BYTES + 1)),
        beyond("leaf data", MAX_LEAF_DATA_BYTES)
    );
    at(&mut |c| c.leaves[0].0.leaf_data.clear()).unwrap();
    assert_eq!(at(&mut |c| c.leaves[0].0.record = data(MAX_R_BYTES)), Ok(()));
    assert_eq!(at(&mut |c| c.leaves[0].0.record = data(MAX_R_BYTES + 1)), beyond("R", MAX_R_BYTES));
    at(&mut |c| c.leaves[0].0.record.clear()).unwrap();
    assert_eq!(at(&mut |c| c.puts[0].key = data(MAX_PUT_KEY_BYTES)), Ok(()));
    assert_eq!(at(&mut |c| c.puts[0].key = data(MAX_PUT_KEY_BYTES + 1)), beyond("state key", MAX_PUT_KEY_BYTES));
    at(&mut |c| c.puts.clear()).unwrap();
    let leaves = |count: u32| (0..count).map(|_| (leaf(0), SealedParts::default())).collect();
    assert_eq!(at(&mut |c| c.leaves = leaves(MAX_LEAVES)), Ok(()));
    assert_eq!(at(&mut |c| c.leaves = leaves(MAX_LEAVES + 1)), beyond("leaves", MAX_LEAVES));
}

#[test]
fn a_prefix_announces_no_more_than_the_limits() {
    let prefix = Prefix {
        version: VERSION,
        number: 1,
        previous: Hash([2; 32]),
        header_len: MAX_HEADER_BYTES,
        keyring_len: MAX_KEYRING_BYTES,
        body_len: MAX_BODY_BYTES,
        header_sha256: Hash([3; 32]),
        keyring_sha256: Hash([4; 32]),
    };
    assert_eq!(Prefix::parse(&prefix.write()), Ok(prefix.clone()));
    assert_eq!(prefix.write().len(), crate::record::PREFIX);
    for wrong in [
        Prefix { header_len: MAX_HEADER_BYTES + 1, ..prefix.clone() },
        Prefix { keyring_len: MAX_KEYRING_BYTES + 1, ..prefix.clone() },
        Prefix { body_len: MAX_BODY_BYTES + 1, ..prefix.clone() },
    ] {
        assert!(matches!(Prefix::parse(&wrong.write()), Err(ParseError::Beyond { .. })));
    }
    let mut newer = prefix.write();
    newer[5] = 3;
    assert_eq!(Prefix::parse(&newer), Err(ParseError::Unknown { what: "version", found: 3 }));
    newer[5] = 0;
    assert_eq!(Prefix::parse(&newer), Err(ParseError::Unknown { what: "version", found: 0 }));
    newer[5] = 1;
    let older = Prefix::parse(&newer).unwrap();
    assert_eq!((older.version, older.write()), (1, newer));
    assert_ne!(older.digest(), prefix.digest());
}

#[test]
fn the_digest_covers_number_previous_and_header_and_not_what_compaction_rewrites() {
    let prefix = Prefix {
        version: VERSION,
        number: 1,
        previous: Hash([2; 32]),
        header_len: 10,
        keyring_len: 11,
        body_len: 12,
        header_sha256: Hash([3; 32]),
        keyring_sha256: Hash([4; 32]),
    };
    let digest = prefix.digest();
    let compacted = Prefix { keyring_len: 9, body_len: 0, keyring_sha256: Hash([9; 32]), ..prefix.clone() };
    assert_eq!(compacted.digest(), digest);
    assert_ne!(Prefix { number: 2, ..prefix.clone() }.digest(), digest);
    assert_ne!(Prefix { previous: Hash([9; 32]), ..prefix.clone() }.digest(), digest);
    assert_ne!(Prefix { header_sha256: Hash([9; 32]), ..prefix }.digest(), digest);
}

#[test]
fn a_key_table_of_destroyed_units_is_read_too() {
    let unit = |key, body| UnitKeys { key, record: Location::Gone, body };
    let wrapped = WrappedKey { by: KeyId([1; 16]), nonce: [2; 12], bytes: [3; 48] };
    for (unit, number) in [
        (unit(None, None), 0),
        (unit(None, Some(Location::Gone)), 1),
        (UnitKeys { record: Location::Inline(9), ..unit(Some(wrapped.clone()), Some(Location::Ahead([7; 16]))) }, 2),
        (unit(Some(wrapped), Some(Location::Inline(u64::MAX))), 3),
    ] {
        let mut out = KeyringWriter::default();
        out.unit(&unit);
        let bytes = out.finish();
        assert_eq!(bytes.len(), UnitKeys::at(number).1);
        assert_eq!(UnitKeys::parse(&bytes), Ok(unit));
        assert!(UnitKeys::parse(&bytes[1..]).is_err());
    }
}

#[test]
fn chunks_are_counted_at_their_borders() {
    let chunk = CHUNK_BYTES as u64;
    for (plain, chunks) in [(0, 1), (1, 1), (chunk, 1), (chunk + 1, 2), (2 * chunk, 2), (2 * chunk + 1, 3)] {
        assert_eq!((chunks_of(plain), stored_len(plain)), (chunks, plain + 16 * chunks), "{plain}");
    }
}

/// The plaintext of these bytes, whole.
fn open_all(cipher: &ChunkCipher, stored: &[u8]) -> Result<Vec<u8>, u64> {
    let mut plain = Vec::new();
    cipher.open_all(stored, &mut |chunk| plain.extend_from_slice(chunk))?;
    Ok(plain)
}

#[test]
fn chunks_cannot_be_cut_swapped_or_taken_for_another_part() {
    let secret = Zeroizing::new([5; 32]);
    let cipher = ChunkCipher::new(&secret, Domain::File).unwrap();
    let plain = bytes(1, 3 * CHUNK_BYTES);
    let stored = cipher.seal_all(&plain).unwrap();
    assert!(open_all(&cipher, &stored).unwrap() == plain);
    let chunk = CHUNK_BYTES + 16;
    // Without its last chunk; without its first; two swapped; with one repeated.
    assert_eq!(open_all(&cipher, &stored[..2 * chunk]), Err(1));
    assert_eq!(open_all(&cipher, &stored[chunk..]), Err(0));
    let swapped = [&stored[chunk..2 * chunk], &stored[..chunk], &stored[2 * chunk..]].concat();
    assert_eq!(open_all(&cipher, &swapped), Err(0));
    assert_eq!(open_all(&cipher, &[&stored[..], &stored[2 * chunk..]].concat()), Err(2));
    assert_eq!(open_all(&cipher, &[]), Err(0));
    for other in [Domain::Entry, Domain::FileRecord] {
        assert_eq!(open_all(&ChunkCipher::new(&secret, other).unwrap(), &stored), Err(0));
    }
    let other = ChunkCipher::new(&Zeroizing::new([6; 32]), Domain::File).unwrap();
    assert_eq!(open_all(&other, &stored), Err(0));
}

#[test]
fn a_row_is_read_as_it_was_written_without_its_record() {
    let commit = some_commit();
    let header = write_header(&commit).unwrap();
    let mut keyring = KeyringWriter::default();
    for (leaf, parts) in &commit.leaves {
        keyring.lookups(&leaf.lookups).unwrap();
        for unit in parts.units() {
            let body = unit.body.as_ref().map(|_| Location::Gone);
            keyring.unit(&UnitKeys { key: None, record: Location::Gone, body });
        }
    }
    let keyring = keyring.finish();
    let prefix = Prefix {
        version: VERSION,
        number: 1,
        previous: Hash([0; 32]),
        header_len: header.len() as u32,
        keyring_len: keyring.len() as u32,
        body_len: 0,
        header_sha256: sha256(&header),
        keyring_sha256: sha256(&keyring),
    };
    let place = crate::record::Place { segment: 4, sector: 5 };
    let record = Record::parse(place, &prefix, &header, &keyring).unwrap();
    for (placed, (said, _)) in record.leaves.iter().zip(&commit.leaves) {
        assert_eq!(&placed.leaf, said);
        let written = rows::write_row(placed, &record).unwrap();
        let row = rows::parse_row(said.index, &written).unwrap();
        assert_eq!((row.index, row.commit_size, row.record), (said.index, record.size, record.number));
        assert_eq!((row.place, row.parts, row.lookups as usize), (place, placed.parts, said.lookups.len()));
        assert_eq!((row.leaf_at, row.leaf_len, row.keys_at), (placed.leaf_at, placed.leaf_len, placed.keys_at));
        let from = row.leaf_at as usize - PREFIX;
        assert_eq!(row.parts.is_none_or(|parts| parts.form == Form::Short), said.index.0 < 2 || row.parts.is_none());
        let (leaf, _) = parse_leaf(&mut Parser::new(&header[from..][..row.leaf_len as usize])).unwrap();
        assert_eq!(leaf, NewLeaf { lookups: vec![], ..said.clone() });
        let until = row.keys_at as usize - PREFIX - header.len();
        let digests = &keyring[until - 32 * said.lookups.len()..until];
        assert_eq!(digests, said.lookups.concat());
        // A row without its parts is that of a leaf that has none.
        let cut = (0..written.len()).filter(|len| rows::parse_row(said.index, &written[..*len]).is_ok()).count();
        assert_eq!(cut, usize::from(placed.parts.is_some()));
    }
}

#[test]
fn a_stored_length_that_its_plaintext_does_not_give_is_refused() {
    let facts = |plain: u64, stored: u64| [&plain.to_be_bytes()[..], &stored.to_be_bytes(), &[1; 32]].concat();
    let parse_unit = |bytes: &[u8]| Form::Long.parse_unit(bytes);
    assert!(parse_unit(&facts(5, 21)).is_ok());
    assert!(parse_unit(&facts(5, 20)).is_err() && parse_unit(&facts(5, 22)).is_err());
    assert!(parse_unit(&facts(MAX_FILE_BYTES, stored_len(MAX_FILE_BYTES))).is_ok());
    assert!(parse_unit(&facts(MAX_FILE_BYTES + 1, stored_len(MAX_FILE_BYTES + 1))).is_err());
    let short = |plain: u64| [&plain.to_be_bytes()[2..], &[1; 32]].concat();
    let found = Form::Short.parse_unit(&short(MAX_FILE_BYTES)).unwrap().record;
    assert_eq!((found.plain, found.stored), (MAX_FILE_BYTES, stored_len(MAX_FILE_BYTES)));
    assert!(Form::Short.parse_unit(&short(MAX_FILE_BYTES + 1)).is_err());
}
