// Arrows go from day to day in the calendar; each day is an ordinary link.
const table = document.querySelector("[data-calendar]");

table?.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
  const days = [...table.querySelectorAll(".dk-day")];
  const at = days.indexOf(event.target);
  if (!step || at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  days[at + step]?.focus();
});

// The first arrow of all goes to the selected day, or to today.
document.addEventListener("keydown", (event) => {
  if (!table || !event.key.startsWith("Arrow") || event.target !== document.body) return;
  event.preventDefault();
  (table.querySelector("[aria-current] .dk-day") ?? table.querySelector(".is-today .dk-day"))?.focus();
});
