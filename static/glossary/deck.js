// The deck as a hand of cards: keys turn it while it has the focus, the pips follow it, and “Read more” opens the term
// in place. Without this script the hand scrolls, the pips are links and “Read more” leads to the page.
"use strict";
(() => {
  const hand = document.querySelector("[data-hand]");
  if (!hand) return;
  const cards = [...hand.querySelectorAll(":scope > .card")];
  const pips = [...document.querySelectorAll(".pips a")];
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const KEYS = "deck-keys"; // kept in this browser only: "off" where somebody turned the keys off

  // Keys, only while the focus is in the hand, and only for those who did not turn them off (WCAG 2.1.4)
  const turn = (to) => {
    const card = cards[Math.max(0, Math.min(cards.length - 1, to))];
    card.focus({ preventScroll: true });
    card.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "nearest", inline: "start" });
  };
  const off = () => {
    try {
      return localStorage.getItem(KEYS) === "off";
    } catch {
      return false; // the browser keeps nothing for this site
    }
  };
  for (const card of cards) card.tabIndex = -1;
  hand.tabIndex = 0;
  hand.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || off()) return;
    if (event.target.closest("dialog, input, textarea, select")) return;
    const here = cards.indexOf(event.target.closest(".card"));
    let to = null;
    if (event.key === "ArrowRight") to = here + 1;
    else if (event.key === "ArrowLeft") to = Math.max(0, here - 1);
    else if (/^[1-7]$/.test(event.key)) to = Number(event.key) - 1;
    else if (event.key === "Home") to = 0;
    else if (event.key === "End") to = cards.length - 1;
    if (to === null) return;
    event.preventDefault();
    turn(to);
  });

  // An address of one card (#card-3) shows that card: at once, without a journey there, and again when the page and its
  // font have come, as the cards may have moved; unless the reader has begun to turn the hand meanwhile.
  let touched = false;
  for (const kind of ["pointerdown", "wheel", "keydown"])
    addEventListener(kind, () => (touched = true), { once: true, passive: true });
  const showAsked = () => {
    const card = cards.find((one) => `#${one.id}` === location.hash);
    card?.scrollIntoView({ behavior: "instant", block: "nearest", inline: "start" });
  };
  const settle = () => touched || showAsked();
  settle();
  addEventListener("load", () => requestAnimationFrame(settle));
  document.fonts?.ready.then(settle);
  addEventListener("hashchange", showAsked);

  const note = document.querySelector("[data-hand-keys]");
  if (note) {
    const button = note.querySelector("button");
    const say = () => {
      button.textContent = off() ? "Turn keys on" : "Turn keys off";
      note.querySelector("[data-when-on]").hidden = off();
    };
    button.addEventListener("click", () => {
      try {
        if (off()) localStorage.removeItem(KEYS);
        else localStorage.setItem(KEYS, "off");
      } catch {
        return;
      }
      say();
    });
    say();
    note.hidden = false;
  }

  // Pips show where the hand is turned to
  if (pips.length && "IntersectionObserver" in window) {
    const seen = new Map();
    const show = () => {
      const [best] = [...seen].sort((a, b) => b[1] - a[1])[0] ?? [];
      pips.forEach((pip, place) => {
        if (cards[place] === best) pip.setAttribute("aria-current", "true");
        else pip.removeAttribute("aria-current");
      });
    };
    const watch = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) seen.set(entry.target, entry.intersectionRatio);
        show();
      },
      { root: hand, threshold: [0, 0.25, 0.5, 0.75, 1] },
    );
    for (const card of cards) watch.observe(card);
    for (const [place, pip] of pips.entries())
      pip.addEventListener("click", (event) => {
        event.preventDefault();
        turn(place);
      });
  }

  // “Read more” opens the term in place
  if (!("HTMLDialogElement" in window)) return;
  const dialog = document.createElement("dialog");
  dialog.className = "inplace";
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => dialog.replaceChildren());
  const fill = (page, address) => {
    const article = page.querySelector("article.article");
    if (!article) return false;
    article.querySelector("h1").id = "inplace-title";
    dialog.setAttribute("aria-labelledby", "inplace-title");
    const bar = document.createElement("p");
    bar.className = "inplace-bar";
    const open = document.createElement("a");
    open.href = address;
    open.textContent = "Open the page";
    const close = document.createElement("button");
    close.className = "button quiet";
    close.type = "button";
    close.textContent = "Close";
    close.addEventListener("click", () => dialog.close());
    bar.append(open, close);
    dialog.replaceChildren(bar, document.adoptNode(article));
    return true;
  };
  hand.addEventListener("click", async (event) => {
    const link = event.target.closest(".more a");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    let page;
    try {
      const answer = await fetch(link.href, { credentials: "omit" });
      if (!answer.ok) throw new Error(answer.statusText);
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      location.assign(link.href); // the page itself says what is wrong
      return;
    }
    const show = () => {
      if (fill(page, link.href)) dialog.showModal();
      else location.assign(link.href);
    };
    if (document.startViewTransition && !calm.matches) document.startViewTransition(show);
    else show();
  });
})();
