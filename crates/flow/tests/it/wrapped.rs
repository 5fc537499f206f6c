//! A message or a flow whatever it is packed in and however it is called: what it is, is told by its content.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use flow::limits::MAX_PROLOG_BYTES;
use flow::{Declared, Flow, Limits};
use serde_json::json;

use crate::bench::{Kept, codes, heavy, read, read_into};
use crate::pes::{BASE, NAME};
use crate::stored::zipped;

const NS: &str = "xmlns:a=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\"";
const ID: &str = "034-243499019-20190523-86351-CC";
const MESSAGE: &str = "034-243499019-20190523-86351-CC-6-2_0.xml";

fn cancellation() -> String {
    format!("<?xml version=\"1.0\"?>\n<a:ARAnnulation {NS} a:IDActe=\"{ID}\" a:DateReception=\"2019-06-01\"/>")
}

fn sent(before: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>{before}<n:PES_Aller xmlns:n=\"{BASE}/aller\"><Enveloppe><Parametres><Version V=\"2\"/>\
<TypFic V=\"PESALR2\"/><NomFic V=\"{NAME}\"/></Parametres></Enveloppe><EnTetePES><IdColl V=\"21990001500017\"/></EnTetePES></n:PES_Aller>"
    )
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

/// As it is read, with a description where it may be any file, and what was kept of what it holds.
fn kept(name: &str, bytes: &[u8], declared: Declared) -> (Flow, Kept) {
    let mut kept = Kept::default();
    let files: [(&[u8], &[u8]); 1] = [(name.as_bytes(), bytes)];
    let flow = read_into(&files, declared, Some(b"{}"), &Limits::default(), &mut kept);
    (flow, kept)
}

#[test]
fn a_cancellation_is_read_however_it_is_packed_and_called() {
    let xml = cancellation();
    let (bytes, packed) = (xml.as_bytes(), gzip(xml.as_bytes()));
    let pdf: (&str, &[u8]) = ("note.pdf", b"%PDF-1.4");
    for (name, deposit, member) in [
        (format!("{MESSAGE}.gz").as_str(), packed.clone(), MESSAGE),
        ("msg.gz", packed.clone(), "msg"),
        ("msg.xml.gz.gz.gz", gzip(&gzip(&packed)), "msg.xml.gz.gz"),
        ("msg.xml.bz2", bzip2(bytes), "msg.xml"),
        ("annulation.zip", zipped(&[pdf, ("annulation.xml", bytes)]), "annulation.xml"),
        ("annulation.zip", zipped(&[pdf, ("note.txt", bytes)]), "note.txt"),
        ("annulation.zip", zipped(&[pdf, ("p.xml.gz", &packed)]), "p.xml.gz"),
        (
            "annulation.zip",
            zipped(&[pdf, (&format!("{MESSAGE}.gz"), &packed)]),
            "034-243499019-20190523-86351-CC-6-2_0.xml.gz",
        ),
        ("annulation.zip", zipped(&[pdf, ("sans-nom", &gzip(&packed))]), "sans-nom"),
        ("annulation.tar", tar(&[pdf, ("p.bin", &packed)]), "p.bin"),
        ("annulation.tar.gz", gzip(&tar(&[pdf, ("p.bz2", &bzip2(bytes))])), "p.bz2"),
    ] {
        for declared in [Declared::Auto, Declared::Actes] {
            let (flow, kept) = kept(name, &deposit, declared);
            assert!(
                flow.kind.as_str() == "actes" && flow.outcome().is_accepted(),
                "{name} {member}: {:?}",
                codes(&flow)
            );
            assert_eq!(
                (&flow.facts["message"], &flow.facts["id_acte"]),
                (&json!("6-2"), &json!(ID)),
                "{name} {member}"
            );
            assert!(kept.0.iter().any(|(_, name, _)| name == member.as_bytes()), "{name} {member}");
            let at = kept.0.iter().position(|(_, name, _)| name == member.as_bytes()).unwrap();
            assert_eq!(flow.files[1 + at].role, "message", "{name} {member}");
        }
    }
    // Loose, in a file that does not say that it is XML.
    let bare = xml.split_once('\n').unwrap().1;
    let (flow, _) = kept("note.txt", format!("<!-- {} -->{bare}", "-".repeat(0)).as_bytes(), Declared::Auto);
    assert_eq!((flow.kind.as_str(), &flow.facts["message"]), ("actes", &json!("6-2")), "{:?}", codes(&flow));
}

