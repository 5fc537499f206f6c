//! Whose head it is: the pinned key, or the policy that also judges packs, or a C2SP tlog-policy.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::ArgMatches;
use proof::note::NoteError;
use proof::{Checkpoint, SignedNote, UnixMillis, VerifierKey};
use serde_json::{Value, json};
use verifier::LogKey;
use watch::TlogPolicy;
use watch::witness::lines_of;
use watch::{Cosigned, Witnessed};

use crate::exit;
use crate::failure::Failure;
use crate::lang::Lang;

/// Keys pinned from outside, and the witnesses asked for.
pub struct Trust {
    /// The one log; `None`: each key is that of the log it is named after.
    origin: Option<String>,
    keys: Vec<LogKey>,
    witnesses: Option<TlogPolicy>,
}

/// A head signed by a pinned key in force.
#[derive(Clone)]
pub struct Head {
    /// The signed note, verbatim.
    pub note: String,
    /// What it states.
    pub checkpoint: Checkpoint,
    /// What the witnesses of the policy said of it, when there is one.
    pub witnessed: Option<Witnessed>,
}

impl Trust {
    /// What `--policy` or `--vkey` pins, `None` when neither is given.
    ///
    /// # Errors
    /// Usage: what is given is no key and no policy. A file that cannot be read.
    pub fn of(lang: Lang, matches: &ArgMatches) -> Result<Option<Self>, Failure> {
        if let Some(vkey) = matches.get_one::<String>("vkey") {
            let key = VerifierKey::parse(vkey).map_err(|why| no_policy(lang, "--vkey", &why.to_string()))?;
            return Ok(Some(Self { origin: None, keys: vec![forever(key)], witnesses: None }));
        }
        let Some(path) = matches.get_one::<PathBuf>("policy") else { return Ok(None) };
        let bytes = std::fs::read(path).map_err(|error| Failure::reading(lang, path, &error))?;
        Self::parse(&bytes).map(Some).map_err(|why| no_policy(lang, &path.display().to_string(), &why))
    }

    /// The policy these bytes state: Tabellion's own (JSON), or a C2SP tlog-policy.
    ///
    /// # Errors
    /// In words, the first thing that is not what it should be.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if !bytes.trim_ascii_start().starts_with(b"{") {
            let text = std::str::from_utf8(bytes).map_err(|why| why.to_string())?;
            let policy = TlogPolicy::parse(text).map_err(|why| why.to_string())?;
            let keys: Vec<LogKey> = policy.logs.iter().map(|line| forever(line.key.clone())).collect();
            return Self { origin: None, keys, witnesses: Some(policy) }.with_a_key();
        }
        let policy = verifier::Policy::parse(bytes).map_err(|why| why.to_string())?;
        let json: serde_json::Value = serde_json::from_slice(bytes).map_err(|why| why.to_string())?;
        let text = json.get("witnesses").and_then(serde_json::Value::as_str).filter(|text| !text.trim().is_empty());
        let witnesses = text.map(TlogPolicy::parse).transpose().map_err(|why| format!("witnesses: {why}"))?;
        Self { origin: Some(policy.origin), keys: policy.keys, witnesses }.with_a_key()
    }

    fn with_a_key(self) -> Result<Self, String> {
        if self.keys.is_empty() { Err("no key of a log".to_owned()) } else { Ok(self) }
    }

    /// The head this note states, signed by a pinned key that is in force now.
    ///
    /// # Errors
    /// No head; another log; no signature that counts.
    pub fn head(&self, lang: Lang, note: String, now: UnixMillis) -> Result<Head, Failure> {
        let signed = SignedNote::parse(&note).map_err(|why| no_head(lang, &why.to_string()))?;
        let checkpoint = Checkpoint::parse(&signed.text).map_err(|why| no_head(lang, &why.to_string()))?;
        let ours = |key: &&LogKey| self.origin.is_some() || key.key.name() == checkpoint.origin;
        let keys: Vec<&LogKey> = self.keys.iter().filter(ours).collect();
        if self.origin.as_ref().is_some_and(|origin| *origin != checkpoint.origin) || keys.is_empty() {
            return Err(self.other_log(lang, &checkpoint.origin));
        }
        let mut refused = Failure::new(exit::SIGNATURE, "key-not-pinned", lang.text("fail.head.unsigned"));
        let mut signer = None;
        for known in keys {
            match known.key.verify(&signed) {
                Ok(()) if in_force(known, now) => signer = Some(known),
                Ok(()) => {
                    refused = Failure::new(exit::SIGNATURE, "log-key-not-in-force", lang.text("fail.head.key-date"));
                }
                Err(NoteError::NotSigned { .. }) => {}
                Err(_) => {
                    let said = lang.fill("fail.head.false", &[("key", known.key.name())]);
                    return Err(alarmed(lang, Failure::new(exit::SIGNATURE, "signature-false", said)));
                }
            }
        }
        if signer.is_none() {
            return Err(alarmed(lang, refused));
        }
        // What cannot be counted is never taken for a policy that asks for nobody.
        let witnessed = self.witnesses.as_ref().map(|policy| policy.witnessed(&signed, "")).transpose();
        let witnessed = witnessed.map_err(|why| no_head(lang, &why.to_string()))?;
        Ok(Head { note, checkpoint, witnessed })
    }

    /// This note with the lines of pinned keys only: what is kept of it must not grow, nor look new, by lines that anyone may add.
    pub fn own_lines(&self, note: &str) -> String {
        let keys: Vec<&VerifierKey> = self.keys.iter().map(|known| &known.key).collect();
        SignedNote::parse(note).map_or_else(|_| note.to_owned(), |note| lines_of(note, &keys).write())
    }

    fn other_log(&self, lang: Lang, found: &str) -> Failure {
        let names = self.keys.iter().map(|known| known.key.name());
        let pinned = self.origin.clone().unwrap_or_else(|| names.collect::<Vec<_>>().join(", "));
        let said = lang.fill("fail.head.other", &[("found", found), ("pinned", &pinned)]);
        Failure::new(exit::OTHER_LOG, "other-log", said).with_remedy(lang.text("fail.head.other.remedy"))
    }
}

