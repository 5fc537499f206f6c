//! Everything read from outside: files, the clock, and the troubles of reading, each a sentence.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use proof::{Hash, Hash512, UnixMillis};
use seal::DigestAlgorithm;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha512};
use verifier::limits::PACK_BYTES;
use verifier::{Lang, NamedDigest, Policy};

use crate::arguments::{Judging, Receipt, Timestamp};
use crate::evidence::{Digests, Given, GivenContent};
use crate::register::NamedReceipt;
use crate::{UNREADABLE, USAGE};

/// Bytes of any input that is neither pack nor document.
const SMALL_BYTES: u64 = 1 << 26;

/// Why nothing was judged.
pub enum Trouble {
    /// A file cannot be read.
    Read(PathBuf, std::io::Error),
    /// A file is not what it should be.
    NotThis(PathBuf, String),
    /// The policy is none: without it nothing is judged, and nothing is judged by half of it.
    Policy(PathBuf, String),
    /// An argument is not what it should be: why, in French and in English.
    Argument(&'static str, String, String),
    /// The output cannot be written.
    Output(std::io::Error),
    /// No pack and no command.
    Nothing,
}

impl Trouble {
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Read(..) | Self::NotThis(..) => UNREADABLE,
            Self::Output(_) => crate::INTERNAL,
            _ => USAGE,
        }
    }

    /// What is wrong and what to do.
    pub fn sentence(&self, lang: Lang) -> String {
        let (fr, en) = match self {
            Self::Read(path, why) => {
                let (path, why) = (path.display(), lang.cause(&why.to_string()));
                (format!("« {path} » ne peut être lu : {why}."), format!("\"{path}\" cannot be read: {why}."))
            }
            Self::NotThis(path, why) => {
                let (path, why) = (path.display(), lang.cause(why));
                (
                    format!("« {path} » n'est pas ce qui est attendu : {why}."),
                    format!("\"{path}\" is not what is expected: {why}."),
                )
            }
            Self::Policy(path, why) => {
                let (path, why) = (path.display(), lang.cause(why));
                (
                    format!(
                        "la politique « {path} » est refusée ({why}) ; demandez-la à l'archive : tabellion policy."
                    ),
                    format!("the policy \"{path}\" is refused ({why}); ask the archive for it: tabellion policy."),
                )
            }
            Self::Argument(name, fr, en) => {
                (format!("{name} : {fr} ; voyez --help."), format!("{name}: {en}; see --help."))
            }
            Self::Output(why) => {
                let why = lang.cause(&why.to_string());
                (format!("impossible d'écrire : {why}."), format!("cannot write: {why}."))
            }
            Self::Nothing => {
                ("donnez un dossier de preuve ; voyez --help.".into(), "give an evidence pack; see --help.".into())
            }
        };
        match lang {
            Lang::French => fr,
            Lang::English => en,
        }
    }
}

/// An argument is refused for this, in French and in English.
pub fn argument(name: &'static str, fr: impl Into<String>, en: impl Into<String>) -> Trouble {
    Trouble::Argument(name, fr.into(), en.into())
}

/// A file, to be read as it lies.
pub fn open(path: &Path) -> Result<File, Trouble> {
    File::open(path).map_err(|why| Trouble::Read(path.to_owned(), why))
}

fn bounded(path: &Path, limit: u64) -> Result<Result<Vec<u8>, u64>, Trouble> {
    let unreadable = |why| Trouble::Read(path.to_owned(), why);
    let file = open(path)?;
    let size = file.metadata().map_err(unreadable)?.len();
    if size > limit {
        return Ok(Err(size));
    }
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let read = bytes.len() as u64;
    Ok(if read > limit { Err(read) } else { Ok(bytes) })
}

/// The bytes of a pack, or its size when it is too large to be judged.
pub fn pack(path: &Path) -> Result<Result<Vec<u8>, u64>, Trouble> {
    bounded(path, PACK_BYTES)
}

