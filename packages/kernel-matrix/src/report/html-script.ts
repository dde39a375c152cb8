import { createHash } from "node:crypto";

/**
 * What the page does beside showing: finds by words, filters by verdict, goes from failure to failure by keys, opens what a link leads to.
 * Without it all is shown. It reads the text of the page, and writes none of it as markup. The page is XML, too: it has no `<` and no
 * ampersand.
 */
export const pageScript = `"use strict";
{
  const tools = document.getElementById("tools");
  const search = document.getElementById("search");
  const status = document.getElementById("shown");
  const boxes = [...tools.querySelectorAll("input[type=checkbox]")];
  const rows = [...document.querySelectorAll("[data-verdict]")];
  const texts = new Map();
  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };
  const isShown = (row, words, wanted) => {
    if (!row.dataset.verdict.split(" ").some((verdict) => wanted.has(verdict))) return false;
    return words.every((word) => textOf(row).includes(word));
  };
  const filter = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const count = { all: 0, shown: 0 };
    for (const row of rows) {
      row.hidden = !isShown(row, words, wanted);
      if (row.localName !== "tr") continue;
      count.all += 1;
      if (!row.hidden) count.shown += 1;
    }
    for (const part of document.querySelectorAll("[data-part]")) {
      part.hidden = part.querySelector("[data-verdict]:not([hidden])") === null;
    }
    const isFiltered = words.length > 0 || boxes.some((box) => !box.checked);
    status.textContent = isFiltered ? count.shown + " of " + count.all + " rows are shown" : "";
  };
  let timer;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(filter, 80);
  });
  for (const box of boxes) box.addEventListener("change", filter);
  const openTarget = () => {
    const target = document.getElementById(location.hash.slice(1));
    const details = target === null ? null : target.closest("details.cell");
    if (details === null) return;
    for (let each = target; each !== null; each = each.parentElement) {
      each.hidden = false;
      if (each.localName === "details") each.open = true;
    }
    target.scrollIntoView();
    details.querySelector("summary").focus({ preventScroll: true });
  };
  const go = (step) => {
    const failures = rows.filter((row) => {
      if (row.localName !== "details") return false;
      return !row.hidden ? !["passed", "xfail"].includes(row.dataset.verdict) : false;
    });
    if (failures.length === 0) return;
    const at = failures.indexOf(document.activeElement.closest("details.cell"));
    const first = step > 0 ? 0 : failures.length - 1;
    const next = failures[at === -1 ? first : (at + step + failures.length) % failures.length];
    next.open = true;
    next.querySelector("summary").focus({ preventScroll: true });
    next.scrollIntoView();
    history.replaceState(null, "", "#" + next.querySelector(".inside").id);
  };
  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      search.value = "";
      for (const box of boxes) box.checked = true;
      filter();
      if (document.activeElement === search) search.blur();
      return;
    }
    if (event.target === search) return;
    if (event.key === "/") {
      event.preventDefault();
      search.focus();
    } else if (event.key === "n") go(1);
    else if (event.key === "p") go(-1);
  };
  addEventListener("keydown", onKey);
  addEventListener("hashchange", openTarget);
  // The browser's own way there takes the focus away.
  addEventListener("load", openTarget);
  tools.hidden = false;
  openTarget();
}
`;

/** The one script that the page's policy lets run. Source: Content Security Policy Level 3, "hash-source". */
export function scriptSource(): string {
  return `'sha256-${createHash("sha256").update(pageScript).digest("base64")}'`;
}
