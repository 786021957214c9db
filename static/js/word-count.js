// Counts the words of a text field as they are typed.
// Looks for [data-word-count="#id of the textarea"][data-max="<characters>"]; over the limit it says so and lets type on.

for (const element of document.querySelectorAll("[data-word-count]")) {
  const box = document.querySelector(element.dataset.wordCount);
  const max = Number(element.dataset.max);

  const count = () => {
    const words = box.value.trim().split(/\s+/).filter(Boolean).length;
    // The server counts whole characters, JavaScript halves of some.
    const over = [...box.value].length - max;
    element.textContent = `${words} word${words === 1 ? "" : "s"}`;
    if (over > 0) element.textContent += `, ${over.toLocaleString("en-GB")} characters over the limit`;
    element.classList.toggle("word-count--over", over > 0);
  };

  box.addEventListener("input", count);
  box.addEventListener("draft:state", count);
  count();
}
