#!/usr/bin/env python3
"""Counts the instructions of the hot kernels, and compares them with benches/results/instructions.txt.

    benches/instructions.py [--write]

Counts do not depend on how busy a machine is. They are those of valgrind's processor, which has AVX2 and no AVX-512, and of
one compiler: with another, or without valgrind, nothing is compared, which it says. A kernel that takes over 3 % more than
is written down is an error; --write writes down what it counts."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benches/results/instructions.txt"
MOST = 1.03


def compiler():
    version = subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True).stdout.strip()
    return f"{version}, {os.uname().machine}"


def build():
    crate = ROOT / "benches/instructions"
    shutil.copy(ROOT / "Cargo.lock", crate / "Cargo.lock")
    subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", crate / "Cargo.toml"], check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", crate / "target"))
    return target / "release/lightloom-instructions"


def count(program, kernel):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*counted*", program, kernel]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(re.search(r"Collected *: (\d+)", done.stderr).group(1))


def main():
    write = "--write" in sys.argv[1:]
    if shutil.which("valgrind") is None:
        print("skipped: valgrind is not installed")
        return 0
    known = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    if not write and known[:1] != [compiler()]:
        print(f"skipped: the counts are of '{known[0] if known else 'nothing'}', and this is '{compiler()}'")
        return 0
    before = dict(line.split() for line in known[1:])
    program = build()
    kernels = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split()
    counted = {kernel: count(program, kernel) for kernel in kernels}
    worse = []
    for kernel, now in counted.items():
        ratio = now / int(before[kernel]) if kernel in before else None
        print(f"{kernel:28} {now:>12}" + (f"  {ratio:.3f}" if ratio else "  not known before"))
        if ratio is None or ratio > MOST:
            worse.append(kernel)
    if write:
        lines = [compiler()] + [f"{kernel} {now}" for kernel, now in counted.items()]
        RESULTS.write_text("\n".join(lines) + "\n")
        return 0
    if worse:
        print(f"more instructions than before: {', '.join(worse)}; if that is wanted, benches/instructions.py --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
