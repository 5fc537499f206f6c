//! The one table of refusals: stable code, HTTP status, title and remedy in both languages.

use axum::http::StatusCode;

/// A kind of refusal. The code never changes its meaning.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) name: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) title: [&'static str; 2],
    pub(crate) remedy: [&'static str; 2],
}

macro_rules! codes {
    ($($constant:ident $name:literal $status:ident
        $title_fr:literal $title_en:literal
        $remedy_fr:literal $remedy_en:literal;)*) => {
        $(pub(crate) const $constant: Code = Code {
            name: $name,
            status: StatusCode::$status,
            title: [$title_fr, $title_en],
            remedy: [$remedy_fr, $remedy_en],
        };)*
        /// Every code, in the order of docs/formats/interfaces.md.
        #[cfg(test)]
        pub(crate) const ALL: &[Code] = &[$($constant),*];
    };
}

codes! {
    NOT_AUTHENTICATED "not-authenticated" UNAUTHORIZED
        "Jeton absent ou inconnu" "Token missing or unknown"
        "Envoyez l'en-tête « Authorization: Bearer tbl_… » avec un jeton en vigueur."
        "Send the header “Authorization: Bearer tbl_…” with a token in force.";
    SCOPE_MISSING "scope-missing" FORBIDDEN
        "Le jeton ne porte pas ce droit" "The token does not bear this right"
        "Demandez à l'administrateur un jeton qui porte ce droit."
        "Ask the administrator for a token that bears this right.";
    NOT_FOUND "not-found" NOT_FOUND
        "Introuvable" "Not found"
        "Vérifiez l'adresse ou l'identifiant."
        "Check the address or the identifier.";
    TILE_NOT_PUBLISHED "tile-not-published" NOT_FOUND
        "Tuile au-delà de la tête publiée" "Tile beyond the published head"
        "Lisez /log/checkpoint : seules les tuiles que sa taille couvre existent."
        "Read /log/checkpoint: only the tiles its size covers exist.";
    METHOD_NOT_ALLOWED "method-not-allowed" METHOD_NOT_ALLOWED
        "Méthode non admise à cette adresse" "Method not allowed at this address"
        "Consultez docs/formats/interfaces.md."
        "See docs/formats/interfaces.md.";
    TENANT_REQUIRED "tenant-required" BAD_REQUEST
        "Service versant à préciser" "Tenant to be named"
        "Ajoutez « ?tenant=… » : ce jeton vaut pour plusieurs services versants."
        "Add “?tenant=…”: this token stands for several tenants.";
    PARAMETER_UNREADABLE "parameter-unreadable" BAD_REQUEST
        "Paramètre illisible" "Parameter cannot be read"
        "Corrigez le paramètre nommé."
        "Correct the parameter named.";
    DAYS_REVERSED "days-reversed" BAD_REQUEST
        "Le premier jour demandé est après le dernier" "The first day asked for is after the last"
        "Donnez from antérieur ou égal à to : rien ne peut être entre les deux."
        "Give a from that is not after to: nothing can be between the two.";
    IDEMPOTENCY_KEY_UNREADABLE "idempotency-key-unreadable" BAD_REQUEST
        "Clé d'idempotence illisible" "Idempotency key cannot be read"
        "Envoyez de 1 à 255 caractères ASCII imprimables."
        "Send 1 to 255 printable ASCII characters.";
    BODY_UNREADABLE "body-unreadable" BAD_REQUEST
        "Corps de requête illisible" "Request body cannot be read"
        "Vérifiez la forme du corps, puis renvoyez la requête entière."
        "Check the form of the body, then send the whole request again.";
    BODY_INCOMPLETE "body-incomplete" BAD_REQUEST
        "Corps de requête interrompu" "Request body cut short"
        "Renvoyez la requête entière ; rien n'a été conservé."
        "Send the whole request again; nothing was kept.";
    BODY_TOO_SLOW "body-too-slow" REQUEST_TIMEOUT
        "Corps de requête trop lent" "Request body too slow"
        "Renvoyez la requête ; rien n'a été conservé."
        "Send the request again; nothing was kept.";
    BODY_TOO_LARGE "body-too-large" PAYLOAD_TOO_LARGE
        "Corps de requête trop grand" "Request body too large"
        "Faites plusieurs versements, ou demandez à l'exploitant de relever la limite."
        "Make several deposits, or ask the operator to raise the limit.";
    TOO_MANY_FILES "too-many-files" PAYLOAD_TOO_LARGE
        "Trop de fichiers dans un versement" "Too many files in one deposit"
        "Faites plusieurs versements."
        "Make several deposits.";
    NO_FILE "no-file" BAD_REQUEST
        "Aucun fichier" "No file"
        "Joignez au moins un fichier : corps brut, ou parties « file » d'un formulaire."
        "Send at least one file: a raw body, or parts “file” of a form.";
    NAME_TOO_LONG "name-too-long" BAD_REQUEST
        "Nom de fichier trop long" "File name too long"
        "Donnez un nom plus court."
        "Give a shorter name.";
    DESCRIPTION_TOO_LARGE "description-too-large" PAYLOAD_TOO_LARGE
        "Description trop grande" "Description too large"
        "Abrégez la description, ou joignez-la comme fichier."
        "Shorten the description, or send it as a file.";
    MEDIA_TYPE_UNSUPPORTED "media-type-unsupported" UNSUPPORTED_MEDIA_TYPE
        "Type de contenu non admis ici" "Content type not accepted here"
        "Envoyez le type de contenu attendu."
        "Send the content type expected.";
    FACTS_NOT_RECORDABLE "facts-not-recordable" UNPROCESSABLE_ENTITY
        "Faits qu'un enregistrement ne peut porter" "Facts that a record cannot hold"
        "Abrégez la description, et n'y employez que des clés ASCII et des entiers."
        "Shorten the description, and use only ASCII keys and integers in it.";
    IDEMPOTENCY_MISMATCH "idempotency-mismatch" UNPROCESSABLE_ENTITY
        "Clé d'idempotence déjà employée pour un autre contenu" "Idempotency key already used for another content"
        "Prenez une nouvelle clé pour un nouveau contenu."
        "Take a new key for a new content.";
    NAME_WRONG "name-wrong" UNPROCESSABLE_ENTITY
        "Nom non admis" "Name not accepted"
        "Donnez un nom d'une ligne, de 1 à 256 octets."
        "Give a name of one line, 1 to 256 bytes.";
    NUMBER_WRONG "number-wrong" UNPROCESSABLE_ENTITY
        "Numéro SIREN ou SIRET erroné" "Wrong SIREN or SIRET"
        "Donnez un seul numéro, dont la clé de contrôle est juste."
        "Give exactly one number, with a right check digit.";
    SCOPE_UNKNOWN "scope-unknown" UNPROCESSABLE_ENTITY
        "Droit inconnu" "Unknown scope"
        "Les droits sont deposit, read, seal, admin, eliminate et restitute."
        "Scopes are deposit, read, seal, admin, eliminate and restitute.";
    TENANT_EXISTS "tenant-exists" CONFLICT
        "Ce numéro a déjà un service versant" "This number already has a tenant"
        "Employez le service versant existant."
        "Use the existing tenant.";
    SEAL_PENDING "seal-pending" CONFLICT
        "Scellement en attente" "Seal pending"
        "Revenez après le délai indiqué, ou prenez la preuve sans « require=sealed »."
        "Come back after the delay given, or take the pack without “require=sealed”.";
    HEAD_NOT_COSIGNED "head-not-cosigned" CONFLICT
        "Pas encore cosigné par les témoins" "Not yet cosigned by the witnesses"
        "Revenez après le délai indiqué ; si cela dure, voyez l'état des témoins dans /readyz."
        "Come back after the delay given; if it lasts, see the witnesses' state in /readyz.";
    RANGE_NOT_SATISFIABLE "range-not-satisfiable" RANGE_NOT_SATISFIABLE
        "Intervalle hors du fichier" "Range outside the file"
        "Demandez un intervalle à l'intérieur du fichier."
        "Ask for a range inside the file.";
    CONTENT_GONE "content-gone" GONE
        "Contenu éliminé" "Content eliminated"
        "Le reçu demeure ; le contenu a été éliminé selon les règles."
        "The receipt remains; the content was eliminated under the rules.";
    ALREADY_ELIMINATED "already-eliminated" CONFLICT
        "Entrée déjà éliminée" "Entry eliminated already"
        "Retirez-la de la liste et proposez un nouveau bordereau."
        "Take it off the list and propose a new bordereau.";
    ELIMINATION_NOT_ALLOWED "elimination-not-allowed" UNPROCESSABLE_ENTITY
        "Entrée qui ne s'élimine pas" "An entry that stays"
        "Seuls les versements et les conversions s'éliminent, hors gel."
        "Only deposits and conversions are eliminated, and none under a hold.";
    ELIMINATION_UNREADABLE "elimination-unreadable" UNPROCESSABLE_ENTITY
        "Bordereau d'élimination mal formé" "Malformed elimination bordereau"
        "Redemandez le bordereau et renvoyez-le tel quel."
        "Ask for the bordereau again and send it back as it is.";
    VISA_REQUIRED "visa-required" UNPROCESSABLE_ENTITY
        "Visa de la direction des archives absent ou incomplet" "Visa of the archives' director missing or incomplete"
        "Joignez le document visé, la fonction du signataire, la date, la référence et l'empreinte du bordereau."
        "Join the signed document, the signatory's office, the date, the reference and the bordereau's digest.";
    VISA_OF_ANOTHER "visa-of-another-bordereau" UNPROCESSABLE_ENTITY
        "Visa d'un autre bordereau" "Visa of another bordereau"
        "Faites viser le bordereau que vous envoyez."
        "Have the bordereau that you send signed.";
    RESTITUTION_UNREADABLE "restitution-unreadable" UNPROCESSABLE_ENTITY
        "Restitution illisible" "Restitution cannot be read"
        "Corrigez le membre nommé : entries, to, handed, decision {role, date, reference}, document (base64, facultatif)."
        "Correct the member named: entries, to, handed, decision {role, date, reference}, document (base64, optional).";
    RESTITUTION_NOT_ALLOWED "restitution-not-allowed" UNPROCESSABLE_ENTITY
        "Restitution non admise" "Restitution not allowed"
        "Retirez cette entrée : seuls les versements se restituent."
        "Take this entry out: deposits alone are handed over.";
    PACK_TOO_LARGE "pack-too-large" UNPROCESSABLE_ENTITY
        "Paquet de preuve trop grand" "Evidence pack too large"
        "Demandez à l'exploitant de relever limits.pack_bytes, ou prenez les fichiers et le reçu."
        "Ask the operator to raise limits.pack_bytes, or take the files and the receipt.";
    PACK_NOT_VERIFIED "pack-not-verified" INTERNAL_SERVER_ERROR
        "Paquet de preuve non remis : il ne se vérifie pas" "Evidence pack withheld: it does not verify"
        "Prévenez l'exploitant avec l'heure et l'identifiant."
        "Tell the operator the time and the identifier.";
    ATTESTATION_NOT_SEALED "attestation-not-sealed" SERVICE_UNAVAILABLE
        "Attestation non remise : son cachet n'a pas pu être apposé" "Attestation withheld: it could not be sealed"
        "Réessayez dans une minute ; si cela dure, prévenez l'exploitant : sa clé, son certificat ou l'autorité d'horodatage. La preuve est le dossier, qui se remet."
        "Try again in a minute; if it lasts, tell the operator: its key, its certificate or the time-stamping authority. The proof is the pack, which is given.";
    ATTESTATION_UNTOLD "attestation-untold" CONFLICT
        "Rien ne peut être attesté : l'heure de ce dépôt ne s'établit plus" "Nothing can be attested: the time of this deposit can no longer be told"
        "Prenez le dossier de preuve, qui se remet et dit pourquoi ; l'exploitant verra s'il fallait renouveler les preuves."
        "Take the evidence pack, which is given and says why; the operator will see whether the evidence had to be renewed.";
    BUSY "busy" SERVICE_UNAVAILABLE
        "Trop de demandes en ce moment" "Too much is waiting"
        "Renvoyez la même requête après le délai indiqué."
        "Send the same request again after the delay given.";
    NOT_WRITTEN "not-written" SERVICE_UNAVAILABLE
        "Rien n'a pu être écrit" "Nothing could be written"
        "Renvoyez la même requête ; si cela dure, prévenez l'exploitant."
        "Send the same request again; if it lasts, tell the operator.";
    ANTIVIRUS_UNAVAILABLE "antivirus-unavailable" SERVICE_UNAVAILABLE
        "L'antivirus ne répond pas" "The antivirus does not answer"
        "Rien n'a été conservé : renvoyez la requête, avec la même clé d'idempotence ; si cela dure, prévenez l'exploitant."
        "Nothing was kept: send the request again, with the same idempotency key; if it lasts, tell the operator.";
    FREE_SPACE_LOW "free-space-low" SERVICE_UNAVAILABLE
        "Espace disque insuffisant : lecture seule" "Too little free space: read-only"
        "Renvoyez la même requête plus tard ; l'exploitant doit libérer ou agrandir le volume (limits.free_bytes)."
        "Send the same request again later; the operator must free or enlarge the volume (limits.free_bytes).";
    RATE_LIMITED "rate-limited" TOO_MANY_REQUESTS
        "Trop de versements pour ce jeton" "Too many deposits for this token"
        "Renvoyez la même requête après le délai indiqué, et versez moins vite."
        "Send the same request again after the delay given, and deposit more slowly.";
    CLOCK_AHEAD "clock-ahead" SERVICE_UNAVAILABLE
        "L'horloge du serveur a fait un bond en avant" "The server's clock leapt forward"
        "Prévenez l'exploitant : qu'il règle l'horloge, ou, si elle est juste, qu'il l'accepte (tabellion clock accept)."
        "Tell the operator: set the clock right, or, if it is right, accept it (tabellion clock accept).";
    CLOCK_NOT_THAT_DAY "clock-not-that-day" UNPROCESSABLE_ENTITY
        "Ce n'est pas le jour que dit l'horloge du serveur" "This is not the day that the server's clock says"
        "Regardez un calendrier ; si le vôtre est juste, réglez l'horloge du serveur, sans l'accepter."
        "Look at a calendar; if yours is right, set the server's clock right and do not accept it.";
    CLOCK_WENT_BACK "clock-went-back" SERVICE_UNAVAILABLE
        "L'horloge du serveur a reculé" "The server's clock went back"
        "Prévenez l'exploitant : les versements attendent que l'horloge soit juste."
        "Tell the operator: deposits wait until the clock is right.";
    STOPPED "stopped" SERVICE_UNAVAILABLE
        "Le journal s'est arrêté" "The log has stopped"
        "Renvoyez la même requête, avec la même clé d'idempotence, après le redémarrage."
        "Send the same request, with the same idempotency key, after the restart.";
    WITNESS_REQUEST_UNREADABLE "witness-request-unreadable" BAD_REQUEST
        "Demande au témoin illisible" "Request to the witness cannot be read"
        "Envoyez une demande add-checkpoint (C2SP tlog-witness)."
        "Send an add-checkpoint request (C2SP tlog-witness).";
    WITNESS_OLD_SIZE_BEYOND "witness-old-size-beyond" BAD_REQUEST
        "L'ancienne taille dépasse celle de la tête" "The old size is beyond the head's"
        "Montrez une tête au moins aussi grande que la dernière cosignée."
        "Show a head at least as large as the one cosigned last.";
    WITNESS_HEAD_NOT_SIGNED "witness-head-not-signed" FORBIDDEN
        "Aucune clé connue du journal n'a signé cette tête" "No known key of the log signed this head"
        "Donnez au témoin la clé en vigueur du journal (--log)."
        "Give the witness the key of the log in force (--log).";
    WITNESS_LOG_UNKNOWN "witness-log-unknown" NOT_FOUND
        "Journal inconnu de ce témoin" "Log unknown to this witness"
        "Donnez au témoin la clé de ce journal (--log)."
        "Give the witness the key of this log (--log).";
    WITNESS_OTHER_ROOT "witness-other-root" CONFLICT
        "Une autre racine de cette taille a déjà été cosignée" "Another root of this size was cosigned before"
        "Le journal a signé deux histoires : n'en servez plus aucune avant de savoir laquelle est la bonne."
        "The log has signed two histories: serve neither until you know which is the right one.";
    WITNESS_NOT_A_CONTINUATION "witness-not-a-continuation" UNPROCESSABLE_ENTITY
        "Cette tête ne prolonge pas la dernière cosignée" "This head does not continue the one cosigned last"
        "Si la preuve est celle du journal, il a signé deux histoires : cherchez d'où vient l'autre copie."
        "If the proof is the log's own, it has signed two histories: find where the other copy is.";
    WITNESS_STOPPED "witness-stopped" SERVICE_UNAVAILABLE
        "Le témoin ne peut plus garder son état" "The witness can no longer keep its state"
        "Regardez le disque du témoin, puis relancez-le."
        "Look at the witness's disk, then start it again.";
    PAGE_NOT_BUILT "page-not-built" SERVICE_UNAVAILABLE
        "Page de vérification absente de ce serveur" "Verification page not on this server"
        "Vérifiez avec tabellion-verify, qui dit la même chose ; l'exploitant construit la page par deploy/wasm, puis redémarre."
        "Verify with tabellion-verify, which says the same; the operator builds the page with deploy/wasm, then restarts.";
    PUBLICATION_OFF "publication-off" UNPROCESSABLE_ENTITY
        "Ce service versant ne publie rien" "This tenant publishes nothing"
        "L'exploitant nomme le service versant dans [[publication.tenants]] de tabellion.toml, puis redémarre."
        "The operator names the tenant in [[publication.tenants]] of tabellion.toml, then restarts.";
    EXPORT_TOO_LARGE "export-too-large" UNPROCESSABLE_ENTITY
        "Trop de contrats, ou de modifications, pour un seul export" "Too many contracts, or modifications, for one export"
        "Exportez par périodes : « from » et « to »."
        "Export by periods: “from” and “to”.";
    FIXITY_FAILED "fixity-failed" CONFLICT
        "Ce qui est conservé n'est pas intact" "What is kept is not whole"
        "Voyez tabellion scrub, réparez depuis une sauvegarde, puis relancez la commande."
        "See tabellion scrub, repair from a backup, then run the command again.";
    RENEWALS_TOO_MANY "renewals-too-many" CONFLICT
        "Trop de renouvellements : un dossier ne pourrait en porter un de plus" "Too many renewals: a pack could not bear one more"
        "Un renouvellement suffit tous les deux ou trois ans ; arrêtez la tâche qui en demande sans cesse."
        "One renewal every two or three years is enough; stop whatever asks for them over and over.";
    RENEWAL_NOT_STAMPED "renewal-not-stamped" SERVICE_UNAVAILABLE
        "Aucune autorité n'a donné le jeton du renouvellement" "No authority gave the token of the renewal"
        "Rien n'est à moitié fait. Voyez « seal » dans /readyz et le journal, puis relancez la commande."
        "Nothing is half done. See “seal” in /readyz and the journal, then run the command again.";
    INTERNAL "internal" INTERNAL_SERVER_ERROR
        "Erreur interne" "Internal error"
        "Prévenez l'exploitant avec l'heure de la requête."
        "Tell the operator the time of the request.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_is_whole_and_each_code_stands_once() {
        let names: BTreeSet<_> = ALL.iter().map(|code| code.name).collect();
        assert_eq!(names.len(), ALL.len());
        for code in ALL {
            assert!(code.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", code.name);
            assert!(code.status.is_client_error() || code.status.is_server_error(), "{}", code.name);
            for pair in [code.title, code.remedy] {
                assert!(pair.iter().all(|text| !text.is_empty()) && pair[0] != pair[1], "{}", code.name);
            }
        }
    }

    #[test]
    fn every_code_is_told_in_the_page_of_interfaces() {
        let page = include_str!("../../../../docs/formats/interfaces.md");
        for code in ALL {
            let line = format!("| `{}` | {} |", code.name, code.status.as_u16());
            assert!(page.contains(&line), "docs/formats/interfaces.md lacks: {line}");
        }
    }
}
