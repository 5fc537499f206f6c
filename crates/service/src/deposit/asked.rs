//! What a deposit asks for beside its bytes, and the keyed digests by which it is recognised.

use super::SpooledFile;
use crate::limits::IDEMPOTENCY_KEY_BYTES;
use crate::parameters::Parameters;
use crate::problem::{Problem, codes};
use axum::http::HeaderMap;
use flow::Declared;
use ledger::storage::RequestKey;
use proof::TenantId;
use store::Vault;

/// Domains of look-ups, apart from each other and from the schemes of identifiers.
const CONTENT: &str = "content";
const REQUEST_KEY: &str = "request-key";
const REQUEST: &str = "request";

/// What the request asks for.
pub(crate) struct Asked {
    pub(crate) tenant: TenantId,
    pub(crate) declared: Declared,
    pub(crate) allow_duplicate: bool,
    idempotency_key: Option<Vec<u8>>,
}

/// The digests by which request and content are known again.
pub(crate) struct Keys {
    pub(crate) request: Option<RequestKey>,
    pub(crate) content: [u8; 32],
}

impl Asked {
    pub(crate) fn read(tenant: TenantId, parameters: &Parameters, headers: &HeaderMap) -> Result<Self, Problem> {
        let declared = Declared::parse(parameters.text("kind").unwrap_or("auto"))
            .map_err(|finding| Problem::refused(vec![*finding]))?;
        let allow_duplicate = match parameters.text("on_duplicate") {
            None | Some("return") => false,
            Some("deposit") => true,
            Some(_) => return Err(parameters.unreadable("on_duplicate")),
        };
        let mut keys = headers.get_all("idempotency-key").iter();
        let key = keys.next().map(|value| value.as_bytes().to_vec());
        let readable = |key: &Vec<u8>| {
            (1..=IDEMPOTENCY_KEY_BYTES).contains(&key.len()) && key.iter().all(|b| (0x20..0x7f).contains(b))
        };
        if keys.next().is_some() || !key.as_ref().is_none_or(readable) {
            return Err((&codes::IDEMPOTENCY_KEY_UNREADABLE).into());
        }
        // A key makes the request itself the unit: the same content under another key is another deposit.
        Ok(Self { tenant, declared, allow_duplicate: allow_duplicate || key.is_some(), idempotency_key: key })
    }

    /// The digests of this request over these files.
    pub(crate) fn keys(&self, vault: &Vault, files: &[SpooledFile], description: Option<&[u8]>) -> Keys {
        // Another description, name or kind makes another deposit: what it says, and how it is read, must not be lost (docs/decisions/0020).
        let told = self.told(files, description);
        let request = self.idempotency_key.as_ref().map(|key| RequestKey {
            key: vault.lookup(self.tenant, REQUEST_KEY, key),
            digest: vault.lookup(self.tenant, REQUEST, &told),
        });
        Keys { request, content: vault.lookup(self.tenant, CONTENT, &told) }
    }

    /// Everything that was asked, each part after its length.
    fn told(&self, files: &[SpooledFile], description: Option<&[u8]>) -> Vec<u8> {
        let mut told = Vec::new();
        let mut put = |bytes: &[u8]| {
            told.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
            told.extend_from_slice(bytes);
        };
        put(format!("{:?}", self.declared).as_bytes());
        put(if description.is_some() { b"described" } else { b"bare" });
        put(description.unwrap_or_default());
        for file in files {
            put(&file.name);
            put(&file.spooled.sha256.0);
        }
        told
    }
}
