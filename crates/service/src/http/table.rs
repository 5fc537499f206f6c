//! How many connections each address holds.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// Connections under way, by address.
#[derive(Clone, Default)]
pub(super) struct Table {
    each: Option<usize>,
    seats: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One of the places of an address, until dropped.
pub(super) struct Seat {
    table: Table,
    of: IpAddr,
}

impl Table {
    pub(super) fn new(each: Option<usize>) -> Self {
        Self { each, seats: Arc::default() }
    }

    /// A place, unless this address holds all of its own.
    pub(super) fn seat(&self, from: IpAddr) -> Option<Seat> {
        let of = holder(from);
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = seats.entry(of).or_default();
        if self.each.is_some_and(|each| *taken >= each) {
            return None;
        }
        *taken += 1;
        Some(Seat { table: self.clone(), of })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.table.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(taken) = seats.get_mut(&self.of) else { return };
        *taken = taken.saturating_sub(1);
        if *taken == 0 {
            seats.remove(&self.of);
        }
    }
}

/// Whose address it is: whoever has one of IPv6 has a whole /64 of them.
fn holder(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(long) => IpAddr::V6(Ipv6Addr::from_bits(long.to_bits() >> 64 << 64)),
        short => short,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_places_and_gives_them_back() {
        let table = Table::new(Some(2));
        let seat = |from: &str| table.seat(from.parse().unwrap());
        let (one, two) = (seat("192.0.2.1"), seat("::ffff:192.0.2.1"));
        assert!(one.is_some() && two.is_some() && seat("192.0.2.1").is_none());
        let wide = (seat("2001:db8::1"), seat("2001:db8::ffff:1"));
        assert!(wide.1.is_some() && seat("2001:db8::2").is_none() && seat("2001:db8:0:1::2").is_some());
        drop(one);
        assert!(seat("192.0.2.1").is_some());
        drop((two, wide));
        assert!(table.seats.lock().unwrap().is_empty());
    }
}
