//! The tables of values held against the published schemas they are derived from: the same types, attributes and values, drawn anew; and
//! each kind of value that is none, remarked where `xmllint` refuses it and nowhere else.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use flow::seda::Version;
use roxmltree::{Document, Node, ParsingOptions};

use crate::bench::{fixtures, heavy};
use crate::seda::{SCHEMAS, Schemas, bordereau, with_file};

const XS: &str = "http://www.w3.org/2001/XMLSchema";
/// A list of more words than this is not in a table: languages, countries, types of media, formats, agencies.
const MOST_WORDS: usize = 100;

const HEADER: &str = "# Derived from the published schema of this version (crates/flow/tests/it/seda_values.rs). Not to be changed by hand.\n";

/// A file of the schemas: bytes as text, whatever their encoding says.
fn text(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    String::from_utf8(bytes).unwrap_or_else(|e| e.into_bytes().into_iter().map(char::from).collect())
}

fn parsed(text: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).unwrap()
}

/// The main schema and all it includes or imports, found by name beside it or among those of the W3C.
fn texts(folders: &[PathBuf], main: &str) -> Vec<String> {
    let (mut found, mut left) = (BTreeMap::new(), vec![main.to_owned()]);
    while let Some(name) = left.pop() {
        let path = folders.iter().map(|folder| folder.join(&name)).find(|path| path.is_file());
        let Some(path) = path.filter(|_| !found.contains_key(&name)) else { continue };
        let text = text(&path);
        for node in parsed(&text).root_element().children().filter(|node| is(node, "include") || is(node, "import")) {
            left.extend(node.attribute("schemaLocation").and_then(|at| at.rsplit('/').next()).map(str::to_owned));
        }
        found.insert(name, text);
    }
    // The main one first.
    let first = found.remove(main).unwrap();
    std::iter::once(first).chain(found.into_values()).collect()
}

fn is(node: &Node<'_, '_>, name: &str) -> bool {
    node.has_tag_name((XS, name))
}

fn parts<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children().find(|child| is(child, name))
}

/// A name with its namespace.
type Name = (String, String);

#[derive(Clone, Default, PartialEq)]
struct Type {
    attributes: BTreeMap<String, (bool, String)>,
    open: bool,
    text: Option<String>,
    /// By name, what it is.
    children: BTreeMap<String, String>,
}

/// The schema of a version, and the types drawn from it so far.
struct Schema<'a> {
    target: String,
    known: HashMap<(&'static str, Name), Node<'a, 'a>>,
    types: BTreeMap<String, Type>,
}

const NAMED: [&str; 6] = ["complexType", "simpleType", "element", "group", "attributeGroup", "attribute"];

