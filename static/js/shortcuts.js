// Alt with a letter presses what names that letter; ? opens the list of shortcuts.
// Looks for [data-shortcut="<letter>"], button[data-shortcuts-open] and dialog[data-shortcuts] with
// input[data-shortcuts-on], which switches all of them off in this browser.
//
// No shortcut takes a character from a field: ? does not count there, and Alt with a letter only where it types nothing
// (on a Mac it types).

import { recall, remember } from "./remember.js";

const SETTING = "greenroom:shortcuts";
const dialog = document.querySelector("[data-shortcuts]");
const isOn = dialog.querySelector("[data-shortcuts-on]");

// Whether keys type something where they are pressed.
export const isInField = (event) =>
  event.target.matches("input:not([type=radio], [type=checkbox]), select, textarea");

// Whether a press is meant for a shortcut: they are switched on, nothing lies over the page, no key is held down.
export const counts = (event) =>
  isOn.checked && !event.repeat && !event.isComposing && !document.querySelector("dialog:modal");

function letterOf(event) {
  const others = ["Control", "Meta", "Shift", "AltGraph"];
  if (!event.altKey || others.some((key) => event.getModifierState(key))) return "";
  const typed = event.key.toLowerCase();
  if (/^[a-z]$/.test(typed)) return typed;
  return isInField(event) ? "" : event.code.replace("Key", "").toLowerCase();
}

function press(letter) {
  const named = [...document.querySelectorAll("[data-shortcut]")];
  const target = named.find((element) => element.dataset.shortcut === letter && element.checkVisibility());
  target?.click();
  return Boolean(target);
}

function open() {
  dialog.showModal();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (!counts(event)) return;
  const asksForHelp = event.key === "?" && !isInField(event) && !event.ctrlKey && !event.metaKey;
  if (asksForHelp ? open() : press(letterOf(event))) event.preventDefault();
});

isOn.checked = recall(SETTING) !== "off";
isOn.addEventListener("change", () => remember(SETTING, isOn.checked ? "on" : "off"));
document.querySelector("[data-shortcuts-open]").addEventListener("click", open);
