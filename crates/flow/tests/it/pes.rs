//! PES V2: what is read of each flow, amounts and counts held against each other, attached documents inflated within bounds,
//! acknowledgements in their three layouts, tied by NomFic alone; and the real files, where their folder is.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use flow::{Declared, Flow, Limits, Outcome};
use serde_json::json;

use crate::bench::{Kept, codes, fixtures, heavy, read, read_into};

pub(crate) const BASE: &str = "http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0";
pub(crate) const NAME: &str = "PESALR2_21990001500017_261130_0001.xml";

fn head(name: &str) -> String {
    format!(
        "<Enveloppe><Parametres><Version V=\"2\"/><TypFic V=\"PESALR2\"/><NomFic V=\"{name}\"/></Parametres><Emetteur><Sigle V=\"GF\"/>\
<Adresse V=\"GF 1\"/></Emetteur></Enveloppe><EnTetePES><DteStr V=\"2026-11-30\"/><IdPost V=\"099001\"/><IdColl V=\"21990001500017\"/>\
<CodCol V=\"001\"/><CodBud V=\"00\"/><LibelleColBud V=\"COMMUNE D'ESSAI\"/></EnTetePES>"
    )
}

pub(crate) fn piece(number: u32, amounts: &[&str], attached: Option<&str>) -> String {
    let reference = attached.map_or(String::new(), |id| {
        format!("<PJRef><Support V=\"01\"/><IdUnique V=\"{id}\"/><NomPJ V=\"f.pdf\"/></PJRef>")
    });
    let line = |amount: &&str| {
        format!(
            "<LigneDePiece><BlocLignePiece><InfoLignePce><MtHT V=\"{amount}\"/></InfoLignePce></BlocLignePiece><Tiers><InfoTiers>\
<Nom V=\"DUPOND TIERS SECRET\"/></InfoTiers></Tiers></LigneDePiece>"
        )
    };
    let lines: String = amounts.iter().map(line).collect();
    format!(
        "<Piece><BlocPiece><InfoPce><IdPce V=\"{number}\"/><Obj V=\"Fournitures\"/>{reference}</InfoPce></BlocPiece>{lines}</Piece>"
    )
}

pub(crate) fn bordereau(number: u32, announced: usize, stated: &str, pieces: &str) -> String {
    format!(
        "<Bordereau Id=\"B{number}\"><BlocBordereau><Exer V=\"2026\"/><IdBord V=\"{number}\"/><DteBordEm V=\"2026-11-29\"/><TypBord V=\"01\"/>\
<NbrPce V=\"{announced}\"/><MtBordHT V=\"{stated}\"/><MtBordTVA V=\"1.10\"/></BlocBordereau>{pieces}</Bordereau>"
    )
}

pub(crate) fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

pub(crate) fn attached(id: &str, name: &str, media: &str, content: &str) -> String {
    format!(
        "<PJ><Contenu><Fichier MIMEType=\"{media}\">{content}</Fichier></Contenu><IdUnique V=\"{id}\"/><NomPJ V=\"{name}\"/>\
<TypePJ V=\"007\"/><Description V=\"Facture\"/></PJ>"
    )
}

pub(crate) fn aller(name: &str, bordereaux: &str, attachments: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><n:PES_Aller xmlns:n=\"{BASE}/aller\">{}<PES_DepenseAller><EnTeteDepense><IdVer V=\"2\"/>\
</EnTeteDepense>{bordereaux}</PES_DepenseAller><PES_PJ><EnTetePES_PJ><IdVer V=\"1\"/></EnTetePES_PJ>{attachments}</PES_PJ></n:PES_Aller>",
        head(name)
    )
}

pub(crate) fn acquit(about: &str, elements: &str) -> String {
    format!(
        "<n:PES_ACQUIT xmlns:n=\"{BASE}/retour/v2\">{}<ACQUIT><EnTeteAcquit><IdVer V=\"2\"/></EnTeteAcquit>{elements}</ACQUIT></n:PES_ACQUIT>",
        head(about)
    )
}

