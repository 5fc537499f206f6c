//! Witness policies (C2SP tlog-policy): which logs, which witnesses, and how many of them must have cosigned a head.

use crate::cosignature::CosignerKey;
use crate::limits::{ML_DSA_44_BYTES, POLICY_BYTES, POLICY_NAMES};
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use core::fmt;
use proof::VerifierKey;
use proof::hash::encode_hex;
use proof::note::NoteError;

/// C2SP tlog-cosignature: the type byte of ML-DSA-44 cosigners.
const ML_DSA_44: u8 = 0x06;

/// A policy as its text states it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlogPolicy {
    /// The logs, any of which may have signed; none leaves that to the reader.
    pub logs: Vec<LogLine>,
    /// The witnesses, in the order of their lines.
    pub witnesses: Vec<WitnessLine>,
    /// Witnesses and groups in the order of their lines; a group's members stand before it.
    rules: Vec<Rule>,
    /// Position in `rules`, or `None` for `quorum none`.
    quorum: Option<usize>,
}

/// A `log` line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogLine {
    /// The key, whose name is the log's origin.
    pub key: VerifierKey,
    /// Where the log is reached.
    pub url: Option<String>,
}

/// A `witness` line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WitnessLine {
    /// What the policy calls it.
    pub name: String,
    /// Its key, or `None` for a key type we cannot check (ML-DSA-44): its cosignatures never count here.
    pub key: Option<CosignerKey>,
    /// The vkey as written.
    pub vkey: String,
    /// Submission prefix of the witness.
    pub url: Option<String>,
}

/// What a name of the policy stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Rule {
    /// The witness at this position.
    Witness(usize),
    /// At least `least` of the rules at these positions.
    Group { least: usize, members: Vec<usize> },
}

/// Why a text is not a policy. Lines are counted from 1.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum PolicyError {
    /// More bytes, or more logs, witnesses or groups than the limit.
    TooLarge {
        /// Given.
        given: usize,
        /// Allowed.
        limit: usize,
    },
    /// A control character other than tab and newline, or a last line without newline.
    Text,
    /// The line is no `log`, `witness`, `group` or `quorum` line, or has too few or too many items.
    Line(usize),
    /// The key on this line is not one.
    Key(usize, NoteError),
    /// The key on this line is bare hexadecimal, as older sigsum policies write it.
    BareKey(usize),
    /// The key on this line stands on an earlier one.
    KeyTwice(usize),
    /// The name defined on this line is taken, or is `none`.
    NameTwice(usize),
    /// The line refers to a name no earlier line defines.
    UnknownName(usize),
    /// The member on this line is a member already.
    MemberTwice(usize),
    /// The threshold is not between 1 and the number of members.
    Threshold(usize),
    /// There is no quorum line, or a second one.
    Quorum,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { given, limit } => write!(f, "{given} bytes or names, the limit is {limit}"),
            Self::Text => f.write_str("a control character, or no newline at the end"),
            Self::Line(line) => write!(f, "line {line} is no line of a policy"),
            Self::Key(line, why) => write!(f, "line {line}: {why}"),
            Self::BareKey(line) => {
                write!(
                    f,
                    "line {line} gives a bare key, as older sigsum policies do; write it as a vkey, name+hash+base64"
                )
            }
            Self::KeyTwice(line) => write!(f, "line {line} gives a key that an earlier line gives"),
            Self::NameTwice(line) => write!(f, "line {line} defines a name that is taken"),
            Self::UnknownName(line) => write!(f, "line {line} refers to a name that no earlier line defines"),
            Self::MemberTwice(line) => write!(f, "line {line} lists a member that is one already"),
            Self::Threshold(line) => write!(f, "line {line}: the threshold is not between 1 and the number of members"),
            Self::Quorum => f.write_str("there must be one quorum line, and one only"),
        }
    }
}
impl core::error::Error for PolicyError {}

impl TlogPolicy {
    /// The policy this text states.
    ///
    /// # Errors
    /// [`PolicyError`]: the first thing that is not what it should be.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        if text.len() > POLICY_BYTES {
            return Err(PolicyError::TooLarge { given: text.len(), limit: POLICY_BYTES });
        }
        let body = text.strip_suffix('\n').ok_or(PolicyError::Text)?;
        if body.bytes().any(|byte| (byte < b' ' && byte != b'\t' && byte != b'\n') || byte == 0x7f) {
            return Err(PolicyError::Text);
        }
        let mut reader = Reader::default();
        for (line, number) in body.split('\n').zip(1usize..) {
            let items: Vec<&str> = line.split([' ', '\t']).filter(|item| !item.is_empty()).collect();
            if items.first().is_none_or(|first| first.starts_with('#')) {
                continue;
            }
            reader.line(&items, number)?;
        }
        reader.policy()
    }

    /// Whether the policy asks for any cosignature at all: not so for `quorum none`.
    pub fn asks(&self) -> bool {
        self.quorum.is_some()
    }

    /// Whether the quorum is met when just the witnesses of which this is true have cosigned.
    pub fn holds(&self, cosigned: &dyn Fn(usize) -> bool) -> bool {
        let mut held: Vec<bool> = Vec::with_capacity(self.rules.len());
        for rule in &self.rules {
            let holds = match rule {
                Rule::Witness(at) => cosigned(*at),
                Rule::Group { least, members } => {
                    members.iter().filter(|member| held.get(**member) == Some(&true)).count() >= *least
                }
            };
            held.push(holds);
        }
        self.quorum.is_none_or(|at| held.get(at) == Some(&true))
    }
}

