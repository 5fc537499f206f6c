//! What each fact is called for people, in French and in English, in the order in which facts are shown; one name is called the same at whatever
//! level it stands.

/// How a value is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// As it is, or as the word it is.
    Plain,
    /// `AAAA-MM-JJ`, with an hour or without.
    Day,
    /// Euros, as the flow writes them.
    Amount,
    /// Bytes.
    Size,
    /// The levels of one thing, from the widest.
    Levels,
    /// Their labels.
    Labels,
}

/// A fact, what it is called, how it is shown.
#[derive(Debug)]
pub(super) struct Caption {
    pub(super) key: &'static str,
    pub(super) fr: &'static str,
    pub(super) en: &'static str,
    pub(super) shape: Shape,
}

const fn said(key: &'static str, fr: &'static str, en: &'static str) -> Caption {
    Caption { key, fr, en, shape: Shape::Plain }
}

const fn day(key: &'static str, fr: &'static str, en: &'static str) -> Caption {
    Caption { key, fr, en, shape: Shape::Day }
}

const fn amount(key: &'static str, fr: &'static str, en: &'static str) -> Caption {
    Caption { key, fr, en, shape: Shape::Amount }
}

const fn size(key: &'static str, fr: &'static str, en: &'static str) -> Caption {
    Caption { key, fr, en, shape: Shape::Size }
}

