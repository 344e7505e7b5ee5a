/** Signs with a key file: the charter, or the words in the page; then sends the form. */

import { parse, readCharter, signCharter } from "../charter.js";
import { sign } from "../notes.js";
import { answered, ask, checkNamed, keysIn } from "./page.js";

const form = document.querySelector("form[data-sign]");

answered(form, async () => {
  const identity = await keysIn(form.dataset.name);
  const note = await (await ask(form.dataset.charter)).text();
  form.elements.signature.value = await lineOf(note, identity);
  form.submit();
});

async function lineOf(note, identity) {
  if (form.dataset.sign === "charter") {
    await checkNamed(parse(note), identity);
    return signCharter(note, identity);
  }
  await checkNamed(await readCharter(note), identity);
  return sign(document.getElementById(form.dataset.sign).value, identity);
}
