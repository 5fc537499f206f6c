//! What the less usual messages, names and envelopes come to.

use flow::{Declared, Flow, Outcome};

use crate::bench::{codes, heavy, read};

const NS: &str = "xmlns:a=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\" xmlns:i=\"http://xml.insee.fr/schema\"";
const ID: &str = "034-243499019-20190523-86351-CC";

/// The inside of an act, attributes first.
fn act(date: &str, number: &str, nature: &str) -> String {
    format!(
        "a:Date=\"{date}\" a:NumeroInterne=\"{number}\" a:CodeNatureActe=\"{nature}\"><a:CodeMatiere1 a:CodeMatiere=\"1\"/>\
<a:CodeMatiere2 a:CodeMatiere=\"1\"/><a:Objet>Avenant</a:Objet><a:ClassificationDateVersion>2019-01-01\
</a:ClassificationDateVersion><a:Document><a:NomFichier>99_CC-{ID}-1-1_1.pdf</a:NomFichier></a:Document>\
<a:Annexes a:Nombre=\"0\"/>"
    )
}

fn message() -> String {
    format!("<a:Acte {NS} {}</a:Acte>", act("2019-05-23", "86351", "4"))
}

fn with_act(name: &str, xml: &str) -> Flow {
    let (message_name, pdf) = (format!("{ID}-1-1_0.xml"), format!("99_CC-{ID}-1-1_1.pdf"));
    let message = message();
    read(&[(&message_name, message.as_bytes()), (&pdf, b"%PDF-1.4"), (name, xml.as_bytes())], Declared::Auto)
}

fn alone(name: &str, xml: &str) -> Flow {
    read(&[(name, xml.as_bytes())], Declared::Auto)
}

#[test]
fn an_anomaly_without_identifier_is_tied_by_siren_and_number() {
    let inside = act("2019-05-23", "86351", "4");
    let xml = format!(
        "<a:AnomalieActe {NS}><a:Date>2019-05-24</a:Date><a:Nature>005</a:Nature><a:Detail>Signature</a:Detail>\
<a:ActeRecu {inside}</a:ActeRecu></a:AnomalieActe>"
    );
    let flow = with_act("044-243499019----1-3_1.xml", &xml);
    assert_eq!(heavy(&flow), ["actes-ar-by-number"]);
    assert!(codes(&flow).contains(&"actes-name-partial") && codes(&flow).contains(&"actes-anomaly"));
    assert_eq!(flow.facts["anomalie"]["nature"], "005");
    let lone = alone("044-243499019----1-3_1.xml", &xml);
    assert_eq!((lone.outcome(), lone.facts["date"].as_str()), (Outcome::Accepted, Some("2019-05-23")));
    assert!(lone.identifiers.iter().any(|i| i.scheme == "acte-numero" && i.value == "243499019/86351"));
}

#[test]
fn an_anomaly_on_an_envelope_meets_it_by_name() {
    let body = "<a:Emetteur><a:IDCL i:SIREN=\"243499019\" a:Departement=\"034\"/></a:Emetteur><a:FormulairesEnvoyes>\
<a:Formulaire><a:NomFichier>x.xml</a:NomFichier></a:Formulaire></a:FormulairesEnvoyes>";
    let anomaly = format!(
        "<a:AnomalieEnveloppe {NS}><a:Date>2019-05-24</a:Date><a:Nature>002</a:Nature><a:EnveloppeRecue>{body}\
</a:EnveloppeRecue></a:AnomalieEnveloppe>"
    );
    let flow = alone("ANO_EACT--243499019--20190523-1.xml", &anomaly);
    assert_eq!((flow.outcome(), codes(&flow)), (Outcome::Accepted, vec![]));
    assert_eq!(flow.facts["anomalie"]["nature"], "002");
    let envelope = format!("<a:EnveloppeCLMISILL {NS}>{body}</a:EnveloppeCLMISILL>");
    let sent = alone("EACT--243499019--20190523-1.xml", &envelope);
    assert_eq!(sent.identifiers, flow.identifiers);
    assert_eq!(sent.facts["enveloppe"]["sens"], "vers-prefecture");
    let trial = alone("TACT--243499019--20190523-1.xml", &envelope);
    assert!(trial.outcome() == Outcome::Accepted && codes(&trial).contains(&"actes-test-platform"));
}

