//! ASiCEvidenceRecordManifest (ETSI EN 319 162-1 §A.4): which objects an evidence record covers, in XML.

pub(crate) mod read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The manifest tying the record at `er_name` to objects given as (name, media type, SHA-256), in that order.
/// Names become percent-encoded URIs relative to the container's root.
pub fn write_manifest(er_name: &str, objects: &[(String, String, [u8; 32])]) -> Vec<u8> {
    // Long enough for a group of two.
    let mut xml = String::with_capacity(1 << 10);
    xml.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n");
    xml.push_str("<asic:ASiCManifest xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\"");
    xml.push_str(" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\n");
    xml.push_str("  <asic:SigReference URI=\"");
    push_uri(&mut xml, er_name);
    xml.push_str("\"/>\n");
    for (name, media_type, sha256) in objects {
        xml.push_str("  <asic:DataObjectReference URI=\"");
        push_uri(&mut xml, name);
        xml.push_str("\" MimeType=\"");
        push_escaped(&mut xml, media_type);
        xml.push_str("\">\n");
        xml.push_str("    <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>\n");
        xml.push_str("    <ds:DigestValue>");
        STANDARD.encode_string(sha256, &mut xml);
        xml.push_str("</ds:DigestValue>\n");
        xml.push_str("  </asic:DataObjectReference>\n");
    }
    xml.push_str("</asic:ASiCManifest>\n");
    xml.into_bytes()
}

/// RFC 3986 path: unreserved characters and the slash stand, every other octet is percent-encoded.
fn push_uri(out: &mut String, name: &str) {
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
}

fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push('?'),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_written_as_it_always_was() {
        let objects = [("délib <1>.pdf".to_owned(), "application/pdf;a=\"b\"".to_owned(), [1; 32])];
        let expected = concat!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n",
            "<asic:ASiCManifest xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\"",
            " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\n",
            "  <asic:SigReference URI=\"META-INF/evidencerecord001.ers\"/>\n",
            "  <asic:DataObjectReference URI=\"d%C3%A9lib%20%3C1%3E.pdf\"",
            " MimeType=\"application/pdf;a=&quot;b&quot;\">\n",
            "    <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>\n",
            "    <ds:DigestValue>AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=</ds:DigestValue>\n",
            "  </asic:DataObjectReference>\n",
            "</asic:ASiCManifest>\n",
        );
        assert_eq!(write_manifest("META-INF/evidencerecord001.ers", &objects), expected.as_bytes());
    }
}
