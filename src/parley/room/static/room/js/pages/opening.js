/**
 * Opens the texts as a release agent: checks the charter, every signature and that every deposit
 * stands in the log; takes off its own layer; sends the locks, or hands its layers on.
 */

import { toPublic } from "../agefile.js";
import { fromBase64, textOf, toBase64, utf8 } from "../bytes.js";
import * as canonical from "../canonical.js";
import { headerFor, readCharter, signers } from "../charter.js";
import { ProofError } from "../errors.js";
import { verify } from "../receipts.js";
import * as sealing from "../sealing.js";
import { answered, checkNamed, keysIn, Refusal, send, tell, word } from "./page.js";

const form = document.getElementById("open");

answered(form, async () => {
  const identity = await keysIn(form.dataset.name);
  const asked = await send(form, form.dataset.request, "", {});
  const charter = await readCharter(asked.charter);
  await checkAgent(charter, identity);
  const deposits = await checked(charter, asked);
  const share = await shareOf({ identity, charter, deposits, asked });
  const fields = { format: "parley-share-1", exchange: asked.exchange, agent: identity.name };
  const body = canonical.encode({ ...fields, ...share });
  const { next } = await send(form, form.dataset.share, body, {
    "Content-Type": "application/json",
  });
  tell(word("sent"), "success");
  location.assign(next);
});

/** The keys are those that the charter has under the name of this agent. */
async function checkAgent(charter, identity) {
  if (!Object.hasOwn(charter.agents, identity.name)) throw new Refusal("other-keys");
  await checkNamed(charter, identity);
}

/** Every deposit, once it is sure whose it is, and that it stands in the log. */
async function checked(charter, asked) {
  const parties = Object.keys(charter.parties);
  const files = parties.map((name) => ({ name, bytes: utf8(asked.receipts[name] ?? "") }));
  const verdicts = await verify(files);
  const deposits = {};
  for (const { name, status, code, checked: receipt } of verdicts) {
    if (status !== "valid") throw new ProofError(code || "not-in-log", name);
    const deposit = sealing.fromJson(utf8(asked.deposits[name]));
    const verifier = signers(charter).find((signer) => signer.name === name);
    const header = await headerFor(charter, name);
    await sealing.checkDeposit(deposit, header, verifier, Object.keys(charter.agents));
    const statement = await sealing.statement(deposit);
    const isSame = receipt.receipt.statement === statement && receipt.entry.who === name;
    if (!isSame || receipt.charter?.text !== charter.text) throw new ProofError("not-in-log", name);
    deposits[name] = deposit;
  }
  return deposits;
}

/** The locks of all texts; if one does not open with the server, this agent's layers instead. */
async function shareOf(all) {
  const locks = {};
  const failed = [];
  for (const [party, deposit] of Object.entries(all.deposits)) {
    const lock = await lockOf(all, party, deposit);
    if (lock === null) failed.push(party);
    else locks[party] = lock;
  }
  if (failed.length === 0) return { locks };
  return handedOn(all, failed);
}

/** The lock of a text, by the layers that are already off; `null` if none of them leads to it. */
async function lockOf({ identity, charter, asked }, party, deposit) {
  const layers = [asked.layers[party], asked.others[party]].filter(Boolean);
  for (const layer of layers) {
    try {
      const key = await sealing.peel(fromBase64(layer) ?? new Uint8Array(), identity.age);
      const lock = textOf(key);
      if ((await toPublic(lock)) !== deposit.lock) continue;
      // who may read looks whether the text itself is what was signed; whether what lies under the
      // lock is, the server finds for all to see
      const reads = charter.recipients.includes(identity.name);
      if (reads) await sealing.read(deposit, await sealing.openLock(deposit, key), identity.age);
      return lock;
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error)) throw error;
    }
  }
  return null;
}

/**
 * What is left where the server's layers do not lead to every lock: a way without the server. Which
 * texts they did not lead to is told as well: if the other agent finds the same, they are void.
 */
async function handedOn({ identity, charter, deposits, asked }, failed) {
  const pairs = sealing.pairsOf(Object.keys(charter.agents));
  const place = pairs.findIndex(([first]) => first === identity.name);
  const layers = {};
  if (place < 0) {
    // no other way is left: of the texts that do open, nothing more is given away
    const open = Object.keys(deposits).filter((party) => !failed.includes(party));
    for (const party of open) layers[party] = asked.layers[party] ?? asked.others[party];
    return { layers, failed };
  }
  const broken = new Set(failed);
  for (const [party, deposit] of Object.entries(deposits)) {
    try {
      layers[party] = toBase64(await sealing.peel(deposit.wraps[place], identity.age));
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      broken.add(party);
    }
  }
  return { layers, failed: [...broken] };
}
