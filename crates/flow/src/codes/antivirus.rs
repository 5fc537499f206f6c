//! Codes of what an antivirus says of a deposit. Asked before anything of it is read.

codes! {
    INFECTED "infected" Refusal {
        fr: "L'antivirus reconnaît « {0} » dans le fichier ({1}).",
        en: "The antivirus recognises “{0}” in the file ({1}).",
        remedy_fr: "Nettoyer le poste ou le logiciel d'où vient le fichier, puis déposer un fichier sain ; si c'est une erreur de l'antivirus, prévenir l'exploitant.",
        remedy_en: "Clean the computer or the program that the file comes from, then deposit a sound one; if the antivirus is wrong, tell the operator.",
    }
    INFECTED_KEPT "infected-kept" Warning {
        fr: "L'antivirus reconnaît « {0} » dans le fichier ({1}) ; il est conservé, l'exploitant l'ayant choisi.",
        en: "The antivirus recognises “{0}” in the file ({1}); it is kept, as the operator chose.",
        remedy_fr: "N'ouvrir ce fichier que sur un poste isolé.",
        remedy_en: "Open this file on an isolated computer only.",
    }
    ANTIVIRUS_UNAVAILABLE "antivirus-unavailable" Warning {
        fr: "L'antivirus n'a pas répondu ({0}) : tout ou partie du dépôt n'a pas été examiné, l'exploitant ayant choisi de l'accepter.",
        en: "The antivirus did not answer ({0}): all or part of the deposit was not looked at, and the operator chose to accept it.",
        remedy_fr: "Examiner les fichiers avec un antivirus avant de les ouvrir.",
        remedy_en: "Have the files looked at by an antivirus before they are opened.",
    }
    ANTIVIRUS_NOT_SCANNED "antivirus-not-scanned" Warning {
        fr: "Le fichier fait {0} octets, plus que l'antivirus n'en examine ({1}) : il ne l'a pas été.",
        en: "The file has {0} bytes, more than the antivirus looks at ({1}): it was not looked at.",
        remedy_fr: "L'examiner avec un antivirus avant de l'ouvrir ; l'exploitant peut relever la limite (antivirus.stream_bytes, et StreamMaxLength de clamd).",
        remedy_en: "Have it looked at by an antivirus before it is opened; the operator may raise the limit (antivirus.stream_bytes, and clamd's StreamMaxLength).",
    }
    ANTIVIRUS_TOO_LARGE "antivirus-too-large" Refusal {
        fr: "Le fichier fait {0} octets, plus que l'antivirus n'en examine ({1}), et l'exploitant n'accepte rien qui ne l'ait été.",
        en: "The file has {0} bytes, more than the antivirus looks at ({1}), and the operator accepts nothing that was not looked at.",
        remedy_fr: "Demander à l'exploitant de relever la limite (antivirus.stream_bytes, et StreamMaxLength de clamd).",
        remedy_en: "Ask the operator to raise the limit (antivirus.stream_bytes, and clamd's StreamMaxLength).",
    }
}
