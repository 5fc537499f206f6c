//! What things cost as the log grows, decade by decade up to ten million entries: an append, a proof, a page of a list, a look-up, a
//! start, memory, and the bytes that an entry takes beside its document and its records.
//!
//! The log is filled through the front door: documents of 1 KiB over HTTP, 64 connections, a seal after every ten thousand. What is
//! cut short by time or by the disk says so, and which decade was not reached.

mod fit;
mod probe;
mod room;
mod told;

use super::kept::{self, Kept};
use super::load::{self, Load};
use super::packs::seal;
use super::profile::processor;
use crate::faults::server::{self, Launch, Server, Tenant};
use anyhow::{Context, Result, ensure};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const DOCUMENT_BYTES: usize = 1 << 10;
const CONNECTIONS: usize = 64;
/// Deposits between two seals, and between two looks at the time.
const STRETCH: u64 = 10_000;
const FIRST_DECADE: u64 = 10_000;
const SEED: u64 = 40;
/// Bytes of disk that an entry is reckoned with: document, records, proofs, sectors, index before it is compacted.
const ENTRY_BYTES: u64 = 5 << 10;
/// Bytes that stay free.
const SPARE_BYTES: u64 = 3 << 30;
const MIB: f64 = 1024.0 * 1024.0;

/// How far, how long, and with what.
#[derive(Clone, Debug)]
pub struct Amount<'a> {
    /// The product.
    pub program: &'a Path,
    /// Where it works.
    pub work: &'a Path,
    /// Entries to reach.
    pub entries: u64,
    /// Minutes that filling may take; what is under way then is not finished.
    pub minutes: Option<u64>,
    /// Times each question is asked.
    pub asked: usize,
}

/// What was seen with so many entries.
#[derive(Clone, Debug, Default)]
pub struct Decade {
    /// Entries deposited.
    pub entries: u64,
    /// Deposits a second while it was filled, seals included.
    pub filled: f64,
    /// Processor time of the server for each deposit of this decade, seals and compactions included, in µs.
    pub append: f64,
    /// Half of all waits were no longer, in µs: a receipt, with its inclusion proof.
    pub receipt: f64,
    /// A page of a list.
    pub page: f64,
    /// A document that is there already.
    pub duplicate: f64,
    /// A request that came before.
    pub repeated: f64,
    /// Seconds from start to ready after SIGTERM.
    pub start: f64,
    /// The same after SIGKILL.
    pub start_after_kill: f64,
    /// MiB that either start had read when it was ready, the more of the two.
    pub start_read: f64,
    /// MiB resident, now and at most since the last start.
    pub memory: (f64, f64),
}

/// What came of it.
pub struct Growth {
    decades: Vec<Decade>,
    /// Entries asked for.
    asked: u64,
    /// Why it ended before that.
    stopped: Option<String>,
    /// Seconds from start to ready of an empty house.
    empty: f64,
    room: room::Room,
}

/// A house that grows.
struct House<'a> {
    amount: &'a Amount<'a>,
    data: PathBuf,
    said: PathBuf,
    tenant: Tenant,
    server: Option<Server>,
    kept: Vec<Kept>,
}

/// Filled and measured decade by decade; then `kill -9` and every receipt again.
///
/// # Errors
/// A request was refused, or a receipt is another after the kill: nothing counts then.
pub fn run(amount: &Amount) -> Result<Growth> {
    let (mut house, empty) = House::settle(amount)?;
    let until = amount.minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let (mut decades, mut stopped) = (Vec::new(), None);
    for entries in decades_to(amount.entries) {
        stopped = house.no_room_for(entries)?;
        if stopped.is_some() {
            break;
        }
        match house.grow(entries, until)? {
            Some(decade) => {
                println!("growth: {}", told::line(&decade));
                decades.push(decade);
            }
            None => {
                stopped = Some(format!(
                    "{} minutes were spent with {} entries: {entries} were not reached",
                    amount.minutes.unwrap_or(0),
                    house.kept.len()
                ));
                break;
            }
        }
    }
    let room = house.end()?;
    Ok(Growth { decades, asked: amount.entries, stopped, empty, room })
}

/// Powers of ten from the first decade on, and the last size itself.
fn decades_to(entries: u64) -> Vec<u64> {
    let powers = std::iter::successors(Some(FIRST_DECADE), |entries| entries.checked_mul(10));
    let mut sizes: Vec<u64> = powers.take_while(|size| *size < entries).collect();
    sizes.push(entries);
    sizes
}

impl<'a> House<'a> {
    /// An empty house, served, and the seconds that its start took.
    fn settle(amount: &'a Amount) -> Result<(Self, f64)> {
        let (data, said) = (amount.work.join("growth"), amount.work.join("growth.log"));
        let tenants = server::settle(amount.program, &data, &amount.work.join("growth.json"), &said, 1)?;
        let tenant = tenants.into_iter().next().context("no tenant")?;
        // A scrub that sets in after a minute would be counted with whatever is measured then.
        let mut configuration = OpenOptions::new().append(true).open(data.join("tabellion.toml"))?;
        configuration.write_all(b"\n[scrub]\nbytes_per_second = 0\n")?;
        let mut house = Self { amount, data, said, tenant, server: None, kept: Vec::new() };
        let (empty, _) = house.start()?;
        Ok((house, empty))
    }

