//! Essential data of procurement (DECP) of an invented buyer, built from the published schemas: edition 2.0 in JSON and in XML, edition 1.x in
//! both. Not here: any real contract, any copied file.

use serde_json::{Value, json};

/// SIRET of the invented buyer, its check digit right.
pub const BUYER: &str = "24340001700014";
/// SIRET of an invented holder.
pub const HOLDER: &str = "21349902300017";

/// One contract, known by its number.
#[derive(Clone, Copy, Debug)]
pub struct Procurement {
    seed: u32,
}

impl Procurement {
    /// The sample of this number.
    pub fn new(seed: u32) -> Self {
        Self { seed }
    }

    /// Its identifier within the buyer's.
    pub fn id(self) -> String {
        format!("2026-{:05}", self.seed)
    }

    /// `acheteur/id`.
    pub fn key(self) -> String {
        format!("{BUYER}/{}", self.id())
    }

    /// The contract, edition 2.0.
    pub fn contract(self) -> Value {
        json!({
            "id": self.id(),
            "acheteur": {"id": BUYER},
            "nature": "Marché",
            "objet": format!("Réfection de la voirie, lot n° {} (essai)", self.seed),
            "codeCPV": "45233141-9",
            "techniques": {"technique": ["Sans objet"]},
            "modalitesExecution": {"modaliteExecution": ["Tranches", "Bons de commande"]},
            "marcheInnovant": false,
            "ccag": "Travaux",
            "offresRecues": 3,
            "attributionAvance": true,
            "tauxAvance": 0.1,
            "typeGroupementOperateurs": "Pas de groupement",
            "sousTraitanceDeclaree": true,
            "actesSousTraitance": [{"acteSousTraitance": {
                "id": 1,
                "sousTraitant": {"typeIdentifiant": "SIRET", "id": HOLDER},
                "dureeMois": 6,
                "dateNotification": "2026-06-01",
                "datePublicationDonnees": "2026-06-15",
                "montant": 12000.5,
                "variationPrix": "Ferme",
            }}],
            "modificationsActesSousTraitance": [{"modificationActeSousTraitance": {
                "id": 1,
                "dureeMois": 8,
                "dateNotificationModificationSousTraitance": "2026-08-01",
                "datePublicationDonnees": "2026-08-15",
            }}],
            "procedure": "Appel d'offres ouvert",
            "lieuExecution": {"code": "34301", "typeCode": "Code commune"},
            "dureeMois": 24,
            "dateNotification": "2026-05-15",
            "datePublicationDonnees": "2026-05-25",
            "montant": 575_000.25,
            "typesPrix": {"typePrix": ["Définitif révisable"]},
            "formePrix": "Unitaire",
            "origineUE": 0.8,
            "origineFrance": 0.5,
            "titulaires": [{"titulaire": {"typeIdentifiant": "SIRET", "id": HOLDER}}],
            "considerationsSociales": {"considerationSociale": ["Clause sociale", "Critère social"]},
            "considerationsEnvironnementales": {"considerationEnvironnementale": ["Clause environnementale"]},
        })
    }

    /// The same with these modifications, each a number and a new amount.
    pub fn modified(self, all: &[(u64, f64)]) -> Value {
        let one = |(id, amount): &(u64, f64)| {
            json!({"modification": {
                "id": id,
                "dateNotificationModification": "2026-10-01",
                "datePublicationDonneesModification": "2026-10-10",
                "dureeMois": 30,
                "montant": amount,
            }})
        };
        let mut contract = self.contract();
        contract["modifications"] = all.iter().map(one).collect();
        contract
    }

