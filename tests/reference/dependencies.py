#!/usr/bin/env python3
"""Checks licences, sources and banned crates of all dependencies by the lists of deny.toml, without a network.

For machines on which cargo-deny is not installed; it reads what `cargo metadata` says and no licence texts. Prints what
is wrong, one line each; exit code 1 if anything is. `--self-test` checks the reading of licence expressions.
"""
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def allowed(expression: str, licences: set[str]) -> bool:
    """Whether an SPDX licence expression can be met by these licences alone. `/` is the old form of OR."""
    tokens = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))

    def choice() -> bool:
        met = together()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            other = together()
            met = met or other
        return met

    def together() -> bool:
        met = single()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            other = single()
            met = met and other
        return met

    def single() -> bool:
        token = tokens.pop(0)
        if token == "(":
            met = choice()
            assert tokens.pop(0) == ")", f"unbalanced: {expression}"
            return met
        if tokens and tokens[0] == "WITH":
            tokens.pop(0)
            token = f"{token} WITH {tokens.pop(0)}"
        return token in licences

    met = choice()
    assert not tokens, f"no licence expression: {expression}"
    return met


def self_test() -> None:
    few = {"MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"}
    for expression in ["MIT", "GPL-3.0-only OR MIT", "(MIT OR GPL-2.0) AND Zlib", "Apache-2.0/MIT",
                       "Apache-2.0 WITH LLVM-exception"]:
        assert allowed(expression, few), expression
    for expression in ["Apache-2.0", "MIT AND GPL-3.0-only", "GPL-2.0", "MIT AND (GPL-2.0 OR LGPL-3.0-only)",
                       "GPL-2.0 WITH LLVM-exception"]:
        assert not allowed(expression, few), expression


def problems(metadata: dict, rules: dict) -> list[str]:
    licences = set(rules["licenses"]["allow"])
    sources = {f"registry+{registry}" for registry in rules["sources"]["allow-registry"]}
    banned = {entry["crate"] for entry in rules["bans"]["deny"]}
    found = []
    for package in metadata["packages"]:
        name = f"{package['name']} {package['version']}"
        if not package["license"]:
            found.append(f"{name}: states no licence")
        elif not allowed(package["license"], licences):
            found.append(f"{name}: the licence {package['license']} is not among those of deny.toml")
        if package["source"] is not None and package["source"] not in sources:
            found.append(f"{name}: comes from {package['source']}")
        if package["source"] is None and not Path(package["manifest_path"]).is_relative_to(ROOT):
            found.append(f"{name}: lies outside of the repository, at {package['manifest_path']}")
        if package["name"] in banned:
            found.append(f"{name}: is banned by deny.toml")
    return found


def main() -> int:
    self_test()
    if "--self-test" in sys.argv:
        return 0
    command = ["cargo", "metadata", "--locked", "--offline", "--all-features", "--format-version", "1"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    found = problems(metadata, tomllib.loads((ROOT / "deny.toml").read_text()))
    print("\n".join(found) if found else f"{len(metadata['packages'])} packages: licences and sources are allowed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
