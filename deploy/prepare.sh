# Sourced by deploy/quickstart and tests/run: what a build needs, on a Debian with a Rust toolchain.
# Nothing here is specific to a machine; every function can be run again.

# Whoever starts this may have left no HOME; tools look for theirs there.
[ -n "${HOME-}" ] || HOME=$(getent passwd "$(id -u)" 2>/dev/null | cut -d : -f 6) || true
[ -z "${HOME-}" ] || export HOME

# say FRENCH ENGLISH: the one of the reader's locale (POSIX order).
say() {
    case "${LC_ALL:-${LC_MESSAGES:-${LANG:-C}}}" in
    fr*) printf '%s\n' "$1" ;;
    *) printf '%s\n' "$2" ;;
    esac
}

# refuse FRENCH ENGLISH: said on stderr, and the script ends.
refuse() {
    say "$1" "$2" >&2
    exit 1
}

# prepare_packages NAME...: these Debian packages are installed.
prepare_packages() {
    local name missing=()
    command -v dpkg-query >/dev/null || {
        say "Pas de dpkg ici : paquets supposés présents : $*" "No dpkg here: these packages are assumed present: $*" >&2
        return 0
    }
    for name in "$@"; do
        case "$(dpkg-query -W -f '${Status}' "$name" 2>/dev/null || true)" in
        *"ok installed") ;;
        *) missing+=("$name") ;;
        esac
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Installation de : ${missing[*]}" "Installing: ${missing[*]}"
    [ "$(id -u)" = 0 ] || refuse \
        "À lancer d'abord en root : apt-get install ${missing[*]}" \
        "Run as root first: apt-get install ${missing[*]}"
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# prepare_cargo: `cargo` is on the path.
prepare_cargo() {
    command -v cargo >/dev/null || PATH="${CARGO_HOME:-${HOME:-}/.cargo}/bin:$PATH"
    command -v cargo >/dev/null || refuse \
        "Rust 1.95 ou plus récent est nécessaire (https://rustup.rs)." \
        "Rust 1.95 or later is needed (https://rustup.rs)."
    export PATH
}

# prepare_build: whatever a build of the workspace needs, for a script that is run by itself. Whoever called it may have prepared RocksDB
# already: another place would build all that links it again.
prepare_build() {
    prepare_packages build-essential libclang-dev
    prepare_cargo
    [ -n "${ROCKSDB_LIB_DIR-}" ] || prepare_rocksdb
}

# rocksdb_build_key: changes with whatever changes the library: flags, features, compiler, machine.
rocksdb_build_key() {
    {
        cat deploy/rocksdb
        grep CXXFLAGS .cargo/config.toml
        grep '^rocksdb = ' Cargo.toml
        printf '%s\n' "${CXXFLAGS:-}" "${CXX:-c++}"
        "${CXX:-c++}" --version | head -n 1
        rustc -vV | grep '^host:'
    } | sha256sum | cut -c 1-16
}

# prepare_rocksdb: RocksDB's own build, minutes of C++, is done once and kept outside the clone (deploy/rocksdb, or cargo
# where that cannot); without a place to keep it, cargo builds it inside the clone. Run in the root of the clone.
prepare_rocksdb() {
    local version base kept work built
    unset ROCKSDB_LIB_DIR ROCKSDB_STATIC
    version=$(sed -n '/^name = "librocksdb-sys"$/{n;s/^version = "\(.*\)"$/\1/p}' Cargo.lock)
    base=${TABELLION_CACHE:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/tabellion}
    kept="$base/rocksdb-$version-$(rocksdb_build_key)"
    if ! mkdir -p "$kept" 2>/dev/null || [ ! -w "$kept" ]; then
        say "RocksDB est compilé dans le clone : $base ne s'écrit pas." \
            "RocksDB is built inside the clone: $base cannot be written." >&2
        return 0
    fi
    (
        # Two builds started together make one.
        flock 9
        [ ! -s "$kept/librocksdb.a" ] || exit 0
        say "Compilation de RocksDB, une fois pour toutes : cinq minutes sur deux cœurs." \
            "Building RocksDB, once and for all: five minutes on two cores."
        if bash deploy/rocksdb "$kept"; then
            exit 0
        fi
        work="$kept/build"
        cargo build --release --locked -p librocksdb-sys --target-dir "$work"
        built=$(find "$work/release/build" -path '*/out/librocksdb.a' | head -n 1)
        # Whole or not at all: a library half written would be linked.
        cp "$built" "$kept/librocksdb.a.part"
        mv "$kept/librocksdb.a.part" "$kept/librocksdb.a"
        rm -rf "$work"
    ) 9>"$kept/lock"
    export ROCKSDB_LIB_DIR="$kept" ROCKSDB_STATIC=1
}
