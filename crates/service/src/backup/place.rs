//! Where backups are kept: a directory, or a bucket of an S3-compatible server. What is named decides; credentials are never part of it.

use crate::trouble::Trouble;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

const SCHEME: &str = "s3://";
/// Bytes of a prefix.
const PREFIX_BYTES: usize = 512;

/// A place of backups, as it is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// A directory of this machine, or one that it mounts.
    Directory(PathBuf),
    /// `s3://bucket/prefix`.
    Bucket {
        /// Name of the bucket.
        bucket: String,
        /// What the names of its objects begin with, without a slash at its ends; may be empty.
        prefix: String,
    },
}

impl Place {
    /// The place of this name: `s3://bucket`, `s3://bucket/prefix`, or else a directory.
    ///
    /// # Errors
    /// [`Trouble`] `place-not-understood`: an address that is not of that form, or of another scheme.
    pub fn parse(given: &OsStr) -> Result<Self, Trouble> {
        let text = given.to_string_lossy();
        let Some((scheme, rest)) = text.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) else {
            return Ok(Self::Directory(given.into()));
        };
        if !scheme.eq_ignore_ascii_case("s3") {
            return Err(not_understood(
                &text,
                ["un dossier ou s3://, rien d'autre", "a directory or s3://, nothing else"],
            ));
        }
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if !(3..=63).contains(&bucket.len()) || !plain(bucket) || !bucket.as_bytes()[0].is_ascii_alphanumeric() {
            let why = [
                "le nom d'un seau a 3 à 63 lettres, chiffres, points et tirets",
                "the name of a bucket is 3 to 63 letters, digits, dots and dashes",
            ];
            return Err(not_understood(&text, why));
        }
        let sound = |part: &str| plain(part) && !["", ".", ".."].contains(&part);
        if prefix.len() > PREFIX_BYTES || !(prefix.is_empty() || prefix.split('/').all(sound)) {
            let why = [
                "un préfixe est fait de lettres, chiffres, points, tirets et barres simples",
                "a prefix is of letters, digits, dots, dashes and single slashes",
            ];
            return Err(not_understood(&text, why));
        }
        Ok(Self::Bucket { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => path.display().fmt(f),
            Self::Bucket { bucket, prefix } if prefix.is_empty() => write!(f, "{SCHEME}{bucket}"),
            Self::Bucket { bucket, prefix } => write!(f, "{SCHEME}{bucket}/{prefix}"),
        }
    }
}

/// Keys and secrets are in a directory: a bucket may keep versions and copies of what was removed, and a key destroyed must be gone.
pub(crate) fn no_bucket(keys: &Path) -> Result<(), Trouble> {
    if !keys.to_string_lossy().contains("://") {
        return Ok(());
    }
    let remedy = [
        "donner un dossier, à part des sauvegardes : une clé détruite doit y être écrasée, ce qu'aucun seau ne promet",
        "give a directory, apart from the backups: a key that is destroyed must be overwritten there, which no bucket promises",
    ];
    let (french, english) =
        ("les clés et les secrets ne vont pas dans un seau", "keys and secrets do not go to a bucket");
    Err(Trouble::new("keys-not-in-a-bucket", french, english, remedy))
}

fn is_scheme(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

fn not_understood(given: &str, [in_french, in_english]: [&str; 2]) -> Trouble {
    let remedy = [
        "écrire s3://SEAU/PRÉFIXE, ou un dossier ; serveur, région et clés d'accès viennent de l'environnement (AWS_…), jamais de l'adresse",
        "write s3://BUCKET/PREFIX, or a directory; server, region and access keys come from the environment (AWS_…), never from the address",
    ];
    let (french, english) =
        (format!("ce lieu n'est pas compris : {in_french}"), format!("this place is not understood: {in_english}"));
    let trouble = Trouble::new("place-not-understood", french, english, remedy);
    // What stands before an @ may be a secret: it is not shown again.
    if given.contains('@') { trouble } else { trouble.at(given) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(given: &str) -> Result<Place, Trouble> {
        Place::parse(OsStr::new(given))
    }

    #[test]
    fn an_address_names_a_bucket_and_anything_else_a_directory() {
        let bucket = |bucket: &str, prefix: &str| Place::Bucket { bucket: bucket.into(), prefix: prefix.into() };
        assert_eq!(parse("s3://archives-ville/tabellion/a").unwrap(), bucket("archives-ville", "tabellion/a"));
        assert_eq!(parse("s3://archives-ville/tabellion/").unwrap().to_string(), "s3://archives-ville/tabellion");
        assert_eq!(parse("s3://archives-ville").unwrap(), bucket("archives-ville", ""));
        for directory in ["/srv/backups", "backups", "s3:/x", "./s3://x/y", "a b"] {
            assert_eq!(parse(directory).unwrap(), Place::Directory(directory.into()), "{directory}");
        }
    }

    #[test]
    fn what_is_no_such_address_is_refused_and_its_secrets_are_not_shown() {
        for given in [
            "s3://",
            "s3://ab",
            "s3:///x",
            "s3://a_b c/x",
            "s3://bucket//x",
            "s3://bucket/../x",
            "s3://bucket/x?acl",
            "s3://bucket/é",
            "https://server/bucket",
            "gs://bucket",
        ] {
            let trouble = parse(given).unwrap_err();
            assert_eq!((trouble.code, trouble.place.as_str()), ("place-not-understood", given));
        }
        let trouble = parse("s3://AKID:hidden@bucket/x").unwrap_err();
        assert!(!format!("{trouble:?}").contains("hidden"), "{trouble:?}");
    }

    #[test]
    fn keys_are_kept_in_directories() {
        assert!(no_bucket(Path::new("/srv/keys")).is_ok());
        assert_eq!(no_bucket(Path::new("s3://bucket/keys")).unwrap_err().code, "keys-not-in-a-bucket");
    }
}
