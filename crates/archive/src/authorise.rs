//! The one rule of access.

use crate::scope::{Scope, Scopes};

/// The opaque name of a tenant, as the log has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TenantKey(pub [u8; 16]);

/// For whom a caller may act.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Tenants {
    /// Any tenant, also those to come.
    All,
    /// These.
    Some(Vec<TenantKey>),
}

/// Someone whose token was recognised.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// For whom.
    pub tenants: Tenants,
    /// What for.
    pub scopes: Scopes,
}

/// Why a caller may not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Denied {
    /// The token lacks this scope. Said before anything about tenants, so it tells nothing of them.
    Scope(Scope),
    /// Not a tenant of this caller: answered exactly as if it did not exist.
    Tenant,
}

impl Caller {
    /// True when the caller may act for this tenant.
    pub fn covers(&self, tenant: TenantKey) -> bool {
        match &self.tenants {
            Tenants::All => true,
            Tenants::Some(tenants) => tenants.contains(&tenant),
        }
    }

    /// The only tenant of this caller, if there is exactly one.
    pub fn only_tenant(&self) -> Option<TenantKey> {
        match &self.tenants {
            Tenants::Some(tenants) if tenants.len() == 1 => tenants.first().copied(),
            _ => None,
        }
    }

    /// The caller has the scope, whatever the tenant.
    ///
    /// # Errors
    /// [`Denied::Scope`].
    pub fn may(&self, scope: Scope) -> Result<(), Denied> {
        if self.scopes.contains(scope) { Ok(()) } else { Err(Denied::Scope(scope)) }
    }
}

/// The caller may do this for this tenant.
///
/// # Errors
/// [`Denied`].
pub fn authorise(caller: &Caller, tenant: TenantKey, scope: Scope) -> Result<(), Denied> {
    caller.may(scope)?;
    if caller.covers(tenant) { Ok(()) } else { Err(Denied::Tenant) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: TenantKey = TenantKey([1; 16]);
    const TWO: TenantKey = TenantKey([2; 16]);

    fn caller(tenants: Tenants, scopes: &str) -> Caller {
        Caller { tenants, scopes: Scopes::parse(scopes.split(',')).unwrap() }
    }

    #[test]
    fn a_caller_acts_for_its_tenants_within_its_scopes_only() {
        let reader = caller(Tenants::Some(vec![ONE]), "read");
        assert_eq!(authorise(&reader, ONE, Scope::Read), Ok(()));
        assert_eq!(authorise(&reader, TWO, Scope::Read), Err(Denied::Tenant));
        assert_eq!(authorise(&reader, ONE, Scope::Deposit), Err(Denied::Scope(Scope::Deposit)));
        // Nothing is said of a tenant to someone without the scope.
        assert_eq!(authorise(&reader, TWO, Scope::Deposit), Err(Denied::Scope(Scope::Deposit)));
    }

    #[test]
    fn admin_alone_reads_nothing_and_all_tenants_means_all() {
        let admin = caller(Tenants::All, "admin");
        assert_eq!(authorise(&admin, ONE, Scope::Read), Err(Denied::Scope(Scope::Read)));
        assert_eq!(authorise(&caller(Tenants::All, "read"), TWO, Scope::Read), Ok(()));
        assert_eq!(authorise(&caller(Tenants::Some(vec![]), "read"), TWO, Scope::Read), Err(Denied::Tenant));
    }

    #[test]
    fn the_only_tenant_is_named_only_when_there_is_one() {
        assert_eq!(caller(Tenants::Some(vec![ONE]), "read").only_tenant(), Some(ONE));
        assert_eq!(caller(Tenants::Some(vec![ONE, TWO]), "read").only_tenant(), None);
        assert_eq!(caller(Tenants::All, "read").only_tenant(), None);
    }
}
