//! `/tsa`, and authorities that lie, say nothing or say too much: none of them stops a deposit, none gets a seal.

use crate::house::House;
use seal::{ExpectedToken, RingVerifier, TEST_POLICY, TestAuthority, TimestampRequest, TokenPolicy, UnixMillis};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use verifier::Overall;

const QUERY: [(&str, &str); 1] = [("content-type", "application/timestamp-query")];

#[test]
fn any_client_gets_a_token_that_passes_by_the_policys_roots() {
    let house = House::new();
    let client = house.client("");
    let request = TimestampRequest { imprint_sha256: [7; 32], nonce: vec![0x41, 2], policy: None, cert_req: true };
    let mut serials = Vec::new();
    for _ in 0..2 {
        let answer = client.send("POST", "/tsa", &QUERY, &request.to_der()).expect(200);
        assert_eq!(answer.header("content-type"), "application/timestamp-reply");
        let token = seal::parse_response(&answer.bytes).unwrap();
        let roots = house.policy().tsa_roots;
        let at = UnixMillis(crate::house::now().0 as i64);
        let policy = TokenPolicy::new(&roots, at, &RingVerifier);
        let expected = ExpectedToken { nonce: Some(&[0x41, 2]), ..ExpectedToken::sha256(&[7; 32]) };
        assert!(seal::check_token(&token, &expected, &policy).passed());
        serials.push(token.serial().to_vec());
    }
    assert_ne!(serials[0], serials[1]);
    assert_eq!(client.post("/tsa", "x").expect(415).code(), "media-type-unsupported");
    let refused = client.send("POST", "/tsa", &QUERY, b"no request").expect(200);
    assert!(seal::parse_response(&refused.bytes).is_err());
    assert_eq!(client.send("POST", "/tsa", &QUERY, &vec![0; 70_000]).expect(413).code(), "body-too-large");
}

/// What a lying authority does with a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lie {
    None,
    WrongImprint,
    WrongNonce,
    OtherRoot,
    OtherPolicy,
    Old,
    Ahead,
    Refusal,
    NoToken,
    NoAnswer,
    SlowDrip,
    Gigabyte,
    OtherType,
    Status500,
    Redirect,
}

/// An authority on a loopback socket whose lie can be changed.
pub struct Liar {
    url: String,
    pub lie: Arc<Mutex<Lie>>,
    root: String,
}

fn liar() -> Liar {
    liar_since(0)
}

/// One whose certificates were made so many milliseconds ago: those of its tokens hold for ten years.
pub fn liar_since(millis: i64) -> Liar {
    let rng = ring::rand::SystemRandom::new();
    let now = UnixMillis(crate::house::now().0 as i64 - 60_000 - millis);
    let authority = TestAuthority::create(now, &rng).unwrap();
    let other = TestAuthority::create(now, &rng).unwrap();
    let root = authority.ca_pem();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let lie = Arc::new(Mutex::new(Lie::None));
    let told = lie.clone();
    std::thread::spawn(move || {
        let mut serial = 1;
        for stream in listener.incoming() {
            serial += 1;
            let lie = *told.lock().unwrap();
            let _ = answer(stream.unwrap(), lie, &authority, &other, serial);
        }
    });
    Liar { url, lie, root }
}