impl<'a> Schema<'a> {
    fn new(documents: &'a [Document<'a>]) -> Schema<'a> {
        let mut known = HashMap::new();
        let of =
            |document: &'a Document<'a>| document.root_element().attribute("targetNamespace").unwrap_or("").to_owned();
        for document in documents {
            for node in document.root_element().children() {
                let tag = NAMED.iter().find(|tag| is(&node, tag));
                if let (Some(tag), Some(name)) = (tag, node.attribute("name")) {
                    known.insert((*tag, (of(document), name.to_owned())), node);
                }
            }
        }
        Schema { target: of(&documents[0]), known, types: BTreeMap::new() }
    }

    fn name(node: Node<'a, 'a>, attribute: &str) -> Option<Name> {
        let text = node.attribute(attribute)?;
        let (prefix, local) = text.split_once(':').map_or((None, text), |(prefix, local)| (Some(prefix), local));
        Some((node.lookup_namespace_uri(prefix).unwrap_or("").to_owned(), local.to_owned()))
    }

    fn target_of(node: Node<'a, 'a>) -> &'a str {
        node.document().root_element().attribute("targetNamespace").unwrap_or("")
    }

    /// How the tables write a simple type.
    fn kind(&self, name: &Name) -> String {
        if name.0 == XS {
            return match name.1.as_str() {
                "ID" | "IDREF" | "NCName" => "name".to_owned(),
                "normalizedString" | "NMTOKEN" => "token".to_owned(),
                other => other.to_owned(),
            };
        }
        let node = self.known.get(&("simpleType", name.clone()));
        node.map_or_else(|| panic!("{name:?}"), |node| self.kind_of(*node))
    }

    fn kind_of(&self, node: Node<'a, 'a>) -> String {
        if let Some(union) = parts(node, "union") {
            let named = union.attribute("memberTypes").unwrap_or("").split_whitespace().map(|member| {
                let (prefix, local) =
                    member.split_once(':').map_or((None, member), |(prefix, local)| (Some(prefix), local));
                self.kind(&(union.lookup_namespace_uri(prefix).unwrap_or("").to_owned(), local.to_owned()))
            });
            let inside = union.children().filter(|child| is(child, "simpleType")).map(|child| self.kind_of(child));
            let mut all: Vec<String> = named.chain(inside).collect();
            all.dedup();
            return all.join(" or ");
        }
        self.restricted(parts(node, "restriction").unwrap())
    }

    /// What a restriction leaves of its base.
    fn restricted(&self, node: Node<'a, 'a>) -> String {
        let base = match parts(node, "simpleType") {
            Some(inside) => self.kind_of(inside),
            None => self.text_of(&Self::name(node, "base").unwrap()),
        };
        let facets = |name: &'static str| -> Vec<&str> {
            node.children().filter(|child| is(child, name)).filter_map(|child| child.attribute("value")).collect()
        };
        let (words, patterns) = (facets("enumeration"), facets("pattern"));
        let literal = patterns.iter().all(|pattern| pattern.chars().all(char::is_alphanumeric));
        assert!(literal && facets("minInclusive").is_empty() && facets("length").is_empty(), "{patterns:?}");
        let shortest = facets("minLength").first().is_some_and(|least| *least != "0");
        match (words.len(), patterns.len()) {
            (1..=MOST_WORDS, _) => format!("{{{}}}", words.join("|")),
            (0, 1..) => format!("{{{}}}", patterns.join("|")),
            _ if shortest => "token+".to_owned(),
            _ => base,
        }
    }

    /// The text of a type, simple or with attributes.
    fn text_of(&self, name: &Name) -> String {
        match self.known.get(&("complexType", name.clone())) {
            Some(node) => {
                let mut drawn = Type::default();
                self.draw(*node, &mut drawn, &mut Vec::new(), "");
                drawn.text.unwrap()
            }
            None => self.kind(name),
        }
    }

    /// Takes in what this part of a type says; elements go to `left` with the name of their type.
    fn draw(&self, node: Node<'a, 'a>, into: &mut Type, left: &mut Vec<(String, Node<'a, 'a>)>, above: &str) {
        for part in node.children().filter(Node::is_element) {
            match part.tag_name().name() {
                "extension" | "restriction" => self.based(part, into, left, above),
                "sequence" | "choice" | "all" | "complexContent" | "simpleContent" => {
                    self.draw(part, into, left, above)
                }
                tag @ ("group" | "attributeGroup") => {
                    let tag = if tag == "group" { "group" } else { "attributeGroup" };
                    self.draw(self.known[&(tag, Self::name(part, "ref").unwrap())], into, left, above);
                }
                "attribute" => self.attribute(part, into),
                "anyAttribute" => into.open = true,
                "element" => self.element(part, into, left, above),
                _ => {}
            }
        }
    }

    fn based(&self, part: Node<'a, 'a>, into: &mut Type, left: &mut Vec<(String, Node<'a, 'a>)>, above: &str) {
        let restricts = is(&part, "restriction");
        if let Some(base) = Self::name(part, "base") {
            match self.known.get(&("complexType", base.clone())) {
                Some(node) => {
                    self.draw(*node, into, left, above);
                    if restricts && into.text.is_none() {
                        into.children.clear();
                    }
                }
                None => into.text = Some(self.kind(&base)),
            }
        }
        if restricts && into.text.is_some() {
            into.text = Some(self.restricted(part));
        }
        self.draw(part, into, left, above);
    }

    fn attribute(&self, part: Node<'a, 'a>, into: &mut Type) {
        let Some(name) = part.attribute("name") else { return };
        if part.attribute("use") == Some("prohibited") {
            into.attributes.remove(name);
            return;
        }
        let kind = match (Self::name(part, "type"), parts(part, "simpleType")) {
            (Some(kind), _) => self.kind(&kind),
            (None, Some(inside)) => self.kind_of(inside),
            (None, None) => "string".to_owned(),
        };
        let kind = part.attribute("fixed").map_or(kind, |fixed| format!("{{{fixed}}}"));
        into.attributes.insert(name.to_owned(), (part.attribute("use") == Some("required"), kind));
    }

    fn element(&self, part: Node<'a, 'a>, into: &mut Type, left: &mut Vec<(String, Node<'a, 'a>)>, above: &str) {
        let Some(reference) = Self::name(part, "ref") else {
            if Self::target_of(part) == self.target {
                self.one(part, into, left, above);
            }
            return;
        };
        let head = self.known[&("element", reference.clone())];
        if reference.0 == self.target && head.attribute("abstract") != Some("true") {
            self.one(head, into, left, above);
        }
        let stands = |node: &&Node<'a, 'a>| Self::name(**node, "substitutionGroup").as_ref() == Some(&reference);
        let elements = self.known.iter().filter(|((tag, name), _)| *tag == "element" && name.0 == self.target);
        for other in elements.map(|(_, node)| node).filter(stands) {
            self.one(*other, into, left, above);
        }
    }

    fn one(&self, part: Node<'a, 'a>, into: &mut Type, left: &mut Vec<(String, Node<'a, 'a>)>, above: &str) {
        let name = part.attribute("name").unwrap();
        let what = match Self::name(part, "type") {
            Some(of) => match self.known.get(&("complexType", of.clone())) {
                Some(node) => {
                    left.push((of.1.clone(), *node));
                    of.1
                }
                None if of == (XS.to_owned(), "anyType".to_owned()) => return,
                None => format!("={}", self.kind(&of)),
            },
            None => match (parts(part, "complexType"), parts(part, "simpleType")) {
                (Some(inside), _) => {
                    let of = format!("{above}.{name}");
                    left.push((of.clone(), inside));
                    of
                }
                (None, Some(inside)) => format!("={}", self.kind_of(inside)),
                (None, None) => return,
            },
        };
        let before = into.children.insert(name.to_owned(), what.clone());
        assert!(before.is_none_or(|before| before == what), "{above}: {name} is of two types");
    }

    /// The table of a message.
    fn table(mut self, root: &str) -> String {
        let (mut left, mut top) = (Vec::new(), Type::default());
        let message = self.known[&("element", (self.target.clone(), root.to_owned()))];
        self.one(message, &mut top, &mut left, "");
        while let Some((name, node)) = left.pop() {
            if !self.types.contains_key(&name) {
                let mut drawn = Type::default();
                self.draw(node, &mut drawn, &mut left, &name);
                self.types.insert(name, drawn);
            }
        }
        let mut table = HEADER.to_owned();
        let types = std::iter::once((".".to_owned(), top)).chain(self.types);
        for (name, of) in types {
            table.push_str(&format!("{name}\n"));
            for (name, (required, kind)) in of.attributes {
                table.push_str(&format!(" @{name} {}{kind}\n", if required { "!" } else { "" }));
            }
            table.push_str(if of.open { " @*\n" } else { "" });
            table.extend(of.text.map(|kind| format!(" = {kind}\n")));
            table.extend(of.children.into_iter().map(|(name, what)| format!(" {name} {what}\n")));
        }
        table
    }
}

