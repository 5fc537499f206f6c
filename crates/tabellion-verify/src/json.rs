//! The JSON form of a verdict (docs/formats/verdict.schema.json).

use proof::time::format_rfc3339;
use serde_json::{Value, json};
use verifier::{Anchor, FindingLine, Lang, Sealed, Verdict};

/// What the JSON form calls itself.
const SCHEMA: &str = "urn:tabellion:verdict:1";

/// The verdict as programs read it.
pub fn to_json(verdict: &Verdict, lang: Lang) -> Value {
    let line = |l: &FindingLine| {
        json!({"name": l.name, "status": l.status.as_str(), "code": l.code, "message": l.message(lang),
                "where": l.where_, "warning": l.warning})
    };
    let time = |t: &Sealed| json!({"not_after": format_rfc3339(t.not_after), "authority": t.authority, "qualified": t.qualified});
    let anchor = |a: &Anchor| json!({"kind": a.kind, "sha256": a.sha256.to_string()});
    let of = verdict.record.as_ref();
    let (id, tenant) = (of.map(|r| r.id.to_string()), of.map(|r| r.tenant.to_string()));
    let (index, sequence) = (verdict.index.map(|i| i.0), of.map(|r| r.sequence.0));
    json!({
        "schema": SCHEMA, "verdict": verdict.verdict.as_str(), "reason": verdict.reason,
        "exit_code": verdict.exit_code(), "sentences": verdict.sentences(lang),
        "subject": {"id": id, "tenant": tenant, "index": index, "sequence": sequence},
        "time": verdict.time.as_ref().map(time), "anchors": verdict.anchors.iter().map(anchor).collect::<Vec<_>>(),
        "findings": verdict.findings.iter().map(line).collect::<Vec<_>>(),
    })
}
