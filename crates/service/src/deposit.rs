//! `POST /v1/deposits`: a document's way in, one function a step.
//!
//! authenticate → tenant → receive (stream to the spool, hash) → recognise (seen before?) → read the flow → records and
//! encryption → sequence (order, durable, signed) → answer. A crash before `sequence` answered leaves nothing the log
//! knows of; a crash after it leaves the entry, and the same idempotency key gives the same receipt.

mod accounted;
mod answer;
mod asked;
mod classification;
mod members;
mod receive;
mod refused;
mod story;

pub(crate) use answer::{Acknowledged, Records, Shown, Statuses, executory_of, facts_json, json_of, status_of};
pub(crate) use receive::{small, small_json, small_json_up_to, small_up_to};
pub(crate) use refused::{purge, read as read_refused};
pub(crate) use story::{Story, Told, story};

use crate::antivirus::Judged;
use crate::app::{App, blocking};
use crate::auth::Authenticated;
use crate::entry::{self, NewFile, Submitted};
use crate::language::Language;
use crate::parameters::Parameters;
use crate::problem::{Problem, codes, finding_json};
use crate::random::today;
use crate::signatures::SignaturesNow;
use answer::Outcome;
use archive::Scope;
use asked::Asked;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use flow::{Declared, Flow, FlowKind, Incoming};
use ledger::storage::Reader;
use ledger::{Answer, prover};
use members::Members;
use proof::TenantId;
use proof::hash::encode_hex;
use proof::record::Kind;
use receive::Received;
use refused::{Found, Keep};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{self, Read};
use store::Spooled;

/// Accepts a deposit and answers with its receipt.
pub(crate) async fn deposit(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    parameters.only(&["tenant", "kind", "name", "on_duplicate"])?;
    let tenant = caller.tenant(&app, &parameters, Scope::Deposit)?;
    app.rates.admit(&caller.1)?;
    app.space.admit()?;
    let asked = Asked::read(tenant, &parameters, &headers)?;
    let received = receive::receive(&app, &headers, &parameters, body).await?;
    let light = asked.declared == Declared::File && received.is_light() && app.antivirus.is_none();
    let prepared = if light {
        // Nothing of it is opened, nothing of it is on disk: done sooner than handed to another thread.
        prepare(&app, asked, received, Look::Later)?
    } else {
        let _turn = app.readers.acquire().await.map_err(Problem::internal)?;
        let app = app.clone();
        blocking(move || prepare(&app, asked, received, Look::First)).await??
    };
    let outcome = match prepared {
        // `_share` is held until the commit: its bytes are in the queue.
        Prepared::Entry(entry, _share) => sequence(&app, *entry).await?,
        Prepared::Known(outcome) => *outcome,
    };
    if outcome.is_at_hand() {
        return answer::respond(&app, outcome);
    }
    blocking(move || answer::respond(&app, outcome)).await?
}

/// What is left to do once the bytes are read.
enum Prepared {
    /// Ready for the log.
    Entry(Box<Submitted>, crate::app::Share),
    /// The same request came before.
    Known(Box<Outcome>),
}

/// Whether a request is looked for among those that came before, before it is made ready for the log.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Making it ready is dear.
    First,
    /// The sequencer will look anyway: whether it came before is told after the little work it is.
    Later,
}

