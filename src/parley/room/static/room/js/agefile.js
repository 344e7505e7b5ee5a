/**
 * Layers of age (age-encryption.org): put on and taken off. The one module that knows the library;
 * only keys of X25519 and passphrases are used, as everywhere in Parley.
 */

import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "./vendor/age.js";
import { ProofError, SettingError } from "./errors.js";

/** What the library says when a file is sound but for others. */
const NO_MATCH = "no identity matched any of the file's recipients";
const PUBLIC = /^age1[a-z0-9]{58}$/;

/** @returns {Promise<string>} a fresh private key, AGE-SECRET-KEY-1... */
export function newKey() {
  return generateX25519Identity();
}

/** @param {string} identity @returns {Promise<string>} its public key, age1... */
export async function toPublic(identity) {
  try {
    return await identityToRecipient(upper(identity));
  } catch {
    throw new SettingError("bad-key");
  }
}

/**
 * @param {Uint8Array} data
 * @param {string[]} recipients public keys, age1...
 * @returns {Promise<Uint8Array>} the data, sealed to them
 */
export async function sealTo(data, recipients) {
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    const key = oneCase(recipient)?.toLowerCase() ?? "";
    if (!PUBLIC.test(key)) throw new SettingError("bad-key", String(recipient));
    try {
      encrypter.addRecipient(key);
    } catch {
      throw new SettingError("bad-key", key);
    }
  }
  return encrypter.encrypt(data);
}

/**
 * @param {Uint8Array} data
 * @param {string} identity AGE-SECRET-KEY-1...
 * @returns {Promise<Uint8Array>} what is under the layer
 * @throws {ProofError} `not-ours` or `changed`
 */
export async function openWith(data, identity) {
  const decrypter = new Decrypter();
  try {
    decrypter.addIdentity(upper(identity));
  } catch {
    throw new SettingError("bad-key");
  }
  return opened(decrypter, data, "not-ours");
}

/**
 * @param {Uint8Array} data
 * @param {string} passphrase
 * @param {number} work logarithm of what a guess costs
 * @returns {Promise<Uint8Array>} the data behind the passphrase
 */
export function lock(data, passphrase, work) {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(work);
  return encrypter.encrypt(data);
}

/**
 * @param {Uint8Array} data
 * @param {string} passphrase
 * @returns {Promise<Uint8Array>} what is behind the passphrase
 * @throws {ProofError} `wrong-passphrase` or `changed`
 */
export function unlock(data, passphrase) {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  return opened(decrypter, data, "wrong-passphrase");
}

async function opened(decrypter, data, otherwise) {
  try {
    return await decrypter.decrypt(data);
  } catch (error) {
    throw new ProofError(error?.message === NO_MATCH ? otherwise : "changed");
  }
}

/** Bech32 may be in small letters or capitals, not in both; `null` if it is. */
function oneCase(text) {
  if (typeof text !== "string") return null;
  return text === text.toLowerCase() || text === text.toUpperCase() ? text : null;
}

/** A private key in capitals, as the library wants it. */
function upper(identity) {
  const key = oneCase(identity)?.toUpperCase() ?? "";
  if (!key.startsWith("AGE-SECRET-KEY-1")) throw new SettingError("bad-key");
  return key;
}
