# Shell functions of tests/bench/run and tests/bench/gz: the program, the peers, a place to work. Source it; $root is
# the checkout.
# shellcheck shell=bash
. "$root/installer/common.sh"

# The folder that holds what benchmarks make: lines, stores, peers. Never inside the checkout.
bench_folder() {
    local folder=${FAULTLINE_BENCH_DIR:-${TMPDIR:-/tmp}/faultline-bench}
    mkdir -p "$folder"
    (cd "$folder" && pwd)
}

# The release program: FAULTLINE_BIN, or a build of the release preset.
bench_program() {
    if [ -n "${FAULTLINE_BIN:-}" ]; then
        printf '%s\n' "$FAULTLINE_BIN"
        return
    fi
    ensure_packages build run || return $?
    local folder
    folder=$(build_preset release) || return $?
    printf '%s\n' "$folder/app/faultline"
}

# install_quietly PACKAGE PROGRAM: through apt when it is missing; says so and fails when it cannot be had.
install_quietly() {
    command -v "$2" >/dev/null && return 0
    local as_root
    if as_root=$(root_command) &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$1" >/dev/null 2>&1 </dev/null; then
        return 0
    fi
    say "note: $1 cannot be installed here; its column stays empty (by hand: apt-get install $1)"
    return 1
}

# install_duckdb FOLDER: the npm package below FOLDER/node_modules, once.
install_duckdb() {
    [ -d "$1/node_modules/@duckdb/node-api" ] && return 0
    command -v npm >/dev/null || { say "note: npm is missing; DuckDB's column stays empty"; return 1; }
    mkdir -p "$1"
    if ! npm install --prefix "$1" --no-audit --no-fund --no-save '@duckdb/node-api@^1.5.0-r.0' >"$1/npm.log" 2>&1; then
        say "note: npm could not install @duckdb/node-api (see $1/npm.log); DuckDB's column stays empty"
        return 1
    fi
}
