"use strict";
(() => {
  const form = document.getElementById("filter");
  const search = form.elements.namedItem("search");
  const only = form.elements.namedItem("only");
  const rows = [...document.querySelectorAll("[data-case]")];
  const areas = [...document.querySelectorAll("tbody.area")];
  const none = document.getElementById("none");
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const name = row.dataset.case.toLowerCase();
      row.hidden = !words.every((word) => name.includes(word)) || (only.checked && row.dataset.bad === "0");
      if (!row.hidden && row.matches("details")) shown += 1;
    }
    for (const area of areas) area.hidden = !area.querySelector("tr[data-case]:not([hidden])");
    none.hidden = shown > 0;
  };
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const section = target && target.closest("details.case");
    if (!section) return;
    section.hidden = false;
    section.open = true;
    target.scrollIntoView();
  };
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", apply);
  addEventListener("hashchange", reveal);
  apply();
  reveal();
})();
