//! Codes of the manifests of `teleservice`, `dossier` and `marches`. What the manifest must say and does not is a refusal: nothing else tells what the
//! deposit is.

codes! {
    MANIFEST_ABSENT "manifest-absent" Refusal {
        fr: "Un dépôt « {0} » doit être décrit par son manifeste JSON.",
        en: "A deposit of kind “{0}” must be described by its JSON manifest.",
        remedy_fr: "Joindre la description prévue par docs/formats/manifests.md, ou déposer comme « file ».",
        remedy_en: "Add the description that docs/formats/manifests.md has, or deposit as “file”.",
    }
    MANIFEST_VERSION "manifest-version" Refusal {
        fr: "La version du manifeste n'est pas connue ({0} vaut 1).",
        en: "The version of the manifest is not known ({0} is 1).",
        remedy_fr: "Employer la version 1 du manifeste.",
        remedy_en: "Use version 1 of the manifest.",
    }
    MANIFEST_MISSING "manifest-missing" Refusal {
        fr: "Le manifeste ne dit pas « {0} ».",
        en: "The manifest does not say “{0}”.",
        remedy_fr: "Compléter le manifeste.",
        remedy_en: "Complete the manifest.",
    }
    MANIFEST_FIELD "manifest-field" Refusal {
        fr: "Le champ « {0} » du manifeste n'a pas la forme attendue.",
        en: "The field “{0}” of the manifest does not have the shape it must have.",
        remedy_fr: "Corriger le champ selon docs/formats/manifests.md.",
        remedy_en: "Fix the field after docs/formats/manifests.md.",
    }
    MANIFEST_WORD "manifest-word" Refusal {
        fr: "« {1} » n'est pas une valeur de « {0} » ; les valeurs sont : {2}.",
        en: "“{1}” is no value of “{0}”; the values are: {2}.",
        remedy_fr: "Employer l'une de ces valeurs.",
        remedy_en: "Use one of these values.",
    }
    MANIFEST_DATE "manifest-date" Refusal {
        fr: "« {0} » n'est pas une date AAAA-MM-JJ.",
        en: "“{0}” is not a YYYY-MM-DD date.",
        remedy_fr: "Corriger la date du manifeste.",
        remedy_en: "Fix the date in the manifest.",
    }
    MANIFEST_FILE_ABSENT "manifest-file-absent" Warning {
        fr: "Le manifeste nomme « {0} », qui n'est pas dans le dépôt.",
        en: "The manifest names “{0}”, which is not in the deposit.",
        remedy_fr: "Déposer toutes les pièces, sous les noms du manifeste.",
        remedy_en: "Deposit all the pieces, under the names of the manifest.",
    }
    MANIFEST_FILE_NOT_LISTED "manifest-file-not-listed" Warning {
        fr: "Le manifeste ne nomme pas « {0} ».",
        en: "The manifest does not name “{0}”.",
        remedy_fr: "Vérifier que la pièce appartient au dépôt ; elle est conservée.",
        remedy_en: "Check that the piece belongs to the deposit; it is kept.",
    }
    MANIFEST_FILE_TWICE "manifest-file-twice" Warning {
        fr: "Le manifeste nomme « {0} » plus de fois que le dépôt n'a de fichiers de ce nom.",
        en: "The manifest names “{0}” more often than the deposit has files of that name.",
        remedy_fr: "Ne nommer chaque pièce qu'une fois, ou corriger le nom de l'autre.",
        remedy_en: "Name each piece once, or fix the name of the other.",
    }
    MANIFEST_UNKNOWN "manifest-unknown" Info {
        fr: "Le manifeste a un champ « {0} » que la version 1 ne connaît pas : conservé, ni lu ni cherchable.",
        en: "The manifest has a field “{0}” that version 1 does not know: kept, neither read nor searched.",
        remedy_fr: "Rien à faire ; n'y mettre de données personnelles que si elles sont nécessaires.",
        remedy_en: "Nothing to do; put personal data there only where it is needed.",
    }
    MANIFEST_NOT_READ "manifest-not-read" Warning {
        fr: "La description est un manifeste « {0} », et le dépôt n'est pas déclaré ainsi : elle est conservée, et n'est pas lue comme un manifeste.",
        en: "The description is a manifest of kind “{0}”, and the deposit is not declared so: it is kept, and not read as a manifest.",
        remedy_fr: "Déposer en disant ce que c'est : --kind {0} (kind={0}) ; sans cela, ni étape, ni publication n'en est tirée.",
        remedy_en: "Deposit it saying what it is: --kind {0} (kind={0}); without that no step and no publication is drawn from it.",
    }
    PUBLICATION_NO_PLACE "publication-no-place" Warning {
        fr: "Le manifeste ne dit pas où l'acte a été publié ou notifié.",
        en: "The manifest does not say where the act was published or notified.",
        remedy_fr: "Déposer de nouveau avec « lieu » ; sans cela l'acte n'est pas dit exécutoire.",
        remedy_en: "Deposit again with “lieu”; without it the act is not said to be executory.",
    }
    PUBLICATION_NO_PROOF "publication-no-proof" Warning {
        fr: "Aucun fichier du dépôt n'est désigné comme « preuve » de la publication ou de la notification, ou il est vide.",
        en: "No file of the deposit is named as “preuve” of the publication or notification, or it is empty.",
        remedy_fr: "Déposer de nouveau avec la preuve, son rôle étant « preuve » ; sans cela l'acte n'est pas dit exécutoire.",
        remedy_en: "Deposit again with the proof, its role being “preuve”; without it the act is not said to be executory.",
    }
    PUBLICATION_BEFORE_ACT "publication-before-act" Warning {
        fr: "La publication ou la notification est datée du {0}, avant l'acte ({1}).",
        en: "The publication or notification is dated {0}, before the act ({1}).",
        remedy_fr: "Vérifier la date et l'identifiant de l'acte ; en l'état elle ne compte pas.",
        remedy_en: "Check the date and the identifier of the act; as it is it does not count.",
    }
    PUBLICATION_AFTER_DEPOSIT "publication-after-deposit" Warning {
        fr: "La publication ou la notification est datée du {0}, après son dépôt ({1}).",
        en: "The publication or notification is dated {0}, after its deposit ({1}).",
        remedy_fr: "La déposer une fois qu'elle a eu lieu, ou corriger la date ; en l'état elle ne compte pas.",
        remedy_en: "Deposit it once it took place, or fix the date; as it is it does not count.",
    }
}