pub(crate) fn element(domain: u32, state: &str, rest: &str) -> String {
    format!("<ElementACQUIT><DomaineAck V=\"{domain}\"/><EtatAck V=\"{state}\"/>{rest}</ElementACQUIT>")
}

pub(crate) fn alone(xml: &str) -> Flow {
    read(&[(NAME, xml.as_bytes())], Declared::Auto)
}

pub(crate) fn whole() -> String {
    let pdf = STANDARD.encode(gzipped(b"%PDF-1.4 a bill"));
    let pieces = [piece(7, &["10.50", "-0.50"], Some("PJ1")), piece(8, &["90"], None)].concat();
    aller(NAME, &bordereau(12, 2, "100.00", &pieces), &attached("PJ1", "f.pdf", "application/pdf", &pdf))
}

#[test]
fn a_flow_is_summed_up_for_an_archivist() {
    let flow = alone(&whole());
    assert_eq!((flow.outcome(), flow.kind.as_str(), codes(&flow)), (Outcome::Accepted, "pes", vec![]));
    assert_eq!(flow.message.as_deref(), Some("PES_Aller"));
    let facts = &flow.facts;
    for (key, value) in [
        ("nom_fic", NAME),
        ("type_fichier", "PESALR2"),
        ("siret", "21990001500017"),
        ("siren", "219900015"),
        ("budget", "COMMUNE D'ESSAI"),
        ("schema", "Rev0/aller"),
        ("montant_ht", "100.00"),
        ("montant_tva", "1.10"),
        ("montant_ht_depense", "100.00"),
    ] {
        assert_eq!(facts[key], value, "{key}");
    }
    assert_eq!(facts["versions"], json!({"enveloppe": "2", "depense": "2"}));
    assert_eq!((&facts["nombre_bordereaux"], &facts["nombre_pieces"]), (&json!(1), &json!(2)));
    assert_eq!(facts["bordereaux"][0]["pieces"][1], json!({"numero": "8", "objet": "Fournitures"}));
    assert_eq!(facts["pieces_jointes"][0]["taille"], 15);
    assert_eq!(facts["pieces_jointes"][0]["media_type"], "application/pdf");
    assert!(!serde_json::to_string(facts).unwrap().contains("SECRET"), "a third party stands in the facts");
    let met: Vec<_> = flow.identifiers.iter().map(|i| (i.scheme, i.value.as_str())).collect();
    assert_eq!(met, [("pes-nomfic", NAME)]);
    assert_eq!(flow.files[0].role, "flux");
}

#[test]
fn counts_amounts_and_attachments_that_do_not_agree_are_said() {
    let one = |bordereaux: &str, attachments: &str| codes(&alone(&aller(NAME, bordereaux, attachments)));
    let good = piece(1, &["1.00"], None);
    assert_eq!(one(&bordereau(1, 1, "1.00", &good), ""), Vec::<&str>::new());
    assert_eq!(one(&bordereau(1, 2, "1.00", &good), ""), ["pes-piece-count"]);
    assert_eq!(one(&bordereau(1, 1, "1.01", &good), ""), ["pes-amount-differs"]);
    assert_eq!(one(&bordereau(1, 1, "1,00", &good), ""), ["pes-amount-malformed"]);
    assert_eq!(one(&bordereau(1, 0, "0.00", ""), ""), ["pes-missing"]);
    let refers = piece(1, &["1.00"], Some("PJ9"));
    assert_eq!(one(&bordereau(1, 1, "1.00", &refers), ""), ["pes-attachment-elsewhere"]);
    // A line whose amount cannot be read: nothing is added up, and nothing is said to differ.
    assert_eq!(one(&bordereau(1, 1, "5.00", &piece(1, &["x"], None)), ""), ["pes-amount-malformed"]);
}

