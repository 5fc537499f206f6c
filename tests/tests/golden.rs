//! A house of version 1 is opened by this build: same receipts byte for byte, packs judged as before, deposits go on.
#![allow(missing_docs, clippy::unwrap_used)]

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const FLOWS: [&str; 3] = ["act", "ar", "large"];

fn frozen() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/v1")
}

/// A program of this build, beside the test that runs.
fn program(name: &str) -> PathBuf {
    let path = std::env::current_exe().unwrap();
    let path = path.parent().unwrap().parent().unwrap().join(name);
    assert!(path.exists(), "{} is not built: run the whole workspace's tests", path.display());
    path
}

/// Copies a tree; keys and directories are their owner's alone, as a repository does not keep modes.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
            fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}

struct Server {
    child: Child,
    url: String,
    token: String,
    _data: tempfile::TempDir,
}

impl Server {
    fn over_the_frozen_house() -> Self {
        let data = tempfile::tempdir().unwrap();
        copy(&frozen().join("data"), data.path());
        fs::create_dir_all(data.path().join("store/aside")).unwrap();
        let serve = ["serve", "--listen", "127.0.0.1:0", "--seal-every", "1s", "--data"];
        let mut command = Command::new(program("tabellion"));
        let command = command.args(serve).arg(data.path()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        let token = fs::read_to_string(data.path().join("admin.token")).unwrap().trim().to_owned();
        Self { child, url, token, _data: data }
    }

    fn read(&self, path: &str) -> Vec<u8> {
        let answer = ureq::get(format!("{}{path}", self.url)).header("Authorization", format!("Bearer {}", self.token));
        answer.call().unwrap().body_mut().read_to_vec().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn judge(pack: &Path) -> Output {
    let policy = frozen().join("policy.json");
    Command::new(program("tabellion-verify")).arg(pack).arg("--policy").arg(policy).output().unwrap()
}

fn answer(flow: &str) -> Value {
    serde_json::from_slice(&fs::read(frozen().join(format!("answers/{flow}.json"))).unwrap()).unwrap()
}

#[test]
fn frozen_packs_are_judged_as_before() {
    for flow in FLOWS {
        let output = judge(&frozen().join(format!("packs/{flow}.asice")));
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{flow}: {said}");
        assert!(said.starts_with("PASSED-TIMESTAMPED"), "{flow}: {said}");
    }
}

#[test]
fn a_frozen_pack_with_one_byte_changed_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let altered = directory.path().join("altered.asice");
    let mut bytes = fs::read(frozen().join("packs/large.asice")).unwrap();
    let inside = bytes.len() / 2;
    bytes[inside] ^= 1;
    fs::write(&altered, bytes).unwrap();
    // In the middle of 300,000 bytes of content: the container's own checksum or our digest, both refuse.
    assert!(matches!(judge(&altered).status.code(), Some(1 | 5)));
}

#[test]
fn a_frozen_house_is_served_with_the_same_bytes() {
    let server = Server::over_the_frozen_house();
    let directory = tempfile::tempdir().unwrap();
    for flow in FLOWS {
        let answer = answer(flow);
        let id = answer["id"].as_str().unwrap();
        let tenant = answer["tenant"].as_str().unwrap();
        let receipt = server.read(&format!("/v1/deposits/{id}/receipt?tenant={tenant}"));
        assert_eq!(String::from_utf8(receipt).unwrap(), answer["receipt"].as_str().unwrap(), "{flow}");
        let frozen_pack = fs::read(frozen().join(format!("packs/{flow}.asice"))).unwrap();
        for record in ["R", "E"] {
            let bytes = BASE64_STANDARD.decode(answer["records"][record].as_str().unwrap()).unwrap();
            assert!(frozen_pack.windows(bytes.len()).any(|window| window == bytes), "{flow} {record}");
        }
        let pack = directory.path().join(format!("{flow}.asice"));
        fs::write(&pack, server.read(&format!("/v1/deposits/{id}/evidence?tenant={tenant}&require=sealed"))).unwrap();
        let output = judge(&pack);
        assert_eq!(output.status.code(), Some(0), "{flow}: {}", String::from_utf8_lossy(&output.stdout));
    }
}
