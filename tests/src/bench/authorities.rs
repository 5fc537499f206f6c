//! What a failing time-stamping authority costs those who deposit: a log whose authority lies in every way in turn, at every seal, beside a
//! log whose authority is honest; in turn, on the same machine, in the same run.

use crate::bench::pair::{self, Compared, Log, Turn};
use anyhow::{Result, ensure};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

/// How the two logs are called.
pub const NAMES: [&str; 2] = ["with an honest authority", "with one that fails in every way in turn"];
/// Time between two seals, and between two attempts.
const EVERY: &str = "1s";
/// The ways to fail.
const WAYS: usize = 5;

/// Both logs, measured in turn.
///
/// # Errors
/// A program did not start, or a load failed.
pub fn run(compared: &Compared) -> Result<Vec<Turn>> {
    let Compared { program, work, .. } = compared;
    let honest = Log::make(program, work, "honest", EVERY)?;
    let lied_to = Log::make(program, work, "lied-to", EVERY)?;
    let liar = TcpListener::bind("127.0.0.1:0")?;
    configure(&lied_to.data, &liar)?;
    // It ends with the process: nobody waits for it.
    std::thread::spawn(move || {
        for (stream, turn) in liar.incoming().flatten().zip(0..) {
            std::thread::spawn(move || drop(fail(stream, turn % WAYS)));
        }
    });
    pair::run(compared, &honest, &lied_to)
}

/// The log asks the liar, which has a second; the built-in authority's root stays the one believed.
fn configure(data: &Path, liar: &TcpListener) -> Result<()> {
    let path = data.join("tabellion.toml");
    let text = std::fs::read_to_string(&path)?;
    let asked = format!("url = \"http://{}/\"\nroots = [\"tsa/ca.pem\"]\nseconds = 1", liar.local_addr()?);
    let (built_in, told) = ("url = \"\"\nroots = []", text.matches("url = \"\"\nroots = []").count());
    ensure!(told == 1, "the configuration has no place for an authority");
    Ok(std::fs::write(path, text.replace(built_in, &asked))?)
}

/// One answer that is none.
fn fail(mut stream: TcpStream, way: usize) -> std::io::Result<()> {
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/timestamp-reply\r\ncontent-length: ";
    let mut chunk = [0; 4096];
    let _ = stream.read(&mut chunk)?;
    match way {
        0 => std::thread::sleep(Duration::from_secs(5)),
        1 => stream.write_all(b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")?,
        2 => {
            stream.write_all(format!("{HEAD}1073741824\r\n\r\n").as_bytes())?;
            (0..1024).try_for_each(|_| stream.write_all(&[0x30; 1 << 20]))?;
        }
        3 => {
            stream.write_all(format!("{HEAD}4096\r\n\r\n").as_bytes())?;
            for byte in chunk {
                stream.write_all(&[byte])?;
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        _ => {
            stream.write_all(format!("{HEAD}7\r\nconnection: close\r\n\r\n\x30\x05\x30\x03\x02\x01\x00").as_bytes())?
        }
    }
    Ok(())
}
