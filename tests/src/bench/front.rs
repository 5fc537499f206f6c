//! A plain HTTP front: a thread for each connection, every request read whole, one answer. What it takes is what carrying requests and
//! answers takes; what else is done with a request is the caller's.

use anyhow::Result;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

const BODY_MAX: usize = 16 << 20;

/// Makes the answer's body from a request's; `false` when it could not.
pub type Handler = Box<dyn FnMut(&[u8], &mut Vec<u8>) -> bool + Send>;

/// Makes a handler for each connection.
pub type Maker = dyn Fn() -> Result<Handler> + Send + Sync;

/// Serves until it is dropped; connections end with their clients.
pub struct Front {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Front {
    /// Listening on loopback.
    ///
    /// # Errors
    /// No port.
    pub fn start(make: Arc<Maker>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (address, over) = (listener.local_addr()?, Arc::new(AtomicBool::new(false)));
        let ended = Arc::clone(&over);
        let accepting = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::Acquire) {
                    break;
                }
                let make = Arc::clone(&make);
                let Ok(stream) = stream else { continue };
                std::thread::spawn(move || {
                    if let Ok(mut handle) = make() {
                        let _ = serve(stream, &mut *handle);
                    }
                });
            }
        });
        Ok(Self { address, over, accepting: Some(accepting) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        // Wakes the one who waits for connections.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

fn serve(stream: TcpStream, handle: &mut dyn FnMut(&[u8], &mut Vec<u8>) -> bool) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(32 << 10, stream);
    let (mut line, mut body, mut answer, mut out) = (String::new(), Vec::new(), Vec::new(), Vec::new());
    loop {
        let mut length = 0;
        let mut first = true;
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line.trim_end().is_empty() && !first {
                break;
            }
            first = false;
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
        }
        if length > BODY_MAX {
            return Err(io::Error::other("a body too large"));
        }
        body.resize(length, 0);
        reader.read_exact(&mut body)?;
        answer.clear();
        let done = handle(&body, &mut answer);
        let status = if done { "201 Created" } else { "500 Internal Server Error" };
        out.clear();
        write!(out, "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", answer.len())?;
        out.extend_from_slice(&answer);
        reader.get_mut().write_all(&out)?;
    }
}

#[cfg(test)]
mod tests {
    use super::{Front, Handler};
    use crate::wire::{Connection, Request};
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn every_request_gets_its_answer() {
        let make = || {
            let handle: Handler = Box::new(|body, answer| {
                answer.extend(body.iter().rev());
                !body.is_empty()
            });
            Ok(handle)
        };
        let front = Front::start(Arc::new(make)).unwrap();
        let mut connection = Connection::open(front.address(), Duration::from_secs(5)).unwrap();
        for (body, status) in [(&b"abc"[..], 201), (b"", 500), (&[7; 100_000], 201)] {
            let asked = Request { method: "POST", path: "/", token: None, key: None, body };
            let answer = connection.ask(&asked).unwrap();
            assert_eq!(answer.status, status);
            assert!(answer.body.iter().eq(body.iter().rev()));
        }
    }
}
