//! What the parser lets through and XML 1.0 or its namespaces forbid: declarations, targets of instructions, references to characters that are
//! none, names that begin with a colon, prefixes bound to nothing.

use super::scan::allowed;

const SPACES: [char; 4] = [' ', '\t', '\n', '\r'];

/// Bytes of the XML declaration that this document begins with: none for none. `Err` when it is not one (productions 23 to 32, 77 to 81).
pub(super) fn declaration(text: &str) -> Result<usize, ()> {
    let Some(body) = text.strip_prefix("<?xml").filter(|body| body.starts_with(SPACES) || body.starts_with('?')) else {
        return Ok(0);
    };
    let end = body.find("?>").ok_or(())?;
    let mut rest = &body[..end];
    let is_version =
        |value: &str| value.strip_prefix("1.").is_some_and(|n| !n.is_empty() && is_all(n, u8::is_ascii_digit));
    let is_encoding = |value: &str| {
        value.starts_with(|c: char| c.is_ascii_alphabetic())
            && is_all(value, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    if !pseudo(&mut rest, "version")?.is_some_and(is_version)
        || !pseudo(&mut rest, "encoding")?.is_none_or(is_encoding)
        || !pseudo(&mut rest, "standalone")?.is_none_or(|value| matches!(value, "yes" | "no"))
        || !rest.trim_matches(SPACES).is_empty()
    {
        return Err(());
    }
    Ok("<?xml".len() + end + "?>".len())
}

fn is_all(text: &str, test: impl Fn(&u8) -> bool) -> bool {
    text.as_bytes().iter().all(test)
}

/// The value of that pseudo-attribute, which is moved past; none where another stands.
fn pseudo<'t>(rest: &mut &'t str, name: &str) -> Result<Option<&'t str>, ()> {
    let Some(after) = rest.trim_start_matches(SPACES).strip_prefix(name) else {
        return Ok(None);
    };
    if !rest.starts_with(SPACES) {
        return Err(());
    }
    let after = after.trim_start_matches(SPACES).strip_prefix('=').ok_or(())?.trim_start_matches(SPACES);
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or(())?;
    let (value, after) = after[1..].split_once(quote).ok_or(())?;
    *rest = after;
    Ok(Some(value))
}

/// The target of an instruction, then what follows: never `xml` in any case, no colon, and white space before what it says.
pub(super) fn is_target(name: &str, after: &str) -> bool {
    let plain = |b: &u8| !b.is_ascii() || b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let reserved = name.eq_ignore_ascii_case("xml");
    !name.is_empty() && !reserved && is_all(name, plain) && (after.starts_with(SPACES) || after.starts_with("?>"))
}

/// Every reference to a character by number is to one that XML allows; other references are the parser's to judge.
pub(super) fn references_hold(text: &str) -> bool {
    memchr::memchr_iter(b'&', text.as_bytes()).all(|at| {
        let Some(number) = text[at + 1..].strip_prefix('#') else { return true };
        let Some((number, _)) = number.split_once(';') else { return false };
        let read = match number.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16).ok().filter(|_| is_all(hex, u8::is_ascii_hexdigit)),
            None => number.parse().ok().filter(|_| is_all(number, u8::is_ascii_digit)),
        };
        read.and_then(char::from_u32).is_some_and(allowed)
    })
}

/// What an attribute of this name may say: a prefix is bound to something, `xmlns` to nothing else than what it is.
pub(super) fn may_say(name: &str, value: &str) -> bool {
    match name.strip_prefix("xmlns:") {
        Some(prefix) => !value.is_empty() && prefix != "xmlns",
        None => !name.starts_with(':'),
    }
}
