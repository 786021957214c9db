// Sends a draft to its address and says what the reply means: {kind, words, answer}, as draft-outcome.js has them.

import { outcomeOf } from "./draft-outcome.js";

export async function putDraft(address, { text, revision }, token) {
  const body = JSON.stringify({ text, revision });
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const keepalive = body.length < 20000; // outlives the page; browsers allow it for small bodies alone
  const options = { method: "PUT", headers, body, keepalive, signal: AbortSignal.timeout(15000) };
  const response = await fetch(address, options).catch(() => null);
  const answer = (await response?.json().catch(() => null)) ?? {};
  return { answer, ...outcomeOf(response?.status ?? 0, answer) };
}
