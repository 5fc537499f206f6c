//! The protocol of `clamd`, as far as it is spoken here: `zVERSION`, and `zINSTREAM` with its pieces under a length of four bytes. A connection
//! for each.
//!
//! Ours rather than a library's: those there are wait for ever for a server that has stopped, hold whatever it answers, and take a stream cut
//! short for one that was looked at. Here each exchange has its end, an answer its bound, and nothing but `stream: OK` alone, of one that took the last
//! byte and then hung up, means that nothing was found: whoever hangs up with bytes untaken cuts the connection, and answered before the end.

use crate::config::Address;
use flow::AntivirusAway;
use std::io::{self, Read};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

/// Bytes of one piece.
const PIECE: usize = 64 << 10;
/// Bytes of an answer.
const ANSWER_BYTES: u64 = 1 << 10;
/// Characters kept of an answer or a name.
const SHOWN: usize = 200;

/// What clamd says of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    Nothing,
    Found(String),
    /// It is longer than what clamd takes.
    TooLarge,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The file itself could not be read.
    Source(io::Error),
    /// clamd.
    Clamd(AntivirusAway),
}

trait Wire: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Wire for T {}

/// A clamd at that address.
#[derive(Debug)]
pub(super) struct Clamd {
    pub(super) address: Address,
}

impl Clamd {
    /// Which engine it is, with its base.
    pub(super) async fn version(&self, within: Duration) -> Result<String, AntivirusAway> {
        let asked = async {
            let mut wire = self.open().await?;
            wire.write_all(b"zVERSION\0").await?;
            answer(&mut *wire).await.map(|(said, _)| said)
        };
        let said = timeout(within, asked).await.map_err(|_| late(within))?;
        let said = said.map_err(|error| AntivirusAway::of(&error))?;
        if said.is_empty() { Err(AntivirusAway::Empty) } else { Ok(said) }
    }

    /// What it says of these bytes.
    pub(super) async fn scan(&self, source: &mut dyn Read, within: Duration) -> Result<Said, Trouble> {
        timeout(within, self.stream(source)).await.map_err(|_| Trouble::Clamd(late(within)))?
    }

    async fn stream(&self, source: &mut dyn Read) -> Result<Said, Trouble> {
        let clamd = |error: io::Error| Trouble::Clamd(AntivirusAway::of(&error));
        let mut wire = self.open().await.map_err(clamd)?;
        wire.write_all(b"zINSTREAM\0").await.map_err(clamd)?;
        let mut piece = vec![0; 4 + PIECE];
        let sent = loop {
            let n = match source.read(&mut piece[4..]) {
                Ok(n) => n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Trouble::Source(error)),
            };
            // The end is a piece of nothing.
            let length = u32::try_from(n).map_err(|error| Trouble::Source(io::Error::other(error)))?;
            piece[..4].copy_from_slice(&length.to_be_bytes());
            // It may hang up before the end: what it said then counts, unless it is that nothing was found.
            match wire.write_all(&piece[..4 + n]).await {
                Err(_) => break false,
                Ok(()) if n == 0 => break true,
                Ok(()) => {}
            }
        };
        let (said, alone) = answer(&mut *wire).await.map_err(clamd)?;
        match meaning(&said) {
            Some(Said::Nothing) if !alone => Err(Trouble::Clamd(AntivirusAway::Odd(format!("{said:?}, …")))),
            Some(Said::Nothing) if !sent || !ended(&mut *wire).await => Err(Trouble::Clamd(AntivirusAway::Early)),
            Some(meaning) => Ok(meaning),
            None if said.is_empty() => Err(Trouble::Clamd(AntivirusAway::Empty)),
            None => Err(Trouble::Clamd(AntivirusAway::Odd(format!("{said:?}")))),
        }
    }

    async fn open(&self) -> io::Result<Box<dyn Wire>> {
        Ok(match &self.address {
            Address::Unix(path) => Box::new(UnixStream::connect(path).await?),
            Address::Tcp(place) => Box::new(TcpStream::connect(place).await?),
        })
    }
}

fn late(within: Duration) -> AntivirusAway {
    AntivirusAway::Late(within.as_secs())
}

/// Up to the NUL that ends it, and that nothing came with it; no control character, and bounded.
async fn answer(wire: &mut dyn Wire) -> io::Result<(String, bool)> {
    let mut bytes = Vec::new();
    let mut wire = wire.take(ANSWER_BYTES);
    while !bytes.contains(&0) && wire.read_buf(&mut bytes).await? > 0 {}
    let said = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let alone = bytes.len() <= said.len() + 1;
    let text = String::from_utf8_lossy(said);
    Ok((text.trim().chars().filter(|c| !c.is_control()).take(SHOWN).collect(), alone))
}

/// It says no more and hangs up, having taken every byte: the system cuts a connection of which some were left.
async fn ended(wire: &mut dyn Wire) -> bool {
    matches!(wire.read(&mut [0]).await, Ok(0))
}

/// What an answer to `zINSTREAM` means, if it is one that is known.
fn meaning(said: &str) -> Option<Said> {
    if said == "stream: OK" {
        return Some(Said::Nothing);
    }
    if let Some(name) = said.strip_prefix("stream: ").and_then(|rest| rest.strip_suffix(" FOUND")) {
        return Some(Said::Found(name.to_owned()));
    }
    said.starts_with("INSTREAM size limit exceeded").then_some(Said::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_one_answer_means_that_nothing_was_found() {
        assert_eq!(meaning("stream: OK"), Some(Said::Nothing));
        assert_eq!(meaning("stream: Essai.UNOFFICIAL FOUND"), Some(Said::Found("Essai.UNOFFICIAL".into())));
        assert_eq!(meaning("INSTREAM size limit exceeded. ERROR"), Some(Said::TooLarge));
        for other in
            ["", "OK", "stream: OK?", "stream: Can't allocate memory ERROR", "UNKNOWN COMMAND", "FOUND", "x: OK"]
        {
            assert_eq!(meaning(other), None, "{other}");
        }
    }
}
