// Keys and quick answers for the desk. Every [data-key] is an ordinary control that a key only clicks; every
// [data-live] form and [data-go] link works without this file, by loading the page anew.

const typing = "input[type=text],input[type=url],input[type=search],input[type=date],textarea,select";

function keyOf(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.ctrlKey || event.metaKey ? `Ctrl+${key}` : key;
}

// Keys act while the card has the focus and nothing is being typed.
document.addEventListener("keydown", (event) => {
  const card = document.querySelector("[data-keys]");
  if (!card || event.altKey || event.defaultPrevented) return;
  const at = event.target;
  const key = keyOf(event);
  if (at !== document.body && !at.closest("[data-keys], .dk-bar")) return;
  if (at.matches(typing) && !key.startsWith("Ctrl+")) {
    if (key === "Escape") card.focus();
    return;
  }
  if (key === "Enter" && at.matches("a,button,summary")) return;
  const sources = [...document.querySelectorAll("[data-source]")];
  if (key === "g" && sources.length) {
    const next = sources[(sources.findIndex((one) => one.checked) + 1) % sources.length];
    if (next) next.click();
    return;
  }
  const hit = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key && !one.disabled);
  if (!hit) return;
  event.preventDefault();
  if (hit.matches(typing)) {
    hit.focus();
  } else {
    hit.click();
    if (hit.matches("summary")) hit.parentElement.querySelector("textarea, input:not([type=hidden])")?.focus();
  }
});

// A page is asked for and its middle put in place of the old one: no flash, and the keys go on.
let asked = 0;

async function swap(url, options = {}) {
  const mine = ++asked;
  const busy = document.querySelector(".dk-check");
  busy?.setAttribute("aria-busy", "true");
  let answer;
  try {
    answer = await fetch(url, { credentials: "same-origin", ...options });
  } catch {
    busy?.removeAttribute("aria-busy");
    say("The desk could not be reached. Nothing was saved; try again.");
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== asked) return;
  const here = document.querySelector("#content-start");
  const there = page.querySelector("#content-start");
  if (!there || !page.querySelector(".dk-check")) {
    // another page: log-in, words that have changed, the queue
    if (options.method === "POST" && !answer.redirected) {
      document.documentElement.replaceWith(page.documentElement);
    } else {
      location.assign(answer.url);
    }
    return;
  }
  const hash = new URL(url, location.href).hash || new URL(answer.url).hash;
  const chosen = [...here.querySelectorAll("[form=finish]")].map((one) => [one.name, one.value, one.checked]);
  here.replaceWith(there);
  // what was said of the old words is not posted until the card passes: it outlives the line that was settled between
  for (const [name, value, checked] of chosen) {
    for (const one of there.querySelectorAll(`[form=finish][name="${CSS.escape(name)}"]`)) {
      if (one.type !== "radio") one.value = value;
      else if (checked && one.value === value) one.checked = true;
    }
  }
  document.title = page.title;
  history.replaceState(null, "", answer.url.split("#")[0] + hash);
  ready();
}

function say(text) {
  const note = document.createElement("p");
  note.className = "dk-refuse";
  note.setAttribute("role", "alert");
  note.textContent = text;
  document.querySelector("#content")?.prepend(note);
}

function ready() {
  const card = document.querySelector("[data-keys]");
  if (card) {
    card.focus({ preventScroll: true });
    document.querySelector("li[aria-current]")?.scrollIntoView({ block: "nearest" });
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (!form.matches("[data-live]") && !button?.matches("[data-live]")) return;
  event.preventDefault();
  const body = new FormData(form, button);
  swap(form.action, { method: "POST", body: new URLSearchParams(body) });
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-go]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  swap(link.href);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-source]")) swap(new URL(event.target.dataset.source, location.href).href);
});

ready();

// The writing form warns before unsaved words are lost, and saves by Ctrl S and Ctrl Enter.
const form = document.querySelector("form[data-guard]");
if (form) {
  let unsaved = "unsaved" in form.dataset;
  const note = form.querySelector("[data-unsaved-note]");
  const says = note?.textContent;
  form.addEventListener("input", () => {
    unsaved = true;
    if (note) note.textContent = `Unsaved changes. ${says}`;
  });
  document.addEventListener("submit", (event) => {
    if (event.target === form) unsaved = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
  // What the rules say of the words is asked for anew once the typing rests; without this it comes with each save.
  let resting;
  let looks = 0;
  const look = async (button) => {
    const mine = ++looks;
    const body = new URLSearchParams(new FormData(form));
    body.set("_look", "1");
    if (button) body.set("say", button.value);
    const answer = await fetch(location.href, { method: "POST", body, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== looks) return;
    for (const part of ["#findings", "#links"]) {
      const there = page.querySelector(part);
      if (answer.ok && there) document.querySelector(part)?.replaceWith(there);
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(resting);
    resting = setTimeout(async () => {
      try {
        await look();
      } catch {
        // the findings stay as they were; saving asks again
      }
    }, 700);
  });
  // A word on a link is kept at once, and the next name that waits gets the focus; without this the page loads anew.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-say]");
    if (!button) return;
    event.preventDefault();
    clearTimeout(resting);
    try {
      await look(button);
    } catch {
      say("The desk could not be reached. Nothing was kept; try again.");
      return;
    }
    const links = document.querySelector("#links");
    (links?.querySelector(".dk-asks [data-say]") ?? links?.querySelector("h2"))?.focus();
  });
  document.addEventListener("keydown", (event) => {
    const item = event.target.closest?.(".dk-asks > li");
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const button = item.querySelector(`[data-say="${CSS.escape(event.key.toLowerCase())}"]`);
    if (button) {
      event.preventDefault();
      button.click();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey)) return;
    const button = [...form.querySelectorAll("[data-chord]")].find((one) => one.dataset.chord === event.key);
    if (button) {
      event.preventDefault();
      button.click();
    }
  });
}
