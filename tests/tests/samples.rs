//! Samples round-trip: what the builder writes reads as accepted, each single fault gives its own code.

#[path = "samples/exchanges.rs"]
mod exchanges;
#[path = "samples/stories.rs"]
mod stories;
#[path = "samples/told.rs"]
mod told;

use std::io::{self, Read};

use flow::{Declared, Flow, Incoming, Limits, NoMembers, Outcome, Severity};
use tests::samples::{Envelope, Procurement, SampleFault, document, first_document, procurement_xml};

fn read(files: &[(String, Vec<u8>)]) -> Flow {
    let mut opens: Vec<_> = files
        .iter()
        .map(|(_, bytes)| move || -> io::Result<Box<dyn Read>> { Ok(Box::new(io::Cursor::new(bytes.clone()))) })
        .collect();
    let mut incoming: Vec<Incoming<'_>> = Vec::new();
    for ((name, bytes), open) in files.iter().zip(opens.iter_mut()) {
        incoming.push(Incoming { name: name.as_bytes(), media_type: None, size: bytes.len() as u64, open });
    }
    flow::read(&mut incoming, Declared::Auto, None, &mut NoMembers, (&Limits::default(), &flow::NoJudge))
}

fn heavy(flow: &Flow) -> Vec<&'static str> {
    flow.findings.iter().filter(|f| f.severity > Severity::Info).map(|f| f.code).collect()
}

fn archive(sample: &Envelope) -> Flow {
    read(&[(sample.archive_name(), sample.archive())])
}

#[test]
fn every_sample_is_accepted_without_a_finding() {
    let mut ids = std::collections::BTreeSet::new();
    let mut names = std::collections::BTreeSet::new();
    for seed in 0..400 {
        let sample = Envelope::new(seed);
        let flow = archive(&sample);
        assert_eq!(flow.outcome(), Outcome::Accepted, "{seed}: {:?}", flow.findings);
        assert!(flow.findings.is_empty(), "{seed}: {:?}", flow.findings);
        assert_eq!(flow.facts["id_acte"], sample.act_id());
        assert_eq!(flow.facts["objet"], sample.subject);
        let roles: Vec<_> = flow.files.iter().map(|f| f.role).collect();
        assert_eq!(roles, ["archive", "enveloppe", "message", "acte", "annexe"]);
        assert!(ids.insert(sample.act_id()) && names.insert(sample.archive_name()));
        assert_eq!(sample.archive(), Envelope::new(seed).archive());
    }
    assert_eq!(Envelope::new(0).act_id(), "034-243499019-20190523-86351-CC");
}

#[test]
fn loose_files_and_their_acknowledgement_make_one_story() {
    for seed in 0..12 {
        let sample = Envelope::new(seed);
        let mut files = sample.loose_files();
        files.push((sample.acknowledgement_name(), sample.acknowledgement()));
        let flow = read(&files);
        assert_eq!(heavy(&flow), Vec::<&str>::new(), "{:?}", flow.findings);
        assert_eq!(flow.message.as_deref(), Some("1-1"));
        assert_eq!(flow.facts["date_reception"], format!("{}-28", &sample.iso_date()[..7]));
        let alone = read(&files[3..]);
        assert_eq!(alone.outcome(), Outcome::Accepted);
        assert_eq!(alone.facts["id_acte"], flow.facts["id_acte"]);
        assert_eq!(alone.identifiers, flow.identifiers);
    }
}

#[test]
fn each_single_fault_gives_its_own_code_and_no_other() {
    for fault in SampleFault::OF_ARCHIVE {
        for seed in 0..6 {
            let flow = archive(&Envelope::new(seed).with_fault(fault));
            let mut found = heavy(&flow);
            if fault.refuses() {
                assert_eq!(flow.outcome(), Outcome::Refused, "{fault:?}");
                assert!(found.contains(&fault.code()), "{fault:?}: {found:?}");
                continue;
            }
            assert_eq!(flow.outcome(), Outcome::AcceptedWithWarnings, "{fault:?}");
            found.dedup();
            assert_eq!(found, [fault.code()], "{fault:?} {seed}: {:?}", flow.findings);
        }
    }
}

#[test]
fn an_acknowledgement_of_another_act_or_of_other_content_is_said() {
    for fault in [SampleFault::AcknowledgementOfAnother, SampleFault::AcknowledgementDiffers] {
        let sample = Envelope::new(3);
        let mut files = sample.loose_files();
        let wrong = sample.with_fault(fault);
        let name = wrong.acknowledgement_name();
        let name = if fault == SampleFault::AcknowledgementOfAnother { name.replace("86354", "99999") } else { name };
        files.push((name, wrong.acknowledgement()));
        let flow = read(&files);
        assert_eq!(heavy(&flow), [fault.code()], "{:?}", flow.findings);
    }
}

#[test]
fn a_sample_pdf_has_a_right_cross_reference_table() {
    let pdf = Envelope::new(0).act_pdf();
    let text: String = pdf.iter().map(|b| char::from(*b)).collect();
    let start: usize = text.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
    let table = &text[text.char_indices().nth(start).unwrap().0..];
    assert!(table.starts_with("xref\n0 6\n"));
    for (index, row) in table.lines().skip(3).take(5).enumerate() {
        let offset: usize = row[..10].parse().unwrap();
        assert!(pdf[offset..].starts_with(format!("{} 0 obj", index + 1).as_bytes()));
    }
    assert!(text.contains("document invent\u{E9}"));
}

#[test]
fn essential_data_of_either_edition_are_accepted_and_a_later_file_meets_the_first() {
    let told = |name: &str, text: String| read(&[(name.to_owned(), text.into_bytes())]);
    for seed in 0..12 {
        let sample = Procurement::new(seed);
        let first = told("a.json", document(&[sample.contract()], &[]).to_string());
        let later = told("b.xml", procurement_xml(&[sample.modified(&[(1, 600_000.0)])], &[]));
        for flow in [&first, &later, &told("c.json", document(&[], &[sample.concession()]).to_string())] {
            assert!(flow.findings.is_empty(), "{seed}: {:?}", flow.findings);
        }
        assert_eq!(first.identifiers, later.identifiers);
        for text in
            [first_document(&[sample.first_edition(1)]).to_string(), procurement_xml(&[sample.first_edition(1)], &[])]
        {
            let name = if text.starts_with('{') { "d.json" } else { "d.xml" };
            assert_eq!(heavy(&told(name, text)), Vec::<&str>::new());
        }
    }
}
