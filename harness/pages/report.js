// What laws open to, and which of them are shown. Text of a report is only ever set as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const form = document.querySelector(".controls");
  const rows = [...document.querySelectorAll("tr.law")];
  const byLaw = new Map(rows.map((row) => [row.dataset.law, row]));
  const whole = (numbers) => numbers.map((n) => data.parts[n]).join("\n\n\n");

  // Elements -----------------------------------------------------------------------------------------------------------
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const trusted = (tag, html) => { const element = make(tag); element.innerHTML = html; return element; }; // of the specification
  const verdict = (name) => make("span", { class: `v ${name}` }, make("i", { "aria-hidden": "true" }, data.symbols[name]), ` ${name}`);
  const titled = (title, ...content) => make("div", {}, make("h4", {}, title), ...content);
  const code = (text, label) => make("pre", { tabindex: "0", role: "region", "aria-label": label }, make("code", {}, text));
  const lawLink = (id) => make("a", { href: `#${id}`, class: "mono" }, id);
  const between = (items, mark) => items.flatMap((item, i) => (i ? [mark, item] : [item]));

  const copied = async (text) => {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* not every browser lets a file do that */ }
    const area = make("textarea", { style: "position:fixed;opacity:0" });
    area.value = text;
    document.body.append(area);
    area.select();
    let done = false;
    try { done = document.execCommand("copy"); } catch { /* told below */ }
    area.remove();
    return done;
  };
  const script = (text, law) => {
    const button = make("button", { type: "button", class: "quiet copy", "aria-label": `Copy the script for ${law}` }, "Copy");
    const said = make("span", { role: "status", class: "soft" });
    button.addEventListener("click", async () => {
      const done = await copied(text);
      button.textContent = done ? "Copied" : "Select and copy by hand";
      said.textContent = done ? " copied" : " copying is not allowed here";
      setTimeout(() => { button.textContent = "Copy"; said.textContent = ""; }, 2500);
    });
    const summary = make("summary", {}, `Stand-alone script, ${text.split("\n").length} lines`);
    return make("details", { class: "more" }, summary, said, make("div", { class: "script" }, code(text, "stand-alone script"), button));
  };

  // What a law opens to ------------------------------------------------------------------------------------------------
  const facts = (law) => {
    const list = make("dl", { class: "facts" });
    const add = (name, ...content) => list.append(make("dt", {}, name), make("dd", {}, ...content));
    const source = make("a", { href: law.link }, `${law.term}, in the glossary of Flax NNX`);
    add("Level", law.level === "MUST" ? "MUST: the documentation promises it" : "SHOULD: users rely on it");
    add("Source", source);
    if (law.tags.length) add("Tags", law.tags.join(", "));
    if (law.needs.length) add("Rests on", ...between(law.needs.map(lawLink), ", "));
    if (law.uses.length) add("Uses", make("code", {}, law.uses.join(", ")));
    if (law.remark) add("Remark", trusted("span", law.remark));
    return list;
  };
  const onRecord = (entry) => {
    const line = make("p", {}, make("b", {}, `On record (${entry.kind}): `), entry.reason, " ", make("span", { class: "soft" }, entry.where));
    if (/^https?:/.test(entry.link)) line.append(" ", make("a", { href: entry.link }, entry.link));
    return line;
  };
  const found = (name, each) => {
    const where = each.columns.map((i) => data.columns[i]).join("; ");
    const box = make("section", { class: `case ${each.verdict}` }, make("p", {}, verdict(each.verdict), " ", make("b", {}, where)));
    for (const entry of each.known || []) box.append(onRecord(entry));
    if (!each.claim && !each.traceback) {
      if (each.reason) box.append(make("p", {}, each.reason));
      return box;
    }
    if (each.reason && (each.verdict === "blocked" || !each.difference)) box.append(make("p", { class: "difference" }, each.reason));
    if (each.example) box.append(titled(`Minimal example (${each.tried} tried)`, code(whole(each.example), "minimal example")));
    if (each.claim) box.append(titled("Claim", make("p", {}, each.about ? `${each.claim} (${each.about})` : each.claim)));
    if (each.difference) box.append(titled("First difference", make("p", { class: "difference" }, each.difference)));
    if (each.expected || each.came) {
      const side = (title, text) => titled(title, code(text, title.toLowerCase()));
      box.append(make("div", { class: "sides" }, side("Expected", each.expected || ""), side("Came", each.came || "")));
    }
    if (each.traceback) box.append(titled("Raised", code(each.traceback, "traceback")));
    if (each.script) box.append(script(whole(each.script), name));
    return box;
  };
  const panel = (name) => {
    const law = data.laws[name];
    const box = make("div", { class: "panel" });
    if (law.gone) box.append(make("p", {}, "The specification of this nnxspec has no such law; its report is shown as it is."));
    else box.append(trusted("div", law.html), facts(law));
    const [lacking, shown] = [true, false].map((no) => law.found.filter((each) => (each.verdict === "unsupported") === no));
    for (const each of shown) box.append(found(name, each));
    for (const each of lacking) {
      const who = make("b", {}, each.columns.map((i) => data.columns[i]).join("; "));
      box.append(make("p", {}, verdict(each.verdict), " ", who, each.reason ? `: ${each.reason}` : ""));
    }
    if (!law.found.length) box.append(make("p", {}, verdict("holds"), " wherever it was tried."));
    return box;
  };

  // Opening and closing ------------------------------------------------------------------------------------------------
  const isOpen = (row) => row.classList.contains("open");
  const toggle = (row, open = !isOpen(row)) => {
    if (open === isOpen(row)) return;
    const button = row.querySelector("button");
    button.setAttribute("aria-expanded", String(open));
    row.classList.toggle("open", open);
    if (open) {
      const cell = make("td", { colspan: data.columns.length + 1, role: "cell" }, panel(row.dataset.law));
      row.after(make("tr", { class: "detail", role: "row", id: `detail-${row.dataset.law}` }, cell));
      button.setAttribute("aria-controls", `detail-${row.dataset.law}`);
    } else {
      row.nextElementSibling.remove();
      button.removeAttribute("aria-controls");
    }
    document.getElementById("close").hidden = !document.querySelector("tr.open");
  };
  const go = (name) => {
    const row = byLaw.get(name);
    if (!row) return;
    if (row.hidden) { form.reset(); filter(); }
    toggle(row, true);
    row.scrollIntoView({ block: "start" });
    row.querySelector("button").focus({ preventScroll: true });
  };
  document.querySelector("table.laws").addEventListener("click", (event) => {
    const row = event.target.closest("tr.law");
    if (!row || event.target.closest("a") || String(getSelection())) return;
    toggle(row);
    try { history.replaceState(null, "", isOpen(row) ? `#${row.dataset.law}` : location.pathname + location.search); } catch { /* about:blank */ }
  });
  document.getElementById("close").addEventListener("click", () => rows.forEach((row) => toggle(row, false)));
  const fromAddress = () => go(decodeURIComponent(location.hash.slice(1)));
  addEventListener("hashchange", fromAddress);

  // Filters ------------------------------------------------------------------------------------------------------------
  const known = new Map(rows.map((row) => [row, {
    verdicts: [...row.querySelectorAll(":scope > td")].map((cell) => cell.querySelector(".v").classList[1]),
    term: row.closest("tbody").dataset.term,
    words: [row.querySelector("th").textContent, ...data.laws[row.dataset.law].found.map((each) => `${each.reason} ${(each.known || []).map((k) => k.reason).join(" ")}`)].join(" ").toLowerCase(),
  }]));
  const filter = () => {
    const chosen = new FormData(form);
    const wanted = new Set(chosen.getAll("verdict"));
    const column = chosen.get("column") || "";
    const words = chosen.get("words").toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const { verdicts, term, words: text } = known.get(row);
      const looked = column === "" ? verdicts : [verdicts[Number(column)]];
      const fits = (!wanted.size || looked.some((each) => wanted.has(each)))
        && (!chosen.get("term") || chosen.get("term") === term)
        && (!chosen.get("differ") || new Set(verdicts).size > 1)
        && words.every((word) => text.includes(word));
      row.hidden = !fits;
      if (isOpen(row)) row.nextElementSibling.hidden = !fits;
      shown += fits;
    }
    for (const body of document.querySelectorAll("table.laws tbody")) body.hidden = !body.querySelector("tr.law:not([hidden])");
    document.getElementById("shown").textContent = shown === rows.length ? `${shown} laws` : `${shown} of ${rows.length} laws`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());

  // Keys ---------------------------------------------------------------------------------------------------------------
  addEventListener("keydown", (event) => {
    const button = event.target.closest?.("tr.law button");
    if (event.key === "/" && !event.target.matches?.("input, select, textarea")) {
      event.preventDefault();
      form.elements.words.focus();
    } else if (button && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const all = rows.filter((row) => !row.hidden);
      const next = all[all.indexOf(button.closest("tr")) + (event.key === "ArrowDown" ? 1 : -1)];
      next?.querySelector("button").focus();
    } else if (event.key === "Escape" && event.target.closest?.("tr.detail")) {
      const row = event.target.closest("tr.detail").previousElementSibling;
      toggle(row, false);
      row.querySelector("button").focus();
    }
  });
  filter();
  if (location.hash) fromAddress();
})();
