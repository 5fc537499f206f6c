//! Codes of SEDA transfers. A refusal is for what cannot be archived as it is told: no bordereau, a file that is not the one announced,
//! a tree that does not hold together. What only departs from the published schema is a warning.

codes! {
    SEDA_MANIFEST_MISSING "seda-manifest-missing" Refusal {
        fr: "Aucun bordereau ArchiveTransfer ne se trouve à la racine du transfert.",
        en: "There is no ArchiveTransfer bordereau at the root of the transfer.",
        remedy_fr: "Mettre le bordereau (manifest.xml) à la racine de l'archive, ou à côté des pièces.",
        remedy_en: "Put the bordereau (manifest.xml) at the root of the archive, or beside the attachments.",
    }
    SEDA_MANIFESTS_SEVERAL "seda-manifests-several" Refusal {
        fr: "Le transfert contient {0} bordereaux : on ne sait pas lequel le décrit.",
        en: "The transfer holds {0} bordereaux: which one describes it cannot be told.",
        remedy_fr: "Envoyer un transfert par bordereau.",
        remedy_en: "Send one transfer for each bordereau.",
    }
    SEDA_MANIFEST_NOT_XML "seda-manifest-not-xml" Refusal {
        fr: "Le bordereau n'est pas un document XML.",
        en: "The bordereau is not an XML document.",
        remedy_fr: "Produire à nouveau le bordereau depuis le logiciel émetteur.",
        remedy_en: "Make the bordereau again with the sending software.",
    }
    SEDA_VERSION "seda-version" Refusal {
        fr: "L'espace de noms « {0} » n'est pas celui d'une version de SEDA qui est lue (0.2, 1.0, 2.1, 2.2, 2.3).",
        en: "The namespace “{0}” is not that of a version of SEDA that is read (0.2, 1.0, 2.1, 2.2, 2.3).",
        remedy_fr: "Produire le transfert dans l'une de ces versions, ou le déposer comme de simples fichiers (file) : il est alors conservé sans être contrôlé.",
        remedy_en: "Make the transfer in one of these versions, or deposit it as mere files (file): it is then kept without being controlled.",
    }
    SEDA_VERSION_NOT_READ "seda-version-not-read" Warning {
        fr: "Ce bordereau est d'une version de SEDA qui n'est pas lue (espace de noms « {0} ») : le dépôt est conservé comme de simples fichiers, et rien du transfert n'a été contrôlé.",
        en: "This bordereau is of a version of SEDA that is not read (namespace “{0}”): the deposit is kept as mere files, and nothing of the transfer was controlled.",
        remedy_fr: "Produire le transfert en 0.2, 1.0, 2.1, 2.2 ou 2.3 et le déposer comme transfert (seda) pour qu'il soit contrôlé.",
        remedy_en: "Make the transfer in 0.2, 1.0, 2.1, 2.2 or 2.3 and deposit it as a transfer (seda) to have it controlled.",
    }
    SEDA_NOT_A_TRANSFER "seda-not-a-transfer" Refusal {
        fr: "Le message SEDA est « {0} », et non ArchiveTransfer.",
        en: "The SEDA message is “{0}”, not ArchiveTransfer.",
        remedy_fr: "Déposer le transfert ; un autre message se dépose comme « file ».",
        remedy_en: "Deposit the transfer; another message is deposited as “file”.",
    }
    SEDA_TOO_LARGE "seda-too-large" Refusal {
        fr: "Le transfert compte plus de {0} unités, objets et groupes.",
        en: "The transfer has more than {0} units, objects and groups.",
        remedy_fr: "Répartir les unités en plusieurs transferts.",
        remedy_en: "Split the units over several transfers.",
    }
    SEDA_LINKS_TOO_MANY "seda-links-too-many" Refusal {
        fr: "Les unités portent en tout plus de {0} renvois à des objets et règles de gestion.",
        en: "The units bear more than {0} references to objects and management rules in all.",
        remedy_fr: "Répartir les unités en plusieurs transferts.",
        remedy_en: "Split the units over several transfers.",
    }
    SEDA_RULES_TOO_MANY "seda-rules-too-many" Refusal {
        fr: "Le transfert nomme plus de {0} règles de gestion différentes.",
        en: "The transfer names more than {0} different management rules.",
        remedy_fr: "Répartir les unités en plusieurs transferts, ou vérifier les identifiants de règles du bordereau.",
        remedy_en: "Split the units over several transfers, or check the identifiers of rules in the bordereau.",
    }
    SEDA_FOLDERS_SEVERAL "seda-folders-several" Refusal {
        fr: "Les objets sont dans plusieurs dossiers à la racine du transfert : {0}.",
        en: "The objects are in several folders at the root of the transfer: {0}.",
        remedy_fr: "Réunir les objets dans un seul dossier (Content).",
        remedy_en: "Put the objects together in one folder (Content).",
    }
    SEDA_FILE_MISSING "seda-file-missing" Refusal {
        fr: "Le fichier annoncé « {0} » n'est pas dans le transfert.",
        en: "The announced file “{0}” is not in the transfer.",
        remedy_fr: "Joindre le fichier, ou corriger son adresse (Uri, Attachment) dans le bordereau.",
        remedy_en: "Add the file, or fix its address (Uri, Attachment) in the bordereau.",
    }
    SEDA_FILE_SURPLUS "seda-file-surplus" Refusal {
        fr: "Le bordereau n'annonce pas ce fichier.",
        en: "The bordereau does not announce this file.",
        remedy_fr: "Le retirer, ou le déclarer comme objet dans le bordereau.",
        remedy_en: "Take it out, or declare it as an object in the bordereau.",
    }
    SEDA_URI_MISSING "seda-uri-missing" Refusal {
        fr: "L'objet ne dit pas quel est son fichier.",
        en: "The object does not say which file is its own.",
        remedy_fr: "Compléter son adresse (Uri, Attachment) dans le bordereau.",
        remedy_en: "Fill in its address (Uri, Attachment) in the bordereau.",
    }
    SEDA_EMBEDDED "seda-embedded" Warning {
        fr: "Le contenu de l'objet est dans le bordereau lui-même : il est conservé, son empreinte n'est pas recalculée.",
        en: "The content of the object is in the bordereau itself: it is kept, its digest is not computed again.",
        remedy_fr: "Le transmettre comme fichier pour qu'il soit vérifié.",
        remedy_en: "Send it as a file to have it checked.",
    }
    SEDA_DIGEST_DIFFERS "seda-digest-differs" Refusal {
        fr: "L'empreinte du fichier n'est pas celle que le bordereau annonce pour l'objet « {0} ».",
        en: "The digest of the file is not the one that the bordereau announces for object “{0}”.",
        remedy_fr: "Vérifier le fichier : il a changé depuis la rédaction du bordereau, ou l'empreinte est fausse.",
        remedy_en: "Check the file: it changed since the bordereau was made, or the digest is wrong.",
    }
    SEDA_DIGEST_MISSING "seda-digest-missing" Refusal {
        fr: "Le bordereau ne donne pas l'empreinte de l'objet.",
        en: "The bordereau does not give the digest of the object.",
        remedy_fr: "Compléter l'empreinte (MessageDigest, Integrity) et son algorithme.",
        remedy_en: "Fill in the digest (MessageDigest, Integrity) and its algorithm.",
    }
    SEDA_DIGEST_ABSENT "seda-digest-absent" Warning {
        fr: "Le bordereau ne donne pas d'empreinte pour ce document, ce que sa version permet.",
        en: "The bordereau gives no digest for this document, which its version allows.",
        remedy_fr: "Demander au service versant de joindre les empreintes (Integrity).",
        remedy_en: "Ask the transferring service to give digests (Integrity).",
    }
    SEDA_DIGEST_UNREAD "seda-digest-unread" Refusal {
        fr: "L'empreinte « {1} » ne peut pas être vérifiée : algorithme « {0} » inconnu, ou valeur d'une autre longueur.",
        en: "The digest “{1}” cannot be checked: algorithm “{0}” is unknown, or the value has another length.",
        remedy_fr: "Employer SHA-256, SHA-384 ou SHA-512, en hexadécimal ou en base64.",
        remedy_en: "Use SHA-256, SHA-384 or SHA-512, in hexadecimal or base64.",
    }
    SEDA_DIGEST_WEAK "seda-digest-weak" Warning {
        fr: "L'empreinte tient, mais son algorithme ({0}) ne protège plus d'une substitution.",
        en: "The digest holds, but its algorithm ({0}) no longer protects from a substitution.",
        remedy_fr: "Employer SHA-256 ou SHA-512 pour les prochains transferts.",
        remedy_en: "Use SHA-256 or SHA-512 for the next transfers.",
    }
    SEDA_SIZE_DIFFERS "seda-size-differs" Warning {
        fr: "Le bordereau annonce {0} octets, le fichier en a {1}.",
        en: "The bordereau announces {0} bytes, the file has {1}.",
        remedy_fr: "Vérifier le bordereau ; l'empreinte dit si le fichier est le bon.",
        remedy_en: "Check the bordereau; the digest tells whether the file is the right one.",
    }
    SEDA_NO_OBJECT "seda-no-object" Warning {
        fr: "Le transfert ne contient aucun objet : des unités seulement.",
        en: "The transfer holds no object: units only.",
        remedy_fr: "Rien à faire pour un plan de classement ou un arbre de positionnement.",
        remedy_en: "Nothing to do for a filing scheme or a tree of positions.",
    }
    SEDA_NOT_DESCRIBED "seda-not-described" Warning {
        fr: "Aucune unité ne désigne l'objet ou le groupe « {0} ».",
        en: "No unit names the object or group “{0}”.",
        remedy_fr: "Rattacher l'objet à une unité dans le bordereau.",
        remedy_en: "Tie the object to a unit in the bordereau.",
    }
    SEDA_MISSING "seda-missing" Warning {
        fr: "Le bordereau ne dit pas « {0} ».",
        en: "The bordereau does not say “{0}”.",
        remedy_fr: "Compléter le bordereau dans le logiciel émetteur.",
        remedy_en: "Complete the bordereau in the sending software.",
    }
    SEDA_SCHEMA "seda-schema" Warning {
        fr: "« {0} » n'est pas attendu ici par le schéma publié (nom, place ou nombre).",
        en: "“{0}” is not expected here by the published schema (name, place or number).",
        remedy_fr: "Vérifier la version déclarée ; le transfert a été lu malgré tout.",
        remedy_en: "Check the version declared; the transfer was read anyway.",
    }
    SEDA_ELEMENT_UNKNOWN "seda-element-unknown" Refusal {
        fr: "L'objet porte un élément « {0} » que SEDA ne connaît pas.",
        en: "The object bears an element “{0}” that SEDA does not know.",
        remedy_fr: "Retirer l'élément, ou le placer dans OtherMetadata.",
        remedy_en: "Take the element out, or put it in OtherMetadata.",
    }
    SEDA_AGREEMENT_EMPTY "seda-agreement-empty" Refusal {
        fr: "L'accord de versement (ArchivalAgreement) est vide.",
        en: "The archival agreement (ArchivalAgreement) is empty.",
        remedy_fr: "Indiquer l'accord, ou retirer l'élément.",
        remedy_en: "Name the agreement, or take the element out.",
    }
    SEDA_ID_TWICE "seda-id-twice" Refusal {
        fr: "L'identifiant « {0} » désigne deux choses.",
        en: "The identifier “{0}” names two things.",
        remedy_fr: "Donner à chaque unité, objet et groupe un identifiant à lui.",
        remedy_en: "Give each unit, object and group an identifier of its own.",
    }
    SEDA_GROUP_TWICE "seda-group-twice" Refusal {
        fr: "Le groupe d'objets « {0} » est déclaré deux fois.",
        en: "The group of objects “{0}” is declared twice.",
        remedy_fr: "Le déclarer une fois (DataObjectGroupId), puis y renvoyer (DataObjectGroupReferenceId).",
        remedy_en: "Declare it once (DataObjectGroupId), then refer to it (DataObjectGroupReferenceId).",
    }
    SEDA_REFERENCE_EMPTY "seda-reference-empty" Refusal {
        fr: "« {0} » est vide.",
        en: "“{0}” is empty.",
        remedy_fr: "Indiquer ce qu'il désigne, ou retirer l'élément.",
        remedy_en: "Say what it names, or take the element out.",
    }
    SEDA_REFERENCE_UNKNOWN "seda-reference-unknown" Refusal {
        fr: "{0} désigne « {1} », que le bordereau ne déclare pas.",
        en: "{0} names “{1}”, which the bordereau does not declare.",
        remedy_fr: "Corriger l'identifiant, ou déclarer ce qu'il désigne.",
        remedy_en: "Fix the identifier, or declare what it names.",
    }
    SEDA_REFERENCE_KIND "seda-reference-kind" Refusal {
        fr: "{0} désigne « {1} », qui est d'une autre sorte (unité, groupe, ou objet d'un groupe).",
        en: "{0} names “{1}”, which is of another kind (unit, group, or object of a group).",
        remedy_fr: "Désigner le groupe quand l'objet en a un (DataObjectGroupReferenceId).",
        remedy_en: "Name the group when the object has one (DataObjectGroupReferenceId).",
    }
    SEDA_CYCLE "seda-cycle" Refusal {
        fr: "L'unité se contient elle-même.",
        en: "The unit contains itself.",
        remedy_fr: "Corriger les renvois entre unités (ArchiveUnitRefId).",
        remedy_en: "Fix the references between units (ArchiveUnitRefId).",
    }
    SEDA_TITLE_MISSING "seda-title-missing" Refusal {
        fr: "L'unité n'a pas de titre, ou un titre vide.",
        en: "The unit has no title, or an empty one.",
        remedy_fr: "Donner un titre à l'unité.",
        remedy_en: "Give the unit a title.",
    }
    SEDA_USAGE "seda-usage" Refusal {
        fr: "L'usage « {0} » n'est pas connu : BinaryMaster, Dissemination, Thumbnail ou TextContent (PhysicalMaster pour un objet physique), seul ou suivi de « _ » et d'un numéro.",
        en: "The usage “{0}” is not known: BinaryMaster, Dissemination, Thumbnail or TextContent (PhysicalMaster for a physical object), alone or followed by “_” and a number.",
        remedy_fr: "Corriger DataObjectVersion dans le bordereau.",
        remedy_en: "Fix DataObjectVersion in the bordereau.",
    }
    SEDA_PHYSICAL_ID "seda-physical-id" Refusal {
        fr: "La cote de l'objet physique (PhysicalId) est vide.",
        en: "The shelf mark of the physical object (PhysicalId) is empty.",
        remedy_fr: "Indiquer la cote, ou retirer l'élément.",
        remedy_en: "Give the mark, or take the element out.",
    }
    SEDA_RULE_CATEGORY "seda-rule-category" Refusal {
        fr: "La règle « {0} », refusée comme {1}, est d'une autre catégorie dans ce transfert.",
        en: "The rule “{0}”, refused as {1}, is of another category in this transfer.",
        remedy_fr: "Corriger RefNonRuleId : il désigne une règle de sa propre catégorie.",
        remedy_en: "Fix RefNonRuleId: it names a rule of its own category.",
    }
    SEDA_DATE "seda-date" Warning {
        fr: "« {0} » n'est pas une date telle que le schéma publié l'attend ici ({1}).",
        en: "“{0}” is not a date as the published schema expects it here ({1}).",
        remedy_fr: "Corriger la date dans le bordereau.",
        remedy_en: "Fix the date in the bordereau.",
    }
    SEDA_VALUE "seda-value" Warning {
        fr: "« {0} » n'est pas une valeur que le schéma publié admet ici ({1}).",
        en: "“{0}” is not a value that the published schema allows here ({1}).",
        remedy_fr: "Corriger la valeur dans le logiciel émetteur ; le transfert a été lu malgré tout.",
        remedy_en: "Fix the value in the sending software; the transfer was read anyway.",
    }
    SEDA_ATTRIBUTE_UNKNOWN "seda-attribute-unknown" Warning {
        fr: "Le schéma publié ne connaît pas l'attribut « {0} » de cet élément.",
        en: "The published schema does not know the attribute “{0}” of this element.",
        remedy_fr: "Vérifier la version déclarée, ou retirer l'attribut.",
        remedy_en: "Check the version declared, or take the attribute out.",
    }
    SEDA_ATTRIBUTE_MISSING "seda-attribute-missing" Warning {
        fr: "L'élément n'a pas l'attribut « {0} », que le schéma publié exige.",
        en: "The element lacks the attribute “{0}”, which the published schema requires.",
        remedy_fr: "Compléter l'attribut dans le logiciel émetteur.",
        remedy_en: "Fill in the attribute in the sending software.",
    }
    SEDA_AGENCY_UNKNOWN "seda-agency-unknown" Refusal {
        fr: "Le service « {1} » ({0}) n'est pas de ceux que la configuration connaît à ce jour.",
        en: "The agency “{1}” ({0}) is none of those that the configuration knows today.",
        remedy_fr: "Corriger l'identifiant, ou faire inscrire le service par l'exploitant (seda.tenants, agencies).",
        remedy_en: "Fix the identifier, or have the operator write the agency in (seda.tenants, agencies).",
    }
    SEDA_AGREEMENT_UNKNOWN "seda-agreement-unknown" Refusal {
        fr: "L'accord de versement « {1} » ({0}) n'est pas de ceux que la configuration connaît à ce jour.",
        en: "The archival agreement “{1}” ({0}) is none of those that the configuration knows today.",
        remedy_fr: "Corriger l'accord, ou le faire inscrire par l'exploitant (seda.tenants, agreements).",
        remedy_en: "Fix the agreement, or have the operator write it in (seda.tenants, agreements).",
    }
    SEDA_PROFILE_UNKNOWN "seda-profile-unknown" Refusal {
        fr: "Le profil « {1} » ({0}) n'est pas de ceux que la configuration connaît à ce jour.",
        en: "The profile “{1}” ({0}) is none of those that the configuration knows today.",
        remedy_fr: "Corriger le profil, ou le faire inscrire par l'exploitant (seda.tenants, profiles).",
        remedy_en: "Fix the profile, or have the operator write it in (seda.tenants, profiles).",
    }
    SEDA_PROFILE_DIFFERS "seda-profile-differs" Refusal {
        fr: "Le bordereau n'est pas ce que demande le fichier du profil « {0} ». Ligne : {1} (détail technique : {2}).",
        en: "The bordereau is not what the file of the profile “{0}” asks. Line: {1} (technical detail: {2}).",
        remedy_fr: "Corriger le bordereau à cette ligne, ou le profil dont il se réclame.",
        remedy_en: "Fix the bordereau at this line, or the profile that it names.",
    }
    SEDA_PROFILE_NOT_APPLIED "seda-profile-not-applied" Warning {
        fr: "Le bordereau n'a pas été confronté au fichier du profil « {0} » : {1}.",
        en: "The bordereau was not held against the file of the profile “{0}”: {1}.",
        remedy_fr: "Le contrôler à part (xmllint --relaxng), ou prévenir l'exploitant.",
        remedy_en: "Check it apart (xmllint --relaxng), or tell the operator.",
    }
    SEDA_SERVICE_LEVEL_UNKNOWN "seda-service-level-unknown" Refusal {
        fr: "Le niveau de service « {1} » ({0}) n'est pas de ceux que la configuration connaît à ce jour.",
        en: "The service level “{1}” ({0}) is none of those that the configuration knows today.",
        remedy_fr: "Corriger le niveau de service, ou le faire inscrire par l'exploitant (seda.tenants, service_levels).",
        remedy_en: "Fix the service level, or have the operator write it in (seda.tenants, service_levels).",
    }
    SEDA_RULE_UNKNOWN "seda-rule-unknown" Refusal {
        fr: "La règle de gestion « {1} » ({0}) n'est pas de celles que la configuration connaît à ce jour sous cette catégorie.",
        en: "The management rule “{1}” ({0}) is none of those that the configuration knows today under that category.",
        remedy_fr: "Corriger l'identifiant de la règle, ou la faire inscrire par l'exploitant (seda.tenants, rules).",
        remedy_en: "Fix the identifier of the rule, or have the operator write it in (seda.tenants, rules).",
    }
    SEDA_NOT_CONTROLLED "seda-not-controlled" Info {
        fr: "Non contrôlé, faute de liste dans la configuration : {0}.",
        en: "Not controlled, for want of a list in the configuration: {0}.",
        remedy_fr: "Écrire la liste dans tabellion.toml (seda.tenants) pour que les transferts y soient confrontés.",
        remedy_en: "Write the list in tabellion.toml (seda.tenants) to have transfers held against it.",
    }
    SEDA_LISTED "seda-listed" Info {
        fr: "Le transfert compte {0} unités et {1} objets : les {2} premiers de chaque sont montrés parmi les faits.",
        en: "The transfer has {0} units and {1} objects: the first {2} of each are shown among the facts.",
        remedy_fr: "L'arbre entier se lit avec tabellion check --units, et une fois versé à l'adresse /v1/deposits/ID/units.",
        remedy_en: "The whole tree is read with tabellion check --units, and once deposited at /v1/deposits/ID/units.",
    }
    SEDA_ELSEWHERE "seda-elsewhere" Info {
        fr: "L'unité se rattache à ce qui est déjà archivé ailleurs : on ne peut pas dire ici si cela existe.",
        en: "The unit joins what is archived elsewhere already: whether it exists cannot be told here.",
        remedy_fr: "Rien à faire.",
        remedy_en: "Nothing to do.",
    }
}
