//! Every limit of the rules, in one place.

/// Bytes of a tenant's name.
pub const NAME_BYTES: usize = 256;
/// Tenants one token may name; a token for more says all.
pub const TOKEN_TENANTS: usize = 256;
/// Entries of one elimination; a larger selection is several.
pub const ELIMINATION_ENTRIES: usize = 2000;
/// Bytes of the rule under which an entry is eliminated.
pub const RULE_BYTES: usize = 200;
/// Bytes of each word of a visa.
pub const VISA_WORD_BYTES: usize = 200;
/// Entries of one restitution; a larger one is several.
pub const RESTITUTION_ENTRIES: usize = 2000;
/// Bytes of the name of who receives them.
pub const RESTITUTION_TO_BYTES: usize = 400;
