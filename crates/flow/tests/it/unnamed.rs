//! Detached signatures whose name tells no document: the digest that is signed does, within what may be read again.

use flow::{Declared, Limits};

use crate::bench::codes;
use crate::signatures::{about, manifest, read};

#[test]
fn a_document_is_found_by_its_digest_within_what_may_be_read_again() {
    let files: [(&str, &[u8]); 4] =
        [("a.doc", b"autre"), ("b.doc", b"ailleurs"), ("c.doc", b"ailleurs"), ("s.p7s", b"\x30ailleurs")];
    let tries = 3 * flow::limits::BESIDE_TRY_BYTES;
    for (bytes, files, expected) in [
        (tries + 21, &files[..], &["signature-document-by-digest", "signature-holds"][..]),
        // The first that fits was tried, and tells: what more would fit changes nothing.
        (tries + 13, &files, &["signature-document-by-digest", "signature-holds"]),
        (tries + 12, &files, &["signature-search-ended"]),
        (tries - 1, &files, &["signature-search-ended"]),
        (tries, &files[3..], &["signature-without-document"]),
    ] {
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        let limits = Limits { beside_bytes: bytes, ..Limits::default() };
        let flow = read(Declared::Dossier, Some(&manifest(Declared::Dossier, &names)), files, &limits);
        assert_eq!(about(&flow), expected, "{bytes}: {:?}", codes(&flow));
        if expected.len() == 2 {
            assert_eq!(flow.facts["signatures"][0]["document"], "b.doc");
            let found = flow.findings.iter().find(|one| one.code == "signature-document-by-digest").unwrap();
            assert_eq!(found.message_fr.contains("b.doc, c.doc"), bytes > tries + 13, "{}", found.message_fr);
        }
    }
}