/// The bytes of a file that is neither pack nor document.
pub fn small(path: &Path) -> Result<Vec<u8>, Trouble> {
    let too_large = |size| Trouble::NotThis(path.to_owned(), format!("{size} > {SMALL_BYTES}"));
    bounded(path, SMALL_BYTES)?.map_err(too_large)
}

/// The bytes of a file to be shown.
pub fn small_or_pack(path: &Path) -> Result<Vec<u8>, Trouble> {
    pack(path)?.map_err(|size| Trouble::NotThis(path.to_owned(), format!("{size} > {PACK_BYTES}")))
}

/// The policy, when one is given.
pub fn policy(common: &Judging) -> Result<Option<Policy>, Trouble> {
    let Some(path) = &common.policy else {
        return Ok(None);
    };
    let refused = |why: String| Trouble::Policy(path.clone(), why);
    let bytes = small(path).map_err(|_| refused("cannot be read".to_owned()))?;
    tabellion_verify::read_policy(&bytes).map(Some).map_err(refused)
}

/// `--at`, or the system's clock.
pub fn moment(common: &Judging) -> Result<UnixMillis, Trouble> {
    let Some(text) = &common.at else {
        return Ok(UnixMillis(u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0)));
    };
    let refused = |_| {
        const SUCH: &str = "2026-11-24T12:00:00Z";
        let fr = format!("« {text} » n'est pas un moment depuis 1970 écrit selon la RFC 3339, tel que {SUCH}");
        argument("--at", fr, format!("\"{text}\" is no moment since 1970 as RFC 3339 writes it, such as {SUCH}"))
    };
    let millis = text.parse::<jiff::Timestamp>().map_err(|why| refused(why.to_string()))?.as_millisecond();
    u64::try_from(millis).map(UnixMillis).map_err(|why| refused(why.to_string()))
}

/// Root certificates: of a PEM or DER file, or of every such file of a directory.
pub fn roots(path: &Path) -> Result<Vec<Vec<u8>>, Trouble> {
    if !path.is_dir() {
        let bytes = small(path)?;
        if bytes.first() == Some(&0x30) {
            return Ok(vec![bytes]);
        }
        let pem = String::from_utf8_lossy(&bytes);
        return seal::pem_to_der(&pem).map_err(|why| Trouble::NotThis(path.to_owned(), why.to_string()));
    }
    let unreadable = |why| Trouble::Read(path.to_owned(), why);
    let listed = std::fs::read_dir(path).map_err(unreadable)?.collect::<Result<Vec<_>, _>>();
    let mut files: Vec<PathBuf> = listed.map_err(unreadable)?.into_iter().map(|e| e.path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| ["pem", "crt", "cer", "der"].iter().any(|known| e == *known)));
    files.sort();
    let mut all = Vec::new();
    for file in &files {
        all.extend(roots(file)?);
    }
    Ok(all)
}

/// Size and digests of a file, streamed.
pub fn measure(path: &Path) -> Result<NamedDigest, Trouble> {
    let mut file = open(path)?;
    let (mut short, mut long, mut size) = (Sha256::new(), Sha512::new(), 0u64);
    let mut chunk = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut chunk).map_err(|why| Trouble::Read(path.to_owned(), why))?;
        if read == 0 {
            break;
        }
        short.update(&chunk[..read]);
        long.update(&chunk[..read]);
        size += read as u64;
    }
    let name = path.display().to_string();
    Ok(NamedDigest { name, size, sha256: Hash(short.finalize().into()), sha512: Hash512(long.finalize().into()) })
}

/// Files to be found under an evidence record, whole: which digests it asks for is not known yet.
pub fn documents(data: &[PathBuf]) -> Result<Vec<Given>, Trouble> {
    let held = |path: &PathBuf| {
        let content = GivenContent::Bytes(small_or_pack(path)?);
        Ok(Given { name: path.display().to_string(), content })
    };
    data.iter().map(held).collect()
}