#[test]
fn attached_documents_are_taken_out_of_their_wrappings_within_bounds() {
    let good = bordereau(1, 1, "1.00", &piece(1, &["1.00"], None));
    let with =
        |content: &str, media: &str| codes(&alone(&aller(NAME, &good, &attached("PJ1", "f.pdf", media, content))));
    let pdf = gzipped(b"%PDF-1.4");
    let spaced: String = STANDARD.encode(&pdf).chars().flat_map(|c| [c, '\n']).collect();
    assert_eq!(with(&spaced, "application/pdf"), Vec::<&str>::new());
    assert_eq!(with("", "application/pdf"), ["pes-attachment-empty"]);
    assert_eq!(with("*not base64*", "application/pdf"), ["pes-attachment-not-base64"]);
    assert_eq!(with(&STANDARD.encode(b"%PDF-1.4"), "application/pdf"), ["pes-attachment-not-gzip"]);
    assert_eq!(with(&STANDARD.encode(&pdf[..pdf.len() - 9]), "application/pdf"), ["pes-attachment-damaged"]);
    for junk in [b"x".as_slice(), &[0; 8], &pdf] {
        assert_eq!(with(&STANDARD.encode([&pdf, junk].concat()), "application/pdf"), ["pes-attachment-followed"]);
    }
    assert_eq!(with(&STANDARD.encode(&pdf), "image/png"), ["pes-attachment-type"]);
    assert_eq!(with(&STANDARD.encode(gzipped(b"<?xml version='1.0'?><a/>")), "text/xml"), Vec::<&str>::new());
    let twice =
        [attached("A", "a.pdf", "", &STANDARD.encode(&pdf)), attached("A", "b.pdf", "", &STANDARD.encode(&pdf))];
    assert_eq!(codes(&alone(&aller(NAME, &good, &twice.concat()))), ["pes-attachment-twice"]);
}

#[test]
fn an_attachment_is_inflated_up_to_the_limit_and_not_one_byte_past_it() {
    let good = bordereau(1, 1, "1.00", &piece(1, &["1.00"], None));
    let of = |size: usize, limits: &Limits| {
        let content = STANDARD.encode(gzipped(&vec![b'a'; size]));
        let xml = aller(NAME, &good, &attached("PJ1", "f.txt", "text/plain", &content));
        codes(&read_into(&[(NAME.as_bytes(), xml.as_bytes())], Declared::Auto, None, limits, &mut Kept::default()))
    };
    let most = 100_000;
    let limits = Limits { inflated_bytes: most as u64, ..Limits::default() };
    assert_eq!(of(most, &limits), Vec::<&str>::new());
    assert_eq!(of(most + 1, &limits), ["pes-attachment-too-large"]);
    // The ratio, once past its floor: a bomb.
    let strict = Limits { ratio_floor_bytes: 1_000, ..Limits::default() };
    assert_eq!(of(1_000_000, &strict), ["pes-attachment-too-large"]);
    assert_eq!(of(1_000, &strict), Vec::<&str>::new());
    // All attachments together share one limit.
    let each = STANDARD.encode(gzipped(&vec![b'a'; 60_000]));
    let two = [attached("A", "a.txt", "", &each), attached("B", "b.txt", "", &each)].concat();
    let xml = aller(NAME, &good, &two);
    let flow = read_into(&[(NAME.as_bytes(), xml.as_bytes())], Declared::Auto, None, &limits, &mut Kept::default());
    assert_eq!(codes(&flow), ["pes-attachment-too-large"]);
    assert_eq!(flow.facts["pieces_jointes"][0]["taille"], 60_000);
}

