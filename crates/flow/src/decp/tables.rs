//! What each edition asks of a contract, field by field: ours to write, drawn from the published schemas (2.0.3 for the second edition, the last
//! of the first one).

use super::Edition;

/// One field of an object.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) form: Form,
}

/// What a field holds.
#[derive(Debug)]
pub(super) enum Form {
    /// A text of so many characters at most.
    Text(usize),
    /// An identifier of so many characters at least, and sixteen at most.
    Id(usize),
    /// Fourteen digits.
    Siret,
    /// Eight digits, and a check digit after a hyphen or not.
    Cpv,
    /// A day of the calendar.
    Day,
    /// A whole number from 1 on.
    Whole,
    /// A number of so much at least.
    Amount(u32),
    /// A number between 0 and 1.
    Share,
    /// The same, or in XML nothing.
    Origin,
    /// Yes or no.
    Truth,
    /// A word of a list.
    Word(&'static [&'static str]),
    /// `{item: [words]}`, at least one, none twice.
    Words(&'static str, &'static [&'static str]),
    /// An object of these fields.
    Object(&'static [Field]),
    /// A list of such objects.
    List(List),
}

/// A list of objects.
#[derive(Debug)]
pub(super) struct List {
    /// What an item is called.
    pub(super) item: &'static str,
    pub(super) fields: &'static [Field],
    /// Whether JSON writes each under its name: `{item: {…}}`.
    pub(super) wrapped: bool,
    /// How many there are at least.
    pub(super) least: usize,
    /// Whether none may stand twice.
    pub(super) once: bool,
}

/// The fields of a contract, or of a concession.
pub(super) fn of(edition: Edition, concession: bool) -> &'static [Field] {
    match (edition, concession) {
        (Edition::Second, false) => MARCHE_2,
        (Edition::Second, true) => CONCESSION_2,
        (Edition::First, false) => MARCHE_1,
        (Edition::First, true) => CONCESSION_1,
    }
}

const fn must(name: &'static str, form: Form) -> Field {
    Field { name, required: true, form }
}

const fn may(name: &'static str, form: Form) -> Field {
    Field { name, required: false, form }
}

const fn list(item: &'static str, fields: &'static [Field], wrapped: bool, least: usize) -> Form {
    Form::List(List { item, fields, wrapped, least, once: true })
}

/// A list in which two items may be alike.
const fn list_of_any(item: &'static str, fields: &'static [Field], wrapped: bool, least: usize) -> Form {
    Form::List(List { item, fields, wrapped, least, once: false })
}

/// As long as a text may be where the format does not say.
const ANY: usize = usize::MAX;

const IDENTIFIED: &[&str] = &["SIRET", "TVA", "TAHITI", "RIDET", "FRWF", "IREP", "HORS-UE"];
const IDENTIFIED_1: &[&str] = &["SIRET", "TVA", "TAHITI", "RIDET", "FRWF", "IREP", "UE", "HORS-UE"];
const PLACES: &[&str] = &[
    "Code postal",
    "Code commune",
    "Code arrondissement",
    "Code canton",
    "Code département",
    "Code région",
    "Code pays",
];
const TECHNIQUES: &[&str] = &[
    "Accord-cadre",
    "Concours",
    "Système de qualification",
    "Système d'acquisition dynamique",
    "Catalogue électronique",
    "Enchère électronique",
    "Sans objet",
];
const CCAG: &[&str] = &[
    "Travaux",
    "Maitrise d'œuvre",
    "Fournitures courantes et services",
    "Marchés industriels",
    "Prestations intellectuelles",
    "Techniques de l'information et de la communication",
    "Pas de CCAG",
];
const PROCEDURES: &[&str] = &[
    "Procédure adaptée",
    "Appel d'offres ouvert",
    "Appel d'offres restreint",
    "Procédure avec négociation",
    "Marché passé sans publicité ni mise en concurrence préalable",
    "Dialogue compétitif",
];
/// The last but one as the schema of the first edition spells it.
const PROCEDURES_1: &[&str] = &[
    "Procédure adaptée",
    "Appel d'offres ouvert",
    "Appel d'offres restreint",
    "Marché négocié sans publicité ni mise en concurrence préalable",
    "Dialogue compétitif",
    "Procédure avec négotiation",
    "Procédure avec négociation",
];
const CONCESSION_PROCEDURES: &[&str] = &[
    "Procédure négociée ouverte",
    "Procédure non négociée ouverte",
    "Procédure négociée restreinte",
    "Procédure non négociée restreinte",
];
const CONCESSION_NATURES: &[&str] =
    &["Concession de travaux", "Concession de service", "Concession de service public", "Délégation de service public"];
const ENVIRONMENT: &[&str] =
    &["Clause environnementale", "Critère environnemental", "Pas de considération environnementale"];

const BUYER: &[Field] = &[must("id", Form::Siret)];
const BUYER_1: &[Field] = &[must("id", Form::Siret), must("nom", Form::Text(ANY))];
const PLACE: &[Field] = &[must("code", Form::Text(ANY)), must("typeCode", Form::Word(PLACES))];
const PLACE_1: &[Field] =
    &[must("code", Form::Text(ANY)), must("typeCode", Form::Word(PLACES)), must("nom", Form::Text(ANY))];
const OPERATOR: &[Field] = &[must("typeIdentifiant", Form::Word(IDENTIFIED)), must("id", Form::Text(ANY))];
const OPERATOR_1: &[Field] = &[
    must("typeIdentifiant", Form::Word(IDENTIFIED_1)),
    must("id", Form::Text(ANY)),
    must("denominationSociale", Form::Text(ANY)),
];
const TARIFF: &[Field] = &[must("intituleTarif", Form::Text(256)), must("tarif", Form::Amount(0))];
const YEAR: &[Field] = &[
    must("datePublicationDonneesExecution", Form::Day),
    must("depensesInvestissement", Form::Amount(0)),
    must("tarifs", list_of_any("tarif", TARIFF, true, 1)),
];
const YEAR_1: &[Field] = &[
    must("datePublicationDonneesExecution", Form::Day),
    must("depensesInvestissement", Form::Amount(0)),
    must("tarifs", list("tarif", TARIFF, false, 1)),
];
const SUBCONTRACT: &[Field] = &[
    must("id", Form::Whole),
    must("sousTraitant", Form::Object(OPERATOR)),
    must("dureeMois", Form::Whole),
    must("dateNotification", Form::Day),
    must("datePublicationDonnees", Form::Day),
    must("montant", Form::Amount(1)),
    must("variationPrix", Form::Word(&["Ferme", "Actualisable", "Révisable"])),
];
const SUBCONTRACT_MODIFIED: &[Field] = &[
    must("id", Form::Whole),
    may("dureeMois", Form::Whole),
    must("dateNotificationModificationSousTraitance", Form::Day),
    may("montant", Form::Amount(1)),
    must("datePublicationDonnees", Form::Day),
];
const MODIFIED: &[Field] = &[
    must("id", Form::Whole),
    must("dateNotificationModification", Form::Day),
    must("datePublicationDonneesModification", Form::Day),
    may("dureeMois", Form::Whole),
    may("montant", Form::Amount(1)),
    may("titulaires", list("titulaire", OPERATOR, true, 1)),
];
const MODIFIED_1: &[Field] = &[
    must("objetModification", Form::Text(256)),
    must("dateNotificationModification", Form::Day),
    must("datePublicationDonneesModification", Form::Day),
    may("dureeMois", Form::Whole),
    may("montant", Form::Amount(0)),
    may("titulaires", list("titulaire", OPERATOR_1, false, 1)),
];
const CONCESSION_MODIFIED: &[Field] = &[
    must("id", Form::Whole),
    must("dateSignatureModification", Form::Day),
    must("datePublicationDonneesModification", Form::Day),
    may("dureeMois", Form::Whole),
    may("valeurGlobale", Form::Amount(1)),
];
const CONCESSION_MODIFIED_1: &[Field] = &[
    must("objetModification", Form::Text(256)),
    must("dateSignatureModification", Form::Day),
    must("datePublicationDonneesModification", Form::Day),
    may("dureeMois", Form::Whole),
    may("valeurGlobale", Form::Amount(0)),
];

const MARCHE_2: &[Field] = &[
    must("id", Form::Id(1)),
    must("acheteur", Form::Object(BUYER)),
    must("nature", Form::Word(&["Marché", "Marché de partenariat", "Marché de défense ou de sécurité"])),
    must("objet", Form::Text(1000)),
    must("codeCPV", Form::Cpv),
    must("techniques", Form::Words("technique", TECHNIQUES)),
    must(
        "modalitesExecution",
        Form::Words("modaliteExecution", &["Tranches", "Bons de commande", "Marchés subséquents", "Sans objet"]),
    ),
    may("idAccordCadre", Form::Id(1)),
    must("marcheInnovant", Form::Truth),
    must("ccag", Form::Word(CCAG)),
    must("offresRecues", Form::Whole),
    must("attributionAvance", Form::Truth),
    may("tauxAvance", Form::Share),
    must("typeGroupementOperateurs", Form::Word(&["Conjoint", "Solidaire", "Pas de groupement"])),
    must("sousTraitanceDeclaree", Form::Truth),
    may("actesSousTraitance", list("acteSousTraitance", SUBCONTRACT, true, 1)),
    must("procedure", Form::Word(PROCEDURES)),
    must("lieuExecution", Form::Object(PLACE)),
    must("dureeMois", Form::Whole),
    must("dateNotification", Form::Day),
    must("datePublicationDonnees", Form::Day),
    must("montant", Form::Amount(1)),
    must(
        "typesPrix",
        Form::Words("typePrix", &["Définitif ferme", "Définitif actualisable", "Définitif révisable", "Provisoire"]),
    ),
    must("formePrix", Form::Word(&["Unitaire", "Forfaitaire", "Mixte"])),
    may("origineUE", Form::Origin),
    may("origineFrance", Form::Origin),
    must("titulaires", list("titulaire", OPERATOR, true, 1)),
    must(
        "considerationsSociales",
        Form::Words(
            "considerationSociale",
            &["Clause sociale", "Critère social", "Marché réservé", "Pas de considération sociale"],
        ),
    ),
    must("considerationsEnvironnementales", Form::Words("considerationEnvironnementale", ENVIRONMENT)),
    may("modificationsActesSousTraitance", list("modificationActeSousTraitance", SUBCONTRACT_MODIFIED, true, 1)),
    may("modifications", list("modification", MODIFIED, true, 1)),
];

const CONCESSION_2: &[Field] = &[
    must("id", Form::Id(1)),
    must("autoriteConcedante", Form::Object(BUYER)),
    must("nature", Form::Word(CONCESSION_NATURES)),
    must("objet", Form::Text(1000)),
    must("procedure", Form::Word(CONCESSION_PROCEDURES)),
    must("dureeMois", Form::Whole),
    must("dateSignature", Form::Day),
    must("datePublicationDonnees", Form::Day),
    must("dateDebutExecution", Form::Day),
    must("valeurGlobale", Form::Amount(1)),
    must("montantSubventionPublique", Form::Amount(0)),
    may("donneesExecution", list("donneesAnnuelles", YEAR, true, 0)),
    must("concessionnaires", list("concessionnaire", OPERATOR, true, 1)),
    must(
        "considerationsSociales",
        Form::Words(
            "considerationSociale",
            &["Clause sociale", "Critère social", "Concession réservée", "Pas de considération sociale"],
        ),
    ),
    must("considerationsEnvironnementales", Form::Words("considerationEnvironnementale", ENVIRONMENT)),
    may("modifications", list("modification", CONCESSION_MODIFIED, true, 1)),
];

const MARCHE_1: &[Field] = &[
    must("id", Form::Id(7)),
    must("acheteur", Form::Object(BUYER_1)),
    must("nature", Form::Word(&["Marché", "Marché de partenariat", "Accord-cadre", "Marché subséquent"])),
    must("objet", Form::Text(256)),
    must("codeCPV", Form::Cpv),
    must("procedure", Form::Word(PROCEDURES_1)),
    must("lieuExecution", Form::Object(PLACE_1)),
    must("dureeMois", Form::Whole),
    must("dateNotification", Form::Day),
    must("datePublicationDonnees", Form::Day),
    must("montant", Form::Amount(0)),
    must("formePrix", Form::Word(&["Ferme", "Ferme et actualisable", "Révisable"])),
    must("titulaires", list("titulaire", OPERATOR_1, false, 1)),
    must("modifications", list("modification", MODIFIED_1, false, 0)),
];

const CONCESSION_1: &[Field] = &[
    must("id", Form::Id(7)),
    must("autoriteConcedante", Form::Object(BUYER_1)),
    must("nature", Form::Word(CONCESSION_NATURES)),
    must("objet", Form::Text(256)),
    must("procedure", Form::Word(CONCESSION_PROCEDURES)),
    must("lieuExecution", Form::Object(PLACE_1)),
    must("dureeMois", Form::Whole),
    must("dateSignature", Form::Day),
    must("datePublicationDonnees", Form::Day),
    must("dateDebutExecution", Form::Day),
    must("valeurGlobale", Form::Amount(0)),
    must("montantSubventionPublique", Form::Amount(0)),
    must("donneesExecution", list("donneesAnnuelles", YEAR_1, false, 0)),
    must("concessionnaires", list("concessionnaire", OPERATOR_1, false, 1)),
    must("modifications", list("modification", CONCESSION_MODIFIED_1, false, 0)),
];