    /// A concession, edition 2.0.
    pub fn concession(self) -> Value {
        json!({
            "id": format!("C{}", self.id()),
            "autoriteConcedante": {"id": BUYER},
            "nature": "Délégation de service public",
            "objet": "Exploitation des halles (essai)",
            "procedure": "Procédure négociée ouverte",
            "dureeMois": 120,
            "dateSignature": "2026-03-01",
            "datePublicationDonnees": "2026-03-10",
            "dateDebutExecution": "2026-04-01",
            "valeurGlobale": 1_250_000.5,
            "montantSubventionPublique": 0,
            "donneesExecution": [{"donneesAnnuelles": {
                "datePublicationDonneesExecution": "2026-12-01",
                "depensesInvestissement": 0,
                "tarifs": [{"tarif": {"intituleTarif": "Emplacement", "tarif": 4.5}}],
            }}],
            "concessionnaires": [{"concessionnaire": {"typeIdentifiant": "SIRET", "id": HOLDER}}],
            "considerationsSociales": {"considerationSociale": ["Pas de considération sociale"]},
            "considerationsEnvironnementales": {
                "considerationEnvironnementale": ["Pas de considération environnementale"]
            },
        })
    }

    /// The contract, edition 1.x, after so many modifications: its identifier counts them.
    pub fn first_edition(self, modifications: usize) -> Value {
        let one = |rank: usize| {
            json!({
                "objetModification": format!("Avenant n° {rank}"),
                "dateNotificationModification": "2020-02-01",
                "datePublicationDonneesModification": "2020-02-10",
                "montant": 2000 * rank,
            })
        };
        json!({
            "id": format!("2019{:05}{modifications:02}", self.seed),
            "uid": format!("{BUYER}2019{:05}{modifications:02}", self.seed),
            "_type": "Marché",
            "acheteur": {"id": BUYER, "nom": "Acheteur inventé"},
            "nature": "Accord-cadre",
            "objet": "Entretien des jardins (essai)",
            "codeCPV": "77313000",
            "procedure": "Procédure adaptée",
            "lieuExecution": {"code": "34301", "typeCode": "Code commune", "nom": "Saint-Exemple"},
            "dureeMois": 24,
            "dateNotification": "2019-08-13",
            "datePublicationDonnees": "2019-08-19+02:00",
            "montant": 127_000,
            "formePrix": "Ferme et actualisable",
            "titulaires": [{"typeIdentifiant": "UE", "id": "DE000000000", "denominationSociale": "Inventée GmbH"}],
            "modifications": (1..=modifications).map(one).collect::<Value>(),
        })
    }
}

/// A document of edition 2.0, in JSON.
pub fn document(contracts: &[Value], concessions: &[Value]) -> Value {
    json!({"marches": {"marche": contracts, "contrat-concession": concessions}})
}

/// A document of edition 1.x, in JSON.
pub fn first_document(contracts: &[Value]) -> Value {
    json!({"marches": contracts})
}

/// The same contracts in XML, of either edition.
pub fn xml(contracts: &[Value], concessions: &[Value]) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<marches>\n".to_owned();
    for (name, all) in [("marche", contracts), ("contrat-concession", concessions)] {
        all.iter().for_each(|one| element(name, one, &mut text));
    }
    text.push_str("</marches>\n");
    text
}

fn element(name: &str, value: &Value, text: &mut String) {
    text.push_str(&format!("<{name}>"));
    match value {
        Value::Object(map) => map.iter().for_each(|(inner, value)| member(inner, value, text)),
        Value::Bool(said) => text.push_str(if *said { "oui" } else { "non" }),
        Value::String(said) => text.push_str(&said.replace('&', "&amp;").replace('<', "&lt;")),
        other => text.push_str(&other.to_string()),
    }
    text.push_str(&format!("</{name}>"));
}

/// A member of an object: words stand one after the other, objects in a list of their own, each under its name.
fn member(name: &str, value: &Value, text: &mut String) {
    let Value::Array(items) = value else { return element(name, value, text) };
    if items.iter().any(Value::is_string) {
        return items.iter().for_each(|word| element(name, word, text));
    }
    text.push_str(&format!("<{name}>"));
    for item in items {
        match item.as_object() {
            Some(map) if map.len() == 1 => map.iter().for_each(|(inner, value)| element(inner, value, text)),
            // JSON of the first edition does not name the items of its lists.
            _ => element(name.trim_end_matches('s'), item, text),
        }
    }
    text.push_str(&format!("</{name}>"));
}
