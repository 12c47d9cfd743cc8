// Words that are selected on a card can be reported with one tap: a link beside the selection takes them along.
"use strict";
(() => {
  const form = document.getElementById("report");
  const article = document.querySelector("article");
  if (!form || !article) return;
  const LONGEST = 600; // characters of a quote
  const link = document.createElement("a");
  link.className = "report-this";
  link.textContent = "Report these words";
  link.href = form.href; // a link without one leads nowhere for programs that read the page
  link.rel = "nofollow";
  link.hidden = true;
  document.body.append(link);

  const chosen = () => {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    if (!article.contains(range.commonAncestorContainer)) return null;
    const words = selection.toString().replace(/\s+/g, " ").trim();
    return words.length > 2 && words.length <= LONGEST ? { words, box: range.getBoundingClientRect() } : null;
  };
  const place = () => {
    const found = chosen();
    if (!found) {
      if (document.activeElement !== link) link.hidden = true;
      return;
    }
    const address = new URL(form.href);
    address.searchParams.set("quote", found.words);
    link.href = address.href;
    link.hidden = false;
    const room = document.documentElement.clientWidth - link.offsetWidth - 8;
    link.style.setProperty("left", `${Math.max(8, Math.min(found.box.left, room)) + scrollX}px`);
    link.style.setProperty("top", `${found.box.bottom + scrollY + 8}px`);
  };
  let waits = 0;
  document.addEventListener("selectionchange", () => {
    clearTimeout(waits);
    waits = setTimeout(place, 150);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") link.hidden = true;
  });
})();
