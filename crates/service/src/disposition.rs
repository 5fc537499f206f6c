//! Content-Disposition (RFC 6266, RFC 7578 §4.2): the name of a file, exact bytes; and how we write it.

use crate::parameters::decode;

/// The bytes of `filename*`, else of `filename`, of such a header.
pub(crate) fn file_name(header: &[u8]) -> Option<Vec<u8>> {
    let mut plain = None;
    for (name, value) in parameters(header) {
        if name == b"filename*" {
            let text = std::str::from_utf8(&value).ok()?;
            let (charset, rest) = text.split_once('\'')?;
            let (_, encoded) = rest.split_once('\'')?;
            // Whatever the charset, bytes are kept as they come.
            if !charset.is_empty() {
                return decode(encoded, false);
            }
        } else if name == b"filename" && plain.is_none() {
            plain = Some(value);
        }
    }
    plain
}

/// Name and value of each parameter; quotes taken off, escapes undone.
fn parameters(header: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    let mut rest = header.iter().copied().skip_while(|b| *b != b';').peekable();
    while rest.next_if_eq(&b';').is_some() {
        while rest.next_if(u8::is_ascii_whitespace).is_some() {}
        let mut name = Vec::new();
        while let Some(byte) = rest.next_if(|b| !matches!(b, b'=' | b';')) {
            name.push(byte.to_ascii_lowercase());
        }
        let mut value = Vec::new();
        if rest.next_if_eq(&b'=').is_some() {
            if rest.next_if_eq(&b'"').is_some() {
                while let Some(byte) = rest.next().filter(|b| *b != b'"') {
                    // Only a quote or a backslash is escaped: others write Windows paths as they are.
                    let escaped = byte == b'\\' && matches!(rest.peek(), Some(b'"' | b'\\'));
                    value.push(if escaped { rest.next().unwrap_or(byte) } else { byte });
                }
            } else {
                while let Some(byte) = rest.next_if(|b| *b != b';') {
                    value.push(byte);
                }
                while value.last().is_some_and(u8::is_ascii_whitespace) {
                    value.pop();
                }
            }
        }
        while rest.next_if(|b| *b != b';').is_some() {}
        name.retain(|b| !b.is_ascii_whitespace());
        found.push((name, value));
    }
    found
}

/// An attachment of this name: never shown in place, whatever it is.
pub(crate) fn attachment(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_bytes() {
        let read = |header: &[u8]| file_name(header).map(|name| String::from_utf8_lossy(&name).into_owned());
        let expect = |name: &str| Some(name.to_owned());
        assert_eq!(read(b"form-data; name=\"file\"; filename=\"a b.pdf\""), expect("a b.pdf"));
        assert_eq!(read(b"form-data; filename=\"a;b=\\\"c\\\".pdf\"; name=file"), expect("a;b=\"c\".pdf"));
        assert_eq!(read(b"form-data; filename=\"C:\\acte.pdf\""), expect("C:\\acte.pdf"));
        assert_eq!(read(b"attachment; filename=a.pdf ; x=y"), expect("a.pdf"));
        assert_eq!(read(b"attachment; filename=\"x\"; FileName*=UTF-8''d%C3%A9lib.pdf"), expect("délib.pdf"));
        assert_eq!(read(b"form-data; name=\"filename=x\""), None);
        assert_eq!(read(b""), None);
        assert_eq!(file_name(b"form-data; filename=\"d\xe9.pdf\""), Some(b"d\xe9.pdf".to_vec()));
    }

    #[test]
    fn an_attachment_cannot_break_its_header() {
        let header = attachment("a\"\r\nX: é.pdf");
        assert_eq!(header, "attachment; filename=\"a___X___.pdf\"; filename*=UTF-8''a%22%0D%0AX%3A%20%C3%A9.pdf");
    }
}
