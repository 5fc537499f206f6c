use super::*;

fn verdict(text: &str) -> Result<(), &'static str> {
    verdict_within(text, &Limits::default())
}

fn verdict_within(text: &str, limits: &Limits) -> Result<(), &'static str> {
    parse(text, "x.xml", limits, |_| ()).map_err(|f| f.code.name)
}

#[test]
fn every_doctype_is_refused() {
    for text in
        ["<!DOCTYPE a><a/>", "<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<!doctype a><a/>"]
    {
        assert_eq!(verdict(text), Err("xml-doctype"), "{text}");
    }
    assert_eq!(verdict("<a><![CDATA[<!DOCTYPE a>]]><!-- <!DOCTYPE a> --></a>"), Ok(()));
}

#[test]
fn depth_is_bounded() {
    let nested = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
    assert_eq!(verdict(&nested(crate::limits::MAX_XML_DEPTH)), Ok(()));
    assert_eq!(verdict(&nested(crate::limits::MAX_XML_DEPTH + 1)), Err("xml-limit"));
    assert_eq!(verdict(&format!("<r>{}</r>", "<a/>".repeat(1_000))), Ok(()));
}

#[test]
fn attributes_are_bounded_in_number_name_and_value() {
    let many = |n: usize| format!("<a {}/>", (0..n).map(|i| format!("a{i}='1' ")).collect::<String>());
    assert_eq!(verdict(&many(crate::limits::MAX_XML_ATTRIBUTES)), Ok(()));
    assert_eq!(verdict(&many(crate::limits::MAX_XML_ATTRIBUTES + 1)), Err("xml-limit"));
    let long = |n: usize| format!("<a x=\"{}\"/>", "v".repeat(n));
    assert_eq!(verdict(&long(crate::limits::MAX_XML_VALUE_BYTES)), Ok(()));
    assert_eq!(verdict(&long(crate::limits::MAX_XML_VALUE_BYTES + 1)), Err("xml-limit"));
    let named = |n: usize| format!("<a {}=''/>", "n".repeat(n));
    assert_eq!(verdict(&named(crate::limits::MAX_XML_NAME_BYTES)), Ok(()));
    assert_eq!(verdict(&named(crate::limits::MAX_XML_NAME_BYTES + 1)), Err("xml-limit"));
}

#[test]
fn element_names_and_nodes_are_bounded() {
    let named = |n: usize| format!("<{}/>", "n".repeat(n));
    assert_eq!(verdict(&named(crate::limits::MAX_XML_NAME_BYTES)), Ok(()));
    assert_eq!(verdict(&named(crate::limits::MAX_XML_NAME_BYTES + 1)), Err("xml-limit"));
    let limits = Limits { xml_nodes: 12, ..Limits::default() };
    // The document itself counts as a node.
    assert_eq!(verdict_within(&format!("<r>{}</r>", "<a/>".repeat(10)), &limits), Ok(()));
    assert_eq!(verdict_within(&format!("<r>{}</r>", "<a/>".repeat(11)), &limits), Err("xml-limit"));
}

#[test]
fn attributes_of_all_elements_are_bounded_as_nodes_are() {
    let limits = Limits { xml_nodes: 12, ..Limits::default() };
    let of = |count: usize| format!("<r>{}</r>", "<a b='' c='' d=''/>".repeat(count));
    assert_eq!(verdict_within(&of(4), &limits), Ok(()));
    assert_eq!(verdict_within(&of(5), &limits), Err("xml-limit"));
}

#[test]
fn namespace_declarations_are_bounded_over_the_document() {
    let many = |n: usize| format!("<r>{}</r>", (0..n).map(|i| format!("<a xmlns:n{i}='u'/>")).collect::<String>());
    assert_eq!(verdict(&many(crate::limits::MAX_XML_NAMESPACES)), Ok(()));
    assert_eq!(verdict(&many(crate::limits::MAX_XML_NAMESPACES + 1)), Err("xml-limit"));
}

#[test]
fn malformed_documents_are_refused() {
    for text in [
        "",
        "<a>",
        "</a>",
        "<a/><b/>",
        "<a/>garbage",
        "<a i='1' i='2'/>",
        "<a>\u{1}</a>",
        "<a>\0</a>",
        "\u{FEFF}<a/>",
        "<a b='<'/>",
        "<a xmlns:x='u' xmlns:y='u' x:i='1' y:i='2'/>",
        "<x:a/>",
        "<a>&unknown;</a>",
        "<a b='",
        "<!-- <a/>",
        "<a",
        "<",
        "<a <b/>",
        "<?pi <a/>",
    ] {
        assert_eq!(verdict(text), Err("xml-malformed"), "{text:?}");
    }
}

