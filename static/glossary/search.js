/* Suggestions under every search field: the combobox pattern of WAI-ARIA (list, manual selection).
   Without this script the field is a plain form; the list floats, so nothing on the page moves. */

const WAIT = 120; // ms after the last key

function mark(input, form) {
  const list = document.createElement("ul");
  list.id = `${input.id}-found`;
  list.className = "found";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Terms");
  const said = document.createElement("p");
  said.className = "vh";
  said.setAttribute("role", "status");
  input.after(list, said);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  form.classList.add("suggests");
  return { list, said };
}

function attend(form) {
  const input = form.querySelector("input[type=search]");
  const { list, said } = mark(input, form);
  let timer = 0, asked = null, at = -1;

  const options = () => [...list.children];
  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const stop = () => {
    clearTimeout(timer);
    asked?.abort();
    asked = null;
  };
  const point = (to) => {
    options()[at]?.setAttribute("aria-selected", "false");
    at = to;
    const option = options()[at];
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  };
  const go = (option) => { location.href = option.dataset.address; };

  function show([, names, lines, addresses]) {
    list.replaceChildren(...names.map((name, place) => {
      const option = document.createElement("li"), head = document.createElement("b"), line = document.createElement("span");
      option.id = `${list.id}-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.address = new URL(addresses[place]).pathname; // of this site, whatever proxy stands before it
      head.textContent = name;
      line.textContent = lines[place];
      option.append(head, " ", line);
      return option;
    }));
    at = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = names.length === 0;
    input.setAttribute("aria-expanded", String(names.length > 0));
    said.textContent = names.length ? `${names.length} ${names.length === 1 ? "term" : "terms"}; up and down arrows choose` : "No term by this name";
  }

  async function look() {
    const text = input.value.trim();
    if (!text) return close();
    const mine = asked = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(text)}`, { signal: mine.signal });
      const found = answer.ok ? await answer.json() : null;
      if (found && asked === mine && document.activeElement === input) show(found);
    } catch (error) {
      if (error.name !== "AbortError") close(); // no connection: the form still works when there is one again
    }
  }

  input.addEventListener("input", () => {
    stop();
    if (!input.value.trim()) close();
    else timer = setTimeout(look, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    const last = options().length - 1;
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (last < 0) return;
      event.preventDefault();
      if (list.hidden) {
        list.hidden = false;
        input.setAttribute("aria-expanded", "true");
      }
      const step = event.key === "ArrowDown" ? 1 : -1;
      point(at + step > last ? -1 : at + step < -1 ? last : at + step);
    } else if (event.key === "Enter" && at >= 0 && !list.hidden) {
      event.preventDefault();
      go(options()[at]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault(); // a second Escape empties the field, as browsers do
      stop();
      close();
    } else if (event.key === "Tab") {
      stop();
      close();
    }
  });
  input.addEventListener("blur", () => { stop(); close(); });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) go(option);
  });
}

for (const form of document.querySelectorAll("form[data-suggest]")) attend(form);