/// Documents known by digests `ALG:HEX` alone. A second one of the same algorithm is of a second document; those of other
/// algorithms are of the documents already named, in the same order.
pub fn digests(given: &[String]) -> Result<Vec<Given>, Trouble> {
    let mut all: Vec<(String, Digests)> = Vec::new();
    for text in given {
        let malformed = || {
            let fr = format!("« {text} » n'est pas une empreinte ALG:HEX");
            argument("--digest", fr, format!("\"{text}\" is no digest ALG:HEX"))
        };
        let (algorithm, digits) = text.split_once(':').ok_or_else(malformed)?;
        let algorithm = DigestAlgorithm::from_name(algorithm).ok_or_else(malformed)?;
        let digest = proof::hash::decode_hex(&digits.to_ascii_lowercase()).ok_or_else(malformed)?;
        if digest.len() != algorithm.size() {
            return Err(malformed());
        }
        match all.iter_mut().find(|(_, known)| known.iter().all(|(of, _)| *of != algorithm)) {
            Some((_, known)) => known.push((algorithm, digest)),
            None => all.push((text.clone(), vec![(algorithm, digest)])),
        }
    }
    let named = |(name, digests)| Given { name, content: GivenContent::Digests(digests) };
    Ok(all.into_iter().map(named).collect())
}

/// Lists of revoked certificates and OCSP responses, DER or PEM.
pub fn revocation(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, Trouble> {
    let read = |path: &PathBuf| {
        let bytes = small(path)?;
        if bytes.first() == Some(&0x30) {
            return Ok(vec![bytes]);
        }
        let pem = String::from_utf8_lossy(&bytes);
        seal::pem_blocks(&pem).map_err(|why| Trouble::NotThis(path.clone(), why.to_string()))
    };
    Ok(paths.iter().map(read).collect::<Result<Vec<_>, _>>()?.concat())
}

/// What a token must be over: name and digest of the file given, streamed, or the digest given when it is of this algorithm.
pub fn stamped(given: &Timestamp, algorithm: DigestAlgorithm) -> Result<(String, Option<Vec<u8>>), Trouble> {
    if let Some(text) = &given.digest {
        let known = digests(std::slice::from_ref(text))?;
        let digest = known.into_iter().find_map(|given| match given.content {
            GivenContent::Digests(digests) => {
                digests.into_iter().find(|(of, _)| *of == algorithm).map(|(_, digest)| digest)
            }
            GivenContent::Bytes(_) => None,
        });
        return Ok((text.clone(), digest));
    }
    let Some(path) = &given.data else { return Err(argument("--data", "il manque le fichier", "the file is missing")) };
    let mut file = open(path)?;
    let (mut running, mut chunk) = (algorithm.begin(), vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut chunk).map_err(|why| Trouble::Read(path.clone(), why))?;
        if read == 0 {
            return Ok((path.display().to_string(), Some(running.finish())));
        }
        running.update(&chunk[..read]);
    }
}

/// A receipt and all that was found beside it.
pub struct Held {
    pub receipt: String,
    pub record: Vec<u8>,
    pub entry: Option<Vec<u8>>,
    pub file_records: Vec<Vec<u8>>,
    pub data: Vec<NamedDigest>,
}

/// The receipt as given: text with records in files, or the JSON answer to the deposit, which carries all of them.
pub fn receipt(given: &Receipt) -> Result<Held, Trouble> {
    let bytes = small(&given.receipt)?;
    let mut held =
        Held { receipt: String::new(), record: Vec::new(), entry: None, file_records: Vec::new(), data: Vec::new() };
    if !answer(&bytes, &given.receipt, &mut held)? {
        let text = String::from_utf8(bytes);
        held.receipt = text.map_err(|why| Trouble::NotThis(given.receipt.clone(), why.to_string()))?;
    }
    match &given.record {
        Some(path) => {
            let (receipt, bytes) = (held.receipt.clone(), small(path)?);
            if answer(&bytes, path, &mut held)? {
                held.receipt = receipt;
            } else {
                held.record = bytes;
                beside(path, !given.data.is_empty() && given.entry.is_none(), &mut held)?;
            }
        }
        None if held.record.is_empty() => {
            return Err(argument("--record", "il manque R.json", "R.json is missing"));
        }
        None => {}
    }
    if let Some(path) = &given.entry {
        held.entry = Some(small(path)?);
    }
    if !given.file_record.is_empty() {
        held.file_records = given.file_record.iter().map(|path| small(path)).collect::<Result<_, _>>()?;
    }
    held.data = given.data.iter().map(|path| measure(path)).collect::<Result<_, _>>()?;
    Ok(held)
}