#[test]
fn a_forbidden_character_is_found_wherever_it_stands_and_no_other() {
    for place in [0, 1, 4_000, 4_096, 4_097, 9_000] {
        let with = |c: char| format!("<a>{}{c}</a>", " ".repeat(place));
        for c in ['\0', '\u{8}', '\u{B}', '\u{1F}', '\u{FFFE}', '\u{FFFF}'] {
            assert_eq!(verdict(&with(c)), Err("xml-malformed"), "{c:?} after {place}");
        }
        for c in ['\t', '\n', '\r', '\u{7F}', '\u{85}', '\u{FB01}', '\u{FEFF}', '\u{FFFD}', '\u{1F600}'] {
            assert_eq!(verdict(&with(c)), Ok(()), "{c:?} after {place}");
        }
    }
}

#[test]
fn what_a_lenient_parser_would_let_through_is_refused() {
    for text in [
        "<?xml version='1.0' encoding='a/b'?><a/>",
        "<?xml version='1.0' encoding='8bit'?><a/>",
        "<?xml version='2.0'?><a/>",
        "<?xml version='1.'?><a/>",
        "<?xml version='1.0'encoding='UTF-8'?><a/>",
        "<?xml version='1.0' standalone='YES'?><a/>",
        "<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>",
        "<?xml encoding='UTF-8'?><a/>",
        "<?xml version='1.0' other='x'?><a/>",
        "<?xml?><a/>",
        "<?XML version='1.0'?><a/>",
        "<a><?xml\tversion='1.0'?></a>",
        "<a><?xMl x?></a>",
        "<a><?b:c x?></a>",
        "<a><?b+c?></a>",
        "<a>&#xD800;</a>",
        "<a>&#x110000;</a>",
        "<a>&#0;</a>",
        "<a>&#x1F;</a>",
        "<a>&#+65;</a>",
        "<a>&#XFF;</a>",
        "<a b='&#xDFFF;'/>",
        "<a b='&#65'/>",
        "<:a/>",
        "<a :b='1'/>",
        "<a xmlns='u' xmlns='v'/>",
        "<a xmlns:b=''/>",
        "<a xmlns:xmlns='u'/>",
    ] {
        assert_eq!(verdict(text), Err("xml-malformed"), "{text:?}");
    }
    for text in [
        "<?xml version = \"1.0\" encoding = 'ISO-8859-1' standalone='no' ?>\n<a/>",
        "<?xml\tversion='1.1'\n?><a/>",
        "<?xml version='1.0' encoding='x-mac_roman.2'?><a/>",
        "<?xml-stylesheet href='x'?><a><?b?><?é c?></a>",
        "<a b='&#65;&#x41;'>&#xE9;&#x10FFFF;&amp;&#9;</a>",
        "<a><![CDATA[&#0; &#xD800;]]><!-- &#0; --><?b &#0;?></a>",
        "<a xmlns=''><b xmlns = 'u' xmlns:c='v'/></a>",
    ] {
        assert_eq!(verdict(text), Ok(()), "{text:?}");
    }
}

#[test]
fn an_identifier_twice_is_refused() {
    assert_eq!(verdict("<a><b Id='s'/><c Id='s'/></a>"), Err("xml-duplicate-id"));
    assert_eq!(verdict("<a><b xml:id='s'/><c xml:id='s'/></a>"), Err("xml-duplicate-id"));
    // An empty one is none.
    assert_eq!(verdict("<a><b Id=''/><c Id=''/></a>"), Ok(()));
    assert_eq!(verdict("<a><b Id='s'/><c Id='t'/></a>"), Ok(()));
}

#[test]
fn a_value_cut_by_a_comment_is_refused() {
    assert_eq!(verdict("<a>034<!-- x -->243400017</a>"), Err("xml-split-text"));
    assert_eq!(verdict("<a>034<?x y?>243400017</a>"), Err("xml-split-text"));
    assert_eq!(verdict("<a><!-- x -->034<!-- y --></a>"), Ok(()));
    assert_eq!(verdict("<a>034 <b/> 035</a>"), Ok(()));
}

