//! Codes of a deposit as a whole, of files, of XML and of the JSON description.

codes! {
    NOTHING_DEPOSITED "nothing-deposited" Refusal {
        fr: "Le dépôt ne contient aucun fichier.",
        en: "The deposit holds no file.",
        remedy_fr: "Joindre au moins un fichier.",
        remedy_en: "Send at least one file.",
    }
    TOO_MANY_FILES "too-many-files" Refusal {
        fr: "Le dépôt contient {0} fichiers, plus que la limite de {1}.",
        en: "The deposit holds {0} files, more than the limit of {1}.",
        remedy_fr: "Répartir les fichiers en plusieurs dépôts.",
        remedy_en: "Split the files over several deposits.",
    }
    TOO_MANY_MESSAGES "too-many-messages" Refusal {
        fr: "Le dépôt contient {0} messages ou flux : plus qu'une entrée n'en retient (au plus {1}, {2} identifiants, et {3} octets de ce qu'ils disent).",
        en: "The deposit holds {0} messages or flows: more than one entry keeps (at most {1}, {2} identifiers, and {3} bytes of what they say).",
        remedy_fr: "Déposer en plusieurs fois, chaque acte ou flux avec ce qui s'y rapporte.",
        remedy_en: "Deposit in several times, each act or flow with what is about it.",
    }
    UNREADABLE "unreadable" Unreadable {
        fr: "Le fichier n'a pas pu être lu : {0}.",
        en: "The file could not be read: {0}.",
        remedy_fr: "Envoyer le fichier à nouveau ; si cela persiste, prévenir l'exploitant.",
        remedy_en: "Send the file again; if it persists, tell the operator.",
    }
    MEMBERS_NOT_KEPT "members-not-kept" Unreadable {
        fr: "Les pièces de l'archive n'ont pas pu être mises de côté : {0}.",
        en: "The members of the archive could not be set aside: {0}.",
        remedy_fr: "Recommencer le dépôt ; si cela persiste, prévenir l'exploitant.",
        remedy_en: "Deposit again; if it persists, tell the operator.",
    }
    KIND_UNKNOWN "kind-unknown" Refusal {
        fr: "Le type de flux « {0} » est inconnu.",
        en: "The kind of flow “{0}” is unknown.",
        remedy_fr: "Indiquer auto, actes, pes, marches, seda, teleservice, dossier ou file.",
        remedy_en: "Say auto, actes, pes, marches, seda, teleservice, dossier or file.",
    }
    NOT_ACTES "not-actes" Refusal {
        fr: "Le dépôt est déclaré ACTES, mais aucun message ni enveloppe ACTES ne s'y trouve.",
        en: "The deposit is declared ACTES, but holds no ACTES message or envelope.",
        remedy_fr: "Joindre le message XML ou l'archive de l'enveloppe, ou déposer comme « file ».",
        remedy_en: "Add the XML message or the envelope archive, or deposit as “file”.",
    }
    FILE_NAME_TOO_LONG "file-name-too-long" Refusal {
        fr: "Le nom de fichier fait {0} octets, plus que la limite de {1}.",
        en: "The file name has {0} bytes, more than the limit of {1}.",
        remedy_fr: "Donner au fichier un nom plus court.",
        remedy_en: "Give the file a shorter name.",
    }
    FILE_NAME_UNUSUAL "file-name-unusual" Warning {
        fr: "Le nom de fichier est conservé tel quel mais n'est pas un simple nom : {0}.",
        en: "The file name is kept as it is but is not a plain name: {0}.",
        remedy_fr: "Rien à faire ; préférer un nom sans chemin ni caractère invisible.",
        remedy_en: "Nothing to do; prefer a name without path or invisible character.",
    }
    FILE_NAME_TWICE "file-name-twice" Warning {
        fr: "Deux fichiers du dépôt portent le même nom.",
        en: "Two files of the deposit have the same name.",
        remedy_fr: "Vérifier qu'il ne s'agit pas d'un envoi en double.",
        remedy_en: "Check that the file was not sent twice.",
    }
    FILE_EMPTY "file-empty" Warning {
        fr: "Le fichier est vide.",
        en: "The file is empty.",
        remedy_fr: "Vérifier que le bon fichier a été envoyé.",
        remedy_en: "Check that the right file was sent.",
    }
    DESCRIPTION_TOO_LARGE "description-too-large" Refusal {
        fr: "La description fait {0} octets, plus que la limite de {1}.",
        en: "The description has {0} bytes, more than the limit of {1}.",
        remedy_fr: "Raccourcir la description, ou la joindre comme fichier.",
        remedy_en: "Shorten the description, or send it as a file.",
    }
    DESCRIPTION_TOO_DEEP "description-too-deep" Refusal {
        fr: "La description JSON est imbriquée au-delà de {0} niveaux.",
        en: "The JSON description is nested beyond {0} levels.",
        remedy_fr: "Aplatir la description.",
        remedy_en: "Flatten the description.",
    }
    DESCRIPTION_MALFORMED "description-malformed" Refusal {
        fr: "La description n'est pas du JSON bien formé : {0}.",
        en: "The description is not well-formed JSON: {0}.",
        remedy_fr: "Envoyer un objet JSON (RFC 8259) en UTF-8, sans marque d'ordre des octets.",
        remedy_en: "Send a JSON object (RFC 8259) in UTF-8, without a byte order mark.",
    }
    DESCRIPTION_NOT_OBJECT "description-not-object" Refusal {
        fr: "La description JSON n'est pas un objet.",
        en: "The JSON description is not an object.",
        remedy_fr: "Envoyer un objet JSON, entre accolades.",
        remedy_en: "Send a JSON object, between braces.",
    }
    DESCRIPTION_DUPLICATE_KEY "description-duplicate-key" Refusal {
        fr: "La clé « {0} » figure deux fois dans le même objet de la description.",
        en: "The key “{0}” occurs twice in the same object of the description.",
        remedy_fr: "Garder une seule des deux valeurs.",
        remedy_en: "Keep only one of the two values.",
    }
    DESCRIPTION_NOT_CANONICAL "description-not-canonical" Refusal {
        fr: "Le nombre {0} de la description n'a pas d'écriture canonique : seuls les entiers jusqu'à 2^53-1 en ont une.",
        en: "The number {0} of the description has no canonical form: only integers up to 2^53-1 have one.",
        remedy_fr: "Écrire ce nombre entre guillemets.",
        remedy_en: "Write this number between quotes.",
    }
    DESCRIPTION_ABSENT "description-absent" Info {
        fr: "Les fichiers sont déposés sans description.",
        en: "The files come without a description.",
        remedy_fr: "Joindre une description JSON si le contenu doit pouvoir être retrouvé.",
        remedy_en: "Add a JSON description if the content is to be found again.",
    }
    FACT_TRUNCATED "fact-truncated" Warning {
        fr: "« {0} » dépasse {1} octets : les faits n'en gardent que le début, le fichier garde tout.",
        en: "“{0}” is longer than {1} bytes: the facts keep its beginning, the file keeps everything.",
        remedy_fr: "Rien à faire.",
        remedy_en: "Nothing to do.",
    }
    FACT_LIST_CUT "fact-list-cut" Info {
        fr: "La liste « {0} » des faits en montre {1} sur {2} ; les nombres comptent tout, le fichier garde tout.",
        en: "The list “{0}” of the facts shows {1} of {2}; the numbers count everything, the file keeps everything.",
        remedy_fr: "Rien à faire ; le reste se lit dans le fichier.",
        remedy_en: "Nothing to do; the rest is read in the file.",
    }
    FLOW_NOT_READ "flow-not-read" Warning {
        fr: "Ce fichier est un flux {0}, le dépôt est lu comme {1} : il est conservé, mais rien n'en est lu.",
        en: "This file is a {0} flow, the deposit is read as {1}: it is kept, but nothing of it is read.",
        remedy_fr: "Le déposer à part pour qu'il soit lu et retrouvé.",
        remedy_en: "Deposit it apart to have it read and found.",
    }
    FINDINGS_TRUNCATED "findings-truncated" Warning {
        fr: "{0} autres constats « {1} » ne sont pas détaillés.",
        en: "{0} more findings “{1}” are not listed.",
        remedy_fr: "Corriger d'abord ceux qui le sont, puis contrôler à nouveau.",
        remedy_en: "Fix those listed first, then check again.",
    }
    XML_DOCTYPE "xml-doctype" Refusal {
        fr: "Le document XML contient une déclaration DOCTYPE.",
        en: "The XML document holds a DOCTYPE declaration.",
        remedy_fr: "Produire le document sans DOCTYPE ; une pièce quelconque se dépose comme « file ».",
        remedy_en: "Produce the document without DOCTYPE; deposit an ordinary file as “file”.",
    }
    XML_MALFORMED "xml-malformed" Refusal {
        fr: "Le document XML n'est pas bien formé : {0}. Ligne : {2} (détail technique : {1}).",
        en: "The XML document is not well formed: {0}. Line: {2} (technical detail: {1}).",
        remedy_fr: "Corriger le document, ou déposer une pièce quelconque comme « file ».",
        remedy_en: "Fix the document, or deposit an ordinary file as “file”.",
    }
    XML_LIMIT "xml-limit" Refusal {
        fr: "Le document XML dépasse une limite : {0}, au plus {1}.",
        en: "The XML document exceeds a limit: {0}, at most {1}.",
        remedy_fr: "Vérifier l'origine du document ; une pièce quelconque se dépose comme « file ».",
        remedy_en: "Check where the document comes from; deposit an ordinary file as “file”.",
    }
    XML_NOT_READ "xml-not-read" Warning {
        fr: "Le document XML fait {0} octets : un document est lu jusqu'à {1} octets, et ceux d'un dépôt jusqu'à {2} en tout ; il est conservé sans être lu.",
        en: "The XML document has {0} bytes: a document is read up to {1} bytes, and those of a deposit up to {2} in all; it is kept without being read.",
        remedy_fr: "Rien à faire si ce n'est pas un message ACTES.",
        remedy_en: "Nothing to do unless it is an ACTES message.",
    }
    XML_PROLOG "xml-prolog-long" Warning {
        fr: "Plus de {0} octets (commentaires, instructions) précèdent l'élément racine : à son début, il n'est pas possible de dire ce qu'est ce fichier, et il n'est pas lu.",
        en: "More than {0} bytes (comments, instructions) come before the root element: what this file is cannot be told by its beginning, and it is not read.",
        remedy_fr: "Si c'est un message ACTES ou un PES, le déposer sans ces commentaires.",
        remedy_en: "If it is an ACTES message or a PES, deposit it without these comments.",
    }
    XML_SPLIT_TEXT "xml-split-text" Refusal {
        fr: "Le texte de l'élément « {0} » est coupé par un commentaire ou une instruction : deux lecteurs y liraient deux valeurs.",
        en: "The text of element “{0}” is cut by a comment or an instruction: two readers would read two values.",
        remedy_fr: "Produire le document sans commentaire dans les valeurs.",
        remedy_en: "Produce the document without comments inside values.",
    }
    XML_DUPLICATE_ID "xml-duplicate-id" Refusal {
        fr: "L'identifiant XML « {0} » est porté par deux éléments.",
        en: "The XML identifier “{0}” is carried by two elements.",
        remedy_fr: "Donner à chaque élément son propre identifiant.",
        remedy_en: "Give each element its own identifier.",
    }
    ENCODING_UNKNOWN "encoding-unknown" Warning {
        fr: "L'encodage annoncé « {0} » est inconnu ; le document, entièrement ASCII, a été lu comme tel.",
        en: "The declared encoding “{0}” is unknown; the document, ASCII throughout, was read as such.",
        remedy_fr: "Annoncer ISO-8859-1 ou UTF-8.",
        remedy_en: "Declare ISO-8859-1 or UTF-8.",
    }
    ENCODING_REFUSED "encoding-refused" Refusal {
        fr: "L'encodage « {0} » n'est pas de ceux qui sont lus (ISO-8859-1, UTF-8 et leurs voisins).",
        en: "The encoding “{0}” is not one of those that are read (ISO-8859-1, UTF-8 and their neighbours).",
        remedy_fr: "Produire le document en ISO-8859-1 ou en UTF-8.",
        remedy_en: "Produce the document in ISO-8859-1 or UTF-8.",
    }
    ENCODING_MISMATCH "encoding-mismatch" Refusal {
        fr: "Le document se dit en {0} mais ses octets ne le sont pas.",
        en: "The document says it is in {0} but its bytes are not.",
        remedy_fr: "Annoncer l'encodage réellement employé.",
        remedy_en: "Declare the encoding that is really used.",
    }
    ENCODING_WINDOWS_1252 "encoding-windows-1252" Warning {
        fr: "Le document se dit en {0} mais emploie des caractères de Windows-1252 ; il a été lu ainsi.",
        en: "The document says it is in {0} but uses characters of Windows-1252; it was read that way.",
        remedy_fr: "Rien à faire ; l'éditeur du logiciel émetteur peut corriger.",
        remedy_en: "Nothing to do; the maker of the sending software may fix it.",
    }
    ENCODING_SUSPECT "encoding-suspect" Warning {
        fr: "Le document se dit en {0} mais ressemble à de l'UTF-8 ; il a été lu comme annoncé.",
        en: "The document says it is in {0} but looks like UTF-8; it was read as declared.",
        remedy_fr: "Vérifier les accents dans ce qui a été lu.",
        remedy_en: "Check the accents in what was read.",
    }
    ENCODING_BOM "encoding-bom" Warning {
        fr: "Le document se dit en {0} mais commence par la marque de l'UTF-8 ; il a été lu en UTF-8.",
        en: "The document says it is in {0} but begins with the mark of UTF-8; it was read as UTF-8.",
        remedy_fr: "Annoncer UTF-8, ou retirer la marque.",
        remedy_en: "Declare UTF-8, or remove the mark.",
    }
}
