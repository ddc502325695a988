# Shell functions of installer/run, tests/run and .ci/run: packages, builds. Source it; $root is the checkout.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

# package_set SET...: the packages of these sets, one a line.
package_set() {
    awk -v sets=" $* " '!/^#/ && NF >= 2 && index(sets, " " $1 " ") { print $2 }' "$root/installer/packages.txt"
}

# missing_packages PACKAGE...: those that are not installed.
missing_packages() {
    dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
        awk -v all="$*" '$2 == "installed" { have[$1] = 1 }
            END { n = split(all, name, " "); for (i = 1; i <= n; ++i) if (!(name[i] in have)) print name[i] }'
}

# How root is reached: nothing when we are root, sudo when there is one; fails when neither.
root_command() {
    if [ "$(id -u)" = 0 ]; then return 0; fi
    command -v sudo >/dev/null || return 1
    # Without a terminal nobody could type a password: then only a sudo that asks for none will do.
    if sudo -n true 2>/dev/null; then echo "sudo -n"; elif [ -t 0 ]; then echo sudo; else return 1; fi
}

# ensure_packages SET...: installs what is missing through apt. On failure names the packages and the command to run.
ensure_packages() {
    local wanted missing as_root log size
    wanted=$(package_set "$@" | tr '\n' ' ')
    if ! command -v dpkg-query >/dev/null; then
        say "This is not a Debian system; the build needs what these packages hold: $wanted"
        return 0
    fi
    # shellcheck disable=SC2086
    missing=$(missing_packages $wanted | tr '\n' ' ')
    [ -n "${missing// /}" ] || return 0
    say "Packages to install: $missing"
    say "Disk: up to 700 MB of packages, 300 MB for the build. Time: 1 to 3 minutes to install, 5 to 8 to build on two cores."
    local by_hand="apt-get update && apt-get install --no-install-recommends -y $missing"
    if ! as_root=$(root_command); then
        say "faultline: cannot install packages: this user is not root and sudo is not at hand"
        say "Missing: $missing"
        say "Run by hand as root, then start again: $by_hand"
        return 3
    fi
    log=$(mktemp)
    local apt="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0"
    # shellcheck disable=SC2086
    if ! $apt update >"$log" 2>&1; then say "note: apt-get update failed; going on with the lists that are here"; fi
    # shellcheck disable=SC2086
    size=$($apt install --no-install-recommends --assume-no $missing 2>/dev/null | grep -E '^(Need to get|After this operation)' || true)
    [ -z "$size" ] || say "$size"
    # shellcheck disable=SC2086
    if ! $apt install --no-install-recommends -y -o Dpkg::Options::=--force-confold $missing >>"$log" 2>&1 </dev/null; then
        # One package that cannot be had stops the whole command: try the others, so that only it is named.
        local package
        for package in $missing; do
            $apt install --no-install-recommends -y "$package" >>"$log" 2>&1 </dev/null || true
        done
    fi
    # shellcheck disable=SC2086
    missing=$(missing_packages $wanted | tr '\n' ' ')
    if [ -n "${missing// /}" ]; then
        say "faultline: apt could not install: $missing"
        grep -E '^(E|Err|W):' "$log" | sort -u | tail -n 5 | sed 's/^/  /' >&2
        say "Whole log: $log"
        say "Run by hand${as_root:+ as root}, then start again: apt-get update && apt-get install --no-install-recommends -y $missing"
        return 3
    fi
    rm -f "$log"
}

# Jobs that fit: one a core, and 1.5 GB of memory each.
build_jobs() {
    local cores memory
    cores=$(nproc)
    memory=$(awk '/MemAvailable/ { print int($2 / 1500000) }' /proc/meminfo)
    [ "${memory:-1}" -ge 1 ] || memory=1
    echo $((cores < memory ? cores : memory))
}

# build_preset PRESET [TARGET...]: configures when needed and builds. Quiet when there is nothing to do.
# Prints the build folder; progress goes to stderr.
build_preset() {
    local preset=$1 folder log
    shift
    folder=${FAULTLINE_BUILD_DIR:-$root/build}/$preset
    mkdir -p "$folder" 2>/dev/null || folder=${XDG_CACHE_HOME:-$HOME/.cache}/faultline/build/$preset
    mkdir -p "$folder"
    log=$folder/build.log
    # A folder that was configured for another checkout cannot be used again.
    if [ -e "$folder/CMakeCache.txt" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
        rm -rf "${folder:?}"/*
    fi
    if [ ! -e "$folder/build.ninja" ]; then
        say "Configuring ($preset) in $folder"
        if ! (cd "$root" && cmake --preset "$preset" -B "$folder") >"$log" 2>&1; then
            say "faultline: configuring failed; the end of $log:"
            tail -n 25 "$log" >&2
            return 3
        fi
    fi
    local targets=()
    [ $# = 0 ] || targets=(--target "$@")
    # On a terminal ninja shows one line that counts; elsewhere only a failure is worth reading.
    if [ -t 2 ]; then
        NINJA_STATUS='[%f/%t, %es] ' cmake --build "$folder" -j "$(build_jobs)" "${targets[@]}" >&2 || return 3
    elif ! cmake --build "$folder" -j "$(build_jobs)" "${targets[@]}" >"$log" 2>&1; then
        say "faultline: the build failed; the end of $log:"
        grep -nE 'error|FAILED' "$log" | head -n 20 >&2
        tail -n 25 "$log" >&2
        return 3
    fi
    printf '%s\n' "$folder"
}
