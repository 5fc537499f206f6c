//! Trusted lists: what makes a time-stamp's signer a qualified one, and everything that must not.

use rcgen::KeyPair;
use seal::limits;
use seal::{AnyVerifier, QualifiedSaid, TrustedLists, UnixMillis};

use crate::lists::{
    CA_QC, GRANTED, ISSUED, Lists, NEXT, QTST, Signer, Told, WITHDRAWN, central, certificate, closed, national,
    of_properties, reference, signature, signed,
};

/// 2026-11-24T12:00:00Z, when lists are judged, and the day before, when a token was made.
const JUDGED: UnixMillis = UnixMillis(1_795_521_600_000);
const STAMPED: UnixMillis = UnixMillis(1_795_435_260_000);
const DAY: i64 = 86_400_000;

/// A signer of tokens and its issuer, as certificates on a way.
fn way() -> Vec<Vec<u8>> {
    ["Unite d'horodatage", "Autorite"].map(|name| certificate(name, &KeyPair::generate().unwrap(), 2020, 2040)).to_vec()
}

fn believe(given: &[(String, Vec<u8>)], anchors: &[Vec<u8>]) -> TrustedLists {
    TrustedLists::believe(given, anchors, JUDGED, &AnyVerifier)
}

fn codes(said: &QualifiedSaid) -> Vec<(&'static str, &str)> {
    said.lines.iter().map(|(code, place, _)| (*code, place.as_str())).collect()
}

/// What the lists of these services say of a token made on 2026-11-23.
fn said(services: &[Told], way: &[Vec<u8>]) -> QualifiedSaid {
    let lists = Lists::new();
    believe(&lists.of(services), &lists.anchors()).say(way, STAMPED)
}

/// The last line, which is about the service.
fn verdict(said: &QualifiedSaid) -> &'static str {
    assert_eq!(said.qualified, said.lines.last().unwrap().0 == "tsa-qualified", "{said:?}");
    assert_eq!(said.qualified, said.anchor.is_some());
    said.lines.last().unwrap().0
}

/// What is said of the list of the member state.
fn of_national(lists: &Lists, national: &[u8]) -> &'static str {
    let way = way();
    let said = believe(&lists.with(national), &lists.anchors()).say(&way, STAMPED);
    assert!(!said.qualified);
    said.lines.iter().find(|(_, place, _)| place == "fr.xml").map(|(code, ..)| *code).unwrap()
}

