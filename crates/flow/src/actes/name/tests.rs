use super::*;

#[test]
fn a_message_name_gives_the_identifier_of_the_act() {
    let name = message("034-491011698-20171207-CL20171227_06-DE-1-1_0.xml").unwrap();
    assert_eq!(name.act_id().unwrap(), "034-491011698-20171207-CL20171227_06-DE");
    assert_eq!((name.message.as_str(), name.rank, name.iso_date().unwrap().as_str()), ("1-1", Some(0), "2017-12-07"));
    assert!(must_be_a_message(&name));
    let ar = message("034-491011698-20171207-CL20171227_06-DE-1-2.xml").unwrap();
    assert_eq!((ar.message.as_str(), ar.rank), ("1-2", None));
}

#[test]
fn a_file_of_a_message_may_bear_a_code() {
    let name = message("99_DE-006-210600235-20180522-684-AI-1-1_1.pdf").unwrap();
    assert_eq!(name.code.as_deref(), Some("99_DE"));
    assert_eq!(name.number, "684");
    assert!(!must_be_a_message(&name));
    assert_eq!(without_code("CO_DE-006-x.jpg"), "006-x.jpg");
    assert_eq!(without_code("006-x.jpg"), "006-x.jpg");
}

#[test]
fn parts_may_be_empty_and_a_number_may_break_the_rule() {
    let name = message("044-214400152----1-3_1.xml").unwrap();
    assert_eq!((name.siren.as_str(), name.act_id(), name.message.as_str()), ("214400152", None, "1-3"));
    let odd = message("034-243400017-20190523-A-B-CC-1-1_0.xml").unwrap();
    assert_eq!(odd.number, "A-B");
    assert!(!is_usual_number(&odd.number));
    assert!(is_usual_number("CL20171227_06x") && !is_usual_number("1234567890123456") && !is_usual_number(""));
}

#[test]
fn other_names_are_no_messages() {
    for other in [
        "Delib.pdf",
        "manifest.xml",
        "034-24340001-20190523-1-CC-1-1_0.xml",
        "034-243400017-2019-1-CC-1-1_0.xml",
        "----.xml",
        "a",
    ] {
        assert_eq!(message(other), None, "{other}");
    }
}

#[test]
fn envelopes_go_both_ways() {
    let stem = |n: &str| envelope(n).map(|e| (e.stem, e.anomaly, e.archive));
    assert_eq!(stem("EACT--214502494--20170717-6.xml"), Some(("EACT--214502494--20170717-6".into(), false, false)));
    assert_eq!(
        stem("SIC-EACT--210600730--20180115-1.tar.gz"),
        Some(("EACT--210600730--20180115-1".into(), false, true))
    );
    assert_eq!(stem("TST-EACT--210600730--20180115-1.zip"), stem("TST-EACT--210600730--20180115-1.tar.gz"));
    assert_eq!(
        stem("EACT--SPREF0441-214400152-20181012-9.xml"),
        Some(("EACT--SPREF0441-214400152-20181012-9".into(), false, false))
    );
    assert_eq!(stem("ANO_TACT--214502494--20170717-6.xml"), Some(("TACT--214502494--20170717-6".into(), true, false)));
    for other in [
        "EACT.xml",
        "EACT--1--2-3.xml",
        "XACT--214502494--20170717-6.xml",
        "EACT--214502494--20170717-.xml",
        "é.tar.gz",
    ] {
        assert_eq!(stem(other), None, "{other}");
    }
}

#[test]
fn an_act_identifier_has_five_parts() {
    assert!(split_act_id("034-243400017-20190523-86351-CC").is_some());
    for other in [
        "",
        "034-243400017-20190523-86351",
        "034-243400017-20190523-86-351-CC",
        "034-24340001-20190523-86351-CC",
        "34-243400017-20190523-1-cc",
    ] {
        assert!(split_act_id(other).is_none(), "{other}");
    }
}

#[test]
fn an_identifier_that_is_none_is_read_loosely_where_it_can_be() {
    let id = "034-243400017-20190523-86351-CC";
    for odd in [
        "34-243400017-20190523-86351-cc",
        " 034-243400017-20190523-86351-CC\n",
        "034–243400017–20190523–86351–CC",
        "034-243400017-2019-05-23-86351-CC",
        "034-24340001700015-20190523-86351-CC",
        "034-243400017-20190523-86351-CC-1-1_0.xml",
        "034-243400017-20190523-86351-CC-6-2",
    ] {
        assert_eq!(loosely(odd).as_deref(), Some(id), "{odd}");
    }
    for other in [id, "", "034-243400017-20190523-86351", "CC", "034-243400017-2019-86351-CC", "-----"] {
        assert_eq!(loosely(other), None, "{other}");
    }
}

#[test]
fn a_name_in_lower_case_is_read_and_an_envelope_with_something_before_it() {
    let of = |n: &str| envelope(n).map(|e| (e.stem, e.unusual));
    let stem = "EACT--210600730--20180115-1".to_owned();
    for odd in [
        "eact--210600730--20180115-1.xml",
        "fr-eact--210600730--20180115-1.xml",
        "FR-EACT--210600730--20180115-1.xml",
        "sic-eact--210600730--20180115-1.tar.gz",
        "ano_EACT--210600730--20180115-1.xml",
    ] {
        assert_eq!(of(odd), Some((stem.clone(), true)), "{odd}");
    }
    for usual in
        ["EACT--210600730--20180115-1.xml", "EACT--210600730--20180115-1.XML", "SIC-EACT--210600730--20180115-1.zip"]
    {
        assert_eq!(of(usual), Some((stem.clone(), false)), "{usual}");
    }
    assert!(is_test(&of("tact--210600730--20180115-1.xml").unwrap().0));
    let read = message("02a-243400017-20190523-86351-cc-1-1_0.xml").unwrap();
    assert_eq!((read.act_id().as_deref(), read.unusual), (Some("02A-243400017-20190523-86351-CC"), true));
}

#[test]
fn an_identifier_written_by_hand_is_put_right_or_is_none() {
    let right = "034-491011698-20261001-S3-DE";
    for text in
        [right, " 034-491011698-20261001-S3-DE ", "34-491011698-20261001-S3-de", "034-49101169800017-20261001-S3-DE"]
    {
        assert_eq!(meant_act(text).as_deref(), Some(right), "{text}");
    }
    // Of a message whose number is none of the usual, as it is shown.
    let long = "034-491011698-20261001-1234567890123456-DE";
    assert_eq!(meant_act(long).as_deref(), Some(long));
    for text in ["", "S3", "2026-042", "034-491011698-20261001-S3", "034-49101169-20261001-S3-DE"] {
        assert_eq!(meant_act(text), None, "{text}");
    }
}
