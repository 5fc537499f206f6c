//! The evidence pack of an entry: gathered, written, and checked with the verifier before it leaves (docs/decisions/0018 says of one
//! whose time can no longer be told).

use crate::app::{App, blocking};
use crate::attestation;
use crate::auth::Authenticated;
use crate::cosigning;
use crate::deposit::Records;
use crate::disposition::attachment;
use crate::layout::{Layout, OpenFile};
use crate::limits;
use crate::lists;
use crate::pack::{PackError, PackFile, PackInput, PackSeal, lay_pack};
use crate::parameters::{Parameters, Place};
use crate::problem::{Problem, codes};
use crate::random;
use crate::read::stream;
use crate::related::{self, Related};
use crate::validation;
use archive::Scope;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use ledger::sealing::{self, BatchHead, BatchTree};
use ledger::storage::Reader;
use ledger::{Receipt, prover};
use proof::record::FileRecord;
use proof::{Checkpoint, Hash512, Index, SignedNote, TlogProof, TreeSize, UnixMillis};
use seal::{ExpectedToken, RingVerifier, SealError, Token, TokenPolicy, check_token};
use std::collections::{BTreeSet, VecDeque};
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};
use store::StoreReads;
use verifier::{FindingLine, Overall, Status, Verdict};

/// Trees of the batches asked for last: reading one goes through every entry of the batch. What is sealed never changes.
#[derive(Default)]
pub(crate) struct Trees(Mutex<VecDeque<Arc<BatchTree>>>);

impl Trees {
    fn of(&self, reads: &StoreReads, batch: u64) -> Result<Arc<BatchTree>, Problem> {
        let held = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |trees: &VecDeque<Arc<BatchTree>>| trees.iter().position(|tree| tree.head.batch == batch);
        {
            let mut trees = held();
            if let Some(tree) = known(&trees).and_then(|place| trees.remove(place)) {
                trees.push_back(Arc::clone(&tree));
                return Ok(tree);
            }
        }
        // Others read other batches meanwhile; two who read the same one find the same.
        let tree = Arc::new(BatchTree::open(reads, batch).map_err(Problem::internal)?);
        let mut trees = held();
        if known(&trees).is_none() {
            trees.push_back(Arc::clone(&tree));
        }
        if trees.len() > limits::TREES_KEPT {
            trees.pop_front();
        }
        Ok(tree)
    }
}

/// The pack of one entry, before sealing too unless `?require=sealed`.
pub(crate) async fn evidence(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
    Place(id): Place<String>,
) -> Result<Response, Problem> {
    parameters.only(&["require", "attestation", "files", "related", "lists", "tenant"])?;
    let (tenant, index) = caller.find(&app, &id, &parameters, Scope::Read)?;
    let sealed_only = match parameters.text("require") {
        None => false,
        Some("sealed") => true,
        Some(_) => return Err(parameters.unreadable("require")),
    };
    let attestation = match parameters.text("attestation") {
        None | Some("pdf") => true,
        Some("none") => false,
        Some(_) => return Err(parameters.unreadable("attestation")),
    };
    let files = parameters.text("files").map(|text| numbers(text).ok_or_else(|| parameters.unreadable("files")));
    let related = match parameters.text("related") {
        None => Related::Default,
        Some("none") => Related::None,
        Some("all") => Related::All,
        Some(_) => return Err(parameters.unreadable("related")),
    };
    let lists = match parameters.text("lists") {
        None | Some("none") => false,
        Some("all") => true,
        Some(_) => return Err(parameters.unreadable("lists")),
    };
    let asked = Asked { sealed_only, attestation, files: files.transpose()?, related, lists };
    let turn = app.packs.acquire().await.map_err(Problem::internal)?;
    let (pack, verdict) = blocking({
        let app = app.clone();
        move || build(&app, index, asked)
    })
    .await??;
    drop(turn);
    let bytes = pack.bytes();
    tracing::info!(%tenant, index = index.0, bytes, "pack served");
    let headers = [
        (CONTENT_TYPE, "application/vnd.etsi.asic-e+zip".to_owned()),
        (CONTENT_DISPOSITION, attachment(&format!("{id}.asice"))),
        (CONTENT_LENGTH, bytes.to_string()),
        (VERDICT, told(&verdict)),
    ];
    Ok(match pack.held() {
        Ok(bytes) => (headers, bytes).into_response(),
        Err(pack) => (headers, stream(pack.reader(), bytes)).into_response(),
    })
}

