//! A small web server of the test: honest, slow or hostile, as it is told.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// Serves until dropped.
#[derive(Debug)]
pub struct Small {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Small {
    /// Every path gets what this answers; `None` is 404.
    ///
    /// # Panics
    /// No port is free.
    pub fn serve(answer: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        Self::coded("", answer)
    }

    /// The same, each answer below `/tile/` said to be of this content coding.
    ///
    /// # Panics
    /// No port is free.
    pub fn coded(coding: &'static str, answer: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let over = Arc::new(AtomicBool::new(false));
        let (told, answer) = (over.clone(), Arc::new(answer));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if told.load(Ordering::SeqCst) {
                    return;
                }
                let answer = answer.clone();
                std::thread::spawn(move || {
                    // A client that hangs up has its reasons.
                    let _ = one(stream, coding, answer.as_ref());
                });
            }
        });
        Self { address, over, thread: Some(thread) }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the loop, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn one(stream: TcpStream, coding: &str, answer: &dyn Fn(&str) -> Option<Vec<u8>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = first.split(' ').nth(1).unwrap_or_default();
    let found = answer(path);
    let coded = !coding.is_empty() && path.starts_with("/tile/");
    let coding = if coded { format!("content-encoding: {coding}\r\n") } else { String::new() };
    let (status, body) = found.map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
    let mut stream = reader.into_inner();
    write!(stream, "HTTP/1.1 {status}\r\n{coding}content-length: {}\r\nconnection: close\r\n\r\n", body.len())?;
    stream.write_all(&body)?;
    stream.shutdown(Shutdown::Write)
}
