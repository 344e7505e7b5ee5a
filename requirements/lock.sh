#!/bin/sh
# Write the lock files anew: every package pinned, with its hashes, for every platform.
# The files name no host: packages come from wherever pip is set up to look.
set -eu
python=$1
"$python" -m pip install --quiet uv
compile() {
    out=$1; shift
    "$python" -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
        --output-file "$out" "$@"
}
compile requirements/run.txt pyproject.toml --group build --extra team
compile requirements/test.txt pyproject.toml --group build --group test --extra team --constraint requirements/run.txt
compile requirements/bench.txt pyproject.toml --group build --group bench --constraint requirements/run.txt
