#!/bin/sh
# Installs wxbot, or a newer wxbot over an older one. Twice is as good as once.
#
#   ./install.sh                                        what is unpacked beside this file
#   ./install.sh --archive wxbot-0.1.0-….tar.gz         an archive, its .sha256 beside it
#   WXBOT_BASE_URL=https://… ./install.sh               an archive and its .sha256 from there
#   ./install.sh --uninstall
#
# --prefix DIR   default: /usr/local
# --systemd      also the unit, and /etc/wxbot for its configuration
# --version V    of the archive that is downloaded
# --sha256 HASH  what the archive must have, whatever its .sha256 says
#
# DESTDIR is put in front of everything, for packages. Nothing is installed unless the checksum is right and
# the program runs here; a configuration that is there is never touched.
set -eu
umask 022

version=0.1.0
prefix=/usr/local
destdir=${DESTDIR:-}
base_url=${WXBOT_BASE_URL:-}
archive='' sha256='' systemd='' uninstall='' scratch=''

fail() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}

say() {
    printf '%s\n' "$*"
}

has() {
    command -v "$1" >/dev/null 2>&1
}

usage() {
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
}

arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
        --systemd) systemd=yes ;;
        --uninstall) uninstall=yes ;;
        -h | --help) usage && exit 0 ;;
        --prefix | --archive | --version | --sha256)
            [ $# -gt 1 ] || fail "$1 needs a value"
            case $1 in
            --prefix) prefix=${2%/} ;;
            --archive) archive=$2 ;;
            --version) version=$2 ;;
            --sha256) sha256=$2 ;;
            esac
            shift
            ;;
        *) fail "what is $1? --help says what there is" ;;
        esac
        shift
    done
    case $prefix in
    /*) ;;
    *) fail "--prefix takes an absolute path" ;;
    esac
}

target() {
    case $(uname -s)-$(uname -m) in
    Linux-x86_64 | Linux-amd64) echo x86_64-unknown-linux-gnu ;;
    Linux-aarch64 | Linux-arm64) echo aarch64-unknown-linux-gnu ;;
    *) fail "there is no archive for $(uname -s) on $(uname -m): build wxbot from its source" ;;
    esac
}

# fetch NAME: a file from the base URL into the scratch folder, all of it or none.
fetch() {
    if has curl; then
        curl -fsSL --retry 2 --connect-timeout 20 -o "$scratch/$1" "$base_url/$1"
    elif has wget; then
        wget -q -t 3 -T 20 -O "$scratch/$1" "$base_url/$1"
    else
        fail "neither curl nor wget is here"
    fi || fail "$base_url/$1 can't be downloaded; nothing was changed"
}

hash_of() {
    if has sha256sum; then
        sha256sum "$1"
    elif has shasum; then
        shasum -a 256 "$1"
    else
        openssl dgst -sha256 -r "$1"
    fi | cut -d ' ' -f 1
}

# The archive that was named, or is downloaded, with its checksum right.
get() {
    if [ -z "$archive" ]; then
        name=wxbot-$version-$(target).tar.gz
        base_url=${base_url%/}
        fetch "$name"
        [ -n "$sha256" ] || fetch "$name.sha256"
        archive=$scratch/$name
    fi
    [ -f "$archive" ] || fail "$archive is not there"
    if [ -z "$sha256" ]; then
        [ -f "$archive.sha256" ] || fail "$archive.sha256 is not there: without it nobody knows what this is"
        sha256=$(cut -d ' ' -f 1 "$archive.sha256")
    fi
    found=$(hash_of "$archive")
    [ ${#found} = 64 ] || fail "no SHA-256 can be computed here: install coreutils or openssl"
    [ "$found" = "$sha256" ] ||
        fail "$archive is damaged or not what was released: its SHA-256 is $found, not $sha256; nothing was changed"
}

# The folder with what is to be installed.
unpacked() {
    here=$(cd "$(dirname "$0")" && pwd)
    if [ -z "$archive$base_url" ]; then
        if [ ! -f "$here/wxbot" ] || [ ! -d "$here/share" ]; then
            fail "nothing is unpacked here: name an --archive, or set WXBOT_BASE_URL"
        fi
        from=$here
    else
        get
        mkdir "$scratch/unpacked"
        tar -xzf "$archive" -C "$scratch/unpacked" || fail "$archive can't be unpacked; nothing was changed"
        from=$(echo "$scratch"/unpacked/wxbot-*)
    fi
    "$from/wxbot" --version >/dev/null 2>"$scratch/why" ||
        fail "this wxbot does not run here: $(head -n 1 "$scratch/why"). If ${TMPDIR:-/tmp} is mounted noexec, set" \
            "TMPDIR to another folder. Nothing was changed"
}

# put FILE MODE FOLDER [NAME]: in one step, so that nobody meets half a file.
put() {
    name=${4:-$(basename "$1")}
    mkdir -p "$destdir$3"
    cp "$1" "$destdir$3/.$name.new"
    chmod "$2" "$destdir$3/.$name.new"
    mv -f "$destdir$3/.$name.new" "$destdir$3/$name"
}

# What an older version has installed. The program stays until the new one takes its place.
remove_pages() {
    rm -f "$destdir$prefix"/share/man/man1/wxbot.1 "$destdir$prefix"/share/man/man1/wxbot-*.1
    rm -rf "$destdir$prefix/share/doc/wxbot" "$destdir$prefix/share/wxbot"
}

install_files() {
    remove_pages
    for page in "$from"/share/man/*.1; do
        put "$page" 644 "$prefix/share/man/man1"
    done
    put "$from/share/completions/wxbot.bash" 644 "$prefix/share/bash-completion/completions" wxbot
    put "$from/share/completions/_wxbot" 644 "$prefix/share/zsh/site-functions"
    put "$from/share/completions/wxbot.fish" 644 "$prefix/share/fish/vendor_completions.d"
    for file in bot.toml wxbot.service port-80.conf Caddyfile nginx.conf; do
        put "$from/share/$file" 644 "$prefix/share/wxbot"
    done
    mkdir -p "$destdir$prefix/share/doc/wxbot"
    cp -R "$from/docs" "$from"/*.md "$from/LICENSE" "$destdir$prefix/share/doc/wxbot"
    put "$from/wxbot" 755 "$prefix/bin"
}

# The unit has a user for as long as it runs and a folder of its own: nothing has to be made for it but
# the folder of its configuration.
install_unit() {
    sed "s|/usr/local/bin/wxbot|$prefix/bin/wxbot|" "$from/share/wxbot.service" >"$scratch/wxbot.service"
    put "$scratch/wxbot.service" 644 /etc/systemd/system
    mkdir -p "$destdir/etc/wxbot"
    reload
}

# Whether it is this machine's systemd that is meant.
has_systemd() {
    [ -z "$destdir" ] && [ -d /run/systemd/system ]
}

reload() {
    if has_systemd; then systemctl daemon-reload; fi
}

remove() {
    remove_pages
    rm -f "$destdir$prefix/bin/wxbot" "$destdir$prefix/share/bash-completion/completions/wxbot" \
        "$destdir$prefix/share/zsh/site-functions/_wxbot" \
        "$destdir$prefix/share/fish/vendor_completions.d/wxbot.fish"
    unit=/etc/systemd/system/wxbot.service
    if [ -f "$destdir$unit" ]; then
        if has_systemd; then systemctl disable --now wxbot || true; fi
        rm -f "$destdir$unit"
        reload
    fi
    say "wxbot is removed. /etc/wxbot and /var/lib/wxbot, if they are there, are yours: left as they are."
}

next() {
    say "Installed $("$from/wxbot" --version) as $destdir$prefix/bin/wxbot"
    if [ -z "$systemd" ]; then
        say "Next, in an empty folder: wxbot init"
    elif [ -f "$destdir/etc/wxbot/bot.toml" ]; then
        say "Next: wxbot check --config /etc/wxbot/bot.toml && systemctl restart wxbot"
    else
        say "Next: cd /etc/wxbot && wxbot init && systemctl enable --now wxbot"
    fi
}

arguments "$@"
if [ -n "$uninstall" ]; then
    remove
    exit 0
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
unpacked
install_files
[ -z "$systemd" ] || install_unit
next
