//! Tokens and tenants as they were read last: a client that deposits all day is not looked up, and its row not parsed, each time.
//!
//! What is remembered holds for one state of the store. Any change of state, whatever it is about, forgets all of it: a right that
//! is taken back is gone with the commit that takes it back.

use crate::limits::RATED_TOKENS;
use crate::rates::TokenName;
use archive::Caller;
use proof::TenantId;
use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

/// What was read of the store's state.
#[derive(Default)]
pub(crate) struct Known(RwLock<Remembered>);

#[derive(Default)]
struct Remembered {
    /// Changes of state that came before.
    state: u64,
    callers: HashMap<TokenName, Caller>,
    tenants: HashSet<TenantId>,
}

impl Known {
    /// The caller of this name, read once for this state.
    pub(super) fn caller<E>(
        &self,
        state: u64,
        name: &TokenName,
        read: impl FnOnce() -> Result<Caller, E>,
    ) -> Result<Caller, E> {
        let find = |known: &Remembered| known.callers.get(name).cloned();
        self.once(state, find, read, |known, caller| drop(known.callers.insert(*name, caller)))
    }

    /// The tenant is there, looked up once for this state.
    pub(super) fn tenant<E>(
        &self,
        state: u64,
        tenant: TenantId,
        read: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let find = |known: &Remembered| known.tenants.contains(&tenant).then_some(());
        self.once(state, find, read, |known, ()| {
            known.tenants.insert(tenant);
        })
    }

    /// What is found, or else read and kept, for this state.
    fn once<T: Clone, E>(
        &self,
        state: u64,
        find: impl FnOnce(&Remembered) -> Option<T>,
        read: impl FnOnce() -> Result<T, E>,
        put: impl FnOnce(&mut Remembered, T),
    ) -> Result<T, E> {
        if let Some(found) = self.look(state, find) {
            return Ok(found);
        }
        let found = read()?;
        self.keep(state, |known| put(known, found.clone()));
        Ok(found)
    }

    fn look<T>(&self, state: u64, find: impl FnOnce(&Remembered) -> Option<T>) -> Option<T> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if known.state == state { find(&known) } else { None }
    }

    /// `state` was asked before the row was read: what was read is of that state, or of a later one that is asked next time.
    fn keep(&self, state: u64, put: impl FnOnce(&mut Remembered)) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.state > state {
            return;
        }
        if known.state < state || known.callers.len().max(known.tenants.len()) >= RATED_TOKENS {
            *known = Remembered { state, ..Remembered::default() };
        }
        put(&mut known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use archive::{Scopes, Tenants};

    fn caller(tenants: Tenants) -> Caller {
        Caller { tenants, scopes: Scopes::parse(["deposit"]).unwrap() }
    }

    #[test]
    fn what_was_read_is_not_read_again_until_the_state_changes() {
        let (known, name) = (Known::default(), [1; 32]);
        let one = || Ok::<_, ()>(caller(Tenants::All));
        known.caller(3, &name, one).unwrap();
        known.caller(3, &name, || Err(())).expect("read before");
        known.caller(3, &[2; 32], || Err(())).expect_err("another name");
        known.caller(4, &name, || Err(())).expect_err("the state changed: the token may be gone");
        known.tenant(4, TenantId([7; 16]), || Ok::<_, ()>(())).unwrap();
        known.tenant(4, TenantId([7; 16]), || Err(())).expect("looked up before");
        known.tenant(5, TenantId([7; 16]), || Err(())).expect_err("the state changed");
    }

    #[test]
    fn what_was_asked_of_an_older_state_is_not_kept_for_a_newer_one() {
        let (known, name) = (Known::default(), [1; 32]);
        known.tenant(5, TenantId([7; 16]), || Ok::<_, ()>(())).unwrap();
        known.caller(4, &name, || Ok::<_, ()>(caller(Tenants::All))).unwrap();
        known.caller(5, &name, || Err(())).expect_err("read of state 4 while 5 came");
        known.tenant(5, TenantId([7; 16]), || Err(())).expect("what is of state 5 stays");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let known = Known::default();
        for number in 0..u32::try_from(RATED_TOKENS).unwrap() + 10 {
            let mut name = [0; 32];
            name[..4].copy_from_slice(&number.to_be_bytes());
            known.caller(1, &name, || Ok::<_, ()>(caller(Tenants::All))).unwrap();
        }
        assert!(known.0.read().unwrap().callers.len() <= RATED_TOKENS);
    }
}
