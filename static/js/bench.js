// Tries the question on the bench while one writes it: each edit of the form or of the answer beside it is sent 400 ms
// after the last key, the newest wins, and what has changed is said once.
// Looks for [data-bench="<URL>"] with [data-bench-text], [data-bench-place], [data-bench-voice], [data-bench-stale] and
// buttons [data-bench-send]; the form is #version-form. htmx asks for the outcome of what is under way.
// The buttons of [data-bench-keep] send the form an exemplar:add event, {kind, text, marks: {<key point's row>: mark}},
// and say where it is by the {number, id} that is put into it as `added`.

import { csrfToken } from "./csrf.js";
import { still } from "./still.js";

const PAUSE = 400;

function attach(panel, form) {
  const text = panel.querySelector("[data-bench-text]");
  const voice = panel.querySelector("[data-bench-voice]");
  const stale = panel.querySelector("[data-bench-stale]");
  const place = (purpose) => panel.querySelector(`[data-bench-place="${purpose}"]`);
  const under = {};
  let timer;

  function body(purpose) {
    const shown = place(purpose).querySelector("[data-bench-shown]")?.dataset.benchShown ?? "";
    const pending = place(purpose).querySelector("[data-bench-pending]")?.dataset.benchPending ?? "";
    const fields = new URLSearchParams(new FormData(form));
    fields.set("bench-purpose", purpose);
    fields.set("bench-since", shown);
    fields.set("bench-replaces", pending);
    return fields;
  }

  async function send(purpose) {
    under[purpose]?.abort();
    const { signal } = (under[purpose] = new AbortController());
    const headers = { "HX-Request": "true", "X-CSRFToken": csrfToken(form) };
    still(place(purpose));
    try {
      const reply = await fetch(panel.dataset.bench, { method: "POST", body: body(purpose), headers, signal });
      const words = await reply.text();
      if (reply.redirected || ![200, 400].includes(reply.status)) throw new Error(reply.status);
      show(purpose, words);
    } catch (error) {
      if (error.name !== "AbortError") refuse(purpose);
    }
  }

  function show(purpose, words) {
    place(purpose).innerHTML = words;
    window.htmx.process(place(purpose));
    arrived(place(purpose));
  }

  // What cannot be tried is said beside what was shown last. The next edit tries again.
  function refuse(purpose) {
    const words = "The bench cannot be reached. Your text is kept in this page; the next edit tries again.";
    place(purpose).querySelector("[data-bench-trouble]")?.remove();
    const notice = Object.assign(document.createElement("p"), { className: "notice notice--warning", textContent: words });
    notice.dataset.benchTrouble = "";
    place(purpose).prepend(notice);
    voice.textContent = words;
  }

  function arrived(where) {
    const news = where.querySelector("[data-bench-news]")?.textContent.trim().replace(/\s+/g, " ");
    if (news) voice.textContent = news;
    const keep = where.querySelector("[data-bench-keep]");
    if (keep) keep.hidden = false;
  }

  function edited({ target }) {
    stale.hidden = !place("exemplars").querySelector("[data-bench-shown]") || target === text;
    // Exemplars move no mark of an answer.
    if (target.closest('[data-formset="exemplars"]')) return;
    clearTimeout(timer);
    if (text.value.trim()) timer = setTimeout(send, PAUSE, "answer");
  }

  // The rows of the key points that are filled, as they stand in the page: the marks come in that order.
  function rows() {
    const claims = [...form.querySelectorAll('[name^="key_points-"][name$="-claim"]')];
    const there = claims.filter((claim) => claim.value.trim() && !claim.closest("[hidden]"));
    return there.map((claim) => claim.name.split("-")[1]);
  }

  function keep(button) {
    const choice = button.closest("[data-bench-keep]");
    const { text: answer, marks: given } = JSON.parse(choice.dataset.benchKeep);
    const places = rows();
    const marks = Object.fromEntries(given.map((mark, number) => [places[number], mark]));
    const detail = { kind: button.dataset.benchKind, text: answer, marks };
    form.dispatchEvent(new CustomEvent("exemplar:add", { bubbles: true, detail }));
    if (detail.added) kept(choice, detail.added);
    else voice.textContent = "There is no room for another exemplar.";
  }

  function kept(choice, { number, id }) {
    const link = Object.assign(document.createElement("a"), { href: `#${id}`, textContent: `exemplar ${number}` });
    const words = document.createElement("p");
    words.className = "small";
    words.append("It is ", link, " now, with the marks from here. Change those it should not get.");
    choice.replaceWith(words);
    link.focus();
    voice.textContent = words.textContent;
  }

  form.addEventListener("input", edited);
  form.addEventListener("change", edited);
  text.addEventListener("input", edited);
  panel.addEventListener("htmx:after:swap", () => panel.querySelectorAll("[data-bench-place]").forEach(arrived));
  panel.addEventListener("click", (event) => {
    const button = event.target.closest("[data-bench-send], [data-bench-kind]");
    if (!button) return;
    event.preventDefault();
    if ("benchKind" in button.dataset) return keep(button);
    clearTimeout(timer);
    if (button.value === "exemplars") stale.hidden = true;
    send(button.value);
  });
}

const panel = document.querySelector("[data-bench]");
const form = document.getElementById("version-form");
if (panel && form) attach(panel, form);
