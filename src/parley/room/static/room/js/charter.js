/**
 * The charter of an exchange: who takes part, with which keys, on what terms, signed by all. Read
 * and checked as `parley.exchange.charter` does. Its hash is over the text without signatures.
 *
 * @typedef {{text: string, room: string, exchange: string, round: number, title: string,
 *   mode: "sealed"|"two-agents"|"simple", deadline: string,
 *   parties: Record<string, {name: string, age: string|null, sign: string|null}>,
 *   agents: Record<string, {age: string, sign: string|null}>, recipients: string[],
 *   log: {name: string, key: string}, template: string|null, quorum: number}} Charter the fields
 *   of the file as they are, and its `text`
 */

import { fromBase64, sha256, toHex, utf8 } from "./bytes.js";
import * as canonical from "./canonical.js";
import { ProofError } from "./errors.js";
import * as notes from "./notes.js";

const FORMAT = "parley-charter-1";
const KEY = 32;
const MEDIATOR = "mediator";
const ID = /^[a-z0-9][a-z0-9-]{0,39}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const FIELDS = [
  "room", "exchange", "round", "title", "mode", "deadline", "parties", "agents", "recipients",
  "log", "template", "quorum",
];
/** The release agents of each mode. */
export const MODES = {
  "sealed": ["server", "mediator", "witness"],
  "two-agents": ["server", "mediator"],
  "simple": [],
};

/** @param {unknown} name @returns {boolean} whether it can be the name of a key or party */
export function isId(name) {
  return typeof name === "string" && ID.test(name);
}

/**
 * The charter in a note, signed by all who have to.
 *
 * @param {string} note
 * @param {string[]} [signedBy] names of those who must have signed; left out: all
 * @returns {Promise<Charter>}
 * @throws {ProofError} `not-signed`, or as `signatures`
 */
export async function readCharter(note, signedBy) {
  const charter = parse(note);
  const there = await signatures(note);
  const wanted = signedBy ?? signers(charter).map(({ name }) => name);
  for (const name of wanted) if (!there.has(name)) throw new ProofError("not-signed", name);
  return charter;
}

/**
 * The lines of signature under a charter, by who signed; each is checked.
 *
 * @param {string} note
 * @returns {Promise<Map<string, string>>}
 * @throws {ProofError} `not-a-charter`, `extra-signature`, or as `notes.opened`
 */
export async function signatures(note) {
  const charter = parse(note);
  const keys = new Map(signers(charter).map((signer) => [signer.name, signer]));
  const found = new Map();
  if (note === charter.text) return found;
  const { text, lines } = notes.parts(note);
  if (text !== charter.text) throw new ProofError("not-a-charter");
  const written = note.slice(text.length + 1).split("\n");
  for (const [k, { name }] of lines.entries()) {
    if (!keys.has(name) || found.has(name)) throw new ProofError("extra-signature", name);
    await notes.opened(`${text}\n${written[k]}\n`, keys.get(name));
    found.set(name, `${written[k]}\n`);
  }
  return found;
}

/**
 * @param {string} note signed by all, by some, or (its text alone) by nobody yet
 * @returns {Charter} signatures are not looked at
 * @throws {ProofError} `not-a-charter`
 */
export function parse(note) {
  if (typeof note !== "string") throw new ProofError("not-a-charter");
  const middle = note.indexOf("\n\n");
  const text = middle < 0 ? note : note.slice(0, middle + 1);
  const [head, body, ...rest] = text.split("\n");
  if (head !== FORMAT || rest.length !== 1) throw new ProofError("not-a-charter");
  const fields = canonical.decode(utf8(body));
  if (!isCharter(fields)) throw new ProofError("not-a-charter");
  return { ...fields, text };
}

/** @param {Charter} charter @returns {Promise<string>} SHA-256 of its text, in hex */
export async function hashOf(charter) {
  return toHex(await sha256(utf8(charter.text)));
}

/** @param {Charter} charter @returns {notes.Verifier[]} who has to sign, with the key of each */
export function signers(charter) {
  const agents = Object.entries(charter.agents).filter(([agent]) => agent !== "server");
  return [...Object.entries(charter.parties), ...agents]
    .filter(([, keys]) => keys.sign !== null)
    .map(([name, keys]) => ({ name, key: fromBase64(keys.sign) }));
}