#[test]
fn a_message_that_cannot_be_read_is_refused_wherever_it_lies_and_any_other_file_is_kept() {
    let cut = &cancellation()[..cancellation().len() - 2];
    let (packed, flux) = (gzip(cancellation().as_bytes()), sent(""));
    let mut other = packed.clone();
    let at = other.len() - 8;
    other[at] ^= 1;
    for (name, deposit, code) in [
        ("a.zip", zipped(&[("annulation.xml", cut.as_bytes())]), "xml-malformed"),
        ("a.zip", zipped(&[("annulation.txt", cut.as_bytes())]), "xml-malformed"),
        ("a.zip", zipped(&[("p.xml.gz", &packed[..packed.len() - 9])]), "container-damaged"),
        ("a.zip", zipped(&[("p.xml.gz", &other)]), "container-damaged"),
        ("a.zip", zipped(&[("p.xml.gz", &[&packed[..], b"suite"].concat())]), "container-trailing"),
        ("a.zip", zipped(&[(&format!("{MESSAGE}.gz"), &gzip(b"rien"))]), "xml-malformed"),
        ("msg.gz", gzip(cut.as_bytes()), "xml-malformed"),
        ("msg.gz", packed[..packed.len() - 9].to_vec(), "container-damaged"),
        ("p.zip", zipped(&[("p.txt", &flux.as_bytes()[..flux.len() - 3])]), "xml-malformed"),
    ] {
        let (flow, kept) = kept(name, &deposit, Declared::Auto);
        assert!(!flow.outcome().is_accepted() && codes(&flow).contains(&code), "{name}: {:?}", codes(&flow));
        assert!(kept.0.is_empty());
    }
    for (name, deposit) in [
        ("a.zip", zipped(&[("page.html", b"<html></html>".as_slice()), ("table.csv.gz", &gzip(b"a;b"))])),
        ("a.zip", zipped(&[("a.xml", b"<a xmlns='autre'/>".as_slice())])),
        ("table.xml.gz", gzip(b"<a/>")),
        // Packed once more than is undone.
        ("msg.gz", gzip(&gzip(&gzip(&packed)))),
        ("table.xml.gz", b"\0\0".to_vec()),
        ("note.odt", zipped(&[("mimetype", b"x".as_slice()), ("content.xml", cancellation().as_bytes())])),
    ] {
        let (flow, kept) = kept(name, &deposit, Declared::Auto);
        assert_eq!((flow.kind.as_str(), flow.outcome().is_accepted()), ("file", true), "{name}: {:?}", codes(&flow));
        assert!(kept.0.is_empty());
    }
}

#[test]
fn an_archive_of_an_envelope_in_another_archive_is_said_not_to_be_opened() {
    let inner = gzip(&tar(&[(MESSAGE, cancellation().as_bytes())]));
    let members: [(&str, &[u8]); 2] = [("SIC-EACT--243499019--20190523-1.tar.gz", &inner), ("note.pdf", b"%PDF-1.4")];
    for (name, bytes) in [("envois.zip", zipped(&members)), ("envois.tar", tar(&members))] {
        let (flow, _) = kept(name, &bytes, Declared::Auto);
        assert_eq!((flow.kind.as_str(), heavy(&flow)), ("file", vec!["container-inside"]), "{name}");
        assert!(codes(&kept(name, &bytes, Declared::Actes).0).contains(&"not-actes"), "{name}");
    }
}

