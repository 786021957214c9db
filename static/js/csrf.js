// The token that a page must send with what it changes. Logging in again in another tab changes it, so the cookie is
// asked first and the form, which may be older, second.
export const csrfToken = (form) =>
  document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1] ?? form?.elements.csrfmiddlewaretoken.value;
