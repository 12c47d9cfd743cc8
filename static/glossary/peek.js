// Previews of cross-links: on hover, on keyboard focus and on the first tap. Without this file they are plain links.
// WCAG 1.4.13: Esc closes without moving anything, the pointer may rest on the preview, and it stays until left.

const WAIT = 250; // ms of resting on a link before its preview opens: passing over it opens nothing
const GRACE = 250; // ms in which the pointer may cross from the link to its preview
const EDGE = 16; // px kept free at the edge of the window

const kept = new Map(); // address → promise of the preview's HTML; none for one that failed
let link = null; // the link whose preview is open
let card = null;
let wanted = null; // the link whose preview is awaited
let timer;
let touched = false;

function fetched(one) {
  const address = new URL("preview/", one.href).href;
  if (!kept.has(address)) {
    const answer = fetch(address).then((found) => (found.ok ? found.text() : Promise.reject(found.status)));
    answer.catch(() => kept.delete(address));
    kept.set(address, answer);
  }
  return kept.get(address);
}

function close() {
  clearTimeout(timer);
  wanted = null;
  link?.removeAttribute("aria-describedby");
  card?.remove();
  link = card = null;
}

async function open(one) {
  if (one === link) return;
  close();
  wanted = one;
  const html = await fetched(one);
  if (wanted !== one) return; // left meanwhile
  card = new DOMParser().parseFromString(html, "text/html").querySelector(".peek");
  if (!card) throw new Error("no preview");
  wanted = null;
  link = one;
  card.id = "peek";
  card.popover = "manual";
  document.querySelector("main").append(card);
  card.showPopover();
  place();
  one.setAttribute("aria-describedby", "peek");
}

function place() {
  // a link that is broken over two lines is shown at its first
  const at = link.getClientRects()[0];
  const { clientWidth: wide, clientHeight: high } = document.documentElement;
  const below = at.bottom + card.offsetHeight + EDGE < high || at.top < card.offsetHeight + EDGE;
  card.style.left = `${Math.max(EDGE, Math.min(at.left, wide - card.offsetWidth - EDGE))}px`;
  card.style.top = `${below ? at.bottom + 4 : at.top - card.offsetHeight - 4}px`;
}

function later(act, ms) {
  clearTimeout(timer);
  timer = setTimeout(act, ms);
}

const quietly = (one) => open(one).catch(() => {}); // it stays a plain link

const linkAt = (target) => target.closest?.("a[data-peek]") ?? null;

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const one = linkAt(event.target);
  if (one) later(() => quietly(one), WAIT);
  else if (card?.contains(event.target)) clearTimeout(timer);
});

document.addEventListener("pointerout", (event) => {
  if (event.pointerType === "touch" || !(linkAt(event.target) || card?.contains(event.target))) return;
  const [from, to] = [linkAt(event.target), event.relatedTarget];
  if (to && (card?.contains(to) || (from && linkAt(to) === from))) return;
  wanted = null;
  later(() => document.activeElement !== link && close(), GRACE);
});

document.addEventListener("focusin", (event) => {
  const one = linkAt(event.target);
  if (one?.matches(":focus-visible")) quietly(one);
  else if (card && !card.contains(event.target) && event.target !== link) close();
});

document.addEventListener("focusout", (event) => {
  const to = event.relatedTarget;
  if (card && to !== link && !card.contains(to) && (event.target === link || card.contains(event.target))) close();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !(card || wanted)) return;
  if (card?.contains(document.activeElement)) link.focus();
  close();
});

document.addEventListener("pointerdown", (event) => {
  touched = event.pointerType === "touch";
  if (card && !card.contains(event.target) && linkAt(event.target) !== link) close();
});

// The first tap on a link shows its preview, with a way on; the second follows it.
document.addEventListener("click", (event) => {
  const one = linkAt(event.target);
  if (!one || !touched || one === link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(one).catch(() => location.assign(one.href));
});

window.addEventListener("scroll", () => card && !card.contains(document.activeElement) && place(), { passive: true });
window.addEventListener("resize", () => card && place());