fn derived(folder: &Path, schema: &str) -> String {
    let (place, main) = schema.rsplit_once('/').unwrap();
    let folders = [place, "seda-vitam/w3c/2001", "seda-vitam/w3c/1999"].map(|name| folder.join("seda/xsd").join(name));
    let texts = texts(&folders, main);
    let documents: Vec<Document<'_>> = texts.iter().map(|text| parsed(text)).collect();
    Schema::new(&documents).table("ArchiveTransfer")
}

/// With `TABELLION_WRITE_TABLES` set the tables are written anew.
#[test]
fn the_tables_are_what_the_published_schemas_say() {
    let Some(folder) = fixtures() else { return };
    for (version, schema) in SCHEMAS {
        let drawn = derived(&folder, schema);
        let name = format!("src/seda/values/{}.txt", version.number());
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        if std::env::var_os("TABELLION_WRITE_TABLES").is_some() {
            std::fs::write(&place, &drawn).unwrap();
        }
        assert!(std::fs::read_to_string(&place).unwrap() == drawn, "{} is not what its schema says", place.display());
    }
}

/// The codes of values and attributes.
const OF_VALUES: [&str; 4] = ["seda-value", "seda-date", "seda-attribute-unknown", "seda-attribute-missing"];

fn of_values(bordereau: &str) -> Vec<&'static str> {
    heavy(&with_file(bordereau)).into_iter().filter(|code| OF_VALUES.contains(code)).collect()
}

