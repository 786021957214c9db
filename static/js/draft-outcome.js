// What the server's reply to a draft means, in a word and in words for the person.
// saved · conflict: another text is there · late: kept beside the answer after the end · closed: no text is taken any
// more · refused: not this text · login: nobody is logged in · retry: later.

const NO_ANSWER = "Not saved yet: there is no connection. Your text is kept in this page, and saved when it is back.";
const TROUBLE = "Not saved yet: the server has trouble. Your text is kept in this page; saving again in a moment.";
const LOGGED_OUT = "Not saved yet: you are logged out. See above the answer. Your text is kept in this page.";
const CONFLICT = "Not saved: this answer was changed elsewhere. Choose a text above.";
const GONE = "Not saved: this question is not there any more. Your text is kept in this page.";

const clock = (iso) => new Date(iso).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
const problems = (answer) => answer.detail ?? Object.values(answer).flat().join(" ");

// status 0: there was no reply at all.
export function outcomeOf(status, answer) {
  if (status === 200) return { kind: "saved", words: `Draft saved ${clock(answer.saved_at)}` };
  if (status === 409 && "text" in answer) return { kind: "conflict", words: CONFLICT };
  if (status === 403 && answer.code === "kept_late") return { kind: "late", words: answer.detail };
  if (status === 403 && ["deadline_passed", "closed"].includes(answer.code)) {
    return { kind: "closed", words: answer.detail };
  }
  if ([400, 409, 413, 422].includes(status)) return { kind: "refused", words: `Not saved. ${problems(answer)}` };
  if (status === 404) return { kind: "refused", words: GONE };
  if ([401, 403].includes(status)) return { kind: "login", words: LOGGED_OUT };
  return { kind: "retry", words: status === 0 ? NO_ANSWER : TROUBLE };
}