/// What the verifier says of the pack, in the answer.
const VERDICT: HeaderName = HeaderName::from_static("tabellion-verdict");

fn told(verdict: &Verdict) -> String {
    let reason = verdict.reason.map(|reason| format!("; reason={reason}")).unwrap_or_default();
    format!("{}{reason}", verdict.verdict.as_str())
}

/// What a pack must be.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) sealed_only: bool,
    /// With the sheet that people read.
    pub(crate) attestation: bool,
    /// The files shown, by number; all of them when nothing is said. The others are withheld, and the pack says so.
    pub(crate) files: Option<BTreeSet<u64>>,
    /// Of the act's story.
    pub(crate) related: Related,
    /// With the trusted lists that the house keeps: megabytes.
    pub(crate) lists: bool,
}

impl Asked {
    /// The proof alone: every file, no sheet, no story, no list, sealed or not.
    pub(crate) fn alone() -> Self {
        Self { sealed_only: false, attestation: false, files: None, related: Related::None, lists: false }
    }
}

/// Numbers of files, such as `1,3`: at least one, each once.
fn numbers(text: &str) -> Option<BTreeSet<u64>> {
    let mut numbers = BTreeSet::new();
    for word in text.split(',') {
        let plain = word.bytes().all(|byte| byte.is_ascii_digit());
        let number = word.parse().ok().filter(|number| plain && *number > 0)?;
        numbers.insert(number).then_some(())?;
    }
    Some(numbers)
}

/// A pack, and what the verifier says of it: large documents stay in the store, and are read again when it is given. Blocks.
pub(crate) fn build(app: &App, index: Index, asked: Asked) -> Result<(Layout, Verdict), Problem> {
    let batch = sealing::batch_of(app.reads(), index).map_err(Problem::internal)?;
    if asked.sealed_only && batch.is_none() {
        return Err(Problem::from(&codes::SEAL_PENDING).retry_after(app.seals.seconds_left()));
    }
    let sealed = batch.is_some();
    let mut input = gather(app, index, batch, asked.files.as_ref())?;
    if asked.lists && sealed {
        input.validation.extend(lists::of(app)?);
    }
    input.related = related::of(app, index, &input.entry, asked.related)?;
    if asked.attestation {
        input.attestation = Some(attested(app, index, &input)?);
    }
    let pack = lay_pack(input, limits::PACK_HELD_BYTES).map_err(|error| match error {
        // What no container of this form holds (pack-container.md).
        PackError::Container(SealError::TooLarge { what, .. }) if what.contains("container") => {
            Problem::from(&codes::PACK_TOO_LARGE).because(error)
        }
        other => Problem::from(&codes::PACK_NOT_VERIFIED).because(other),
    })?;
    let verdict = check(app, index, &pack, sealed)?;
    Ok((pack, verdict))
}

/// The sheet of a pack.
fn attested(app: &App, index: Index, input: &PackInput) -> Result<Vec<u8>, Problem> {
    let sealed = input.seal.as_ref().map(|seal| signer(app, &seal.token)).transpose()?;
    let given = attestation::Given {
        record: &input.record,
        entry: &input.entry,
        files: input.files.iter().map(|file| file.file_record.as_slice()).collect(),
        withheld: input.files.iter().filter(|file| file.open.is_none()).map(|file| file.number.0).collect(),
        sealed,
        // Nobody has judged the pack yet.
        qualified: false,
    };
    attestation::of_pack(app, index, given)
}

/// The latest moment that a token states, and the name of who signed it; what it is worth is judged with the whole pack.
fn signer(app: &App, token: &[u8]) -> Result<(UnixMillis, String), Problem> {
    let token = Token::parse(token).map_err(Problem::internal)?;
    let imprint = <[u8; 32]>::try_from(token.imprint().digest).map_err(Problem::internal)?;
    let policy = TokenPolicy::new(&app.trust.tsa_roots, token.gen_time(), &RingVerifier);
    let report = check_token(&token, &ExpectedToken::sha256(&imprint), &policy);
    let at = u64::try_from(token.gen_time().0).unwrap_or(0).saturating_add(token.accuracy_ms().unwrap_or(0));
    Ok((UnixMillis(at), report.signer.map_or_else(|| "sans nom".into(), |signer| signer.subject)))
}

