// Asks the browser for a passkey and sends what it says with the form.
// Looks for form[data-passkey]: create (options in #passkey-options), get (the same), or login (options fetched from
// the form's action); the reply goes into the form's field "credential", words to [data-passkey-status].
const keys = globalThis.PublicKeyCredential;
const WORDS = {
  InvalidStateError: "This device has a passkey of yours already.",
  SecurityError: "Passkeys belong to a name. Open Greenroom by its name (localhost on this computer), not by a number.",
};

async function optionsOf(form) {
  if (form.dataset.passkey !== "login") return JSON.parse(document.getElementById("passkey-options").textContent);
  const reply = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!reply.ok) throw new Error(`status ${reply.status}`);
  return reply.json();
}

async function create(form, { creation_options: { publicKey } }) {
  const alone = form.elements.passwordless?.checked;
  publicKey.authenticatorSelection = {
    ...publicKey.authenticatorSelection,
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: Boolean(alone),
    ...(alone && { userVerification: "required" }),
  };
  return navigator.credentials.create({ publicKey: keys.parseCreationOptionsFromJSON(publicKey) });
}

async function get({ request_options: { publicKey } }) {
  return navigator.credentials.get({ publicKey: keys.parseRequestOptionsFromJSON(publicKey) });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const status = form.querySelector("[data-passkey-status]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!keys?.parseCreationOptionsFromJSON) {
      status.textContent = "This browser, or this address without TLS, knows no passkeys.";
      return;
    }
    status.textContent = "Your browser asks for the passkey.";
    try {
      const options = await optionsOf(form);
      const credential = await (form.dataset.passkey === "create" ? create(form, options) : get(options));
      form.elements.credential.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch (error) {
      status.textContent = WORDS[error.name] ?? "No passkey was used. Try again.";
    }
  });
}
