/** Reads the texts that are open, on the device of one of their readers. */

import { openWith } from "../agefile.js";
import { utf8 } from "../bytes.js";
import { headerFor, readCharter, signers } from "../charter.js";
import * as sealing from "../sealing.js";
import { answered, ask, checkNamed, keysIn, kindOf, plainText, save, send, tell, tellError }
  from "./page.js";

const form = document.getElementById("read");
const texts = [...document.querySelectorAll("[data-text]")];

answered(form, async () => {
  const identity = await keysIn(form.dataset.name);
  const charter = await readCharter(await (await ask(form.dataset.charter)).text());
  await checkNamed(charter, identity);
  for (const place of texts) await show(place, charter, identity);
  tell("");
  form.hidden = true;
  texts[0]?.querySelector("h2")?.scrollIntoView();
});

async function show(place, charter, identity) {
  const { party, lock, deposit: address, file } = place.dataset;
  const raw = new Uint8Array(await (await ask(address)).arrayBuffer());
  const deposit = sealing.fromJson(raw);
  const verifier = signers(charter).find(({ name }) => name === party);
  const header = await headerFor(charter, party);
  await sealing.checkDeposit(deposit, header, verifier, Object.keys(charter.agents));
  const inner = await sealing.openLock(deposit, utf8(lock));
  const text = await sealing.read(deposit, inner, identity.age);
  const words = plainText(text);
  place.querySelector(".sealed").hidden = true;
  const shown = place.querySelector("[data-words]");
  shown.textContent = words ?? "";
  shown.hidden = words === null;
  const button = place.querySelector("[data-save]");
  button.hidden = false;
  button.onclick = () => save(text, `${file}.${kindOf(text)}`);
  canPublish(place, () => openWith(inner, identity.age));
}

/** What the server cannot open, the reader's device lays before all. */
function canPublish(place, coreOf) {
  const publish = place.querySelector("form[data-publish]");
  if (!publish) return;
  publish.hidden = false;
  publish.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const body = new FormData();
      body.set("core", new Blob([await coreOf()]), "core");
      const { next } = await send(publish, publish.getAttribute("action"), body);
      location.assign(next);
    } catch (error) {
      tellError(error);
    }
  });
}