#[test]
fn an_acknowledgement_is_the_and_of_its_elements() {
    let state = |elements: &str| alone(&acquit(NAME, elements)).facts.get("etat").cloned();
    let (yes, no) = (element(5, "1", "<NumBord V=\"1\"/>"), element(5, "0", "<NumBord V=\"2\"/>"));
    assert_eq!(state(&yes.repeat(3)), Some(json!("accepte")));
    assert_eq!(state(&no), Some(json!("rejete")));
    assert_eq!(state(&[yes.clone(), no.clone()].concat()), Some(json!("accepte-partiellement")));
    assert_eq!(state(&[yes.clone(), element(5, "", "")].concat()), None);
    let flow = alone(&acquit(NAME, &[yes, no].concat()));
    assert_eq!(codes(&flow), ["pes-sent-elsewhere", "pes-refused"]);
    assert_eq!((&flow.facts["elements"], &flow.facts["elements_rejetes"]), (&json!(2), &json!(1)));
    // Those refused come first.
    assert_eq!(flow.facts["acquits"][0]["bordereau"], "2");
    assert_eq!(codes(&alone(&acquit(NAME, ""))), ["pes-missing", "pes-sent-elsewhere"]);
    assert_eq!(codes(&alone(&acquit(NAME, &element(5, "x", "")))), ["pes-sent-elsewhere", "pes-ack-state"]);
}

#[test]
fn the_three_layouts_of_errors_say_the_same() {
    let error = "<Erreur><NumAnoAck V=\"ERREUR_AUTRE\"/><LibelleAnoAck V=\"1971\"/></Erreur>";
    let layouts = [
        format!("<NumBord V=\"5\"/><DetailPiece><NumPiece V=\"20\"/><DetailLigne><NumLigne V=\"3\"/>{error}</DetailLigne></DetailPiece>"),
        "<NumBord V=\"5\"/><NumPiece V=\"20\"/><NumLigne V=\"3\"/><NumAnoAck V=\"ERREUR_AUTRE\"/><LibelleAnoAck V=\"1971\"/>".to_owned(),
    ];
    for layout in layouts {
        let flow = alone(&acquit(NAME, &element(5, "0", &layout)));
        let told = json!([{"piece": "20", "ligne": "3", "code": "ERREUR_AUTRE", "libelle": "1971"}]);
        assert_eq!(flow.facts["acquits"][0]["erreurs"], told, "{layout}");
        assert_eq!(flow.facts["acquits"][0]["domaine"], "Dépense");
    }
    let flow = alone(&acquit(NAME, &element(3, "0", &format!("<NumBord V=\"5\"/>{error}"))));
    let verdict = &flow.facts["verdicts_signature_dgfip"][0];
    assert_eq!((&verdict["domaine"], &verdict["etat"]), (&json!("Signature de bordereau"), &json!("rejete")));
    assert_eq!(verdict["erreurs"][0]["libelle"], "1971");
    assert!(flow.facts.get("acquits").is_none());
}

#[test]
fn an_acknowledgement_meets_its_file_by_the_name_inside() {
    let (sent, back) = (whole(), acquit(NAME, &element(5, "1", "<NumBord V=\"12\"/>")));
    for files in [[("a.xml", &sent), ("b.xml", &back)], [("b.xml", &back), ("a.xml", &sent)]] {
        let files = files.map(|(name, xml)| (name, xml.as_bytes()));
        let flow = read(&files, Declared::Pes);
        assert_eq!((codes(&flow), &flow.facts["etat"]), (vec!["pes-name-differs"], &json!("accepte")));
        assert_eq!((flow.message.as_deref(), &flow.facts["nombre_messages"]), (Some("PES_Aller"), &json!(2)));
        assert_eq!(flow.identifiers.len(), 1);
    }
    let other = acquit("PESALR2_other.xml", &element(5, "1", ""));
    let flow = read(&[(NAME, sent.as_bytes()), ("b.xml", other.as_bytes())], Declared::Auto);
    assert_eq!((heavy(&flow), flow.facts.get("etat")), (vec!["pes-ack-other-file"], None));
    assert_eq!(flow.identifiers.len(), 2);
}

