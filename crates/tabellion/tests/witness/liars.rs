//! Witnesses that answer something else than the truth.

use crate::programs::{Log, Witness, until};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use watch::{AddCheckpoint, CosigningKey, UnixSeconds};

fn key(name: &str) -> CosigningKey {
    CosigningKey::from_seed(&format!("{name}.exemple.fr/temoin"), &proof::sha256(name.as_bytes()).0).unwrap()
}

/// Answers every request with what `lie` makes of it; the line to put into a policy.
fn liar(name: &'static str, lie: fn(&CosigningKey, AddCheckpoint, &mut TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            if let Some(request) = read(&mut stream) {
                lie(&key(name), request, &mut stream);
            }
        }
    });
    format!("witness {name} {} http://{address}\n", key(name).cosigner_key())
}

/// Answers every head with a page of its own; whoever asks what was cosigned last hears this witness.
fn front(name: &'static str, witness: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut asked, mut chunk) = (stream.unwrap(), String::new(), [0; 4096]);
            // A head ends with a signature line, and a request to read with a blank one.
            while !(asked.ends_with("=\n") || asked.starts_with("GET ") && asked.ends_with("\r\n\r\n")) {
                match stream.read(&mut chunk) {
                    Ok(read) if read > 0 => asked.push_str(&String::from_utf8_lossy(&chunk[..read])),
                    _ => break,
                }
            }
            let path = asked.strip_prefix("GET ").and_then(|rest| rest.split(' ').next());
            let found = path.and_then(|path| crate::programs::agent().get(format!("{witness}{path}")).call().ok());
            match found.and_then(|mut found| found.body_mut().read_to_string().ok()) {
                Some(note) => answer(&mut stream, "200 OK", "text/plain", &note),
                None => answer(&mut stream, "422 Unprocessable Content", "text/html", "<h1>Conflit</h1>"),
            }
        }
    });
    format!("witness {name} {} http://{address}\n", key(name).cosigner_key())
}

fn read(stream: &mut TcpStream) -> Option<AddCheckpoint> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return AddCheckpoint::parse(body).ok();
            }
        }
        match stream.read(&mut chunk) {
            Ok(read) if read > 0 => bytes.extend(&chunk[..read]),
            _ => return None,
        }
    }
}

fn answer(stream: &mut TcpStream, status: &str, kind: &str, body: &str) {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

fn text(request: &AddCheckpoint) -> String {
    proof::SignedNote::parse(&request.checkpoint).unwrap().text
}

fn line(key: &CosigningKey, text: &str) -> String {
    key.cosign(text, UnixSeconds(1_795_435_200)).unwrap().write()
}

#[test]
fn no_lie_counts_and_none_disturbs_the_others() {
    let mut log = Log::new();
    let mut honest = Witness::new(log.place.path(), "honnete");
    honest.start(&log.vkey);
    let lines = [
        liar("cle", |_, request, stream| {
            let other = CosigningKey::from_seed("cle.exemple.fr/temoin", &[1; 32]).unwrap();
            answer(stream, "200 OK", "text/plain", &line(&other, &text(&request)));
        }),
        liar("texte", |key, _, stream| answer(stream, "200 OK", "text/plain", &line(key, "other/log\n1\nx\n"))),
        liar("bruit", |_, _, stream| answer(stream, "200 OK", "text/plain", "\u{0} bonjour\n")),
        liar("rien", |_, _, stream| answer(stream, "200 OK", "text/plain", "")),
        liar("long", |_, _, stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n");
            // Until the other side has had enough, which is soon.
            let (block, mut sent) = ([b'x'; 65_536], 0u64);
            while stream.write_all(&block).is_ok() {
                sent += 65_536;
                assert!(sent < 64 << 20, "the log took {sent} bytes");
            }
        }),
        liar("avance", |_, _, stream| answer(stream, "409 Conflict", "text/x.tlog.size", "999999\n")),
        liar("autre", |_, _, stream| answer(stream, "409 Conflict", "text/plain", "")),
        // A size that says its charset, another that writes itself large: sizes all the same.
        liar("parametre", |_, _, stream| answer(stream, "409 Conflict", "text/x.tlog.size; charset=utf-8", "0\n")),
        liar("casse", |_, _, stream| answer(stream, "409 Conflict", "Text/X.Tlog.Size", "999999\n")),
        // A front that refuses what it does not understand, before a witness that holds nothing against this log.
        front("page", honest.url()),
        liar("tourne", |_, request, stream| {
            let size = if request.old.0 == 1 { "0\n" } else { "1\n" };
            answer(stream, "409 Conflict", "text/x.tlog.size", size);
        }),
        liar("refus", |_, _, stream| answer(stream, "404 Not Found", "text/plain", "")),
        liar("ailleurs", |_, _, stream| {
            let _ = stream.write_all(
                b"HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n",
            );
        }),
        liar("muet", |_, _, _| std::thread::sleep(std::time::Duration::from_secs(3600))),
    ];
    log.start_with(&format!("log {}\n{}{}quorum honnete\n", log.vkey, honest.line(), lines.concat()));
    let id = log.deposit("au milieu des menteurs");
    log.seal();
    let verdict = until("the honest one", || Some(log.judge(&id)).filter(|verdict| verdict.reason.is_none()));
    assert_eq!(verdict.verdict, verifier::Overall::PassedTimestamped);
    for (name, state) in [
        ("honnete", "cosigns"),
        ("cle", "cosignature-false"),
        ("texte", "cosignature-false"),
        ("bruit", "answer-refused"),
        ("rien", "cosignature-false"),
        ("long", "unreachable"),
        ("avance", "ahead"),
        ("autre", "answer-refused"),
        ("parametre", "answer-refused"),
        ("casse", "ahead"),
        ("page", "answer-refused"),
        ("tourne", "answer-refused"),
        ("refus", "answer-refused"),
        ("ailleurs", "answer-refused"),
        ("muet", "unreachable"),
    ] {
        until(name, || (log.standing(name) == state).then_some(()));
    }
    // Nothing false was kept or shown: only the log's line and the honest one's.
    assert_eq!(log.checkpoint().signatures.len(), 2);
    let pack = log.pack(&id);
    let member = seal::Container::parse(&pack).unwrap().read("META-INF/tabellion/cosignatures").unwrap();
    assert_eq!(String::from_utf8(member).unwrap().lines().count(), 1);
}