/// Every fact that this crate writes, or may.
#[rustfmt::skip]
pub(super) static CAPTIONS: &[Caption] = &[
    // What one thing of a list is.
    said("fichier", "Fichier", "File"),
    said("message", "Message", "Message"),
    said("transmission", "Transmission", "Transmission"),
    said("identifiant", "Identifiant", "Identifier"),
    said("cle", "Clé (acheteur/identifiant)", "Key (buyer/identifier)"),
    said("code_domaine", "Code du domaine", "Code of the domain"),
    said("domaine", "Domaine", "Domain"),
    said("nom", "Nom", "Name"),
    // Acts.
    said("id_acte", "Identifiant de l'acte", "Identifier of the act"),
    said("id_acte_by", "Identifiant connu par", "Identifier known by"),
    said("by", "Rattaché par", "Tied by"),
    said("id_acte_autres", "Autres identifiants", "Other identifiers"),
    said("departement", "Département", "Department"),
    said("siren", "SIREN", "SIREN"),
    said("siret", "SIRET", "SIRET"),
    // Manifests.
    said("numero_demande", "Numéro de la demande", "Number of the request"),
    said("demarche", "Démarche", "Request for"),
    said("procedure", "Procédure (acheteur/consultation)", "Procedure (buyer/consultation)"),
    said("acheteur", "Acheteur (SIRET)", "Buyer (SIRET)"),
    said("consultation", "Consultation", "Consultation"),
    said("etape", "Étape", "Step"),
    said("reference", "Référence", "Reference"),
    said("lot", "Lot", "Lot"),
    said("sens", "Sens", "Direction"),
    said("exercice", "Exercice", "Financial year"),
    said("type", "Type", "Type"),
    said("numero", "Numéro", "Number"),
    day("date", "Date", "Date"),
    day("date_acte", "Date de l'acte", "Date of the act"),
    said("nature", "Nature", "Nature"),
    said("code_nature", "Code de la nature", "Code of the nature"),
    Caption { key: "matieres", fr: "Matière", en: "Matter", shape: Shape::Levels },
    Caption { key: "matieres_libelles", fr: "Libellés de la matière", en: "Labels of the matter", shape: Shape::Labels },
    said("objet", "Objet", "Subject"),
    said("acte", "Acte", "Act"),
    said("lieu", "Lieu", "Place"),
    said("preuve", "Preuve", "Proof"),
    said("service", "Service", "Service"),
    said("precedent_id_acte", "Acte remplacé", "Act replaced"),
    day("date_reception", "Reçu par la préfecture le", "Received by the préfecture on"),
    day("date_annulation", "Annulation reçue par la préfecture le", "Cancellation received by the préfecture on"),
    day("date_courrier", "Date du courrier", "Date of the letter"),
    said("anomalie", "Anomalie", "Anomaly"),
    said("detail", "Détail", "Detail"),
    day("classification_date", "Classification du", "Classification of"),
    said("classification_fournie", "Classification fournie", "Classification given"),
    said("classification_reference", "Classification en vigueur", "Classification in force"),
    said("nombre_matieres", "Nombre de matières", "Number of matters"),
    said("nombre_natures", "Nombre de natures", "Number of natures"),
    said("entree", "Apportée par l'entrée", "Brought by the entry"),
    said("enveloppe", "Enveloppe", "Envelope"),
    said("enveloppes", "Enveloppes", "Envelopes"),
    said("plateforme_test", "Plateforme de test", "Platform for tests"),
    said("objet_marque", "Marque de l'objet", "Mark of the subject"),
    said("empreinte_flux", "Empreinte du flux (SHA-256)", "Digest of the flow (SHA-256)"),
    said("contenu_differe", "Répète autre chose que l'acte", "Repeats something else than the act"),
    said("fichier_acte", "Fichier de l'acte", "File of the act"),
    said("sans_enveloppe", "Hors de l'enveloppe", "Outside the envelope"),
    said("empreinte_acte", "Empreinte de l'acte (SHA-256)", "Digest of the act (SHA-256)"),
    // PES.
    said("nom_fic", "Nom du flux (NomFic)", "Name of the flow (NomFic)"),
    said("type_fichier", "Type de fichier", "Type of file"),
    said("poste_comptable", "Poste comptable", "Accounting office"),
    said("code_collectivite", "Code de la collectivité", "Code of the authority"),
    said("budget", "Budget", "Budget"),
    said("code_budget", "Code du budget", "Code of the budget"),
    said("schema", "Schéma", "Schema"),
    said("versions", "Versions", "Versions"),
    said("acquit", "Acquittement", "Acknowledgement"),
    said("domaines", "Domaines", "Domains"),
    said("depense", "Dépense", "Expenditure"),
    said("recette", "Recette", "Revenue"),
    said("facture", "Facture", "Invoice"),
    said("role", "Rôle", "Role"),
    said("etat-actif", "État de l'actif", "State of the assets"),
    said("emprunt", "Emprunt", "Loan"),
    said("marche", "Marché", "Contract"),
    said("bordereau", "Bordereau", "Bordereau"),
    said("piece_jointe", "Pièce jointe", "Attached document"),
    said("etat", "État", "State"),
    said("elements", "Éléments de l'acquittement", "Elements of the acknowledgement"),
    said("elements_acceptes", "Éléments acceptés", "Elements accepted"),
    said("elements_rejetes", "Éléments rejetés", "Elements refused"),
    said("nombre_erreurs", "Nombre d'erreurs", "Number of errors"),
    said("nombre_blocs", "Nombre de blocs", "Number of blocks"),
    said("nombre_bordereaux", "Nombre de bordereaux", "Number of bordereaux"),
    said("nombre_pieces", "Nombre de pièces", "Number of pieces"),
    amount("montant_ht", "Montant hors taxes annoncé", "Amount stated before tax"),
    amount("montant_tva", "TVA annoncée", "VAT stated"),
    amount("montant_ht_depense", "Dépenses hors taxes annoncées", "Expenditure stated before tax"),
    amount("montant_ht_recette", "Recettes hors taxes annoncées", "Revenue stated before tax"),
    said("bordereaux_acceptes", "Bordereaux acceptés", "Bordereaux accepted"),
    said("bordereaux_rejetes", "Bordereaux rejetés", "Bordereaux refused"),
    said("pieces_acceptees", "Pièces acceptées", "Pieces accepted"),
    said("pieces_rejetees", "Pièces rejetées", "Pieces refused"),
    said("nombre_bordereaux_non_acquittes", "Bordereaux non acquittés", "Bordereaux not acknowledged"),
    said("retours", "Retours acquittés", "Returns acknowledged"),
    said("lignes", "Lignes", "Lines"),
    said("nombre_lignes", "Nombre de lignes", "Number of lines"),
    said("fois_accepte", "Fois accepté", "Times accepted"),
    said("fois_rejete", "Fois rejeté", "Times refused"),
    said("flux_rejete", "Le flux entier est rejeté", "The whole flow is refused"),
    said("bordereaux_acquittes", "Bordereaux acquittés", "Bordereaux acknowledged"),
    said("bordereaux_a_acquitter", "Bordereaux à acquitter", "Bordereaux to acknowledge"),
    said("bordereaux_non_acquittes", "Bordereaux non acquittés, par leur nom", "Bordereaux not acknowledged, by name"),
    said("nombre_retours", "Nombre de retours acquittés", "Number of returns acknowledged"),
    amount("montant", "Montant", "Amount"),
    said("bordereaux_portant_signature", "Bordereaux qui portent une signature", "Bordereaux that bear a signature"),
    said("fichier_portant_signature", "Le fichier entier porte une signature", "The whole file bears a signature"),
    said("bordereaux_signes", "Bordereaux couverts par une signature qui tient", "Bordereaux covered by a signature that holds"),
    // SEDA.
    said("seda_version", "Version du SEDA", "Version of SEDA"),
    said("identifiant_message", "Identifiant du message", "Identifier of the message"),
    said("transfert", "Transfert (service/message)", "Transfer (agency/message)"),
    said("commentaire", "Commentaire", "Comment"),
    said("accord_versement", "Accord de versement", "Archival agreement"),
    said("profil", "Profil", "Profile"),
    said("profil_controle", "Contrôle par le fichier du profil", "Control by the file of the profile"),
    said("niveau_service", "Niveau de service", "Service level"),
    said("service_archives", "Service d'archives", "Archival agency"),
    said("service_transfert", "Service qui transfère", "Transferring agency"),
    said("service_producteur", "Service producteur", "Originating agency"),
    said("service_versant", "Service versant", "Submission agency"),
    said("nombre_unites", "Nombre d'unités", "Number of units"),
    said("profondeur", "Niveaux de l'arborescence", "Levels of the tree"),
    said("nombre_objets", "Nombre d'objets", "Number of objects"),
    said("nombre_objets_physiques", "Dont objets physiques", "Of them, physical objects"),
    said("nombre_groupes", "Nombre de groupes d'objets", "Number of groups of objects"),
    size("octets", "Volume des objets", "Volume of the objects"),
    said("parent", "Dans l'unité", "In the unit"),
    said("titre", "Titre", "Title"),
    said("niveau", "Niveau", "Level"),
    day("date_debut", "Du", "From"),
    day("date_fin", "Au", "To"),
    said("nombre_references", "Nombre d'objets et de groupes nommés", "Number of objects and groups named"),
    said("regles", "Règles de gestion", "Management rules"),
    said("echeances", "Échéances", "Terms"),
    said("rang", "Règle n°", "Rule no."),
    said("uri", "Emplacement", "Location"),
    said("usage", "Usage", "Usage"),
    said("format", "Format annoncé", "Format announced"),
    said("empreinte", "Empreinte annoncée", "Digest announced"),
    said("algorithme", "Algorithme", "Algorithm"),
    size("taille", "Taille", "Size"),
    // Essential data.
    said("edition", "Édition du format", "Edition of the format"),
    said("nombre_contrats", "Nombre de contrats", "Number of contracts"),
    said("nombre_modifications", "Nombre de modifications", "Number of modifications"),
    said("contrat", "Premier contrat (acheteur/identifiant)", "First contract (buyer/identifier)"),
    said("duree_mois", "Durée en mois", "Months"),
    said("nombre_acquits", "Nombre d'éléments acquittés", "Number of elements acknowledged"),
    said("nombre_verdicts_signature_dgfip", "Nombre de verdicts de la DGFiP sur les signatures et pièces jointes",
        "Number of verdicts of the Treasury on signatures and attached documents"),
    said("nombre_messages", "Nombre de messages", "Number of messages"),
    said("nombre_pieces_jointes", "Nombre de pièces jointes", "Number of attached documents"),
    said("nombre_signatures", "Nombre de signatures", "Number of signatures"),
    // Errors of an acknowledgement.
    said("piece", "Pièce", "Piece"),
    said("ligne", "Ligne", "Line"),
    said("code", "Code", "Code"),
    said("libelle", "Libellé", "Label"),
    // Signatures.
    said("document", "Document signé", "Document signed"),
    said("integrite", "Intégrité", "Integrity"),
    said("signatures_non_verifiees", "Signatures non vérifiées", "Signatures not checked"),
    said("motif", "Motif", "Reason"),
    said("couvre", "Couvre", "Covers"),
    said("nombre_couverts", "Nombre de contenus couverts", "Number of contents covered"),
    day("date_annoncee", "Date qu'elle annonce", "Date it announces"),
    said("faible", "Trop faible aujourd'hui", "Too weak today"),
    said("certificat", "Certificat", "Certificate"),
    said("sujet", "Titulaire", "Holder"),
    said("emetteur", "Émetteur", "Issuer"),
    said("serie", "Numéro de série", "Serial number"),
    day("debut", "Depuis le", "From"),
    day("fin", "Jusqu'au", "Until"),
    said("en_vigueur_au_depot", "En vigueur au dépôt", "In force at deposit"),
    said("autorite", "Autorité", "Authority"),
    said("autorite_liste", "Autorité, dans la liste de confiance", "Authority, in the trusted list"),
    said("usage_hors_signature", "Usages qui ne sont pas de signer", "Usages that are not to sign"),
    said("sha256", "Empreinte SHA-256", "SHA-256"),
    // Lists.
    said("bordereaux", "Bordereaux", "Bordereaux"),
    said("pieces", "Pièces", "Pieces"),
    said("pieces_jointes", "Pièces jointes", "Attached documents"),
    said("acquits", "Ce que dit l'acquittement", "What the acknowledgement says"),
    said("verdicts_signature_dgfip", "Verdicts de la DGFiP sur les signatures et pièces jointes",
        "Verdicts of the Treasury on signatures and attached documents"),
    said("erreurs", "Erreurs", "Errors"),
    said("contrats", "Contrats", "Contracts"),
    said("modifications", "Modifications", "Modifications"),
    said("unites", "Unités", "Units"),
    said("objets", "Objets", "Objects"),
    said("messages", "Messages", "Messages"),
    said("signatures", "Signatures", "Signatures"),
    said("declare", "Déclare", "Claims"),
    said("puid", "PRONOM", "PRONOM"),
    said("media_type", "Type de média", "Media type"),
    said("nombre", "Nombre", "Number"),
    said("fichiers", "Fichiers", "Files"),
    said("formats", "Formats reconnus aux octets", "Formats known by their bytes"),
    said("description", "Description", "Description"),
    said("description_text", "Description", "Description"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::CAPTIONS;

    #[test]
    fn every_caption_stands_once_and_has_both_languages() {
        let mut met = BTreeSet::new();
        for one in CAPTIONS {
            assert!(met.insert(one.key), "{} twice", one.key);
            assert!(!one.fr.is_empty() && !one.en.is_empty(), "{}", one.key);
        }
    }
}