#[test]
fn a_cancellation_and_its_answer_join_the_story() {
    let xml = format!("<a:ARAnnulation {NS} a:IDActe=\"{ID}\" a:DateReception=\"2019-06-01\"/>");
    let flow = with_act(&format!("{ID}-6-2_1.xml"), &xml);
    assert_eq!(heavy(&flow), Vec::<&str>::new());
    assert_eq!(flow.facts["date_annulation"], "2019-06-01");
    assert_eq!((flow.message.as_deref(), &flow.facts["nombre_messages"]), (Some("1-1"), &2.into()));
    let request = format!("<a:Annulation {NS} a:IDActe=\"{ID}\"/>");
    assert_eq!(heavy(&with_act(&format!("{ID}-6-1_0.xml"), &request)), Vec::<&str>::new());
}

#[test]
fn letters_bring_files_and_dates() {
    let xml = format!(
        "<a:LettreObservations {NS} a:IDActe=\"{ID}\" a:DateCourrierPref=\"2019-06-03\"><a:Motif>…</a:Motif>\
<a:Document><a:NomFichier>{ID}-4-1_1.pdf</a:NomFichier></a:Document></a:LettreObservations>"
    );
    let name = format!("{ID}-4-1_0.xml");
    let flow = alone(&name, &xml);
    assert_eq!((flow.outcome(), flow.facts["date_courrier"].as_str()), (Outcome::Accepted, Some("2019-06-03")));
    assert_eq!(codes(&flow), ["actes-declared-elsewhere", "actes-act-elsewhere"]);
    let pdf = format!("{ID}-4-1_1.pdf");
    let whole = read(&[(&name, xml.as_bytes()), (&pdf, b"%PDF-")], Declared::Actes);
    assert_eq!((codes(&whole), whole.files[1].role), (vec!["actes-act-elsewhere"], "annexe"));
    let reply = format!(
        "<a:ARPieceComplementaire {NS} a:DateReception=\"2019-06-05\"><a:InfosCourrierPref a:IDActe=\"{ID}\" \
a:DateCourrierPref=\"2019-06-03\"/></a:ARPieceComplementaire>"
    );
    let flow = alone(&format!("{ID}-3-5_1.xml"), &reply);
    assert_eq!((flow.facts["id_acte"].as_str(), codes(&flow)), (Some(ID), vec!["actes-act-elsewhere"]));
}

#[test]
fn every_kind_of_message_is_recognised_by_its_root() {
    let roots = [
        ("1-2", "ARActe"),
        ("1-3", "AnomalieActe"),
        ("2-1", "CourrierSimple"),
        ("2-2", "ReponseCourrierSimple"),
        ("3-1", "DemandePieceComplementaire"),
        ("3-2", "ARDemandePieceComplementaire"),
        ("3-3", "RefusPieceComplementaire"),
        ("3-4", "PieceComplementaire"),
        ("3-5", "ARPieceComplementaire"),
        ("4-1", "LettreObservations"),
        ("4-2", "ARLettreObservations"),
        ("4-3", "RejetLettreObservations"),
        ("4-4", "ReponseLettreObservations"),
        ("4-5", "ARReponseRejetLettreObservations"),
        ("5-1", "DefereTA"),
        ("6-1", "Annulation"),
        ("6-2", "ARAnnulation"),
        ("7-1", "DemandeClassification"),
        ("7-2", "RetourClassification"),
        ("7-3", "ReponseClassificationSansChangement"),
    ];
    for (code, root) in roots {
        let flow = alone("message.xml", &format!("<a:{root} {NS} a:IDActe=\"{ID}\"/>"));
        assert_eq!(flow.message.as_deref(), Some(code));
        assert!(codes(&flow).contains(&"actes-name-unknown"), "{root}");
        let other = if code == "1-2" { "1-3" } else { "1-2" };
        let flow = alone(&format!("{ID}-{other}_0.xml"), &format!("<a:{root} {NS} a:IDActe=\"{ID}\"/>"));
        assert!(codes(&flow).contains(&"actes-message-differs"), "{root}");
    }
}

#[test]
fn oddities_of_identifiers_are_said() {
    let of = |id: &str| format!("<a:ARAnnulation {NS} a:IDActe=\"{id}\" a:DateReception=\"2019-06-01\"/>");
    let name = format!("{ID}-6-2_1.xml");
    assert_eq!(heavy(&alone(&name, &of("034-243499019-20190523-1-CC"))), ["actes-id-differs"]);
    assert_eq!(heavy(&alone(&name, &of("n'importe quoi"))), ["actes-id-differs", "actes-id-malformed"]);
    assert_eq!(
        heavy(&alone("034-243499019-20190523-1-XX-6-2_1.xml", &of("034-243499019-20190523-1-XX"))),
        ["actes-nature-unknown", "actes-id-malformed"]
    );
    let bare = format!("<a:ARAnnulation {NS}/>");
    assert_eq!(heavy(&alone(&name, &bare)), ["actes-missing", "actes-missing"]);
    assert_eq!(heavy(&alone(&name, &format!("<a:Inconnu {NS}/>"))), ["actes-root-unknown"]);
}

