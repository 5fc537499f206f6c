//! Canonical XML, held against what libxml2's `xmllint` says of the same documents, where it is installed. The canonical form is
//! reached through a record in XML: a document is covered by its canonical form, whatever its spelling.

use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use seal::{
    ArchiveRecord, DataContent, DataObject, DigestAlgorithm, RecordFact, RecordRule, RecordTrust, RingVerifier,
};
use seal::{UnixMillis, judge_record};

const METHODS: [(&str, &str, &str); 3] = [
    ("http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments", "--c14n", "#WithComments"),
    ("http://www.w3.org/2006/12/xml-c14n11#WithComments", "--c14n11", "#WithComments"),
    ("http://www.w3.org/2001/10/xml-exc-c14n#WithComments", "--exc-c14n", "WithComments"),
];

/// Whether a record in XML, canonicalising so, with this digest in its first list, finds it to be that of this document.
fn covered(method: &str, document: &[u8], canonical: &[u8]) -> Result<bool, String> {
    let digest = STANDARD.encode(DigestAlgorithm::Sha256.digest(canonical));
    let record = format!(
        "<EvidenceRecord xmlns='urn:ietf:params:xml:ns:ers' Version='1.0'><ArchiveTimeStampSequence><ArchiveTimeStampChain Order='1'>\
         <DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/><CanonicalizationMethod Algorithm='{method}'/>\
         <ArchiveTimeStamp Order='1'><HashTree><Sequence Order='1'><DigestValue>{digest}</DigestValue></Sequence></HashTree>\
         <TimeStamp><TimeStampToken Type='RFC3161'></TimeStampToken></TimeStamp></ArchiveTimeStamp></ArchiveTimeStampChain>\
         </ArchiveTimeStampSequence></EvidenceRecord>"
    );
    let record = ArchiveRecord::parse(record.as_bytes()).map_err(|e| e.to_string())?;
    let data = [DataObject { name: "document", content: DataContent::Bytes(document) }];
    let trust = RecordTrust {
        roots: &[],
        extra_certificates: &[],
        at: UnixMillis(0),
        accept_weak: false,
        verifier: &RingVerifier,
    };
    let report = judge_record(&record, &data, &trust);
    let finding = report.findings.iter().find(|finding| finding.rule == RecordRule::Data).unwrap();
    match &finding.outcome {
        Ok(RecordFact::DataCovered { .. }) => Ok(true),
        Ok(other) => Err(format!("{other:?}")),
        Err(why) if why.code() == "data-not-covered" => Ok(false),
        Err(why) => Err(format!("{} {why}", why.code())),
    }
}

