#!/usr/bin/env python3
"""Makes the reference of communes and EPCI, from the npm package of the year.

    npm pack @etalab/decoupage-administratif@6.0.0
    tar xzf etalab-decoupage-administratif-6.0.0.tgz
    python3 scripts/reference.py package 2026 assets/reference

The third argument may be any folder: `Reference::from_path` reads it, so that an
installation takes the new year in without waiting for a release.

The two files are tab separated, sorted by code and compressed without a date: the same
package gives the same bytes. An empty cell is an unknown value. Standard library only.
"""

import gzip
import json
import pathlib
import sys

LICENCE = "Licence Ouverte 2.0 (data), MIT (package)"


def main() -> None:
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    package, vintage, target = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
    version = json.loads((package / "package.json").read_text("utf-8"))["version"]
    head = [
        f"#vintage\t{vintage}",
        f"#source\tINSEE and DGCL, packaged by Etalab as npm @etalab/decoupage-administratif {version}",
        f"#licence\t{LICENCE}",
    ]
    communes = json.loads((package / "data/communes.json").read_text("utf-8"))
    epcis = json.loads((package / "data/epci.json").read_text("utf-8"))
    membership = {
        member["code"]: (epci["code"], member) for epci in epcis for member in epci["membres"]
    }
    rows = sorted(
        commune_row(commune, membership.get(commune["code"]))
        for commune in communes
        if commune["type"] == "commune-actuelle"
    )
    write(
        target / "communes.tsv.gz",
        head,
        "insee siren name department postcodes population_municipale population_totale epci_siren",
        rows,
    )
    write(
        target / "epci.tsv.gz",
        head,
        "siren name kind members population_municipale population_totale",
        sorted(epci_row(epci) for epci in epcis),
    )
    print(f"{len(rows)} communes, {len(epcis)} EPCI, {vintage}")


def commune_row(commune: dict, membership) -> list:
    epci_siren, member = membership or ("", {})
    return [
        commune["code"],
        commune.get("siren", ""),
        commune["nom"],
        commune.get("departement", "") or commune["code"][:3],
        " ".join(commune.get("codesPostaux", [])),
        # Only the lists of members hold both legal populations of the year; a commune outside
        # any EPCI has the single figure of its own record, which can be a year older.
        member.get("populationMunicipale", commune.get("population", "")),
        member.get("populationTotale", ""),
        epci_siren,
    ]


def epci_row(epci: dict) -> list:
    return [
        epci["code"],
        epci["nom"],
        epci["type"],
        len(epci["membres"]),
        epci["populationMunicipale"],
        epci["populationTotale"],
    ]


def write(path: pathlib.Path, head: list, columns: str, rows: list) -> None:
    lines = head + [columns.replace(" ", "\t")]
    for row in rows:
        cells = [str(cell) for cell in row]
        if any("\t" in cell or "\n" in cell for cell in cells):
            sys.exit(f"{path.name}: a tab or a line break inside {cells}")
        lines.append("\t".join(cells))
    # mtime=0: the bytes depend on the data alone.
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode("utf-8"), 9, mtime=0))


if __name__ == "__main__":
    main()
