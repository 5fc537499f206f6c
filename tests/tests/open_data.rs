//! Open data by the real programs: exported to files, column by column as the published schema has them, proved by whoever follows a link.
#![allow(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;
use tests::faults::server::{Launch, Server};
use tests::published::program;
use tests::samples::{BUYER, Envelope, Procurement, document};
use tests::wire::{Request, once};

const WAIT: Duration = Duration::from_secs(60);

fn told(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap().trim().to_owned()
}

#[test]
fn acts_and_contracts_are_exported_and_a_link_leads_to_a_proof() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let (tabellion, data) = (program("tabellion").unwrap(), at("data"));
    let run = |arguments: &[&str]| {
        Command::new(&tabellion).args(arguments).args(["--lang", "fr"]).env("TABELLION_DATA", &data).output().unwrap()
    };
    told(&run(&["init", "--origin", "essai.exemple.fr/ouvert"]));
    let tenant = told(&run(&["tenant", "add", "--name", "Commune d'essai", "--siren", "213499023"]));
    let token = told(&run(&["token", "add", "--tenant", &tenant, "--scope", "deposit,read"]));
    let launch = Launch { program: &tabellion, data: &data, log: &at("events"), seal_every: "24h", failpoints: None };

    // Off, until it is written.
    let server = Server::start(&launch).unwrap();
    let file = at("scdl.csv");
    let scdl = ["export", "scdl", "--token", &token, "-o", file.to_str().unwrap()];
    let refused = run(&scdl);
    assert_eq!(refused.status.code(), Some(1), "{}", String::from_utf8_lossy(&refused.stderr));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("publication-off") && !file.exists());
    drop(server);
    let lines = format!(
        "\n[publication]\nurl = \"https://a.example\"\n[[publication.tenants]]\ntenant = \"{tenant}\"\nsiret = \"21349902300017\"\nbuyers = [\"{BUYER}\"]\n"
    );
    let configured = fs::read_to_string(data.join("tabellion.toml")).unwrap() + &lines;
    fs::write(data.join("tabellion.toml"), configured).unwrap();
    let server = Server::start(&launch).unwrap();

    let (act, contract) = (Envelope::new(1), Procurement::new(1));
    let decp = document(&[contract.modified(&[(1, 2.5)])], &[]).to_string().into_bytes();
    let files = [
        (act.archive_name(), act.archive()),
        (act.acknowledgement_name(), act.acknowledgement()),
        ("decp.json".to_owned(), decp),
    ];
    for (name, bytes) in &files {
        fs::write(at(name), bytes).unwrap();
        told(&run(&["deposit", "--token", &token, at(name).to_str().unwrap()]));
    }
    assert!(told(&run(&scdl)).contains("Export écrit"));
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    columns(lines[0]);
    let link = lines[1].rsplit(',').next().unwrap().strip_prefix("https://a.example").unwrap();
    let taken = |name: &str| {
        let path = format!("{link}{name}");
        let answer = once(server.address(), &Request::read(&path, None), WAIT).unwrap();
        assert_eq!(answer.status, 200, "{path}");
        answer.body
    };
    assert!(String::from_utf8(taken("")).unwrap().contains(&act.number));
    fs::write(at("R.json"), taken("/R.json")).unwrap();
    fs::write(at("receipt"), taken("/receipt")).unwrap();
    let policy = at("policy.json");
    told(&run(&["policy", "-o", policy.to_str().unwrap()]));
    let verify = |record: &Path| {
        let mut command = Command::new(program("tabellion-verify").unwrap());
        command.arg("receipt").arg(at("receipt")).arg("--record").arg(record).arg("--policy").arg(&policy);
        command.output().unwrap().status.code()
    };
    assert_eq!(verify(&at("R.json")), Some(4), "passed, by the log alone");
    let altered = fs::read_to_string(at("R.json")).unwrap().replace("\"sequence\":1", "\"sequence\":2");
    fs::write(at("altered.json"), altered).unwrap();
    assert_eq!(verify(&at("altered.json")), Some(1));

    let withheld = at("withheld.csv");
    told(&run(&["export", "scdl", "--withheld", "--token", &token, "-o", withheld.to_str().unwrap()]));
    assert_eq!(fs::read_to_string(withheld).unwrap(), "depot,id_acte,date,code,pourquoi\r\n");
    let left_out = at("left-out.csv");
    told(&run(&["export", "decp", "--withheld", "--token", &token, "-o", left_out.to_str().unwrap()]));
    assert_eq!(fs::read_to_string(left_out).unwrap(), "depot,contrat,date,code,pourquoi\r\n");
    let exported = at("export.json");
    told(&run(&["export", "decp", "--token", &token, "-o", exported.to_str().unwrap()]));
    let exported: Value = serde_json::from_slice(&fs::read(exported).unwrap()).unwrap();
    assert_eq!(exported, document(&[contract.modified(&[(1, 2.5)])], &[]));
}

/// The columns are those of the published schema, in its order.
fn columns(line: &str) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/fixtures/opendata/scdl-deliberations/2.1.5/schema.json");
    let Ok(schema) = fs::read(&schema) else {
        println!("not run: no table schema at {}", schema.display());
        return;
    };
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let names: Vec<_> =
        schema["fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap()).collect();
    assert_eq!(line, names.join(","));
}
