//! What the header says of encrypted parts: sizes and digests, each unit's in as many bytes as any other's, so that the n-th is found
//! without reading the others.

use super::within;
use crate::cipher::stored_len;
use crate::codec::{ParseError, Parsed, Parser, Writer};
use crate::limits::MAX_FILE_BYTES;
use proof::Hash;

/// What the header says of one encrypted part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PartFacts {
    /// Bytes of the plaintext.
    pub(crate) plain: u64,
    /// Bytes as stored.
    pub(crate) stored: u64,
    /// SHA-256 of the bytes as stored.
    pub(crate) sha256: Hash,
}

/// What shares one key: `E` alone, or a file and its `F`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct UnitFacts {
    /// `E` or `F`.
    pub(crate) record: PartFacts,
    /// The file; `None` for `E`.
    pub(crate) body: Option<PartFacts>,
}

/// How facts are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// Both lengths, u64 each, and the digest: beside a leaf in full.
    Long,
    /// The plaintext's length in six bytes, which gives the other, and the digest: beside a leaf in brief.
    Short,
}

impl Form {
    /// Bytes of the facts of one part.
    pub(crate) const fn part(self) -> usize {
        match self {
            Self::Long => 48,
            Self::Short => 38,
        }
    }

    /// Where the facts of unit `number` (0 for `E`) stand after the first, and their length.
    pub(crate) fn unit_at(self, number: u64) -> (u64, usize) {
        let part = self.part();
        match number.checked_sub(1) {
            None => (0, part),
            Some(before) => ((part as u64).saturating_add(before.saturating_mul(2 * part as u64)), 2 * part),
        }
    }

    pub(crate) fn write_unit(self, out: &mut Writer, facts: UnitFacts) {
        for part in std::iter::once(facts.record).chain(facts.body) {
            match self {
                Self::Long => out.u64(part.plain).u64(part.stored),
                // No file is so long that it needs the first two.
                Self::Short => out.raw(&part.plain.to_be_bytes()[2..]),
            };
            out.raw(&part.sha256.0);
        }
    }

    /// The facts of one unit.
    pub(crate) fn parse_unit(self, bytes: &[u8]) -> Parsed<UnitFacts> {
        let mut parser = Parser::new(bytes);
        let record = self.parse_part(&mut parser)?;
        let body = if parser.rest().is_empty() { None } else { Some(self.parse_part(&mut parser)?) };
        parser.end()?;
        Ok(UnitFacts { record, body })
    }

    fn parse_part(self, parser: &mut Parser<'_>) -> Parsed<PartFacts> {
        let plain = match self {
            Self::Long => parser.u64("plaintext length")?,
            Self::Short => {
                let [a, b, c, d, e, f] = parser.array("plaintext length")?;
                u64::from_be_bytes([0, 0, a, b, c, d, e, f])
            }
        };
        within("plaintext length", plain, MAX_FILE_BYTES)?;
        let stored = stored_len(plain);
        if self == Self::Long {
            let said = parser.u64("stored length")?;
            // Derivable; disagreement is damage.
            if said != stored {
                return Err(ParseError::Unknown { what: "stored length", found: said });
            }
        }
        Ok(PartFacts { plain, stored, sha256: Hash(parser.array("part digest")?) })
    }
}
