//! What no server could do better on these two cores: the digests and the encryption that one deposit asks for, and the carrying of its
//! bytes in and of its answer out. Both are measured here, with the same generator, and what they allow together is a limit:
//! everything else (order, tree, signature, records, index, disk) would have to cost nothing.

use super::front::{Front, Handler};
use super::load::{self, Load, document};
use super::primitives::{CORES, closed, encrypted, key, nonce, on_both_cores};
use super::row::{Aim, Row};
use crate::wire::{self, Request};
use anyhow::{Result, ensure};
use proof::{SignedNote, SigningKey};
use ring::aead::Aad;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Documents made beforehand.
const DOCUMENTS: u64 = 64;
/// Of the file to which one client's bytes are appended, over and over.
const FILE_BYTES: usize = 16 << 20;

/// What is measured of the limit.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Documents a second through the digests and the cipher alone, both cores busy.
    pub primitives: f64,
    /// Documents a second carried in and answered with as many bytes as a deposit is.
    pub carried: f64,
}

impl Limit {
    /// Documents a second when the same two cores do both.
    pub fn both(&self) -> f64 {
        1.0 / (1.0 / self.primitives + 1.0 / self.carried)
    }

    /// The limit, said.
    pub fn words(&self, bytes: usize) -> String {
        format!(
            "limit for {bytes} bytes on {CORES} cores: {:.0}/s for SHA-512, three SHA-256, encryption and decryption; {:.0}/s to carry \
             them in and the answer out; {:.0}/s for both",
            self.primitives,
            self.carried,
            self.both()
        )
    }
}

/// A rate of the product under this load beside the limit, which is said; the product answers one deposit more for it.
///
/// # Errors
/// As [`measure`], or the product refused.
pub fn row(load: &Load, size: &str, rate: f64) -> Result<Row> {
    let limit = measure(load, &answered(load)?, load.counted)?;
    println!("{}", limit.words(load.bytes));
    let name = format!("deposits/s, {size}, beside what digests, cipher and carrying alone allow");
    Ok(Row::new(name, "/s", rate, Aim::RatioLeast(0.5)).beside("that limit", limit.both()))
}

/// The answer to one deposit more.
fn answered(load: &Load) -> Result<Vec<u8>> {
    let body = document(load.seed, u64::MAX, load.bytes);
    let path = "/v1/deposits?kind=file&name=limite.bin";
    let asked = Request { method: "POST", path, token: Some(&load.token), key: None, body: &body };
    let answer = wire::once(load.address, &asked, Duration::from_secs(60))?;
    ensure!(answer.status == 201, "the deposit whose answer is measured: status {}", answer.status);
    Ok(answer.body)
}

/// What one client waits for, half of the time, where one thread does no more than a proof asks for, one thing after the other: digests
/// and cipher, an append to a file in `dir` and its sync, a signature and its check.
///
/// # Errors
/// As [`measure`], or the disk refused.
pub fn alone(load: &Load, dir: &Path) -> Result<Duration> {
    let (answer, path) = (Arc::<[u8]>::from(answered(load)?), dir.join("limite.bin"));
    let file = File::create_new(&path)?;
    file.write_all_at(&vec![0; FILE_BYTES], 0)?;
    file.sync_all()?;
    let file = Arc::new(file);
    let front = Front::start(Arc::new(move || {
        let (answer, file, mut at) = (Arc::clone(&answer), Arc::clone(&file), 0);
        let key = SigningKey::from_seed("limite.example/log", &[7; 32])?;
        let handle: Handler = Box::new(move |body, out| {
            out.extend_from_slice(&answer);
            at = (at + body.len()) % (FILE_BYTES / 2);
            proven(body, &file, at as u64, &key).is_ok()
        });
        Ok(handle)
    }))?;
    let waited = load::run(&Load { address: front.address(), ..load.clone() })?.wait(500);
    std::fs::remove_file(&path)?;
    Ok(waited)
}

fn proven(body: &[u8], file: &File, at: u64, key: &SigningKey) -> Result<()> {
    one(body)?;
    file.write_all_at(body, at)?;
    file.sync_data()?;
    let note = SignedNote::parse(&key.sign("limite.example/log\n1\nAAAA\n"))?;
    Ok(key.verifier_key().verify(&note)?)
}

/// Measured for this load, each half for so long; `answer` is one that the product gave.
///
/// # Errors
/// No port, or the generator failed.
pub fn measure(load: &Load, answer: &[u8], counted: Duration) -> Result<Limit> {
    Ok(Limit { primitives: primitives(load.bytes, counted)?, carried: carried(load, answer, counted)? })
}

/// Documents a second that are hashed as they come (SHA-256, SHA-512), encrypted, decrypted and hashed again, and hashed as stored.
fn primitives(bytes: usize, counted: Duration) -> Result<f64> {
    let documents: Vec<Vec<u8>> = (0..DOCUMENTS).map(|number| document(0, number, bytes)).collect();
    let turn = |done: u64| usize::try_from(done % DOCUMENTS).unwrap_or(0);
    on_both_cores(counted, &|done| documents.get(turn(done)).map_or(Ok(()), |document| one(document).map(drop)))
}

fn one(document: &[u8]) -> Result<[u8; 32]> {
    black_box(ring::digest::digest(&ring::digest::SHA256, document));
    black_box(ring::digest::digest(&ring::digest::SHA512, document));
    let mut stored = encrypted(document.to_vec())?;
    black_box(ring::digest::digest(&ring::digest::SHA256, &stored));
    let plain = key()?.open_in_place(nonce(), Aad::empty(), &mut stored).map_err(|_| closed())?;
    Ok(black_box(Sha256::digest(plain).into()))
}

/// Documents a second that the same generator brings to a front which does nothing with them.
fn carried(load: &Load, answer: &[u8], counted: Duration) -> Result<f64> {
    let answer: Arc<[u8]> = answer.into();
    let front = Front::start(Arc::new(move || {
        let answer = Arc::clone(&answer);
        let handle: Handler = Box::new(move |body, out| {
            black_box(body);
            out.extend_from_slice(&answer);
            true
        });
        Ok(handle)
    }))?;
    let load = Load { address: front.address(), warm_up: counted / 4, counted, ..load.clone() };
    Ok(load::run(&load)?.rate())
}

#[cfg(test)]
mod tests {
    use super::{Limit, primitives};
    use std::time::Duration;

    #[test]
    fn what_takes_both_takes_the_sum_of_the_times() {
        let limit = Limit { primitives: 300.0, carried: 150.0 };
        assert!((limit.both() - 100.0).abs() < 1e-9);
    }

    #[test]
    fn something_is_computed() {
        assert!(primitives(1024, Duration::from_millis(20)).unwrap() > 0.0);
    }
}
