// Puts the focus on the question's heading when one comes from another question of the same interview, or from its last
// look. The first question opened, and a page loaded again, leave the focus where it is.
// Looks for [data-question-heading="<start of the interview's addresses>"].

const heading = document.querySelector("[data-question-heading]");
const from = document.referrer && new URL(document.referrer);
const isReload = performance.getEntriesByType("navigation")[0]?.type === "reload";
const isNear = from && from.origin === location.origin && from.pathname.startsWith(heading.dataset.questionHeading);

if (isNear && from.pathname !== location.pathname && !isReload) heading.focus({ preventScroll: true });
