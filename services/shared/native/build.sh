#!/bin/sh
# Builds libdreamer_native.so into the folder that is named; a second build of the same folder waits for the first.
set -eu
source=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
exec 9>"$1/lock"
flock 9
if ! { cmake -S "$source" -B "$1" && cmake --build "$1" -j 2; } >"$1/build.log" 2>&1; then
    cat "$1/build.log"
    exit 1
fi
touch "$1/libdreamer_native.so"