#[test]
fn several_acts_are_said_and_the_first_is_described() {
    let other = format!("<a:Acte {NS} {}</a:Acte>", act("2019-05-23", "2", "4"));
    let flow = with_act("034-243499019-20190523-2-CC-1-1_0.xml", &other);
    assert_eq!(heavy(&flow), ["actes-several-acts"]);
    assert_eq!(flow.facts["id_acte"], ID);
    assert_eq!(flow.facts["messages"].as_array().unwrap().len(), 2);
    assert!(flow.identifiers.iter().any(|i| i.value == "034-243499019-20190523-2-CC"));
}

/// What the préfecture acknowledges: that act, named so.
fn acknowledged(id: &str, date: &str, number: &str) -> (String, String) {
    let inside = act(date, number, "4");
    let xml = format!(
        "<a:ARActe {NS} a:IDActe=\"{id}\" a:DateReception=\"2020-01-15\"><a:ActeRecu {inside}</a:ActeRecu></a:ARActe>"
    );
    (format!("{id}-1-2_1.xml"), xml)
}

#[test]
fn a_number_never_ties_what_names_another_act() {
    // The same number, a year before.
    let (name, xml) = acknowledged("034-243499019-20180523-86351-CC", "2018-05-23", "86351");
    let flow = with_act(&name, &xml);
    assert_eq!((heavy(&flow), flow.facts.get("date_reception")), (vec!["actes-ar-other-act"], None));
    let cancelled = "034-243499019-20180523-86351-CC";
    let xml = format!("<a:ARAnnulation {NS} a:IDActe=\"{cancelled}\" a:DateReception=\"2020-02-01\"/>");
    let flow = with_act(&format!("{cancelled}-6-2_1.xml"), &xml);
    assert_eq!((heavy(&flow), flow.facts.get("date_annulation")), (vec!["actes-ar-other-act"], None));
    // An anomaly that names no act, of another day.
    let inside = act("2018-05-23", "86351", "4");
    let xml =
        format!("<a:AnomalieActe {NS}><a:Nature>005</a:Nature><a:ActeRecu {inside}</a:ActeRecu></a:AnomalieActe>");
    let flow = with_act("034-243499019----1-3_1.xml", &xml);
    assert_eq!((heavy(&flow), flow.facts.get("anomalie")), (vec!["actes-ar-other-act"], None));
}

#[test]
fn an_acknowledgement_that_repeats_something_else_than_the_act_says_so() {
    let name = format!("{ID}-1-2_0.xml");
    let replied = |old: &str, new: &str| {
        let inside = act("2019-05-23", "86351", "4").replace(old, new);
        let xml = format!(
            "<a:ARActe {NS} a:DateReception=\"2019-05-28\" a:IDActe=\"{ID}\"><a:ActeRecu {inside}</a:ActeRecu></a:ARActe>"
        );
        let flow = with_act(&name, &xml);
        let told = flow.facts["messages"].as_array().unwrap().iter().find(|one| one["message"] == "1-2").unwrap();
        assert_eq!(codes(&flow).contains(&"actes-ar-content-differs"), told["contenu_differe"] == true, "{told}");
        told["contenu_differe"] == true
    };
    // As it is sent back: without accents, in capitals, with a level of the matter that is not said.
    assert!(
        !replied("", "")
            && !replied("Avenant", "AV?NANT.")
            && !replied("CodeMatiere2 a:CodeMatiere=\"1\"", "CodeMatiere2 a:CodeMatiere=\"0\"")
    );
    for (old, new) in [
        ("Avenant", "Marché"),
        ("2019-05-23", "2019-05-24"),
        ("\"86351\"", "\"86352\""),
        ("CodeNatureActe=\"4\"", "CodeNatureActe=\"1\""),
        ("CodeMatiere2 a:CodeMatiere=\"1\"", "CodeMatiere2 a:CodeMatiere=\"2\""),
    ] {
        assert!(replied(old, new), "{new}");
    }
}

