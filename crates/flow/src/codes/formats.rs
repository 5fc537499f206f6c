//! Codes of formats: bytes held against what announces them. None is a refusal: what was transmitted is kept as it is.

codes! {
    FORMAT_MISMATCH "format-mismatch" Warning {
        fr: "Les octets du fichier sont d'un autre format ({0}) que celui qui est annoncé ({1}).",
        en: "The bytes of the file are of another format ({0}) than the one that is announced ({1}).",
        remedy_fr: "Vérifier que le bon fichier a été envoyé ; à l'avenir, le nommer et le déclarer d'après son format.",
        remedy_en: "Check that the right file was sent; from now on, name and declare it by its format.",
    }
    FORMAT_UNLIKE "format-unlike" Warning {
        fr: "Les octets du fichier n'ont pas la marque du format annoncé ({0}).",
        en: "The bytes of the file bear no mark of the format that is announced ({0}).",
        remedy_fr: "Ouvrir le fichier pour vérifier qu'il n'est ni abîmé ni chiffré ; sinon, corriger son nom.",
        remedy_en: "Open the file to check that it is neither damaged nor encrypted; else correct its name.",
    }
    FORMAT_SEVERAL "format-several" Warning {
        fr: "Les octets du fichier se lisent de deux façons : {0}, et aussi {1}.",
        en: "The bytes of the file can be read in two ways: as {0}, and as {1} too.",
        remedy_fr: "Se méfier : deux logiciels y verront deux documents. Redemander le fichier à qui l'a produit.",
        remedy_en: "Beware: two programs will see two documents in it. Ask its maker for the file again.",
    }
    PDF_LATE "pdf-header-late" Warning {
        fr: "L'en-tête du PDF n'est pas au premier octet : {0} octets le précèdent.",
        en: "The header of the PDF is not at the first byte: {0} bytes stand before it.",
        remedy_fr: "Ouvrir le fichier pour vérifier qu'il se lit ; le produire à nouveau si quelque chose y fut ajouté.",
        remedy_en: "Open the file to check that it can be read; produce it again if something was put before it.",
    }
    PDF_ACTIVE "pdf-active-content" Warning {
        fr: "Le PDF contient de quoi agir à l'ouverture ou à la lecture : {0}.",
        en: "The PDF holds what may act when it is opened or read: {0}.",
        remedy_fr: "L'ouvrir dans un lecteur qui n'exécute rien ; pour un acte, le produire à nouveau sans contenu actif (PDF/A).",
        remedy_en: "Open it in a reader that runs nothing; for an act, produce it again without active content (PDF/A).",
    }
    PDF_EMBEDDED "pdf-embedded-files" Info {
        fr: "Le PDF porte des fichiers joints, qui ne sont pas examinés ici.",
        en: "The PDF carries attached files, which are not looked at here.",
        remedy_fr: "Rien à faire si c'est voulu (facture électronique) ; sinon, déposer les pièces à part.",
        remedy_en: "Nothing to do if meant so (an electronic invoice); else deposit the documents apart.",
    }
    PDF_REVISIONS "pdf-revisions" Info {
        fr: "Le PDF porte {0} marques de fin : il a été enregistré en plusieurs fois.",
        en: "The PDF bears {0} end marks: it was saved in several goes.",
        remedy_fr: "Normal d'un PDF signé ou complété ; sinon, comparer ce qui s'affiche avec la première version.",
        remedy_en: "Expected of a PDF that was signed or filled in; else compare what is shown with the first version.",
    }
    TRANSFER_DAMAGED "transfer-damaged" Warning {
        fr: "Le fichier ressemble à un transfert abîmé ({0}) : il est conservé tel quel, comme un fichier quelconque, et rien n'en a été lu.",
        en: "The file looks like a damaged transfer ({0}): it is kept as it is, like any file, and nothing of it was read.",
        remedy_fr: "Redemander l'envoi d'origine et le déposer en disant ce qu'il est (actes, seda) : un envoi abîmé est alors refusé.",
        remedy_en: "Ask for the original again and deposit it saying what it is (actes, seda): a damaged one is then refused.",
    }
    ACTES_FORMAT "actes-format" Warning {
        fr: "La pièce est d'un format ({0}) qu'ACTES ne prévoit pas : PDF, PNG, JPEG ou XML.",
        en: "The piece is of a format ({0}) that ACTES does not provide for: PDF, PNG, JPEG or XML.",
        remedy_fr: "Pour la transmission, convertir la pièce en PDF ; ici, elle est conservée telle quelle.",
        remedy_en: "For transmission, convert the piece to PDF; here it is kept as it is.",
    }
}
