//! Deposits of several PES, or of PES and other flows: each is read, its signatures told, what came back of it tied to it; what is not read is said.

use flow::{Declared, Flow, Limits, Outcome, SignatureJudge, SignatureOutcome, SignatureSaid, Why};
use serde_json::{Value, json};

use crate::bench::{Kept, codes, heavy, read, read_into};
use crate::pes::{BASE, NAME, acquit, aller, attached, bordereau, element, piece};
use crate::procurement::{Procurement, document};

const SECOND: &str = "PESALR2_21990001500017_261130_0002.xml";
const SIGNATURE: &str = "<s:Signature xmlns:s=\"http://www.w3.org/2000/09/xmldsig#\"/></n:PES_Aller>";

fn sent(name: &str, number: u32) -> String {
    aller(name, &bordereau(number, 1, "1.00", &piece(1, &["1.00"], None)), "")
}

fn all(files: &[(&str, &str)]) -> Flow {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    read(&files, Declared::Auto)
}

fn message<'f>(flow: &'f Flow, file: &str) -> &'f Value {
    let messages = flow.facts["messages"].as_array().unwrap();
    messages.iter().find(|message| message["fichier"] == file).unwrap()
}

/// Says that the signature of the first flow holds, and that of any other is broken.
struct FirstHolds;

impl SignatureJudge for FirstHolds {
    fn judge_cms(&self, _: &[u8], _: Option<&mut dyn std::io::Read>) -> Result<Vec<SignatureSaid>, Why> {
        Ok(Vec::new())
    }
    fn judge_pdf(&self, _: &[u8]) -> Result<Vec<SignatureSaid>, Why> {
        Ok(Vec::new())
    }
    fn judge(&self, xml: &str) -> Result<Vec<SignatureSaid>, Why> {
        let first = xml.contains(NAME);
        Ok(vec![SignatureSaid {
            place: "/PES_Aller/Signature".to_owned(),
            covers: vec!["/PES_Aller".to_owned()],
            beside: Vec::new(),
            outcome: if first { SignatureOutcome::Holds } else { SignatureOutcome::Broken },
            why: (!first).then(|| ("altered", "altered".to_owned())),
            signer: None,
            signing_time: None,
            weak: Vec::new(),
            added: 0,
        }])
    }
}

fn judged(files: &[(&str, String)]) -> Flow {
    let mut opens: Vec<_> = files
        .iter()
        .map(|(_, text)| {
            || -> std::io::Result<Box<dyn std::io::Read>> { Ok(Box::new(std::io::Cursor::new(text.as_bytes()))) }
        })
        .collect();
    let mut incoming = Vec::new();
    for ((name, text), open) in files.iter().zip(&mut opens) {
        incoming.push(flow::Incoming { name: name.as_bytes(), media_type: None, size: text.len() as u64, open });
    }
    let how = (&Limits::default(), &FirstHolds as &dyn SignatureJudge);
    flow::read(&mut incoming, Declared::Auto, None, &mut flow::NoMembers, how)
}

#[test]
fn each_flow_of_a_deposit_is_told_with_its_file() {
    let flow = all(&[(NAME, &sent(NAME, 1)), ("b.xml", &sent(SECOND, 2).replace("21990001500017\"", "1\""))]);
    assert_eq!(heavy(&flow), ["pes-siret-malformed"]);
    assert!(flow.findings.iter().any(|f| f.code == "pes-siret-malformed" && f.place.starts_with("b.xml: ")));
    assert_eq!((&flow.facts["nom_fic"], &flow.facts["nombre_messages"]), (&json!(NAME), &json!(2)));
    assert_eq!(*message(&flow, NAME), json!({"fichier": NAME, "message": "PES_Aller", "nom_fic": NAME}));
    let second = message(&flow, "b.xml");
    for (fact, value) in [("nom_fic", json!(SECOND)), ("nombre_bordereaux", json!(1)), ("montant_ht", json!("1.00"))] {
        assert_eq!(second[fact], value, "{fact}");
    }
    assert_eq!(second["bordereaux"][0]["numero"], "2");
    let met: Vec<_> = flow.identifiers.iter().map(|i| i.value.as_str()).collect();
    assert_eq!(met, [NAME, SECOND]);
    let several = flow.findings.iter().find(|f| f.code == "pes-several").unwrap();
    assert_eq!((several.severity, several.place.as_str()), (flow::Severity::Info, NAME));
}

#[test]
fn the_signatures_of_every_flow_are_told_each_with_its_file() {
    let signed = |name: &str| sent(name, 1).replace("</n:PES_Aller>", SIGNATURE);
    let flow = judged(&[(NAME, signed(NAME)), (SECOND, signed(SECOND))]);
    let of = |code: &str| flow.findings.iter().filter(|f| f.code == code).map(|f| f.place.as_str()).collect::<Vec<_>>();
    assert_eq!(of("signature-holds"), [format!("{NAME}: /PES_Aller/Signature")]);
    assert_eq!(of("signature-broken"), [format!("{SECOND}: /PES_Aller/Signature")]);
    assert_eq!(of("pes-not-all-signed"), [SECOND]);
    assert_eq!(
        (&flow.facts["bordereaux_signes"], &flow.facts["signatures"][0]["integrite"]),
        (&json!(1), &json!("tient"))
    );
    let second = message(&flow, SECOND);
    assert_eq!((&second["bordereaux_signes"], &second["nombre_signatures"]), (&json!(0), &json!(1)));
    assert_eq!(second["signatures"][0]["integrite"], "rompue");
}