#[test]
fn each_message_is_listed_with_what_its_identifier_does_not_say() {
    let id = "034-243499019-20190523-2-CC";
    // The name says CC, the content DE, of another day.
    let other = format!("<a:Acte {NS} {}</a:Acte>", act("2019-05-24", "2", "1"));
    let flow = with_act(&format!("{id}-1-1_0.xml"), &other);
    let (listed, document) = (&flow.facts["messages"], format!("99_CC-{ID}-1-1_1.pdf"));
    let [first, second] = [0, 1].map(|place| (&listed[place]["objet_marque"], &listed[place]["matieres"]));
    assert!(first.0.as_str().is_some_and(|mark| mark.len() == 16) && first.1.is_array(), "{listed}");
    assert_eq!(
        listed[0],
        serde_json::json!({"message": "1-1", "id_acte": id, "id_acte_by": "nom-fichier", "date_acte": "2019-05-24",
        "objet_marque": first.0, "matieres": first.1, "fichier_acte": document,
        "id_acte_autres": [{"id_acte": "034-243499019-20190524-2-DE", "by": "acte-recu"}]})
    );
    assert_eq!(
        listed[1],
        serde_json::json!({"message": "1-1", "id_acte": ID, "id_acte_by": "nom-fichier", "objet_marque": second.0, "matieres": second.1, "fichier_acte": document})
    );
    let said = flow::spoken(&serde_json::json!({"flow": "actes", "messages": listed}));
    assert_eq!((said[0].about.number.as_deref(), said[0].about.date.as_deref()), (Some("2"), Some("2019-05-24")));
}

/// So many acknowledgements of as many acts, loose.
fn many(count: usize) -> Vec<(String, String)> {
    (0..count).map(|n| acknowledged(&format!("034-243499019-20190523-{n}-CC"), "2019-05-23", &n.to_string())).collect()
}

#[test]
fn every_message_of_a_deposit_is_listed_and_met_up_to_a_limit_and_one_more_is_refused() {
    let of = |count: usize| {
        let files = many(count);
        let files: Vec<_> = files.iter().map(|(name, xml)| (name.as_str(), xml.as_bytes())).collect();
        read(&files, Declared::Auto)
    };
    let most = flow::limits::MAX_MESSAGES;
    let flow = of(most);
    assert_ne!(flow.outcome(), Outcome::Refused, "{:?}", codes(&flow));
    assert_eq!((flow.facts["messages"].as_array().unwrap().len(), flow.identifiers.len()), (most, 2 * most));
    let last = format!("034-243499019-20190523-{}-CC", most - 1);
    assert!(flow.identifiers.iter().any(|one| one.scheme == "acte-id" && one.value == last));
    let size = serde_json::to_string(&flow.facts).unwrap().len();
    println!("{most} messages: {size} bytes of facts");
    assert!(size < 256 << 10, "{size}");
    // One more file is refused for itself; in an archive there is room for it.
    let mut archive = tar::Builder::new(Vec::new());
    for (name, xml) in many(most + 1) {
        let mut header = tar::Header::new_ustar();
        header.set_size(xml.len() as u64);
        archive.append_data(&mut header, name, xml.as_bytes()).unwrap();
    }
    let archive = archive.into_inner().unwrap();
    for declared in [Declared::Auto, Declared::Actes] {
        assert_eq!(codes(&read(&[("x.tar", archive.as_slice())], declared)), ["too-many-messages"]);
    }
}

#[test]
fn what_messages_say_and_the_identifiers_they_bring_are_bounded_too() {
    let files = many(3);
    let files: Vec<(&[u8], &[u8])> = files.iter().map(|(name, xml)| (name.as_bytes(), xml.as_bytes())).collect();
    let within = |limits: &flow::Limits| {
        codes(&crate::bench::read_into(&files, Declared::Auto, None, limits, &mut crate::bench::Kept::default()))
            .contains(&"too-many-messages")
    };
    let whole = read(
        &files.iter().map(|(name, xml)| (std::str::from_utf8(name).unwrap(), *xml)).collect::<Vec<_>>(),
        Declared::Auto,
    );
    let bytes = whole.facts["messages"].to_string().len();
    let limits = flow::Limits { messages: 3, messages_bytes: bytes, identifiers: 6, ..flow::Limits::default() };
    assert!(!within(&limits));
    assert!(within(&flow::Limits { messages: 2, ..limits.clone() }));
    assert!(within(&flow::Limits { messages_bytes: bytes - 1, ..limits.clone() }));
    assert!(within(&flow::Limits { identifiers: 5, ..limits }));
}

