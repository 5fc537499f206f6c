//! Registers: a good one, and what each single fault makes of it, found with its code and its place.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{Files, vector};
use crate::register_faults::{Good, faults};
use crate::register_log::{AT, Log, tenant};

pub const SPECIFICATIONS: [&str; 3] =
    ["docs/formats/register.md", "docs/formats/seal-leaf-and-batch.md", "docs/formats/policy.md"];

/// The good ones, which hold tokens nobody can make twice: kept, and read back.
const GOOD: [&str; 3] = ["register/good.register", "register/other-tenant.register", "register/older.register"];
const POLICY: &str = "register/policy.json";

/// A log of three tenants sealed twice, by an authority made anew.
pub fn new_registers() -> Files {
    let mut log = Log::new();
    log.deposit(3);
    log.seal();
    let older = log.register(tenant(1));
    log.deposit(3);
    log.seal();
    log.deposit(1);
    let texts = [log.register(tenant(1)), log.register(tenant(2)), older];
    let mut files: Files = GOOD.map(str::to_owned).into_iter().zip(texts.map(String::into_bytes)).collect();
    let mut policy = serde_json::to_vec_pretty(&log.policy()).unwrap_or_default();
    policy.push(b'\n');
    files.insert(POLICY.to_owned(), policy);
    files
}

/// The good registers whole, the others by their first difference from the good one.
///
/// # Errors
/// The good registers are not there.
pub fn vectors(folder: &Path) -> Result<Vec<Value>> {
    let read = |name: &str| {
        std::fs::read_to_string(folder.join(name)).with_context(|| format!("{name}: `vectors --new-tokens`"))
    };
    let good = Good { register: read(GOOD[0])?, other: read(GOOD[1])?, older: read(GOOD[2])? };
    let mut all = Vec::new();
    for (name, base) in [("good", GOOD[0]), ("of-another-tenant", GOOD[1]), ("older", GOOD[2])] {
        let expected = json!({"verdict": "valid", "code": null, "place": null, "exit_code": 0});
        all.push(vector(name, None, expected, parts(base, &json!(null))));
    }
    for fault in faults(&good) {
        let name = fault.name.replace([' ', '\''], "-");
        let cannot = matches!(fault.code, "unreadable" | "register-version" | "unknown-version");
        let verdict = if cannot { "cannot-tell" } else { "invalid" };
        let exit = match fault.code {
            "unreadable" => 5,
            _ if cannot => 3,
            _ => 1,
        };
        let expected = json!({"verdict": verdict, "code": fault.code, "place": fault.place, "exit_code": exit});
        all.push(vector(&name, Some(&name), expected, parts(GOOD[0], &change(&good.register, &fault.text))));
    }
    Ok(all)
}

fn parts(base: &str, change: &Value) -> Value {
    json!({"base": base, "change": change, "policy": POLICY, "at": AT})
}

/// How many lines stay at the beginning and at the end, and what stands between them instead. Lines keep their newlines.
fn change(from: &str, to: &str) -> Value {
    let [old, new] = [from, to].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    json!({"keep_first": head, "keep_last": tail, "between": new[head..new.len() - tail].concat()})
}

/// The register a vector is about.
///
/// # Errors
/// The base is not there, or has fewer lines than are kept.
pub fn text(folder: &Path, vector: &Value) -> Result<String> {
    let base = vector["base"].as_str().context("no base")?;
    let base = std::fs::read_to_string(folder.join(base)).with_context(|| base.to_owned())?;
    let change = &vector["change"];
    if change.is_null() {
        return Ok(base);
    }
    let lines: Vec<&str> = base.split_inclusive('\n').collect();
    let kept = |name: &str| change[name].as_u64().and_then(|n| usize::try_from(n).ok()).context(name.to_owned());
    let (first, last) = (kept("keep_first")?, kept("keep_last")?);
    let head = lines.get(..first).context("keep_first")?;
    let tail = lines.len().checked_sub(last).and_then(|from| lines.get(from..)).context("keep_last")?;
    Ok([&head.concat(), change["between"].as_str().context("between")?, &tail.concat()].concat())
}