#[test]
fn a_member_that_no_reader_opens_hides_no_message_after_it() {
    let mut bytes = zipped(&[("a.bin", b"x".as_slice()), ("annulation.xml", cancellation().as_bytes())]);
    // Both the header and the directory say that the first is encrypted.
    let places: Vec<usize> = [&b"PK\x03\x04"[..], b"PK\x01\x02"]
        .iter()
        .map(|mark| bytes.windows(4).position(|four| four == *mark).unwrap())
        .collect();
    bytes[places[0] + 6] |= 1;
    bytes[places[1] + 8] |= 1;
    let (flow, _) = kept("a.zip", &bytes, Declared::Auto);
    assert!(codes(&flow).contains(&"member-encrypted") && !flow.outcome().is_accepted(), "{:?}", codes(&flow));
}

#[test]
fn a_pes_is_read_whatever_it_is_called_and_whatever_comes_before_its_root() {
    let long = sent(&format!("<!--{}-->", " ".repeat(9 << 10)));
    for (name, deposit) in [
        ("p.zip", zipped(&[("p.xml.gz", &gzip(sent("").as_bytes()))])),
        ("p.zip", zipped(&[("p.txt", sent("").as_bytes())])),
        ("p.zip", zipped(&[("p.bin", long.as_bytes())])),
        ("p.xml.gz", gzip(long.as_bytes())),
    ] {
        for declared in [Declared::Auto, Declared::Pes] {
            let (flow, _) = kept(name, &deposit, declared);
            assert!(flow.kind.as_str() == "pes" && flow.outcome().is_accepted(), "{name}: {:?}", codes(&flow));
            assert_eq!(flow.facts["nom_fic"], NAME, "{name}");
        }
    }
    // Longer than other XML.
    let limits = Limits { xml_bytes: 1_000, ..Limits::default() };
    let of = |comment: usize, name: &str, declared| {
        let xml = sent(&format!("<!--{}-->", " ".repeat(comment)));
        let files: [(&[u8], &[u8]); 1] = [(name.as_bytes(), xml.as_bytes())];
        read_into(&files, declared, Some(b"{}"), &limits, &mut Kept::default())
    };
    assert_eq!(
        (of(9 << 10, NAME, Declared::Pes).kind.as_str(), of(9 << 10, "p.txt", Declared::Auto).kind.as_str()),
        ("pes", "pes")
    );
    let beyond = of(MAX_PROLOG_BYTES, NAME, Declared::Auto);
    assert_eq!((beyond.kind.as_str(), heavy(&beyond)), ("file", vec!["xml-prolog-long", "xml-not-read"]));
    assert!(codes(&of(MAX_PROLOG_BYTES, NAME, Declared::Pes)).contains(&"xml-prolog-long"));
    // Within what is read whole it is found all the same, in an archive too.
    let far = sent(&format!("<!--{}-->", " ".repeat(MAX_PROLOG_BYTES)));
    for (name, deposit) in [(NAME, far.clone().into_bytes()), ("p.zip", zipped(&[("p.xml", far.as_bytes())]))] {
        assert_eq!(kept(name, &deposit, Declared::Auto).0.kind.as_str(), "pes", "{name}");
    }
}

#[test]
fn what_is_packed_in_a_member_is_bounded_like_an_archive() {
    let flux = sent(&format!("<!--{}-->", " ".repeat(3 << 20)));
    let bytes = zipped(&[("p.xml.gz", &gzip(flux.as_bytes()))]);
    let files: [(&[u8], &[u8]); 1] = [(b"p.zip", &bytes)];
    let of = |limits: &Limits| read_into(&files, Declared::Pes, None, limits, &mut Kept::default());
    assert!(codes(&of(&Limits::default())).contains(&"container-bomb"), "{:?}", codes(&of(&Limits::default())));
    let loose = Limits { inflated_ratio: 100_000, ..Limits::default() };
    assert!(of(&loose).outcome().is_accepted(), "{:?}", codes(&of(&loose)));
    let left = Limits { xml_bytes: 1_000, pes_bytes: 1_000, ..loose.clone() };
    assert!(!of(&left).outcome().is_accepted());
    // All that is packed in the members together, not each.
    let (one, size) = (gzip(cancellation().as_bytes()), cancellation().len() as u64);
    let bytes = zipped(&[("a.xml.gz", &one), ("b.xml.gz", &one)]);
    let files: [(&[u8], &[u8]); 1] = [(b"p.zip", &bytes)];
    let of = |inflated_bytes| {
        let limits = Limits { inflated_bytes, ..loose.clone() };
        codes(&read_into(&files, Declared::Actes, None, &limits, &mut Kept::default()))
    };
    assert!(!of(2 * size).contains(&"container-too-large") && of(2 * size - 1).contains(&"container-too-large"));
}

