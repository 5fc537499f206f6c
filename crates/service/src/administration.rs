//! Tenants and tokens: an administration entry in the platform's chain for a tenant, a row for a token.

use crate::entry::{self, BuildError, NewFile};
use crate::error::ServiceError;
use crate::random;
use archive::{Attributes, Caller, NumberError, Secret, Siren, Siret, TenantKey, TenantNumber, TenantRow, TokenRow};
use ledger::storage::{Put, Reader, RequestKey};
use ledger::{Answer, Refusal, Sequencer, Submission, spaces};
use proof::record::Kind;
use proof::time::format_rfc3339;
use proof::{EntryId, Hash, TenantId};
use serde_json::{Map, Value, json};
use std::io::Write;
use store::{SealedParts, StoreReads, Vault};

/// Domain of the look-up by which a tenant's administration entries are found.
const LOOKUP: &str = "tenant";

/// What administration needs of an open store.
#[derive(Clone)]
pub(crate) struct Office {
    pub(crate) reads: StoreReads,
    pub(crate) vault: Vault,
    pub(crate) sequencer: Sequencer<SealedParts>,
}

/// A tenant as it was added.
pub(crate) struct Added {
    pub(crate) id: TenantId,
    pub(crate) slot: u64,
    pub(crate) receipt: ledger::Receipt,
}

/// Exactly one of the two numbers, checked.
pub(crate) fn one_number(siren: Option<&str>, siret: Option<&str>) -> Result<TenantNumber, ServiceError> {
    let read: Result<TenantNumber, NumberError> = match (siren, siret) {
        (Some(siren), None) => Siren::parse(siren).map(TenantNumber::Siren),
        (None, Some(siret)) => Siret::parse(siret).map(TenantNumber::Siret),
        _ => return Err(ServiceError::OneNumber),
    };
    read.map_err(ServiceError::Number)
}

impl Office {
    /// The log's first entry: the published policy, the platform's row, the first token. Blocks.
    pub(crate) fn open_log(&self, policy: &[u8], admin: &Secret) -> Result<(), ServiceError> {
        let file = self.file("policy.json", "application/json", policy)?;
        let mut facts = Map::new();
        facts.insert("administration".into(), json!("log-opened"));
        facts.insert("policy_sha256".into(), json!(proof::sha256(policy).to_string()));
        let mut submission = self.administration(facts, vec![file])?;
        let attributes = Attributes { from: format_rfc3339(random::now()), name: "plateforme".into(), number: None };
        submission.puts.push(tenant_put(TenantId::PLATFORM, &TenantRow { slot: 0, attributes: vec![attributes] })?);
        submission
            .puts
            .push(token_put(admin, Caller { tenants: archive::Tenants::All, scopes: archive::Scopes::all() }));
        self.submit(submission).map(|_| ())
    }

