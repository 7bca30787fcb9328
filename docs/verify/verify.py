#!/usr/bin/env python3
"""Rechecks a published allocation: whole numbers and fractions, standard library only.

python3 verify.py DOSSIER.json, as `encommun allocate --dossier` prints it: {"case", "allocation"}.
"""
import hashlib, json, sys
from collections import defaultdict
from fractions import Fraction as F

def canonical(x):  # RFC 8785, as far as texts go
    if isinstance(x, dict):
        keys = sorted(x, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(x[key])}" for key in keys) + "}"
    if isinstance(x, list):
        return "[" + ",".join(map(canonical, x)) + "]"
    return json.dumps(x, ensure_ascii=False)

def sha256(x):
    return hashlib.sha256(canonical(x).encode()).hexdigest()

def short(x):  # amounts without useless zeros, as they are hashed
    return {k: v.rstrip("0").rstrip(".") if k in ("net", "vat", "gross") else v for k, v in x.items()}

def cents(text):
    assert (amount := F(text) * 100).denominator == 1, f"{text} is not in cents"
    return int(amount)

def rounded(x):  # half away from zero
    return (abs(x) * 2 + 1) // 2 * (1 if x >= 0 else -1)

def banded(rule, key):
    start, total = F(0), F(0)
    for band in rule["bands"]:
        value, end = F(band["value"]), F(band.get("up_to", key))
        total += value * max(min(end, key) - start, 0)
        if key <= end:
            return {"flat": value, "slab": value * key, "marginal": total}[rule["mode"]]
        start = end

def weight(rule, m):  # None when the rule gives amounts and not weights
    kind, product = rule["kind"], F(1)
    if kind == "coefficient":
        return weight(rule["rule"], m) * F(rule["coefficients"].get(m["id"], "1"))
    for factor in rule.get("factors", []):
        product *= F(m["keys"][factor["key"]]) ** (-1 if factor.get("inverse") else 1)
    return {"equal": lambda: product, "product": lambda: product,
            "proportional": lambda: F(m["keys"][rule["key"]]),
            "percent": lambda: F(rule["percents"].get(m["id"], "0")),
            "bands": lambda: banded(rule, F(m["keys"][rule["key"]]))}.get(kind, lambda: None)()

def water(total, weighs, floors, caps):  # clamp(level × weight, floor, cap), adding up to total
    stands = {i: floors[i] for i, w in enumerate(weighs) if not w}
    while True:  # whoever is wrong on the heavier side stands on its bound, for good
        free = {i: w for i, w in enumerate(weighs) if i not in stands}
        rest = total - sum(stands.values())
        assert free or not rest, "floors and caps leave a gap"
        own = {i: rest * w / sum(free.values()) for i, w in free.items()}
        under = {i: floors[i] for i in own if own[i] < floors[i]}
        over = {i: caps[i] for i in own if caps[i] is not None and own[i] > caps[i]}
        if not under and not over:
            return [(stands | own)[i] for i in range(len(weighs))]
        lifted, cut = (abs(sum(own[i] - s[i] for i in s)) for s in (under, over))
        stands |= (under if lifted >= cut else {}) | (over if cut >= lifted else {})

def split(rule, total, takers):  # the exact amounts, in cents
    kind, sign, weighs = rule["kind"], -1 if total < 0 else 1, [weight(rule, m) for m in takers]
    of = lambda name, m, default=None: rule.get(name, {}).get(m["id"], default)
    if weighs[0] is not None:
        assert kind != "percent" or rule.get("normalise") or sum(weighs) == 100, "not 100 %"
        return [total * w / sum(weighs) if total else F(0) for w in weighs]
    if kind == "mix":
        assert sum(F(part["percent"]) for part in rule["parts"]) == 100, "not 100 %"
        parts = [split(p["rule"], total * F(p["percent"]) / 100, takers) for p in rule["parts"]]
        return [sum(column) for column in zip(*parts)]
    if kind == "first":
        fixed = [sign * cents(rule.get("each") or of("amounts", m, "0")) for m in takers]
        return [a + b for a, b in zip(fixed, split(rule["then"], total - sum(fixed), takers))]
    if kind == "clamp":
        weighs = [weight(rule["rule"], m) for m in takers]
        if weighs[0] is None:
            weighs = [sign * x for x in split(rule["rule"], total, takers)]
        floors = [F(cents(of("floors", m, rule.get("floor", "0")))) for m in takers]
        caps = [of("caps", m, rule.get("cap")) for m in takers]
        caps = [cap if cap is None else F(cents(cap)) for cap in caps]
        return [sign * x for x in water(abs(total), weighs, floors, caps)]
    return [F(cents(of("amounts", m, "0"))) for m in takers]  # direct

