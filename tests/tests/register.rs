//! Registers of the real programs over a real socket: 5,000 entries over three tenants verify, each single fault of one is found and
//! placed, nobody reads another's, and a log that was forked is convicted by the receipt it lost.
#![allow(missing_docs, clippy::unwrap_used)]

use serde_json::{Value, json};
use std::fs;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tests::faults::server::{Launch, Server};
use tests::register_faults::{Good, faults};
use tests::wire::{Connection, Request};

const SIRENS: [&str; 3] = ["243400017", "217500016", "210600730"];
const ENTRIES: usize = 5_000;
const CONNECTIONS: usize = 24;
const WAIT: Duration = Duration::from_secs(120);

/// A program of this build, beside the test that runs.
fn program(name: &str) -> PathBuf {
    let path = std::env::current_exe().unwrap();
    let path = path.parent().unwrap().parent().unwrap().join(name);
    assert!(path.exists(), "{} is not built: run the whole workspace's tests", path.display());
    path
}

fn told(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap().trim().to_owned()
}

struct Tenant {
    id: String,
    token: String,
}

/// A directory that holds a house, and its three tenants.
struct House {
    place: tempfile::TempDir,
    tenants: Vec<Tenant>,
}

impl House {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let data = place.path().join("data");
        let run = |arguments: &[&str]| {
            let mut command = Command::new(program("tabellion"));
            told(&command.args(arguments).arg("--data").arg(&data).output().unwrap())
        };
        run(&["init", "--origin", "essai.exemple.fr/registre"]);
        let tenants = SIRENS.map(|siren| {
            let id = run(&["tenant", "add", "--name", siren, "--siren", siren]);
            let token = run(&["token", "add", "--tenant", &id, "--scope", "deposit,read,seal"]);
            Tenant { id, token }
        });
        run(&["policy", "-o", place.path().join("policy.json").to_str().unwrap()]);
        Self { tenants: tenants.into(), place }
    }

    fn serve(&self, data: &str) -> Server {
        let (tabellion, data) = (program("tabellion"), self.place.path().join(data));
        let log = self.place.path().join("server.log");
        let launch = Launch { program: &tabellion, data: &data, log: &log, seal_every: "1h", failpoints: None };
        Server::start(&launch).unwrap()
    }

    fn seal(&self, address: SocketAddr) {
        let token = Some(self.tenants[0].token.as_str());
        let request = Request { method: "POST", path: "/v1/seals", token, key: None, body: b"{}" };
        let answer = tests::wire::once(address, &request, WAIT).unwrap();
        let said: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, said["status"].as_str()), (200, Some("sealed")), "{said}");
    }

    /// So many small deposits, shared out among the tenants and over parallel connections.
    fn deposit(&self, address: SocketAddr, from: usize, count: usize) {
        let next = AtomicUsize::new(from);
        std::thread::scope(|scope| {
            for _ in 0..CONNECTIONS {
                scope.spawn(|| {
                    let mut connection = Connection::open(address, WAIT).unwrap();
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= from + count {
                            return;
                        }
                        self.deposit_one(&mut connection, number);
                    }
                });
            }
        });
    }

    fn deposit_one(&self, connection: &mut Connection, number: usize) -> Value {
        let token = Some(self.tenants[number % self.tenants.len()].token.as_str());
        let (path, body) = (format!("/v1/deposits?kind=file&name={number}.txt"), format!("piece {number}"));
        let request = Request { method: "POST", path: &path, token, key: None, body: body.as_bytes() };
        let answer = connection.ask(&request).unwrap();
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// The register as the client command writes it.
    fn register(&self, address: SocketAddr, tenant: usize, name: &str) -> String {
        let place = self.place.path().join(name);
        let mut command = Command::new(program("tabellion"));
        command.args(["register", "--url", &format!("http://{address}"), "-o"]).arg(&place);
        told(&command.env("TABELLION_TOKEN", &self.tenants[tenant].token).output().unwrap());
        fs::read_to_string(place).unwrap()
    }

    /// What a stranger says of it: exit code and verdict.
    fn judged(&self, register: &str, more: &[&str]) -> (i32, Value) {
        let place = self.place.path().join("judged.register");
        fs::write(&place, register).unwrap();
        let mut command = Command::new(program("tabellion-verify"));
        command.current_dir(self.place.path()).args(["register", "judged.register", "--policy", "policy.json"]);
        command.args(["--format", "json", "--lang", "fr"]).args(more);
        let output = command.output().unwrap();
        let said = serde_json::from_slice(&output.stdout);
        (output.status.code().unwrap(), said.unwrap_or_else(|why| panic!("{why}: {output:?}")))
    }
}