/// What a stranger's verifier says of it: this is the same one. What is false never leaves. Where nothing is, and its time alone can no
/// longer be told (its authority's certificate has ended or was revoked before a newer token covered it), it leaves and says so:
/// kept back, nobody could ever judge it by what comes later. Judged now: a token of an authority whose clock is ahead of ours is let
/// through by the verifier itself.
fn check(app: &App, index: Index, pack: &Layout, sealed: bool) -> Result<Verdict, Problem> {
    let verdict = verifier::verify_source(pack, Some(&app.trust), random::now());
    let expected = if sealed { Overall::PassedTimestamped } else { Overall::PassedLogOnly };
    if verdict.verdict == expected {
        return Ok(verdict);
    }
    let reason = verdict.reason.unwrap_or("none");
    if sealed && verdict.verdict == Overall::Indeterminate && of_its_time_alone(&verdict) {
        tracing::warn!(index = index.0, reason, "the time of a pack can no longer be told");
        return Ok(verdict);
    }
    tracing::error!(index = index.0, verdict = verdict.verdict.as_str(), reason, "a pack does not verify");
    let why = format!("{} ({reason}), expected {}", verdict.verdict.as_str(), expected.as_str());
    Err(Problem::from(&codes::PACK_NOT_VERIFIED).because(why))
}

/// What a stranger says of a pack at this moment by the policy as it is published, dates of algorithms included.
pub(crate) fn as_published(app: &App, pack: &Layout, at: UnixMillis) -> Verdict {
    verifier::verify_source(pack, Some(&app.calendar.published()), at)
}

/// The built-in authority made the token under which this entry is sealed, whatever is configured today; where it is not sealed yet, it would.
pub(crate) fn by_test_authority(app: &App, index: Index) -> Result<bool, Problem> {
    let Some(batch) = sealing::batch_of(app.reads(), index).map_err(Problem::internal)? else {
        return Ok(app.authority.is_some());
    };
    let token = sealing::batch::token(app.reads(), batch.batch).map_err(Problem::internal)?;
    let token = token.ok_or_else(|| Problem::internal("the token of a batch is missing"))?;
    Ok(Token::parse(&token).map_err(Problem::internal)?.policy() == seal::TEST_POLICY)
}

/// What is not told is so of its time alone: by findings about time-stamp and algorithms.
fn of_its_time_alone(verdict: &Verdict) -> bool {
    let untold = |line: &&FindingLine| line.status == Status::Indeterminate;
    let mut untold = verdict.findings.iter().filter(untold).peekable();
    untold.peek().is_some() && untold.all(|line| matches!(line.name, "timestamp" | "algorithms"))
}

/// A pack that is attested by a sheet has passed: people read the sheet alone.
pub(crate) fn attestable(verdict: &Verdict) -> Result<(), Problem> {
    match verdict.verdict {
        Overall::Indeterminate => Err(Problem::from(&codes::ATTESTATION_UNTOLD).because(told(verdict))),
        _ => Ok(()),
    }
}

