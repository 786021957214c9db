// Says at once that a chosen file is too large: a server that refuses one before it has arrived may not be heard.
// Looks for input[type="file"][data-max-bytes].

for (const input of document.querySelectorAll('input[type="file"][data-max-bytes]')) {
  const most = Number(input.dataset.maxBytes);
  const megabytes = (bytes) => Math.round(bytes / 1024 / 1024);

  input.addEventListener("change", () => {
    const size = input.files[0]?.size ?? 0;
    const words = `The file has ${megabytes(size)} MB; ${megabytes(most)} MB are the most that can be imported.`;
    input.setCustomValidity(size > most ? words : "");
    input.reportValidity();
  });
}
