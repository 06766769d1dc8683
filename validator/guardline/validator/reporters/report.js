"use strict";
// Filters the page and finds a cell's evidence. Without it the whole page can be read: this only hides and reveals.
(() => {
  const form = document.getElementById("filter");
  const words = form.elements.words;
  const found = document.getElementById("found");
  const boxes = [...form.querySelectorAll("[name=verdict]")];
  const causes = [...document.querySelectorAll(".cause")];
  const controls = [...document.querySelectorAll(".control")].map((section) => ({
    section, rows: [...section.querySelectorAll("tr[data-cells]")],
  }));
  const MOST_OPEN = 200; // rows that a filter opens by itself
  const text = new Map();
  const opened = new Set();

  const groupText = (element) => {
    const group = element.dataset.group && document.getElementById(`accounts-${element.dataset.group}`);
    return group ? group.textContent : "";
  };
  const textOf = (element, around) => {
    if (!text.has(element)) {
      text.set(element, `${around} ${element.textContent} ${groupText(element)}`.toLowerCase());
    }
    return text.get(element);
  };
  const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

  const filter = () => {
    const asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const idle = asked.length === 0 && wanted.size === boxes.length;
    const fits = (element, around) => wanted.has(element.dataset.verdict)
      && (asked.length === 0 || asked.every((word) => textOf(element, around).includes(word)));
    let shownCauses = 0, shownCells = 0, allCells = 0, shownRows = 0;
    for (const cause of causes) {
      cause.hidden = !idle && !fits(cause, "");
      shownCauses += !cause.hidden;
    }
    const matching = [];
    for (const { section, rows } of controls) {
      const around = section.firstElementChild.textContent;
      let here = 0;
      for (const row of rows) {
        const cells = Number(row.dataset.cells);
        row.hidden = !idle && !fits(row, around);
        allCells += cells;
        if (!row.hidden) {
          shownCells += cells;
          here += 1;
        }
      }
      section.hidden = here === 0;
      shownRows += here;
      if (here > 0) matching.push(section);
    }
    for (const section of opened) section.open = false;
    opened.clear();
    if (!idle && shownRows <= MOST_OPEN) {
      for (const section of matching) {
        if (!section.open) {
          section.open = true;
          opened.add(section);
        }
      }
    }
    for (const link of document.querySelectorAll(".map a, .chips a")) {
      const row = document.getElementById(link.hash.slice(1));
      link.parentElement.classList.toggle("dim", row !== null && row.hidden);
    }
    for (const group of document.querySelectorAll(".causes")) {
      group.hidden = !idle && !group.querySelector(".cause:not([hidden])");
    }
    found.textContent = idle ? ""
      : `Shown: ${shownCauses} of ${counted(causes.length, "entry").replace(/entrys$/, "entries")},`
        + ` ${shownCells} of ${counted(allCells, "cell")}`
        + (Number(form.dataset.derived) > 0 ? ` (${form.dataset.derived} of them derived).` : ".");
  };

  const reveal = (element) => {
    for (let at = element; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
    }
  };
  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) {
      form.reset();
      filter();
    }
    reveal(target);
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "center" });
  };

  // A map is one stop of the tab key; in it the arrow keys lead from square to square.
  for (const map of document.querySelectorAll(".map")) {
    [...map.querySelectorAll("a")].slice(1).forEach((link) => { link.tabIndex = -1; });
  }
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  document.addEventListener("keydown", (event) => {
    const cell = event.target.closest && event.target.closest(".map td");
    if (!cell || !step[event.key] || event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = [...cell.closest("tbody").rows];
    let row = rows.indexOf(cell.parentElement), column = cell.cellIndex;
    for (;;) {
      row += step[event.key][0];
      column += step[event.key][1];
      const next = rows[row] && column > 0 ? rows[row].cells[column] : undefined;
      if (!next) return;
      const link = next.querySelector("a");
      if (link) {
        event.preventDefault();
        cell.querySelector("a").tabIndex = -1;
        link.tabIndex = 0;
        link.focus();
        return;
      }
    }
  });

  // What a square is about, beside the pointer.
  document.addEventListener("mouseover", (event) => {
    const link = event.target.closest && event.target.closest(".map td a");
    if (!link || link.title) return;
    const row = document.getElementById(link.hash.slice(1));
    const table = link.closest("table");
    const control = table.tHead.rows[0].cells[link.closest("td").cellIndex].textContent;
    link.title = `${control}: ${row ? row.cells[2].innerText.trim() : ""}`;
  });

  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    filter();
  });
  form.addEventListener("reset", () => setTimeout(filter));
  document.getElementById("open-all").addEventListener("click", (event) => {
    const open = event.target.getAttribute("aria-pressed") !== "true";
    for (const each of document.querySelectorAll("details")) each.open = open;
    event.target.setAttribute("aria-pressed", String(open));
  });
  // A printed page has everything that the filter shows.
  let before = [];
  addEventListener("beforeprint", () => {
    before = [...document.querySelectorAll("details:not([open])")];
    for (const each of before) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of before) each.open = false;
  });
  addEventListener("hashchange", follow);
  form.hidden = false;
  if (words.value || boxes.some((box) => !box.checked)) filter(); // a browser may keep a form's values on reload
  follow();
})();
