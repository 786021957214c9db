// Logged out in the middle of an answer: asks for the password in place, then saves the text.
// Looks for dialog[data-log-in-again] with a form and [data-log-in-problem]; hears draft:state "login" from the page's
// textarea, or its form, and answers with draft:retry.
//
// The dialog does not block the page, and takes the focus only from who is not writing: no letter of an answer may land
// in a password. The login is allauth's own, with its limits. Does that ask for more, the link beside opens it.

import { renewTokens } from "./csrf.js";

const dialog = document.querySelector("[data-log-in-again]");
const box = document.querySelector("[data-autosave]");
const retry = () => box.dispatchEvent(new Event("draft:retry"));

async function post(form) {
  await fetch(form.action); // sets the cookie with the token, should that be gone too
  renewTokens();
  const headers = { Accept: "application/json" };
  const response = await fetch(form.action, { method: "POST", headers, body: new URLSearchParams(new FormData(form)) });
  return { status: response.status, answer: (await response.json().catch(() => null)) ?? {} };
}

function problemOf({ status, answer }, next) {
  if (status === 200 && answer.location === next) return "";
  if (status === 429) return "That was tried too often. Wait a minute, then try again.";
  const fields = Object.values(answer.form?.fields ?? {}).flatMap((field) => field.errors);
  const said = [...(answer.form?.errors ?? []), ...fields].join(" ");
  return said || "This login needs another step. Log in in a new tab, then come back here.";
}

function attach(form) {
  const { password, next } = form.elements;
  const problem = dialog.querySelector("[data-log-in-problem]");

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const offline = "There is no connection. Your text is kept; try again when it is back.";
    const said = await post(form).then((reply) => problemOf(reply, next.value), () => offline);
    problem.textContent = said;
    if (said) return password.select();
    renewTokens();
    hide();
    retry();
  });
}

function show() {
  dialog.open = true;
  if (!box.contains(document.activeElement)) dialog.querySelector("[name=password]")?.focus();
}

function hide() {
  dialog.querySelector("form")?.reset();
  dialog.close();
  box.focus();
}

box.addEventListener("draft:state", ({ detail }) => {
  if (detail.state === "login" && !dialog.open) show();
  if (detail.state !== "login" && detail.state !== "typing" && dialog.open) hide();
});
document.addEventListener("visibilitychange", () => !document.hidden && dialog.open && retry());
dialog.querySelectorAll("form").forEach(attach);