fn line<'a>(said: &'a Value, code: &str) -> Option<&'a Value> {
    said["findings"].as_array().unwrap().iter().find(|line| line["code"] == code)
}

fn entries(register: &str) -> usize {
    register.lines().filter(|line| line.starts_with("entry ") || line.starts_with("later ")).count()
}

/// Time to the first byte of a register, and to its last.
fn timed(address: SocketAddr, token: &str) -> (Duration, Duration, usize) {
    let began = Instant::now();
    let url = format!("http://{address}/v1/register");
    let answer = ureq::get(url).header("Authorization", format!("Bearer {token}")).call().unwrap();
    let mut reader = answer.into_body().into_reader();
    let mut byte = [0];
    reader.read_exact(&mut byte).unwrap();
    let first = began.elapsed();
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).unwrap();
    (first, began.elapsed(), rest.len() + 1)
}

#[test]
fn five_thousand_entries_over_three_tenants_verify_and_each_single_fault_is_placed() {
    let house = House::new();
    let server = house.serve("data");
    let address = server.address();
    let began = Instant::now();
    house.deposit(address, 0, 2_000);
    house.seal(address);
    house.deposit(address, 2_000, 30);
    let older = house.register(address, 0, "older");
    house.deposit(address, 2_030, 2_000);
    house.seal(address);
    house.deposit(address, 4_030, ENTRIES - 4_030 - 50);
    house.seal(address);
    house.deposit(address, ENTRIES - 50, 50);
    let deposited = began.elapsed();
    let registers = [0, 1, 2].map(|tenant| house.register(address, tenant, "register"));
    assert_eq!(registers.iter().map(|register| entries(register)).sum::<usize>(), ENTRIES);
    for (register, tenant) in registers.iter().zip(&house.tenants) {
        let (code, said) = house.judged(register, &[]);
        assert_eq!((code, said["verdict"].as_str()), (0, Some("PASSED-TIMESTAMPED")), "{said:#}");
        assert!(line(&said, "register-complete").is_some() && line(&said, "entries-later").is_some(), "{said:#}");
        assert!(register.contains(&format!("tenant {}\n", tenant.id)));
    }
    let (first, whole, bytes) = timed(address, &house.tenants[0].token);
    let all = faults(&Good { register: registers[0].clone(), other: registers[1].clone(), older });
    assert!(all.len() >= 40, "only {} faults", all.len());
    let mut missed = Vec::new();
    for fault in &all {
        let (code, said) = house.judged(&fault.text, &[]);
        let found = line(&said, fault.code).map(|line| (line["where"].as_str(), line["status"].as_str()));
        let expected = Some((Some(fault.place.as_str()), Some("failed")));
        if (code, said["reason"].as_str(), found) != (1, Some(fault.code), expected) {
            missed.push(format!("{}: {code} {} {found:?}, expected {expected:?}", fault.name, said["reason"]));
        }
    }
    assert!(missed.is_empty(), "{} of {} missed:\n{}", missed.len(), all.len(), missed.join("\n"));
    println!(
        "register: {ENTRIES} entries over 3 tenants deposited in {deposited:.1?}; {} single faults found and placed; {} entries, {bytes} \
         bytes: first byte after {first:.1?}, whole after {whole:.1?}",
        all.len(),
        entries(&registers[0])
    );
}

#[test]
fn nobody_reads_anothers_register() {
    let house = House::new();
    let server = house.serve("data");
    house.deposit(server.address(), 0, 9);
    house.seal(server.address());
    let read = |path: &str, token: Option<&str>| {
        tests::wire::once(server.address(), &Request::read(path, token), WAIT).unwrap()
    };
    let (mine, theirs) = (&house.tenants[0], &house.tenants[1]);
    assert_eq!(read("/v1/register", None).status, 401);
    let theirs_path = format!("/v1/register?tenant={}", theirs.id);
    let nobodys = read("/v1/register?tenant=aaaaaaaaaaaaaaaaaaaaaaaaaa", Some(&mine.token));
    let anothers = read(&theirs_path, Some(&mine.token));
    assert_eq!((anothers.status, &anothers.body), (404, &nobodys.body), "another's is as what does not exist");
    let register = String::from_utf8(read("/v1/register", Some(&mine.token)).body).unwrap();
    assert_eq!(entries(&register), 3);
    assert!(!register.contains(&theirs.id));
    // A token of several tenants names the one it means, and gets that one's.
    let admin = fs::read_to_string(house.place.path().join("data/admin.token")).unwrap();
    assert_eq!(read("/v1/register", Some(admin.trim())).status, 400);
    let named = String::from_utf8(read(&theirs_path, Some(admin.trim())).body).unwrap();
    assert!(named.contains(&format!("tenant {}\n", theirs.id)));
    // Pinned to the tenant it expects, a stranger takes no other's.
    let mut policy: Value = serde_json::from_slice(&fs::read(house.place.path().join("policy.json")).unwrap()).unwrap();
    policy["tenant"] = mine.id.as_str().into();
    fs::write(house.place.path().join("policy.json"), policy.to_string()).unwrap();
    assert_eq!(house.judged(&register, &[]).0, 0);
    assert_eq!(house.judged(&named, &[]).0, 6);
}

