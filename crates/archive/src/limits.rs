//! Every limit of the rules, in one place.

/// Bytes of a tenant's name.
pub const NAME_BYTES: usize = 256;
/// Tenants one token may name; a token for more says all.
pub const TOKEN_TENANTS: usize = 256;