fn answer(
    mut stream: TcpStream,
    lie: Lie,
    honest: &TestAuthority,
    other: &TestAuthority,
    serial: u64,
) -> std::io::Result<()> {
    let request = read_request(&mut stream)?;
    let asked = TimestampRequest::parse(&request).unwrap();
    let mut own = TimestampRequest {
        // A renewal of hashes asks for a longer one, which only honest answers cover.
        imprint_sha256: asked.imprint.clone().try_into().unwrap_or([0; 32]),
        nonce: asked.nonce.clone().unwrap(),
        policy: None,
        cert_req: true,
    };
    let now = UnixMillis(crate::house::now().0 as i64 - 60_000);
    let rng = ring::rand::SystemRandom::new();
    let mut kind = "application/timestamp-reply";
    let mut status = "200 OK";
    let body = match lie {
        Lie::None => honest.answer(&request, now, serial, &rng),
        Lie::WrongImprint => {
            own.imprint_sha256[0] ^= 1;
            honest.answer(&own.to_der(), now, serial, &rng)
        }
        Lie::WrongNonce => {
            own.nonce[5] ^= 1;
            honest.answer(&own.to_der(), now, serial, &rng)
        }
        Lie::OtherRoot => other.answer(&request, now, serial, &rng),
        Lie::OtherPolicy => {
            // A right answer, to the request of somebody who asked for no policy, with the policy's last digit changed in it.
            let mut answer = honest.answer(&own.to_der(), now, serial, &rng);
            let policy = [0x83, 0xd4, 0x5f, 1, 1];
            let at = answer.windows(5).position(|bytes| bytes == policy).unwrap();
            answer[at + 4] = 2;
            answer
        }
        Lie::Old => honest.answer(&request, UnixMillis(now.0 - 301_000), serial, &rng),
        Lie::Ahead => honest.answer(&request, UnixMillis(now.0 + 600_000), serial, &rng),
        Lie::NoToken => vec![0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x00],
        Lie::SlowDrip => {
            let answer = honest.answer(&request, now, serial, &rng);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", answer.len());
            stream.write_all(head.as_bytes())?;
            for byte in answer {
                stream.write_all(&[byte])?;
                std::thread::sleep(Duration::from_millis(20));
            }
            return Ok(());
        }
        Lie::Gigabyte => {
            stream.write_all(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/timestamp-reply\r\ncontent-length: 1073741824\r\n\r\n",
            )?;
            return (0..1024).try_for_each(|_| stream.write_all(&[0x30; 1 << 20]));
        }
        Lie::Refusal => honest.answer(b"not a request", now, serial, &rng),
        Lie::NoAnswer => {
            std::thread::sleep(Duration::from_secs(3));
            return Ok(());
        }
        Lie::OtherType => {
            kind = "text/html";
            honest.answer(&request, now, serial, &rng)
        }
        Lie::Status500 => {
            status = "500 Oops";
            Vec::new()
        }
        Lie::Redirect => {
            status = "307 Elsewhere\r\nlocation: http://127.0.0.1:1/";
            Vec::new()
        }
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)
}

fn read_request(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let count = stream.read(&mut chunk)?;
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        if let Some(end) = text.find("\r\n\r\n") {
            let length = text.split("content-length: ").nth(1).and_then(|t| t.lines().next()?.trim().parse().ok());
            let start = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
            let _ = end;
            if bytes.len() >= start + length.unwrap_or(0usize) || count == 0 {
                return Ok(bytes[start..].to_vec());
            }
        }
    }
}

/// From the next start on, this authority alone is asked and trusted.
fn trust(house: &House, liar: &Liar) {
    trust_in_order(house, &[liar]);
}

/// The same of several, in this order.
pub fn trust_in_order(house: &House, liars: &[&Liar]) {
    let path = crate::house::configuration(&house.data());
    let mut text = std::fs::read_to_string(&path).unwrap();
    for (place, liar) in liars.iter().enumerate() {
        let root = format!("root{place}.pem");
        std::fs::write(house.data().join(&root), &liar.root).unwrap();
        let table = if place == 0 { "[tsa]" } else { "[[tsa.fallback]]" };
        text += &format!(
            "{table}\nurl = \"{}\"\nroots = [\"{root}\"]\npolicy = \"{TEST_POLICY}\"\nseconds = 1\n",
            liar.url
        );
    }
    std::fs::write(&path, text).unwrap();
}

#[test]
fn a_pack_whose_authority_the_operator_no_longer_trusts_is_given_and_says_so() {
    let mut house = House::new();
    let (tenant, client) = house.tenant(0);
    let body = client.deposit("a.txt", b"a", &[]).expect(201).json();
    client.post("/v1/seals", "").expect(200);
    let evidence = body["links"]["evidence"].as_str().unwrap();
    client.get(evidence).expect(200);
    // The operator drops the root under which it was sealed: our own verifier then cannot pass it.
    let liar = liar();
    house.stop();
    trust(&house, &liar);
    house.start();
    let given = house.token(&tenant, "read").get(evidence).expect(200);
    assert_eq!(given.header("tabellion-verdict"), "INDETERMINATE; reason=token-not-trusted");
}

