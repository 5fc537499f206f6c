//! Servers that refuse, are silent, cut their answers or list less than they keep: each has its code, and nothing is taken for whole.
//! A real server is asked in tests/interop.

use super::settings::{Patience, Settings};
use super::*;
use crate::trouble::Trouble;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::time::Duration;

/// Request line and body, as they came.
type Asked = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// A server that gives each request the bytes that this makes of it, then closes; what it was asked.
fn server(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, asked) = (listener.local_addr().unwrap(), Asked::default());
    let noted = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            if let Some((line, body)) = request(&stream) {
                noted.lock().unwrap().push((line.clone(), body));
                let _ = stream.write_all(&answer(&line));
            }
        }
    });
    (format!("http://{address}"), asked)
}

fn request(stream: &TcpStream) -> Option<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if first.is_empty() {
            first = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
        } else if line.trim_end().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((first, body))
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    let date = "Last-Modified: Thu, 26 Nov 2026 10:00:00 GMT\r\nETag: \"e\"";
    format!("HTTP/1.1 {status}\r\n{date}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn refusal(status: &str, code: &str) -> Vec<u8> {
    answer(status, &format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>"))
}

fn listing(names: &[&str], more: &str) -> Vec<u8> {
    let one = |name: &&str| {
        format!(
            "<Contents><Key>{name}</Key><LastModified>2026-11-26T10:00:00.000Z</LastModified><Size>3</Size></Contents>"
        )
    };
    let names: String = names.iter().map(one).collect();
    answer("200 OK", &format!("<?xml version=\"1.0\"?><ListBucketResult>{more}{names}</ListBucketResult>"))
}

fn bucket(endpoint: &str) -> Bucket {
    let variables = [
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ALLOW_HTTP", "true"),
    ];
    let mut settings =
        Settings::of(&|name| variables.iter().find(|pair| pair.0 == name).map(|pair| pair.1.to_owned())).unwrap();
    settings.patience = Patience { connect: Duration::from_secs(2), answer: Duration::from_millis(600), retries: 1 };
    Bucket::of(settings, "bucket", "p", "s3://bucket/p".into()).unwrap()
}

/// The code of a failure, its place and its English sentence.
fn told(name: &str, error: &io::Error) -> Trouble {
    let trouble = Trouble::shelf(name, error);
    assert_eq!(trouble.place, format!("s3://bucket/p/{name}"), "{trouble:?}");
    trouble
}

#[test]
fn each_refusal_has_its_code() {
    let refusals: [(&str, &str, &str); 7] = [
        ("403 Forbidden", "AccessDenied", "place-denied"),
        ("403 Forbidden", "RequestTimeTooSkewed", "place-denied"),
        ("404 Not Found", "NoSuchBucket", "place-no-bucket"),
        ("503 Slow Down", "SlowDown", "place-busy"),
        ("500 Internal Server Error", "InternalError", "place-busy"),
        ("400 Bad Request", "AuthorizationHeaderMalformed", "place-answer"),
        ("301 Moved Permanently", "PermanentRedirect", "place-answer"),
    ];
    for (status, code, expected) in refusals {
        let (endpoint, _) = server(move |_| refusal(status, code));
        let bucket = bucket(&endpoint);
        let listed = told("manifests", &bucket.list("manifests").unwrap_err());
        let put = told("objects/a", &bucket.put("objects/a", &mut &b"abc"[..]).unwrap_err());
        let read = told("objects/a", &bucket.open("objects/a").err().unwrap());
        for trouble in [listed, put, read] {
            assert_eq!(trouble.code, expected, "{status} {code}: {trouble:?}");
        }
    }
    // A listing is of a bucket, whatever else the server says of it; an object may be missing.
    let (endpoint, _) = server(|_| answer("404 Not Found", ""));
    let bucket = bucket(&endpoint);
    assert_eq!(told("manifests", &bucket.list("manifests").unwrap_err()).code, "place-no-bucket");
    assert_eq!(bucket.open("objects/a").err().unwrap().kind(), io::ErrorKind::NotFound);
    assert_eq!(bucket.length("other/a").unwrap(), None);
    assert!(bucket.remove("objects/a").is_ok(), "what is not there is removed");
}

#[test]
fn silence_a_closed_port_and_an_answer_cut_short_have_theirs() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let to_silent = bucket(&format!("http://{}", silent.local_addr().unwrap()));
    assert_eq!(told("manifests", &to_silent.list("manifests").unwrap_err()).code, "place-timed-out");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let to_closed = bucket(&format!("http://{closed}"));
    assert_eq!(told("manifests", &to_closed.list("manifests").unwrap_err()).code, "place-unreachable");
    // It promises ten bytes and gives three, of an object that it cannot go on with.
    let (endpoint, _) = server(|_| answer("200 OK", "abc").promising(10));
    let cut = bucket(&endpoint);
    let mut bytes = Vec::new();
    let error = cut.open("objects/a").unwrap().read_to_end(&mut bytes).unwrap_err();
    assert_eq!(told("objects/a", &error).code, "place-cut");
    let (endpoint, _) = server(|_| answer("200 OK", "<ListBucketResult><Contents><Key>p/objects/a</Key>"));
    assert_eq!(told("objects", &bucket(&endpoint).list("objects").unwrap_err()).code, "place-answer");
}