#[test]
fn each_acknowledgement_is_tied_to_its_own_flow() {
    let (yes, no) = (element(5, "1", "<NumBord V=\"1\"/>"), element(5, "0", "<NumBord V=\"2\"/>"));
    let (taken, refused) = (acquit(NAME, &yes), acquit(SECOND, &no));
    let files =
        [(NAME, sent(NAME, 1)), ("ack2.xml", refused.clone()), (SECOND, sent(SECOND, 2)), ("ack1.xml", taken.clone())];
    for order in [[0, 1, 2, 3], [3, 0, 2, 1], [1, 3, 0, 2]] {
        let files: Vec<(&str, &str)> = order.iter().map(|at| (files[*at].0, files[*at].1.as_str())).collect();
        let flow = all(&files);
        assert_eq!((heavy(&flow), &flow.facts["etat"]), (vec![], &json!("accepte")), "{order:?}");
        assert_eq!(flow.facts["acquits"][0]["bordereau"], "1");
        let second = message(&flow, SECOND);
        assert_eq!((&second["etat"], &second["elements_rejetes"]), (&json!("rejete"), &json!(1)));
        assert_eq!(second["acquits"][0]["bordereau"], "2");
        assert_eq!(
            (&message(&flow, "ack1.xml")["etat"], &message(&flow, "ack2.xml")["etat"]),
            (&json!("accepte"), &json!("rejete"))
        );
        let places: Vec<_> = flow.findings.iter().filter(|f| f.code == "pes-refused").map(|f| &f.place).collect();
        assert_eq!(places, ["ack2.xml"]);
    }
    // Of two about the same flow, the state is the AND of both.
    let more = all(&[(NAME, &sent(NAME, 1)), ("1.xml", &acquit(NAME, &no)), ("2.xml", &taken)]);
    assert_eq!((&more.facts["etat"], &more.facts["elements"]), (&json!("accepte-partiellement"), &json!(2)));
    assert_eq!(more.facts["acquits"].as_array().unwrap().len(), 2);
    // One about a flow of which two bear the name is tied to neither.
    let twice = all(&[("a.xml", &sent(NAME, 1)), ("b.xml", &sent(NAME, 2)), ("1.xml", &taken)]);
    assert_eq!(heavy(&twice), ["pes-name-twice", "pes-ack-unsure"]);
    assert_eq!((twice.facts.get("etat"), message(&twice, "b.xml").get("etat")), (None, None));
    assert_eq!(message(&twice, "1.xml")["acquits"][0]["bordereau"], "1");
    // One about none of them names those that are there.
    let other = all(&[(NAME, &sent(NAME, 1)), (SECOND, &sent(SECOND, 2)), ("1.xml", &acquit("x.xml", &yes))]);
    let told = other.findings.iter().find(|f| f.code == "pes-ack-other-file").unwrap();
    assert!(told.message_en.contains(NAME) && told.message_en.contains(SECOND), "{}", told.message_en);
}

#[test]
fn a_document_attached_to_another_flow_of_the_deposit_is_there() {
    let pieces = piece(1, &["1.00"], Some("PJ9"));
    let refers = aller(NAME, &bordereau(1, 1, "1.00", &pieces), "");
    let brings = aller(SECOND, &bordereau(2, 1, "1.00", &piece(1, &["1.00"], None)), &attached("PJ9", "f.pdf", "", ""));
    assert_eq!(codes(&all(&[(NAME, &refers)])), ["pes-attachment-elsewhere"]);
    let both = all(&[(NAME, &refers), (SECOND, &brings)]);
    assert!(!codes(&both).contains(&"pes-attachment-elsewhere"), "{:?}", codes(&both));
    assert_eq!(message(&both, SECOND)["nombre_pieces_jointes"], 1);
}

#[test]
fn flows_are_read_up_to_the_limit_and_one_more_is_refused() {
    let of = |count: usize| {
        let name = |n: usize| format!("{n}.xml");
        let files: Vec<(String, String)> = (0..count).map(|n| (name(n), sent(&name(n), 1))).collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        all(&files)
    };
    let most = flow::limits::MAX_PES_FLOWS;
    let whole = of(most);
    assert_eq!((whole.outcome(), whole.facts["messages"].as_array().unwrap().len()), (Outcome::Accepted, most));
    assert_eq!(whole.identifiers.len(), most);
    // The lists of all of them together are bounded, and say so.
    assert_eq!(codes(&whole), ["pes-several", "fact-list-cut", "fact-list-cut"]);
    let last = message(&whole, "49.xml");
    assert_eq!((&last["nombre_bordereaux"], &last["bordereaux"]), (&json!(1), &json!([])));
    let beyond = of(most + 1);
    assert_eq!((beyond.outcome(), codes(&beyond)), (Outcome::Refused, vec!["pes-too-many"]));
}

