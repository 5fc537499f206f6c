//! Where things stand in an evidence pack (docs/formats/pack.md, "Name of a file"): written and read by one rule.

use crate::limits::{MEMBER_NAME_CHARS, MEMBER_NAME_HEAD};

/// Where the file of this number and name stands: after its number its name, in which Latin letters, digits, `.`, `_`, `-` and
/// combining accents stand and all else is `_`; of more than 100 characters the first 60 and the last 40 stay.
pub fn file_member(number: u64, name: &str) -> String {
    let letters = ['\u{c0}'..='\u{d6}', '\u{d8}'..='\u{f6}', '\u{f8}'..='\u{24f}', '\u{300}'..='\u{36f}'];
    let stands =
        |c: char| c.is_ascii_alphanumeric() || "._-".contains(c) || letters.iter().any(|range| range.contains(&c));
    if name.len() <= MEMBER_NAME_CHARS && name.bytes().all(|byte| stands(char::from(byte)) && byte.is_ascii()) {
        return format!("files/{number:03}-{name}");
    }
    let all: Vec<char> = name.chars().map(|c| if stands(c) { c } else { '_' }).collect();
    let dropped = all.len().saturating_sub(MEMBER_NAME_CHARS);
    let kept = all.iter().take(MEMBER_NAME_HEAD).chain(all.iter().skip(MEMBER_NAME_HEAD + dropped));
    format!("files/{number:03}-{}", kept.collect::<String>())
}

/// The evidence record and the manifest of the group of this number, counted from 1.
pub fn group_members(number: u64) -> [String; 2] {
    ["evidencerecord", "ASiCEvidenceRecordManifest"].map(|name| {
        let end = if name == "evidencerecord" { "ers" } else { "xml" };
        format!("META-INF/{name}{number:03}.{end}")
    })
}

#[cfg(test)]
mod tests {
    use super::{file_member, group_members};

    #[test]
    fn names_become_harmless_and_short() {
        assert_eq!(file_member(7, "d\u{e9}lib n\u{b0} 1.pdf"), "files/007-d\u{e9}lib_n__1.pdf");
        assert_eq!(file_member(1234, "../\u{202e}a\\b:\u{d7}\u{f7}\u{250}.x"), "files/1234-..__a_b____.x");
        assert_eq!(file_member(1, ""), "files/001-");
        let long = |count: usize| format!("{}{}", "a".repeat(60), "b".repeat(count));
        assert_eq!(file_member(1, &long(40)), format!("files/001-{}", long(40)));
        assert_eq!(
            file_member(1, &format!("{}c", long(40))),
            format!("files/001-{}{}c", "a".repeat(60), "b".repeat(39))
        );
    }

    #[test]
    fn groups_are_numbered_in_three_digits_or_more() {
        assert_eq!(group_members(1), ["META-INF/evidencerecord001.ers", "META-INF/ASiCEvidenceRecordManifest001.xml"]);
        assert_eq!(group_members(1000)[0], "META-INF/evidencerecord1000.ers");
    }
}