#[test]
fn several_streams_of_one_packing_are_one_file() {
    let xml = cancellation();
    let halves = xml.as_bytes().split_at(40);
    let gz = [gzip(halves.0), gzip(b""), gzip(halves.1)].concat();
    let bz = [bzip2(halves.0), bzip2(halves.1)].concat();
    let archive = tar(&[(MESSAGE, xml.as_bytes())]);
    let (first, second) = archive.split_at(700);
    let tarred = [gzip(first), gzip(second)].concat();
    for (name, bytes) in [("a.xml.gz", &gz), ("a.xml.bz2", &bz), ("a.tar.gz", &tarred)] {
        let (flow, kept) = kept(name, bytes, Declared::Actes);
        assert!(flow.outcome().is_accepted(), "{name}: {:?}", codes(&flow));
        assert_eq!((&flow.facts["id_acte"], kept.0[0].2.as_slice()), (&json!(ID), xml.as_bytes()), "{name}");
    }
    // What is no stream is still no part of it, nor is another archive after the first.
    assert_eq!(codes(&read(&[("a.xml.gz", &[&gz[..], b"\0\0"].concat())], Declared::Actes)), ["container-trailing"]);
    assert_eq!(
        codes(&read(&[("a.tar.gz", &[&tarred[..], &tarred].concat())], Declared::Actes)),
        ["container-trailing"]
    );
    assert_eq!(codes(&read(&[("a.xml.gz", &gz[..gz.len() - 9])], Declared::Actes)), ["container-damaged"]);
}

#[test]
fn what_is_packed_under_no_name_has_a_harmless_one_and_it_is_said() {
    let packed = gzip(cancellation().as_bytes());
    for name in ["..gz", ".gz", "....gz", "a/..gz", " .gz", "envoi"] {
        let (flow, kept) = kept(name, &packed, Declared::Actes);
        assert_eq!(kept.0[0].1, b"flux.xml", "{name}");
        assert!(
            flow.outcome().is_accepted() && codes(&flow).contains(&"container-nameless"),
            "{name}: {:?}",
            codes(&flow)
        );
    }
    assert!(!codes(&kept("a.gz", &packed, Declared::Actes).0).contains(&"container-nameless"));
}

/// The facts as an entry keeps them.
fn kept_facts(flow: &Flow) -> serde_json::Value {
    let mut facts = flow.facts.clone();
    facts.insert("flow".into(), json!("actes"));
    facts.into()
}

