// The sheet to print has a button that opens the browser's print window; without this script the browser's menu does.
"use strict";
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