/// Everything between the last byte and the queue. Blocks, unless the deposit is light.
fn prepare(app: &App, asked: Asked, received: Received, look: Look) -> Result<Prepared, Problem> {
    let Received { files, description, share } = received;
    let mut spooled = Vec::with_capacity(files.len());
    for mut file in files {
        let (name, media_type) = (std::mem::take(&mut file.name), file.media_type.take());
        spooled.push(SpooledFile { name, media_type, spooled: file.finish()? });
    }
    let keys = asked.keys(app.vault(), &spooled, description.as_deref());
    if look == Look::First
        && let Some(outcome) = recognise(app, asked.tenant, &keys)?
    {
        return Ok(Prepared::Known(Box::new(outcome)));
    }
    let judged = examine(app, asked.tenant, &spooled)?;
    let mut members = Members::new(app.vault(), share);
    let flow = read_flow(&app.signatures, &spooled, asked.declared, description.as_deref(), &mut members);
    let (members, share) = members.end()?;
    let mut flow = flow?;
    if flow.kind == FlowKind::Seda {
        flow.control(&app.config.seda.of(asked.tenant), &today());
        let judge = |files: &mut [Incoming<'_>]| app.profiles.judge(asked.tenant, &flow, &today(), files);
        let said = reopened(&spooled, judge)?;
        said.iter().for_each(|said| flow.profiled(said));
    }
    if let Some(judged) = judged {
        flow.findings.extend(judged.findings);
        flow.facts.insert("antivirus".into(), judged.fact);
    }
    if !flow.outcome().is_accepted() {
        let replies = flow::seda::reply::replies(&flow, &proof::time::format_rfc3339(crate::random::now()));
        let found = Found { findings: &flow.findings, replies: replies.as_ref() };
        let kept = refused::keep(app, asked.tenant, found, (&spooled, Keep::Bytes));
        return Err(Problem::refused(flow.findings).kept_as(kept));
    }
    classification::classify(app, asked.tenant, &mut flow)?;
    flow.deposited_on(&today());
    let ready = record(app, &asked, keys, flow, arrange(spooled, members))?;
    Ok(Prepared::Entry(Box::new(ready), share))
}

/// What the antivirus says, where there is one: before anything of the deposit is read. What it knows something in is refused, and not kept.
fn examine(app: &App, tenant: TenantId, spooled: &[SpooledFile]) -> Result<Option<Judged>, Problem> {
    let Some(antivirus) = &app.antivirus else {
        return Ok(None);
    };
    let judged = antivirus.judge(spooled)?;
    if judged.refuses() {
        let found = Found { findings: &judged.findings, replies: None };
        let kept = refused::keep(app, tenant, found, (spooled, Keep::Findings));
        return Err(Problem::refused(judged.findings).kept_as(kept));
    }
    Ok(Some(judged))
}

/// A file of the deposit, whole.
pub(crate) struct SpooledFile {
    pub(crate) name: Vec<u8>,
    media_type: Option<String>,
    pub(crate) spooled: Spooled,
}

/// The answer given before to this request, if it came before. The sequencer looks again, at the batch under way too.
fn recognise(app: &App, tenant: TenantId, keys: &asked::Keys) -> Result<Option<Outcome>, Problem> {
    let Some(request) = keys.request else {
        return Ok(None);
    };
    let Some((digest, index)) = app.reads().request(tenant, &request.key)? else {
        return Ok(None);
    };
    if digest != request.digest {
        return Err((&codes::IDEMPOTENCY_MISMATCH).into());
    }
    let receipt = prover::receipt_for(app.reads(), index).map_err(Problem::internal)?;
    Ok(Some(Outcome::stored(Answer::Repeated(receipt))))
}

/// What was spooled, read for the flow; that it could not be is remembered. It is a fault of ours, and no document is refused for it.
struct Noted<'a> {
    inner: Box<dyn Read + 'a>,
    failed: &'a RefCell<Option<io::Error>>,
}

impl Read for Noted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.inner.read(into).map_err(|error| note(self.failed, error))
    }
}

/// The first error is kept; the flow is given another in its place.
fn note(failed: &RefCell<Option<io::Error>>, error: io::Error) -> io::Error {
    let kind = error.kind();
    if kind != io::ErrorKind::Interrupted {
        failed.borrow_mut().get_or_insert(error);
    }
    kind.into()
}

fn open<'a>(file: &'a SpooledFile, failed: &'a RefCell<Option<io::Error>>) -> io::Result<Box<dyn Read + 'a>> {
    let opened = file.spooled.open().map_err(|error| note(failed, io::Error::other(error)))?;
    Ok(Box::new(Noted { inner: Box::new(opened), failed }))
}

