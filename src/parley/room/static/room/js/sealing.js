/**
 * Sealing a text so that it opens for all at once or for nobody: the release lock. The same
 * deposits as `parley.exchange.sealing`, which says why they are built as they are.
 *
 * @typedef {{room: string, exchange: string, party: string, round: number, charter: string}} Header
 *   what a deposit belongs to; `charter` is the hash of the charter, in hex
 * @typedef {{header: Header, outer: Uint8Array, wraps: Uint8Array[], innerHash: Uint8Array,
 *   coreHash: Uint8Array, lock: string, signature: string}} Deposit
 */

import * as agefile from "./agefile.js";
import { fromBase64, fromHex, join, same, sha256, textOf, toBase64, toHex, utf8 } from "./bytes.js";
import * as canonical from "./canonical.js";
import { ProofError, SettingError } from "./errors.js";
import { opened, sign } from "./notes.js";

/** Who can open together: the first peels the outer layer, the second the inner one. */
const PAIRS = [
  ["server", "mediator"],
  ["server", "witness"],
  ["mediator", "witness"],
];
const FORMAT = "parley-deposit-1";
const MAGIC = utf8("parley-core-1\n");
const FIELDS = ["format", "header", "outer", "wraps", "inner", "core", "lock", "signature"];
const HEADER = ["room", "exchange", "party", "round", "charter"];
const SIZES = [4, 16, 64, 256].map((size) => size * 1024);
const LARGEST = 10 * 1024 * 1024;
const NONCE = 32;
const HASH = 32;

/** @param {Iterable<string>} agents @returns {string[][]} the pairs among these agents */
export function pairsOf(agents) {
  const there = new Set(agents);
  return PAIRS.filter((pair) => pair.every((agent) => there.has(agent)));
}

/**
 * Seal a text.
 *
 * @param {Header} header
 * @param {Uint8Array} text
 * @param {string[]} recipients public keys of those who may read it once it is released
 * @param {Record<string, string>} agents public keys by agent: two or three
 * @param {import("./notes.js").Signer} signer
 * @param {Uint8Array} [nonce] 32 bytes; left out, fresh ones
 * @returns {Promise<Deposit>}
 * @throws {SettingError} `bad-agents`, `no-recipients`, `bad-key` or `too-large`
 */
export async function seal(header, text, recipients, agents, signer, nonce = fresh()) {
  const keys = Object.values(agents);
  const areThere = ["server", "mediator"].every((agent) => Object.hasOwn(agents, agent));
  if (!areThere || new Set(keys).size < keys.length) throw new SettingError("bad-agents");
  if (recipients.length === 0) throw new SettingError("no-recipients");
  const core = coreOf(header, text, nonce);
  const lock = await agefile.newKey();
  const inner = await agefile.sealTo(core, recipients);
  const deposit = {
    header: { ...header },
    outer: await agefile.sealTo(inner, [await agefile.toPublic(lock)]),
    wraps: [],
    innerHash: await sha256(inner),
    coreHash: await sha256(core),
    lock: await agefile.toPublic(lock),
    signature: "",
  };
  for (const [first, second] of pairsOf(Object.keys(agents))) {
    const under = await agefile.sealTo(utf8(lock), [agents[second]]);
    deposit.wraps.push(await agefile.sealTo(under, [agents[first]]));
  }
  deposit.signature = await sign(await statement(deposit), signer);
  return deposit;
}

/**
 * Check that a deposit is this party's, for this round, unchanged, and sealed to these agents.
 *
 * @param {Deposit} deposit
 * @param {Header} header
 * @param {import("./notes.js").Verifier} verifier
 * @param {Iterable<string>} agents
 * @throws {ProofError} `other-place`, `wraps-missing`, or as `notes.opened`
 */
export async function checkDeposit(deposit, header, verifier, agents) {
  if (headerText(deposit.header) !== headerText(header)) throw new ProofError("other-place");
  if (deposit.wraps.length !== pairsOf(agents).length) throw new ProofError("wraps-missing");
  const text = await statement(deposit);
  const found = await opened(`${text}\n${deposit.signature}`, verifier);
  if (found !== text) throw new ProofError("not-what-was-signed");
}

/**
 * Take off one's own layer of a wrap.
 *
 * @param {Uint8Array} layer
 * @param {string} identity AGE-SECRET-KEY-1...
 * @returns {Promise<Uint8Array>}
 * @throws {ProofError} `not-ours` or `changed`
 */
export function peel(layer, identity) {
  return agefile.openWith(layer, identity);
}

/**
 * What lies under the lock, once both layers of a wrap are off; checked by its hash.
 *
 * @param {Deposit} deposit
 * @param {Uint8Array} key of the lock
 * @returns {Promise<Uint8Array>}
 * @throws {ProofError} `bad-lock`, `other-lock`, `not-ours`, `changed` or `not-what-was-signed`
 */
