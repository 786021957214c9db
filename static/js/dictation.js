// Writes what is spoken where the caret is, in browsers that can.
// Looks for [data-dictation="#id of the textarea"] with -button, -note (shown before the first use, with -start and
// -cancel) and -words, a status region. Where the browser cannot, nothing of it shows.

import { recall, remember } from "./remember.js";

const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
const NOTED = "greenroom:dictation-noted";
const PROBLEMS = {
  "no-speech": "Nothing was heard.",
  "audio-capture": "No microphone was found. You can type instead.",
  "not-allowed": "The browser may not use the microphone here. You can type instead.",
  "service-not-allowed": "The browser may not turn speech into text here. You can type instead.",
  network: "The browser cannot reach what turns its speech into text. You can type instead.",
};

function insert(box, words) {
  const before = box.value.slice(0, box.selectionStart);
  const after = box.value.slice(box.selectionEnd);
  const space = (text, edge) => (text && edge.test(text) ? " " : "");
  const text = space(before, /\S$/) + words.trim() + space(after, /^\w/);
  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function attach(element) {
  const part = (name) => element.querySelector(`[data-dictation-${name}]`);
  const box = document.querySelector(element.dataset.dictation);
  const [button, note, words] = [part("button"), part("note"), part("words")];
  const recognition = new Recognition();
  let isListening = false;
  let hasCaret = false;

  function start() {
    note.hidden = true;
    if (!hasCaret) box.setSelectionRange(box.value.length, box.value.length);
    box.focus();
    recognition.start();
    isListening = true;
    button.textContent = "Stop dictating";
    words.textContent = "Listening. Speak now.";
  }

  Object.assign(recognition, { lang: "en-GB", continuous: true });
  recognition.addEventListener("result", ({ resultIndex, results }) => {
    for (const result of [...results].slice(resultIndex)) if (result.isFinal && !box.readOnly) insert(box, result[0].transcript);
  });
  recognition.addEventListener("error", ({ error }) => (words.textContent = PROBLEMS[error] ?? ""));
  recognition.addEventListener("end", () => {
    isListening = false;
    button.textContent = "Dictate";
    if (words.textContent.startsWith("Listening")) words.textContent = "Dictation has stopped.";
  });
  box.addEventListener("focus", () => (hasCaret = true));
  button.addEventListener("click", () => {
    if (isListening) return recognition.stop();
    if (recall(NOTED)) return start();
    note.hidden = !note.hidden;
    if (!note.hidden) part("start").focus();
  });
  part("start").addEventListener("click", () => {
    remember(NOTED, "yes");
    start();
  });
  part("cancel").addEventListener("click", () => {
    note.hidden = true;
    button.focus();
  });
  button.hidden = false;
}

if (Recognition) document.querySelectorAll("[data-dictation]").forEach(attach);