/**
 * @param {string} note
 * @param {notes.Signer} signer
 * @returns {Promise<string>} the line of the signature
 * @throws {ProofError} `not-a-signer`, if the charter names another key, or none, for this name
 */
export async function signCharter(note, signer) {
  const charter = parse(note);
  const line = await notes.sign(charter.text, signer);
  const named = signers(charter).find(({ name }) => name === signer.name);
  if (!named) throw new ProofError("not-a-signer", signer.name);
  await notes.opened(`${charter.text}\n${line}`, named).catch(() => {
    throw new ProofError("not-a-signer", signer.name);
  });
  return line;
}

/** @param {Charter} charter @returns {string[]} the keys (age) of the recipients, in its order */
export function sealedTo(charter) {
  return charter.recipients
    .map((name) => (name === MEDIATOR ? charter.agents : charter.parties)[name]?.age ?? null)
    .filter((key) => key !== null);
}

/** @param {Charter} charter @returns {Record<string, string>} the keys (age) of the agents */
export function agentKeys(charter) {
  return Object.fromEntries(Object.entries(charter.agents).map(([name, keys]) => [name, keys.age]));
}

/**
 * @param {Charter} charter
 * @param {string} party
 * @returns {Promise<import("./sealing.js").Header>} what a deposit of this party belongs to
 */
export async function headerFor(charter, party) {
  const { room, exchange, round } = charter;
  return { room, exchange, party, round, charter: await hashOf(charter) };
}

function isCharter(fields) {
  if (!canonical.hasKeys(fields, FIELDS)) return false;
  const areTexts = ["room", "exchange", "title", "deadline"].every((key) => isText(fields[key]));
  const areWhole = [fields.round, fields.quorum].every(Number.isSafeInteger);
  if (!areTexts || !areWhole || !isTime(fields.deadline)) return false;
  if (fields.template !== null && !isText(fields.template)) return false;
  return areKeysThere(fields) && areRecipients(fields) && isLog(fields.log);
}

/** Whether it is a time, and not the 30th of February. */
function isTime(text) {
  const found = TIME.test(text) ? new Date(text) : new Date(Number.NaN);
  return !Number.isNaN(found.valueOf()) && found.toISOString() === text.replace("Z", ".000Z");
}

/** Whether the parties and agents are those of the mode, each with the keys that it needs. */
function areKeysThere({ mode, parties, agents }) {
  if (!Object.hasOwn(MODES, mode) || !canonical.hasKeys(agents, MODES[mode])) return false;
  if (!canonical.isObject(parties) || Object.keys(parties).length < 2) return false;
  const isSimple = mode === "simple";
  const areParties = Object.entries(parties).every(
    ([id, side]) => isParty(id, side) && hasKeys(side, isSimple, isSimple),
  );
  const areAgents = Object.entries(agents).every(
    ([agent, keys]) =>
      canonical.hasKeys(keys, ["age", "sign"]) && hasKeys(keys, false, agent === "server"),
  );
  return areParties && areAgents;
}

/** Whether it is a party; it may not bear the name of an agent, in whose name keys sign too. */
function isParty(id, side) {
  const isFree = isId(id) && !MODES.sealed.includes(id);
  return isFree && canonical.hasKeys(side, ["name", "age", "sign"]) && isText(side.name);
}

/** Whether a side has its two keys; without that to seal to it cannot have one to sign with. */
function hasKeys({ age, sign }, mayLackAge, mayLackSign) {
  const signs = sign === null ? mayLackSign : fromBase64(sign)?.length === KEY;
  return signs && (age === null ? mayLackAge && sign === null : isText(age) && age !== "");
}

/** Whether every party reads what is opened, and besides them at most the mediator. */
function areRecipients({ recipients, parties }) {
  if (!Array.isArray(recipients) || !recipients.every(isText)) return false;
  const others = recipients.filter((name) => !Object.hasOwn(parties, name));
  return (
    Object.keys(parties).every((name) => recipients.includes(name)) &&
    others.every((name) => name === MEDIATOR)
  );
}

function isLog(log) {
  const isNamed = canonical.hasKeys(log, ["name", "key"]) && isText(log.name);
  return isNamed && fromBase64(log.key)?.length === KEY;
}

function isText(value) {
  return typeof value === "string";
}
