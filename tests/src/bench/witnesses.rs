//! What dead witnesses cost: deposits of a log that asks three, of which one refuses connections and one never answers, beside those of
//! a log that asks none; in turn, on the same machine, in the same run.

use crate::bench::pair::{self, Compared, Log, Turn};
use crate::faults::server;
use anyhow::{Context, Result};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// How the two logs are called.
pub const NAMES: [&str; 2] = ["without witnesses", "with two of three dead"];

/// A process ended when dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Both logs, measured in turn.
///
/// # Errors
/// A program did not start, or a load failed.
pub fn run(compared: &Compared) -> Result<Vec<Turn>> {
    let Compared { program, work, .. } = compared;
    let plain = Log::make(program, work, "plain", "1h")?;
    let watched = Log::make(program, work, "watched", "1h")?;
    // One answers, one refuses connections, one accepts them and never answers.
    let refusing = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let hung = TcpListener::bind("127.0.0.1:0")?;
    let key = |name: &str| {
        let arguments = ["witness", "init", "--name", name];
        server::command(program, &arguments, &[("--dir", &work.join(name))])
    };
    let (alive, vkeys) = (key("alive")?, [key("refusing")?, key("hung")?]);
    let (_alive, url) = witness(program, &work.join("alive"), &watched.vkey()?)?;
    let [refused, unheard] = vkeys;
    let policy = format!(
        "witness alive {alive} {url}\nwitness refusing {refused} http://{refusing}\nwitness hung {unheard} http://{}\n\
         group two 2 alive refusing hung\nquorum two\n",
        hung.local_addr()?
    );
    std::fs::write(watched.data.join("witnesses.policy"), policy)?;
    let mut configuration = OpenOptions::new().append(true).open(watched.data.join("tabellion.toml"))?;
    configuration.write_all(b"\n[witnesses]\npolicy = \"witnesses.policy\"\n")?;
    pair::run(compared, &plain, &watched)
}

/// A witness of this log, and where it listens.
fn witness(program: &Path, dir: &Path, vkey: &str) -> Result<(Ended, String)> {
    let mut command = Command::new(program);
    command.args(["witness", "serve", "--listen", "127.0.0.1:0", "--log", vkey, "--dir"]).arg(dir);
    let said = File::create(dir.with_extension("log"))?;
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(said).spawn()?;
    let mut child = Ended(child);
    let mut line = String::new();
    BufReader::new(child.0.stdout.take().context("no output")?).read_line(&mut line)?;
    let url = line.trim_end().strip_prefix("listening ").context("the witness does not listen")?.to_owned();
    Ok((child, url))
}
