//! Properties of the parsers, over generated input.

use super::*;
use crate::codec::{Parser, Writer};
use crate::record::{Form, Header, Prefix, UnitKeys, parse_keyring, write_header};
use crate::rows;
use crate::sector::{self, PAYLOAD, SECTOR, Sector, SectorType, SectorWriter};
use crate::segment::SegmentHeader;
use proptest::prelude::*;

proptest! {
    #[test]
    fn no_bytes_make_a_parser_panic(input in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = Header::parse(&input);
        let _ = Prefix::parse(&input);
        let _ = SegmentHeader::parse(&input);
        let _ = UnitKeys::parse(&input);
        let _ = Form::Long.parse_unit(&input);
        let _ = Form::Short.parse_unit(&input);
        let _ = rows::parse_row(Index(3), &input);
        let _ = rows::parse_index(&input);
        let _ = rows::parse_head(&input);
        let _ = rows::parse_position(&input);
        let _ = crate::keys::parses(&input);
        if let Some(sector) = input.first_chunk::<SECTOR>() {
            let _ = sector::read(1, 2, sector);
        }
    }

    #[test]
    fn a_header_changed_somewhere_never_panics_nor_reads_the_same(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut commit = some_state();
        commit.leaves = vec![(leaf(3), SealedParts::default()), (old_leaf(4), SealedParts::default())];
        let written = write_header(&commit).unwrap();
        let mut changed = written.clone();
        let at = at.index(changed.len());
        changed[at] = to;
        if let Ok(parsed) = Header::parse(&changed) {
            prop_assert_eq!(parsed == Header::parse(&written).unwrap(), changed == written);
            let _ = parse_keyring(&changed, &written, &parsed.leaves);
        }
    }

    #[test]
    fn a_stream_cut_into_sectors_is_read_back_from_anywhere(
        len in 0_usize..5000, first in 0_u64..9, from in any::<prop::sample::Index>(), cut in 1_usize..700
    ) {
        let plain = bytes(len as u64, len);
        let mut writer = SectorWriter::new(7, first, SectorType::Start, len as u64);
        plain.chunks(cut).for_each(|piece| writer.push(piece));
        let sectors = writer.finish();
        prop_assert_eq!(sectors.len(), len.div_ceil(PAYLOAD) * SECTOR);
        for (number, bytes) in sectors.as_chunks::<SECTOR>().0.iter().enumerate() {
            let kind = if number == 0 { SectorType::Start } else { SectorType::Continuation };
            let right = matches!(sector::read(7, first + number as u64, bytes), Sector::Whole(found, _) if found == kind);
            prop_assert!(right);
            prop_assert_eq!(sector::read(8, first + number as u64, bytes), Sector::Damaged);
            prop_assert_eq!(sector::read(7, first + number as u64 + 1, bytes), Sector::Damaged);
        }
        let file = tempfile::tempfile().unwrap();
        std::os::unix::fs::FileExt::write_all_at(&file, &sectors, first * SECTOR as u64).unwrap();
        let from = from.index(len + 1);
        let mut found = vec![0; len - from];
        sector::read_stream(&file, 7, first, from as u64, &mut found).unwrap();
        prop_assert_eq!(&found[..], &plain[from..]);
    }

    #[test]
    fn a_number_in_few_bytes_comes_back_and_has_one_form(number in any::<u64>(), shift in 0_u32..64, junk in prop::collection::vec(any::<u8>(), 0..12)) {
        let number = number >> shift;
        let mut out = Writer::default();
        out.varint(number);
        let mut parser = Parser::new(&out.0);
        prop_assert_eq!(parser.varint("number"), Ok(number));
        prop_assert!(parser.end().is_ok());
        let mut parser = Parser::new(&junk);
        if let Ok(found) = parser.varint("number") {
            let mut again = Writer::default();
            again.varint(found);
            prop_assert_eq!(&again.0[..], &junk[..parser.at()]);
        }
    }

    #[test]
    fn an_index_in_a_key_comes_back_in_order_and_has_one_form(a in any::<u64>(), b in any::<u64>(), shift in 0_u32..64, junk in prop::collection::vec(any::<u8>(), 0..10)) {
        let (a, b) = (a >> shift, b >> (shift / 2));
        let (first, second) = (rows::write_index(Index(a)), rows::write_index(Index(b)));
        prop_assert_eq!(rows::parse_index(&first), Ok(Index(a)));
        prop_assert_eq!(first.cmp(&second), a.cmp(&b));
        let junk = [&[junk.len() as u8][..], &junk].concat();
        if let Ok(found) = rows::parse_index(&junk) {
            prop_assert_eq!(rows::write_index(found), junk);
        }
        prop_assert!(rows::parse_index(&[2, 0, 7]).is_err() && rows::parse_index(&[1, 7, 7]).is_err());
    }

    #[test]
    fn a_count_never_announces_more_than_the_input_holds(count in any::<u32>(), each in 1_usize..100, rest in 0_usize..300) {
        let mut out = Writer::default();
        out.u32(count).raw(&vec![0; rest]);
        let found = Parser::new(&out.0).count("things", each, u32::MAX);
        match found {
            Ok(found) => prop_assert!(found * each <= rest),
            Err(_) => prop_assert!(count as usize * each > rest),
        }
    }
}

fn some_state() -> Commit<SealedParts> {
    Commit {
        number: 1,
        at: UnixMillis(2),
        size: TreeSize(3),
        checkpoint_text: "text\n".into(),
        leaves: vec![],
        puts: vec![Put { space: 1, key: vec![2; 3], value: Some(vec![3; 4]) }],
    }
}
