// Counts the words of a text field as they are typed, beside how many to aim for.
// Looks for [data-word-count="#id of the textarea"][data-least][data-most][data-max="<characters>"]; over the limit it
// says so and lets type on.

const many = (number, thing) => `${number.toLocaleString("en-GB")} ${thing}${number === 1 ? "" : "s"}`;

function inWords(words, least, most) {
  const counted = many(words, "word");
  if (words < least) return `${counted}, aim for ${least}–${most}`;
  return words > most ? `${counted}, more than the ${least}–${most} aimed for` : `${counted}, within ${least}–${most}`;
}

for (const element of document.querySelectorAll("[data-word-count]")) {
  const box = document.querySelector(element.dataset.wordCount);
  const [least, most, max] = [element.dataset.least, element.dataset.most, element.dataset.max].map(Number);

  const count = () => {
    const words = box.value.trim().split(/\s+/).filter(Boolean).length;
    // The server counts whole characters, JavaScript halves of some.
    const over = [...box.value].length - max;
    element.textContent = inWords(words, least, most);
    if (over > 0) element.textContent += `, ${many(over, "character")} over the limit`;
    element.classList.toggle("word-count--over", over > 0);
  };

  box.addEventListener("input", count);
  box.addEventListener("draft:state", count);
  count();
}
