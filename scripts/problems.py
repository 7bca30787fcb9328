#!/usr/bin/env python3
"""Writes the table of problem codes in docs/problems.md from the refusals of the domain.

Each `#[error("…")]` of an enum gives the meaning of the code that `code()` gives its variant.
"""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
FACES = {
    "busy": (503, "the database is busy or away; try again"),
    "forbidden": (403, "known and visible, but not a right of this role"),
    "internal": (500, "a bug, or a database that failed"),
    "invalid": (422, "fields at fault, each in `errors[]`"),
    "malformed": (400, "the body, a parameter or a header is not of the documented shape"),
    "method-not-allowed": (405, "this address does not take this method"),
    "not-found": (404, "does not exist, or is not yours to know"),
    "operation-reused": (422, "the idempotency key was used for another request"),
    "precondition-required": (428, "`If-Match` is required and missing"),
    "stale": (412, "changed since the version in `If-Match`"),
    "timed-out": (503, "given up after `http.timeout_s`; it may have been done, look before trying again"),
    "too-large": (413, "larger than a limit of `config/default.toml`"),
    "unauthenticated": (401, "no token, or one that is unknown, expired or revoked"),
    "unsupported-media-type": (415, "a media type that this address does not read"),
}


TRANSPARENT = {
    "field.email": "not an e-mail address; `detail` says why",
    "field.insee": "not a commune code; `detail` says why",
    "field.phone": "not a telephone number; `detail` says why",
    "field.siren": "not a SIREN; `detail` says why",
    "field.siret": "not a SIRET; `detail` says why",
    "field.site-number": "not a meter number or a plate; `detail` says why",
}


def refusals():
    """Every code of the domain with the message of its variant."""
    found = {}
    for path in sorted((ROOT / "domain/src").rglob("*.rs")):
        text = path.read_text(encoding="utf-8").split("#[cfg(test)]")[0]
        messages = {}
        error = r'#\[error\(\s*(?:"((?:[^"\\]|\\.)*)"|transparent)[^\]]*\)\]\s*(\w+)'
        for message, variant in re.findall(error, text):
            messages[variant] = re.sub(r"\\\s*\n\s*", " ", message)
        arm = r"((?:Self::\w+(?:\s*\{[^}]*\}|\([^)]*\))?\s*\|?\s*)+)=>\s*\{?\s*\"([a-z_-]+\.[a-z_-]+)\""
        for variants, code in re.findall(arm, text):
            names = re.findall(r"Self::(\w+)", variants)
            found[code] = messages.get(names[0], "") or found.get(code, "")
    return found


def main():
    """Replaces what stands between the two marks."""
    rows = [(code, *what) for code, what in FACES.items()]
    for code, meaning in refusals().items():
        status = 422 if code.split(".")[0] in {"field", "number"} else 409
        if code == "field.unknown":
            status = 400
        if code == "user.too-many-failures":
            status = 429
        rows.append((code, status, meaning or TRANSPARENT.get(code, "")))
    table = ["| code | status | meaning |", "|---|---|---|"]
    table += [f"| `{code}` | {status} | {meaning} |" for code, status, meaning in sorted(rows)]
    path = ROOT / "docs/problems.md"
    begin, end = "<!-- codes: begin -->", "<!-- codes: end -->"
    head, rest = path.read_text(encoding="utf-8").split(begin)
    tail = rest.split(end)[1]
    path.write_text(f"{head}{begin}\n" + "\n".join(table) + f"\n{end}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