#[test]
fn a_granted_service_of_qualified_time_stamps_is_one() {
    let way = way();
    let lists = Lists::new();
    for certificate in &way {
        let said = believe(&lists.of(&[Told::granted(certificate)]), &lists.anchors()).say(&way, STAMPED);
        let expected = [("list-believed", "lotl.xml"), ("list-believed", "fr.xml"), ("tsa-qualified", "fr.xml")];
        assert_eq!((codes(&said), said.qualified), (expected.to_vec(), true), "{said:?}");
        assert_eq!(
            said.anchor.map(|sha256| sha256.to_vec()),
            Some(seal::DigestAlgorithm::Sha256.digest(&lists.anchor.der))
        );
        assert_eq!(said.lines[2].2, "Provider, Time-stamping");
        let fr = hex(&seal::DigestAlgorithm::Sha256.digest(&lists.signer.der));
        assert_eq!(said.lines[1].2, format!("FR, Operator of FR, n° 7, {ISSUED}, SHA-256 {fr}"));
    }
    let none = believe(&[], &lists.anchors());
    assert!(none.is_empty() && !none.say(&way, STAMPED).qualified);
    // A root above the issuer names no service.
    let above = [way.clone(), vec![certificate("Racine", &KeyPair::generate().unwrap(), 2020, 2040)]].concat();
    assert_eq!(verdict(&said(&[Told::granted(&above[2])], &above)), "tsa-not-listed");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn a_service_is_what_it_was_at_the_time_of_the_token() {
    let way = way();
    let at = |periods: &[(&'static str, &'static str, &'static str)], gen_time: UnixMillis| {
        let lists = Lists::new();
        let told = Told { periods: periods.to_vec(), ..Told::granted(&way[0]) };
        verdict(&believe(&lists.of(&[told]), &lists.anchors()).say(&way, gen_time))
    };
    // Withdrawn on 2026-11-23T00:00:00Z, granted on 2020-01-01T00:00:00Z.
    let (withdrawn, granted) = (UnixMillis(1_795_392_000_000), UnixMillis(1_577_836_800_000));
    let history = [
        (QTST, WITHDRAWN, "2026-11-23T00:00:00Z"),
        (QTST, GRANTED, "2020-01-01T00:00:00Z"),
        (CA_QC, GRANTED, "2018-01-01T00:00:00Z"),
    ];
    for (moment, code) in [
        (STAMPED, "tsa-not-granted"),
        (withdrawn, "tsa-not-granted"),
        (UnixMillis(withdrawn.0 - 1), "tsa-qualified"),
        (granted, "tsa-qualified"),
        (UnixMillis(granted.0 - 1), "tsa-listed-as-another-service"),
        (UnixMillis(granted.0 - 3 * 365 * DAY), "tsa-not-yet-listed"),
    ] {
        assert_eq!(at(&history, moment), code, "{moment}");
    }
    // Granted again since: it was not when the token was made.
    let again = [(QTST, GRANTED, "2026-11-24T00:00:00Z"), history[0], history[1]];
    assert_eq!(at(&again, STAMPED), "tsa-not-granted");
    for disorder in [[history[1], history[0]], [history[0], (QTST, GRANTED, "2026-11-23T00:00:00Z")]] {
        assert_eq!(at(&disorder, STAMPED), "tsa-history-order");
        assert_eq!(at(&disorder, granted), "tsa-history-order");
    }
    for status in ["supervisionincessation", "Granted", "granted2"] {
        let status: &'static str =
            Box::leak(format!("http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/{status}").into_boxed_str());
        assert_eq!(at(&[(QTST, status, "2020-01-01T00:00:00Z")], STAMPED), "tsa-not-granted");
    }
}

#[test]
fn another_service_key_or_condition_makes_nothing_qualified() {
    let way = way();
    let granted = Told::granted(&way[0]);
    let of = |services: &[Told]| verdict(&said(services, &way));
    assert_eq!(
        of(&[Told { periods: vec![(CA_QC, GRANTED, ISSUED)], ..granted.clone() }]),
        "tsa-listed-as-another-service"
    );
    assert_eq!(of(&[]), "tsa-not-listed");
    assert_eq!(
        of(&[Told::granted(&certificate("Autre", &KeyPair::generate().unwrap(), 2020, 2040))]),
        "tsa-not-listed"
    );
    let namesake = certificate("Unite d'horodatage", &KeyPair::generate().unwrap(), 2020, 2040);
    assert_eq!(of(&[Told::granted(&namesake)]), "tsa-listed-with-another-key");
    assert_eq!(of(&[Told::granted(b"no certificate")]), "tsa-not-listed");
    // What is told of the same key elsewhere: one that is not granted is enough, another sort of service is not.
    let withdrawn = Told { periods: vec![(QTST, WITHDRAWN, "2020-01-01T00:00:00Z")], ..Told::granted(&way[1]) };
    let authority = Told { periods: vec![(CA_QC, WITHDRAWN, "2020-01-01T00:00:00Z")], ..Told::granted(&way[1]) };
    assert_eq!(of(&[granted.clone(), withdrawn.clone()]), "tsa-not-granted");
    assert_eq!(of(&[withdrawn, granted.clone()]), "tsa-not-granted");
    assert_eq!(of(&[authority, granted.clone(), Told::granted(&namesake)]), "tsa-qualified");
    for (extensions, code) in [
        ("<Extension Critical=\"true\"><Unknown></Unknown></Extension>", "tsa-listed-under-a-condition"),
        ("<Extension><Unknown></Unknown></Extension>", "tsa-listed-under-a-condition"),
        ("<Extension Critical=\"true\"></Extension>", "tsa-listed-under-a-condition"),
        ("<Extension Critical=\"false\"><Unknown></Unknown></Extension>", "tsa-qualified"),
        (
            "<Extension Critical=\"true\"><ExpiredCertsRevocationInfo></ExpiredCertsRevocationInfo></Extension>",
            "tsa-qualified",
        ),
    ] {
        assert_eq!(of(&[Told { extensions, ..granted.clone() }]), code, "{extensions}");
    }
}

#[test]
fn a_changed_byte_of_anything_signed_is_refused() {
    let way = way();
    let lists = Lists::new();
    let given = lists.of(&[Told::granted(&way[0])]);
    assert!(believe(&given, &lists.anchors()).say(&way, STAMPED).qualified);
    for changed in 0..2 {
        let bytes = &given[changed].1;
        let find = |text: &str| bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
        // What a signature carries of certificates, and its own name, are not signed and not used.
        let signed = [
            0..find("<Signature xmlns"),
            find("<SignedInfo>")..find("</SignatureValue>"),
            find("Id=\"xades\"")..find("</xades:QualifyingProperties>"),
        ];
        let mut tried = 0;
        for place in signed.into_iter().flatten().step_by(3) {
            let mut altered = given.clone();
            altered[changed].1[place] ^= 1;
            let said = believe(&altered, &lists.anchors()).say(&way, STAMPED);
            assert!(
                !said.qualified,
                "{} at {place}: {}",
                altered[changed].0,
                String::from_utf8_lossy(&altered[changed].1)
            );
            tried += 1;
        }
        assert!(tried > 700, "{tried}");
    }
}

#[test]
fn each_way_of_not_being_signed_has_its_code() {
    let lists = Lists::new();
    let body = national("FR", &[Told::granted(&way()[0])]);
    let honest = String::from_utf8(signed(&body, &lists.signer)).unwrap();
    let of = |list: &str| of_national(&lists, list.as_bytes());
    assert_eq!(of(&honest), "list-believed");
    assert_eq!(of(&body), "list-not-signed");
    for (from, to, code) in [
        ("Svcstatus/granted", "Svcstatus/granteD", "list-altered"),
        ("2026-11-20T00:00:00Z</xades", "2026-11-21T00:00:00Z</xades", "list-altered"),
        ("<SignedInfo>", "<SignedInfo Id=\"a\">", "list-signature-false"),
        ("ecdsa-sha256", "ecdsa-sha384", "list-signature-false"),
        ("xmldsig-more#ecdsa-sha256", "xmldsig#ecdsa-sha1", "list-signature-algorithm"),
        (
            "http://www.w3.org/2001/04/xmlenc#sha256",
            "http://www.w3.org/2000/09/xmldsig#sha1",
            "list-signature-algorithm",
        ),
        ("<SignatureValue>", "<SignatureValue>AA", "list-unreadable"),
        ("<SignatureValue>", "<SignatureValue>AAAA", "list-signature-false"),
        ("<Reference URI=\"\">", "<Reference>", "list-signature-scope"),
        ("TSLTag=\"http", "TSLTag=\"https", "list-unreadable"),
        ("Identifier>6<", "Identifier>4<", "list-version"),
        ("TSLType/EUgeneric", "TSLType/CClist", "list-kind"),
        ("<TSLSequenceNumber>7<", "<TSLSequenceNumber>x<", "list-unreadable"),
        ("<StatusStartingTime>2020-01-01T", "<StatusStartingTime>2020-13-01T", "list-unreadable"),
    ] {
        assert_eq!(of(&honest.replacen(from, to, 1)), code, "{from}");
    }
    assert_eq!(of(&format!("<!DOCTYPE x>{honest}")), "list-unreadable");
    assert_eq!(of("<a/>"), "list-unreadable");
    assert_eq!(of(""), "list-unreadable");
    // White space between what stands beside the root is no part of it, a comment is none of what is signed.
    assert_eq!(of(&format!("<?xml version=\"1.0\"?>\n<!-- a -->{honest}\n")), "list-believed");
    assert_eq!(of(&format!("<?pi?>{honest}")), "list-altered");
}

#[test]
fn a_list_is_believed_by_who_may_sign_it_alone() {
    let (lists, other) = (Lists::new(), Signer::new("Signataire FR"));
    let way = way();
    let body = national("FR", &[Told::granted(&way[0])]);
    assert_eq!(of_national(&lists, &signed(&body, &other)), "list-signer-unknown");
    // It may name whom it likes: a false signature is false.
    let named = String::from_utf8(signed(&body, &other)).unwrap();
    let [ours, theirs] = [&lists.signer, &other].map(|signer| {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(&signer.der)
    });
    assert_eq!(of_national(&lists, named.replace(&theirs, &ours).as_bytes()), "list-signature-false");
    // And an honest one may name nobody.
    let honest = String::from_utf8(signed(&body, &lists.signer)).unwrap();
    let anonymous = honest.replace(&format!("<X509Certificate>{ours}</X509Certificate></X509Data>"), "</X509Data>");
    assert_eq!(of_national(&lists, anonymous.as_bytes()), "list-believed");
    let said = |given: &[(String, Vec<u8>)], anchors: &[Vec<u8>]| {
        let said = believe(given, anchors).say(&way, STAMPED);
        assert!(!said.qualified);
        codes(&said).into_iter().map(|(code, place)| format!("{code} {place}")).collect::<Vec<_>>()
    };
    let given = lists.of(&[Told::granted(&way[0])]);
    let nobody = ["list-signer-unknown lotl.xml", "list-not-pointed fr.xml", "tsa-not-listed "];
    assert_eq!(said(&given, &[]), nobody);
    assert_eq!(said(&given, std::slice::from_ref(&other.der)), nobody);
    // The signer of a member state's list is no anchor, nor does an anchor sign for a member state.
    assert_eq!(said(&given, std::slice::from_ref(&lists.signer.der)), nobody);
    assert_eq!(said(&given[1..], &lists.anchors()), ["list-not-pointed fr.xml", "tsa-not-listed "]);
    let by_anchor = lists.with(&signed(&body, &lists.anchor));
    assert_eq!(said(&by_anchor, &lists.anchors())[0], "list-signer-unknown fr.xml");
    // Who signs for one territory signs for no other.
    let belgian = lists.with(&signed(&national("BE", &[Told::granted(&way[0])]), &lists.signer));
    assert_eq!(said(&belgian, &lists.anchors())[0], "list-not-pointed fr.xml");
    for (from, to) in [("vnd.etsi.tsl+xml", "pdf"), ("TSLType/EUgeneric", "TSLType/EUlistofthelists")] {
        let body = central(&[("FR", &[&lists.signer.der])]).replace(from, to);
        let other = vec![("lotl.xml".to_owned(), signed(&body, &lists.anchor)), given[1].clone()];
        assert_eq!(said(&other, &lists.anchors())[0], "list-not-pointed fr.xml", "{to}");
    }
}

#[test]
fn a_signer_holds_when_the_list_is_issued_and_when_it_is_judged() {
    let way = way();
    let of = |anchor: Signer, signer: Signer, at: UnixMillis| {
        let lists = Lists { anchor, signer };
        let said = TrustedLists::believe(&lists.of(&[Told::granted(&way[0])]), &lists.anchors(), at, &AnyVerifier);
        said.say(&way, STAMPED).lines.iter().map(|(code, ..)| *code).collect::<Vec<_>>()
    };
    let good = || Signer::new("a");
    let outside = "list-signer-outside-validity";
    assert_eq!(of(good(), good(), JUDGED), ["list-believed", "list-believed", "tsa-qualified"]);
    // Expired by the judgement; not yet in use when it was issued.
    let expired = UnixMillis(JUDGED.0 + 40 * DAY);
    for years in [(2020, 2027), (2027, 2040)] {
        let of_years = || Signer::of_years("a", years.0, years.1);
        assert_eq!(of(of_years(), good(), expired), [outside, "list-not-pointed", "tsa-not-listed"], "{years:?}");
        assert_eq!(of(good(), of_years(), expired), [outside, "list-believed", "tsa-not-listed"], "{years:?}");
    }
    assert_eq!(of(Signer::of_years("a", 2020, 2027), good(), JUDGED)[2], "tsa-qualified");
    // Issued on 2026-11-20: nobody has it before, five minutes apart.
    let issued = UnixMillis(1_795_132_800_000);
    assert_eq!(of(good(), good(), UnixMillis(issued.0 - limits::GEN_TIME_AHEAD_MS))[2], "tsa-qualified");
    let early = of(good(), good(), UnixMillis(issued.0 - limits::GEN_TIME_AHEAD_MS - 1));
    assert_eq!(early, ["list-issued-ahead", "list-not-pointed", "tsa-not-listed"]);
}

#[test]
fn a_list_speaks_of_the_time_until_its_successor_and_its_age_is_said() {
    let way = way();
    let lists = Lists::new();
    let given = lists.of(&[Told::granted(&way[0])]);
    // 2027-05-20T00:00:00Z, when the next is due.
    let due = UnixMillis(1_810_771_200_000);
    let at = |given: &[(String, Vec<u8>)], judged: UnixMillis, gen_time: UnixMillis| {
        let believed = TrustedLists::believe(given, &lists.anchors(), judged, &AnyVerifier);
        believed.say(&way, gen_time).lines.iter().map(|(code, ..)| *code).collect::<Vec<_>>()
    };
    let (fresh, overdue) =
        (["list-believed", "list-believed"], ["list-believed", "list-overdue", "list-believed", "list-overdue"]);
    assert_eq!(at(&given, due, due), [&fresh[..], &["tsa-qualified"]].concat());
    let later = UnixMillis(due.0 + 1);
    assert_eq!(at(&given, later, due), [&overdue[..], &["tsa-qualified"]].concat());
    assert_eq!(at(&given, later, later), [&overdue[..], &["list-older-than-token"]].concat());
    // A list after which none comes speaks of what was before it.
    let closed = national("FR", &[Told::granted(&way[0])]).replace(&format!("<dateTime>{NEXT}</dateTime>"), "");
    let closed = lists.with(&signed(&closed, &lists.signer));
    assert_eq!(at(&closed, JUDGED, STAMPED)[2], "list-older-than-token");
    assert_eq!(at(&closed, JUDGED, UnixMillis(1_795_132_800_000))[2], "tsa-qualified");
}

#[test]
fn of_two_lists_of_one_territory_the_later_counts_whichever_comes_first() {
    let way = way();
    let lists = Lists::new();
    let numbered = |number: u32, status: &'static str| {
        let told = Told { periods: vec![(QTST, status, "2020-01-01T00:00:00Z")], ..Told::granted(&way[0]) };
        let body = national("FR", &[told]).replace("Number>7<", &format!("Number>{number}<"));
        (format!("fr{number}.xml"), signed(&body, &lists.signer))
    };
    let lotl = lists.with(b"")[0].clone();
    for (older, later, code) in [(GRANTED, WITHDRAWN, "tsa-not-granted"), (WITHDRAWN, GRANTED, "tsa-qualified")] {
        let (older, later) = (numbered(8, older), numbered(9, later));
        for order in [vec![lotl.clone(), older.clone(), later.clone()], vec![later, older, lotl.clone()]] {
            let said = believe(&order, &lists.anchors()).say(&way, STAMPED);
            assert_eq!((verdict(&said), codes(&said)[0]), (code, ("list-superseded", "fr8.xml")));
        }
    }
    // Of one number, the first that was given; the same bytes again are the same list.
    let again = vec![lotl.clone(), lists.with(b"")[0].clone(), numbered(8, GRANTED)];
    assert_eq!(codes(&believe(&again, &lists.anchors()).say(&way, STAMPED))[0].0, "list-superseded");
    let twice = vec![lotl.clone(), lotl, numbered(8, GRANTED)];
    assert_eq!(codes(&believe(&twice, &lists.anchors()).say(&way, STAMPED))[0].0, "list-believed");
}

#[test]
fn a_signature_over_less_than_the_list_never_counts() {
    let way = way();
    let lists = Lists::new();
    let forged = national("FR", &[Told::granted(&way[0])]);
    let honest = national("FR", &[]);
    let sign = |references: &str| signature(references, &lists.signer, &|inside| inside);
    let whole = |uri: &str, body: &str| reference(uri, body.as_bytes());
    let of = |list: Vec<u8>| {
        let said = believe(&lists.with(&list), &lists.anchors()).say(&way, STAMPED);
        let code = said.lines.iter().find(|(_, place, _)| place == "fr.xml").map(|(code, ..)| *code).unwrap();
        (code, said.qualified)
    };
    // By the identifier of the root, as by the document.
    assert_eq!(of(closed(&forged, &sign(&whole("#TL", &forged)))), ("list-believed", true));
    assert_eq!(of(closed(&forged, &sign(&whole("", &forged)))), ("list-believed", true));
    let refused = |list: Vec<u8>, code: &str| assert_eq!(of(list), (code, false));
    // An honest list moved into the signature's object, a forged root around it.
    let moved = |root: &str| {
        let inner = sign(&whole("#TL", &honest)).replace("<Object>", &format!("<Object>{honest}</Object><Object>"));
        closed(root, &inner)
    };
    refused(moved(&forged), "list-signature-scope");
    refused(moved(&forged.replace("Id=\"TL\"", "Id=\"other\"")), "list-signature-scope");
    // The same with its own signature inside of it, and none at the root.
    let inside = String::from_utf8(signed(&honest, &lists.signer)).unwrap();
    refused(closed(&forged, &format!("<Extension>{inside}</Extension>")), "list-not-signed");
    refused(
        closed(&forged, &format!("{}<Extension>{inside}</Extension>", sign(&whole("", &forged)))),
        "list-signature-scope",
    );
    refused(closed(&forged, &[sign(&whole("", &forged)), sign(&whole("", &forged))].concat()), "list-not-signed");
    // Properties alone, a part alone, what is elsewhere.
    refused(closed(&forged, &sign(&of_properties())), "list-signature-scope");
    refused(closed(&forged, &sign("")), "list-signature-scope");
    for uri in ["other.xml", "#", "#absent", "#xpointer(/)", "http://liste.example/"] {
        refused(closed(&forged, &sign(&whole(uri, &forged))), "list-signature-scope");
    }
    // A transform that chooses, or comes twice; parameters that change what a method means.
    for (from, to) in [
        (
            "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></Transform>",
            "<Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><XPath>1</XPath></Transform>",
        ),
        (
            "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></Transform>",
            "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#WithComments\"></Transform>",
        ),
        (
            "<Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></Transform>",
            "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></Transform>",
        ),
        (
            "<CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></CanonicalizationMethod>",
            "<CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"><InclusiveNamespaces></InclusiveNamespaces></CanonicalizationMethod>",
        ),
    ] {
        let made = signature(&whole("", &forged), &lists.signer, &|inside| inside.replacen(from, to, 1));
        refused(closed(&forged, &made), "list-signature-algorithm");
    }
    // Without the transform that leaves the signature out, nothing can be over it.
    let enveloped = "<Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></Transform>";
    let made = signature(&whole("", &forged), &lists.signer, &|inside| inside.replacen(enveloped, "", 1));
    refused(closed(&forged, &made), "list-altered");
}

#[test]
fn limits_hold_at_the_limit_and_one_past_it() {
    let way = way();
    let lists = Lists::new();
    let told = Told::granted(&way[0]);
    let said = |list: &[u8]| {
        let said = believe(&lists.with(list), &lists.anchors()).say(&way, STAMPED);
        let line = said.lines.iter().find(|(_, place, _)| place == "fr.xml").cloned().unwrap();
        (line.0, line.2.contains("limit"))
    };
    let sign = |body: &str| signed(body, &lists.signer);
    let (within, beyond) = (("list-believed", false), ("list-unreadable", true));
    let history = |count: usize| {
        let times: Vec<&'static str> = (0..count)
            .map(|n| &*Box::leak(format!("2020-01-01T00:{:02}:{:02}Z", 59 - n / 60, 59 - n % 60).into_boxed_str()))
            .collect();
        let periods = times.into_iter().map(|since| (QTST, GRANTED, since)).collect();
        sign(&national("FR", &[Told { periods, ..told.clone() }]))
    };
    assert_eq!(said(&history(limits::LIST_HISTORY + 1)), within);
    assert_eq!(said(&history(limits::LIST_HISTORY + 2)), beyond);
    let references = |count: usize| {
        let body = national("FR", std::slice::from_ref(&told));
        let all = reference("", body.as_bytes()).repeat(count);
        closed(&body, &signature(&all, &lists.signer, &|inside| inside))
    };
    assert_eq!(said(&references(limits::LIST_REFERENCES)), within);
    assert_eq!(said(&references(limits::LIST_REFERENCES + 1)).0, "list-signature-scope");
    let services = |count: usize| {
        let short = Told { certificate: vec![1], ..told.clone() };
        sign(&national("FR", &vec![short; count]))
    };
    assert_eq!(said(&services(limits::LIST_SERVICES)), within);
    assert_eq!(said(&services(limits::LIST_SERVICES + 1)), beyond);
    let pointers = |count: usize| {
        let body = central(&vec![("FR", &[&lists.signer.der[..]][..]); count]);
        let list = vec![("fr.xml".to_owned(), signed(&body, &lists.anchor))];
        let said = believe(&list, &lists.anchors()).say(&way, STAMPED);
        (said.lines[0].0, said.lines[0].2.contains("limit"))
    };
    assert_eq!(pointers(limits::LIST_POINTERS), within);
    assert_eq!(pointers(limits::LIST_POINTERS + 1), beyond);
    // Bytes and nodes: what is within is read, and is no list.
    let unreadable =
        |list: &[u8]| believe(&[("a".to_owned(), list.to_vec())], &[]).say(&way, STAMPED).lines[0].2.clone();
    let spaced = |bytes: usize| format!("<a>{}</a>", " ".repeat(bytes - 7)).into_bytes();
    assert!(!unreadable(&spaced(limits::LIST_BYTES)).contains("limit"));
    assert!(unreadable(&spaced(limits::LIST_BYTES + 1)).contains("limit"));
    let nodes = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count)).into_bytes();
    let most = limits::LIST_NODES as usize;
    assert!(!unreadable(&nodes(most - 10)).contains("limit"));
    assert!(unreadable(&nodes(most + 1)).contains("limit"));
}

