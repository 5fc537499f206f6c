//! The facts of a PES: what an archivist understands of it. Third parties, addresses and accounts stay in the file.

use serde_json::{Map, Value};

use super::ack::{self, Ack, AckPiece, Acks};
use super::document::Pes;
use super::{PesKind, attached::Attachment, bordereau::Bordereau, bordereau::Sums};
use crate::facts::Facts;

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
        if pes.domains.blocks > 0 {
            self.domains(pes);
        }
        let attachments = &pes.attachments;
        if attachments.count > 0 {
            self.lists.there_are("pieces_jointes", attachments.count);
            let room = self.lists.room("pieces_jointes", attachments.listed.len());
            let listed = attachments.listed.iter().take(room).map(|one| self.attachment(one)).collect();
            self.map.insert("pieces_jointes".to_owned(), Value::Array(listed));
            self.count("nombre_pieces_jointes", attachments.count);
        }
    }

    fn count(&mut self, key: &str, count: usize) {
        self.map.insert(key.to_owned(), Value::from(count));
    }

    fn versions(&mut self, pes: &Pes) {
        let mut versions: Map<String, Value> = Map::new();
        let of_blocks = pes.domains.versions.iter().map(|(name, version)| (*name, Some(version)));
        let own = [("enveloppe", pes.head.version.as_ref()), ("acquit", pes.head.ack_version.as_ref())];
        for (name, version) in own.into_iter().chain(of_blocks) {
            let Some(version) = version else { continue };
            // Blocks of one domain may follow several versions.
            let known = versions.get(name).and_then(Value::as_str).map(|known| format!("{known}, {version}"));
            let value = self.listed("versions", known.as_deref().unwrap_or(version));
            versions.insert(name.to_owned(), value);
        }
        if !versions.is_empty() {
            self.map.insert("versions".to_owned(), Value::Object(versions));
        }
    }

    fn domains(&mut self, pes: &Pes) {
        let domains = &pes.domains;
        let names: Vec<Value> = domains.names.iter().map(|name| Value::from(*name)).collect();
        self.map.insert("domaines".to_owned(), Value::Array(names));
        self.count("nombre_blocs", domains.blocks);
        self.count("nombre_bordereaux", domains.bordereaux);
        self.count("nombre_pieces", domains.pieces);
        if domains.with_signature > 0 || pes.with_signature {
            // That one is there; not that it holds.
            self.count("bordereaux_portant_signature", domains.with_signature);
            self.map.insert("fichier_portant_signature".to_owned(), Value::from(pes.with_signature));
        }
        if pes.kind == PesKind::Aller {
            self.sums(&domains.sums);
        }
        self.lists.there_are("bordereaux", domains.bordereaux);
        self.lists.there_are("pieces", domains.pieces);
        let room = self.lists.room("bordereaux", domains.listed.len());
        let listed = domains.listed.iter().take(room).map(|one| self.bordereau(one)).collect();
        self.map.insert("bordereaux".to_owned(), Value::Array(listed));
    }

    /// What is stated, domain by domain; of one domain alone that is the amount of the flow.
    fn sums(&mut self, sums: &[Sums]) {
        for one in sums {
            for (key, total) in [("montant_ht", one.net), ("montant_tva", one.tax)] {
                let told = total.told().map(|sum| sum.to_string());
                self.put(&format!("{key}_{}", one.domain), told.as_deref());
                self.put(key, told.as_deref().filter(|_| sums.len() == 1));
            }
        }
    }

    fn bordereau(&mut self, one: &Bordereau) -> Value {
        let mut object = self.object(&[
            ("domaine", Some(one.domain)),
            ("exercice", one.year.as_deref()),
            ("numero", one.number.as_deref()),
            ("date", one.date.as_deref()),
            ("type", one.kind.as_deref()),
            ("montant_ht", one.net.as_deref()),
            ("montant_tva", one.tax.as_deref()),
        ]);
        object.insert("nombre_pieces".to_owned(), Value::from(one.piece_count));
        let mut pieces = Vec::new();
        let room = self.lists.room("pieces", one.pieces.len());
        for (number, about) in one.pieces.iter().take(room) {
            let piece = self.object(&[("numero", number.as_deref()), ("objet", about.as_deref())]);
            pieces.push(Value::Object(piece));
        }
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

    /// The state that these come to, and how much of them is taken.
    pub(crate) fn state(&mut self, state: Option<&str>, acks: &Acks) {
        self.put("etat", state);
        self.count("elements", acks.count());
        self.count("elements_acceptes", acks.accepted);
        self.count("elements_rejetes", acks.refused);
        if acks.errors > 0 {
            self.count("nombre_erreurs", acks.errors);
        }
    }

    /// What it says of each element.
    pub(crate) fn elements(&mut self, acks: &Acks) {
        self.lists.there_are("erreurs", acks.errors);
        self.lists.there_are("pieces_acquittees", acks.pieces);
        self.lists.there_are("lignes_acquittees", acks.lines);
        let sorts = [
            ("acquits", "nombre_acquits", &acks.of_contents),
            ("verdicts_signature_dgfip", "nombre_verdicts_signature_dgfip", &acks.of_signatures),
        ];
        for (list, number, kept) in sorts.into_iter().filter(|(_, _, kept)| kept.count > 0) {
            self.lists.there_are(list, kept.count);
            let room = self.lists.room(list, kept.listed().count());
            let told = kept.listed().take(room).map(|one| self.ack(one)).collect();
            self.map.insert(list.to_owned(), Value::Array(told));
            self.count(number, kept.count);
        }
    }

    fn ack(&mut self, one: &Ack) -> Value {
        let state = one.accepted.map(word);
        let mut object = self.object(&[
            ("code_domaine", one.domain.as_deref()),
            ("domaine", one.domain.as_deref().and_then(ack::domain_name)),
            ("etat", state),
            ("exercice", one.year.as_deref()),
            ("bordereau", one.bordereau.as_deref()),
            ("piece", one.piece.as_deref()),
            ("ligne", one.line.as_deref()),
            ("marche", one.market.as_deref()),
            ("piece_jointe", one.attachment.as_deref()),
        ]);
        if one.piece_count > 0 {
            let room = self.lists.room("pieces_acquittees", one.pieces.len());
            let pieces = one.pieces.iter().take(room).map(|piece| self.ack_piece(piece)).collect();
            object.insert("pieces".to_owned(), Value::Array(pieces));
            object.insert("nombre_pieces".to_owned(), Value::from(one.piece_count));
        }
        let mut errors = Vec::new();
        let room = self.lists.room("erreurs", one.errors.len());
        for error in one.errors.iter().take(room) {
            let told = self.object(&[
                ("piece", error.piece.as_deref()),
                ("ligne", error.line.as_deref()),
                ("code", error.code.as_deref()),
                ("libelle", error.label.as_deref()),
            ]);
            errors.push(Value::Object(told));
        }
        if one.error_count > 0 {
            object.insert("erreurs".to_owned(), Value::Array(errors));
            object.insert("nombre_erreurs".to_owned(), Value::from(one.error_count));
        }
        Value::Object(object)
    }

    fn ack_piece(&mut self, one: &AckPiece) -> Value {
        let mut object = self.object(&[("numero", one.number.as_deref()), ("etat", one.accepted.map(word))]);
        if one.line_count > 0 {
            let room = self.lists.room("lignes_acquittees", one.lines.len());
            let lines = one.lines.iter().take(room).map(|line| self.listed("lignes", line)).collect();
            object.insert("lignes".to_owned(), Value::Array(lines));
            object.insert("nombre_lignes".to_owned(), Value::from(one.line_count));
        }
        Value::Object(object)
    }
}

/// A state, in one word.
pub(super) fn word(accepted: bool) -> &'static str {
    if accepted { "accepte" } else { "rejete" }
}
