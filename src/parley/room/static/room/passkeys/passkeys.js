// Makes and uses passkeys: asks the device, then sends its answer with the form.
//
// A form says what it does: data-passkey="make" | "use" | "login". What the server asks of the
// device stands in the page as JSON, or is fetched from the form's address (login).

const fromBase64 = (text) => {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
};

const toBase64 = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const described = (list) => (list ?? []).map((item) => ({ ...item, id: fromBase64(item.id) }));

async function make(options, alone) {
  const asked = options.creation_options.publicKey;
  const selection = { ...asked.authenticatorSelection };
  selection.residentKey = alone ? "required" : "discouraged";
  selection.requireResidentKey = alone;
  if (alone) selection.userVerification = "required";
  return navigator.credentials.create({
    publicKey: {
      ...asked,
      authenticatorSelection: selection,
      challenge: fromBase64(asked.challenge),
      user: { ...asked.user, id: fromBase64(asked.user.id) },
      excludeCredentials: described(asked.excludeCredentials),
    },
  });
}

async function use(options) {
  const asked = options.request_options.publicKey;
  return navigator.credentials.get({
    publicKey: {
      ...asked,
      challenge: fromBase64(asked.challenge),
      allowCredentials: described(asked.allowCredentials),
    },
  });
}

async function fetched(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error("the server did not answer");
  return answer.json();
}

// what the server reads: every part of the device's answer as base64url
function asJson(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toBase64(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: toBase64(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function answer(form) {
  const kind = form.dataset.passkey;
  if (kind === "login") return use(await fetched(form.action));
  const options = JSON.parse(document.getElementById("passkey-options").textContent);
  if (kind === "use") return use(options);
  return make(options, form.elements.passwordless?.checked ?? false);
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const failed = form.querySelector("[data-passkey-failed]");
  if (!window.PublicKeyCredential) {
    failed.hidden = form.dataset.passkey !== "make";
    continue;
  }
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      form.elements.credential.value = asJson(await answer(form));
      form.submit();
    } catch (error) {
      console.warn(error.name);
      failed.hidden = false;
    }
  });
}