fn xmllint(option: &str, document: &[u8]) -> Option<Vec<u8>> {
    use std::io::Write;
    let mut child = Command::new("xmllint")
        .args(["--nonet", option, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(document).ok()?;
    let output = child.wait_with_output().ok()?;
    output.status.success().then_some(output.stdout)
}

/// Documents that have something to canonicalise.
const DOCUMENTS: &[&str] = &[
    "<a/>",
    "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n<a ></a >\n\n",
    "<a b='1' a='2' C=\"3\"/>",
    "<!-- before --><?pi before?>\n<a>\n <!-- in --> <?pi in?>\n</a>\n<?pi after?><!-- after -->\n",
    "<?p?><a><?p   x  y ?></a>",
    "<a>&lt;&gt;&amp;&quot;&apos;&#x41;&#65;&#xD;&#x9;&#xA;\u{e9}\u{1f600}</a>",
    "<a b='&lt;>&amp;&quot;&apos;&#xD;&#x9;&#xA; x  y\tz\nw'/>",
    "<a b=\"it's\" c='say \"so\"'/>",
    "<a>one\r\ntwo\rthree\n</a>",
    "<a><![CDATA[<b>&amp;]]>x<![CDATA[]]]]><![CDATA[>]]></a>",
    "<a><b><c/></b><d>  </d></a>",
    "<n:a xmlns:n='urn:n'><n:b/></n:a>",
    "<a xmlns='urn:a'><b xmlns=''><c/></b><d xmlns='urn:a'/></a>",
    "<a xmlns='urn:a'><b xmlns='urn:b'><c xmlns='urn:a'/></b></a>",
    "<a><b xmlns=''/></a>",
    "<a xmlns:z='urn:z' xmlns:y='urn:y' xmlns='urn:d' z:q='1' y:p='2' o='3'/>",
    "<a xmlns:b='urn:2' xmlns:a='urn:1' b:x='1' a:x='2' x='3' a:w='4'/>",
    "<a xmlns:p='urn:1'><p:b xmlns:p='urn:2'><p:c/></p:b><p:d/></a>",
    "<a xmlns:p='urn:1'><b><p:c/><p:d/></b><e p:f='1'/></a>",
    "<a xmlns:p='urn:same' xmlns:q='urn:same'><p:b q:x='1'/><q:b p:x='2'/></a>",
    "<a xmlns:unused='urn:u'><b/></a>",
    "<a xml:lang='fr' xml:space='preserve' xml:id='i' id='j'><b xml:lang='en'> </b></a>",
    "<a xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:lang='fr'/>",
    "<p:a xmlns:p='urn:p' p:b='1' b='2'><c p:d='3'/></p:a>",
    "<a xmlns='urn:d'><p:b xmlns:p='urn:p'><c/></p:b></a>",
    "<p:a xmlns:p='urn:p' xmlns='urn:d'><p:b><c/></p:b><p:b xmlns=''><c/></p:b></p:a>",
    "<\u{e9}t\u{e9} \u{e0}='1'>\u{fc}</\u{e9}t\u{e9}>",
    "<a\n\tb = '1'\n\tc\n=\n'2'\n/>",
    "<a>]]&gt;</a>",
    "<!--\r\n-->\r\n<a/><!---->",
    "<a><!--a--><!--b--><!-- - --></a>",
    "<a b='\u{a0}\u{2028}'>\u{a0}\u{2028}\u{85}</a>",
    "<?p a\r\nb\rc?><a><!--\r--><?q\r\nd\r?></a>",
    "<a xmlns:a='urn:a'><a:b xmlns:b='urn:b'><b:c xmlns:a='urn:c' a:x='' b:x=''/></a:b></a>",
];

#[test]
fn documents_have_the_canonical_form_that_libxml2_gives_them() {
    if xmllint("--c14n", b"<a/>").is_none() {
        println!("SKIPPED: xmllint is not installed (Debian: libxml2-utils)");
        return;
    }
    let mut wrong = Vec::new();
    let mut documents: Vec<Vec<u8>> = DOCUMENTS.iter().map(|text| text.as_bytes().to_vec()).collect();
    documents.extend(made(120));
    let mut compared = 0;
    for document in &documents {
        for (method, option, comments) in METHODS {
            let Some(with_comments) = xmllint(option, document) else {
                wrong.push(format!("xmllint refuses {}", String::from_utf8_lossy(document)));
                continue;
            };
            if covered(method, document, &with_comments) != Ok(true) {
                wrong.push(format!("{option} of {}", String::from_utf8_lossy(document)));
            }
            // libxml2 cannot leave comments out; a document without any says the same both ways.
            let plain = method.strip_suffix(comments).unwrap();
            let none = !String::from_utf8_lossy(document).contains("<!--");
            if none && covered(plain, document, &with_comments) != Ok(true) {
                wrong.push(format!("{option}, comments left out, of {}", String::from_utf8_lossy(document)));
            }
            compared += 1;
        }
    }
    println!("{compared} canonical forms compared with xmllint's");
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Documents drawn from names, prefixes, namespaces and texts, the same at every run.
fn made(count: u64) -> Vec<Vec<u8>> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = move |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    (0..count).map(|_| element(&mut next, 0, &[]).into_bytes()).collect()
}

fn element(next: &mut impl FnMut(u64) -> u64, depth: usize, scope: &[&'static str]) -> String {
    const PREFIXES: [&str; 3] = ["p", "q", "r"];
    const TEXTS: [&str; 8] = ["", " ", "x", "\n  ", "&amp;", "<![CDATA[<&]]>", "<?pi d?>", "&#xD;"];
    let mut scope = scope.to_vec();
    let mut tag = String::new();
    for prefix in PREFIXES {
        if next(4) == 0 {
            tag.push_str(&format!(" xmlns:{prefix}='urn:{}'", next(3)));
            if !scope.contains(&prefix) {
                scope.push(prefix);
            }
        }
    }
    match next(6) {
        0 => tag.push_str(" xmlns=''"),
        n @ 1..=2 => tag.push_str(&format!(" xmlns='urn:{n}'")),
        _ => {}
    }
    let pick = |next: &mut dyn FnMut(u64) -> u64| match scope.get(next(4) as usize) {
        Some(prefix) => format!("{prefix}:"),
        None => String::new(),
    };
    // Local names apart, so that two prefixes of one namespace clash nowhere.
    for name in ["b", "a", "c"].into_iter().take(next(4) as usize) {
        let prefix = pick(next);
        tag.push_str(&format!(" {prefix}{name}='{}\t&lt;'", next(9)));
    }
    let name = format!("{}e{}", pick(next), next(3));
    let mut inside = String::new();
    for _ in 0..next(4) {
        inside.push_str(TEXTS[next(8) as usize]);
        if depth < 4 {
            inside.push_str(&element(next, depth + 1, &scope));
        }
    }
    if inside.is_empty() && next(2) == 0 {
        format!("<{name}{tag}/>")
    } else {
        format!("<{name}{tag}>{inside}</{name}>")
    }
}

#[test]
fn comments_are_left_out_where_the_method_does_not_name_them() {
    let document = b"<!--a-->\n<a><!--b-->x<!--c--></a>\n<!--d-->";
    let plain = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    assert_eq!(covered(plain, document, b"<a>x</a>"), Ok(true));
    assert_eq!(
        covered(plain, document, b"<!--a-->\n<a><!--b-->x<!--c--></a>\n<!--d-->"),
        Ok(true),
        "its bytes as they are"
    );
    assert_eq!(covered(&format!("{plain}#WithComments"), document, b"<a>x</a>"), Ok(false));
}

#[test]
fn a_doctype_and_what_is_too_much_are_never_canonicalised() {
    let method = METHODS[0].0;
    let said = |document: &[u8]| covered(method, document, b"something else");
    assert!(said(b"<!DOCTYPE a><a/>").unwrap_err().starts_with("not-canonicalised"));
    assert!(said(b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>").is_err());
    let deep = |levels: usize| ["<a>".repeat(levels), "</a>".repeat(levels)].concat().into_bytes();
    assert_eq!(said(&deep(seal::limits::XML_DEPTH)), Ok(false));
    assert!(said(&deep(seal::limits::XML_DEPTH + 1)).unwrap_err().starts_with("not-canonicalised"));
    let large = |more: usize| format!("<a>{}</a>", " ".repeat(seal::limits::XML_BYTES - 7 + more)).into_bytes();
    assert_eq!(said(&large(0)), Ok(false));
    assert!(said(&large(1)).unwrap_err().starts_with("not-canonicalised"));
    assert_eq!(said(b"<a"), Ok(false), "no XML: its bytes alone are compared");
}

#[test]
fn work_is_bounded_by_what_stands_around_an_element_and_on_it() {
    let around = |count: usize| {
        let declared: String = (0..count).map(|n| format!(" xmlns:p{n}='urn:{n}'")).collect();
        format!("<a{declared}><b><c/></b></a>")
    };
    let on = |count: usize| {
        let attributes: String = (0..count).map(|n| format!(" a{n}='{n}'")).collect();
        format!("<a{attributes}/>")
    };
    let one = |text: String| covered(METHODS[0].0, text.as_bytes(), text.as_bytes());
    assert!(one(around(seal::limits::XML_NAMESPACES)).is_ok());
    assert!(one(on(seal::limits::XML_ATTRIBUTES)).is_ok());
    // Half of them on each of two elements inside each other are as many.
    let half = |inner: usize| {
        let declared = |letter: char, count: usize| {
            (0..count).map(|n| format!(" xmlns:{letter}{n}='urn:{letter}{n}'")).collect::<String>()
        };
        format!("<a{}><b{}/></a>", declared('p', seal::limits::XML_NAMESPACES / 2), declared('q', inner))
    };
    for (inner, read) in [(seal::limits::XML_NAMESPACES / 2, true), (seal::limits::XML_NAMESPACES / 2 + 1, false)] {
        let text = half(inner);
        assert_eq!(seal::xml_signatures(&text, &seal::AnyVerifier).is_ok(), read, "{inner}");
    }
    for (count, read) in [(seal::limits::XML_ATTRIBUTES, true), (seal::limits::XML_ATTRIBUTES + 1, false)] {
        assert_eq!(seal::xml_signatures(&on(count), &seal::AnyVerifier).is_ok(), read, "{count}");
    }
    // As many elements as there may be, each with all of it in scope: made canonical in no time, and not in minutes.
    let declared: String = (0..seal::limits::XML_NAMESPACES).map(|n| format!(" xmlns:p{n}='urn:{n}'")).collect();
    let many = format!("<a{declared}>{}</a>", "<b/>".repeat(200_000));
    let begun = std::time::Instant::now();
    assert!(covered(METHODS[0].0, many.as_bytes(), b"").is_ok());
    assert!(covered(METHODS[2].0, many.as_bytes(), b"").is_ok());
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn what_is_covered_in_canonical_form_is_said_to_be_so() {
    let of = |canonical| RecordFact::DataCovered { algorithm: "sha256", canonical }.code();
    assert_eq!((of(false), of(true)), ("data-covered", "data-covered-canonical"));
}
