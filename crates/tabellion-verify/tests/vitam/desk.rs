//! The program, run on archives, and the codes it says.

use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::house::House;

/// 2026-11-28T00:00:00Z.
pub const AT: &str = "2026-11-28T00:00:00Z";

pub struct Desk {
    pub dir: TempDir,
}

pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
    /// `code@place` of every line that did not pass, then of those that did.
    pub against: Vec<String>,
    pub passed: Vec<String>,
}

impl Desk {
    pub fn new(houses: &[&House]) -> Self {
        let desk = Self { dir: tempfile::tempdir().unwrap() };
        let pems: Vec<String> = houses.iter().map(|house| house.authority.ca_pem()).collect();
        desk.put("roots.pem", pems.concat().as_bytes());
        desk
    }

    pub fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.dir.path().join(name), bytes).unwrap();
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tabellion-verify"));
        command.current_dir(self.dir.path()).args(arguments);
        for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
            command.env_remove(name);
        }
        let output = command.output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let json: Value = serde_json::from_str(&out).unwrap_or_default();
        let lines = json["findings"].as_array().cloned().unwrap_or_default();
        let of = |wanted: &[&str]| {
            let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
            let chosen = lines.iter().filter(|line| wanted.contains(&text(line, "status").as_str()));
            chosen.map(|line| format!("{}@{}", text(line, "code"), text(line, "where"))).collect()
        };
        Said {
            code: output.status.code().unwrap(),
            against: of(&["failed", "indeterminate"]),
            passed: of(&["passed", "recorded", "absent"]),
            err: String::from_utf8(output.stderr).unwrap(),
            out,
        }
    }

    /// The verdict on these bytes, in JSON.
    pub fn judge(&self, archive: &[u8], more: &[&str]) -> Said {
        self.put("archive.zip", archive);
        let common = ["vitam", "archive.zip", "--trust", "roots.pem", "--at", AT, "--format", "json"];
        self.run(&[&common, more].concat())
    }
}