#[test]
fn facts_of_as_many_flows_as_are_read_fit_in_a_record() {
    let long = "\u{20ac}\"".replace('"', "&quot;").repeat(1_000);
    let text = |n: usize| {
        let pieces = piece(1, &["1.00"], None).replace("Fournitures", &long);
        let all: String = (0..21).map(|n| bordereau(n, 30, "30.00", &pieces)).collect();
        let sent = aller(&format!("{n}{long}"), &all, &attached("A", &long, "", "").repeat(21));
        ["COMMUNE D'ESSAI", "PESALR2", "2026-11-30", "099001", "V=\"001"].iter().fold(sent, |sent, word| {
            sent.replace(word, &if word.starts_with("V=") { format!("V=\"{long}") } else { long.clone() })
        })
    };
    let error = format!("<Erreur><NumAnoAck V=\"{long}\"/><LibelleAnoAck V=\"{long}\"/></Erreur>");
    let back = acquit(&format!("0{long}"), &element(5, "0", &format!("<NumBord V=\"{long}\"/>{error}")).repeat(30));
    let mut files = vec![("ack.xml".to_owned(), back)];
    files.extend((0..flow::limits::MAX_PES_FLOWS - 1).map(|n| (format!("{n}.xml"), text(n))));
    let files: Vec<(&[u8], &[u8])> = files.iter().map(|(name, text)| (name.as_bytes(), text.as_bytes())).collect();
    let limits = Limits { xml_total_bytes: u64::MAX, ..Limits::default() };
    let flow = read_into(&files, Declared::Auto, None, &limits, &mut Kept::default());
    assert_eq!(flow.facts["nombre_messages"], flow::limits::MAX_PES_FLOWS);
    let facts = serde_json::to_vec(&flow.facts).unwrap().len();
    let findings: usize =
        flow.findings.iter().map(|f| f.message_fr.len() + f.message_en.len() + f.place.len() + f.remedy_fr.len()).sum();
    assert!(facts + findings < 800 << 10, "{facts} bytes of facts, {findings} of findings");
}

#[test]
fn every_flow_of_another_kind_is_read_or_said_not_to_be() {
    let contracts = document(&[Procurement::new(1).contract()], &[]).to_string();
    let both = all(&[(NAME, &sent(NAME, 1)), ("decp.json", &contracts)]);
    assert_eq!((both.kind.as_str(), codes(&both)), ("pes", vec![]));
    assert_eq!((&both.facts["nom_fic"], &both.facts["nombre_contrats"]), (&json!(NAME), &json!(1)));
    assert_eq!((both.files[0].role, both.files[1].role), ("flux", "donnees-essentielles"));
    let met: Vec<_> = both.identifiers.iter().map(|i| i.scheme).collect();
    assert_eq!(met, ["decp-marche", "pes-nomfic"]);
    let broken = all(&[(NAME, &sent(NAME, 1)), ("decp.json", "{\"marches\": oui}")]);
    assert_eq!(heavy(&broken), ["decp-malformed"]);

    const ACTES: &str = "xmlns:a=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\"";
    let act = format!("<a:Acte {ACTES}><a:Objet>x</a:Objet></a:Acte>");
    let act_name = "034-243499019-20190523-86351-CC-1-1_0.xml";
    let transfer = "<ArchiveTransfer xmlns=\"fr:gouv:culture:archivesdefrance:seda:v2.1\"/>";
    let unread = |files: &[(&str, &str)], declared| {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
        let flow = read(&files, declared);
        let said = flow.findings.iter().filter(|f| f.code == "flow-not-read");
        let said: Vec<String> =
            said.map(|f| format!("{} {}", f.place, f.message_en.split(':').next().unwrap())).collect();
        (flow.kind.as_str(), said)
    };
    let says = |file: &str, what: &str, kind: &str| {
        format!("{file} This file is a {what} flow, the deposit is read as {kind}")
    };
    let pes = sent(NAME, 1);
    assert_eq!(
        unread(&[(act_name, &act), (NAME, &pes), ("decp.json", &contracts), ("t.xml", transfer)], Declared::Auto),
        ("actes", vec![says(NAME, "PES", "ACTES"), says("decp.json", "DECP", "ACTES"), says("t.xml", "SEDA", "ACTES")])
    );
    assert_eq!(
        unread(&[(NAME, &pes), ("t.xml", transfer), ("a.xml", &act)], Declared::Pes),
        ("pes", vec![says("t.xml", "SEDA", "PES"), says("a.xml", "ACTES", "PES")])
    );
    let flow = all(&[(act_name, &act), ("decp.json", "{\"marches\": oui}")]);
    assert!(codes(&flow).contains(&"decp-malformed"), "{:?}", codes(&flow));
    let back = format!("<n:PES_Retour xmlns:n=\"{BASE}/retour\"/>");
    assert_eq!(message(&all(&[(NAME, &pes), ("r.xml", &back)]), "r.xml")["message"], "PES_Retour");
}
