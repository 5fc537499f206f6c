//! Limits of whole deposits, at the limit and one past it; failures of the reader and of the sink.

use std::io::{self, Read};

use flow::{Declared, Incoming, Limits, MemberSink, Outcome};

use crate::bench::{Kept, codes, read_into};

const NS: &str = "xmlns:a=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\"";
const ID: &str = "034-243499019-20190523-86351-CC";

fn within(files: &[(&str, &[u8])], limits: &Limits) -> Vec<&'static str> {
    let files: Vec<(&[u8], &[u8])> = files.iter().map(|(n, b)| (n.as_bytes(), *b)).collect();
    codes(&read_into(&files, Declared::Auto, Some(b"{}"), limits, &mut Kept::default()))
}

#[test]
fn files_and_names_are_bounded() {
    let limits = Limits { files: 2, name_bytes: 4, ..Limits::default() };
    assert_eq!(within(&[("a", b"x"), ("b", b"x")], &limits), Vec::<&str>::new());
    assert_eq!(within(&[("a", b"x"), ("b", b"x"), ("c", b"x")], &limits), ["too-many-files"]);
    assert_eq!(within(&[("1234", b"x")], &limits), Vec::<&str>::new());
    assert_eq!(within(&[("12345", b"x")], &limits), ["file-name-too-long"]);
}

#[test]
fn odd_names_and_empty_files_are_remarked() {
    let limits = Limits::default();
    for name in ["../a", "a/b", "a\\b", "C:a", "a\u{202E}b"] {
        assert_eq!(within(&[(name, b"x")], &limits), ["file-name-unusual"], "{name}");
    }
    assert_eq!(within(&[("a", b"x"), ("a", b"y")], &limits), ["file-name-twice"]);
    assert_eq!(within(&[("a.xml", b"")], &limits), ["file-empty"]);
}

#[test]
fn xml_is_bounded_one_by_one_and_together() {
    let xml = b"<a>12345678</a>";
    let limits = |bytes, total| Limits { xml_bytes: bytes, xml_total_bytes: total, ..Limits::default() };
    let size = xml.len() as u64;
    assert_eq!(within(&[("x.xml", xml)], &limits(size, 1_000)), Vec::<&str>::new());
    assert_eq!(within(&[("x.xml", xml)], &limits(size - 1, 1_000)), ["xml-not-read"]);
    assert_eq!(within(&[("x.xml", xml), ("y.xml", xml)], &limits(1_000, 2 * size)), Vec::<&str>::new());
    assert_eq!(within(&[("x.xml", xml), ("y.xml", xml)], &limits(1_000, 2 * size - 1)), ["xml-not-read"]);
}

#[test]
fn a_long_subject_is_cut_in_the_facts_and_remarked() {
    let of = |n: usize| {
        let xml = format!("<a:Acte {NS}><a:Objet>{}</a:Objet></a:Acte>", "é".repeat(n));
        let name = format!("{ID}-1-1_0.xml");
        let files: [(&[u8], &[u8]); 1] = [(name.as_bytes(), xml.as_bytes())];
        let flow = read_into(&files, Declared::Auto, None, &Limits::default(), &mut Kept::default());
        (flow.facts["objet"].as_str().unwrap().len(), codes(&flow).contains(&"fact-truncated"))
    };
    let most = flow::limits::MAX_FACT_BYTES;
    assert_eq!(of(most / 2), (most, false));
    assert_eq!(of(most / 2 + 1), (most, true));
}

#[test]
fn findings_of_one_code_are_listed_up_to_a_limit_and_then_counted() {
    let of = |n: usize| {
        let annexes: String =
            (0..n).map(|i| format!("<a:Annexe><a:NomFichier>{i}</a:NomFichier></a:Annexe>")).collect();
        let xml = format!("<a:Acte {NS}><a:Annexes a:Nombre=\"{n}\">{annexes}</a:Annexes></a:Acte>");
        let name = format!("{ID}-1-1_0.xml");
        let found = within(&[(&name, xml.as_bytes())], &Limits::default());
        let missing = found.iter().filter(|c| **c == "actes-declared-missing").count();
        (missing, found.contains(&"findings-truncated"))
    };
    let most = flow::limits::MAX_LISTED;
    assert_eq!(of(most), (most, false));
    assert_eq!(of(most + 1), (most, true));
}

#[test]
fn a_description_is_kept_as_it_is_or_as_text_when_its_keys_are_not_ascii() {
    let files: [(&[u8], &[u8]); 1] = [(b"a", b"x")];
    let read = |text: &str| {
        read_into(&files, Declared::Auto, Some(text.as_bytes()), &Limits::default(), &mut Kept::default()).facts
    };
    assert_eq!(read("{\"b\":{\"a\":1}}")["description"], serde_json::json!({ "b": { "a": 1 } }));
    assert_eq!(read("{\"référence\": 1}")["description_text"], "{\"référence\": 1}");
}

struct Full;
impl MemberSink for Full {
    fn begin(&mut self, _: usize, _: &[u8], _: u64) -> io::Result<()> {
        Err(io::Error::other("full"))
    }
    fn write(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_failing_reader_or_sink_makes_the_deposit_unreadable() {
    for declared in [Declared::Auto, Declared::Actes, Declared::File] {
        let mut open = || -> io::Result<Box<dyn Read>> { Err(io::Error::other("gone")) };
        let mut files = [Incoming { name: b"x", media_type: None, size: 1, open: &mut open }];
        let flow = flow::read(&mut files, declared, None, &mut Kept::default(), (&Limits::default(), &flow::NoJudge));
        assert_eq!((flow.outcome(), codes(&flow)), (Outcome::Unreadable, vec!["unreadable"]));
    }
    let mut builder = tar::Builder::new(Vec::new());
    let xml = format!("<a:Acte {NS}/>");
    let mut header = tar::Header::new_ustar();
    header.set_size(xml.len() as u64);
    builder.append_data(&mut header, format!("{ID}-1-1_0.xml"), xml.as_bytes()).unwrap();
    let bytes = builder.into_inner().unwrap();
    let mut open = || -> io::Result<Box<dyn Read>> { Ok(Box::new(io::Cursor::new(bytes.clone()))) };
    let mut files = [Incoming { name: b"x.tar", media_type: None, size: 1, open: &mut open }];
    let flow = flow::read(&mut files, Declared::Auto, None, &mut Full, (&Limits::default(), &flow::NoJudge));
    assert_eq!(flow.outcome(), Outcome::Unreadable);
    assert_eq!(codes(&flow).last(), Some(&"members-not-kept"));
    assert_eq!(Outcome::Unreadable.exit_code(), 5);
}