/// The flow as it reads. The error is of our own disk: the deposit is to be asked for again.
fn read_flow(
    judge: &SignaturesNow,
    files: &[SpooledFile],
    declared: Declared,
    description: Option<&[u8]>,
    members: &mut Members<'_>,
) -> Result<Flow, Problem> {
    let how = (&flow::Limits::default(), judge as &dyn flow::SignatureJudge);
    reopened(files, |incoming| flow::read(incoming, declared, description, members, how))
}

/// What is told of these files, opened anew as often as the reader wants. The error is of our own disk.
fn reopened<T>(files: &[SpooledFile], told: impl FnOnce(&mut [Incoming<'_>]) -> T) -> Result<T, Problem> {
    let noted = RefCell::new(None);
    let failed = &noted;
    let mut opens: Vec<_> = files.iter().map(|file| move || open(file, failed)).collect();
    let mut incoming: Vec<Incoming<'_>> = files
        .iter()
        .zip(&mut opens)
        .map(|(file, open)| Incoming {
            name: &file.name,
            media_type: file.media_type.as_deref(),
            size: file.spooled.size,
            open,
        })
        .collect();
    let told = told(&mut incoming);
    match noted.take() {
        Some(source) => Err(store::VaultError::Io { action: "read what was spooled", source }.into()),
        None => Ok(told),
    }
}

/// A file and where it came from: itself, or a container.
struct Arranged {
    name: Vec<u8>,
    /// Place of its facts in `Flow::files`.
    facts: usize,
    /// Place of its container in the arranged list.
    parent: Option<usize>,
    spooled: Spooled,
}

/// Each file followed by its members: the order of their numbers.
fn arrange(files: Vec<SpooledFile>, members: Vec<members::Member>) -> Vec<Arranged> {
    let count = files.len();
    let mut members: Vec<_> = members.into_iter().enumerate().map(Some).collect();
    let mut arranged = Vec::new();
    for (place, file) in files.into_iter().enumerate() {
        let container = arranged.len();
        arranged.push(Arranged { name: file.name, facts: place, parent: None, spooled: file.spooled });
        for slot in &mut members {
            if let Some((at, member)) = slot.take_if(|(_, member)| member.parent == place) {
                let (name, spooled) = (member.name, member.spooled);
                arranged.push(Arranged { name, facts: count + at, parent: Some(container), spooled });
            }
        }
    }
    arranged
}

/// `F`s, `E`, encryption, and the keys under which the entry will be found.
fn record(
    app: &App,
    asked: &Asked,
    keys: asked::Keys,
    flow: Flow,
    arranged: Vec<Arranged>,
) -> Result<Submitted, Problem> {
    let new_file = |file: Arranged| {
        let facts = flow.files.get(file.facts);
        NewFile {
            parent: file.parent,
            name: file.name,
            media_type: facts.map_or_else(|| "application/octet-stream".into(), |f| f.media_type.clone()),
            role: facts.map_or("fichier", |facts| facts.role),
            spooled: file.spooled,
        }
    };
    let files: Vec<NewFile> = arranged.into_iter().map(new_file).collect();
    let mut facts = facts_of(&flow);
    facts.extend(main_digest(&flow, &files).map(|(fact, digest)| (fact.to_owned(), json!(digest))));
    listed_digests(&mut facts, &files);
    let findings = flow.findings.iter().map(kept_finding).collect();
    let built = entry::build(app.vault(), Kind::Deposit, facts, findings, files)?;
    let mut ready = built.submission(asked.tenant, Kind::Deposit)?;
    let submission = &mut ready.submission;
    submission.request = keys.request;
    submission.content = Some(keys.content);
    submission.allow_duplicate = asked.allow_duplicate;
    let lookup = |id: &flow::Identifier| app.vault().lookup(asked.tenant, id.scheme, id.value.as_bytes());
    submission.lookups = flow.identifiers.iter().map(lookup).collect();
    Ok(ready)
}

/// SHA-256 of the document of the act described, or of the flow sent to the Treasury, where it is certain which that is: by it two deposits of one
/// name are told apart, or known to be the same.
fn main_digest(flow: &Flow, files: &[NewFile]) -> Option<(&'static str, String)> {
    let (fact, role) = match (flow.kind, flow.message.as_deref()) {
        (FlowKind::Actes, Some("1-1")) => ("empreinte_acte", "acte"),
        (FlowKind::Pes, Some("PES_Aller")) => ("empreinte_flux", "flux"),
        _ => return None,
    };
    let mut those = files.iter().filter(|file| file.role == role);
    let (Some(one), None) = (those.next(), those.next()) else { return None };
    Some((fact, encode_hex(&one.spooled.sha256.0)))
}

/// The same of each act among several messages, in the place of the name of its file. Where several files of that name differ, which one it is
/// cannot be told: a word that is no digest, and that of no other, stands for it.
fn listed_digests(facts: &mut Map<String, Value>, files: &[NewFile]) {
    let messages = facts.get_mut("messages").and_then(Value::as_array_mut).into_iter().flatten();
    for (rank, message) in messages.filter_map(Value::as_object_mut).enumerate() {
        let Some(name) = message.remove("fichier_acte").as_ref().and_then(Value::as_str).map(str::to_owned) else {
            continue;
        };
        let called = |file: &&NewFile| file.name.rsplit(|byte| *byte == b'/').next() == Some(name.as_bytes());
        let digests: BTreeSet<String> =
            files.iter().filter(called).map(|file| encode_hex(&file.spooled.sha256.0)).collect();
        let told = match digests.len() {
            0 => continue,
            1 => digests.into_iter().next().unwrap_or_default(),
            _ => format!("incertaine-{rank}"),
        };
        message.insert("empreinte_acte".to_owned(), json!(told));
    }
}

/// What `E` says: the flow's own facts, and what they were read as.
fn facts_of(flow: &Flow) -> Map<String, Value> {
    let mut facts = flow.facts.clone();
    facts.insert("flow".into(), json!(flow.kind.as_str()));
    if let Some(message) = &flow.message {
        facts.entry("message").or_insert_with(|| json!(message));
    }
    facts
}

/// A finding as `E` keeps it: in French, the archive's language.
fn kept_finding(finding: &flow::Finding) -> Value {
    finding_json(finding, Language::French)
}

/// Orders the entry and waits until it is durable, integrated and signed.
async fn sequence(app: &App, ready: Submitted) -> Result<Outcome, Problem> {
    let Submitted { submission, entry, fs } = ready;
    let records = Records { e: submission.entry_bytes.clone(), fs };
    let (told, hear) = tokio::sync::oneshot::channel();
    let reply = Box::new(move |answer| {
        let _ = told.send(answer);
    });
    app.office.sequencer.submit(submission, reply);
    let answer = hear.await.map_err(|_| Problem::from(&codes::STOPPED).retry_after(10))??;
    Ok(match answer {
        Answer::Logged(_) => Outcome::fresh(answer, records, entry),
        Answer::Repeated(_) | Answer::Duplicate(_) => Outcome::stored(answer),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use store::{Store, StoreOptions};

    #[test]
    fn a_disk_that_does_not_give_back_what_was_spooled_refuses_no_document() {
        let dir = tempfile::tempdir().unwrap();
        let options = StoreOptions::new(dir.path().join("store"), dir.path().join("master.key"));
        Store::create(&options).unwrap();
        let store = Store::open(&options).unwrap();
        let vault = store.vault();
        let mut writer = vault.spool().unwrap();
        writer.write_all(&vec![7; usize::try_from(store::limits::INLINE_LIMIT).unwrap() + 1]).unwrap();
        let file = SpooledFile { name: b"acte.xml".to_vec(), media_type: None, spooled: writer.finish().unwrap() };
        let files = [file];
        let memory = crate::app::Memory::of(1 << 30);
        let read = || {
            let mut members = Members::new(&vault, memory.share());
            read_flow(&SignaturesNow::default(), &files, Declared::Actes, None, &mut members)
        };
        assert!(!read().unwrap().outcome().is_accepted(), "it is no act, and that is said of the document");
        let ahead = dir.path().join("store/ahead");
        for file in std::fs::read_dir(ahead).unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
        assert_eq!(read().unwrap_err().code(), "not-written");
    }
}
