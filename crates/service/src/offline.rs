//! Small administration on a directory that nobody serves.

use crate::error::ServiceError;
use proof::TenantId;
use std::path::Path;

/// A tenant stands in the store, with its administration entry in the platform's chain. Exactly one of `siren` and `siret`.
///
/// # Errors
/// [`ServiceError`]: the directory is being served (ask the server instead), the number or the name is wrong.
pub fn tenant_add(
    _data: &Path,
    _name: &str,
    _siren: Option<&str>,
    _siret: Option<&str>,
) -> Result<TenantId, ServiceError> {
    Err(ServiceError::Unbuilt)
}

/// An API token of this tenant exists; its secret is the answer and is stored nowhere. Scopes as in `deposit,read`.
///
/// # Errors
/// [`ServiceError`]: the directory is being served, no such tenant, no such scope.
pub fn token_add(_data: &Path, _tenant: &str, _scopes: &str) -> Result<String, ServiceError> {
    Err(ServiceError::Unbuilt)
}