#[test]
fn a_register_without_a_seal_says_that_it_cannot_tell() {
    let mut house = House::new();
    let server = house.serve("data");
    house.deposit(server.address(), 0, 3);
    house.seal(server.address());
    // Who joins after the last seal has no row in it.
    let admin = fs::read_to_string(house.place.path().join("data/admin.token")).unwrap();
    let post = |path: &str, body: Value| -> Value {
        let body = body.to_string();
        let request = Request { method: "POST", path, token: Some(admin.trim()), key: None, body: body.as_bytes() };
        let answer = tests::wire::once(server.address(), &request, WAIT).unwrap();
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
        serde_json::from_slice(&answer.body).unwrap()
    };
    let id = post("/v1/tenants", json!({"name": "Nouvelle", "siren": tests::samples::AUTHORITIES[2].siren}));
    let id = id["id"].as_str().unwrap().to_owned();
    let token = post("/v1/tokens", json!({"tenant": id, "scopes": "deposit,read,seal"}));
    let token = token["token"].as_str().unwrap().to_owned();
    house.tenants = vec![Tenant { id, token }];
    house.deposit(server.address(), 10, 4);
    let (code, said) = house.judged(&house.register(server.address(), 0, "r"), &[]);
    assert_eq!((code, said["verdict"].as_str()), (4, Some("PASSED-LOG-ONLY")), "{said:#}");
    assert_eq!(line(&said, "register-not-sealed").unwrap()["status"], "absent");
    house.seal(server.address());
    let (code, said) = house.judged(&house.register(server.address(), 0, "r"), &[]);
    assert_eq!((code, said["verdict"].as_str()), (0, Some("PASSED-TIMESTAMPED")), "{said:#}");
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}

#[test]
fn a_forked_log_is_convicted_by_the_receipt_it_lost() {
    let house = House::new();
    let server = house.serve("data");
    house.deposit(server.address(), 0, 6);
    server.kill().unwrap();
    copy(&house.place.path().join("data"), &house.place.path().join("fork"));
    // One copy acknowledges a deposit; the other, which never saw it, goes on and is shown to the judge.
    let receipt = |data: &str, number: usize| {
        let server = house.serve(data);
        let mut connection = Connection::open(server.address(), WAIT).unwrap();
        let answer = house.deposit_one(&mut connection, number);
        (server, answer)
    };
    let (first, lost) = receipt("data", 300);
    first.kill().unwrap();
    let (second, kept) = receipt("fork", 600);
    house.seal(second.address());
    let register = house.register(second.address(), 0, "r");
    for (name, answer) in [("lost.json", &lost), ("kept.json", &kept)] {
        fs::write(house.place.path().join(name), answer.to_string()).unwrap();
    }
    let (code, said) = house.judged(&register, &["--receipt", "kept.json"]);
    assert_eq!((code, said["verdict"].as_str()), (0, Some("PASSED-TIMESTAMPED")), "{said:#}");
    let (code, said) = house.judged(&register, &["--receipt", "kept.json", "--receipt", "lost.json"]);
    assert_eq!((code, said["reason"].as_str()), (1, Some("receipt-absent")), "{said:#}");
    assert_eq!(line(&said, "receipt-absent").unwrap()["where"], "lost.json");
    assert!(said["sentences"][0].as_str().unwrap().contains("L'exploitant a signé deux histoires"), "{said:#}");
    // What came after the register is no accusation.
    let mut connection = Connection::open(second.address(), WAIT).unwrap();
    let newer = house.deposit_one(&mut connection, 900);
    fs::write(house.place.path().join("newer.json"), newer.to_string()).unwrap();
    let (code, said) = house.judged(&register, &["--receipt", "newer.json"]);
    assert_eq!((code, said["reason"].as_str()), (3, Some("receipt-newer")), "{said:#}");
}
