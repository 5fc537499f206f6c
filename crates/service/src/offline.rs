//! Small administration on a directory that nobody serves.

use crate::administration::{Office, one_number};
use crate::config::Config;
use crate::error::ServiceError;
use crate::home::Home;
use crate::open;
use archive::{Caller, Scopes, TenantKey, Tenants};
use proof::TenantId;
use std::path::Path;

/// A tenant stands in the store, with its administration entry in the platform's chain. Exactly one of `siren` and `siret`.
///
/// # Errors
/// [`ServiceError`]: the directory is being served (ask the server instead), the number or the name is wrong.
pub fn tenant_add(data: &Path, name: &str, siren: Option<&str>, siret: Option<&str>) -> Result<TenantId, ServiceError> {
    let number = one_number(siren, siret)?;
    with_office(data, |office| office.add_tenant(name, number).map(|added| added.id))
}

/// An API token of this tenant (or of `all`) exists; its secret is the answer and is stored nowhere. Scopes as in
/// `deposit,read`.
///
/// # Errors
/// [`ServiceError`]: the directory is being served, no such tenant, no such scope.
pub fn token_add(data: &Path, tenant: &str, scopes: &str) -> Result<String, ServiceError> {
    let caller = caller_of(tenant, scopes.split(','))?;
    with_office(data, |office| office.add_token(caller).map(|secret| secret.as_str().to_owned()))
}

/// The caller that these words describe.
pub(crate) fn caller_of<'a>(tenant: &str, scopes: impl IntoIterator<Item = &'a str>) -> Result<Caller, ServiceError> {
    let scopes = Scopes::parse(scopes).map_err(ServiceError::Scope)?;
    let tenants = match tenant {
        "all" => Tenants::All,
        id => {
            let id = TenantId::parse(id).ok_or_else(|| ServiceError::UnknownTenant(id.to_owned()))?;
            Tenants::Some(vec![TenantKey(id.0)])
        }
    };
    Ok(Caller { tenants, scopes })
}

pub(crate) fn with_office<T>(
    data: &Path,
    act: impl FnOnce(&Office) -> Result<T, ServiceError>,
) -> Result<T, ServiceError> {
    let config = Config::load(data)?;
    let open = open::open(&Home::at(data), &config)?;
    let done = act(&open.office);
    open::close(&open.office.sequencer, open.thread)?;
    done
}