#[test]
fn what_is_declared_and_what_is_there_are_held_against_each_other() {
    let absent = read(&[("a.txt", b"x")], Declared::Pes);
    assert_eq!((absent.outcome(), codes(&absent)), (Outcome::Refused, vec!["not-pes"]));
    let actes = read(&[(NAME, whole().as_bytes())], Declared::Actes);
    assert_eq!((actes.outcome(), codes(&actes)), (Outcome::Refused, vec!["not-actes"]));
    let strange = whole().replace(BASE, "urn:other");
    assert_eq!(heavy(&alone(&strange)), ["pes-namespace"]);
    let hostile = [("a.xml", whole()), ("b.xml", "<!DOCTYPE a><a/>".to_owned())];
    let files: Vec<(&str, &[u8])> = hostile.iter().map(|(name, xml)| (*name, xml.as_bytes())).collect();
    let flow = read(&files, Declared::Auto);
    assert_eq!((flow.outcome(), heavy(&flow)), (Outcome::Refused, vec!["xml-doctype"]));
    let nothing = format!("<n:PES_Aller xmlns:n=\"{BASE}/aller\"/>");
    assert_eq!(codes(&alone(&nothing)), ["pes-missing", "pes-missing", "pes-missing"]);
}

#[test]
fn facts_stay_within_a_record_whatever_a_flow_says() {
    let long = "é".repeat(2_000);
    let pieces: String = (0..50).map(|n| piece(n, &["1.00"], None).replace("Fournitures", &long)).collect();
    let bordereaux: String = (0..50).map(|n| bordereau(n, 50, "50.00", &pieces)).collect();
    let error = format!("<Erreur><NumAnoAck V=\"{long}\"/><LibelleAnoAck V=\"{long}\"/></Erreur>").repeat(30);
    let back = acquit(NAME, &element(5, "0", &format!("<NumBord V=\"{long}\"/>{error}")).repeat(30));
    let sent = aller(NAME, &bordereaux, "");
    let flow = read(&[(NAME, sent.as_bytes()), ("b.xml", back.as_bytes())], Declared::Auto);
    assert_eq!((&flow.facts["nombre_bordereaux"], &flow.facts["nombre_pieces"]), (&json!(50), &json!(2_500)));
    assert_eq!(flow.facts["bordereaux"].as_array().unwrap().len(), 20);
    let bytes = serde_json::to_vec(&flow.facts).unwrap().len();
    assert!(bytes < 512 << 10, "{bytes} bytes of facts");
    assert!(codes(&flow).contains(&"fact-truncated"));
}

/// Says that one signature holds, over these places.
struct Over {
    covers: &'static [&'static str],
    place: &'static str,
    outcome: flow::SignatureOutcome,
}

/// One that holds, of the whole flow by where it stands.
fn over(covers: &'static [&'static str]) -> Over {
    Over { covers, place: "/PES_Aller/Signature", outcome: flow::SignatureOutcome::Holds }
}

impl flow::SignatureJudge for Over {
    fn judge_cms(&self, _: &[u8], _: Option<&mut dyn std::io::Read>) -> Result<Vec<flow::SignatureSaid>, flow::Why> {
        Ok(Vec::new())
    }
    fn judge_pdf(&self, _: &[u8]) -> Result<Vec<flow::SignatureSaid>, flow::Why> {
        Ok(Vec::new())
    }
    fn judge(&self, _xml: &str) -> Result<Vec<flow::SignatureSaid>, flow::Why> {
        Ok(vec![flow::SignatureSaid {
            added: 0,
            beside: Vec::new(),
            place: self.place.to_owned(),
            covers: self.covers.iter().map(|place| (*place).to_owned()).collect(),
            outcome: self.outcome,
            why: None,
            signer: None,
            signing_time: None,
            weak: Vec::new(),
        }])
    }
}

pub(crate) fn judged(xml: &str, judge: &dyn flow::SignatureJudge) -> Flow {
    let mut open =
        || -> std::io::Result<Box<dyn std::io::Read>> { Ok(Box::new(std::io::Cursor::new(xml.as_bytes().to_vec()))) };
    let file = flow::Incoming { name: NAME.as_bytes(), media_type: None, size: xml.len() as u64, open: &mut open };
    flow::read(&mut [file], Declared::Auto, None, &mut flow::NoMembers, (&Limits::default(), judge))
}

