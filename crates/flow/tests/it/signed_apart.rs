//! What a signature is not told to be over: what it does not hold for, what lies in another archive, what was added to its document.

use std::io::Read;

use flow::{Beside, Declared, Flow, Limits, SignatureOutcome, SignatureSaid, Why};

use crate::signatures::about;

/// Says this of every signature, in a document or beside one.
struct Says(fn(Option<&[u8]>) -> Vec<SignatureSaid>);

fn said(outcome: SignatureOutcome, added: u64, beside: &[&str]) -> SignatureSaid {
    SignatureSaid {
        place: "/S".to_owned(),
        covers: Vec::new(),
        beside: beside.iter().map(|name| (*name).to_owned()).collect(),
        outcome,
        why: None,
        signer: None,
        signing_time: None,
        weak: Vec::new(),
        added,
    }
}

impl flow::SignatureJudge for Says {
    fn judge(&self, _: &str) -> Result<Vec<SignatureSaid>, Why> {
        let beside = Some((flow::BESIDE, String::new()));
        Ok(vec![SignatureSaid { why: beside, ..said(SignatureOutcome::Undecided, 0, &[]) }])
    }
    fn judge_beside(&self, _: &str, _: &mut Beside<'_>) -> Result<Vec<SignatureSaid>, Why> {
        Ok(self.0(None))
    }
    fn judge_pdf(&self, _: &[u8]) -> Result<Vec<SignatureSaid>, Why> {
        Ok(self.0(None))
    }
    fn judge_cms(&self, _: &[u8], document: Option<&mut dyn Read>) -> Result<Vec<SignatureSaid>, Why> {
        let mut bytes = Vec::new();
        let read = document.map(|document| document.read_to_end(&mut bytes).map(|_| bytes.as_slice()));
        Ok(self.0(read.transpose().unwrap()))
    }
}

fn of(files: &[(&str, &[u8])], says: fn(Option<&[u8]>) -> Vec<SignatureSaid>) -> Flow {
    let mut opens: Vec<_> = files
        .iter()
        .map(|(_, bytes)| move || -> std::io::Result<Box<dyn Read + '_>> { Ok(Box::new(*bytes)) })
        .collect();
    let mut incoming: Vec<flow::Incoming<'_>> = Vec::new();
    for ((name, bytes), open) in files.iter().zip(opens.iter_mut()) {
        incoming.push(flow::Incoming { name: name.as_bytes(), media_type: None, size: bytes.len() as u64, open });
    }
    let how = (&Limits::default(), &Says(says) as &dyn flow::SignatureJudge);
    flow::read(&mut incoming, Declared::Auto, None, &mut flow::NoMembers, how)
}

const PDF: &[u8] = b"%PDF-1.7\n/ByteRange [0 1 2 3]";
const XML: &[u8] = b"<a><s:Signature xmlns:s=\"http://www.w3.org/2000/09/xmldsig#\"/></a>";

#[test]
fn the_one_document_of_a_signature_is_told_while_it_holds() {
    let files: [(&str, &[u8]); 2] = [("acte.txt", b"texte"), ("acte.xml", XML)];
    let document = |says| of(&files, says).facts["signatures"][0].get("document").cloned();
    assert_eq!(document(|_| vec![said(SignatureOutcome::Holds, 0, &["acte.txt"])]), Some("acte.txt".into()));
    assert_eq!(document(|_| vec![said(SignatureOutcome::Broken, 0, &["acte.txt"])]), None);
    assert_eq!(document(|_| vec![said(SignatureOutcome::Holds, 0, &["acte.txt", "autre.txt"])]), None);
}

#[test]
fn of_several_documents_one_that_nobody_signed_or_of_which_nothing_is_told_is_not_it() {
    let files: [(&str, &[u8]); 3] = [("a.doc", b"un"), ("a.txt", b"deux"), ("a.p7s", b"\x30\x03\x02\x01\x00")];
    let told = |says| about(&of(&files, says)).contains(&"signature-document-found");
    assert!(told(|read| vec![if read == Some(b"deux") {
        said(SignatureOutcome::Holds, 0, &[])
    } else {
        SignatureSaid { why: Some(("altered", String::new())), ..said(SignatureOutcome::Broken, 0, &[]) }
    }]));
    assert!(!told(|_| Vec::new()) && !told(|_| vec![said(SignatureOutcome::Undecided, 0, &[])]));
}

#[test]
fn what_was_added_to_a_pdf_and_what_stands_inside_it_are_not_covered() {
    let covers = |says| of(&[("acte.pdf", PDF)], says).facts["signatures"][0]["couvre"].to_string();
    assert_eq!(covers(|_| vec![said(SignatureOutcome::Holds, 0, &[])]), "[\"document\"]");
    assert_eq!(
        covers(|_| vec![said(SignatureOutcome::Holds, 7, &[])]),
        "[\"document, sans ce qui fut ajouté ensuite\"]"
    );
    let inside = |_: Option<&[u8]>| {
        let why = Some(("document-inside", String::new()));
        vec![SignatureSaid { why, ..said(SignatureOutcome::Undecided, 0, &[]) }]
    };
    assert_eq!(covers(inside), "[]");
}
