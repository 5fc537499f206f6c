//! Tenants, callers and their scopes: the rules.
