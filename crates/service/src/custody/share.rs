//! A share of the master key, as text that is printed, kept by one person and typed in again. See docs/formats/master-key-share.md.

use proof::hash::{decode_hex, encode_hex};
use sha2::{Digest, Sha256};
use std::fmt::{self, Write};
use zeroize::Zeroizing;

const BEGIN: &str = "-----BEGIN TABELLION SHARE-----";
const END: &str = "-----END TABELLION SHARE-----";
const VERSION: &str = "1";
/// Rows of the value, and bytes of each.
const ROWS: usize = 4;
const ROW_BYTES: usize = 8;
/// Bytes of the value: as many as the secret has.
pub(super) const VALUE_BYTES: usize = ROWS * ROW_BYTES;
/// Bytes of the file that are looked at.
pub(super) const TEXT_BYTES: u64 = 64 << 10;
/// Lines between the marks: eight fields, the rows, the checksum, and blank ones that a person left.
const LINES: usize = 64;

/// One share.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) of: Of,
    /// 1 to 255.
    pub(super) number: u8,
    pub(super) value: Zeroizing<[u8; VALUE_BYTES]>,
}

impl fmt::Debug for Share {
    /// Never its value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Share").field("of", &self.of).field("number", &self.number).finish_non_exhaustive()
    }
}

/// What all shares of one escrow have in common.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Of {
    pub(super) store: [u8; 16],
    pub(super) master: [u8; 8],
    pub(super) escrow: [u8; 8],
    /// The day it was made.
    pub(super) made: String,
    pub(super) shares: u8,
    pub(super) threshold: u8,
}

/// Why a text is no share.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// It has no share in it, or more than one.
    None,
    /// A line is missing or does not read.
    Line(&'static str),
    /// A row of the value was mistyped.
    Row(usize),
    /// All reads, and does not give the checksum.
    Checksum,
    /// It was made by a newer program.
    Version,
}

impl Fault {
    /// In French, in English.
    pub(super) fn words(&self) -> [String; 2] {
        match self {
            Self::None => [
                "le texte ne contient pas une part, et une seule".into(),
                "it does not hold one share, and one alone".into(),
            ],
            Self::Line(name) => [
                format!("la ligne « {name} » manque ou ne se lit pas"),
                format!("the line \"{name}\" is missing or does not read"),
            ],
            Self::Row(row) => [
                format!("la ligne « {row} » est abîmée ou mal recopiée"),
                format!("the line \"{row}\" is damaged or mistyped"),
            ],
            Self::Checksum => ["la somme de contrôle ne correspond pas".into(), "the checksum does not agree".into()],
            Self::Version => [
                "elle vient d'une version plus récente du programme".into(),
                "it comes from a newer version of the program".into(),
            ],
        }
    }
}

impl Share {
    /// What is printed.
    pub(super) fn write(&self) -> Zeroizing<String> {
        let mut out = Zeroizing::new(instructions(self));
        let _ = writeln!(out, "{BEGIN}");
        let lines = self.lines();
        out.push_str(&lines);
        let _ = writeln!(out, "checksum: {}", *grouped(&checksum(&lines)));
        let _ = writeln!(out, "{END}");
        out
    }

    /// The lines that the checksum covers.
    fn lines(&self) -> Zeroizing<String> {
        let of = &self.of;
        let mut out = Zeroizing::new(String::new());
        let (store, master, escrow) = (encode_hex(&of.store), encode_hex(&of.master), encode_hex(&of.escrow));
        let _ = writeln!(out, "version: {VERSION}\nstore: {store}\nmaster-key: {master}\nescrow: {escrow}");
        let _ = writeln!(
            out,
            "made: {}\nshare: {}\nshares: {}\nthreshold: {}",
            of.made, self.number, of.shares, of.threshold
        );
        for (row, bytes) in (1..).zip(self.value.chunks(ROW_BYTES)) {
            let _ = writeln!(out, "{row}: {}  {}", *grouped(bytes), encode_hex(&row_check(row, bytes)));
        }
        out
    }

