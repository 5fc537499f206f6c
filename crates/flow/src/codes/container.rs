//! Codes of containers (tar, gzip, bzip2, zip).

codes! {
    CONTAINER_DAMAGED "container-damaged" Unreadable {
        fr: "L'archive est abîmée : {0}. Pièce : {1} ; octet : {2} (détail technique : {3}).",
        en: "The archive is damaged: {0}. Member: {1}; byte: {2} (technical detail: {3}).",
        remedy_fr: "Refaire l'archive, vérifier qu'elle s'ouvre, et l'envoyer à nouveau.",
        remedy_en: "Build the archive again, see that it opens, and send it again.",
    }
    CONTAINER_NAMELESS "container-nameless" Info {
        fr: "Le nom de ce qui est compressé ne se tire pas de celui du fichier : la pièce est appelée « {0} ».",
        en: "The name of what is packed cannot be taken from that of the file: the member is called “{0}”.",
        remedy_fr: "Rien à faire ; préférer « nom.xml.gz ».",
        remedy_en: "Nothing to do; prefer “name.xml.gz”.",
    }
    CONTAINER_INSIDE "container-inside" Warning {
        fr: "L'archive contient celle d'une enveloppe ACTES (« {0} »), qui n'est pas ouverte : rien de ce qu'elle contient n'est lu, ni rattaché à un acte.",
        en: "The archive holds that of an ACTES envelope (“{0}”), which is not opened: nothing in it is read, nor tied to an act.",
        remedy_fr: "Déposer aussi cette archive-là, seule, telle qu'elle a été transmise.",
        remedy_en: "Deposit that archive too, by itself, as it was transmitted.",
    }
    CONTAINER_NO_END "container-no-end" Warning {
        fr: "L'archive n'a pas de bloc de fin : il n'est pas sûr qu'elle soit complète.",
        en: "The archive has no end block: it may not be complete.",
        remedy_fr: "Vérifier que toutes les pièces sont là.",
        remedy_en: "Check that every member is there.",
    }
    CONTAINER_TRAILING "container-trailing" Refusal {
        fr: "Des données suivent la fin de l'archive : deux lecteurs y liraient deux contenus.",
        en: "Data follow the end of the archive: two readers would read two contents.",
        remedy_fr: "Refaire l'archive d'un seul tenant.",
        remedy_en: "Build the archive again in one piece.",
    }
    CONTAINER_TOO_MANY_MEMBERS "container-too-many-members" Refusal {
        fr: "L'archive contient plus de {0} pièces.",
        en: "The archive holds more than {0} members.",
        remedy_fr: "Répartir les pièces en plusieurs archives.",
        remedy_en: "Split the members over several archives.",
    }
    CONTAINER_TOO_LARGE "container-too-large" Refusal {
        fr: "L'archive dépasse {0} octets une fois décompressée.",
        en: "The archive exceeds {0} bytes once inflated.",
        remedy_fr: "Répartir les pièces en plusieurs archives.",
        remedy_en: "Split the members over several archives.",
    }
    CONTAINER_BOMB "container-bomb" Refusal {
        fr: "L'archive gonfle de plus de {0} fois à la décompression.",
        en: "The archive inflates more than {0} times.",
        remedy_fr: "Vérifier l'origine de l'archive ; la refaire sans la compresser davantage.",
        remedy_en: "Check where the archive comes from; build it again with less compression.",
    }
    MEMBER_EXTENSION "member-extension" Refusal {
        fr: "Une extension de l'archive change ce que dit l'en-tête d'une pièce : {0}.",
        en: "An extension of the archive changes what a member's header says: {0}.",
        remedy_fr: "Refaire l'archive au format ustar ou pax ordinaire.",
        remedy_en: "Build the archive again in plain ustar or pax format.",
    }
    MEMBER_NOT_A_FILE "member-not-a-file" Refusal {
        fr: "Une pièce de l'archive n'est pas un fichier ordinaire (type {0}).",
        en: "A member of the archive is not an ordinary file (type {0}).",
        remedy_fr: "Refaire l'archive avec des fichiers seulement, sans lien ni périphérique.",
        remedy_en: "Build the archive again with files only, without links or devices.",
    }
    MEMBER_NAME_UNSAFE "member-name-unsafe" Refusal {
        fr: "Le nom d'une pièce de l'archive n'est pas sûr : {0}.",
        en: "The name of a member of the archive is not safe: {0}.",
        remedy_fr: "Renommer la pièce, avec un nom simple et relatif.",
        remedy_en: "Rename the member, with a plain relative name.",
    }
    MEMBER_NAME_LIMIT "member-name-limit" Refusal {
        fr: "Le nom d'une pièce dépasse une limite : {0}, au plus {1}.",
        en: "The name of a member exceeds a limit: {0}, at most {1}.",
        remedy_fr: "Donner à la pièce un nom plus court.",
        remedy_en: "Give the member a shorter name.",
    }
    MEMBER_TWICE "member-twice" Refusal {
        fr: "Deux pièces de l'archive portent le même nom.",
        en: "Two members of the archive have the same name.",
        remedy_fr: "Refaire l'archive avec des noms distincts.",
        remedy_en: "Build the archive again with distinct names.",
    }
    MEMBER_CLASH "member-clash" Refusal {
        fr: "Deux pièces de l'archive ont des noms qui se confondent (« {0} ») : mêmes lettres accentuées écrites autrement, ou un fichier et un dossier.",
        en: "Two members of the archive have names that cannot be told apart (“{0}”): accents written otherwise, or a file and a directory.",
        remedy_fr: "Refaire l'archive avec des noms distincts.",
        remedy_en: "Build the archive again with distinct names.",
    }
    MEMBER_ENCRYPTED "member-encrypted" Refusal {
        fr: "Une pièce de l'archive est chiffrée.",
        en: "A member of the archive is encrypted.",
        remedy_fr: "Refaire l'archive sans mot de passe.",
        remedy_en: "Build the archive again without a password.",
    }
    MEMBER_METHOD "member-method" Refusal {
        fr: "Une pièce de l'archive est compressée d'une façon qui n'est pas lue (méthode {0}).",
        en: "A member of the archive is compressed in a way that is not read (method {0}).",
        remedy_fr: "Refaire l'archive zip ordinaire (deflate), ou en tar.gz.",
        remedy_en: "Build the archive again as a plain zip (deflate), or as tar.gz.",
    }
    MEMBER_IN_DIRECTORY "member-in-directory" Warning {
        fr: "La pièce est rangée dans un dossier, alors qu'une archive ACTES est à plat.",
        en: "The member is inside a directory, while an ACTES archive is flat.",
        remedy_fr: "Rien à faire ; l'éditeur du logiciel émetteur peut corriger.",
        remedy_en: "Nothing to do; the maker of the sending software may fix it.",
    }
}