/// A policy being read.
#[derive(Default)]
struct Reader {
    logs: Vec<LogLine>,
    witnesses: Vec<WitnessLine>,
    rules: Vec<Rule>,
    /// Names of `rules`, in the same order.
    names: Vec<String>,
    /// The key material of every log, and of every witness, so far.
    keys: [BTreeSet<Vec<u8>>; 2],
    /// Positions of rules that are members of a group.
    members: BTreeSet<usize>,
    quorum: Option<Option<usize>>,
}

impl Reader {
    fn line(&mut self, items: &[&str], number: usize) -> Result<(), PolicyError> {
        match items {
            ["log", vkey] => self.log(vkey, None, number),
            ["log", vkey, url] => self.log(vkey, Some(url), number),
            ["witness", name, vkey] => self.witness(name, vkey, None, number),
            ["witness", name, vkey, url] => self.witness(name, vkey, Some(url), number),
            ["group", name, least, members @ ..] => self.group(name, least, members, number),
            ["quorum", _] if self.quorum.is_some() => Err(PolicyError::Quorum),
            ["quorum", "none"] => {
                self.quorum = Some(None);
                Ok(())
            }
            ["quorum", name] => {
                self.quorum = Some(Some(self.find(name, number)?));
                Ok(())
            }
            _ => Err(PolicyError::Line(number)),
        }
    }

    fn log(&mut self, vkey: &str, url: Option<&&str>, number: usize) -> Result<(), PolicyError> {
        let key = VerifierKey::parse(vkey).map_err(|why| bad_key(vkey, why, number))?;
        let [logs, _] = &mut self.keys;
        if !logs.insert(key.public().to_vec()) {
            return Err(PolicyError::KeyTwice(number));
        }
        self.logs.push(LogLine { key, url: url.map(|url| url.to_string()) });
        within(self.logs.len())
    }

    fn witness(&mut self, name: &str, vkey: &str, url: Option<&&str>, number: usize) -> Result<(), PolicyError> {
        let (key, material) = match CosignerKey::parse(vkey) {
            Ok(key) => (Some(key.clone()), key.public().to_vec()),
            Err(NoteError::KeyAlgorithm(ML_DSA_44)) => {
                (None, ml_dsa_key(vkey).map_err(|why| PolicyError::Key(number, NoteError::Key(why)))?)
            }
            Err(why) => return Err(bad_key(vkey, why, number)),
        };
        let [_, witnesses] = &mut self.keys;
        if !witnesses.insert(material) {
            return Err(PolicyError::KeyTwice(number));
        }
        self.define(name, Rule::Witness(self.witnesses.len()), number)?;
        let url = url.map(|url| url.to_string());
        self.witnesses.push(WitnessLine { name: name.to_string(), key, vkey: vkey.to_string(), url });
        within(self.witnesses.len())
    }

    fn group(&mut self, name: &str, least: &str, members: &[&str], number: usize) -> Result<(), PolicyError> {
        let mut positions = Vec::new();
        for member in members {
            let position = self.find(member, number)?;
            if !self.members.insert(position) {
                return Err(PolicyError::MemberTwice(number));
            }
            positions.push(position);
        }
        let least = match least {
            "all" => Some(positions.len()),
            "any" => Some(1),
            _ => proof::checkpoint::parse_decimal(least).and_then(|least| usize::try_from(least).ok()),
        };
        let fits = |least: &usize| (1..=positions.len()).contains(least);
        let least = least.filter(fits).ok_or(PolicyError::Threshold(number))?;
        self.define(name, Rule::Group { least, members: positions }, number)?;
        within(self.rules.len().saturating_sub(self.witnesses.len()))
    }

    fn define(&mut self, name: &str, rule: Rule, number: usize) -> Result<(), PolicyError> {
        if name == "none" || self.names.iter().any(|taken| taken == name) {
            return Err(PolicyError::NameTwice(number));
        }
        self.names.push(name.to_string());
        self.rules.push(rule);
        Ok(())
    }

    fn find(&self, name: &str, number: usize) -> Result<usize, PolicyError> {
        self.names.iter().position(|known| known == name).ok_or(PolicyError::UnknownName(number))
    }

    fn policy(self) -> Result<TlogPolicy, PolicyError> {
        let quorum = self.quorum.ok_or(PolicyError::Quorum)?;
        Ok(TlogPolicy { logs: self.logs, witnesses: self.witnesses, rules: self.rules, quorum })
    }
}

fn within(given: usize) -> Result<(), PolicyError> {
    if given <= POLICY_NAMES { Ok(()) } else { Err(PolicyError::TooLarge { given, limit: POLICY_NAMES }) }
}

fn bad_key(vkey: &str, why: NoteError, number: usize) -> PolicyError {
    let bare = vkey.len() == 64 && vkey.bytes().all(|byte| byte.is_ascii_hexdigit());
    if bare { PolicyError::BareKey(number) } else { PolicyError::Key(number, why) }
}

/// The material of a vkey of type 0x06, whose name has been read: of its length, under its own hash (C2SP tlog-cosignature,
/// "Format").
fn ml_dsa_key(vkey: &str) -> Result<Vec<u8>, &'static str> {
    let mut fields = vkey.splitn(3, '+');
    let (Some(name), Some(hash), Some(encoded)) = (fields.next(), fields.next(), fields.next()) else {
        return Err("three fields are needed");
    };
    let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| "not base64")?;
    let key = bytes.get(1..).filter(|key| key.len() == ML_DSA_44_BYTES).ok_or("not 1312 bytes")?;
    let digest = proof::sha256(&[name.as_bytes(), b"\n", &bytes].concat());
    let named = digest.as_bytes().first_chunk::<4>().is_some_and(|first| encode_hex(first) == hash);
    if named { Ok(key.to_vec()) } else { Err("its hash is another's") }
}