    /// The share in this text; what stands around it, case and spaces within values do not matter.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let mut blocks = text.split(BEGIN).skip(1);
        let (Some(block), None) = (blocks.next(), blocks.next()) else { return Err(Fault::None) };
        let (block, _) = block.split_once(END).ok_or(Fault::None)?;
        let fields: Vec<(String, &str)> = block
            .lines()
            .take(LINES)
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim()))
            .collect();
        let field = |name: &'static str| {
            let mut fit = fields.iter().filter(|field| field.0 == name);
            match (fit.next(), fit.next()) {
                (Some(field), None) => Ok(field.1),
                _ => Err(Fault::Line(name)),
            }
        };
        if field("version")? != VERSION {
            return Err(Fault::Version);
        }
        let number = |name| field(name)?.parse::<u8>().ok().filter(|number| *number > 0).ok_or(Fault::Line(name));
        let of = Of {
            store: hex(field("store")?).ok_or(Fault::Line("store"))?,
            master: hex(field("master-key")?).ok_or(Fault::Line("master-key"))?,
            escrow: hex(field("escrow")?).ok_or(Fault::Line("escrow"))?,
            made: day(field("made")?).ok_or(Fault::Line("made"))?,
            shares: number("shares")?,
            threshold: number("threshold")?,
        };
        let mut value = Zeroizing::new([0; VALUE_BYTES]);
        for (row, (name, bytes)) in (1..).zip(["1", "2", "3", "4"].into_iter().zip(value.chunks_mut(ROW_BYTES))) {
            let typed = hex::<{ ROW_BYTES + 2 }>(field(name)?).map(Zeroizing::new).ok_or(Fault::Row(row))?;
            let (typed, check) = typed.split_at(ROW_BYTES);
            if row_check(row, typed) != check {
                return Err(Fault::Row(row));
            }
            bytes.copy_from_slice(typed);
        }
        let share = Self { of, number: number("share")?, value };
        let said = hex::<8>(field("checksum")?).ok_or(Fault::Line("checksum"))?;
        // Its own lines, as they would be written: nothing that was read otherwise gives the same.
        if checksum(&share.lines()) != said {
            return Err(Fault::Checksum);
        }
        let sound = share.of.threshold >= 2 && share.of.threshold <= share.of.shares && share.number <= share.of.shares;
        if sound { Ok(share) } else { Err(Fault::Line("threshold")) }
    }
}

/// So many bytes, however they are spaced.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let packed: Zeroizing<String> = Zeroizing::new(text.chars().filter(|c| !c.is_whitespace()).collect());
    let packed = Zeroizing::new(packed.to_ascii_lowercase());
    let bytes = Zeroizing::new(decode_hex(&packed)?);
    bytes.as_slice().try_into().ok()
}

/// `2026-11-29`, and nothing else.
fn day(text: &str) -> Option<String> {
    let digit = |c: char| c.is_ascii_digit();
    let fits = text.len() == 10
        && text.chars().enumerate().all(|(at, c)| if at == 4 || at == 7 { c == '-' } else { digit(c) });
    fits.then(|| text.to_owned())
}

/// Four digits and a space, again and again.
fn grouped(bytes: &[u8]) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::new());
    for (at, pair) in bytes.chunks(2).enumerate() {
        if at > 0 {
            out.push(' ');
        }
        out.push_str(&Zeroizing::new(encode_hex(pair)));
    }
    out
}

fn row_check(row: usize, bytes: &[u8]) -> [u8; 2] {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(b"tabellion share row 1")
        .chain_update([u8::try_from(row).unwrap_or(u8::MAX)])
        .chain_update(bytes)
        .finalize()
        .into();
    [digest[0], digest[1]]
}

fn checksum(lines: &str) -> [u8; 8] {
    let digest: [u8; 32] = Sha256::new().chain_update(b"tabellion share 1\n").chain_update(lines).finalize().into();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    first
}

/// What whoever keeps the sheet must know, in both languages; not part of the share.
fn instructions(share: &Share) -> String {
    let (number, shares, threshold) = (share.number, share.of.shares, share.of.threshold);
    format!(
        "TABELLION - PART {number} SUR {shares} DE LA CLÉ MAÎTRESSE\n\
         \n\
         Avec {threshold} parts sur {shares}, et pas moins, on retrouve la clé sans laquelle rien de ce qui est archivé ne se lit.\n\
         - Imprimer, puis effacer ce fichier. Garder la feuille sous pli fermé, au coffre, loin des autres parts.\n\
         - Ne la photographier ni ne l'envoyer. Qui réunit {threshold} parts et une copie du magasin lit tout.\n\
         - Une fois l'an : tabellion keys drill PART... vérifie que les parts ouvrent le magasin, sans écrire la clé.\n\
         - Clé perdue : recopier {threshold} parts dans des fichiers, du mot BEGIN au mot END ; majuscules et espaces ne\n\
         \x20 comptent pas, et chaque ligne porte son contrôle. Puis : tabellion keys recover PART... --data DIR\n\
         - Feuille perdue ou vue par un tiers : refaire un séquestre entier et détruire les anciennes parts.\n\
         \n\
         TABELLION - SHARE {number} OF {shares} OF THE MASTER KEY\n\
         \n\
         With {threshold} shares of {shares}, and no fewer, one finds the key again without which nothing that is kept can be read.\n\
         - Print this, then delete the file. Keep the sheet sealed, in a safe, away from the other shares.\n\
         - Neither photograph nor send it. Whoever has {threshold} shares and a copy of the store reads everything.\n\
         - Once a year: tabellion keys drill SHARE... proves that the shares open the store, and writes the key nowhere.\n\
         - Key lost: type {threshold} shares into files, from BEGIN to END; case and spaces do not matter, and each line\n\
         \x20 bears its own check. Then: tabellion keys recover SHARE... --data DIR\n\
         - A sheet lost or seen by others: make a whole new escrow and destroy the old shares.\n\
         \n"
    )
}