export async function openLock(deposit, key) {
  const lock = textOf(key) ?? "";
  const found = await agefile.toPublic(lock).catch(() => {
    throw new ProofError("bad-lock");
  });
  if (found !== deposit.lock) throw new ProofError("other-lock");
  const inner = await agefile.openWith(deposit.outer, lock);
  if (!same(await sha256(inner), deposit.innerHash)) throw new ProofError("not-what-was-signed");
  return inner;
}

/**
 * The text, for one of its recipients; header and hash are checked.
 *
 * @param {Deposit} deposit
 * @param {Uint8Array} inner
 * @param {string} identity AGE-SECRET-KEY-1...
 * @returns {Promise<Uint8Array>}
 * @throws {ProofError} `not-ours`, `changed`, `not-what-was-signed` or `other-place`
 */
export async function read(deposit, inner, identity) {
  const core = await agefile.openWith(inner, identity);
  if (!same(await sha256(core), deposit.coreHash)) throw new ProofError("not-what-was-signed");
  return textIn(core, deposit.header);
}

/** @param {Deposit} deposit @returns {Promise<string>} what the party signs */
export async function statement(deposit) {
  const lines = [
    headerText(deposit.header),
    `inner ${toHex(deposit.innerHash)}`,
    `outer ${toHex(await sha256(deposit.outer))}`,
  ];
  for (const [k, wrap] of deposit.wraps.entries()) {
    lines.push(`wrap ${k} ${toHex(await sha256(wrap))}`);
  }
  lines.push(`lock ${deposit.lock}`, `core ${toHex(deposit.coreHash)}`);
  return `${FORMAT}\n${lines.map((line) => `${line}\n`).join("")}`;
}

/** @param {Deposit} deposit @returns {Uint8Array} as it is kept and sent: canonical JSON */
export function toJson(deposit) {
  return canonical.encode({
    format: FORMAT,
    header: deposit.header,
    outer: toBase64(deposit.outer),
    wraps: deposit.wraps.map(toBase64),
    inner: toHex(deposit.innerHash),
    core: toHex(deposit.coreHash),
    lock: deposit.lock,
    signature: deposit.signature,
  });
}

/**
 * @param {Uint8Array} raw
 * @returns {Deposit} from the form it is sent in; nothing is checked but the form
 * @throws {ProofError} `changed` or `wrong-form`
 */
export function fromJson(raw) {
  const fields = canonical.record(raw, FORMAT);
  const outer = fromBase64(fields.outer);
  const wraps = Array.isArray(fields.wraps) ? fields.wraps.map(fromBase64) : [null];
  const [innerHash, coreHash] = [fromHex(fields.inner), fromHex(fields.core)];
  const isOne =
    canonical.hasKeys(fields, FIELDS) && isHeader(fields.header) &&
    outer !== null && !wraps.includes(null) &&
    innerHash?.length === HASH && coreHash?.length === HASH &&
    typeof fields.lock === "string" && typeof fields.signature === "string";
  if (!isOne) throw new ProofError("wrong-form", FORMAT);
  const { header, lock, signature } = fields;
  return { header, outer, wraps, innerHash, coreHash, lock, signature };
}

/** Header, nonce and text, padded so that the size tells little. */
export function coreOf(header, text, nonce) {
  if (nonce.length !== NONCE) throw new SettingError("bad-key");
  const head = utf8(headerText(header));
  const sizes = utf8(`${head.length} ${text.length}\n`);
  const plain = join(MAGIC, sizes, head, nonce, text);
  if (plain.length > LARGEST) throw new SettingError("too-large");
  const step = SIZES.at(-1);
  const few = SIZES.find((size) => plain.length <= size);
  const padded = few ?? Math.ceil(plain.length / step) * step;
  return join(plain, new Uint8Array(padded - plain.length));
}

/** The text in a core, which must be of this header. */
function textIn(core, header) {
  const bad = new ProofError("other-place");
  if (!same(core.subarray(0, MAGIC.length), MAGIC)) throw bad;
  const end = core.indexOf(10, MAGIC.length);
  const line = end < 0 ? null : textOf(core.subarray(MAGIC.length, end));
  const sizes = /^([0-9]{1,9}) ([0-9]{1,9})$/.exec(line ?? "");
  if (sizes === null) throw bad;
  const [head, text] = [Number(sizes[1]), Number(sizes[2])];
  const rest = core.subarray(end + 1);
  const isOurs = same(rest.subarray(0, head), utf8(headerText(header)));
  if (!isOurs || rest.length < head + NONCE + text) throw bad;
  return rest.slice(head + NONCE, head + NONCE + text);
}

function headerText(header) {
  if (!isHeader(header)) throw new ProofError("other-place");
  return canonical.textOf(header);
}

function isHeader(header) {
  const areTexts = ["room", "exchange", "party", "charter"];
  return (
    canonical.hasKeys(header, HEADER) && Number.isSafeInteger(header.round) &&
    areTexts.every((key) => typeof header[key] === "string")
  );
}

function fresh() {
  return crypto.getRandomValues(new Uint8Array(NONCE));
}
