// Everything here adds to pages that can be read without it: sorting, filtering, tooltips, copying.
"use strict";

// Sorts by number; cells without one stay last in either direction. Searches what can be read.
function defineNumbers() {
  const compare = (a, b, sign) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    return sign * (a - b);
  };
  DataTable.ext.type.order["figure-asc"] = (a, b) => compare(a, b, 1);
  DataTable.ext.type.order["figure-desc"] = (a, b) => compare(a, b, -1);
  DataTable.ext.type.search.figure = (html) => DataTable.util.stripHtml(String(html), " ");
}

function enhanceTable(element) {
  const table = new DataTable(element, {
    paging: false,
    info: false,
    autoWidth: false,
    order: [],
    orderMulti: false,
    titleRow: element.tHead.rows.length - 1,
    layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: null },
    language: { emptyTable: "No rows.", zeroRecords: "No row fits. Clear the search or the filters." },
    columnDefs: [
      { targets: "up", type: "figure", orderSequence: ["asc", "desc"] },
      { targets: "num", type: "figure", orderSequence: ["desc", "asc"] },
      { targets: "_all", orderSequence: ["asc", "desc"] },
    ],
  });
  const controls = element.closest(".board").querySelector(".controls");
  if (controls) enhanceControls(table, element, controls);
}

function enhanceControls(table, element, controls) {
  controls.hidden = false;
  controls.addEventListener("submit", (event) => event.preventDefault());
  const count = controls.querySelector(".count");
  const total = table.rows().count();
  const told = () => {
    const shown = table.rows({ search: "applied" }).count();
    count.textContent = shown === total ? `${total} rows` : `${shown} of ${total} rows`;
  };
  table.on("draw", told);
  told();
  controls.elements.search.addEventListener("input", (event) => table.search(event.target.value).draw());
  const filters = [...controls.querySelectorAll("select")];
  table.search.fixed("facets", (text, data, index) => {
    const facets = JSON.parse(table.row(index).node().dataset.facets || "{}");
    return filters.every((filter) => !filter.value || facets[filter.name] === filter.value);
  });
  for (const filter of filters) filter.addEventListener("change", () => table.draw());
  enhanceGroups(table, element, controls);
}

function enhanceGroups(table, element, controls) {
  const columns = new Map();
  if (element.tHead.rows.length < 2) return;
  let position = 0;
  for (const cell of element.tHead.rows[0].cells) {
    const title = cell.textContent.trim();
    const own = columns.get(title) || [];
    for (let k = 0; k < cell.colSpan; k += 1) own.push(position + k);
    columns.set(title, own);
    position += cell.colSpan;
  }
  for (const box of controls.querySelectorAll("input[name=group]")) {
    const show = () => {
      table.columns(columns.get(box.value)).visible(box.checked);
      fit(element);
    };
    box.addEventListener("change", show);
    if (!box.checked) show();
  }
}

// A table that fits its page needs no scroll box of its own, and its headings can stay in sight.
function fit(element) {
  const box = element.closest(".scroll");
  box.classList.remove("fits", "wider");
  const fits = box.scrollWidth <= box.clientWidth;
  box.classList.toggle("fits", fits);
  box.classList.toggle("wider", !fits);
  if (fits) box.removeAttribute("tabindex");
  else box.tabIndex = 0;
}

// One tooltip for all: what is pointed at or reached with the keyboard says its `data-tip`.
function enhanceTips() {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.id = "tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);
  let owner = null;
  const hide = () => {
    if (owner) owner.removeAttribute("aria-describedby");
    owner = null;
    tip.hidden = true;
  };
  const show = (element) => {
    if (owner === element) return;
    hide();
    owner = element;
    tip.textContent = element.dataset.tip;
    tip.hidden = false;
    element.setAttribute("aria-describedby", "tip");
    const at = element.getBoundingClientRect();
    const left = Math.min(at.left, document.documentElement.clientWidth - tip.offsetWidth - 8);
    const above = at.top > tip.offsetHeight + 12;
    const top = above ? at.top - tip.offsetHeight - 6 : at.bottom + 6;
    tip.style.left = `${Math.max(8, left) + window.scrollX}px`;
    tip.style.top = `${top + window.scrollY}px`;
  };
  const owned = (event) => event.target.closest && event.target.closest("[data-tip]");
  for (const name of ["pointerover", "focusin"]) {
    document.addEventListener(name, (event) => {
      const element = owned(event);
      if (element) show(element);
      else if (name === "pointerover" && owner && owner !== document.activeElement) hide();
    });
  }
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
}

// The marks of a picture are one stop of the Tab key; the arrow keys walk from mark to mark.
function enhancePicture(svg) {
  const marks = [...svg.querySelectorAll("[aria-roledescription=point],[aria-roledescription=bar]")];
  marks.sort((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left);
  for (const mark of marks) {
    mark.dataset.tip = mark.getAttribute("aria-label");
    mark.setAttribute("tabindex", "-1");
    mark.setAttribute("role", "img");
  }
  if (marks.length) marks[0].setAttribute("tabindex", "0");
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const here = marks.indexOf(document.activeElement);
    const next = marks[here + step];
    if (!step || here < 0 || !next) return;
    event.preventDefault();
    marks[here].setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });
}

function enhanceCopy(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = button.closest(".snippet").querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}

function enhanceChooser(form) {
  const pairs = [...form.querySelectorAll("li")];
  const { first, second } = form.elements;
  const address = (a, b) => {
    const fits = ({ dataset }) =>
      (dataset.first === a && dataset.second === b) || (dataset.first === b && dataset.second === a);
    return pairs.find(fits)?.querySelector("a").href;
  };
  const names = [...new Set(pairs.flatMap(({ dataset }) => [dataset.first, dataset.second]))];
  for (const name of names) first.add(new Option(name));
  const fill = () => {
    const kept = second.value;
    second.replaceChildren();
    for (const name of names) if (address(first.value, name)) second.add(new Option(name));
    second.value = [...second.options].some((option) => option.value === kept) ? kept : second.options[0].value;
  };
  fill();
  first.addEventListener("change", fill);
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    location.assign(address(first.value, second.value));
  });
}

// What is folded on the screen is printed all the same.
function enhancePrint() {
  const folded = () => document.querySelectorAll("details:not([open])");
  window.addEventListener("beforeprint", () => {
    for (const part of folded()) {
      part.open = true;
      window.addEventListener("afterprint", () => { part.open = false; }, { once: true });
    }
  });
}

const tables = document.querySelectorAll("table[data-enhance]");
if (tables.length) defineNumbers();
tables.forEach(enhanceTable);
const fitAll = () => document.querySelectorAll(".scroll table").forEach(fit);
fitAll();
document.querySelectorAll(".chart svg").forEach(enhancePicture);
document.querySelectorAll("button.copy").forEach(enhanceCopy);
document.querySelectorAll("form.chooser").forEach(enhanceChooser);
enhanceTips();
enhancePrint();
window.addEventListener("resize", fitAll);
document.documentElement.dataset.ready = "";
