// Has the question checked while one writes it: on opening, where it has a key point, and 1.5 s after the last edit.
// The newest wins, and how much was found is said once. A finding's link moves to the field that it speaks of.
// Looks for [data-lint="<URL>"] with [data-lint-place], [data-lint-voice] and [data-lint-send]; the form is
// #version-form. Links have [data-lint-group], [data-lint-row] and [data-lint-name]. htmx asks for the worker's part.

import { csrfToken } from "./csrf.js";
import { still } from "./still.js";

const PAUSE = 1500;

function attach(panel, form) {
  const place = panel.querySelector("[data-lint-place]");
  const voice = panel.querySelector("[data-lint-voice]");
  let under;
  let timer;

  function body() {
    const fields = new URLSearchParams(new FormData(form));
    fields.set("lint-replaces", place.querySelector("[data-lint-pending]")?.dataset.lintPending ?? "");
    return fields;
  }

  async function send() {
    under?.abort();
    under = new AbortController();
    const headers = { "HX-Request": "true", "X-CSRFToken": csrfToken(form) };
    still(place);
    try {
      const reply = await fetch(panel.dataset.lint, { method: "POST", body: body(), headers, signal: under.signal });
      const words = await reply.text();
      if (reply.redirected || !reply.ok) throw new Error(reply.status);
      place.innerHTML = words;
      window.htmx.process(place);
      say();
    } catch (error) {
      if (error.name !== "AbortError") voice.textContent = "The question could not be checked; the next edit tries again.";
    }
  }

  // While the worker's part is under way nothing is said: the number may still grow.
  function say() {
    if (place.querySelector("[data-lint-pending]")) return;
    const words = place.querySelector("[data-lint-summary]")?.textContent.trim().replace(/\s+/g, " ");
    if (words && words !== voice.textContent) voice.textContent = words;
  }

  // Rows are counted as the server does: those that are filled and not removed, as they stand in the page.
  function fieldOf({ lintGroup: group, lintRow: row, lintName: name }) {
    if (!group) return form.elements[name];
    if (!row) return form.querySelector(`[data-formset="${group}"] [data-formset-add]`);
    const main = group === "key_points" ? "claim" : "text";
    const filled = [...form.querySelectorAll(`[name^="${group}-"][name$="-${main}"]`)].filter(
      (field) => field.value.trim() && !field.closest("[hidden]"),
    );
    const there = filled[Number(row)];
    return there && form.elements[there.name.replace(new RegExp(`${main}$`), name)];
  }

  function edited() {
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE);
  }

  form.addEventListener("input", edited);
  form.addEventListener("change", edited);
  panel.addEventListener("htmx:after:swap", say);
  panel.addEventListener("click", (event) => {
    const link = event.target.closest("[data-lint-name], [data-lint-send]");
    if (!link) return;
    event.preventDefault();
    if ("lintSend" in link.dataset) return send();
    const field = fieldOf(link.dataset);
    field?.closest("details")?.setAttribute("open", "");
    field?.focus();
  });
  if (form.querySelector('[name^="key_points-"][name$="-claim"]')?.value.trim()) send();
}

const panel = document.querySelector("[data-lint]");
const form = document.getElementById("version-form");
if (panel && form) attach(panel, form);
