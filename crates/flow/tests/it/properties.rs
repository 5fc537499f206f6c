//! Whatever the bytes, reading ends without panic, its findings have their sentences, and memory is bounded by limits.

use flow::{Declared, Flow, Language, Limits, Outcome, explain};
use proptest::prelude::*;

use crate::bench::{Kept, read_into};
use crate::procurement::{self, Procurement};

fn small() -> Limits {
    Limits { inflated_bytes: 1 << 20, members: 20, xml_bytes: 1 << 16, ..Limits::default() }
}

fn sound(flow: &Flow, kept: &Kept) {
    for finding in &flow.findings {
        for text in [&finding.message_fr, &finding.message_en, &finding.remedy_fr, &finding.remedy_en] {
            assert!(text.ends_with('.') && !text.chars().any(char::is_control), "{finding:?}");
        }
    }
    let json = explain::to_json(flow, Language::En);
    assert_eq!(json["outcome"], flow.outcome().as_str());
    assert!(explain::to_text(flow, Language::Fr).ends_with('\n'));
    if matches!(flow.outcome(), Outcome::Refused) {
        assert!(kept.0.is_empty(), "members of a refused deposit");
    }
}

fn check(name: &str, bytes: &[u8], declared: Declared, description: Option<&[u8]>) {
    let mut kept = Kept::default();
    let flow = read_into(&[(name.as_bytes(), bytes)], declared, description, &small(), &mut kept);
    sound(&flow, &kept);
    assert_eq!(flow.files.len(), 1 + kept.0.len());
}

const MESSAGE: &str = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<a:Acte \
xmlns:a=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\" a:Date=\"2019-05-23\" a:NumeroInterne=\"86351\" a:CodeNatureActe=\"4\">\
<a:CodeMatiere1 a:CodeMatiere=\"1\"/><a:CodeMatiere2 a:CodeMatiere=\"1\"/><a:Objet>objet</a:Objet>\
<a:ClassificationDateVersion>2019-01-01</a:ClassificationDateVersion><a:Document><a:NomFichier>x.pdf</a:NomFichier></a:Document>\
<a:Annexes a:Nombre=\"0\"/></a:Acte>";
const NAME: &str = "034-243499019-20190523-86351-CC-1-1_0.xml";

fn tar_of(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        let _ = builder.append_data(&mut header, name, bytes.as_slice());
    }
    builder.into_inner().unwrap()
}

/// Some bytes changed, then cut.
fn mangled(mut bytes: Vec<u8>, changes: &[(prop::sample::Index, u8)], cut: Option<prop::sample::Index>) -> Vec<u8> {
    for (at, value) in changes {
        let at = at.index(bytes.len());
        bytes[at] = *value;
    }
    if let Some(cut) = cut {
        bytes.truncate(cut.index(bytes.len()));
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_under_any_name(
        bytes in prop::collection::vec(any::<u8>(), 0..3_000),
        name in prop::sample::select(vec![NAME, "x.xml", "x.tar.gz", "EACT--243499019--20190523-1.xml", "x", "\u{202E}"]),
        actes in any::<bool>(),
    ) {
        check(name, &bytes, if actes { Declared::Actes } else { Declared::Auto }, None);
    }

    #[test]
    fn a_message_with_bytes_changed(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        check(NAME, &mangled(MESSAGE.as_bytes().to_vec(), &changes, cut), Declared::Auto, None);
    }

    #[test]
    fn essential_data_with_bytes_changed(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
        in_xml in any::<bool>(),
        declared in prop::sample::select(vec![Declared::Auto, Declared::Marches]),
    ) {
        let contracts = [Procurement::new(1).modified(&[(1, 2.5)])];
        let concessions = [Procurement::new(1).concession()];
        let text = match in_xml {
            true => procurement::xml(&contracts, &concessions),
            false => procurement::document(&contracts, &concessions).to_string(),
        };
        let bytes = mangled(text.into_bytes(), &changes, cut);
        check(if in_xml { "decp.xml" } else { "decp.json" }, &bytes, declared, None);
        let _ = flow::essential_contracts("decp", &bytes, &small(), &mut |_| {});
    }

    #[test]
    fn an_archive_with_bytes_changed(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
        gzipped in any::<bool>(),
    ) {
        let files = [(NAME.to_owned(), MESSAGE.as_bytes().to_vec()), ("x.pdf".to_owned(), vec![7; 700])];
        let bytes = tar_of(&files);
        let bytes = if gzipped {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut encoder, &mangled(bytes, &changes, cut)).unwrap();
            encoder.finish().unwrap()
        } else {
            mangled(bytes, &changes, cut)
        };
        check("TST-EACT--243499019--20190523-1.tar.gz", &bytes, Declared::Auto, None);
    }

    #[test]
    fn what_an_independent_writer_writes_is_read_back(
        names in prop::collection::btree_set("[a-z]{1,8}(/[a-z]{9,12}){0,2}", 1..8),
        body in prop::collection::vec(any::<u8>(), 0..1_500),
    ) {
        let mut files: Vec<(String, Vec<u8>)> = names.into_iter().map(|n| (n, body.clone())).collect();
        files.push((NAME.to_owned(), MESSAGE.as_bytes().to_vec()));
        let mut kept = Kept::default();
        let bytes = tar_of(&files);
        let flow = read_into(&[(b"x.tar", &bytes)], Declared::Auto, None, &Limits::default(), &mut kept);
        sound(&flow, &kept);
        let members: Vec<(String, Vec<u8>)> =
            kept.0.iter().map(|(_, n, b)| (String::from_utf8(n.clone()).unwrap(), b.clone())).collect();
        let clash = flow.findings.iter().any(|f| f.code == "member-clash");
        prop_assert!(clash || members == files, "{:?}", flow.findings);
    }

    #[test]
    fn any_description(text in "\\PC{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check("x.pdf", b"%PDF-", Declared::File, Some(text.as_bytes()));
        check("x.pdf", b"%PDF-", Declared::File, Some(&bytes));
    }

    #[test]
    fn a_json_value_reads_as_the_reference_reads_it(key in "\\PC{0,20}", text in any::<String>(), n in any::<i64>()) {
        let value = serde_json::json!({ "a": { key: [text, true, null_or(n)] } });
        let bytes = serde_json::to_vec_pretty(&value).unwrap();
        let flow = read_into(&[(b"x", b"x")], Declared::File, Some(&bytes), &Limits::default(), &mut Kept::default());
        match flow.facts.get("description") {
            Some(read) => prop_assert_eq!(read, &value),
            None => prop_assert!(flow.facts.contains_key("description_text") || !flow.outcome().is_accepted()),
        }
    }
}

/// Large integers are refused; they become null here now and then.
fn null_or(n: i64) -> serde_json::Value {
    if n.unsigned_abs() < 1 << 53 { n.into() } else { serde_json::Value::Null }
}
