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
    ACTES_FORMAT "actes-format" Warning {
        fr: "La pièce est d'un format ({0}) qu'ACTES ne prévoit pas : PDF, PNG, JPEG ou XML.",
        en: "The piece is of a format ({0}) that ACTES does not provide for: PDF, PNG, JPEG or XML.",
        remedy_fr: "Pour la transmission, convertir la pièce en PDF ; ici, elle est conservée telle quelle.",
        remedy_en: "For transmission, convert the piece to PDF; here it is kept as it is.",
    }
}
