//! Codes of signatures inside documents: integrity and certificate apart. None is a refusal: what was transmitted is kept as it is.

codes! {
    SIGNATURE_HOLDS "signature-holds" Info {
        fr: "Une signature tient : ce qu'elle couvre est tel qu'il a été signé.",
        en: "A signature holds: what it covers is as it was signed.",
        remedy_fr: "Rien à faire ; ce qu'elle couvre est dit dans les faits.",
        remedy_en: "Nothing to do; what it covers is told in the facts.",
    }
    SIGNATURE_BROKEN "signature-broken" Warning {
        fr: "Une signature est rompue ({0}) : ce qu'elle couvre n'est pas tel qu'il a été signé, ou elle n'est pas de ce certificat.",
        en: "A signature is broken ({0}): what it covers is not as it was signed, or it is not of this certificate.",
        remedy_fr: "Vérifier que le flux n'a pas été modifié après la signature ; demander l'original.",
        remedy_en: "Check that the flow was not changed after it was signed; ask for the original.",
    }
    SIGNATURE_UNDECIDED "signature-undecided" Warning {
        fr: "Une signature n'a pas pu être vérifiée ({0}) : on ne peut pas dire si elle tient.",
        en: "A signature could not be checked ({0}): whether it holds cannot be told.",
        remedy_fr: "La faire vérifier par un autre outil ; le flux est conservé tel quel.",
        remedy_en: "Have it checked by another tool; the flow is kept as it is.",
    }
    SIGNATURES_NOT_JUDGED "signatures-not-judged" Warning {
        fr: "Les signatures du flux n'ont pas été vérifiées : {0}.",
        en: "The signatures of the flow were not checked: {0}.",
        remedy_fr: "Les faire vérifier par un autre outil ; le flux est conservé tel quel.",
        remedy_en: "Have them checked by another tool; the flow is kept as it is.",
    }
    SIGNATURES_NOT_SOUGHT "signatures-not-sought" Warning {
        fr: "Les signatures que ce document peut porter n'ont pas été cherchées : {0}.",
        en: "Signatures that this document may bear were not looked for: {0}.",
        remedy_fr: "Les faire vérifier par un autre outil ; le document est conservé tel quel.",
        remedy_en: "Have them checked by another tool; the document is kept as it is.",
    }
    SIGNATURES_ENCRYPTED "signatures-encrypted" Info {
        fr: "Le document est un message chiffré : les signatures qu'il peut contenir n'ont pas été cherchées.",
        en: "The document is an encrypted message: signatures that it may hold were not looked for.",
        remedy_fr: "Rien à faire ; seul qui a la clé peut les vérifier.",
        remedy_en: "Nothing to do; only who has the key can check them.",
    }
    SIGNATURE_CERTIFICATE "signature-certificate" Info {
        fr: "Le certificat de « {0} » est en vigueur au dépôt (du {1} au {2}).",
        en: "The certificate of “{0}” is in force at deposit (from {1} to {2}).",
        remedy_fr: "Rien à faire.",
        remedy_en: "Nothing to do.",
    }
    SIGNATURE_CERTIFICATE_ENDED "signature-certificate-ended" Warning {
        fr: "Le certificat de « {0} » n'est pas en vigueur au dépôt (du {1} au {2}).",
        en: "The certificate of “{0}” is not in force at deposit (from {1} to {2}).",
        remedy_fr: "Normal pour un flux ancien ; pour un flux récent, renouveler le certificat du signataire.",
        remedy_en: "Expected of an old flow; for a recent one, renew the signer's certificate.",
    }
    SIGNATURE_USAGE "signature-usage" Warning {
        fr: "Le certificat de « {0} » n'est pas fait pour signer des documents ({1}).",
        en: "The certificate of “{0}” is not made for signing documents ({1}).",
        remedy_fr: "Cela ne change rien à l'intégrité ; à l'avenir, signer avec un certificat de signature (RGS, eIDAS).",
        remedy_en: "This changes nothing of the integrity; from now on, sign with a certificate for signatures (RGS, eIDAS).",
    }
    SIGNATURE_AUTHORITY_NOT_EXAMINED "signature-authority-not-examined" Info {
        fr: "L'autorité qui a délivré le certificat de « {0} » n'est pas examinée : l'exploitant n'en désigne aucune.",
        en: "The authority that issued the certificate of “{0}” is not examined: the operator names none.",
        remedy_fr: "Pour qu'elle le soit, désigner les racines admises (signatures.anchors) ou les listes de confiance (signatures.trusted_lists).",
        remedy_en: "To have it examined, name the roots that are accepted (signatures.anchors) or the trusted lists (signatures.trusted_lists).",
    }
    SIGNATURE_AUTHORITY_KNOWN "signature-authority-known" Info {
        fr: "Un chemin mène du certificat de « {0} » à une autorité désignée par l'exploitant ; la révocation n'est pas examinée.",
        en: "A path leads from the certificate of “{0}” to an authority that the operator names; revocation is not examined.",
        remedy_fr: "Rien à faire.",
        remedy_en: "Nothing to do.",
    }
    SIGNATURE_AUTHORITY_LISTED "signature-authority-listed" Info {
        fr: "Un chemin mène du certificat de « {0} » à une autorité que les listes de confiance disaient accordée (CA/QC, granted) : {1} ; la révocation n'est pas examinée, ni si le certificat est qualifié.",
        en: "A path leads from the certificate of “{0}” to an authority that the trusted lists show as granted (CA/QC): {1}; revocation is not examined, nor whether the certificate is qualified.",
        remedy_fr: "Rien à faire.",
        remedy_en: "Nothing to do.",
    }
    SIGNATURE_AUTHORITY_UNKNOWN "signature-authority-unknown" Warning {
        fr: "Aucun chemin ne mène du certificat de « {0} » à une autorité désignée par l'exploitant.",
        en: "No path leads from the certificate of “{0}” to an authority that the operator names.",
        remedy_fr: "Si l'autorité est à admettre (RGS), ajouter sa racine à signatures.anchors ; si elle est d'une liste de confiance (eIDAS), mettre à jour signatures.trusted_lists ; sinon, faire signer avec un certificat d'une autorité admise.",
        remedy_en: "If the authority is to be accepted (RGS), add its root to signatures.anchors; if it is of a trusted list (eIDAS), bring signatures.trusted_lists up to date; else have it signed with a certificate of one that is accepted.",
    }
    SIGNATURE_ADDED "signature-added-after" Warning {
        fr: "Le PDF a {0} octets ajoutés après cette signature, qu'elle ne couvre pas.",
        en: "The PDF has {0} bytes added after this signature, which it does not cover.",
        remedy_fr: "Normal si une autre signature a suivi et les couvre ; sinon, comparer la version signée et celle qui s'affiche.",
        remedy_en: "Expected if another signature followed and covers them; else compare the version that was signed with the one that is shown.",
    }
    SIGNATURE_WITHOUT_DOCUMENT "signature-without-document" Warning {
        fr: "Une signature détachée n'a pas son document dans le dépôt : aucun fichier à côté d'elle n'a son nom ni l'empreinte signée.",
        en: "A detached signature has not its document in the deposit: no file beside it has its name or the digest that is signed.",
        remedy_fr: "Déposer ensemble le document et sa signature, celle-ci nommée comme lui avec .p7s ou .sig en plus.",
        remedy_en: "Deposit the document and its signature together, the latter named like the former with .p7s or .sig added.",
    }
    SIGNATURE_DOCUMENT_UNSURE "signature-document-unsure" Warning {
        fr: "Quel document est signé n'est pas certain : le nom de la signature en désigne plusieurs ({0}), et l'empreinte signée n'est celle d'aucun.",
        en: "Which document is signed is not certain: the name of the signature tells several ({0}), and the digest that is signed is that of none.",
        remedy_fr: "Déposer la signature nommée comme son document, avec .p7s ou .sig en plus, et le document tel qu'il a été signé.",
        remedy_en: "Deposit the signature named like its document with .p7s or .sig added, and the document as it was signed.",
    }
    SIGNATURE_DOCUMENT_FOUND "signature-document-found" Info {
        fr: "Le nom de la signature désigne plusieurs documents ({0}) : quel document est signé n'est certain que par l'empreinte, qui est celle de « {1} ».",
        en: "The name of the signature tells several documents ({0}): which document is signed is certain by its digest alone, which is that of “{1}”.",
        remedy_fr: "Rien à faire ; nommer la signature comme son document, avec .p7s ou .sig en plus, lève le doute.",
        remedy_en: "Nothing to do; to name the signature like its document with .p7s or .sig added leaves no doubt.",
    }
    SIGNATURE_DOCUMENT_BY_DIGEST "signature-document-by-digest" Info {
        fr: "Le nom de la signature ne désigne aucun document du dépôt : l'empreinte signée est celle de « {0} ».",
        en: "The name of the signature tells no document of the deposit: the digest that is signed is that of “{0}”.",
        remedy_fr: "Rien à faire ; nommée comme son document, avec .p7s ou .sig en plus, la signature le désigne sans recherche.",
        remedy_en: "Nothing to do; named like its document with .p7s or .sig added, the signature tells it without a search.",
    }
    SIGNATURE_NOT_OF_ITS_FILE "signature-not-of-its-file" Warning {
        fr: "La signature que le message donne pour « {0} » tient, et ne couvre pas ce fichier.",
        en: "The signature that the message gives for “{0}” holds, and does not cover that file.",
        remedy_fr: "Ne pas tenir ce fichier pour signé ; demander la signature de ce fichier même.",
        remedy_en: "Do not take this file for signed; ask for the signature of this very file.",
    }
    SIGNATURE_SEARCH_ENDED "signature-search-ended" Warning {
        fr: "Le document signé a été cherché parmi {0} sur {1} qui peuvent l'être : la limite de ce qui est relu pour un dépôt ({2} octets) est atteinte.",
        en: "The document that is signed was looked for among {0} of {1} that it may be: the limit of what is read again for one deposit ({2} bytes) is reached.",
        remedy_fr: "Nommer la signature comme son document, avec .p7s ou .sig en plus, ou déposer en plusieurs fois.",
        remedy_en: "Name the signature like its document with .p7s or .sig added, or deposit in several parts.",
    }
    SIGNATURE_WEAK "signature-weak" Warning {
        fr: "Une signature emploie un algorithme trop faible aujourd'hui : {0}.",
        en: "A signature uses an algorithm too weak today: {0}.",
        remedy_fr: "Normal avant 2018 ; ensuite, faire signer en SHA-256.",
        remedy_en: "Expected before 2018; later, have it signed with SHA-256.",
    }
    SIGNATURE_COVERS_OTHER "signature-covers-other" Warning {
        fr: "Une signature couvre « {0} », qui n'est ni le fichier entier ni un bordereau lu.",
        en: "A signature covers “{0}”, which is neither the whole file nor a bordereau that is read.",
        remedy_fr: "Se méfier : ce qui est lu à sa place n'est pas couvert par elle.",
        remedy_en: "Beware: what is read in its place is not covered by it.",
    }
    SIGNATURE_COVERS_ELSEWHERE "signature-covers-elsewhere" Warning {
        fr: "Une signature placée dans un bordereau ne le couvre pas : elle couvre « {0} ».",
        en: "A signature that stands in a bordereau does not cover it: it covers “{0}”.",
        remedy_fr: "Se méfier : ce qui est lu là où elle se trouve n'est pas couvert par elle ; demander le flux d'origine.",
        remedy_en: "Beware: what is read where it stands is not covered by it; ask for the original flow.",
    }
    SIGNATURE_COVERS_NOTHING "signature-covers-nothing" Warning {
        fr: "Une signature tient, et ne couvre que ce qui est en elle : rien du document où elle se trouve.",
        en: "A signature holds, and covers only what stands in it: nothing of the document that bears it.",
        remedy_fr: "Ne pas tenir ce document pour signé ; si la signature contient ce qui fut signé, l'en extraire.",
        remedy_en: "Do not take this document for signed; if the signature holds what was signed, take it out.",
    }
    PES_NOT_ALL_SIGNED "pes-not-all-signed" Info {
        fr: "{0} bordereaux sur {1} sont couverts par une signature qui tient.",
        en: "{0} bordereaux of {1} are covered by a signature that holds.",
        remedy_fr: "Rien à faire si les autres n'avaient pas à être signés dans le flux.",
        remedy_en: "Nothing to do if the others did not have to be signed in the flow.",
    }
}