#[test]
fn a_path_counts_brothers_of_the_same_name() {
    let places = parse("<a><b/><c/><b><d/></b></a>", "x", &Limits::default(), |doc| {
        doc.descendants().filter(Node::is_element).map(path).collect::<Vec<_>>()
    });
    assert_eq!(places.unwrap(), ["/a", "/a/b[1]", "/a/c", "/a/b[2]", "/a/b[2]/d"]);
}

/// The document with a long run of base64 between these, read with and without taking it aside.
fn both(before: &str, run: &str, after: &str) -> [Result<Option<String>, Fault>; 2] {
    let text = format!("{before}{run}{after}");
    let leaf =
        |document: &Document<'_>| document.descendants().find(|node| node.tag_name().name() == "f").unwrap().id();
    let plain = parse(&text, "x", &Limits::default(), |document| {
        leaf_text(document.get_node(leaf(document)).unwrap()).map(str::to_owned)
    });
    let aside = parse_aside(&text, "x", &Limits::default(), |document, aside| {
        aside.leaf_text(document.get_node(leaf(document)).unwrap()).map(str::to_owned)
    });
    [plain, aside]
}

#[test]
fn a_document_is_read_alike_with_its_long_runs_taken_aside_and_with_them_in_the_tree() {
    let run = "QUJD".repeat(3_000);
    let (open, close) = ("<n:PES_Aller xmlns:n='u'><a/><f>", "</f></n:PES_Aller>");
    for (before, after) in [
        (open.to_owned(), close.to_owned()),
        (format!("{open} \n"), format!("\r\n {close}")),
        (format!("{open}<!-- c -->"), close.to_owned()),
        (open.to_owned(), format!("<!-- c -->{close}")),
        (format!("{open}<![CDATA["), format!("]]>{close}")),
        (format!("{open}&#65;"), format!("&#xE9;{close}")),
        (open.replace("<f>", "<f><b/>"), close.to_owned()),
        (format!("{}<g>", open.replace("<f>", "<f/>")), format!("{run}</g></n:PES_Aller>")),
    ] {
        let [plain, aside] = both(&before, &run, &after);
        assert_eq!(plain.ok(), aside.ok(), "{before} … {after}");
    }
    // The refusals are the same, to the line and column.
    for (before, after) in [
        (open, "</f>"),
        (open, "</f></n:PES_Aller><b/>"),
        (open, "</f></g></n:PES_Aller>"),
        (open, "</f><b Id='1'/><c Id='1'/></n:PES_Aller>"),
        (open, "<!-- -->QUJD</f></n:PES_Aller>"),
        (open, "&unknown;</f></n:PES_Aller>"),
        ("<n:PES_Aller xmlns:n='u'><f Id='1'>", "</f><x:b/></n:PES_Aller>"),
        ("", ""),
        ("<n:PES_Aller xmlns:n='u'><f/></n:PES_Aller>", ""),
    ] {
        let [plain, aside] = both(before, &run, after);
        let told =
            |fault: Fault| (fault.code.name, fault.fill(fault.code.en, crate::explain::Language::En), fault.place);
        let (plain, aside) = (plain.map_err(told), aside.map_err(told));
        assert!(plain.is_err(), "{before} … {after}");
        assert_eq!(plain, aside, "{before} … {after}");
    }
}

#[test]
fn only_the_whole_text_of_an_element_of_a_pes_is_taken_aside_and_only_base64() {
    let run = "QUJD".repeat(1_024);
    let left = |text: &str| {
        let read = |document: &Document<'_>, _: &Aside<'_>| document.input_text().len();
        parse_aside(text, "x", &Limits::default(), read).unwrap()
    };
    let whole = |text: String| assert_eq!(left(&text), text.len(), "{}", &text[..60]);
    let taken = format!("<PES_Aller><f>{run}</f><f>\n{run}\n</f></PES_Aller>");
    assert_eq!(left(&taken), taken.len() - 2 * run.len() - 2 + 2);
    whole(format!("<PES_Aller><f>{}</f></PES_Aller>", &run[1..]));
    whole(format!("<Autre><f>{run}</f></Autre>"));
    whole(format!("<PES_Aller><f>{run}-</f></PES_Aller>"));
    whole(format!("<PES_Aller><f>{run}é</f></PES_Aller>"));
    whole(format!("<PES_Aller><f>{run}<b/></f></PES_Aller>"));
    whole(format!("<PES_Aller><f/>{run}</PES_Aller>"));
    whole(format!("<PES_Aller><f>{}</f></PES_Aller>", " ".repeat(5_000)));
}
