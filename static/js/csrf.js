// The token that a page must send with what it changes. Logging in again changes it, in this tab or another, so the
// cookie is asked first and the form, which may be older, second.
const inCookie = () => document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1];

export const csrfToken = (form) => inCookie() ?? form?.elements.csrfmiddlewaretoken.value;

// Gives every form of the page the token of now: a form that is sent without scripts' help knows no cookie.
export function renewTokens() {
  const token = inCookie();
  if (token) document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => (field.value = token));
}
