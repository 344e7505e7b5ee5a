/** After the deadline: opens one's own copy, signs, and sends it to be laid before all. */

import { openWith } from "../agefile.js";
import { sign } from "../notes.js";
import { answered, fileIn, keysIn, Refusal, send, tell, word } from "./page.js";

const form = document.getElementById("alone");

answered(form, async () => {
  const copy = await fileIn(document.getElementById("own-copy"));
  if (!copy) throw new Refusal("no-copy");
  const identity = await keysIn(form.dataset.name);
  const core = await openWith(copy, identity.age);
  const body = new FormData();
  body.set("core", new Blob([core]), "core");
  body.set("signature", await sign(document.getElementById("to-sign").value, identity));
  const { next } = await send(form, location.pathname, body);
  tell(word("sent"), "success");
  location.assign(next);
});
