#!/usr/bin/env python3
"""Breaks the allocation engine on purpose, one way at a time, and lists the tests that notice.

    scripts/sabotage.py [NAME …]

Works on the files in place and puts them back, whatever happens: commit first. Every way of breaking must make a
test fail, and must still apply to the code, or the exit status is 1. Prints the table of docs/performance.md.
"""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENGINE = ROOT / "domain/src/allocation"

# Name, what is done, and for each file what is replaced by what.
BREAKS = [
    (
        "repair",
        "skip the repair",
        {
            "tree1/repair.rs": [
                ("= self.strayed(level, member) {", "= self.strayed(level, member).filter(|_| false) {"),
            ]
        },
    ),
    (
        "floats",
        "compare what is owed as floats",
        {
            "tree1/grid.rs": [
                (
                    "ranked.select_nth_unstable_by(left, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));",
                    "ranked.select_nth_unstable_by(left, |a, b| {\n"
                    "            let float = |due: &D| num_traits::ToPrimitive::to_f64(&due.to_big()).unwrap_or(0.0);\n"
                    "            float(&b.0).total_cmp(&float(&a.0)).then(a.1.cmp(&b.1))\n"
                    "        });",
                ),
            ],
            "rounding.rs": [
                (
                    "ranked.select_nth_unstable_by(count - 1, |a, b| b.0.cmp(a.0).then(a.1.cmp(&b.1)));",
                    "ranked.select_nth_unstable_by(count - 1, |a, b| {\n"
                    "            let float = |rest: &BigInt| rest.to_f64().unwrap_or(0.0);\n"
                    "            float(b.0).total_cmp(&float(a.0)).then(a.1.cmp(&b.1))\n"
                    "        });",
                ),
            ],
        },
    ),
    (
        "rate",
        "recompute each tax as rate × net",
        {
            "tree1/tax.rs": [
                (
                    "    row_of(group, printed, Net::of(rows, members))\n",
                    "    let nominal: i64 = rows.iter().map(|row| row.total).sum();\n"
                    "    let nominal = group.rate.tax_on(Cents(nominal)).map_or(printed, |tax| tax.0);\n"
                    "    row_of(group, nominal, Net::of(rows, members))\n",
                ),
            ]
        },
    ),
    (
        "ties",
        "break ties by position in the file instead of by id",
        {
            "exact.rs": [
                ("    members.sort_by(|a, b| a.id.cmp(&b.id));\n", ""),
                ("let mut members: Vec<&Member> =", "let members: Vec<&Member> ="),
            ]
        },
    ),
    (
        "sign",
        "drop the sign flip",
        {
            "tree1/plan.rs": [
                (
                    "        if let Some(sign) = totals.find(|sign| *sign != 0) {\n            return sign;\n        }\n",
                    "        if let Some(sign) = totals.find(|sign| *sign != 0) {\n            return sign.abs();\n        }\n",
                ),
            ]
        },
    ),
]


def failures() -> list[str]:
    command = ["cargo", "test", "-p", "domain", "--locked", "--no-fail-fast"]
    quiet = {"PROPTEST_DISABLE_FAILURE_PERSISTENCE": "1", "PROPTEST_MAX_SHRINK_ITERS": "0", "RUST_BACKTRACE": "0"}
    run = subprocess.run(command, cwd=ROOT, env=os.environ | quiet, capture_output=True, text=True, check=False)
    if re.search(r"^error(\[|: could not compile)", run.stderr, re.M):
        sys.exit(run.stderr)
    return sorted(set(re.findall(r"^test (\S+) \.\.\. FAILED", run.stdout, re.M)))


def broken(files: dict[str, list[tuple[str, str]]]) -> list[str]:
    kept = {ENGINE / name: (ENGINE / name).read_text() for name in files}
    try:
        for name, changes in files.items():
            text = kept[ENGINE / name]
            for old, new in changes:
                if text.count(old) != 1:
                    sys.exit(f"sabotage.py: {name} is not what it was: {old.strip()}")
                text = text.replace(old, new)
            (ENGINE / name).write_text(text)
        return failures()
    finally:
        for path, text in kept.items():
            path.write_text(text)


def main() -> int:
    status = 0
    print("| broken on purpose | tests that fail | of which |\n|---|---:|---|", flush=True)
    for name, what, files in BREAKS:
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        found = broken(files)
        status |= not found
        short = [test.rsplit("::", 1)[-1] for test in found]
        print(f"| {what} | {len(found)} | {', '.join(f'`{test}`' for test in short) or '**none**'} |", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