#[test]
fn a_newer_list_that_whoever_judges_gives_and_cannot_believe_leaves_nobody_qualified() {
    let (lists, way) = (Lists::new(), way());
    let granted = Told::granted(&way[0]);
    let [lotl, fr] = <[_; 2]>::try_from(lists.of(std::slice::from_ref(&granted))).unwrap();
    // Signed by the next signer of the state, whom only the list of the lists of tomorrow names.
    let next =
        signed(&national("FR", &[granted]).replace("Number>7<", "Number>8<"), &Signer::new("Signataire suivant"));
    let newer = ("next.xml".to_owned(), next);
    let given = believe(&[lotl.clone(), fr.clone(), newer.clone()], &lists.anchors()).say(&way, STAMPED);
    assert_eq!(verdict(&given), "list-newer-undecided", "{given:?}");
    // One of before says nothing; and neither does one that only a pack brings.
    let older =
        signed(&national("FR", &[Told::granted(&way[0])]).replace("Number>7<", "Number>6<"), &Signer::new("Autre"));
    let given =
        believe(&[lotl.clone(), fr.clone(), ("old.xml".to_owned(), older)], &lists.anchors()).say(&way, STAMPED);
    assert_eq!(verdict(&given), "tsa-qualified");
    let brought = believe(&[lotl, fr], &lists.anchors()).with(&[newer], &AnyVerifier).say(&way, STAMPED);
    assert_eq!(verdict(&brought), "tsa-qualified");
}