#[test]
fn an_archive_of_the_test_platform_is_told_by_its_own_name_or_by_its_envelope() {
    let xml = cancellation();
    let envelope = format!(
        "<a:EnveloppeMISILLCL {NS}><a:Emetteur><a:IDSGAR/></a:Emetteur><a:Destinataire a:SIREN=\"243499019\"/><a:FormulairesEnvoyes>\
<a:Formulaire><a:NomFichier>{MESSAGE}</a:NomFichier></a:Formulaire></a:FormulairesEnvoyes></a:EnveloppeMISILLCL>"
    );
    let message: (&str, &[u8]) = (MESSAGE, xml.as_bytes());
    let (real, trial) = ("EACT--243499019--20190523-1.xml", "TACT--243499019--20190523-1.xml");
    for (archive, inside, is_trial) in [
        ("TST-TACT--243499019--20190523-1.tar.gz", None, true),
        ("tst-tact--243499019--20190523-1.TGZ", None, true),
        ("copie de TACT--243499019--20190523-1.tar.gz", None, true),
        ("TST-TACT--243499019--20190523-1.tar.gz", Some(real), true),
        ("TST-EACT--243499019--20190523-1.tar.gz", Some(trial), true),
        ("envoi.tar.gz", Some(trial), true),
        ("envoi.tar.gz", Some("copie TACT--243499019--20190523-1.xml"), true),
        ("TST-EACT--243499019--20190523-1.tar.gz", Some(real), false),
        ("CONTACT--243499019--20190523-1.tar.gz", None, false),
        ("envoi.tar.gz", None, false),
    ] {
        let members: Vec<(&str, &[u8])> =
            inside.map(|name| (name, envelope.as_bytes())).into_iter().chain([message]).collect();
        let (flow, _) = kept(archive, &gzip(&tar(&members)), Declared::Actes);
        assert!(flow.outcome().is_accepted(), "{archive}: {:?}", codes(&flow));
        let said = codes(&flow).iter().filter(|code| **code == "actes-test-platform").count();
        let facts = kept_facts(&flow);
        assert_eq!(
            (said, flow::About::of(&facts).is_test()),
            (usize::from(is_trial), is_trial),
            "{archive} {inside:?}"
        );
        // Of several messages each says it.
        let act: (&str, &[u8]) = ("034-243499019-20190523-7-CC-6-2_0.xml", xml.as_bytes());
        let both: Vec<(&str, &[u8])> = members.iter().copied().chain([act]).collect();
        let (flow, _) = kept(archive, &gzip(&tar(&both)), Declared::Actes);
        let facts = kept_facts(&flow);
        let all: Vec<bool> = flow::spoken(&facts).iter().map(|one| one.about.is_test()).collect();
        assert_eq!(all, [is_trial; 2], "{archive} {inside:?}: {facts}");
    }
}

#[test]
fn a_cancellation_says_that_its_idacte_is_none_and_is_found_where_its_act_may_be() {
    let of = |id: &str| {
        let xml = format!("<a:ARAnnulation {NS} a:IDActe=\"{id}\" a:DateReception=\"2019-06-01\"/>");
        let flow = read(&[("annulation.xml", xml.as_bytes())], Declared::Actes);
        let names: Vec<String> = flow.identifiers.iter().map(|one| format!("{} {}", one.scheme, one.value)).collect();
        (codes(&flow), names)
    };
    let (known, doubt) = (format!("acte-id {ID}"), "acte-annulation douteuse".to_owned());
    let (said, names) = of(ID);
    assert!(!said.contains(&"actes-id-malformed") && !names.contains(&doubt), "{said:?} {names:?}");
    for odd in [
        "034_243499019_20190523_86351_CC",
        "034 243499019 20190523 86351 CC",
        "034/243499019/20190523/86351/CC",
        "0034-243499019-20190523-86351-CC",
        "034-243499019-20190523-86351-4",
        "034-243499019-20190523-86351-C\u{200B}C",
    ] {
        let (said, names) = of(odd);
        assert!(said.contains(&"actes-id-malformed") && !said.contains(&"actes-cancels-nothing"), "{odd}: {said:?}");
        assert!(names.contains(&known), "{odd}: {names:?}");
    }
    for odd in [
        "034-243499019-20190230-86351-CC",
        "034-243499019-20190523-86351-ZZ",
        "034-243499019-20190523-86351",
        "034-243499019-20190523",
    ] {
        let (said, names) = of(odd);
        assert!(said.contains(&"actes-id-malformed") && !said.contains(&"actes-cancels-nothing"), "{odd}: {said:?}");
        assert!(names.contains(&doubt) && !names.contains(&known), "{odd}: {names:?}");
    }
    for odd in ["faux", "86351", "CC"] {
        let (said, names) = of(odd);
        assert!(said.contains(&"actes-cancels-nothing") && !names.contains(&doubt), "{odd}: {said:?} {names:?}");
    }
}
