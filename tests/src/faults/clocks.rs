//! The clock of the real program back a day, forward ten years, standing still: no entry bears a time that was not, and nobody has
//! to wait ten years for it.

use super::inject::{Clock, Injection, Injector};
use super::judge::Rule;
use super::kills::{Run, TENANTS, Told, deposit};
use super::recheck;
use super::server::{Launch, Programs, Server, Started, last_lines};
use crate::wire::{Connection, Request, once};
use anyhow::{Context, Result, bail, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use proof::UnixMillis;
use proof::time::format_rfc3339;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const TEN_YEARS: i64 = 3652 * 86_400;
const DAY: i64 = 86_400;
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
const END_LIMIT: Duration = Duration::from_secs(40);

/// One story of a clock.
struct Story<'a> {
    run: Run<'a>,
    injection: Injection,
    server: Option<Server>,
    failpoints: Option<&'a str>,
    steps: u64,
}

/// The clock went everywhere; what was seen broken is in the answer.
///
/// # Errors
/// It could not be run.
pub fn run(programs: &Programs, dir: &Path, seed: u64, failpoints: Option<&str>) -> Result<Told> {
    let injector = Injector::build(&dir.join("injector"))?;
    let run = Run::settle(programs, dir.join("data"), dir, seed, TENANTS)?;
    let injection = injector.arm(dir, &run.data, None)?;
    let begin = format_rfc3339(UnixMillis(now().saturating_sub(1000) as u64));
    let mut story = Story { run, injection, server: None, failpoints, steps: 0 };
    story.start()?;
    story.while_it_runs()?;
    let kept = story.run.memory.promises().len();
    story.across_a_start()?;
    story.times(&begin, kept)?;
    let runs = format!("{} steps of the clock, {} receipts", story.steps, story.run.memory.promises().len());
    Ok(Told { runs, breaches: story.run.memory.breaches().to_vec() })
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

impl Story<'_> {
    fn start(&mut self) -> Result<()> {
        let (log, data) = (self.run.dir.join("server.log"), self.run.data.clone());
        let programs = self.run.programs;
        let program = if self.failpoints.is_some() { &programs.faulty } else { &programs.tabellion };
        let launch = Launch { program, data: &data, failpoints: self.failpoints, seal_every: "1h", log: &log };
        match Server::start_under(&launch, &self.injection.environment)? {
            Started::Listening(server) => self.server = Some(server),
            Started::Ended(why, status) => bail!("{why} ({status}): {}", last_lines(&log)),
        }
        Ok(())
    }

    fn server(&self) -> Result<&Server> {
        self.server.as_ref().context("not served")
    }

    fn stop(&mut self) -> Result<()> {
        let ended = self.server.take().context("not served")?.terminate(END_LIMIT)?;
        ensure!(ended.is_some_and(|status| status.success()), "it did not end well: {ended:?}");
        Ok(())
    }

    fn set(&mut self, clock: Clock) -> Result<()> {
        self.steps += 1;
        self.injection.set_clock(clock)
    }

    /// Deposits are taken.
    fn taken(&mut self, when: &str) -> Result<()> {
        for _ in 0..3 {
            let number = self.run.next.fetch_add(1, Ordering::SeqCst);
            let mut connection = Connection::open(self.server()?.address(), ANSWER_LIMIT)?;
            match deposit(&self.run.script, &mut connection, number) {
                Ok(promise) => self.run.memory.promised(promise),
                Err(why) => self.run.memory.breach(Rule::GoesOn, format!("{when}: {why:#}")),
            }
        }
        Ok(())
    }

    /// Deposits wait, by this code, and `/readyz` or nothing says why.
    fn waits(&mut self, when: &str, code: &str) -> Result<()> {
        let number = self.run.next.fetch_add(1, Ordering::SeqCst);
        let mut connection = Connection::open(self.server()?.address(), ANSWER_LIMIT)?;
        self.run.script.send(&mut connection, number)?;
        let answer = connection.receive()?;
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status == 201 {
            // What it bears is looked at in the end.
            let promise = super::judge::Promise::parse(number, &answer.body).context("a promise of nothing")?;
            self.run.memory.promised(promise);
        } else if answer.status != 503 || said["code"] != code {
            let detail = format!("{when}: 503 {code} was due, not {} {}", answer.status, said["code"]);
            self.run.memory.breach(Rule::Coded, detail);
        }
        Ok(())
    }

    fn seal(&self) -> Result<Value> {
        let token = Some(self.run.script.tenant(0).token.as_str());
        let request = Request { method: "POST", ..Request::read("/v1/seals", token) };
        Ok(serde_json::from_slice(&once(self.server()?.address(), &request, ANSWER_LIMIT)?.body)?)
    }

    fn while_it_runs(&mut self) -> Result<()> {
        self.taken("the right clock")?;
        self.set(Clock::Moved(TEN_YEARS))?;
        self.waits("ten years forward", "clock-ahead")?;
        let ready = once(self.server()?.address(), &Request::read("/readyz", None), ANSWER_LIMIT)?;
        let ready: Value = serde_json::from_slice(&ready.body)?;
        if self.failpoints.is_none() && ready["status"] != "clock-ahead" {
            self.run.memory.breach(Rule::Coded, format!("/readyz says {ready} ten years forward"));
        }
        let sealed = self.seal()?;
        if self.failpoints.is_none() && sealed["code"] != "clock-ahead" {
            self.run.memory.breach(Rule::Timed, format!("a seal ten years forward: {sealed}"));
        }
        self.set(Clock::Right)?;
        if self.failpoints.is_some() {
            return Ok(());
        }
        self.taken("right again after ten years forward")?;
        self.set(Clock::Moved(-DAY))?;
        self.waits("a day back", "clock-went-back")?;
        self.set(Clock::Moved(-3))?;
        self.taken("three seconds back")?;
        self.set(Clock::Frozen(now() / 1000))?;
        self.taken("standing still")?;
        std::thread::sleep(Duration::from_millis(1500));
        self.taken("still standing still")?;
        let sealed = self.seal()?;
        if sealed["status"] != "sealed" {
            self.run.memory.breach(Rule::GoesOn, format!("a seal under a clock that stands still: {sealed}"));
        }
        self.set(Clock::Right)?;
        self.taken("going again")?;
        let server = self.server.take().context("not served")?;
        self.run.recheck_sample(&server, 50)?;
        self.server = Some(server);
        Ok(())
    }

    /// A start under a clock that is ten years ahead: deposits wait for an operator, who must know the day.
    fn across_a_start(&mut self) -> Result<()> {
        self.stop()?;
        if self.failpoints.is_some() {
            return Ok(());
        }
        self.set(Clock::Moved(-DAY))?;
        self.start()?;
        self.waits("started a day back", "clock-went-back")?;
        self.stop()?;
        self.set(Clock::Moved(TEN_YEARS))?;
        self.start()?;
        self.waits("started ten years forward", "clock-ahead")?;
        if self.accept("2001-01-01")? == Some(0) {
            self.run.memory.breach(Rule::Timed, "a clock was accepted for another day".to_owned());
        }
        self.waits("another day was accepted", "clock-ahead")?;
        let day = format_rfc3339(UnixMillis((now() + TEN_YEARS * 1000) as u64));
        let exit = self.accept(day.split('T').next().unwrap_or_default())?;
        ensure!(exit == Some(0), "tabellion clock accept: exit {exit:?}");
        self.taken("accepted by the operator")?;
        // Not by the verification command: today's judgement of a receipt of ten years from now is that it cannot tell.
        let address = self.server()?.address();
        recheck::receipts(&mut self.run.memory, address, &self.run.script);
        // Accepted is accepted, across a start too; and the right clock is now the one that went back.
        self.stop()?;
        self.start()?;
        self.taken("accepted, and started again")?;
        self.set(Clock::Right)?;
        self.waits("right again, after ten years were accepted", "clock-went-back")?;
        self.stop()
    }

    fn accept(&self, day: &str) -> Result<Option<i32>> {
        let mut command = Command::new(&self.run.programs.tabellion);
        command.args(["clock", "accept", "--day", day, "--data"]).arg(&self.run.data);
        command.env("LC_ALL", "C.UTF-8").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command.status()?.code())
    }

    /// Each entry bears a time between the beginning and now; those made while the operator's word stood are left out.
    fn times(&mut self, begin: &str, kept: usize) -> Result<()> {
        let end = format_rfc3339(UnixMillis((now() + 1000) as u64));
        let promises: Vec<_> = self.run.memory.promises().values().take(kept).cloned().collect();
        let mut last = String::new();
        for promise in promises {
            let record: Value = serde_json::from_slice(&STANDARD.decode(&promise.record)?)?;
            let at = record["received_at"].as_str().context("no received_at")?.to_owned();
            if at.as_str() < begin || at > end || at < last {
                let detail = format!("{} bears {at}, between {begin} and {end}, after {last}", promise.id);
                self.run.memory.breach(Rule::Timed, detail);
            }
            last = at;
        }
        Ok(())
    }
}