    /// A tenant of this name and number stands in the log. Blocks. Two calls must not run at once.
    pub(crate) fn add_tenant(&self, name: &str, number: TenantNumber) -> Result<Added, ServiceError> {
        let name = archive::check_name(name).ok_or(ServiceError::Name)?;
        let rows = self.tenants()?;
        let same = |row: &TenantRow| row.current().is_some_and(|now| now.number.as_ref() == Some(&number));
        if let Some((id, _)) = rows.iter().find(|(_, row)| same(row)) {
            return Err(ServiceError::TenantExists(*id));
        }
        let id = TenantId(random::bytes()?);
        let attributes = vec![Attributes { from: format_rfc3339(random::now()), name, number: Some(number) }];
        let mut row = TenantRow { slot: rows.len() as u64, attributes };
        loop {
            let mut facts = Map::new();
            facts.insert("administration".into(), json!("tenant-added"));
            facts.insert("tenant".into(), json!(id.to_string()));
            facts.insert("slot".into(), json!(row.slot));
            facts.insert("attributes".into(), row.to_json()["attributes"].clone());
            let mut submission = self.administration(facts, Vec::new())?;
            submission.lookups.push(self.vault.lookup(TenantId::PLATFORM, LOOKUP, &id.0));
            submission.puts.push(tenant_put(id, &row)?);
            match self.submit(submission) {
                Ok(answer) => {
                    return Ok(Added { id, slot: row.slot, receipt: answer.receipt().clone() });
                }
                // Slots are the ledger's: it says which one comes next.
                Err(ServiceError::Refused(Refusal::TenantSlot { expected, .. })) if expected != row.slot => {
                    row.slot = expected;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// An operator's word that the clock is right stands in the log. Blocks.
    pub(crate) fn clock_accepted(&self, clock: &str, last: &str) -> Result<ledger::Receipt, ServiceError> {
        let mut facts = Map::new();
        facts.insert("administration".into(), json!("clock-accepted"));
        facts.insert("clock".into(), json!(clock));
        facts.insert("last_commit".into(), json!(last));
        self.log(facts)
    }

    /// An administration entry that says this stands in the platform's chain. Blocks.
    pub(crate) fn log(&self, facts: Map<String, Value>) -> Result<ledger::Receipt, ServiceError> {
        self.log_with(facts, Vec::new(), Vec::new(), None)
    }

    /// An administration entry that says this, with these files, stands in the platform's chain, and these changes of state with it; under
    /// this id, or one of its own. Blocks.
    pub(crate) fn log_with(
        &self,
        facts: Map<String, Value>,
        files: Vec<NewFile>,
        puts: Vec<Put>,
        id: Option<EntryId>,
    ) -> Result<ledger::Receipt, ServiceError> {
        let mut submission = self.administration(facts, files)?;
        (submission.puts, submission.id) = (puts, id.unwrap_or(submission.id));
        Ok(self.submit(submission)?.receipt().clone())
    }

    /// A file of an administration entry.
    pub(crate) fn file(&self, name: &str, media_type: &str, bytes: &[u8]) -> Result<NewFile, ServiceError> {
        let mut writer = self.vault.spool().map_err(|e| ServiceError::Entry(e.to_string()))?;
        writer.write_all(bytes).map_err(|e| ServiceError::Entry(e.to_string()))?;
        let spooled = writer.finish().map_err(|e| ServiceError::Entry(e.to_string()))?;
        let (name, media_type) = (name.as_bytes().to_vec(), media_type.to_owned());
        Ok(NewFile { parent: None, name, media_type, role: "fichier", spooled })
    }

    /// A token of this caller is stored; its secret is the answer. Blocks.
    pub(crate) fn add_token(&self, caller: Caller) -> Result<Secret, ServiceError> {
        if let archive::Tenants::Some(tenants) = &caller.tenants {
            for TenantKey(id) in tenants {
                self.tenant(TenantId(*id))?.ok_or_else(|| ServiceError::UnknownTenant(TenantId(*id).to_string()))?;
            }
        }
        let secret = Secret::from_random(&random::bytes()?);
        self.state(vec![token_put(&secret, caller)])?;
        Ok(secret)
    }

    /// These changes of state are durable and published. Blocks.
    pub(crate) fn state(&self, puts: Vec<Put>) -> Result<(), ServiceError> {
        let (told, hear) = std::sync::mpsc::channel();
        let reply = Box::new(move |answer| {
            let _ = told.send(answer);
        });
        self.sequencer.state(puts, reply);
        heard(hear.recv())
    }

    /// The row of a tenant.
    pub(crate) fn tenant(&self, id: TenantId) -> Result<Option<TenantRow>, ServiceError> {
        tenant_row(&self.reads, id).map_err(ServiceError::Read)
    }

    /// Every tenant, the platform included.
    pub(crate) fn tenants(&self) -> Result<Vec<(TenantId, TenantRow)>, ServiceError> {
        tenant_rows(&self.reads).map_err(ServiceError::Read)
    }

    /// An administration entry that says this stands in the platform's chain; asked again under the same key, the one that stands.
    pub(crate) fn log_fact(&self, facts: Map<String, Value>, key: [u8; 32]) -> Result<(), ServiceError> {
        self.log_once(facts, key).map(drop)
    }

    /// The same, with its receipt.
    pub(crate) fn log_once(&self, facts: Map<String, Value>, key: [u8; 32]) -> Result<ledger::Receipt, ServiceError> {
        let mut submission = self.administration(facts, Vec::new())?;
        submission.request = Some(RequestKey { key, digest: key });
        Ok(self.submit(submission)?.receipt().clone())
    }

    fn administration(
        &self,
        facts: Map<String, Value>,
        files: Vec<NewFile>,
    ) -> Result<Submission<SealedParts>, ServiceError> {
        let wrong = |error: BuildError| ServiceError::Entry(error.to_string());
        let built = entry::build(&self.vault, Kind::Administration, facts, Vec::new(), files).map_err(wrong)?;
        let submission = built.submission(TenantId::PLATFORM, Kind::Administration).map_err(wrong)?.submission;
        Ok(submission)
    }

    /// Waits for what became of it. Blocks.
    pub(crate) fn submit(&self, submission: Submission<SealedParts>) -> Result<Answer, ServiceError> {
        let (told, hear) = std::sync::mpsc::channel();
        let reply = Box::new(move |answer| {
            let _ = told.send(answer);
        });
        self.sequencer.submit(submission, reply);
        heard(hear.recv())
    }
}

fn heard<T>(answer: Result<Result<T, Refusal>, std::sync::mpsc::RecvError>) -> Result<T, ServiceError> {
    match answer {
        Ok(answer) => answer.map_err(ServiceError::Refused),
        Err(_) => Err(ServiceError::Stopped("the sequencer ended without an answer".into())),
    }
}

/// The row of a tenant, read from the store.
pub(crate) fn tenant_row(reads: &StoreReads, id: TenantId) -> Result<Option<TenantRow>, String> {
    let bytes = reads.value(spaces::TENANTS, &id.0).map_err(|error| format!("{error:?}"))?;
    bytes.map(|bytes| TenantRow::parse(&bytes).map_err(|error| error.to_string())).transpose()
}

/// Every tenant's row.
pub(crate) fn tenant_rows(reads: &StoreReads) -> Result<Vec<(TenantId, TenantRow)>, String> {
    let rows = reads.values(spaces::TENANTS, &[]).map_err(|error| format!("{error:?}"))?;
    let read = |(key, bytes): (Vec<u8>, Vec<u8>)| {
        let id = <[u8; 16]>::try_from(key).map_err(|_| "a tenant's key is not 16 bytes".to_owned())?;
        Ok((TenantId(id), TenantRow::parse(&bytes).map_err(|error| error.to_string())?))
    };
    rows.into_iter().map(read).collect()
}

fn tenant_put(id: TenantId, row: &TenantRow) -> Result<Put, ServiceError> {
    let row = ledger::json::to_canonical(&row.to_json(), proof::limits::RECORD_BYTES);
    let row = row.map_err(|why| ServiceError::Entry(why.to_string()))?;
    Ok(Put { space: spaces::TENANTS, key: id.0.to_vec(), value: Some(row.text().as_bytes().to_vec()) })
}

fn token_put(secret: &Secret, caller: Caller) -> Put {
    let row = TokenRow { caller, created: format_rfc3339(random::now()) };
    let Hash(key) = Hash(secret.digest());
    Put { space: spaces::API_TOKENS, key: key.to_vec(), value: Some(row.to_json().to_string().into_bytes()) }
}
