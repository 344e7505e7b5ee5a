/**
 * Receipts: what a party keeps, so that nobody can later deny, alter or lose what it laid down.
 * Checked as `parley.exchange.receipts` does, without the room and without its operator, and
 * compared with one another, which shows a log that was told differently to different people.
 *
 * @typedef {{format: string, mode: string, room: string, channel: string, entry: string,
 *   index: number, proof: string[], checkpoint: string, log: {name: string, key: string},
 *   charter: string|null, statement: string|null, signature: string|null, nonce: string|null
 *   }} Receipt the fields of the file as they are
 * @typedef {{receipt: Receipt, origin: string, entry: Record<string, any>,
 *   checkpoint: import("./notes.js").Checkpoint, charter: import("./charter.js").Charter|null
 *   }} Checked
 * @typedef {{name: string, status: "valid"|"invalid"|"incomplete", code: string, message: string,
 *   checked: Checked|null}} Verdict `code` is empty if it is valid
 */

import { fromBase64, sha256, toBase64, toHex, utf8 } from "./bytes.js";
import * as canonical from "./canonical.js";
import { hashOf, MODES, readCharter, signers } from "./charter.js";
import { ExchangeError, IncompleteError, ProofError } from "./errors.js";
import { checkInclusion, leafHash } from "./merkle.js";
import { checkpointText, opened, parts, readCheckpoint } from "./notes.js";

const FORMAT = "parley-receipt-1";
/** Mode of a receipt of something that is of no exchange. */
const NO_MODE = "none";
const TEXTS = ["mode", "room", "channel", "entry", "checkpoint"];
const MAYBE = ["charter", "statement", "signature", "nonce"];
const FIELDS = ["format", ...TEXTS, ...MAYBE, "index", "proof", "log"];

/**
 * @param {Uint8Array} raw
 * @returns {Receipt} nothing is checked but the form
 * @throws {ProofError} `changed` or `wrong-form`
 */
export function fromJson(raw) {
  const fields = canonical.record(raw, FORMAT);
  const isOne =
    canonical.hasKeys(fields, FIELDS) && canonical.hasKeys(fields.log, ["name", "key"]) &&
    TEXTS.every((key) => typeof fields[key] === "string") &&
    MAYBE.every((key) => fields[key] === null || typeof fields[key] === "string") &&
    Array.isArray(fields.proof) && [...fields.proof, fields.log.key].every(fromBase64) &&
    (fields.nonce === null || fromBase64(fields.nonce) !== null);
  if (!isOne) throw new ProofError("wrong-form", FORMAT);
  return fields;
}

/**
 * Check all that a receipt says.
 *
 * @param {Receipt} receipt
 * @returns {Promise<Checked>}
 * @throws {ProofError} if anything in it does not hold
 * @throws {IncompleteError} `no-charter`
 */
export async function checkReceipt(receipt) {
  const entry = canonical.decode(utf8(receipt.entry));
  if (!canonical.isObject(entry)) throw new ProofError("wrong-form", "entry");
  const charter = receipt.charter === null ? null : await readCharter(receipt.charter);
  const isMode = receipt.mode === NO_MODE || Object.hasOwn(MODES, receipt.mode);
  if (!isMode) throw new ProofError("no-mode");
  if (charter !== null) await checkCharter(receipt, entry, charter);
  const origin = `parley/${receipt.room}/${receipt.channel}`;
  const log = { name: receipt.log.name, key: fromBase64(receipt.log.key) };
  const checkpoint = await logCheckpoint(receipt.checkpoint, origin, log);
  const leaf = await leafHash(utf8(receipt.entry));
  const proof = receipt.proof.map(fromBase64);
  await checkInclusion(leaf, receipt.index, checkpoint.size, checkpoint.root, proof);
  await checkSigned(receipt, entry, charter);
  if (charter === null && entry.kind === "deposit") throw new IncompleteError("no-charter");
  return { receipt, origin, entry, checkpoint, charter };
}

/**
 * The checkpoint of a log, with the signature of its key and nothing else.
 *
 * @param {string} note
 * @param {string} origin
 * @param {import("./notes.js").Verifier} log
 * @returns {Promise<import("./notes.js").Checkpoint>}
 * @throws {ProofError} `no-checkpoint`, or as `notes.opened`
 */
export async function logCheckpoint(note, origin, log) {
  const checkpoint = await readCheckpoint(note, origin, log);
  const { text, lines } = parts(note);
  if (text !== checkpointText(checkpoint) || lines.length !== 1) {
    throw new ProofError("no-checkpoint", origin);
  }
  return checkpoint;
}

/**
 * @param {"withdraw"|"alone"} kind
 * @param {string} exchange
 * @param {string} party
 * @param {string} core hash, in hex
 * @returns {string} what a party signs to take its text back, or to lay it open alone
 */
export function stepText(kind, exchange, party, core) {
  return `parley-${kind}-1\n${canonical.textOf({ exchange, party, core })}\n`;
}

