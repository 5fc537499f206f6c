//! A token of SoftHSM2 in a directory of its own, with its PIN and its keys made by the tools of others.

use crate::{World, private, shown};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
pub const PIN: &str = "1234";
pub const KEY: &str = "maitresse";
pub const LABEL: &str = "essai";
/// Label of the log's key.
pub const LOG_KEY: &str = "journal";

/// The token; nothing where SoftHSM2 and OpenSC are not installed, and that is said.
pub struct Token {
    place: PathBuf,
}

impl Token {
    /// With one key that will do.
    pub fn new(place: &Path) -> Option<Self> {
        let installed = |program: &str| Command::new(program).arg("--help").output().is_ok();
        if !Path::new(MODULE).exists() || !installed("softhsm2-util") || !installed("pkcs11-tool") {
            println!("skipped: softhsm2 and opensc are not installed, no token to try");
            return None;
        }
        let token = Self { place: place.to_owned() };
        fs::create_dir_all(token.tokens()).unwrap();
        let config = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            shown(&token.tokens())
        );
        fs::write(token.config(), config).unwrap();
        let init = ["--init-token", "--free", "--label", LABEL, "--so-pin", "12345678", "--pin", PIN];
        token.tool("softhsm2-util", &init);
        token.make(KEY, &["--sensitive"]);
        Some(token)
    }

    pub fn config(&self) -> PathBuf {
        self.place.join("softhsm2.conf")
    }
    pub fn tokens(&self) -> PathBuf {
        self.place.join("tokens")
    }

    /// An AES-256 key under this label.
    pub fn make(&self, label: &str, how: &[&str]) {
        self.make_of("AES:32", label, how);
    }
    pub fn make_of(&self, kind: &str, label: &str, how: &[&str]) {
        self.pkcs11(&[&["--keygen", "--key-type", kind, "--label", label][..], how].concat());
    }
    pub fn delete(&self, label: &str) {
        self.pkcs11(&["--delete-object", "--type", "secrkey", "--label", label]);
    }

    /// Both halves of a key of the log are gone from the token.
    pub fn delete_pair(&self, label: &str) {
        ["privkey", "pubkey"]
            .iter()
            .for_each(|kind| self.pkcs11(&["--delete-object", "--type", kind, "--label", label]));
    }
    /// An Ed25519 key, made by a tool of others.
    pub fn make_pair(&self, label: &str, id: &str, how: &[&str]) {
        self.make_pair_of("EC:edwards25519", label, id, how);
    }

    /// A pair of this kind.
    pub fn make_pair_of(&self, kind: &str, label: &str, id: &str, how: &[&str]) {
        self.pkcs11(&[&["--keypairgen", "--key-type", kind, "--label", label, "--id", id][..], how].concat());
    }
    /// Its public half, DER, in this file.
    pub fn public_key(&self, label: &str, to: &Path) {
        self.pkcs11(&["--read-object", "--type", "pubkey", "--label", label, "--output-file", &shown(to)]);
    }

    fn pkcs11(&self, arguments: &[&str]) {
        let login = ["--module", MODULE, "--token-label", LABEL, "--login", "--pin", PIN];
        self.tool("pkcs11-tool", &[&login[..], arguments].concat());
    }

    fn tool(&self, program: &str, arguments: &[&str]) {
        let done = Command::new(program).args(arguments).env("SOFTHSM2_CONF", self.config()).output().unwrap();
        assert!(done.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

/// The lines that name the token.
pub fn configured(module: &str, token: &str, key: &str) -> String {
    format!("[keys.master.pkcs11]\nmodule = \"{module}\"\ntoken = \"{token}\"\nkey = \"{key}\"\npin = \"pkcs11.pin\"\n")
}

/// A house that is to be protected by a token: configured, its PIN there, its key still in clear.
pub fn housed() -> Option<(World, Token)> {
    let mut world = World::new();
    let token = Token::new(&world.place("token"))?;
    world.under("SOFTHSM2_CONF", token.config());
    world.configure(&configured(MODULE, LABEL, KEY));
    private(&world.data().join("pkcs11.pin"), &format!("{PIN}\n"));
    Some((world, token))
}

/// The lines that name the token of the log's key.
pub fn log_configured(token: &str, key: &str) -> String {
    let module = MODULE;
    format!("[keys.log.pkcs11]\nmodule = \"{module}\"\ntoken = \"{token}\"\nkey = \"{key}\"\npin = \"pkcs11.pin\"\n")
}

/// A house whose log key is to be moved into a token: configured, its PIN there, its key still in clear.
pub fn log_housed() -> Option<(World, Token)> {
    let mut world = World::new();
    let token = Token::new(&world.place("token"))?;
    world.under("SOFTHSM2_CONF", token.config());
    world.configure(&log_configured(LABEL, LOG_KEY));
    private(&world.data().join("pkcs11.pin"), &format!("{PIN}\n"));
    Some((world, token))
}

/// The same, protected.
pub fn protected() -> Option<(World, Token)> {
    let (world, token) = housed()?;
    let said = world.run(&["keys", "protect", "--pkcs11", "--format", "json"]).exits(0);
    assert_eq!(said.json["keys"], world.key_files().len(), "{}", said.json);
    Some((world, token))
}

/// The configuration with these lines for the token.
pub fn renamed(world: &World, module: &str, token: &str, key: &str) {
    let path = world.data().join("tabellion.toml");
    let text = fs::read_to_string(&path).unwrap();
    let kept = text.split("[keys.master.pkcs11]").next().unwrap();
    fs::write(&path, format!("{kept}{}", configured(module, token, key))).unwrap();
}

pub fn as_it_was(world: &World) {
    renamed(world, MODULE, LABEL, KEY);
}
