//! Who a tenant is: an opaque id for ever, and attributes that are dated, because a SIRET moves and communes merge.

use crate::limits::NAME_BYTES;
use crate::number::{Siren, Siret};
use serde_json::{Value, json};
use std::fmt;

/// The number a tenant is known by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TenantNumber {
    /// Of a legal entity.
    Siren(Siren),
    /// Of an establishment.
    Siret(Siret),
}

/// What is said of a tenant from a date on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attributes {
    /// From when, RFC 3339.
    pub from: String,
    /// Its name.
    pub name: String,
    /// Its number; the platform has none.
    pub number: Option<TenantNumber>,
}

/// What is remembered of a tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TenantRow {
    /// Its place in registers, fixed at joining.
    pub slot: u64,
    /// Oldest first, never empty.
    pub attributes: Vec<Attributes>,
}

/// The field of a row that cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowError(pub &'static str);

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "field {:?} of the row cannot be read", self.0)
    }
}
impl std::error::Error for RowError {}

/// The name a tenant may bear: trimmed, not empty, bounded, on one line; `None` otherwise.
pub fn check_name(name: &str) -> Option<String> {
    let name = name.trim();
    let fits = !name.is_empty() && name.len() <= NAME_BYTES && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned())
}

impl TenantNumber {
    /// Its digits.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Siren(siren) => siren.as_str(),
            Self::Siret(siret) => siret.as_str(),
        }
    }
}

impl Attributes {
    /// The attributes as JSON.
    pub fn to_json(&self) -> Value {
        let mut row = json!({"from": self.from, "name": self.name});
        match &self.number {
            Some(TenantNumber::Siren(siren)) => row["siren"] = json!(siren.as_str()),
            Some(TenantNumber::Siret(siret)) => row["siret"] = json!(siret.as_str()),
            None => {}
        }
        row
    }

    fn parse(row: &Value) -> Result<Self, RowError> {
        let text = |field: &'static str| row[field].as_str().map(str::to_owned).ok_or(RowError(field));
        let number = match (row["siren"].as_str(), row["siret"].as_str()) {
            (None, None) => None,
            (Some(siren), None) => Some(TenantNumber::Siren(Siren::parse(siren).map_err(|_| RowError("siren"))?)),
            (None, Some(siret)) => Some(TenantNumber::Siret(Siret::parse(siret).map_err(|_| RowError("siret"))?)),
            (Some(_), Some(_)) => return Err(RowError("siret")),
        };
        Ok(Self { from: text("from")?, name: text("name")?, number })
    }
}

impl TenantRow {
    /// The row as JSON; canonical once written by `ledger`.
    pub fn to_json(&self) -> Value {
        let attributes: Vec<Value> = self.attributes.iter().map(Attributes::to_json).collect();
        json!({"version": 1, "slot": self.slot, "attributes": attributes})
    }

    /// The row these JSON bytes hold.
    ///
    /// # Errors
    /// [`RowError`]: the first field that cannot be read.
    pub fn parse(bytes: &[u8]) -> Result<Self, RowError> {
        let row: Value = serde_json::from_slice(bytes).map_err(|_| RowError("json"))?;
        if row["version"] != 1 {
            return Err(RowError("version"));
        }
        let slot = row["slot"].as_u64().ok_or(RowError("slot"))?;
        let attributes = row["attributes"].as_array().ok_or(RowError("attributes"))?;
        if attributes.is_empty() {
            return Err(RowError("attributes"));
        }
        let attributes = attributes.iter().map(Attributes::parse).collect::<Result<_, _>>()?;
        Ok(Self { slot, attributes })
    }

    /// What is said of the tenant now.
    pub fn current(&self) -> Option<&Attributes> {
        self.attributes.last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> TenantRow {
        let number = Some(TenantNumber::Siren(Siren::parse("243400017").unwrap()));
        let attributes = vec![Attributes { from: "2026-01-01T00:00:00.000Z".into(), name: "Ville".into(), number }];
        TenantRow { slot: 3, attributes }
    }

    #[test]
    fn a_row_reads_back() {
        let bytes = serde_json::to_vec(&row().to_json()).unwrap();
        assert_eq!(TenantRow::parse(&bytes), Ok(row()));
        assert_eq!(row().current().unwrap().number.as_ref().unwrap().as_str(), "243400017");
    }

    #[test]
    fn an_odd_row_names_its_field() {
        let change = |path: &str, value: Value| {
            let mut json = row().to_json();
            *json.pointer_mut(path).unwrap() = value;
            TenantRow::parse(&serde_json::to_vec(&json).unwrap())
        };
        assert_eq!(change("/version", json!(2)), Err(RowError("version")));
        assert_eq!(change("/slot", json!("3")), Err(RowError("slot")));
        assert_eq!(change("/attributes", json!([])), Err(RowError("attributes")));
        assert_eq!(change("/attributes/0/siren", json!("243400018")), Err(RowError("siren")));
        assert_eq!(change("/attributes/0/name", json!(null)), Err(RowError("name")));
    }

    #[test]
    fn names_are_trimmed_bounded_and_on_one_line() {
        assert_eq!(check_name("  Ville de Test "), Some("Ville de Test".into()));
        assert_eq!(check_name(" "), None);
        assert_eq!(check_name("a\nb"), None);
        assert!(check_name(&"a".repeat(NAME_BYTES)).is_some());
        assert_eq!(check_name(&"a".repeat(NAME_BYTES + 1)), None);
    }
}
