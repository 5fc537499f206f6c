//! Codes of essential data of public procurement (DECP). None is a refusal: what does not follow the format is kept, and said.

codes! {
    DECP_MALFORMED "decp-malformed" Warning {
        fr: "Les données essentielles ne sont pas lues, leur JSON n'est pas bien formé : {0}.",
        en: "The essential data are not read, their JSON is not well formed: {0}.",
        remedy_fr: "Produire le fichier à nouveau ; celui-ci est conservé tel quel.",
        remedy_en: "Produce the file again; this one is kept as it is.",
    }
    DECP_NUMBER "decp-number" Warning {
        fr: "Le nombre {0} est trop grand pour être gardé exactement (au plus 2^53 − 1, ou 10^13 avec des décimales).",
        en: "The number {0} is too large to be kept exactly (at most 2^53 − 1, or 10^13 with decimals).",
        remedy_fr: "Corriger le nombre ; un fichier JSON qui en contient un tel est conservé sans être lu.",
        remedy_en: "Fix the number; a JSON file that holds such a one is kept unread.",
    }
    DECP_LIMIT "decp-limit" Warning {
        fr: "Les données essentielles dépassent une limite de lecture ({0}, au plus {1}) : elles sont conservées sans être lues.",
        en: "The essential data exceed a limit of reading ({0}, at most {1}): they are kept unread.",
        remedy_fr: "Déposer des fichiers plus petits, par année ou par profil d'acheteur.",
        remedy_en: "Deposit smaller files, by year or by buyer's profile.",
    }
    DECP_UNSAFE "decp-unsafe" Warning {
        fr: "Les données essentielles ne sont pas lues, leur XML n'est pas sûr à lire ({0}).",
        en: "The essential data are not read, their XML is not safe to read ({0}).",
        remedy_fr: "Produire le fichier à nouveau ; celui-ci est conservé tel quel.",
        remedy_en: "Produce the file again; this one is kept as it is.",
    }
    DECP_CONTRACTS_LIMIT "decp-contracts-limit" Warning {
        fr: "Le fichier décrit plus de {0} contrats : les suivants ne sont pas lus.",
        en: "The file describes more than {0} contracts: those after are not read.",
        remedy_fr: "Déposer des fichiers plus petits, par année ou par profil d'acheteur.",
        remedy_en: "Deposit smaller files, by year or by buyer's profile.",
    }
    DECP_KEYS_LIMIT "decp-keys-limit" Warning {
        fr: "Le fichier décrit {0} contrats : les {1} premiers seulement rejoignent leur histoire.",
        en: "The file describes {0} contracts: only the first {1} join their story.",
        remedy_fr: "Déposer des fichiers plus petits si chaque contrat doit être retrouvé.",
        remedy_en: "Deposit smaller files if every contract is to be found again.",
    }
    DECP_EMPTY "decp-empty" Warning {
        fr: "Le fichier a la forme de données essentielles et ne décrit aucun contrat.",
        en: "The file has the form of essential data and describes no contract.",
        remedy_fr: "Vérifier l'export du profil d'acheteur.",
        remedy_en: "Check the export of the buyer's profile.",
    }
    DECP_FIRST_EDITION "decp-first-edition" Info {
        fr: "Des contrats suivent la première édition du format (1.x), remplacée depuis 2024.",
        en: "Contracts follow the first edition of the format (1.x), replaced since 2024.",
        remedy_fr: "Rien à faire pour des contrats anciens.",
        remedy_en: "Nothing to do for old contracts.",
    }
    DECP_MISSING "decp-missing" Warning {
        fr: "Le contrat ne dit pas « {0} ».",
        en: "The contract does not say “{0}”.",
        remedy_fr: "Compléter le contrat dans le profil d'acheteur.",
        remedy_en: "Complete the contract in the buyer's profile.",
    }
    DECP_FORM "decp-form" Warning {
        fr: "« {0} » n'a pas la forme attendue ({1}).",
        en: "“{0}” has not the form expected ({1}).",
        remedy_fr: "Corriger l'export du profil d'acheteur.",
        remedy_en: "Fix the export of the buyer's profile.",
    }
    DECP_SIRET "decp-siret" Warning {
        fr: "L'acheteur « {0} » n'est pas désigné par un SIRET de quatorze chiffres.",
        en: "The buyer “{0}” is not named by a SIRET of fourteen digits.",
        remedy_fr: "Corriger le SIRET ; sans lui le contrat n'a pas de clé et ne rejoint aucune histoire.",
        remedy_en: "Fix the SIRET; without it the contract has no key and joins no story.",
    }
    DECP_SIRET_KEY "decp-siret-key" Info {
        fr: "La clé de contrôle du SIRET « {0} » n'est pas juste.",
        en: "The check digit of the SIRET “{0}” is not right.",
        remedy_fr: "Vérifier le SIRET de l'acheteur.",
        remedy_en: "Check the SIRET of the buyer.",
    }
    DECP_HOLDER_SIRET "decp-holder-siret" Info {
        fr: "« {0} » est annoncé comme un SIRET et n'en est pas un.",
        en: "“{0}” is said to be a SIRET and is none.",
        remedy_fr: "Corriger l'identifiant de l'opérateur, ou son type.",
        remedy_en: "Fix the identifier of the operator, or its type.",
    }
    DECP_CPV "decp-cpv" Warning {
        fr: "« {0} » n'est pas un code CPV de huit chiffres.",
        en: "“{0}” is not a CPV code of eight digits.",
        remedy_fr: "Corriger le code dans le profil d'acheteur.",
        remedy_en: "Fix the code in the buyer's profile.",
    }
    DECP_DATE "decp-date" Warning {
        fr: "« {0} » vaut « {1} », qui n'est pas un jour écrit AAAA-MM-JJ.",
        en: "“{0}” is “{1}”, which is no day written YYYY-MM-DD.",
        remedy_fr: "Corriger la date dans le profil d'acheteur.",
        remedy_en: "Fix the date in the buyer's profile.",
    }
    DECP_WORD "decp-word" Warning {
        fr: "« {0} » vaut « {1} », qui n'est pas dans la liste : {2}.",
        en: "“{0}” is “{1}”, which is not in the list: {2}.",
        remedy_fr: "Choisir une valeur de la liste, à la lettre.",
        remedy_en: "Choose a value of the list, to the letter.",
    }
    DECP_AMOUNT "decp-amount" Warning {
        fr: "« {0} » vaut {1}, hors de ce que le format admet ({2}).",
        en: "“{0}” is {1}, outside what the format allows ({2}).",
        remedy_fr: "Corriger la valeur dans le profil d'acheteur.",
        remedy_en: "Fix the value in the buyer's profile.",
    }
    DECP_ID "decp-id" Warning {
        fr: "L'identifiant « {0} » n'a pas la longueur admise ({1} caractères).",
        en: "The identifier “{0}” has not the length allowed ({1} characters).",
        remedy_fr: "Corriger l'identifiant dans le profil d'acheteur.",
        remedy_en: "Fix the identifier in the buyer's profile.",
    }
    DECP_TOO_LONG "decp-too-long" Warning {
        fr: "« {0} » a {1} caractères, plus que les {2} du format.",
        en: "“{0}” has {1} characters, more than the {2} of the format.",
        remedy_fr: "Abréger le texte dans le profil d'acheteur.",
        remedy_en: "Shorten the text in the buyer's profile.",
    }
    DECP_LIST_EMPTY "decp-list-empty" Warning {
        fr: "La liste « {0} » est vide.",
        en: "The list “{0}” is empty.",
        remedy_fr: "Compléter la liste, ou l'omettre si elle est facultative.",
        remedy_en: "Complete the list, or leave it out where it is optional.",
    }
    DECP_REPEATED "decp-repeated" Warning {
        fr: "« {0} » dit deux fois la même chose.",
        en: "“{0}” says the same thing twice.",
        remedy_fr: "Retirer ce qui est répété.",
        remedy_en: "Take out what is repeated.",
    }
    DECP_UNKNOWN "decp-unknown" Warning {
        fr: "« {0} » n'est pas un champ du format.",
        en: "“{0}” is no field of the format.",
        remedy_fr: "Retirer ce champ, ou corriger son nom.",
        remedy_en: "Take this field out, or fix its name.",
    }
    DECP_TWICE "decp-twice" Warning {
        fr: "Le contrat « {0} » est décrit deux fois dans le fichier.",
        en: "The contract “{0}” is described twice in the file.",
        remedy_fr: "N'en garder qu'une description.",
        remedy_en: "Keep one description alone.",
    }
    DECP_MODIFICATION_TWICE "decp-modification-twice" Warning {
        fr: "Deux modifications du contrat portent le numéro {0}.",
        en: "Two modifications of the contract bear the number {0}.",
        remedy_fr: "Donner à chaque modification son numéro ; en l'état le contrat n'est pas exporté.",
        remedy_en: "Give each modification its own number; as it is the contract is not exported.",
    }
    DECP_MODIFICATIONS "decp-modifications" Info {
        fr: "Les numéros des modifications ne se suivent pas en ordre croissant.",
        en: "The numbers of the modifications do not follow in increasing order.",
        remedy_fr: "Rien à faire si c'est l'ordre du fichier seul : l'export les remet dans l'ordre des numéros.",
        remedy_en: "Nothing to do where that is the order of the file alone: an export puts them in the order of numbers.",
    }
    DECP_ORIGINS "decp-origins" Warning {
        fr: "La part des produits français ({0}) dépasse celle de l'Union européenne ({1}).",
        en: "The share of French products ({0}) exceeds that of the European Union ({1}).",
        remedy_fr: "Corriger l'une des deux parts.",
        remedy_en: "Fix one of the two shares.",
    }
}
