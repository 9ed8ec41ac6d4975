#!/usr/bin/env bash
# Whole jobs beside libvips and OpenCV, and the table of docs/speed.md. Leave the machine alone meanwhile.
#
#   benches/peers.sh PROGRAM PHOTOS PNGS [--rounds N] [--workloads web,thumbnail,edit,png,webp] [--write docs/speed.md]
#
# PROGRAM is a release build, PHOTOS a folder of JPEG files of 12 megapixels or more, PNGS one of PNG files. The peers
# are installed from PyPI into target/peers.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
venv=$here/../target/peers
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q 'pyvips[binary]' opencv-python-headless numpy
fi
exec "$venv/bin/python" "$here/peers/compare.py" "$@"