#[test]
fn a_lying_authority_gets_no_seal_and_stops_no_deposit() {
    let mut house = House::new();
    let liar = liar();
    house.stop();
    trust(&house, &liar);
    house.start();
    let (_, client) = house.tenant(0);
    // With another authority configured, the built-in one is closed.
    house.client("").send("POST", "/tsa", &QUERY, b"").expect(404);
    let lies = [
        (Lie::WrongImprint, "tsa-token-refused"),
        (Lie::WrongNonce, "tsa-token-refused"),
        (Lie::OtherRoot, "tsa-token-refused"),
        (Lie::OtherPolicy, "tsa-token-refused"),
        (Lie::Old, "tsa-token-refused"),
        (Lie::Ahead, "tsa-token-refused"),
        (Lie::Refusal, "tsa-answer-refused"),
        (Lie::NoToken, "tsa-answer-refused"),
        (Lie::NoAnswer, "tsa-unreachable"),
        (Lie::SlowDrip, "tsa-unreachable"),
        (Lie::Gigabyte, "tsa-unreachable"),
        (Lie::OtherType, "tsa-unreachable"),
        (Lie::Status500, "tsa-unreachable"),
        (Lie::Redirect, "tsa-unreachable"),
    ];
    let mut bodies = Vec::new();
    for (n, (lie, code)) in lies.into_iter().enumerate() {
        *liar.lie.lock().unwrap() = lie;
        bodies.push(client.deposit("a.txt", format!("{n}").as_bytes(), &[]).expect(201).json());
        let pending = client.post("/v1/seals", "").expect(202).json();
        assert_eq!(
            (&pending["status"], &pending["code"], &pending["batch"]),
            (&"pending".into(), &code.into(), &0.into()),
            "{lie:?}"
        );
        let evidence = format!("{}?require=sealed", bodies[n]["links"]["evidence"].as_str().unwrap());
        assert_eq!(client.get(&evidence).expect(409).code(), "seal-pending", "{lie:?}");
    }
    let seal = client.get("/readyz").expect(200).json()["seal"].clone();
    assert_eq!((&seal["last"], &seal["failing"]["attempts"]), (&Value::Null, &lies.len().into()));
    assert_eq!(seal["failing"]["code"], "tsa-unreachable");
    assert!(seal["pending"]["age_seconds"].as_u64().unwrap() >= 3, "{seal}");
    *liar.lie.lock().unwrap() = Lie::None;
    let sealed = client.post("/v1/seals", "").expect(200).json();
    assert_eq!((&sealed["status"], &sealed["batch"], &sealed["first"]), (&"sealed".into(), &0.into(), &0.into()));
    for body in &bodies {
        let pack = client.get(body["links"]["evidence"].as_str().unwrap()).expect(200).bytes;
        assert_eq!(house.judge(&pack).verdict, Overall::PassedTimestamped);
    }
    // Each of them stands in the journal, which the seal archived.
    let told = journal(&house);
    let codes: Vec<&str> = told.iter().map(|event| event["code"].as_str().unwrap()).collect();
    assert_eq!(codes, lies.map(|(_, code)| code));
    assert!(told.iter().all(|event| event["event"] == "seal-refused" && event["why"] != "" && event["batch"] == 0));
    let seal = client.get("/readyz").expect(200).json()["seal"].clone();
    assert_eq!((&seal["last"]["batch"], &seal["pending"], &seal["failing"]), (&0.into(), &Value::Null, &Value::Null));
    // Nothing asks for a seal of a journal alone.
    assert_eq!(client.post("/v1/seals", "").expect(200).json()["status"], "nothing-to-seal");
}

