//! A small HTTP/1.1 client over one kept connection, which knows exactly when a request has left and when its answer is whole.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const ANSWER_BYTES_MAX: usize = 256 << 20;
const HEADERS_MAX: usize = 100;

/// One kept connection to the server.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// The body, whole.
    pub body: Vec<u8>,
    /// The server will not take another request on this connection.
    pub last: bool,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `GET`, `POST`.
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// API token, sent as bearer.
    pub token: Option<&'a str>,
    /// `Idempotency-Key`.
    pub key: Option<&'a str>,
    /// The body; empty for none.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// A `GET` of this path.
    pub fn read(path: &'a str, token: Option<&'a str>) -> Self {
        Request { method: "GET", path, token, key: None, body: &[] }
    }
}

impl Connection {
    /// Connected; every later wait is bounded by `limit`.
    ///
    /// # Errors
    /// Nobody listens there, or not in time.
    pub fn open(address: SocketAddr, limit: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, limit)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(limit))?;
        Ok(Connection { stream: BufReader::with_capacity(16 << 10, stream) })
    }

    /// On return every byte of the request has been handed to the kernel: it is in flight.
    ///
    /// # Errors
    /// The connection broke.
    pub fn send(&mut self, request: &Request) -> io::Result<()> {
        let mut bytes = format!("{} {} HTTP/1.1\r\nhost: localhost\r\n", request.method, request.path);
        if let Some(token) = request.token {
            bytes += &format!("authorization: Bearer {token}\r\n");
        }
        if let Some(key) = request.key {
            bytes += &format!("idempotency-key: {key}\r\n");
        }
        if request.method != "GET" {
            bytes += "content-type: application/octet-stream\r\n";
            bytes += &format!("content-length: {}\r\n", request.body.len());
        }
        bytes += "\r\n";
        let mut bytes = bytes.into_bytes();
        bytes.extend_from_slice(request.body);
        self.stream.get_mut().write_all(&bytes)
    }

    /// The answer to the oldest request without one, once it is whole.
    ///
    /// # Errors
    /// The connection ended before that, or what came is not HTTP.
    pub fn receive(&mut self) -> io::Result<Answer> {
        let status_line = self.line()?;
        let status = status_line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.filter(|_| status_line.starts_with("HTTP/1.1 ")).ok_or_else(|| not_http(&status_line))?;
        let (mut length, mut chunked, mut last) = (None, false, false);
        for _ in 0..HEADERS_MAX {
            let line = self.line()?;
            if line.is_empty() {
                let body = self.body(length, chunked)?;
                return Ok(Answer { status, body, last });
            }
            let (name, value) = line.split_once(':').ok_or_else(|| not_http(&line))?;
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = Some(value.parse().map_err(|_| not_http(&line))?),
                "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
                "connection" => last = value.eq_ignore_ascii_case("close"),
                _ => {}
            }
        }
        Err(not_http("too many headers"))
    }

    /// The answer to this request.
    ///
    /// # Errors
    /// As [`Connection::send`] and [`Connection::receive`].
    pub fn ask(&mut self, request: &Request) -> io::Result<Answer> {
        self.send(request)?;
        self.receive()
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.by_ref().take(16 << 10).read_line(&mut line)? == 0 || !line.ends_with('\n') {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        line.truncate(line.trim_end().len());
        Ok(line)
    }

    fn exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        if length > ANSWER_BYTES_MAX {
            return Err(not_http("an answer too large"));
        }
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn body(&mut self, length: Option<usize>, chunked: bool) -> io::Result<Vec<u8>> {
        if !chunked {
            return self.exactly(length.unwrap_or(0));
        }
        let mut body = Vec::new();
        loop {
            let line = self.line()?;
            let size = usize::from_str_radix(line.split(';').next().unwrap_or(""), 16);
            let size = size.map_err(|_| not_http(&line))?;
            body.extend(self.exactly(size)?);
            self.line()?;
            if size == 0 {
                return Ok(body);
            }
        }
    }
}

fn not_http(seen: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not an HTTP answer: {seen:?}"))
}

/// The answer to a single request over a connection of its own.
///
/// # Errors
/// As [`Connection::open`] and [`Connection::ask`].
pub fn once(address: SocketAddr, request: &Request, limit: Duration) -> io::Result<Answer> {
    Connection::open(address, limit)?.ask(request)
}

#[cfg(test)]
mod tests {
    use super::{Connection, Request};
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::time::Duration;

    fn answered(bytes: &'static [u8]) -> std::io::Result<super::Answer> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]);
            stream.write_all(bytes).unwrap();
        });
        let mut connection = Connection::open(address, Duration::from_secs(5)).unwrap();
        connection.ask(&Request::read("/livez", None))
    }

    #[test]
    fn an_answer_is_whole_or_an_error() {
        let sized = answered(b"HTTP/1.1 201 Created\r\nContent-Length: 3\r\nconnection: close\r\n\r\nabcd").unwrap();
        assert_eq!((sized.status, sized.body.as_slice(), sized.last), (201, b"abc".as_slice(), true));
        let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
        assert_eq!(answered(chunked).unwrap().body, b"abc");
        assert!(answered(b"HTTP/1.1 201 Created\r\ncontent-length: 3\r\n\r\nab").is_err());
        assert!(answered(b"HTTP/1.1 201 Created\r\ncontent-length: 3\r\n").is_err());
        assert!(answered(b"SSH-2.0\r\n\r\n").is_err());
        assert!(answered(b"").is_err());
    }
}
