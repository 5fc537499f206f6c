//! The body of add-checkpoint (C2SP tlog-witness).

use proof::{Hash, TreeSize};
use proptest::prelude::*;
use watch::AddCheckpoint;
use watch::limits::{REQUEST_BYTES, REQUEST_HASHES};
use watch::request::RequestError as E;

/// The example of the specification.
const EXAMPLE: &str = "old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
";
const HASH: &str = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n";

#[test]
fn the_example_of_the_specification_is_read_as_it_is_written() {
    let read = AddCheckpoint::parse(EXAMPLE).unwrap();
    assert_eq!((read.old, read.path.len()), (TreeSize(20_852_014), 4));
    assert!(read.checkpoint.starts_with("example.com/behind-the-sofa\n20852163\n"));
    assert_eq!(read.write(), EXAMPLE);
    let first = AddCheckpoint::parse("old 0\n\ncheckpoint\n").unwrap();
    assert_eq!((first.old, first.path, first.checkpoint.as_str()), (TreeSize(0), Vec::new(), "checkpoint\n"));
}

#[test]
fn what_is_no_request_is_refused_with_its_line() {
    for (body, why) in [
        ("", E::Checkpoint),
        ("old 0\n", E::Checkpoint),
        ("old 0\n\n", E::Checkpoint),
        ("old\n\nx", E::Old),
        ("old \n\nx", E::Old),
        ("old 01\n\nx", E::Old),
        ("old -1\n\nx", E::Old),
        ("old +1\n\nx", E::Old),
        ("old 1 \n\nx", E::Old),
        ("old  1\n\nx", E::Old),
        ("old 1\r\n\nx", E::Old),
        ("Old 1\n\nx", E::Old),
        ("old 18446744073709551616\n\nx", E::Old),
        (" old 1\n\nx", E::Old),
        ("\n\nx", E::Old),
        ("old 1\nx\n\nx", E::Hash { line: 2 }),
        ("old 1\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw\n\nx", E::Hash { line: 2 }),
        ("old 1\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkax=\n\nx", E::Hash { line: 2 }),
        ("old 1\nAAAA\n\nx", E::Hash { line: 2 }),
    ] {
        assert_eq!(AddCheckpoint::parse(body), Err(why), "{body:?}");
    }
}

#[test]
fn limits_hold_at_the_limit_and_one_past_it() {
    let of = |hashes: usize| AddCheckpoint::parse(&format!("old 1\n{}\nx\n", HASH.repeat(hashes)));
    assert_eq!(of(REQUEST_HASHES).unwrap().path.len(), 63);
    assert_eq!(of(REQUEST_HASHES + 1), Err(E::TooLarge { given: 64, limit: 63 }));
    let long = |bytes: usize| AddCheckpoint::parse(&format!("old 0\n\n{}", "x".repeat(bytes - 7)));
    assert!(long(REQUEST_BYTES).is_ok());
    assert_eq!(long(REQUEST_BYTES + 1), Err(E::TooLarge { given: REQUEST_BYTES + 1, limit: REQUEST_BYTES }));
}

proptest! {
    #[test]
    fn what_is_written_is_read(old in any::<u64>(), path in prop::collection::vec(any::<[u8; 32]>(), 0..64), text in "(?s).{1,200}") {
        let path = path.into_iter().map(Hash).collect();
        let request = AddCheckpoint { old: TreeSize(old), path, checkpoint: text };
        prop_assert_eq!(AddCheckpoint::parse(&request.write()), Ok(request));
    }

    #[test]
    fn any_body_is_read_or_refused(body in "(?s).{0,300}") {
        let _ = AddCheckpoint::parse(&body);
    }
}
