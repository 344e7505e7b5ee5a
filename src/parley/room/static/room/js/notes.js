/**
 * Signed notes and checkpoints, as `parley.exchange.notes` and C2SP *signed-note* and
 * *tlog-checkpoint* have them: text, a blank line, and lines of signatures, each with the name of
 * a key, four bytes that tell it, and an Ed25519 signature of the text.
 *
 * @typedef {{name: string, seed: Uint8Array}} Signer a name and the 32 bytes of a private key
 * @typedef {{name: string, key: Uint8Array}} Verifier a name and the 32 bytes of a public key
 * @typedef {{origin: string, size: number, root: Uint8Array}} Checkpoint
 */

import { fromBase64, isUnicode, join, same, sha256, toBase64, utf8 } from "./bytes.js";
import * as ed25519 from "./ed25519.js";
import { ProofError, SettingError } from "./errors.js";

const ID = 4;
const KEY = 32;
const MARK = "\u2014 ";
const MOST = 1_000_000;
const ROOT = 32;
/** A name has no control character, plus, or blank of any script. */
const NO_NAME =
  /[\u0000-\u0020+\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\p{Surrogate}]/u;
const NO_TEXT = /[\u0000-\u0009\u000b-\u001f\p{Surrogate}]/u;

/** @param {Signer} signer @returns {Promise<Verifier>} the public part */
export async function verifierOf(signer) {
  return { name: signer.name, key: await ed25519.publicKey(signer.seed) };
}

/** @param {Verifier} verifier @returns {Promise<Uint8Array>} four bytes that tell it from others */
export async function keyId(verifier) {
  if (!isName(verifier.name) || verifier.key?.length !== KEY) throw new ProofError("bad-key");
  const start = join(utf8(`${verifier.name}\n`), Uint8Array.of(1), verifier.key);
  return (await sha256(start)).slice(0, ID);
}

/**
 * @param {Verifier} verifier
 * @param {string} text
 * @param {Uint8Array} signature
 * @returns {Promise<boolean>} whether it is a signature of this text
 */
export async function holds(verifier, text, signature) {
  return isUnicode(text) && ed25519.verify(verifier.key, utf8(text), signature);
}

/** @param {string} text @param {Signer} signer @returns {Promise<string>} a line of signature */
export async function sign(text, signer) {
  if (!isText(text)) throw new SettingError("bad-text");
  const id = await keyId(await verifierOf(signer));
  const signature = await ed25519.sign(signer.seed, utf8(text));
  return `${MARK}${signer.name} ${toBase64(join(id, signature))}\n`;
}

/** @param {string} text @param {...Signer} signers @returns {Promise<string>} a note */
export async function signed(text, ...signers) {
  if (!isText(text)) throw new SettingError("bad-text");
  let note = `${text}\n`;
  for (const signer of signers) note += await sign(text, signer);
  return note;
}

/**
 * The text of a note that all of these keys have signed. Signatures of others are left alone.
 *
 * @param {string} note
 * @param {...Verifier} verifiers
 * @returns {Promise<string>}
 * @throws {ProofError} `not-a-note`, `not-signed` or `bad-signature`
 */
export async function opened(note, ...verifiers) {
  const { text, lines } = parts(note);
  for (const verifier of verifiers) {
    const id = await keyId(verifier);
    const mine = lines.filter((line) => line.name === verifier.name && same(line.id, id));
    if (mine.length === 0) throw new ProofError("not-signed", verifier.name);
    for (const { signature } of mine) {
      if (!(await holds(verifier, text, signature))) {
        throw new ProofError("bad-signature", verifier.name);
      }
    }
  }
  return text;
}

/** @param {Checkpoint} checkpoint @returns {string} the text that is signed */
export function checkpointText({ origin, size, root }) {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/**
 * @param {string} note
 * @param {string} origin the name of the log
 * @param {...Verifier} verifiers
 * @returns {Promise<Checkpoint>}
 * @throws {ProofError} as `opened`, or `no-checkpoint`
 */
export async function readCheckpoint(note, origin, ...verifiers) {
  const lines = (await opened(note, ...verifiers)).split("\n");
  const root = fromBase64(lines[2]);
  const size = /^(?:0|[1-9][0-9]*)$/.test(lines[1]) ? Number(lines[1]) : -1;
  const isOne = lines.length >= 4 && lines[0] === origin && root?.length === ROOT;
  if (!isOne || size < 0 || !Number.isSafeInteger(size)) {
    throw new ProofError("no-checkpoint", origin);
  }
  return { origin, size, root };
}

/**
 * @param {string} note
 * @returns {{text: string, lines: {name: string, id: Uint8Array, signature: Uint8Array}[]}}
 * @throws {ProofError} `not-a-note`
 */
export function parts(note) {
  const bad = new ProofError("not-a-note");
  if (typeof note !== "string" || isTooLong(note)) throw bad;
  const middle = note.lastIndexOf("\n\n");
  const text = note.slice(0, middle + 1);
  const after = note.slice(middle + 2);
  if (middle < 0 || !isText(text) || !after.endsWith("\n")) throw bad;
  const lines = after.slice(0, -1).split("\n").map(lineOf);
  if (lines.includes(null)) throw bad;
  return { text, lines };
}

function lineOf(line) {
  const [name, packed] = cut(line.slice(MARK.length));
  const raw = fromBase64(packed);
  if (!line.startsWith(MARK) || !isName(name) || raw === null || raw.length <= ID) return null;
  return { name, id: raw.slice(0, ID), signature: raw.slice(ID) };
}

/** What stands before the first blank, and what after it. */
function cut(text) {
  const place = text.indexOf(" ");
  return place < 0 ? [text, ""] : [text.slice(0, place), text.slice(place + 1)];
}

function isName(name) {
  return typeof name === "string" && name !== "" && !NO_NAME.test(name);
}

function isText(text) {
  return text.endsWith("\n") && !NO_TEXT.test(text);
}

/** Letters are counted as Python does, a pair of UTF-16 units as one. */
function isTooLong(note) {
  return note.length > MOST && (note.length > 2 * MOST || [...note].length > MOST);
}
