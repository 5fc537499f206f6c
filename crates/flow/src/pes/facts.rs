//! The facts of a PES: what an archivist understands of it. Third parties, addresses and accounts stay in the file.

use serde_json::{Map, Value};

use super::ack::{self, Ack, Acks};
use super::amount::Cents;
use super::document::Pes;
use super::{PesKind, attached::Attachment, bordereau::Bordereau};
use crate::facts::Facts;
use crate::limits::MAX_LISTED;

impl Facts<'_> {
    /// Who, when, for which budget, and what is inside.
    pub(crate) fn pes(&mut self, pes: &Pes) {
        let head = &pes.head;
        self.put("message", Some(pes.kind.root()));
        for (key, text) in [
            ("nom_fic", &head.file_name),
            ("type_fichier", &head.type_file),
            ("date", &head.date),
            ("poste_comptable", &head.post),
            ("siret", &head.siret),
            ("code_collectivite", &head.authority),
            ("code_budget", &head.budget_code),
            ("budget", &head.budget),
        ] {
            self.put(key, text.as_deref());
        }
        let siren = head.siret.as_deref().filter(|siret| siret.len() == 14).and_then(|siret| siret.get(..9));
        self.put("siren", siren);
        self.put("schema", Some(pes.schema.as_str()).filter(|schema| !schema.is_empty()));
        self.versions(pes);
        if !pes.domains.is_empty() {
            self.domains(pes);
        }
        if pes.attachments.count > 0 {
            let listed: Vec<Value> = pes.attachments.listed.iter().map(|one| self.attachment(one)).collect();
            self.map.insert("pieces_jointes".to_owned(), Value::Array(listed));
            self.map.insert("nombre_pieces_jointes".to_owned(), Value::from(pes.attachments.count));
        }
        if pes.kind == PesKind::Acquit {
            self.state(&pes.acks);
        }
    }

    fn versions(&mut self, pes: &Pes) {
        let mut versions = Map::new();
        let of_blocks = pes.domains.iter().map(|domain| (domain.name, &domain.version));
        let own = [("enveloppe", &pes.head.version), ("acquit", &pes.head.ack_version)];
        for (name, version) in own.into_iter().chain(of_blocks) {
            if let Some(version) = version {
                let value = self.listed("versions", version);
                versions.insert(name.to_owned(), value);
            }
        }
        if !versions.is_empty() {
            self.map.insert("versions".to_owned(), Value::Object(versions));
        }
    }

    fn domains(&mut self, pes: &Pes) {
        let names: Vec<Value> = pes.domains.iter().map(|domain| Value::from(domain.name)).collect();
        self.map.insert("domaines".to_owned(), Value::Array(names));
        let total = |count: fn(&super::bordereau::Domain) -> usize| pes.domains.iter().map(count).sum::<usize>();
        let (bordereaux, pieces) = (total(|d| d.bordereaux), total(|d| d.pieces));
        self.map.insert("nombre_bordereaux".to_owned(), Value::from(bordereaux));
        self.map.insert("nombre_pieces".to_owned(), Value::from(pieces));
        let signed = total(|d| d.with_signature);
        if signed > 0 || pes.with_signature {
            // That one is there; not that it holds.
            self.map.insert("bordereaux_portant_signature".to_owned(), Value::from(signed));
            self.map.insert("fichier_portant_signature".to_owned(), Value::from(pes.with_signature));
        }
        if pes.kind == PesKind::Aller {
            let sum = |of: fn(&super::bordereau::Domain) -> Cents| {
                pes.domains.iter().fold(Cents::default(), |sum, domain| sum.plus(of(domain)))
            };
            self.put("montant_ht", Some(&sum(|d| d.net).to_string()));
            self.put("montant_tva", Some(&sum(|d| d.tax).to_string()));
        }
        let mut pieces_left = MAX_LISTED;
        let all = pes.domains.iter().flat_map(|domain| domain.listed.iter().map(|one| (domain.name, one)));
        let mut listed = Vec::new();
        for (name, one) in all.take(MAX_LISTED) {
            listed.push(self.bordereau(name, one, &mut pieces_left));
        }
        self.map.insert("bordereaux".to_owned(), Value::Array(listed));
    }

    fn bordereau(&mut self, domain: &str, one: &Bordereau, pieces_left: &mut usize) -> Value {
        let mut object = self.object(&[
            ("domaine", Some(domain)),
            ("exercice", one.year.as_deref()),
            ("numero", one.number.as_deref()),
            ("date", one.date.as_deref()),
            ("type", one.kind.as_deref()),
            ("montant_ht", one.net.as_deref()),
            ("montant_tva", one.tax.as_deref()),
        ]);
        object.insert("nombre_pieces".to_owned(), Value::from(one.piece_count));
        let mut pieces = Vec::new();
        for (number, about) in one.pieces.iter().take(*pieces_left) {
            let piece = self.object(&[("numero", number.as_deref()), ("objet", about.as_deref())]);
            pieces.push(Value::Object(piece));
        }
        *pieces_left = pieces_left.saturating_sub(pieces.len());
        object.insert("pieces".to_owned(), Value::Array(pieces));
        Value::Object(object)
    }

    fn attachment(&mut self, one: &Attachment) -> Value {
        let mut object = self.object(&[
            ("nom", one.name.as_deref()),
            ("identifiant", one.id.as_deref()),
            ("type", one.kind.as_deref()),
            ("description", one.description.as_deref()),
        ]);
        if let Some((size, media_type)) = one.content {
            object.insert("taille".to_owned(), Value::from(size));
            object.insert("media_type".to_owned(), Value::from(media_type));
        }
        Value::Object(object)
    }

    /// The state of an acknowledgement, and what it says of each element.
    pub(crate) fn state(&mut self, acks: &Acks) {
        self.put("etat", acks.state());
        for (key, count) in
            [("elements", acks.count()), ("elements_acceptes", acks.accepted), ("elements_rejetes", acks.refused)]
        {
            self.map.insert(key.to_owned(), Value::from(count));
        }
        let mut errors_left = MAX_LISTED;
        let mut listed = Vec::new();
        let mut verdicts = Vec::new();
        for one in &acks.listed {
            let told = self.ack(one, &mut errors_left);
            let of_signature = one.domain.as_deref().is_some_and(|code| ack::OF_SIGNATURES.contains(&code));
            if of_signature { verdicts.push(told) } else { listed.push(told) }
        }
        for (key, list) in [("acquits", listed), ("verdicts_signature_dgfip", verdicts)] {
            if !list.is_empty() {
                self.map.insert(key.to_owned(), Value::Array(list));
            }
        }
    }

    fn ack(&mut self, one: &Ack, errors_left: &mut usize) -> Value {
        let state = one.accepted.map(|accepted| if accepted { "accepte" } else { "rejete" });
        let mut object = self.object(&[
            ("code_domaine", one.domain.as_deref()),
            ("domaine", one.domain.as_deref().and_then(ack::domain_name)),
            ("etat", state),
            ("exercice", one.year.as_deref()),
            ("bordereau", one.bordereau.as_deref()),
            ("marche", one.market.as_deref()),
            ("piece_jointe", one.attachment.as_deref()),
        ]);
        let mut errors = Vec::new();
        for error in one.errors.iter().take(*errors_left) {
            let told = self.object(&[
                ("piece", error.piece.as_deref()),
                ("ligne", error.line.as_deref()),
                ("code", error.code.as_deref()),
                ("libelle", error.label.as_deref()),
            ]);
            errors.push(Value::Object(told));
        }
        *errors_left = errors_left.saturating_sub(errors.len());
        if one.error_count > 0 {
            object.insert("erreurs".to_owned(), Value::Array(errors));
            object.insert("nombre_erreurs".to_owned(), Value::from(one.error_count));
        }
        Value::Object(object)
    }
}