/**
 * Check files, each for itself and against the others.
 *
 * @param {{name: string, bytes: Uint8Array}[]} files
 * @returns {Promise<Verdict[]>} in the order of the files
 */
export async function verify(files) {
  const verdicts = [];
  for (const { name, bytes } of files) verdicts.push(await judged(name, bytes));
  const valid = verdicts.filter(({ status }) => status === "valid");
  for (const one of valid) {
    const errors = valid
      .filter((other) => other !== one)
      .map((other) => [compared(one.checked, other.checked), other.name])
      .filter(([code]) => code !== "");
    const worst = errors.find(([code]) => code !== "other-size") ?? errors[0];
    if (!worst) continue;
    const [code, name] = worst;
    const Kind = code === "other-size" ? IncompleteError : ProofError;
    Object.assign(one, verdictOf(new Kind(code, name)));
  }
  return verdicts;
}

/**
 * @param {Checked} one
 * @param {Checked} other
 * @returns {string} the code of what is wrong between two receipts that hold by themselves:
 *   `split-view`, `two-charters`, `other-size` (nothing shows that one log continues the other),
 *   or empty
 */
export function compared(one, other) {
  if (one.charter && other.charter && one.charter.text !== other.charter.text) {
    const isSame = ["room", "exchange"].every((key) => one.charter[key] === other.charter[key]);
    if (isSame) return "two-charters";
  }
  const [log, otherLog] = [one.receipt.log, other.receipt.log];
  const isOneKey = log.name === otherLog.name && log.key === otherLog.key;
  if (one.receipt.room === other.receipt.room && !isOneKey) return "split-view";
  const { exchange } = one.entry;
  const isOneExchange = one.receipt.room === other.receipt.room &&
    exchange !== undefined && exchange === other.entry.exchange;
  if (one.origin !== other.origin) return isOneExchange ? "split-view" : "";
  const isOnePlace = one.receipt.index === other.receipt.index;
  if (isOnePlace && one.receipt.entry !== other.receipt.entry) return "split-view";
  if (one.checkpoint.size !== other.checkpoint.size) return "other-size";
  return toBase64(one.checkpoint.root) === toBase64(other.checkpoint.root) ? "" : "split-view";
}

async function judged(name, bytes) {
  try {
    const checked = await checkReceipt(fromJson(bytes));
    return { name, status: "valid", code: "", message: "", checked };
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    return { name, checked: null, ...verdictOf(error) };
  }
}

function verdictOf(error) {
  const status = error instanceof IncompleteError ? "incomplete" : "invalid";
  return { status, code: error.code, message: error.message };
}

async function checkCharter(receipt, entry, charter) {
  const hash = await hashOf(charter);
  const isSame =
    charter.room === receipt.room && charter.mode === receipt.mode &&
    charter.log.name === receipt.log.name && charter.log.key === receipt.log.key &&
    entry.exchange === charter.exchange &&
    (!Object.hasOwn(entry, "charter") || entry.charter === hash);
  if (!isSame) throw new ProofError("other-charter");
}

/** What the party signed is what stands in the log, and is of this charter. */
async function checkSigned(receipt, entry, charter) {
  const { statement, signature } = receipt;
  if (statement === null) {
    const wasSigned = (entry.statement ?? null) !== null || signature !== null;
    const hadToBe = charter !== null && charter.mode !== "simple" && entry.kind === "deposit";
    if (wasSigned || hadToBe) throw new ProofError("no-statement");
    return;
  }
  const verifier = charter && signers(charter).find(({ name }) => name === entry.who);
  if (!verifier || signature === null) throw new ProofError("no-verifier");
  await checkStatement(statement, signature, entry, charter, verifier);
}

/**
 * Check that a party signed the statement whose hash is in an entry, for this charter.
 *
 * @param {string} statement
 * @param {string} signature its line
 * @param {Record<string, any>} entry
 * @param {import("./charter.js").Charter} charter
 * @param {import("./notes.js").Verifier} verifier
 * @throws {ProofError} `other-statement`, `other-place`, or as `notes.opened`
 */
export async function checkStatement(statement, signature, entry, charter, verifier) {
  const digest = toHex(await sha256(utf8(statement)));
  if (entry.statement !== digest || entry.signature !== signature) {
    throw new ProofError("other-statement");
  }
  const found = await opened(`${statement}\n${signature}`, verifier);
  if (found !== statement) throw new ProofError("other-statement");
  const [form, header, ...lines] = statement.split("\n");
  const { room, exchange, round } = charter;
  const wanted = { room, exchange, party: entry.who, round, charter: await hashOf(charter) };
  const isSame =
    (entry.kind !== "deposit" || form === "parley-deposit-1") &&
    header === canonical.textOf(wanted) && lines.includes(`core ${entry.core}`);
  if (!isSame) throw new ProofError("other-place");
}