#[test]
fn bordereaux_are_signed_by_what_covers_where_they_stand() {
    const SIGNATURE: &str = "<s:Signature xmlns:s=\"http://www.w3.org/2000/09/xmldsig#\"/></n:PES_Aller>";
    let of = |count: u32| {
        let all: String = (0..count).map(|n| bordereau(n, 1, "1.00", &piece(1, &["1.00"], None))).collect();
        aller(NAME, &all, "").replace("</n:PES_Aller>", SIGNATURE)
    };
    let signed = |count: u32, covers: &'static [&'static str]| {
        let flow = judged(&of(count), &over(covers));
        (flow.facts["bordereaux_signes"].as_u64().unwrap(), heavy(&flow))
    };
    assert_eq!(signed(1, &["/PES_Aller/PES_DepenseAller/Bordereau"]), (1, vec![]));
    assert_eq!(signed(3, &["/PES_Aller/PES_DepenseAller/Bordereau[2]"]), (1, vec![]));
    assert_eq!(signed(3, &["/PES_Aller"]), (3, vec![]));
    assert_eq!(signed(3, &["/PES_Aller/PES_DepenseAller/Bordereau"]), (0, vec!["signature-covers-other"]));
    assert_eq!(signed(3, &["/PES_Aller/Ailleurs/Bordereau[2]"]), (0, vec!["signature-covers-other"]));
    assert_eq!(signed(3, &[]), (0, vec!["signature-covers-nothing"]));
    // Those beyond the ones called by their number are counted all the same.
    let most = u32::try_from(flow::limits::MAX_SIGNED_PARTS).unwrap();
    assert_eq!(signed(most + 1, &["/PES_Aller"]).0, u64::from(most) + 1);
    let flow = judged(
        &of(most + 1),
        &over(&["/PES_Aller/PES_DepenseAller/Bordereau[10000]", "/PES_Aller/PES_DepenseAller/Bordereau[10001]"]),
    );
    let covers = json!(["bordereau 9999 (depense 2026)", "/PES_Aller/PES_DepenseAller/Bordereau[10001]"]);
    assert_eq!((&flow.facts["bordereaux_signes"], &flow.facts["signatures"][0]["couvre"]), (&json!(2), &covers));
    assert_eq!(heavy(&alone(&of(1))), ["signatures-not-judged"]);
    // What a signature says that does not hold is covered by nothing.
    for outcome in [flow::SignatureOutcome::Broken, flow::SignatureOutcome::Undecided] {
        for covers in [&["/PES_Aller"][..], &["/PES_Aller/PES_DepenseAller/Bordereau[2]"]] {
            let flow = judged(&of(3), &Over { outcome, ..over(covers) });
            assert_eq!(flow.facts["bordereaux_signes"], 0, "{outcome:?} {covers:?}");
        }
    }
}