#[test]
fn a_message_that_is_not_read_is_refused() {
    let (name, xml) = acknowledged(ID, "2019-05-23", "86351");
    let of = |bytes: usize| {
        let limits = flow::Limits { xml_bytes: bytes as u64, ..flow::Limits::default() };
        let files: [(&[u8], &[u8]); 1] = [(name.as_bytes(), xml.as_bytes())];
        codes(&crate::bench::read_into(&files, Declared::Auto, None, &limits, &mut crate::bench::Kept::default()))
    };
    assert_eq!(of(xml.len()), ["actes-act-elsewhere"]);
    assert_eq!(of(xml.len() - 1), ["actes-not-read"]);
}

#[test]
fn several_envelopes_are_told_each_and_each_message_says_its_own() {
    let body = "<a:Emetteur><a:IDCL i:SIREN=\"243499019\" a:Departement=\"034\"/></a:Emetteur>";
    let envelope = |form: &str| {
        let forms = format!(
            "<a:FormulairesEnvoyes><a:Formulaire><a:NomFichier>{form}</a:NomFichier></a:Formulaire></a:FormulairesEnvoyes>"
        );
        format!("<a:EnveloppeCLMISILL {NS}>{body}{forms}</a:EnveloppeCLMISILL>")
    };
    let other = "034-243499019-20190523-2-CC-1-1_0.xml";
    let (one, two) = (envelope(&format!("{ID}-1-1_0.xml")), envelope(other));
    let anomaly = format!(
        "<a:AnomalieEnveloppe {NS}><a:Date>2019-05-24</a:Date><a:EnveloppeRecue>{body}</a:EnveloppeRecue></a:AnomalieEnveloppe>"
    );
    let (message, second) = (message(), format!("<a:Acte {NS} {}</a:Acte>", act("2019-05-23", "2", "4")));
    let name = format!("{ID}-1-1_0.xml");
    let files = [
        ("ANO_EACT--243499019--20190523-2.xml", anomaly.as_bytes()),
        ("EACT--243499019--20190523-1.xml", one.as_bytes()),
        ("EACT--243499019--20190523-2.xml", two.as_bytes()),
        (name.as_str(), message.as_bytes()),
        (other, second.as_bytes()),
    ];
    let flow = read(&files, Declared::Auto);
    let said = flow::spoken(
        &serde_json::json!({"flow": "actes", "messages": flow.facts["messages"], "enveloppes": flow.facts["enveloppes"]}),
    );
    let told: Vec<_> = said
        .iter()
        .map(|one| (one.message.as_str(), one.about.envelope.as_deref().unwrap_or(""), one.on_envelope))
        .collect();
    let (first, second) = ("EACT--243499019--20190523-1", "EACT--243499019--20190523-2");
    let expected =
        [("1-1", second, false), ("1-1", first, false), ("", second, true), ("", first, false), ("", second, false)];
    assert_eq!(told, expected);
    assert_eq!(said[2].day.as_deref(), Some("2019-05-24"));
}

#[test]
fn an_unreadable_message_is_refused_but_an_unreadable_annex_is_a_piece() {
    let name = format!("{ID}-1-1_0.xml");
    assert_eq!(codes(&alone(&name, "<!DOCTYPE a><a/>")), ["xml-doctype"]);
    let annex = with_act(&format!("21_BP-{ID}-1-1_2.xml"), "<!DOCTYPE a><a/>");
    assert_eq!(heavy(&annex), ["actes-not-declared"]);
}

#[test]
fn the_kind_decides_what_is_opened() {
    let xml = "<!DOCTYPE a><a/>";
    assert_eq!(alone("x.xml", xml).outcome(), Outcome::Refused);
    let opaque = read(&[("x.xml", xml.as_bytes())], Declared::File);
    assert_eq!((opaque.outcome(), opaque.kind.as_str()), (Outcome::Accepted, "file"));
    assert_eq!(codes(&read(&[("x.pdf", b"%PDF-")], Declared::Actes)), ["not-actes"]);
    assert_eq!(codes(&read(&[], Declared::Auto)), ["nothing-deposited"]);
    assert_eq!(codes(&alone("page.html", "<!DOCTYPE html><p>")), ["description-absent"]);
    assert_eq!(Declared::parse("actes"), Ok(Declared::Actes));
    assert_eq!(Declared::parse("seda").unwrap(), Declared::Seda);
    assert_eq!(Declared::parse("x").unwrap_err().code, "kind-unknown");
}
