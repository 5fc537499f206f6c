
# Ce dossier a été renouvelé (RFC 4998 §5.2) : des jetons plus récents couvrent le premier, l'un après l'autre. Chacun est vérifié
# à l'heure du suivant, le dernier à l'instant présent, ou à celui du second argument (en secondes depuis 1970) :
#   sh META-INF/tabellion/recipe.sh AC-horodatage.pem [1893456000]
# Le fichier d'autorités contient les certificats de toutes, les uns après les autres. Ce que cette recette ne peut pas faire à la main :
# dire si un certificat était révoqué, et si la forme des preuves (RFC 4998, en DER) dit à d'autres programmes ce qui est écrit ici.
# This pack was renewed (RFC 4998 §5.2): newer tokens cover the first, one after the other. Each is verified at the time of the next, the last one
# now, or at the moment of the second argument (seconds since 1970). The file of authorities holds the certificates of all of them, one
# after the other. What cannot be done by hand here: telling whether a certificate was revoked, and whether the form of the records
# (RFC 4998, in DER) says to other programs what is written here.
instant=${2-}
preuves=META-INF/tabellion/checkpoint.ers
lieux=
empreintes=
numero=0
chaine=0

morceau() { # fichier, décalage, longueur / file, offset, length
    [ -f "$1" ] || refuser "il manque $1" "$1 is missing"
    tail -c "+$(($2 + 1))" "$1" | head -c "$3"
}

lire() { # les octets du jeton de ce numéro / the bytes of the token of this number
    if [ "$1" -eq 0 ]; then
        cat "$jeton"
    else
        # shellcheck disable=SC2086
        lieu=$(printf '%s\n' $lieux | sed -n "${1}p")
        morceau "$preuves" "${lieu%:*}" "${lieu#*:}"
    fi
}

hacher() { # sha256 ou sha512 de l'entrée / of the input
    case $1 in
        sha512) sha512sum ;;
        *) sha256sum ;;
    esac | cut -d ' ' -f 1
}

assembler() { # un condensé seul est lui-même ; plusieurs, triés puis hachés / one is itself; more, sorted, then hashed
    algo=$1
    shift
    if [ $# -eq 1 ]; then
        printf '%s\n' "$1"
    else
        octets "$(printf '%s\n' "$@" | sort | tr -d '\n')" | hacher "$algo"
    fi
}

gravir() { # d'un nœud à la racine / from a node to the root
    algo=$1
    h=$2
    shift 2
    for voisin; do h=$(assembler "$algo" "$h" "$voisin"); done
    printf '%s\n' "$h"
}

horodate() { # un jeton couvre tous ceux de sa chaîne / a token covers all those of its chain
    algo=$1
    lieux="$lieux $2:$3"
    shift 3
    liste=
    for n in $chaine; do liste="$liste $(lire "$n" | hacher "$algo")"; done
    # shellcheck disable=SC2086
    empreintes="$empreintes $(gravir "$algo" "$(assembler "$algo" $liste)" "$@")"
    numero=$((numero + 1))
    chaine="$chaine $numero"
}

rehache() { # un jeton couvre tout, haché à nouveau / a token covers everything, hashed again
    nouvel=$1
    lieux="$lieux $2:$3"
    numero=$((numero + 1))
    chaine=$numero
    attendue=
}

regroupe() { # deux membres (=CONDENSÉ s'il n'est pas montré), et ce que leur preuve portait avant / two members, and what their record bore before
    nom=$1
    a=$(hacher "$nouvel" <"$1")
    case $2 in
        =*) b=${2#=} ;;
        *) b=$(hacher "$nouvel" <"$2") ;;
    esac
    avant=$( (octets "$4"; morceau "$3" "$5" "$6") | hacher "$nouvel")
    shift 6
    a=$(octets "$a$avant" | hacher "$nouvel")
    b=$(octets "$b$avant" | hacher "$nouvel")
    h=$(gravir "$nouvel" "$(assembler "$nouvel" "$a" "$b")" "$@")
    if [ -z "$attendue" ]; then
        attendue=$h
        empreintes="$empreintes $h"
    fi
    [ "$h" = "$attendue" ] || refuser "le nouveau chemin de « $nom » mène ailleurs" "the new path of \"$nom\" leads elsewhere"
}

porte() { # cette preuve porte les mêmes jetons / this record bears the same tokens
    nom=$1
    shift
    n=0
    while [ $# -gt 1 ]; do
        [ "$(morceau "$nom" "$1" "$2" | sha256sum)" = "$(lire "$n" | sha256sum)" ] ||
            refuser "« $nom » porte un autre jeton" "\"$nom\" bears another token"
        n=$((n + 1))
        shift 2
    done
}

moment() { # l'heure que dit ce jeton, en secondes depuis 1970 / the time this token says, in seconds since 1970
    lire "$1" | openssl ts -reply -token_in -in /dev/stdin -text 2>/dev/null | awk '/^Time stamp: / {
        m = (index("JanFebMarAprMayJunJulAugSepOctNovDec", $3) + 2) / 3
        y = $6
        if (m < 3) { m += 12; y -= 1 }
        split($5, t, ":")
        d = 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + $4 - 719469
        printf "%.0f\n", d * 86400 + t[1] * 3600 + t[2] * 60 + int(t[3])
    }'
}

conclure_renouvele() { # chaque jeton porte sur sa racine, à l'heure du suivant / each token is over its root, at the time of the next
    printf 'racine du lot / root of the batch: %s\n' "$empreinte"
    if [ -z "$autorite" ]; then
        printf 'Condensés concordants ; jetons non vérifiés, faute de certificat.\nDigests agree; tokens not checked, no CA given.\n'
        exit 3
    fi
    n=0
    for attendue in $empreinte $empreintes; do
        fin=$instant
        if [ "$n" -lt "$numero" ]; then
            fin=$(moment $((n + 1)))
            [ "$fin" -ge "$(moment "$n")" ] ||
                refuser "un renouvellement est antérieur à ce qu'il couvre" "a renewal is older than what it covers"
        fi
        lire "$n" | openssl ts -verify -digest "$attendue" -token_in -in /dev/stdin -CAfile "$autorite" ${fin:+-attime "$fin"} ||
            refuser "le jeton n° $n ne porte pas sur sa racine, ou vient d'une autre autorité, ou son certificat avait pris fin" \
                "token no. $n is not over its root, or is another authority's, or its certificate had ended"
        n=$((n + 1))
    done
    printf 'Tout concorde : %s jetons (ceci n'\''est pas une preuve).\nEverything agrees: %s tokens (this is not evidence).\n' "$n" "$n"
}

