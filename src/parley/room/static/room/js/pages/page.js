/**
 * What the scripts of all pages need: the words of the page, its fields, sending, saving a file.
 * Every word that a reader sees stands in the page itself, in his language (`#words`).
 */

import { same, textOf } from "../bytes.js";
import { signers } from "../charter.js";
import { ExchangeError } from "../errors.js";
import { openKey } from "../keys.js";
import { verifierOf } from "../notes.js";

const TOKEN = "csrfmiddlewaretoken";

/** Something that a reader has to do otherwise; `code` names the words for it. */
export class Refusal extends Error {
  /** @param {string} code a word of the page @param {string} [detail] shown after it */
  constructor(code, detail = "") {
    super(code);
    this.code = code;
    this.detail = detail;
  }
}

/** @param {string} code @returns {string} the words of the page for it, or none */
export function word(code) {
  return document.querySelector(`#words [data-word="${CSS.escape(code)}"]`)?.textContent ?? "";
}

/**
 * Tell how it goes, below the form.
 *
 * @param {string} text
 * @param {"info"|"error"|"success"} [tone]
 */
export function tell(text, tone = "info") {
  const place = document.getElementById("told");
  place.textContent = text;
  place.className = text ? `notice ${tone}` : "";
}

/** @param {unknown} error told in the words of the page */
export function tellError(error) {
  console.info(error?.code ?? error?.name ?? "error");
  const words = word(error?.code ?? "");
  const isOurs = error instanceof Refusal || error instanceof ExchangeError;
  if (error?.code === "refused") tell(error.detail, "error");
  else if (words) tell([words, isOurs ? error.detail : ""].join(" ").trim(), "error");
  else tell([word("failed"), isOurs ? error.detail || error.message : ""].join(" "), "error");
}

/**
 * Show a form, and have a function answer it in place of the browser; one at a time.
 *
 * @param {HTMLFormElement|null} form
 * @param {() => Promise<void>} answer
 */
export function answered(form, answer) {
  if (!form) return;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter ?? form.querySelector("button[type=submit]");
    if (button?.disabled) return;
    if (button) button.disabled = true;
    form.setAttribute("aria-busy", "true");
    tell(word("working"));
    await new Promise((resolve) => setTimeout(resolve, 30)); // lets the words be seen first
    try {
      await answer();
    } catch (error) {
      tellError(error);
    } finally {
      if (button) button.disabled = false;
      form.removeAttribute("aria-busy");
    }
  });
}

/** @param {HTMLInputElement} input @returns {Promise<Uint8Array|null>} the file that is chosen */
export async function fileIn(input) {
  const file = input?.files?.[0];
  return file ? new Uint8Array(await file.arrayBuffer()) : null;
}

/**
 * The keys in the key file of the form, which must be those of `name`.
 *
 * @param {string} name party or agent
 * @returns {Promise<import("../keys.js").Identity>}
 */
export async function keysIn(name) {
  const file = await fileIn(document.getElementById("key-file"));
  if (!file) throw new Refusal("no-file");
  const field = document.getElementById("passphrase");
  if (!field.value) throw new Refusal("no-passphrase");
  const identity = await openKey(file, field.value);
  if (identity.name !== name) throw new Refusal("other-name", identity.name);
  return identity;
}

/**
 * Check that keys are those which a charter names.
 *
 * @param {import("../charter.js").Charter} charter
 * @param {import("../keys.js").Identity} identity
 */
export async function checkNamed(charter, identity) {
  const named = signers(charter).find(({ name }) => name === identity.name);
  const { key } = await verifierOf(identity);
  if (!named || !same(named.key, key)) throw new Refusal("other-keys");
}

/**
 * Ask the server for something of this room.
 *
 * @param {string} address
 * @param {RequestInit} [how]
 * @returns {Promise<Response>}
 */
export async function ask(address, how = {}) {
  let answer;
  try {
    answer = await fetch(address, { redirect: "manual", credentials: "same-origin", ...how });
  } catch {
    throw new Refusal("no-connection");
  }
  if (answer.type === "opaqueredirect" || answer.status === 403) throw new Refusal("signed-out");
  if (answer.ok) return answer;
  if (answer.status === 413) throw new Refusal("too-large");
  const said = await answer.json().catch(() => ({}));
  throw new Refusal(said.error ? "refused" : "server-failed", said.error ?? "");
}

/**
 * Send something, with the token of the form; after a new sign-in with a fresh one.
 *
 * @param {HTMLFormElement} form
 * @param {string} address
 * @param {BodyInit} body
 * @param {Record<string, string>} [headers]
 * @returns {Promise<any>} what the server answers
 */
export async function send(form, address, body, headers = {}) {
  const token = await tokenOf(form);
  const all = { Accept: "application/json", "X-CSRFToken": token, ...headers };
  // the server looks at the field first, and this one may be older than the token
  if (body instanceof FormData && body.has(TOKEN)) body.set(TOKEN, token);
  try {
    return await (await ask(address, { method: "POST", headers: all, body })).json();
  } catch (error) {
    if (error.code === "signed-out") form.dataset.stale = "yes";
    throw error;
  }
}

/** The token of a form; if somebody has signed in anew meanwhile, that of the page as it is now. */
async function tokenOf(form) {
  const field = form.elements[TOKEN];
  if (form.dataset.stale !== "yes") return field.value;
  const page = await (await ask(location.pathname)).text();
  const found = /name="csrfmiddlewaretoken" value="([A-Za-z0-9]+)"/.exec(page);
  if (found) field.value = found[1];
  delete form.dataset.stale;
  return field.value;
}

/** @param {Uint8Array} bytes @param {string} name give it to the reader as a file */
export function save(bytes, name) {
  const address = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** @param {Uint8Array} bytes @returns {"docx"|"pdf"|"txt"} what a text is by its first bytes */
export function kindOf(bytes) {
  const starts = (...first) => first.every((byte, k) => bytes[k] === byte);
  if (starts(0x50, 0x4b, 3, 4)) return "docx";
  return starts(0x25, 0x50, 0x44, 0x46, 0x2d) ? "pdf" : "txt";
}

/** @param {Uint8Array} bytes @returns {string|null} the words, if it is plain text */
export function plainText(bytes) {
  return kindOf(bytes) === "txt" ? textOf(bytes) : null;
}
