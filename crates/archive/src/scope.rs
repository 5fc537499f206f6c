//! What a token is good for.

use std::fmt;

/// One thing a caller may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Scope {
    /// Deposit.
    Deposit,
    /// List, read, take proofs and packs.
    Read,
    /// Ask for a seal now.
    Seal,
    /// Add tenants and tokens.
    Admin,
    /// Propose eliminations, and carry them out with a visa.
    Eliminate,
    /// Log that archives were handed over.
    Restitute,
}

impl Scope {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Deposit, "deposit"),
        (Self::Read, "read"),
        (Self::Seal, "seal"),
        (Self::Admin, "admin"),
        (Self::Eliminate, "eliminate"),
        (Self::Restitute, "restitute"),
    ];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(scope, _)| *scope == self).map_or("", |(_, name)| name)
    }

    /// The scope of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(scope, _)| *scope)
    }
}

/// A set of scopes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scopes(Vec<Scope>);

/// A word that names no scope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownScope(pub String);

impl fmt::Display for UnknownScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no scope; scopes are deposit, read, seal, admin, eliminate, restitute", self.0)
    }
}
impl std::error::Error for UnknownScope {}

impl Scopes {
    /// Every scope there is.
    pub fn all() -> Self {
        Self(Scope::ALL.iter().map(|(scope, _)| *scope).collect())
    }

    /// The scopes named by these words, at least one.
    ///
    /// # Errors
    /// [`UnknownScope`]: the first word that names none, or the empty word when there is no word.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownScope> {
        let mut set = Vec::new();
        for word in words {
            let scope = Scope::parse(word.trim()).ok_or_else(|| UnknownScope(word.to_owned()))?;
            if !set.contains(&scope) {
                set.push(scope);
            }
        }
        if set.is_empty() { Err(UnknownScope(String::new())) } else { Ok(Self(set)) }
    }

    /// True when the scope is in the set.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// The names, in order.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|scope| scope.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_once_each_and_unknown_words_are_named() {
        let scopes = Scopes::parse("deposit, read,deposit".split(',')).unwrap();
        assert_eq!(scopes.names(), ["deposit", "read"]);
        assert!(scopes.contains(Scope::Read) && !scopes.contains(Scope::Admin));
        assert_eq!(Scopes::parse("read,write".split(',')), Err(UnknownScope("write".into())));
        assert!(Scopes::parse("".split(',')).is_err() && Scopes::parse([]).is_err());
    }
}
