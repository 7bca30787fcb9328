// Comfort only: what the figures of an invoice say of each other, as they are typed. The server checks again, by the
// same rules, whether this ran or not. Cents and rates are whole numbers (BigInt): nothing is ever rounded by a float.
(() => {
  const form = document.querySelector("form[data-invoice]");
  if (!form) return;
  const panel = form.querySelector("[data-check]");
  const fields = prefix => [...form.querySelectorAll(`[name^="${prefix}"]`)].filter(e => /^\d+$/.test(e.name.slice(prefix.length)));
  const twin = (input, prefix, other) => form.elements[other + input.name.slice(prefix.length)];

  // "1 234,56 €" in cents; null when it cannot be read, as the server would refuse it
  const cents = (text, scale = 2) => {
    const bare = text.trim().replace(/\s*(€|eur)$/i, "").replace(/^−/, "-").replace(/^-\s*/, "-");
    const found = bare.match(/^(-?)(\d{1,3}(?:[ \u00a0\u202f\u2009]\d{3})+|\d*)(?:[.,](\d+))?$/);
    if (!found || (!found[2] && !found[3]) || (found[3] ?? "").length > scale) return null;
    const digits = found[2].replace(/\D/g, "") + (found[3] ?? "").padEnd(scale, "0");
    return BigInt(digits) * (found[1] ? -1n : 1n);
  };
  const euros = value => {
    const digits = String(value < 0n ? -value : value).padStart(3, "0");
    return `${value < 0n ? "−" : ""}${digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, "\u202f")},${digits.slice(-2)}\u202f€`;
  };
  // Half a cent goes away from zero, as suppliers do
  const taxOn = (net, rate) => {
    const wide = net * rate, size = ((wide < 0n ? -wide : wide) + 5000n) / 10000n;
    return wide < 0n ? -size : size;
  };
  // "S:5.5" is VAT at 5.5 %: 550 hundredths of a percent
  const rateOf = code => cents(code.split(":")[1] ?? "0") ?? 0n;
  const nameOf = select => select.selectedOptions[0]?.textContent ?? "";
  const sum = values => (values.includes(null) ? null : values.reduce((all, one) => all + one, 0n));

  const lines = () => fields("ht_").flatMap(input => {
    const label = twin(input, "ht_", "libelle_"), tax = twin(input, "ht_", "taxe_");
    if (!input.value.trim() && !label.value.trim()) return [];
    return [{ net: cents(input.value), tax: tax.value, name: nameOf(tax) }];
  });
  const printed = () => fields("montant_").filter(input => input.value.trim()).map(input => {
    const tax = twin(input, "montant_", "imprimee_");
    return { amount: cents(input.value), tax: tax.value, name: nameOf(tax) };
  });

  // The lines under one tax: their sum, and the tax both ways
  const under = (all, tax) => {
    const own = all.filter(line => line.tax === tax), rate = rateOf(tax);
    const net = sum(own.map(line => line.net));
    if (net === null) return null;
    const perLine = own.reduce((total, line) => total + taxOn(line.net, rate), 0n);
    return { count: own.length, net, onTotal: taxOn(net, rate), perLine, rate };
  };
  const missing = (all, taxes) => {
    const said = new Map();
    all.forEach(line => {
      const group = under(all, line.tax);
      if (!group || group.rate === 0n || group.onTotal === 0n || taxes.some(tax => tax.tax === line.tax)) return;
      said.set(line.tax, `${line.name} : le montant imprimé manque (${euros(group.onTotal)} attendus).`);
    });
    taxes.forEach(tax => {
      const borne = all.some(line => line.tax === tax.tax);
      if (!borne && tax.amount !== 0n) said.set(tax.tax, `${tax.name} : aucune ligne ne porte cette taxe.`);
    });
    return [...said.values()];
  };

  const show = (row, parts, paper) => {
    const place = name => panel.querySelector(`[data-of="${row}"] [data-${name}]`);
    const gap = parts === null || paper === null ? null : paper - parts;
    place("sum").textContent = parts === null ? "—" : euros(parts);
    place("printed").textContent = paper === null ? "—" : euros(paper);
    place("gap").textContent = gap === null ? "—" : euros(gap);
    place("gap").classList.toggle("gap--bad", gap !== null && gap !== 0n);
    return gap;
  };
  const say = (place, text) => { if (place.textContent !== text) place.textContent = text; };

  const check = () => {
    const all = lines(), taxes = printed();
    const paper = Object.fromEntries(["ht", "taxe", "ttc"].map(of => [of, cents(form.elements[`total_${of}`].value)]));
    const gaps = [
      show("net", sum(all.map(line => line.net)), paper.ht),
      show("tax", sum(taxes.map(tax => tax.amount)), paper.taxe),
      show("gross", sum([paper.ht, paper.taxe]), paper.ttc),
    ];
    fields("montant_").forEach(input => {
      const group = under(all, twin(input, "montant_", "imprimee_").value);
      const both = group && group.onTotal !== group.perLine ? ` ou ${euros(group.perLine)} ligne par ligne` : "";
      say(input.closest("tr").querySelector("[data-expected]"), group?.count ? euros(group.onTotal) + both : "");
    });
    const faults = missing(all, taxes), wrong = gaps.find(gap => gap !== null && gap !== 0n);
    const whole = all.length > 0 && gaps.every(gap => gap === 0n) && faults.length === 0;
    const verdict = panel.querySelector("[data-verdict]");
    say(verdict, whole ? "La facture tombe juste." : [...(wrong === undefined ? [] : ["Les totaux ne tombent pas juste."]), ...faults].join(" "));
    verdict.classList.toggle("saved", whole);
  };

  panel.hidden = false;
  form.querySelectorAll("[data-expected-head]").forEach(e => { e.hidden = false; });
  form.addEventListener("input", check);
  form.addEventListener("change", check);
  check();
})();
