//! Registers judged by the real program: honest ones pass, each single fault is found and placed, an absent receipt convicts.
#![allow(missing_docs, clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "../../../../tests/src/register_faults.rs"]
mod faults;
mod log;

mod honest;
mod lies;
mod receipts;

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use log::{AT, Entry, Log};

/// A directory with the policy of a log.
pub struct Desk(TempDir);

/// What the program said.
pub struct Said {
    pub code: i32,
    pub json: Value,
}

impl Desk {
    pub fn of(log: &Log) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.put("policy.json", log.policy().to_string().as_bytes());
        desk
    }

    pub fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn run(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tabellion-verify"));
        command.current_dir(self.0.path()).args(arguments).env_remove("LC_ALL").env("LANG", "C");
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    }

    /// The verdict on this register, by the policy of the log.
    pub fn judged(&self, register: &str, more: &[&str]) -> Said {
        self.put("r.register", register.as_bytes());
        let fixed = ["register", "r.register", "--at", AT, "--format", "json", "--policy", "policy.json"];
        let (code, out) = self.run(&[&fixed, more].concat());
        Said { code, json: serde_json::from_str(&out).unwrap_or_else(|why| panic!("{why}: {out}")) }
    }

    /// The same, these receipts looked for.
    pub fn held(&self, register: &str, receipts: &[(String, Entry)]) -> Said {
        let mut arguments = Vec::new();
        for (n, (receipt, entry)) in receipts.iter().enumerate() {
            self.put(&format!("{n}.receipt"), receipt.as_bytes());
            self.put(&format!("{n}.json"), &entry.record);
            arguments.extend([
                "--receipt".to_owned(),
                format!("{n}.receipt"),
                "--record".to_owned(),
                format!("{n}.json"),
            ]);
        }
        self.judged(register, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

impl Said {
    pub fn verdict(&self) -> (&str, &str) {
        (self.json["verdict"].as_str().unwrap(), self.json["reason"].as_str().unwrap_or(""))
    }

    /// Where this code was said, and with what status.
    pub fn place(&self, code: &str) -> Option<(&str, &str)> {
        let line = self.json["findings"].as_array().unwrap().iter().find(|line| line["code"] == code)?;
        Some((line["where"].as_str().unwrap(), line["status"].as_str().unwrap()))
    }
}
