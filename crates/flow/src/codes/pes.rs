//! Codes of PES V2 flows. None is a refusal but those of a deposit declared PES that holds none, or that holds too many.

codes! {
    NOT_PES "not-pes" Refusal {
        fr: "Le dépôt est déclaré PES, mais aucun PES_Aller, PES_ACQUIT ni PES_Retour ne s'y trouve.",
        en: "The deposit is declared PES, but holds no PES_Aller, PES_ACQUIT or PES_Retour.",
        remedy_fr: "Joindre le fichier XML du flux, ou déposer comme « file ».",
        remedy_en: "Add the XML file of the flow, or deposit as “file”.",
    }
    PES_TOO_LARGE "pes-too-large" Refusal {
        fr: "Le PES a {0} octets : un flux est lu jusqu'à {1} octets, et ceux d'un dépôt jusqu'à {2} en tout.",
        en: "The PES has {0} bytes: a flow is read up to {1} bytes, and those of a deposit up to {2} in all.",
        remedy_fr: "Partager le flux en plusieurs, ou déposer comme « file » : il est alors conservé sans être lu.",
        remedy_en: "Split the flow, or deposit as “file”: it is then kept unread.",
    }
    PES_NOT_READ "pes-not-read" Warning {
        fr: "Le PES a {0} octets : un flux est lu jusqu'à {1} octets, et ceux d'un dépôt jusqu'à {2} en tout ; il est conservé sans être lu ni rattaché.",
        en: "The PES has {0} bytes: a flow is read up to {1} bytes, and those of a deposit up to {2} in all; it is kept, neither read nor tied.",
        remedy_fr: "Le déposer à part, ou partager le flux s'il dépasse à lui seul la première limite.",
        remedy_en: "Deposit it apart, or split the flow if it exceeds the first limit by itself.",
    }
    PES_NAMESPACE "pes-namespace" Warning {
        fr: "L'espace de noms « {0} » n'est pas celui du PES V2.",
        en: "The namespace “{0}” is not that of PES V2.",
        remedy_fr: "Vérifier la version du schéma ; le flux a été lu malgré tout.",
        remedy_en: "Check the version of the schema; the flow was read anyway.",
    }
    PES_MISSING "pes-missing" Warning {
        fr: "Le flux ne dit pas « {0} ».",
        en: "The flow does not say “{0}”.",
        remedy_fr: "Compléter le flux dans le logiciel émetteur.",
        remedy_en: "Complete the flow in the sending software.",
    }
    PES_SIRET_MALFORMED "pes-siret-malformed" Warning {
        fr: "IdColl « {0} » n'est pas un SIRET de quatorze chiffres.",
        en: "IdColl “{0}” is not a SIRET of fourteen digits.",
        remedy_fr: "Corriger le SIRET dans le logiciel émetteur.",
        remedy_en: "Fix the SIRET in the sending software.",
    }
    PES_NAME_DIFFERS "pes-name-differs" Info {
        fr: "Le flux s'appelle « {0} » (NomFic), le fichier « {1} » : le rattachement suit NomFic.",
        en: "The flow is called “{0}” (NomFic), the file “{1}”: NomFic decides what it is tied to.",
        remedy_fr: "Rien à faire.",
        remedy_en: "Nothing to do.",
    }
    PES_PIECE_COUNT "pes-piece-count" Warning {
        fr: "Le nombre de pièces annoncé par le bordereau (NbrPce) est {0}, et il en contient {1}.",
        en: "The number of pieces that the bordereau announces (NbrPce) is {0}, and it holds {1}.",
        remedy_fr: "Vérifier le flux dans le logiciel émetteur : des pièces ont pu être retirées.",
        remedy_en: "Check the flow in the sending software: pieces may have been taken out.",
    }
    PES_AMOUNT_MALFORMED "pes-amount-malformed" Warning {
        fr: "« {0} » ({1}) n'est pas un montant à deux décimales.",
        en: "“{0}” ({1}) is not an amount with two decimals.",
        remedy_fr: "Corriger le montant dans le logiciel émetteur.",
        remedy_en: "Fix the amount in the sending software.",
    }
    PES_AMOUNT_DIFFERS "pes-amount-differs" Info {
        fr: "Le bordereau annonce {0} hors taxes, ses lignes font {1}.",
        en: "The bordereau states {0} before tax, its lines add up to {1}.",
        remedy_fr: "Rien à faire si le bordereau n'est pas repris en entier dans ce flux.",
        remedy_en: "Nothing to do if this flow does not carry the whole bordereau.",
    }
    PES_SEVERAL "pes-several" Info {
        fr: "Le dépôt contient {0} PES_Aller : les faits décrivent le premier, et les autres sous « messages ».",
        en: "The deposit holds {0} PES_Aller: the facts describe the first, and the others under “messages”.",
        remedy_fr: "Rien à faire ; un PES_Aller par dépôt se retrouve plus simplement.",
        remedy_en: "Nothing to do; one PES_Aller a deposit is found more easily.",
    }
    PES_TOO_MANY "pes-too-many" Refusal {
        fr: "Le dépôt contient {0} flux PES, plus que la limite de {1}.",
        en: "The deposit holds {0} PES flows, more than the limit of {1}.",
        remedy_fr: "Répartir les flux en plusieurs dépôts, chacun avec son acquittement.",
        remedy_en: "Split the flows over several deposits, each with its acknowledgement.",
    }
    PES_NAME_TWICE "pes-name-twice" Warning {
        fr: "Un autre PES_Aller du dépôt porte déjà le nom « {0} » (NomFic) : un acquittement ne dit pas lequel il concerne.",
        en: "Another PES_Aller of the deposit already bears the name “{0}” (NomFic): an acknowledgement does not say which one it is about.",
        remedy_fr: "Vérifier lequel a été transmis, et déposer l'autre à part.",
        remedy_en: "Check which one was sent, and deposit the other apart.",
    }
    PES_SENT_ELSEWHERE "pes-sent-elsewhere" Info {
        fr: "L'acquittement est seul : il rejoint son PES_Aller par NomFic.",
        en: "The acknowledgement is alone: it joins its PES_Aller by NomFic.",
        remedy_fr: "Rien à faire, quel que soit l'ordre des dépôts.",
        remedy_en: "Nothing to do, whatever the order of the deposits.",
    }
    PES_ACK_OTHER_FILE "pes-ack-other-file" Warning {
        fr: "L'acquittement porte sur « {0} », le dépôt contient « {1} ».",
        en: "The acknowledgement is about “{0}”, the deposit holds “{1}”.",
        remedy_fr: "Vérifier que l'acquittement est bien celui de ce flux.",
        remedy_en: "Check that the acknowledgement is that of this flow.",
    }
    PES_ACK_OTHER_SIRET "pes-ack-other-siret" Warning {
        fr: "L'acquittement porte le nom (NomFic) de ce flux, mais pas son SIRET (IdColl) : {0} et non {1} ; il ne lui est pas rattaché.",
        en: "The acknowledgement bears the name (NomFic) of this flow, but not its SIRET (IdColl): {0} and not {1}; it is not tied to it.",
        remedy_fr: "Vérifier que l'acquittement est bien celui de ce flux ; il est conservé.",
        remedy_en: "Check that the acknowledgement is that of this flow; it is kept.",
    }
    PES_ACK_UNSURE "pes-ack-unsure" Warning {
        fr: "L'acquittement porte sur « {0} », nom de {1} PES_Aller du dépôt : il n'est rattaché à aucun.",
        en: "The acknowledgement is about “{0}”, the name of {1} PES_Aller of the deposit: it is tied to none.",
        remedy_fr: "Vérifier lequel a été transmis, et déposer l'autre à part, sous un autre nom (NomFic).",
        remedy_en: "Check which one was sent, and deposit the other apart, under another name (NomFic).",
    }
    PES_ACK_PARTIAL "pes-ack-partial" Warning {
        fr: "Bordereaux que rien n'acquitte, ou pas en entier : {0} sur {1} ({2}).",
        en: "Bordereaux that nothing acknowledges, or not as a whole: {0} of {1} ({2}).",
        remedy_fr: "Déposer l'acquittement du reste quand il arrive ; d'ici là, rien ne dit que ces bordereaux sont acceptés.",
        remedy_en: "Deposit the acknowledgement of the rest when it comes; until then nothing says that these bordereaux are accepted.",
    }
    PES_ACK_UNKNOWN "pes-ack-unknown-bordereau" Warning {
        fr: "L'acquittement dit {1} ce que le flux ne contient pas, ou pas sous ce seul nom : {0}.",
        en: "The acknowledgement says {1} what the flow does not hold, or not under that name alone: {0}.",
        remedy_fr: "Vérifier que l'acquittement est bien celui de ce flux, et que celui-ci est complet.",
        remedy_en: "Check that the acknowledgement is that of this flow, and that the flow is complete.",
    }
    PES_ACK_NOT_COMPARED "pes-ack-not-compared" Warning {
        fr: "Le flux ou son acquittement compte plus de {0} bordereaux ou pièces à rapprocher : l'état de l'ensemble n'est pas dit.",
        en: "The flow or its acknowledgement has more than {0} bordereaux or pieces to hold against each other: the state of the whole is not told.",
        remedy_fr: "Lire l'acquittement, qui est conservé tel quel.",
        remedy_en: "Read the acknowledgement, which is kept as it is.",
    }
    PES_REFUSED "pes-refused" Info {
        fr: "Éléments que le comptable public a rejetés : {0} sur {1}.",
        en: "Elements that the Treasury refused: {0} of {1}.",
        remedy_fr: "Voir les erreurs de l'acquittement, corriger et envoyer à nouveau ce qui a été rejeté.",
        remedy_en: "See the errors of the acknowledgement, fix and send again what was refused.",
    }
    PES_ACK_STATE "pes-ack-state" Warning {
        fr: "Éléments de l'acquittement qui ne disent pas s'ils sont acceptés (EtatAck) : {0}.",
        en: "Elements of the acknowledgement that do not say whether they are accepted (EtatAck): {0}.",
        remedy_fr: "Demander un nouvel acquittement : l'état de l'ensemble n'est pas connu.",
        remedy_en: "Ask for another acknowledgement: the state of the whole is not known.",
    }
    PES_ACK_ERRORS "pes-ack-accepted-with-errors" Warning {
        fr: "Éléments de l'acquittement dits acceptés (EtatAck), et qui donnent pourtant des erreurs : {0}.",
        en: "Elements of the acknowledgement said to be accepted (EtatAck), and that give errors all the same: {0}.",
        remedy_fr: "Lire ces erreurs, et demander au comptable si l'élément est pris en charge.",
        remedy_en: "Read these errors, and ask the accountant whether the element was taken.",
    }
    PES_RETURNS_TOO_MANY "pes-returns-too-many" Warning {
        fr: "L'acquittement est rattaché à {0} des {1} retours qu'il nomme : la limite est de {2} pour un dépôt.",
        en: "The acknowledgement is tied to {0} of the {1} returns that it names: the limit is {2} for a deposit.",
        remedy_fr: "Déposer les acquittements de retours séparément ; le fichier est conservé entier.",
        remedy_en: "Deposit acknowledgements of returns apart; the file is kept whole.",
    }
    PES_ATTACHMENT_ELSEWHERE "pes-attachment-elsewhere" Info {
        fr: "Une pièce renvoie à la pièce jointe « {0} », qui n'est pas dans ce dépôt.",
        en: "A piece names the attached document “{0}”, which is not in this deposit.",
        remedy_fr: "Rien à faire si un autre dépôt l'apporte.",
        remedy_en: "Nothing to do if another deposit brings it.",
    }
    PES_ATTACHMENT_TWICE "pes-attachment-twice" Warning {
        fr: "Deux pièces jointes portent l'identifiant « {0} ».",
        en: "Two attached documents bear the identifier “{0}”.",
        remedy_fr: "Corriger l'identifiant (IdUnique) dans le logiciel émetteur.",
        remedy_en: "Fix the identifier (IdUnique) in the sending software.",
    }
    PES_ATTACHMENT_EMPTY "pes-attachment-empty" Warning {
        fr: "La pièce jointe « {0} » est vide.",
        en: "The attached document “{0}” is empty.",
        remedy_fr: "Envoyer la pièce à nouveau.",
        remedy_en: "Send the document again.",
    }
    PES_ATTACHMENT_NOT_BASE64 "pes-attachment-not-base64" Warning {
        fr: "La pièce jointe « {0} » n'est pas en base64 : elle ne peut pas être ouverte.",
        en: "The attached document “{0}” is not in base64: it cannot be opened.",
        remedy_fr: "Envoyer la pièce à nouveau ; le flux est conservé tel quel.",
        remedy_en: "Send the document again; the flow is kept as it is.",
    }
    PES_ATTACHMENT_NOT_GZIP "pes-attachment-not-gzip" Warning {
        fr: "La pièce jointe « {0} » n'est pas compressée en gzip.",
        en: "The attached document “{0}” is not compressed with gzip.",
        remedy_fr: "Corriger l'export du logiciel émetteur : gzip, puis base64.",
        remedy_en: "Fix the export of the sending software: gzip, then base64.",
    }
    PES_ATTACHMENT_DAMAGED "pes-attachment-damaged" Warning {
        fr: "La pièce jointe « {0} » ne se décompresse pas : {1}.",
        en: "The attached document “{0}” does not inflate: {1}.",
        remedy_fr: "Envoyer la pièce à nouveau ; le flux est conservé tel quel.",
        remedy_en: "Send the document again; the flow is kept as it is.",
    }
    PES_ATTACHMENT_FOLLOWED "pes-attachment-followed" Warning {
        fr: "La pièce jointe « {0} » est suivie d'autres octets après la fin de sa compression : ils n'ont pas été lus.",
        en: "The attached document “{0}” is followed by other bytes past the end of its gzip: they were not read.",
        remedy_fr: "Vérifier la pièce dans le logiciel émetteur : d'autres lecteurs peuvent y voir un autre document.",
        remedy_en: "Check the document in the sending software: other readers may see another document there.",
    }
    PES_ATTACHMENT_TOO_LARGE "pes-attachment-too-large" Warning {
        fr: "La pièce jointe « {0} » gonfle au-delà de {1} octets : elle n'a pas été lue jusqu'au bout.",
        en: "The attached document “{0}” inflates beyond {1} bytes: it was not read to its end.",
        remedy_fr: "Vérifier la pièce avant de l'ouvrir ; le flux est conservé tel quel.",
        remedy_en: "Check the document before opening it; the flow is kept as it is.",
    }
    PES_ATTACHMENT_TYPE "pes-attachment-type" Warning {
        fr: "La pièce jointe « {0} » s'annonce {1} et commence comme {2}.",
        en: "The attached document “{0}” says it is {1} and begins like {2}.",
        remedy_fr: "Vérifier la pièce dans le logiciel émetteur.",
        remedy_en: "Check the document in the sending software.",
    }
}