/// Every event of the platform's journals.
pub fn journal(house: &House) -> Vec<Value> {
    let admin = house.admin();
    let platform = proof::TenantId::PLATFORM;
    // The stretch is logged a moment after the seal is answered.
    let until = std::time::Instant::now() + Duration::from_secs(10);
    loop {
        let list = admin.get(&format!("/v1/deposits?tenant={platform}&limit=200")).expect(200).json();
        let journals = list["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "journal");
        let paths =
            journals.map(|item| format!("/v1/deposits/{}/files/1?tenant={platform}", item["id"].as_str().unwrap()));
        let texts = paths.map(|path| String::from_utf8(admin.get(&path).expect(200).bytes).unwrap());
        let events: Vec<Value> = texts
            .flat_map(|text| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<_>>())
            .collect();
        if !events.is_empty() || std::time::Instant::now() > until {
            return events;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_authority_that_fails_gives_its_place_to_the_next_and_the_journal_says_so() {
    let mut house = House::new();
    let (first, second) = (liar(), liar());
    house.stop();
    trust_in_order(&house, &[&first, &second]);
    house.start();
    let (_, client) = house.tenant(0);
    *first.lie.lock().unwrap() = Lie::Status500;
    let body = client.deposit("a.txt", b"a", &[]).expect(201).json();
    assert_eq!(client.post("/v1/seals", "").expect(200).json()["status"], "sealed");
    // Judged by the roots of both, the policy that others pin.
    let pack = client.get(body["links"]["evidence"].as_str().unwrap()).expect(200).bytes;
    assert_eq!(house.judge(&pack).verdict, Overall::PassedTimestamped);
    let told = journal(&house);
    assert_eq!((told.len(), &told[0]["code"], &told[0]["place"]), (1, &"tsa-unreachable".into(), &1.into()));
    assert!(told[0]["authority"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    // A token of the second under the first's root is not believed: each is judged by its own.
    *first.lie.lock().unwrap() = Lie::None;
    client.deposit("b.txt", b"b", &[]).expect(201);
    assert_eq!(client.post("/v1/seals", "").expect(200).json()["status"], "sealed");
    *first.lie.lock().unwrap() = Lie::OtherRoot;
    *second.lie.lock().unwrap() = Lie::Refusal;
    client.deposit("c.txt", b"c", &[]).expect(201);
    let pending = client.post("/v1/seals", "").expect(202).json();
    assert_eq!((&pending["status"], &pending["code"]), (&"pending".into(), &"tsa-answer-refused".into()));
}

#[test]
fn a_refused_deposit_stands_in_its_tenants_journal_and_nobody_elses() {
    let house = House::new();
    let ((tenant, client), (_, other)) = (house.tenant(0), house.tenant(1));
    let refusal = client.deposit("034-243400017-20190523-X-DE-1-1_0.xml", b"<a", &[]).expect(422).json();
    client.deposit("a.txt", b"a", &[]).expect(201);
    other.deposit("a.txt", b"a", &[]).expect(201);
    client.post("/v1/seals", "").expect(200);
    let of = |client: &crate::house::Client| {
        let list = client.get("/v1/deposits?limit=200").expect(200).json();
        let items = list["items"].as_array().unwrap().clone();
        items.into_iter().filter(|item| item["kind"] == "journal").collect::<Vec<_>>()
    };
    let until = std::time::Instant::now() + Duration::from_secs(10);
    while of(&client).is_empty() && std::time::Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    let journals = of(&client);
    assert_eq!((journals.len(), of(&other).len()), (1, 0));
    let path = format!("/v1/deposits/{}/files/1", journals[0]["id"].as_str().unwrap());
    let line: Value = serde_json::from_slice(&client.get(&path).expect(200).bytes).unwrap();
    assert_eq!((&line["event"], &line["code"]), (&"deposit-refused".into(), &refusal["findings"][0]["code"]));
    assert_eq!(tenant.len(), 26);
    // Sealed with the next batch, and a pack like any other.
    client.deposit("b.txt", b"b", &[]).expect(201);
    client.post("/v1/seals", "").expect(200);
    let pack = client.get(&format!("/v1/deposits/{}/evidence", journals[0]["id"].as_str().unwrap())).expect(200).bytes;
    assert_eq!(house.judge(&pack).verdict, Overall::PassedTimestamped);
}