/// What of a bordereau becomes what, and the code it is remarked with; none for what its schema allows.
type Case = (&'static str, &'static str, Option<&'static str>);

const VALUE: Option<&str> = Some("seda-value");
const DATE: Option<&str> = Some("seda-date");
const UNKNOWN: Option<&str> = Some("seda-attribute-unknown");
const MISSING: Option<&str> = Some("seda-attribute-missing");

const RULE: &str = "<Management><AccessRule>";
const MESSAGE_DATE: &str = "2026-11-30T10:00:00Z";

const OF_ALL: [Case; 7] = [
    (MESSAGE_DATE, "2026-11-30", DATE),
    (MESSAGE_DATE, "hier", DATE),
    (MESSAGE_DATE, "2026-02-30T10:00:00Z", DATE),
    (MESSAGE_DATE, "2026-11-30T25:00:00Z", DATE),
    (MESSAGE_DATE, "", DATE),
    (MESSAGE_DATE, "2024-02-29T10:00:00.5+01:00", None),
    ("<Date>", "<Date bidon=\"1\">", UNKNOWN),
];

const OF_TWO: [Case; 24] = [
    ("<Size>18<", "<Size>-3<", VALUE),
    ("<Size>18<", "<Size>dix-huit<", VALUE),
    ("<Size>18<", "<Size>18.0<", VALUE),
    ("<Size>18<", "<Size>0<", VALUE),
    ("<Size>18<", "<Size><", VALUE),
    ("<Size>18<", "<Size> +18 <", None),
    ("<Size>18<", "<Size unit=\"o\">18<", UNKNOWN),
    (RULE, "<Management><AppraisalRule><FinalAction>Bidon</FinalAction></AppraisalRule><AccessRule>", VALUE),
    (RULE, "<Management><AppraisalRule><FinalAction>keep</FinalAction></AppraisalRule><AccessRule>", VALUE),
    (RULE, "<Management><AppraisalRule><FinalAction>Keep</FinalAction></AppraisalRule><AccessRule>", None),
    ("</AccessRule>", "<PreventInheritance>oui</PreventInheritance></AccessRule>", VALUE),
    ("</AccessRule>", "<PreventInheritance>true</PreventInheritance></AccessRule>", None),
    (">ACC-1<", "><", VALUE),
    ("<StartDate>2026-01-01</StartDate></AccessRule>", "<StartDate>2026-02-30</StartDate></AccessRule>", DATE),
    ("<StartDate>2026-01-01</StartDate></AccessRule>", "<StartDate>2026</StartDate></AccessRule>", DATE),
    ("<StartDate>2026-01-01</StartDate></Content>", "<StartDate>2026-13</StartDate></Content>", DATE),
    ("<StartDate>2026-01-01</StartDate></Content>", "<StartDate>1914-08</StartDate></Content>", None),
    (">RecordGrp<", ">Bidon<", VALUE),
    ("id=\"U1\"", "id=\"1 U\"", VALUE),
    ("id=\"U1\"", "id=\"U1\" bidon=\"1\"", UNKNOWN),
    (" id=\"O1\"", "", MISSING),
    (" algorithm=\"SHA-512\"", "", MISSING),
    ("algorithm=\"SHA-512\">", "algorithm=\"SHA-512\">A", VALUE),
    ("<Title>Dossier", "<Title bidon=\"fr\">Dossier", UNKNOWN),
];

const OF_ONE: [Case; 8] = [
    (">AR038<", ">AR999<", VALUE),
    (">recordgrp<", ">Bidon<", VALUE),
    (">CDO<", ">XXX<", VALUE),
    ("<OldestDate>2026-01-01<", "<OldestDate>2026-02-30<", DATE),
    ("<StartDate>2026-01-01<", "<StartDate>01/01/2026<", DATE),
    ("#sha512\">", "#sha512\">A", VALUE),
    ("<Document>", "<Document bidon=\"1\">", UNKNOWN),
    ("<Document>", "<Document Id=\"D1\">", None),
];

const OF_ZERO: [Case; 5] = [
    (">recordgrp<", ">Bidon<", VALUE),
    (">item<", ">Bidon<", VALUE),
    (">CDO<", ">XXX<", VALUE),
    (" listVersionID=\"edition 2009\">CDO", " listVersionID=\"edition 1999\">CDO", VALUE),
    ("<Document>", "<Document bidon=\"1\">", UNKNOWN),
];

fn cases(version: Version) -> Vec<Case> {
    let own: &[Case] = match version {
        Version::V0_2 => &OF_ZERO,
        Version::V1_0 => &OF_ONE,
        _ => &OF_TWO,
    };
    [&OF_ALL, own].concat()
}

#[test]
fn a_value_that_is_none_is_remarked_where_it_stands() {
    for version in SCHEMAS.map(|(version, _)| version) {
        assert_eq!(of_values(&bordereau(version)), Vec::<&str>::new(), "{version:?}");
        for (from, to, code) in cases(version) {
            let whole = bordereau(version);
            assert!(whole.contains(from), "{version:?}: no {from}");
            let found = of_values(&whole.replacen(from, to, 1));
            assert_eq!(found, code.into_iter().collect::<Vec<_>>(), "{version:?}: {from} → {to}");
        }
    }
    let told = |from: &str, to: &str, code: &str| {
        let flow = with_file(&bordereau(Version::V2_2).replacen(from, to, 1));
        let found = flow.findings.iter().find(|finding| finding.code == code).unwrap();
        assert_eq!(flow.outcome(), flow::Outcome::AcceptedWithWarnings);
        (found.place.clone(), found.message_fr.clone())
    };
    let (place, sentence) = told("<Size>18<", "<Size>-3<", "seda-value");
    assert!(place.ends_with("manifest.xml: BinaryDataObject O1/Size"), "{place}");
    assert!(sentence.contains("« -3 »") && sentence.contains("integer, 1…"), "{sentence}");
    let (place, sentence) = told(
        "</AccessRule>",
        "</AccessRule><ClassificationRule><ClassificationReassessingDate>x</ClassificationReassessingDate></ClassificationRule>",
        "seda-date",
    );
    let path = "ArchiveUnit U1/Management/ClassificationRule/ClassificationReassessingDate";
    assert!(
        place.ends_with(path) && sentence.contains("« x »") && sentence.contains("AAAA-MM-JJ"),
        "{place} {sentence}"
    );
    let (place, _) = told(" id=\"O1\"", " id=\"1 O\"", "seda-value");
    assert!(place.ends_with("BinaryDataObject 1 O/@id"), "{place}");
    let (place, _) = told(MESSAGE_DATE, "hier", "seda-date");
    assert!(place.ends_with("manifest.xml: ArchiveTransfer/Date"), "{place}");
}

#[test]
fn the_published_schemas_say_the_same_of_each_value() {
    let Some(folder) = fixtures() else { return };
    for (version, schema) in SCHEMAS {
        let schemas = Schemas::of(&folder.join("seda/xsd"), schema);
        for (from, to, code) in cases(version) {
            let answer = schemas.validate(schema, bordereau(version).replacen(from, to, 1).as_bytes());
            assert_eq!(answer.is_ok(), code.is_none(), "{version:?}: {from} → {to}: {answer:?}");
        }
    }
}

#[test]
fn no_value_of_a_real_transfer_that_follows_its_schema_is_remarked() {
    let Some(folder) = fixtures().map(|folder| folder.join("seda/sip")) else { return };
    let table = std::fs::read_to_string(folder.join("XSD_RESULT.csv")).unwrap();
    let mut held = 0;
    for row in table.lines().skip(1).map(|line| line.splitn(5, ',').collect::<Vec<_>>()) {
        let [name, outcome, _, "valid", _] = row[..] else { continue };
        let path = folder.join(format!("SIP_{outcome}")).join(name);
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let flow = crate::bench::read(&[("envoi", &bytes)], flow::Declared::Seda);
        let amiss: Vec<_> = flow.findings.iter().filter(|finding| OF_VALUES.contains(&finding.code)).collect();
        assert!(amiss.is_empty(), "{name}: {amiss:#?}");
        held += 1;
    }
    println!("{held} real transfers follow their schema, and no value of theirs is remarked");
    assert!(held > 50, "{held}");
}