fn gather(
    app: &App,
    index: Index,
    batch: Option<BatchHead>,
    asked: Option<&BTreeSet<u64>>,
) -> Result<PackInput, Problem> {
    let receipt = prover::receipt_for(app.reads(), index).map_err(Problem::internal)?;
    let records = Records::read(app, index)?;
    let mut bytes = 0u64;
    let mut files = Vec::with_capacity(records.fs.len());
    for f in records.fs {
        let record = FileRecord::parse(&f).map_err(Problem::internal)?;
        let shown = asked.is_none_or(|asked| asked.contains(&record.number.0));
        if shown {
            bytes = bytes.saturating_add(record.size);
        }
        files.push(pack_file(app, index, record, f, shown));
    }
    let last = asked.and_then(BTreeSet::last).copied().unwrap_or(0);
    if last > files.len() as u64 {
        return Err(Problem::from(&codes::PARAMETER_UNREADABLE).at("files").detail(
            format!("l'entrée a {} fichiers, pas de n° {last}", files.len()),
            format!("the entry has {} files, no number {last}", files.len()),
        ));
    }
    if bytes > app.config.limits.pack_bytes {
        return Err((&codes::PACK_TOO_LARGE).into());
    }
    let seal = batch.as_ref().map(|batch| pack_seal(app, index, &receipt, batch)).transpose()?;
    let policy = app.policy.clone();
    let validation = batch.as_ref().map(|batch| validation::of(app, batch)).transpose()?.unwrap_or_default();
    let (size, head) = match &batch {
        Some(batch) => (batch.end, batch.checkpoint.clone()),
        None => receipt_head(&receipt)?,
    };
    let cosignatures = cosigning::cosignatures_of(app, size, &head)?;
    Ok(PackInput {
        record: receipt.record,
        entry: records.e,
        files,
        receipt: receipt.text,
        seal,
        cosignatures,
        policy,
        validation,
        related: Vec::new(),
        attestation: None,
    })
}

/// Size and note of the head under which the receipt proves its entry.
fn receipt_head(receipt: &Receipt) -> Result<(TreeSize, String), Problem> {
    let proof = TlogProof::parse(&receipt.text).map_err(Problem::internal)?;
    let note = SignedNote::parse(&proof.checkpoint).map_err(Problem::internal)?;
    let head = Checkpoint::parse(&note.text).map_err(Problem::internal)?;
    Ok((head.size, proof.checkpoint))
}

fn pack_file(app: &App, index: Index, record: FileRecord, f: Vec<u8>, shown: bool) -> PackFile {
    let (app, number) = (app.clone(), record.number);
    let open = move || -> io::Result<Box<dyn Read + Send>> {
        let opened = app.reads().open_file(index, number).map_err(|error| io::Error::other(format!("{error:?}")))?;
        let reader = opened.ok_or_else(|| io::Error::other("the file is no longer there"))?;
        Ok(Box::new(reader))
    };
    PackFile {
        number,
        name: record.name,
        size: record.size,
        file_record: f,
        open: shown.then(|| Arc::new(open) as OpenFile),
    }
}

fn pack_seal(app: &App, index: Index, receipt: &Receipt, batch: &BatchHead) -> Result<PackSeal, Problem> {
    let reads = app.reads();
    let row = reads.entry(index)?.ok_or_else(|| Problem::internal("the entry is missing"))?;
    let tree = app.trees.of(reads, batch.batch)?;
    let path = |position: u64| tree.path(reads, position).map(|(_, path)| path).map_err(Problem::internal);
    let first = batch.position_of(row.leaf.first_group);
    let first = first.ok_or_else(|| Problem::internal(format!("entry {} is outside its batch", receipt.index.0)))?;
    let token = sealing::batch::token(reads, batch.batch).map_err(Problem::internal)?;
    let groups = row.leaf.groups.len() as u64;
    let positions: Vec<u64> = (first..first + groups).chain([batch.binding_position()]).collect();
    Ok(PackSeal {
        checkpoint: batch.checkpoint.clone(),
        binding_second: batch.previous_sha256.0,
        binding_second_sha512: previous_sha512(app, batch)?.0,
        token: token.ok_or_else(|| Problem::internal("the token of a batch is missing"))?,
        consistency: prover::consistency(reads, row.commit_size, batch.end).map_err(Problem::internal)?,
        paths: (first..first + groups).map(path).collect::<Result<_, _>>()?,
        binding_path: path(batch.binding_position())?,
        renewals: app.renewals.of(reads, batch, &positions)?,
    })
}

/// SHA-512 of the token before the batch's, or for the first batch of the policy that it binds.
pub(crate) fn previous_sha512(app: &App, batch: &BatchHead) -> Result<Hash512, Problem> {
    let Some(before) = batch.batch.checked_sub(1) else { return Ok(app.first_policy_sha512) };
    let before = sealing::batch_head(app.reads(), before).map_err(Problem::internal)?;
    Ok(before.ok_or_else(|| Problem::internal("the head of a batch is missing"))?.token_sha512)
}
