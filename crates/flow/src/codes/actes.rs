//! Codes of ACTES flows. None but what cannot be read is a refusal: half of the flows that work fail the schema.

codes! {
    ACTES_NAME_UNKNOWN "actes-name-unknown" Warning {
        fr: "Le nom du fichier ne suit pas la règle des messages ACTES.",
        en: "The file name does not follow the rule of ACTES messages.",
        remedy_fr: "Renommer selon <département>-<SIREN>-<date>-<numéro>-<nature>-<type>_<rang>.xml.",
        remedy_en: "Rename after <department>-<SIREN>-<date>-<number>-<nature>-<type>_<rank>.xml.",
    }
    ACTES_NAME_PARTIAL "actes-name-partial" Info {
        fr: "Le nom du message a des parties vides.",
        en: "The name of the message has empty parts.",
        remedy_fr: "Rien à faire : la préfecture nomme ainsi certaines anomalies.",
        remedy_en: "Nothing to do: the préfecture names some anomalies this way.",
    }
    ACTES_ROOT_UNKNOWN "actes-root-unknown" Warning {
        fr: "L'élément racine « {0} » n'est pas un message ACTES connu.",
        en: "The root element “{0}” is not a known ACTES message.",
        remedy_fr: "Vérifier la version du schéma ; le fichier est conservé.",
        remedy_en: "Check the version of the schema; the file is kept.",
    }
    ACTES_NAMESPACE "actes-namespace" Warning {
        fr: "L'espace de noms « {0} » n'est pas celui d'ACTES v1.1.",
        en: "The namespace “{0}” is not that of ACTES v1.1.",
        remedy_fr: "Vérifier la version du schéma ; le message a été lu malgré tout.",
        remedy_en: "Check the version of the schema; the message was read anyway.",
    }
    ACTES_ATTRIBUTE_UNQUALIFIED "actes-attribute-unqualified" Warning {
        fr: "L'attribut « {0} » n'est pas qualifié par l'espace de noms.",
        en: "The attribute “{0}” is not qualified by the namespace.",
        remedy_fr: "Rien à faire ; l'éditeur du logiciel émetteur peut corriger.",
        remedy_en: "Nothing to do; the maker of the sending software may fix it.",
    }
    ACTES_MESSAGE_DIFFERS "actes-message-differs" Warning {
        fr: "Le nom annonce un message {0}, le contenu est un message {1}.",
        en: "The name says message {0}, the content is message {1}.",
        remedy_fr: "Vérifier que le bon fichier a été envoyé sous ce nom.",
        remedy_en: "Check that the right file was sent under this name.",
    }
    ACTES_MISSING "actes-missing" Warning {
        fr: "Le message ne dit pas « {0} ».",
        en: "The message does not say “{0}”.",
        remedy_fr: "Compléter le message dans le logiciel émetteur.",
        remedy_en: "Complete the message in the sending software.",
    }
    ACTES_DATE_MALFORMED "actes-date-malformed" Warning {
        fr: "La date « {0} » ({1}) n'est pas une date AAAA-MM-JJ.",
        en: "The date “{0}” ({1}) is not a YYYY-MM-DD date.",
        remedy_fr: "Corriger la date dans le logiciel émetteur.",
        remedy_en: "Fix the date in the sending software.",
    }
    ACTES_NUMBER_UNUSUAL "actes-number-unusual" Warning {
        fr: "Le numéro « {0} » ne suit pas la règle : 15 lettres, chiffres ou « _ » au plus.",
        en: "The number “{0}” does not follow the rule: at most 15 letters, digits or “_”.",
        remedy_fr: "Corriger le numéro dans le logiciel émetteur.",
        remedy_en: "Fix the number in the sending software.",
    }
    ACTES_SIREN_MALFORMED "actes-siren-malformed" Warning {
        fr: "Le SIREN « {0} » n'est pas fait de neuf chiffres.",
        en: "The SIREN “{0}” is not made of nine digits.",
        remedy_fr: "Corriger le SIREN dans le logiciel émetteur.",
        remedy_en: "Fix the SIREN in the sending software.",
    }
    ACTES_NATURE_UNKNOWN "actes-nature-unknown" Warning {
        fr: "La nature « {0} » est inconnue.",
        en: "The nature “{0}” is unknown.",
        remedy_fr: "Employer DE, AR, AI, CC, BF ou AU (CodeNatureActe 1 à 6).",
        remedy_en: "Use DE, AR, AI, CC, BF or AU (CodeNatureActe 1 to 6).",
    }
    ACTES_NATURE_DIFFERS "actes-nature-differs" Warning {
        fr: "Le nom dit {0}, CodeNatureActe dit {1}.",
        en: "The name says {0}, CodeNatureActe says {1}.",
        remedy_fr: "Vérifier la nature de l'acte ; le nom et le contenu sont tous deux conservés.",
        remedy_en: "Check the nature of the act; name and content are both kept.",
    }
    ACTES_DATE_DIFFERS "actes-date-differs" Warning {
        fr: "Le nom dit {0}, le message date l'acte du {1}.",
        en: "The name says {0}, the message dates the act {1}.",
        remedy_fr: "Rien à faire si la date du nom est celle de l'envoi.",
        remedy_en: "Nothing to do if the date in the name is that of sending.",
    }
    ACTES_NUMBER_DIFFERS "actes-number-differs" Warning {
        fr: "Le nom donne le numéro {0}, le message le numéro {1}.",
        en: "The name gives number {0}, the message number {1}.",
        remedy_fr: "Vérifier que le bon fichier a été envoyé sous ce nom.",
        remedy_en: "Check that the right file was sent under this name.",
    }
    ACTES_ID_DIFFERS "actes-id-differs" Warning {
        fr: "Le nom donne l'identifiant {0}, IDActe dit {1}.",
        en: "The name gives identifier {0}, IDActe says {1}.",
        remedy_fr: "Vérifier l'acte visé ; le rattachement suit IDActe.",
        remedy_en: "Check which act is meant; IDActe decides what it is tied to.",
    }
    ACTES_ID_OTHER "actes-id-other" Info {
        fr: "Le nom donne l'identifiant {0}, IDActe dit {1} ; les deux sont retenus.",
        en: "The name gives identifier {0}, IDActe says {1}; both are kept.",
        remedy_fr: "Rien à faire.",
        remedy_en: "Nothing to do.",
    }
    ACTES_ID_MALFORMED "actes-id-malformed" Warning {
        fr: "IDActe « {0} » n'a pas la forme d'un identifiant d'acte.",
        en: "IDActe “{0}” does not have the shape of an act identifier.",
        remedy_fr: "Vérifier le message auprès de l'émetteur.",
        remedy_en: "Check the message with the sender.",
    }
    ACTES_SIREN_DIFFERS "actes-siren-differs" Warning {
        fr: "L'enveloppe dit SIREN {0}, le nom du fichier {1}.",
        en: "The envelope says SIREN {0}, the file name {1}.",
        remedy_fr: "Vérifier la collectivité émettrice.",
        remedy_en: "Check which authority sends.",
    }
    ACTES_DEPARTMENT_DIFFERS "actes-department-differs" Warning {
        fr: "L'enveloppe dit département {0}, le nom du fichier {1}.",
        en: "The envelope says department {0}, the file name {1}.",
        remedy_fr: "Vérifier la collectivité émettrice.",
        remedy_en: "Check which authority sends.",
    }
    ACTES_DECLARED_MISSING "actes-declared-missing" Warning {
        fr: "Le fichier annoncé « {0} » est absent du dépôt.",
        en: "The announced file “{0}” is missing from the deposit.",
        remedy_fr: "Déposer l'envoi complet.",
        remedy_en: "Deposit the complete sending.",
    }
    ACTES_DECLARED_ELSEWHERE "actes-declared-elsewhere" Info {
        fr: "Le fichier annoncé « {0} » n'est pas dans ce dépôt.",
        en: "The announced file “{0}” is not in this deposit.",
        remedy_fr: "Rien à faire s'il est déposé par ailleurs.",
        remedy_en: "Nothing to do if it is deposited elsewhere.",
    }
    ACTES_DECLARED_NAME_DIFFERS "actes-declared-name-differs" Warning {
        fr: "Le message nomme « {0} », le fichier s'appelle « {1} ».",
        en: "The message names “{0}”, the file is called “{1}”.",
        remedy_fr: "Rien à faire s'il s'agit bien de la même pièce.",
        remedy_en: "Nothing to do if it is the same document.",
    }
    ACTES_NOT_DECLARED "actes-not-declared" Warning {
        fr: "Le fichier n'est annoncé ni par l'enveloppe ni par un message.",
        en: "The file is announced neither by the envelope nor by a message.",
        remedy_fr: "Vérifier qu'il appartient bien à l'envoi.",
        remedy_en: "Check that it belongs to the sending.",
    }
    ACTES_ANNEX_COUNT "actes-annex-count" Warning {
        fr: "Le message annonce {0} annexes et en nomme {1}.",
        en: "The message announces {0} annexes and names {1}.",
        remedy_fr: "Vérifier que toutes les annexes sont là.",
        remedy_en: "Check that every annex is there.",
    }
    ACTES_NO_ENVELOPE "actes-no-envelope" Warning {
        fr: "L'archive ne contient pas d'enveloppe.",
        en: "The archive holds no envelope.",
        remedy_fr: "Déposer l'archive telle qu'elle a été transmise.",
        remedy_en: "Deposit the archive as it was transmitted.",
    }
    ACTES_ARCHIVE_NAME "actes-archive-name" Warning {
        fr: "L'archive s'appelle « {0} », son enveloppe « {1} ».",
        en: "The archive is called “{0}”, its envelope “{1}”.",
        remedy_fr: "Vérifier que l'archive porte le nom de son enveloppe.",
        remedy_en: "Check that the archive bears the name of its envelope.",
    }
    ACTES_NOT_READ "actes-not-read" Refusal {
        fr: "Le message ou l'enveloppe est trop long pour être lu, ou vient après {0} octets de XML : il ne se rattacherait à rien.",
        en: "The message or envelope is too long to be read, or comes after {0} bytes of XML: it would be tied to nothing.",
        remedy_fr: "Déposer en plusieurs fois, chaque acte avec ses messages.",
        remedy_en: "Deposit in several times, each act with its messages.",
    }
    ACTES_SEVERAL_ACTS "actes-several-acts" Warning {
        fr: "Le dépôt contient {0} actes ; les faits décrivent le premier.",
        en: "The deposit holds {0} acts; the facts describe the first.",
        remedy_fr: "Préférer un dépôt par acte.",
        remedy_en: "Prefer one deposit for each act.",
    }
    ACTES_AR_OTHER_ACT "actes-ar-other-act" Warning {
        fr: "L'accusé de réception vise {0}, le dépôt contient {1}.",
        en: "The acknowledgement is about {0}, the deposit holds {1}.",
        remedy_fr: "Déposer l'accusé avec l'acte qu'il vise.",
        remedy_en: "Deposit the acknowledgement with the act it is about.",
    }
    ACTES_AR_BY_NUMBER "actes-ar-by-number" Warning {
        fr: "Le message de la préfecture est rattaché à l'acte par SIREN et numéro, faute d'identifiant concordant ({0}).",
        en: "The message of the préfecture is tied to the act by SIREN and number, as no identifier agrees ({0}).",
        remedy_fr: "Vérifier qu'il s'agit bien du même acte.",
        remedy_en: "Check that it is the same act.",
    }
    ACTES_AR_CONTENT_DIFFERS "actes-ar-content-differs" Warning {
        fr: "L'accusé rapporte « {1} » pour {0}, l'acte dit « {2} ».",
        en: "The acknowledgement reports “{1}” for {0}, the act says “{2}”.",
        remedy_fr: "Vérifier que l'acte déposé est celui qui a été transmis.",
        remedy_en: "Check that the act deposited is the one transmitted.",
    }
    ACTES_ACT_ELSEWHERE "actes-act-elsewhere" Info {
        fr: "L'acte visé n'est pas dans ce dépôt.",
        en: "The act it is about is not in this deposit.",
        remedy_fr: "Rien à faire : l'acte et ses messages se retrouvent par leur identifiant.",
        remedy_en: "Nothing to do: the act and its messages meet by their identifier.",
    }
    ACTES_ABOUT_NOTHING "actes-about-nothing" Warning {
        fr: "Ce message ne dit pas de quel acte il parle : ni son nom, ni IDActe, ni ce qu'il répète, ni son enveloppe.",
        en: "This message does not say which act it is about: neither its name, nor IDActe, nor what it repeats, nor its envelope.",
        remedy_fr: "Le redéposer sous le nom qu'il avait dans l'échange, ou dans son enveloppe ; sans quoi il n'est rattaché à rien.",
        remedy_en: "Deposit it again under the name it had in the exchange, or in its envelope; otherwise it is tied to nothing.",
    }
    ACTES_CLASSIFICATION_NOWHERE "actes-classification-nowhere" Warning {
        fr: "Cette classification ne dit pas de quel département elle est, ni par son nom ni par une enveloppe : aucun acte ne lui est confronté.",
        en: "This classification does not say of which department it is, neither by its name nor by an envelope: no act is held against it.",
        remedy_fr: "La redéposer sous le nom qu'elle avait dans l'échange (034-213400000----7-2_1.xml), ou dans son enveloppe.",
        remedy_en: "Deposit it again under the name it had in the exchange (034-213400000----7-2_1.xml), or in its envelope.",
    }
    ACTES_ANOMALY "actes-anomaly" Info {
        fr: "La préfecture signale une anomalie (nature {0}).",
        en: "The préfecture reports an anomaly (nature {0}).",
        remedy_fr: "Lire le détail de l'anomalie et transmettre à nouveau s'il le faut.",
        remedy_en: "Read the detail of the anomaly and transmit again if needed.",
    }
    ACTES_MATTER_UNKNOWN "actes-matter-unknown" Warning {
        fr: "La matière « {0} » n'est pas dans la classification du {1}, en vigueur à la date de l'acte.",
        en: "The matter “{0}” is not in the classification of {1}, in force at the act's date.",
        remedy_fr: "Vérifier la matière de l'acte, ou déposer la classification (7-2) qui manque.",
        remedy_en: "Check the matter of the act, or deposit the classification (7-2) that is missing.",
    }
    ACTES_CLASSIFICATION_OTHER "actes-classification-other" Info {
        fr: "L'acte se dit classé selon la classification du {0} ; celle en vigueur à sa date, connue ici, est du {1}.",
        en: "The act says it follows the classification of {0}; the one in force at its date, known here, is of {1}.",
        remedy_fr: "Rien à faire si la préfecture a reçu l'acte ainsi.",
        remedy_en: "Nothing to do if the préfecture received the act so.",
    }
    ACTES_CLASSIFICATION_LIMIT "actes-classification-limit" Warning {
        fr: "La classification a plus de {0} matières : celles d'après ne sont pas lues.",
        en: "The classification has more than {0} matters: those after are not read.",
        remedy_fr: "Rien à faire : le fichier est conservé entier.",
        remedy_en: "Nothing to do: the file is kept whole.",
    }
    ACTES_NAME_WRITTEN "actes-name-written" Info {
        fr: "Le nom est écrit autrement que la règle ne le veut (minuscules, ou préfixe avant l'enveloppe) ; il est lu « {0} ».",
        en: "The name is written otherwise than the rule has it (lower case, or something before the envelope); it is read “{0}”.",
        remedy_fr: "Rien à faire ; l'éditeur du logiciel émetteur peut corriger.",
        remedy_en: "Nothing to do; the maker of the sending software may fix it.",
    }
    ACTES_CANCELS_NOTHING "actes-cancels-nothing" Warning {
        fr: "Cette annulation ne dit pas de quel acte elle est, ni par IDActe ni par son nom : elle n'est rattachée à aucun.",
        en: "This cancellation does not say which act it is of, neither by IDActe nor by its name: it is tied to none.",
        remedy_fr: "Déposer l'annulation avec l'identifiant de l'acte, tel que la préfecture l'écrit ; d'ici là l'acte n'est pas annulé.",
        remedy_en: "Deposit the cancellation with the identifier of the act, as the préfecture writes it; until then the act is not cancelled.",
    }
    ACTES_TEST_PLATFORM "actes-test-platform" Info {
        fr: "L'enveloppe (TACT) vient de la plateforme de test : l'acte n'a pas été transmis pour de bon.",
        en: "The envelope (TACT) comes from the test platform: the act was not really transmitted.",
        remedy_fr: "Rien à faire s'il s'agit d'un essai ; sinon transmettre l'acte pour de bon : son accusé de réception n'engage rien.",
        remedy_en: "Nothing to do if this is a trial; else transmit the act for real: its acknowledgement counts for nothing.",
    }
}
