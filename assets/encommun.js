// Comfort only: every page works without this file. Theme, menus, dialogs, toasts, needs grid.
(() => {
  const all = (selector, act, from = document) => from.querySelectorAll(selector).forEach(act);
  const root = document.documentElement;

  // What only the script can do is hidden until it is here
  const wake = from => all("[data-theme-toggle], [data-print], [data-copy]", e => { e.hidden = false; }, from);
  wake(document);
  document.addEventListener("htmx:afterSwap", e => wake(e.target));

  // Theme: the system's, unless the user chose; the cookie lets the server draw the page right at once
  const toggleTheme = () => {
    root.dataset.theme = getComputedStyle(root).colorScheme.includes("dark") ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax`;
  };

  // One listener for every click, so that parts swapped in later need nothing
  document.addEventListener("click", e => {
    all(".menu[open]", menu => { if (!menu.contains(e.target)) menu.open = false; });
    const at = name => e.target.closest(`[${name}]`);
    const opener = at("data-dialog"), closer = at("data-close"), copier = at("data-copy");
    if (opener) { e.preventDefault(); document.getElementById(opener.dataset.dialog).showModal(); }
    if (closer) { e.preventDefault(); closer.closest("dialog")?.close(); closer.closest(".toast")?.remove(); }
    if (copier) navigator.clipboard?.writeText(document.getElementById(copier.dataset.copy).innerText);
    if (at("data-theme-toggle")) toggleTheme();
    if (at("data-print")) print();
  });

  // Menus close on Escape, and the focus returns to their button
  document.addEventListener("keydown", e => {
    if (e.key !== "Escape") return;
    all(".menu[open]", menu => { menu.open = false; menu.querySelector("summary").focus(); });
  });

  // A toast leaves after 10 s, but never while it is read or held
  all(".toast:not(.toast--static)", toast => {
    const held = () => toast.matches(":hover, :focus-within");
    const leave = () => (held() ? setTimeout(leave, 2000) : toast.remove());
    setTimeout(leave, 10000);
  });

  // Needs grid: figures are read the French way and counted without any rounding (thousandths × millionths of a euro)
  const milli = text => {
    const found = text.replace(/[\s\u00a0\u202f\u2009]/g, "").match(/^(\d+)(?:,(\d{1,3}))?$/);
    return found ? BigInt(found[1] + (found[2] ?? "").padEnd(3, "0")) : null;
  };
  const euros = cents => {
    const digits = String(cents).padStart(3, "0");
    return `${digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, "\u202f")},${digits.slice(-2)}\u202f€`;
  };
  const count = sheet => {
    let total = 0n;
    all("tr[data-price]", row => {
      const quantity = milli(row.querySelector("[data-col=firm]").value);
      const cents = quantity === null ? null : (quantity * BigInt(row.dataset.price) + 5000000n) / 10000000n;
      all("[data-amount]", cell => { cell.textContent = cents === null ? "—" : euros(cents); }, row);
      total += cents ?? 0n;
    }, sheet);
    all("[data-total]", place => { place.textContent = euros(total); }, sheet.closest("form") ?? sheet);
  };
  const inputs = row => [...row.querySelectorAll(".cell input:not([readonly])")];
  const rows = sheet => [...sheet.querySelectorAll("tr")].filter(row => inputs(row).length);

  // Once the figure is typed again, its refusal is out of date; the server will say if the new one is wrong
  const forgive = input => {
    if (!input.closest(".cell--bad")) return;
    input.closest(".cell--bad").classList.remove("cell--bad");
    input.removeAttribute("aria-invalid");
    document.getElementById(input.getAttribute("aria-describedby"))?.closest("tr").remove();
    input.removeAttribute("aria-describedby");
    input.closest("tr").classList.remove("is-bad");
  };

  document.addEventListener("input", e => {
    const sheet = e.target.closest(".sheet");
    if (sheet) { forgive(e.target); count(sheet); }
  });

  // Enter and arrows move as in a spreadsheet
  document.addEventListener("keydown", e => {
    const step = { Enter: e.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!step || !e.target.matches(".sheet .cell input")) return;
    e.preventDefault();
    const column = [...e.target.closest(".sheet").querySelectorAll(`input[data-col="${e.target.dataset.col}"]`)];
    const next = column[column.indexOf(e.target) + step];
    if (next) { next.focus(); next.select(); }
  });

  // A block copied in a spreadsheet spreads from the cell where it is pasted, and stops at the edges
  document.addEventListener("paste", e => {
    const text = e.clipboardData.getData("text/plain").replace(/\r?\n$/, "");
    if (!e.target.matches(".sheet .cell input") || !/[\t\n]/.test(text)) return;
    e.preventDefault();
    const sheet = e.target.closest(".sheet"), lines = rows(sheet);
    const top = lines.indexOf(e.target.closest("tr")), left = inputs(lines[top]).indexOf(e.target);
    text.split(/\r?\n/).forEach((line, down) => line.split("\t").forEach((value, across) => {
      const input = lines[top + down] && inputs(lines[top + down])[left + across];
      if (!input) return;
      input.value = value.trim();
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }));
  });

  // Autosave: what the server says of a cell; what stood in it is the basis of the next save
  const blame = (input, fault) => {
    const row = input.closest("tr"), id = `${input.id}-erreur`;
    const under = document.createElement("tr"), cell = document.createElement("td"), text = document.createElement("p");
    under.className = "why-bad"; cell.colSpan = row.cells.length; text.className = "error"; text.id = id; text.textContent = fault;
    cell.append(text); under.append(cell); row.after(under);
    row.classList.add("is-bad"); input.closest("td").classList.add("cell--bad");
    input.setAttribute("aria-invalid", "true"); input.setAttribute("aria-describedby", id);
  };
  document.addEventListener("cell", e => {
    const input = e.target, { was, fault } = e.detail;
    input.form.elements[`vu.${input.name}`].value = was;
    forgive(input);
    if (fault) blame(input, fault);
  });

  // Not saved: said at once, tried again every 10 s; the figures stay in their boxes
  ["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach(failure => document.addEventListener(failure, e => {
    const input = e.detail.elt;
    if (!input.matches(".sheet .cell :is(input, select)")) return;
    document.getElementById("enregistre").textContent = "Pas encore enregistré, nouvel essai dans 10 s. Vos saisies restent sur ce poste.";
    setTimeout(() => window.htmx.trigger(input, "change"), 10000);
  }));
})();
