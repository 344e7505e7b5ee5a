/** Makes keys: the key file is saved on this device, only the public card goes to the server. */

import { makeKey } from "../keys.js";
import { answered, Refusal, save, tell } from "./page.js";

const form = document.getElementById("make");
const register = document.getElementById("register");

answered(form, async () => {
  const [one, again] = ["passphrase", "again"].map((id) => document.getElementById(id).value);
  if (one !== again) throw new Refusal("not-same");
  const { name } = form.dataset;
  const made = await makeKey(name, one);
  const saved = () => save(made.file, `${name}.parley-key`);
  saved();
  document.getElementById("save-again").onclick = saved;
  register.elements.card.value = made.card;
  register.hidden = false;
  form.hidden = true;
  tell("");
  register.querySelector("button[type=submit]").focus();
});
