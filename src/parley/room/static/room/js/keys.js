/**
 * Keys of a delegation or release agent: made here, kept in a file behind a passphrase, of which
 * only the public card leaves the device. The same files as `parley.exchange.keys`.
 *
 * @typedef {{name: string, age: string, seed: Uint8Array}} Identity private: `age` opens
 *   (AGE-SECRET-KEY-1...), `seed` signs (Ed25519); it serves as a signer of notes
 * @typedef {{name: string, age: string, sign: Uint8Array}} Card public: `age` to seal to
 *   (age1...), `sign` to check signatures with
 */

import * as agefile from "./agefile.js";
import { fromBase64, toBase64, utf8 } from "./bytes.js";
import * as canonical from "./canonical.js";
import { isId } from "./charter.js";
import { newSeed, publicKey } from "./ed25519.js";
import { ProofError, SettingError } from "./errors.js";
import { opened, parts, signed } from "./notes.js";

export { fromPkcs8, toPkcs8 } from "./ed25519.js";

const FORMAT = "parley-key-1";
const CARD = "parley-public-1";
const AGE = /^age1[a-z0-9]{58}$/;
const BYTES = 32;
/** What a guess at a passphrase costs, as in the age tool: 2^18 rounds, about a second. */
const WORK = 18;
/** Fewest letters of a passphrase. */
export const SHORTEST = 12;

/**
 * Fresh keys.
 *
 * @param {string} name
 * @param {string} passphrase
 * @param {number} [work] for tests only: what a guess costs
 * @returns {Promise<{file: Uint8Array, card: string, identity: Identity}>} the key file, the
 *   public card, and the keys themselves
 * @throws {SettingError} `bad-name` or `short-passphrase`
 */
export async function makeKey(name, passphrase, work = WORK) {
  if (!isId(name)) throw new SettingError("bad-name");
  const identity = { name, age: await agefile.newKey(), seed: newSeed() };
  const file = await lockKey(identity, passphrase, work);
  return { file, card: await cardOf(identity), identity };
}

/**
 * @param {Identity} identity
 * @param {string} passphrase
 * @param {number} [work] for tests only
 * @returns {Promise<Uint8Array>} the key file
 * @throws {SettingError} `short-passphrase`
 */
export async function lockKey(identity, passphrase, work = WORK) {
  if ([...passphrase].length < SHORTEST) throw new SettingError("short-passphrase");
  const fields = {
    format: FORMAT,
    name: identity.name,
    age: identity.age,
    sign: toBase64(identity.seed),
  };
  return agefile.lock(canonical.encode(fields), passphrase, work);
}

/**
 * @param {Uint8Array} file
 * @param {string} passphrase
 * @returns {Promise<Identity>}
 * @throws {ProofError} `wrong-passphrase`, `changed`, `wrong-form` or `bad-key`
 */
export async function openKey(file, passphrase) {
  const fields = canonical.record(await agefile.unlock(file, passphrase), FORMAT);
  const seed = fromBase64(fields.sign);
  if (!isId(fields.name) || seed?.length !== BYTES) throw new ProofError("bad-key");
  await agefile.toPublic(fields.age);
  return { name: fields.name, age: fields.age, seed };
}

/** @param {Identity} identity @returns {Promise<string>} its card, signed by itself */
export async function cardOf(identity) {
  const fields = {
    age: await agefile.toPublic(identity.age),
    name: identity.name,
    sign: toBase64(await publicKey(identity.seed)),
  };
  return signed(`${CARD}\n${canonical.textOf(fields)}\n`, identity);
}

/**
 * @param {string} note
 * @returns {Promise<Card>}
 * @throws {ProofError} `wrong-form`, or as `notes.opened`: it must be signed by the key on it
 */
export async function readCard(note) {
  const [head, body, ...rest] = parts(note).text.split("\n");
  if (head !== CARD || rest.length !== 1) throw new ProofError("wrong-form", CARD);
  const fields = canonical.decode(utf8(body));
  const sign = fromBase64(fields?.sign);
  const isCard = canonical.hasKeys(fields, ["age", "name", "sign"]) && isId(fields.name);
  if (!isCard || sign?.length !== BYTES || !AGE.test(fields.age)) {
    throw new ProofError("wrong-form", CARD);
  }
  await opened(note, { name: fields.name, key: sign });
  return { name: fields.name, age: fields.age, sign };
}
