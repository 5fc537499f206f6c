//! The same questions at each size, of entries drawn over the whole log, by one client, one after the other.

use super::{DOCUMENT_BYTES, Decade, House, SEED};
use crate::bench::load::{document, key_of, path_of};
use crate::faults::chance::Chance;
use crate::wire::{Connection, Request};
use anyhow::{Result, ensure};
use std::time::{Duration, Instant};

const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// Someone who asks.
struct Client<'a> {
    house: &'a House<'a>,
    connection: Connection,
    chance: Chance,
}

/// What is drawn, and how its question goes: path, idempotency key, body, and the status of a good answer.
type Question = (String, Option<String>, Option<Vec<u8>>, u16);

/// Every cost is the wait that half of the questions did not exceed.
pub(super) fn ask(house: &House, decade: &mut Decade) -> Result<()> {
    let connection = Connection::open(house.server()?.address(), ANSWER_LIMIT)?;
    let mut client = Client { house, connection, chance: Chance::new(decade.entries) };
    let kept = &house.kept;
    let place = |number: u64| usize::try_from(number).map(|place| &kept[place]);
    decade.receipt = client.middle(|number| {
        let path = format!("/v1/deposits/{}/receipt", place(number)?.id);
        Ok((path, None, None, 200))
    })?;
    decade.page = client.middle(|number| Ok((format!("/v1/deposits?cursor={}", number + 1), None, None, 200)))?;
    let body = |number| Some(document(SEED, number, DOCUMENT_BYTES));
    // Without a key the content is looked for, and found.
    decade.duplicate = client.middle(|number| Ok((path_of(number), None, body(number), 200)))?;
    decade.repeated = client.middle(|number| Ok((path_of(number), Some(key_of(SEED, number)), body(number), 201)))?;
    Ok(())
}

impl Client<'_> {
    /// Microseconds that half of the answers took at most.
    fn middle(&mut self, question: impl Fn(u64) -> Result<Question>) -> Result<f64> {
        let mut waits = Vec::new();
        for _ in 0..self.house.amount.asked {
            let number = self.chance.between(0, self.house.kept.len() as u64 - 1);
            let (path, key, body, good) = question(number)?;
            let token = Some(self.house.tenant.token.as_str());
            let method = if body.is_some() { "POST" } else { "GET" };
            let body = body.unwrap_or_default();
            let request = Request { method, path: &path, token, key: key.as_deref(), body: &body };
            let sent = Instant::now();
            let answer = self.connection.ask(&request)?;
            waits.push(sent.elapsed());
            ensure!(answer.status == good, "{path}: status {}, not {good}", answer.status);
            if answer.last {
                self.connection = Connection::open(self.house.server()?.address(), ANSWER_LIMIT)?;
            }
        }
        waits.sort_unstable();
        Ok(waits.get(waits.len() / 2).map_or(f64::NAN, |wait| wait.as_secs_f64() * 1e6))
    }
}
