#!/bin/sh
# Recette : recalculer ce dossier avec sha256sum, awk et openssl seulement. CECI N'EST PAS UNE PREUVE : qui a pu modifier le
# dossier a pu modifier cette recette. Elle ne vérifie ni la signature ni l'arbre du journal ; tabellion-verify le fait.
#   mkdir dossier && cd dossier && unzip ../pack.asice && sh META-INF/tabellion/recipe.sh AC-horodatage.pem
# Recipe: compute this pack again with sha256sum, awk and openssl alone. THIS IS NOT EVIDENCE: whoever could alter the pack
# could alter this recipe. It checks neither the signature nor the tree of the log; tabellion-verify does.
# Sans certificat d'autorité, le jeton n'est pas vérifié, et la sortie est 3. / Without a CA, the token is not checked: exit 3.
set -eu
LC_ALL=C
export LC_ALL
autorite=${1-}
jeton=META-INF/tabellion/token.tst
empreinte=
feuilles=

refuser() { # arrêter au premier écart / stop at the first difference
    printf 'REFUS : %s\nREFUSED: %s\n' "$1" "$2" >&2
    exit 1
}

condense() { # SHA-256 d'un fichier / of a file
    [ -f "$1" ] || refuser "il manque $1" "$1 is missing"
    sha256sum <"$1" | cut -d ' ' -f 1
}

octets() { # hexadécimal vers octets / hexadecimal to bytes
    printf "$(printf '%s' "$1" | awk '{
        for (i = 1; i < length($0); i += 2)
            printf "\\%03o", (index("0123456789abcdef", substr($0, i, 1)) - 1) * 16 \
                + index("0123456789abcdef", substr($0, i + 1, 1)) - 1
    }')"
}

noeud() { # RFC 4998 : les deux condensés triés, puis hachés / both hashes sorted, then hashed
    octets "$(printf '%s\n%s\n' "$1" "$2" | sort | tr -d '\n')" | sha256sum | cut -d ' ' -f 1
}

monter() { # d'un groupe de deux à la racine du lot / from a group of two to the root of the batch
    h=$(noeud "$1" "$2")
    shift 2
    for voisin; do h=$(noeud "$h" "$voisin"); done
    if [ -z "$empreinte" ]; then empreinte=$h; fi
    [ "$h" = "$empreinte" ] || refuser "le chemin de « $nom » mène ailleurs" "the path of \"$nom\" leads elsewhere"
}

groupe() { # deux membres et leur chemin / two members and their path
    nom=$1
    a=$(condense "$1")
    b=$(condense "$2")
    printf '%s  %s\n%s  %s\n' "$a" "$1" "$b" "$2"
    shift 2
    monter "$a" "$b" "$@"
}

lie() { # la tête du journal et un condensé non montré / the head of the log, and a hash not shown
    nom=$1
    a=$(condense "$1")
    printf '%s  %s\n' "$a" "$1"
    shift
    monter "$a" "$@"
}

designe() { # le second membre nomme le condensé du premier / the second member names the digest of the first
    grep -q "\"$3\":\"$(condense "$1")\"" "$2" || refuser "$2 ne désigne pas $1" "$2 does not name $1"
}

feuille() { # RFC 9162 : feuille 00, nœud 01 / leaf 00, node 01
    feuilles="$feuilles $( (printf '\000'; cat "$1") | sha256sum | cut -d ' ' -f 1)"
}

feuille_seule() { # d'un fichier que ce dossier ne montre pas / of a file that this pack does not show
    [ -f "$1" ] || refuser "il manque $1" "$1 is missing"
    [ "$(wc -c <"$1")" -eq 96 ] || refuser "$1 n'est pas une feuille" "$1 is no leaf"
    feuilles="$feuilles $(head -c 32 "$1" | od -An -v -tx1 | tr -d ' \n')"
}

racine_des_fichiers() { # l'entrée désigne tous ses fichiers / the entry names all its files
    # shellcheck disable=SC2086
    set -- $feuilles
    while [ $# -gt 1 ]; do
        niveau=
        while [ $# -gt 1 ]; do
            niveau="$niveau $( (printf '\001'; octets "$1$2") | sha256sum | cut -d ' ' -f 1)"
            shift 2
        done
        # shellcheck disable=SC2086
        set -- $niveau "$@"
    done
    racine=${1-$(printf '' | sha256sum | cut -d ' ' -f 1)}
    grep -q "\"files_sha256\":\"$racine\"" unit/E.json || refuser "l'entrée a d'autres fichiers" "the entry has other files"
}

conclure() { # le jeton porte sur la racine du lot / the token is over the root of the batch
    printf 'racine du lot / root of the batch: %s\n' "$empreinte"
    if [ -z "$autorite" ]; then
        printf 'Condensés concordants ; jeton non vérifié, faute de certificat.\nDigests agree; token not checked, no CA given.\n'
        exit 3
    fi
    openssl ts -verify -digest "$empreinte" -token_in -in "$jeton" -CAfile "$autorite" ||
        refuser "le jeton ne porte pas sur ce lot, ou vient d'une autre autorité, ou son certificat n'est pas en vigueur aujourd'hui" \
            "the token is not over this batch, or is another authority's, or its certificate is not in force today"
    printf 'Tout concorde (ceci n'\''est pas une preuve).\nEverything agrees (this is not evidence).\n'
}

