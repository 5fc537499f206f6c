//! Shows what a file says of itself, without judging: nothing printed here is a verdict, and the word "valid" cannot be.

use proof::record::LogRecord;
use proof::time::format_rfc3339;
use proof::{Checkpoint, SignedNote, TlogProof};
use seal::{Container, EvidenceRecord, Token, read_token};
use serde_json::Value;

use crate::vitam;

const HEADER: &str = "Montré sans être jugé. / Shown, not judged.\n";

/// What these bytes say.
pub fn shown(bytes: &[u8]) -> String {
    let said = pack(bytes)
        .or_else(|| vitam::shown(bytes))
        .or_else(|| piece(bytes))
        .unwrap_or_else(|| format!("{} bytes\n", bytes.len()));
    neutral(&format!("{HEADER}{said}"))
}

/// Nobody may take a name or a text inside the file for our word: control characters and the two words of a verdict go.
fn neutral(text: &str) -> String {
    let mut out: String = text.chars().map(|c| if c.is_control() && c != '\n' { '?' } else { c }).collect();
    for word in ["valid", "passed"] {
        // ASCII lower-casing keeps every byte's place.
        while let Some(at) = out.to_ascii_lowercase().find(word) {
            out.replace_range(at..at + word.len(), "…");
        }
    }
    out
}

fn pack(bytes: &[u8]) -> Option<String> {
    let container = Container::parse(bytes).ok()?;
    let mut out = String::from("ASiC-E\n");
    for name in container.names() {
        out.push_str(&format!("  {name}\n"));
    }
    for name in ["unit/R.json", "META-INF/tabellion/receipt.tlog-proof", "META-INF/tabellion/token.tst"] {
        if let Some(said) = container.read(name).ok().and_then(|bytes| piece(&bytes)) {
            out.push_str(&format!("\n{name}\n{said}"));
        }
    }
    Some(out)
}

fn piece(bytes: &[u8]) -> Option<String> {
    if let Ok(token) = read_token(bytes) {
        return Some(self::token(&token));
    }
    if let Ok(record) = EvidenceRecord::parse(bytes) {
        let mut out = String::from("EvidenceRecord (RFC 4998)\n");
        for hash in record.first_list() {
            out.push_str(&format!("  {}\n", proof::hash::encode_hex(hash)));
        }
        let token = record.token().map(self::token).unwrap_or_default();
        return Some(out + &token);
    }
    let text = std::str::from_utf8(bytes).ok()?;
    if let Ok(proof) = TlogProof::parse(text) {
        let head = note(&proof.checkpoint).unwrap_or_default();
        return Some(format!("tlog-proof\n  index {}, {} hashes\n{head}", proof.index.0, proof.path.len()));
    }
    if let Ok(record) = LogRecord::parse(bytes) {
        return Some(format!(
            "R\n  id {}\n  tenant {}\n  sequence {}\n  received_at {}\n  kind {}\n",
            record.id,
            record.tenant,
            record.sequence.0,
            format_rfc3339(record.received_at),
            record.kind.as_str()
        ));
    }
    note(text).or_else(|| Some(format!("JSON\n{:#}\n", serde_json::from_str::<Value>(text).ok()?)))
}

fn note(text: &str) -> Option<String> {
    let note = SignedNote::parse(text).ok()?;
    let head = Checkpoint::parse(&note.text).ok()?;
    let names: Vec<&str> = note.signatures.iter().map(|line| line.name.as_str()).collect();
    let (origin, size, root) = (head.origin, head.size.0, head.root);
    Some(format!("checkpoint\n  {origin}\n  size {size}\n  root {root}\n  signature lines: {}\n", names.join(", ")))
}

/// What a token says.
pub fn token(token: &Token) -> String {
    let imprint = token.imprint();
    format!(
        "TimeStampToken (RFC 3161)\n  genTime {}\n  accuracy {}\n  ordering {}\n  imprint {} {}\n  policy {}\n  serial {}\n  nonce {}\n  \
         certificates {}\n  revocation {}\n  DER {}\n",
        token.gen_time(),
        token.accuracy_ms().map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms")),
        token.ordering(),
        imprint.algorithm,
        proof::hash::encode_hex(imprint.digest),
        token.policy(),
        proof::hash::encode_hex(token.serial()),
        token.nonce().map_or_else(|| "-".to_owned(), proof::hash::encode_hex),
        token.certificates().len(),
        token.revocation().len(),
        token.strict().is_ok()
    )
}
