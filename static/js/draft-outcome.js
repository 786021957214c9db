// What the server's reply to a draft means, in a word and in words for the person.
// saved · conflict: another text is there · closed: no text is taken any more · refused: not this text · retry: later.

const NO_ANSWER = "Offline. Your text is kept in this page; saving again as soon as you are back.";
const TROUBLE = "The server has trouble. Your text is kept in this page; saving again in a moment.";
const LOGGED_OUT = "You are logged out. Your text is kept in this page: log in again in another tab, and it is saved.";
const CONFLICT = "Not saved: this answer was changed elsewhere. Choose a text above.";
const GONE = "Not saved: this question is not there any more. Your text is kept in this page.";

const clock = (iso) => new Date(iso).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
const problems = (answer) => answer.detail ?? Object.values(answer).flat().join(" ");

// status 0: there was no reply at all.
export function outcomeOf(status, answer) {
  if (status === 200) return { kind: "saved", words: `Draft saved ${clock(answer.saved_at)}` };
  if (status === 409 && "text" in answer) return { kind: "conflict", words: CONFLICT };
  if (status === 403 && ["deadline_passed", "closed"].includes(answer.code)) {
    return { kind: "closed", words: answer.detail };
  }
  if ([400, 409, 413, 422].includes(status)) return { kind: "refused", words: `Not saved. ${problems(answer)}` };
  if (status === 404) return { kind: "refused", words: GONE };
  if ([401, 403].includes(status)) return { kind: "retry", words: LOGGED_OUT };
  return { kind: "retry", words: status === 0 ? NO_ANSWER : TROUBLE };
}