/// Receipts, each as [`receipt`] reads it; records are given in the order of the receipts, or not at all.
pub fn receipts(receipts: &[PathBuf], records: &[PathBuf]) -> Result<Vec<NamedReceipt>, Trouble> {
    if records.len() > receipts.len() {
        return Err(argument("--record", "un par récépissé au plus", "one a receipt at most"));
    }
    let records = records.iter().map(|path| Some(path.clone())).chain(std::iter::repeat(None));
    let named = |(path, record): (&PathBuf, _)| {
        let given = Receipt { receipt: path.clone(), record, entry: None, file_record: Vec::new(), data: Vec::new() };
        let held = receipt(&given)?;
        Ok(NamedReceipt { name: path.display().to_string(), receipt: held.receipt, record: held.record })
    };
    receipts.iter().zip(records).map(named).collect()
}

/// Each line of a file in order, its newline left out, until `seen` wants no more. A line longer than the limit is cut one byte
/// past it, so that whoever sees it can tell.
pub fn each_line(path: &Path, limit: usize, seen: &mut dyn FnMut(&[u8]) -> bool) -> Result<(), Trouble> {
    let unreadable = |why| Trouble::Read(path.to_owned(), why);
    let mut file = BufReader::with_capacity(1 << 16, open(path)?);
    let mut line = Vec::new();
    loop {
        line.clear();
        // Without its newline at the very end a last line is no line: the file was cut.
        let read = (&mut file).take(limit as u64 + 1).read_until(b'\n', &mut line).map_err(unreadable)?;
        if read == 0 {
            return Ok(());
        }
        let whole = line.pop_if(|last| *last == b'\n').is_some();
        if !whole && line.len() <= limit {
            line.extend_from_slice(b"\n");
        }
        if !seen(&line) {
            return Ok(());
        }
    }
}

/// Whether these bytes are an answer to a deposit; if so, what it carries is held.
fn answer(bytes: &[u8], path: &Path, held: &mut Held) -> Result<bool, Trouble> {
    let Ok(json) = serde_json::from_slice::<Value>(bytes) else {
        return Ok(false);
    };
    let Some(records) = json.get("records") else {
        return Ok(false);
    };
    let wrong = |field: &str| Trouble::NotThis(path.to_owned(), format!("no field {field}"));
    let decoded = |value: &Value| value.as_str().and_then(|text| BASE64_STANDARD.decode(text).ok());
    held.receipt = json.get("receipt").and_then(Value::as_str).ok_or_else(|| wrong("receipt"))?.to_owned();
    held.record = records.get("R").and_then(decoded).ok_or_else(|| wrong("records.R"))?;
    held.entry = records.get("E").and_then(decoded);
    let files = records.get("F").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let files = files.iter().map(decoded).collect::<Option<_>>();
    held.file_records = files.ok_or_else(|| wrong("records.F"))?;
    Ok(true)
}

/// `E.json` and `F/*.json` beside `R.json`, as in an unzipped pack.
fn beside(record: &Path, wanted: bool, held: &mut Held) -> Result<(), Trouble> {
    let directory = record.parent().unwrap_or(Path::new("."));
    let entry = directory.join("E.json");
    if !wanted || !entry.is_file() {
        return Ok(());
    }
    held.entry = Some(small(&entry)?);
    let Ok(listed) = std::fs::read_dir(directory.join("F")) else {
        return Ok(());
    };
    let mut files: Vec<PathBuf> = listed.filter_map(|e| Some(e.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "json"));
    files.sort();
    held.file_records = files.iter().map(|path| small(path)).collect::<Result<_, _>>()?;
    Ok(())
}
