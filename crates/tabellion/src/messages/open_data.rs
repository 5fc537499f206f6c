//! Sentences about open data.

use super::Row;

#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    ("help.open-data", "Exporte en données ouvertes ce que la configuration permet de publier",
        "Exports as open data what the configuration lets be published"),
    ("help.open-data.scdl", "Les délibérations, en CSV au format SCDL 2.1.5", "The deliberations, as CSV in the format SCDL 2.1.5"),
    ("help.open-data.decp", "Les données essentielles de la commande publique, en JSON au format 2.0", "The essential data of procurement, as JSON in the format 2.0"),
    ("help.open-data.from", "Premier jour : de l'acte, de la notification du marché", "First day: of the act, of the contract's notification"),
    ("help.open-data.to", "Dernier jour", "Last day"),
    ("help.open-data.withheld", "Les actes qui ne sont pas publiés, et pourquoi", "The acts that are not published, and why"),
    ("help.open-data.left-out", "Les contrats qui ne sont pas publiés, et pourquoi", "The contracts that are not published, and why"),
    ("said.open-data", "Export écrit dans {file} ({size} octets)", "Export written to {file} ({size} bytes)"),
];