#[test]
fn a_signature_in_a_bordereau_that_covers_another_says_so_and_which() {
    const SIGNATURE: &str = "<s:Signature xmlns:s=\"http://www.w3.org/2000/09/xmldsig#\"/></n:PES_Aller>";
    let within = |numbers: [u32; 2], covers: &'static [&'static str]| {
        let one = |number: u32, id: &str| {
            bordereau(number, 1, "1.00", &piece(1, &["1.00"], None)).replacen(&format!("B{number}"), id, 1)
        };
        let all = [one(numbers[0], "B1"), one(numbers[1], "B2")].concat();
        let place = "/PES_Aller/PES_DepenseAller/Bordereau[1]/Signature";
        let xml = aller(NAME, &all, "").replace("</n:PES_Aller>", SIGNATURE);
        let flow = judged(&xml, &Over { place, ..over(covers) });
        let elsewhere = heavy(&flow).contains(&"signature-covers-elsewhere");
        (elsewhere, flow.facts["signatures"][0]["couvre"].clone())
    };
    let [first, second] = ["/PES_Aller/PES_DepenseAller/Bordereau[1]", "/PES_Aller/PES_DepenseAller/Bordereau[2]"];
    assert_eq!(within([7, 8], &["/PES_Aller"]), (false, json!(["fichier entier"])));
    assert_eq!(
        within([7, 8], &["/PES_Aller/PES_DepenseAller/Bordereau[1]"]),
        (false, json!(["bordereau 7 (depense 2026)"]))
    );
    assert_eq!(
        within([7, 8], &["/PES_Aller/PES_DepenseAller/Bordereau[2]"]),
        (true, json!(["bordereau 8 (depense 2026)"]))
    );
    // Two of one number are told apart by their place.
    let named = |place: &str| format!("bordereau 7 (depense 2026), {place}");
    assert_eq!(within([7, 7], &["/PES_Aller/PES_DepenseAller/Bordereau[2]"]), (true, json!([named(second)])));
    let both = &["/PES_Aller/PES_DepenseAller/Bordereau[1]", "/PES_Aller/PES_DepenseAller/Bordereau[2]"];
    assert_eq!(within([7, 7], both), (false, json!([named(first), named(second)])));
}

#[test]
fn the_real_files_are_read_and_matched() {
    let Some(folder) = fixtures() else { return };
    let load = |name: &str| std::fs::read(folder.join("pes/samples").join(name)).unwrap();
    let sent = [
        "HELIOS_SIMU_ALR2_1496987735_826268894.xml",
        "HELIOS_SIMU_ALR2_1514362287_770650402.xml",
        "HELIOS_SIMU_ALR2_1529593767_1834011863.xml",
        "HELIOS_SIMU_ALR2_LibelleColBud_avec_accent.xml",
        "fichier_signe.xml",
    ];
    for name in sent {
        let flow = read(&[(name, &load(name))], Declared::Auto);
        assert!(flow.findings.iter().all(|f| f.severity < flow::Severity::Refusal), "{name}: {:?}", codes(&flow));
        assert_eq!((flow.kind.as_str(), flow.message.as_deref()), ("pes", Some("PES_Aller")), "{name}");
        assert!(flow.facts["bordereaux"][0]["numero"].is_string(), "{name}: {:?}", flow.facts);
    }
    let accented = read(&[("a.xml", &load(sent[3]))], Declared::Pes);
    assert!(!accented.facts["budget"].as_str().unwrap().is_ascii(), "{:?}", accented.facts["budget"]);
    let signed = read(&[(sent[4], &load(sent[4]))], Declared::Auto);
    assert_eq!(signed.facts["bordereaux_portant_signature"], 1);
    assert!(codes(&signed).contains(&"pes-name-differs"));

    let refused = "006111_190130123456-ACK-A3020100_A0000IDL_KO.xml";
    let flow = read(&[(refused, &load(refused))], Declared::Auto);
    assert_eq!(
        (&flow.facts["etat"], flow.identifiers[0].value.as_str()),
        (&json!("accepte-partiellement"), "PesDepense-02-2019-5-11112222333344445")
    );
    assert_eq!(flow.facts["acquits"][0]["nombre_erreurs"], 6);
    assert_eq!(flow.facts["acquits"][0]["erreurs"][0]["piece"], "20");
    let accepted = "ACQUIT_PESALR2_49101169800000_171227_2045.xml";
    let flow = read(&[(accepted, &load(accepted))], Declared::Auto);
    assert_eq!((&flow.facts["etat"], &flow.facts["elements"]), (&json!("accepte"), &json!(5)));
    assert_eq!(flow.identifiers[0].value, "HELIOS_SIMU_ALR2_1514384631_264491346.xml");
    let back = "HELIOS_SIMU_RETOUR_1565181244_184723364.xml";
    let flow = read(&[(back, &load(back))], Declared::Auto);
    assert_eq!((flow.message.as_deref(), flow.outcome()), (Some("PES_Retour"), Outcome::Accepted));
    assert_eq!(flow.facts["domaines"], json!(["depense"]));
}
