/**
 * Lays down a text. Sealed: it is sealed here first, and only then sent. Simple: sent as the form
 * is, but so that the words stay in the page if the connection breaks. Whatever is sent again is
 * sent under the same key, so it is never laid down twice.
 */

import { sealTo, toPublic } from "../agefile.js";
import { toHex, sha256, utf8 } from "../bytes.js";
import { agentKeys, headerFor, readCharter, sealedTo } from "../charter.js";
import { coreOf, seal, toJson } from "../sealing.js";
import {
  answered, ask, checkNamed, fileIn, keysIn, Refusal, save, send, tell, word,
} from "./page.js";

const sealing = document.getElementById("seal");
const simple = document.getElementById("simple");
const NONCE = 32;
/** What was sealed, by the hash of the text, so that the very same is sent again. */
const made = new Map();

answered(sealing, async () => {
  const text = await textIn();
  const identity = await keysIn(sealing.dataset.name);
  const of = toHex(await sha256(text));
  if (!made.has(of)) made.set(of, await sealed(text, identity));
  const { body, own } = made.get(of);
  const headers = { "Content-Type": "application/json", "Idempotency-Key": keyFor(of) };
  const { next } = await send(sealing, location.pathname, body, headers);
  tell("");
  sealing.hidden = true;
  const done = document.getElementById("done");
  done.hidden = false;
  document.getElementById("next").href = next;
  const button = document.getElementById("own-copy");
  button.onclick = () => save(own, `round-${sealing.dataset.round}.parley-own`);
  button.focus();
});

/** One key for one text: if the words were changed after a failure, it is another deposit. */
function keyFor(of) {
  return `${sealing.dataset.key}.${of.slice(0, 16)}`;
}

async function textIn() {
  const written = document.getElementById("text").value;
  const file = await fileIn(document.getElementById("text-file"));
  if (written.trim() && file) throw new Refusal("two-texts");
  if (file?.length) return file;
  if (!written.trim()) throw new Refusal("nothing");
  return utf8(written);
}

async function sealed(text, identity) {
  const charter = await readCharter(await (await ask(sealing.dataset.charter)).text());
  await checkNamed(charter, identity);
  const header = await headerFor(charter, identity.name);
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
  const to = sealedTo(charter);
  const deposit = await seal(header, text, to, agentKeys(charter), identity, nonce);
  const own = await sealTo(coreOf(header, text, nonce), [await toPublic(identity.age)]);
  return { body: toJson(deposit), own };
}

if (simple) {
  answered(simple, async () => {
    const { next } = await send(simple, location.pathname, new FormData(simple));
    tell(word("sent"), "success");
    location.assign(next);
  });
}
