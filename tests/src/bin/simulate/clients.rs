//! Clients of several tenants: they repeat themselves, contradict themselves, and come too many at once.

use crate::reference::Asked;
use ledger::spaces;
use ledger::storage::{Put, RequestKey};
use proof::record::Kind;
use proof::{EntryId, Hash, TenantId};
use tests::faults::chance::Chance;

/// How far back a repeated key or content may lie.
const REACH: u64 = 6;

/// What clients remember of what they asked.
#[derive(Default)]
pub struct Clients {
    keys: u64,
    contents: u64,
    named: Vec<(TenantId, EntryId)>,
    joined: u64,
}

fn digest(what: &[u8], number: u64) -> [u8; 32] {
    proof::sha256(&[what, &number.to_be_bytes()].concat()).0
}

fn array<const N: usize>(chance: &mut Chance) -> [u8; N] {
    chance.bytes(N).try_into().unwrap_or([0; N])
}

/// One in so many.
fn rarely(chance: &mut Chance, one_in: u64) -> bool {
    chance.between(1, one_in) == 1
}

/// A tenant's row with its slot.
pub fn row(tenant: TenantId, slot: usize) -> Put {
    let value = format!("{{\"slot\":{slot}}}").into_bytes();
    Put { space: spaces::TENANTS, key: tenant.0.to_vec(), value: Some(value) }
}

impl Clients {
    /// A submission by one of these tenants (the first is the platform), or by one that is about to join.
    pub fn submission(&mut self, chance: &mut Chance, tenants: &[TenantId]) -> Asked {
        let mut puts = Vec::new();
        let mut tenant = tenants[chance.between(0, tenants.len() as u64 - 1) as usize];
        if tenants.len() < 2 || rarely(chance, 40) {
            tenant = self.newcomer(chance);
            puts.extend((!rarely(chance, 4)).then(|| row(tenant, tenants.len() + usize::from(rarely(chance, 4)))));
        }
        let number = self.recent(chance, false);
        let request = rarely(chance, 2).then(|| {
            let number = self.recent(chance, true);
            let other = u64::from(rarely(chance, 8));
            RequestKey { key: digest(b"key", number), digest: digest(b"asked", number * 2 + other) }
        });
        let lookups = if rarely(chance, 400) { 4097 } else { chance.between(0, 2) };
        let asked = Asked {
            tenant,
            id: self.name(chance, tenant),
            kind: self.kind(chance),
            entry: chance.bytes(20),
            groups: (0..chance.between(0, 2)).map(|_| Hash(array(chance))).collect(),
            request,
            content: (!rarely(chance, 4)).then(|| digest(b"content", number)),
            allow_duplicate: rarely(chance, 5),
            lookups: (0..lookups).map(|n| digest(b"lookup", number + n)).collect(),
            puts: if rarely(chance, 12) { [puts, self.changes(chance)].concat() } else { puts },
            salt: array(chance),
            weight: chance.between(0, 200),
        };
        self.named.push((tenant, asked.id));
        asked
    }

    /// Changes of state alone: tokens, a tenant that joins, sometimes what only the ledger may write.
    pub fn state(&mut self, chance: &mut Chance, tenants: &[TenantId]) -> Vec<Put> {
        let mut puts = self.changes(chance);
        if rarely(chance, 2) && tenants.len() < 8 {
            let tenant = self.newcomer(chance);
            puts.push(row(tenant, tenants.len() + usize::from(rarely(chance, 6))));
        }
        if rarely(chance, 10) {
            let space = [spaces::BATCHES, spaces::LEDGER, spaces::REGISTERS, spaces::BATCH_TOKENS];
            let space = space[chance.between(0, 3) as usize];
            puts.push(Put { space, key: vec![0; 8], value: None });
        }
        puts
    }

    fn newcomer(&mut self, chance: &mut Chance) -> TenantId {
        self.joined += u64::from(!rarely(chance, 3));
        let mut id = [0; 16];
        id.copy_from_slice(&digest(b"tenant", self.joined)[..16]);
        TenantId(id)
    }

    /// New, or one of the last few.
    fn recent(&mut self, chance: &mut Chance, key: bool) -> u64 {
        let count = if key { &mut self.keys } else { &mut self.contents };
        if !rarely(chance, 3) {
            *count += 1;
            return *count;
        }
        chance.between(count.saturating_sub(REACH), *count)
    }

    fn name(&self, chance: &mut Chance, tenant: TenantId) -> EntryId {
        let fresh = EntryId(array(chance));
        let place = chance.draw() as usize;
        if !rarely(chance, 20) || self.named.is_empty() {
            return fresh;
        }
        let (owner, id) = self.named[place % self.named.len()];
        if owner == tenant { id } else { fresh }
    }

    fn kind(&self, chance: &mut Chance) -> Kind {
        match chance.between(0, 11) {
            0 => Kind::Elimination,
            1 | 2 => Kind::Journal,
            3 => Kind::Administration,
            4 => Kind::Conversion,
            _ => Kind::Deposit,
        }
    }

    fn changes(&self, chance: &mut Chance) -> Vec<Put> {
        let change = |chance: &mut Chance| {
            let key = if rarely(chance, 60) { vec![7; 1025] } else { vec![chance.between(0, 5) as u8; 32] };
            let value = (!rarely(chance, 4)).then(|| chance.bytes(12));
            Put { space: spaces::API_TOKENS, key, value }
        };
        (0..chance.between(0, 2)).map(|_| change(chance)).collect()
    }
}