    fn launch(&self) -> Launch<'_> {
        let Self { amount, data, said, .. } = self;
        Launch { program: amount.program, data, failpoints: None, seal_every: "24h", log: said }
    }

    /// Seconds until it was ready, and MiB read by then.
    fn start(&mut self) -> Result<(f64, f64)> {
        let began = Instant::now();
        let server = Server::start(&self.launch())?;
        let ready = began.elapsed().as_secs_f64();
        let read = read_by(server.pid())? / MIB;
        self.server = Some(server);
        Ok((ready, read))
    }

    fn server(&self) -> Result<&Server> {
        self.server.as_ref().context("nobody serves")
    }

    /// Why the disk does not allow so many entries, if it does not.
    fn no_room_for(&self, entries: u64) -> Result<Option<String>> {
        let wanted = (entries - self.kept.len() as u64) * ENTRY_BYTES + SPARE_BYTES;
        let free = room::free(&self.data)?;
        let gib = |bytes: u64| bytes as f64 / 1024.0 / MIB;
        Ok((free < wanted)
            .then(|| format!("disk: {:.1} GiB free, {:.1} GiB wanted for {entries} entries", gib(free), gib(wanted))))
    }

    /// Filled to so many entries and measured there; `None` when the time was over before.
    fn grow(&mut self, entries: u64, until: Option<Instant>) -> Result<Option<Decade>> {
        let (from, began, spent) = (self.kept.len() as u64, Instant::now(), processor(self.server()?.pid())?);
        while (self.kept.len() as u64) < entries {
            if until.is_some_and(|until| Instant::now() >= until) {
                return Ok(None);
            }
            self.stretch(entries)?;
        }
        let deposits = (entries - from) as f64;
        let append = (processor(self.server()?.pid())? - spent) * 1e6 / deposits;
        let filled = deposits / began.elapsed().as_secs_f64();
        let mut decade = Decade { entries, append, filled, ..Decade::default() };
        probe::ask(self, &mut decade)?;
        let (now, most) = self.server()?.memory()?;
        decade.memory = (now as f64 / MIB, most as f64 / MIB);
        // Killed first: what is not yet in the index's own files is then what the load left there.
        self.server.take().context("nobody serves")?.kill()?;
        let (start_after_kill, read_after_kill) = self.start()?;
        let server = self.server.take().context("nobody serves")?;
        ensure!(server.terminate(Duration::from_secs(60))?.is_some_and(|end| end.success()), "it does not end");
        let (start, read) = self.start()?;
        Ok(Some(Decade { start, start_after_kill, start_read: read.max(read_after_kill), ..decade }))
    }

    /// Ten thousand entries more, or as many as are wanting, sealed.
    fn stretch(&mut self, entries: u64) -> Result<()> {
        let load = Load {
            address: self.server()?.address(),
            token: self.tenant.token.clone(),
            connections: CONNECTIONS,
            bytes: DOCUMENT_BYTES,
            warm_up: Duration::ZERO,
            counted: Duration::ZERO,
            seed: SEED,
        };
        let from = self.kept.len() as u64;
        self.kept.extend(load::deposit_all(&load, from..(from + STRETCH).min(entries))?);
        seal(self.server()?, &self.tenant)?;
        // Two lines a deposit would be gigabytes: only what was said last is kept.
        OpenOptions::new().write(true).open(&self.said)?.set_len(0)?;
        Ok(())
    }

    /// After `kill -9` every receipt is there; then the room that an entry takes, and the disk is free again.
    fn end(mut self) -> Result<room::Room> {
        self.server.take().context("nobody serves")?.kill()?;
        kept::after_the_kill(&self.launch(), &self.tenant.token, &self.kept)?;
        // One start more cuts the room made ready for the segment of the one before.
        self.start()?;
        let server = self.server.take().context("nobody serves")?;
        ensure!(server.terminate(Duration::from_secs(60))?.is_some_and(|end| end.success()), "it does not end");
        let records = self.kept.iter().map(|kept| u64::from(kept.records)).sum();
        let entries = self.kept.len() as u64;
        let room = room::measure(&self.data, entries, entries * DOCUMENT_BYTES as u64, records)?;
        std::fs::remove_dir_all(&self.data)?;
        Ok(room)
    }
}

/// Bytes that a process has read so far, from the disk or from memory.
fn read_by(pid: u32) -> Result<f64> {
    let said = std::fs::read_to_string(format!("/proc/{pid}/io"))?;
    let read = said.lines().find_map(|line| line.strip_prefix("rchar: ")?.parse().ok());
    read.context("no rchar")
}

#[cfg(test)]
mod tests {
    use super::decades_to;

    #[test]
    fn decades_end_with_what_was_asked_for() {
        assert_eq!(decades_to(100_000), [10_000, 100_000]);
        assert_eq!(decades_to(10_000_000), [10_000, 100_000, 1_000_000, 10_000_000]);
        assert_eq!(decades_to(300_000), [10_000, 100_000, 300_000]);
        assert_eq!(decades_to(500), [500]);
    }
}