impl Head {
    /// What its witnesses have said, when the policy asks for any.
    fn asked(&self) -> Option<&Witnessed> {
        self.witnessed.as_ref().filter(|witnessed| witnessed.asked)
    }

    /// The exit code of a run that found nothing else to say.
    pub fn exit(&self) -> u8 {
        if self.asked().is_none_or(|witnessed| witnessed.met) { exit::DONE } else { exit::WARNED }
    }

    /// For scripts: whether the quorum is met, and who is missing; null when nobody is asked.
    pub fn witnesses_json(&self) -> Value {
        let json = |witnessed: &Witnessed| json!({"met": witnessed.met, "missing": missing(witnessed)});
        self.asked().map_or(Value::Null, json)
    }

    /// The same for a person.
    pub fn witnesses_told(&self, lang: Lang) -> Option<String> {
        let witnessed = self.asked()?;
        let missing = missing(witnessed);
        let key = if witnessed.met { "said.monitor.met" } else { "said.monitor.unmet" };
        let total = witnessed.witnesses.len();
        let (count, total) = ((total - missing.len()).to_string(), total.to_string());
        Some(lang.fill(key, &[("count", &count), ("total", &total), ("missing", &missing.join(", "))]))
    }
}

/// Witnesses of the policy whose cosignature does not count.
fn missing(witnessed: &Witnessed) -> Vec<&str> {
    let lacking = witnessed.witnesses.iter().filter(|(_, said)| !matches!(said, Cosigned::At(_)));
    lacking.map(|(name, _)| name.as_str()).collect()
}

/// The moment of this run, for the dates of keys.
pub fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

fn forever(key: VerifierKey) -> LogKey {
    LogKey { key, from: None, until: None, compromised: None }
}

/// A key signs heads until it is retired, and never once it was known to be in foreign hands. A log that begins a little
/// early by our clock is not suspect: `from` is left to the verifier.
fn in_force(known: &LogKey, now: UnixMillis) -> bool {
    known.compromised.is_none() && known.until.is_none_or(|until| now < until)
}

fn alarmed(lang: Lang, failure: Failure) -> Failure {
    failure.with_remedy(lang.text("fail.head.remedy"))
}

fn no_policy(lang: Lang, place: &str, why: &str) -> Failure {
    let said = lang.fill("fail.pin", &[("place", place), ("why", why)]);
    Failure::new(exit::USAGE, "policy-refused", said).with_remedy(lang.text("fail.pin.remedy"))
}

fn no_head(lang: Lang, why: &str) -> Failure {
    let said = lang.fill("fail.head.none", &[("why", why)]);
    Failure::new(exit::INTERNAL, "answer-not-understood", said).with_remedy(lang.text("fail.answer.remedy"))
}