def charge(rule, m, shares):  # what a tariff asks of a member, in cents
    if rule["kind"] == "percent_of":
        base = sum(shares[line, m["id"]] for line in rule["lines"])
        size = max(rounded(abs(base) * F(rule["percent"]) / 100), cents(rule.get("min", "-1e30")))
        size = min(size, cents(rule.get("cap", "1e30")))
        return size * (1 if base > 0 else -1) if base else 0
    key = F(m["keys"][rule["key"]]) if "key" in rule else None
    euros = {"flat": lambda: F(rule["amount"]), "per_unit": lambda: key * F(rule["rate"]),
             "bands": lambda: banded(rule, key)}[rule["kind"]]()
    return rounded(euros * 100)

def check(case, found):
    shares, taxes, sums = defaultdict(int), defaultdict(int), defaultdict(int)
    for share in found["shares"]:
        shares[share["line"], share["member"]] = cents(share["net"])
    for share in found["vat_shares"]:
        taxes[(share["category"], F(share["rate"])), share["member"]] = cents(share["vat"])
    gaps, net, seen = defaultdict(F), defaultdict(F), set()
    printed, loose = case["vat_policy"] == "printed", found["algorithm"] == "line-1"

    def hold(exact, given, member, *subtotals):
        assert abs(exact - given) < 1, f"{subtotals} of {member}: {given} for {exact} cents"
        for subtotal in subtotals:
            gaps[subtotal, member] += exact - given

    for line in case["lines"]:
        takers = [m for m in case["members"] if m["id"] in line.get("members", [m["id"]])]
        group = (line["vat_category"], F(line["vat_rate"]))
        if "charge" in line:
            exact = [F(charge(line["charge"], m, shares)) for m in takers]
        else:
            exact = split(line["rule"], F(cents(line["net"])), takers)
            assert sum(exact) == cents(line["net"]), f"rule of line {line['id']}"
        assert sum(shares[line["id"], m["id"]] for m in takers) == sum(exact), line["id"]
        for member, value in zip((m["id"] for m in takers), exact):
            given = shares[line["id"], member]
            seen.add((line["id"], member))
            hold(value, given, member, "net", "gross", group, (group, line.get("lot")))
            net[group, member] += given if printed else value
    for tax in case["vat"]:
        group, amount, rate = (tax["category"], F(tax["rate"])), cents(tax["amount"]), F(tax["rate"])
        nets = {m["id"]: net[group, m["id"]] for m in case["members"]}
        base, gap = sum(map(abs, nets.values())), amount - rate / 100 * sum(nets.values())
        assert base or not amount, f"tax {group} on nothing"
        assert sum(taxes[group, member] for member in nets) == amount, f"tax {group}"
        for member, own in nets.items():
            seen.add((group, member))
            exact = rate / 100 * own + gap * abs(own) / base if base else F(0)
            hold(exact, taxes[group, member], member, "tax", "gross")
    assert all(cell in seen for of in (shares, taxes) for cell in of if of[cell]), "strange share"
    for (subtotal, member), gap in gaps.items():  # a line without a lot is in no lot
        most = 2 if printed and subtotal == "gross" else 1
        free = loose or isinstance(subtotal, tuple) and subtotal[1] is None
        assert free or abs(gap) < most, f"{subtotal} of {member}: {gap} cents"
    for name, amounts in (("net", shares), ("vat", taxes)):
        for (_, member), amount in amounts.items():
            for key in ((member, name), (member, "gross"), (None, name), (None, "gross")):
                sums[key] += amount
    assert [m["id"] for m in found["members"]] == [m["id"] for m in case["members"]], "members"
    for totals in [*found["members"], found["total"]]:
        for name in ("net", "vat", "gross"):
            assert cents(totals[name]) == sums[totals.get("id"), name], f"{name} of {totals}"
    assert sha256(case) == found["input_sha256"], "hash of the case"
    order = lambda share: (share["category"], F(share["rate"]), share["member"])
    lists = {"members": found["members"], "shares": found["shares"],
             "vat_shares": sorted(found["vat_shares"], key=order)}
    hashed = {name: list(map(short, rows)) for name, rows in lists.items()}
    hashed |= {"algorithm": found["algorithm"], "total": short(found["total"])}
    assert sha256(hashed) == found["output_sha256"], "hash of the shares"

if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        dossier = json.load(file)
    check(dossier["case"], dossier["allocation"])
    print("conforme")