trait Promise {
    fn promising(self, length: usize) -> Vec<u8>;
}

impl Promise for Vec<u8> {
    fn promising(self, length: usize) -> Vec<u8> {
        let text = String::from_utf8(self).unwrap().replace("ETag: \"e\"", "X-Other: e");
        text.replace("Content-Length: 3", &format!("Content-Length: {length}")).into_bytes()
    }
}

#[test]
fn a_listing_that_was_cut_without_a_word_is_gone_on_with() {
    let all = ["p/objects/a/1", "p/objects/a/2", "p/objects/b/1", "p/objects/b/2", "p/objects/c/1"];
    // Two names at an asking, though it says that there are no more; it goes on after a name that is given.
    let (endpoint, asked) = server(move |line| {
        let after = line.split(['?', '&']).find_map(|part| part.strip_prefix("start-after=")).unwrap_or_default();
        let after = after.replace("%2F", "/");
        let names: Vec<&str> = all.into_iter().filter(|name| *name > after.as_str()).take(2).collect();
        listing(&names, "<IsTruncated>false</IsTruncated>")
    });
    let bucket = bucket(&endpoint);
    let listed = bucket.list("objects").unwrap();
    assert_eq!(listed, all.map(|name| name.strip_prefix("p/").unwrap()));
    assert_eq!(asked.lock().unwrap().len(), 4);
    // Lengths come from one listing, and from what was put and removed since.
    assert_eq!((bucket.length("objects/c/1").unwrap(), bucket.length("objects/d/1").unwrap()), (Some(3), None));
    assert_eq!(asked.lock().unwrap().len(), 8);
    // A server that knows no such question is asked no more than it takes to see it.
    let (endpoint, asked) = server(|_| listing(&["p/objects/a"], ""));
    assert_eq!(super::tests::bucket(&endpoint).list("objects").unwrap(), ["objects/a"]);
    assert_eq!(asked.lock().unwrap().len(), 2);
}

#[test]
fn what_must_be_new_replaces_nothing() {
    // One that knows no conditions: it is looked at before.
    let (endpoint, asked) = server(|_| answer("200 OK", "other"));
    let error = bucket(&endpoint).create("manifests/x.json", b"ours").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(told("manifests/x.json", &error).code, "place-taken");
    assert!(!asked.lock().unwrap().iter().any(|(line, _)| line.starts_with("PUT")), "it was replaced");
    // One where it comes between the look and the put.
    let (endpoint, _) = server(|line| match line.split(' ').next() {
        Some("HEAD") => answer("404 Not Found", ""),
        Some("PUT") => refusal("412 Precondition Failed", "PreconditionFailed"),
        _ => answer("200 OK", "other"),
    });
    let racing = bucket(&endpoint);
    assert_eq!(told("manifests/x.json", &racing.create("manifests/x.json", b"ours").unwrap_err()).code, "place-taken");
    // Ours, put by an asking whose answer was lost.
    racing.create("manifests/x.json", b"other").unwrap();
}

#[test]
fn a_large_object_goes_in_parts_none_of_which_waits_for_the_next() {
    const PART: usize = limits::BUCKET_PART_BYTES as usize;
    let (endpoint, asked) = server(|line| match line.split(' ').next() {
        Some("POST") if line.contains("uploads") => {
            answer("200 OK", "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
        }
        Some("POST") => {
            answer("200 OK", "<CompleteMultipartUploadResult><ETag>\"x\"</ETag></CompleteMultipartUploadResult>")
        }
        _ => answer("200 OK", ""),
    });
    /// Says how far it was read ahead of what the server has.
    struct Ahead<'a>(usize, usize, &'a Asked, usize);
    impl Read for Ahead<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = into.len().min(self.0 - self.1);
            into[..count].fill(7);
            self.1 += count;
            let there: usize = self.2.lock().unwrap().iter().map(|(_, body)| body.len()).sum();
            self.3 = self.3.max(self.1.saturating_sub(there));
            Ok(count)
        }
    }
    let mut source = Ahead(2 * PART + 5, 0, &asked, 0);
    bucket(&endpoint).put("objects/a", &mut source).unwrap();
    assert!(source.3 <= PART, "{} bytes were held", source.3);
    let parts: Vec<usize> =
        asked.lock().unwrap().iter().filter(|a| a.0.starts_with("PUT")).map(|a| a.1.len()).collect();
    assert_eq!(parts, [PART, PART, 5]);
}

#[test]
fn parts_of_an_object_that_could_not_be_sent_are_given_up() {
    let (endpoint, asked) = server(|line| match line.split(' ').next() {
        Some("POST") => {
            answer("200 OK", "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
        }
        Some("PUT") => refusal("403 Forbidden", "AccessDenied"),
        _ => answer("204 No Content", ""),
    });
    let error = bucket(&endpoint).put("objects/a", &mut io::repeat(7).take(limits::BUCKET_PART_BYTES + 1)).unwrap_err();
    assert_eq!(told("objects/a", &error).code, "place-denied");
    let asked = asked.lock().unwrap();
    assert!(asked.iter().any(|(line, _)| line.starts_with("DELETE") && line.contains("uploadId=u")), "{asked:?}");
}
