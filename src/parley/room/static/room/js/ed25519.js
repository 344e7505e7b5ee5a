/**
 * Ed25519 by the browser itself: a private key is its seed of 32 bytes, as in the key files; what
 * WebCrypto takes is that seed in an envelope (PKCS #8).
 */

import { fromBase64, join, same, subtle } from "./bytes.js";
import { SettingError } from "./errors.js";

const NAME = { name: "Ed25519" };
/** PKCS #8 of an Ed25519 key, up to its seed. */
const ENVELOPE = Uint8Array.of(
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
);
const SEED = 32;

/** @param {Uint8Array} seed 32 bytes @returns {Uint8Array} PKCS #8 */
export function toPkcs8(seed) {
  if (seed.length !== SEED) throw new SettingError("bad-key");
  return join(ENVELOPE, seed);
}

/** @param {Uint8Array} pkcs8 @returns {Uint8Array} the seed in it */
export function fromPkcs8(pkcs8) {
  const start = pkcs8.subarray(0, ENVELOPE.length);
  if (pkcs8.length !== ENVELOPE.length + SEED || !same(start, ENVELOPE)) {
    throw new SettingError("bad-key");
  }
  return pkcs8.slice(ENVELOPE.length);
}

/** @returns {Uint8Array} a fresh seed */
export function newSeed() {
  return crypto.getRandomValues(new Uint8Array(SEED));
}

/** @param {Uint8Array} seed @returns {Promise<Uint8Array>} its public key, 32 bytes */
export async function publicKey(seed) {
  const key = await privateKey(seed, true);
  const { x } = await subtle().exportKey("jwk", key);
  const padded = x.replaceAll("-", "+").replaceAll("_", "/") + "=";
  return fromBase64(padded);
}

/** @param {Uint8Array} seed @param {Uint8Array} bytes @returns {Promise<Uint8Array>} 64 bytes */
export async function sign(seed, bytes) {
  const key = await privateKey(seed, false);
  return new Uint8Array(await subtle().sign(NAME, key, bytes));
}

/**
 * @param {Uint8Array} key public, 32 bytes
 * @param {Uint8Array} bytes
 * @param {Uint8Array} signature
 * @returns {Promise<boolean>} whether the signature is of these bytes, by this key
 */
export async function verify(key, bytes, signature) {
  try {
    const known = await subtle().importKey("raw", key, NAME, false, ["verify"]);
    return await subtle().verify(NAME, known, signature, bytes);
  } catch (error) {
    if (isUnknown(error)) throw new SettingError("no-crypto");
    return false;
  }
}

async function privateKey(seed, mayLeave) {
  const envelope = toPkcs8(seed);
  try {
    return await subtle().importKey("pkcs8", envelope, NAME, mayLeave, ["sign"]);
  } catch (error) {
    throw new SettingError(isUnknown(error) ? "no-crypto" : "bad-key");
  }
}

/** Whether this says that the browser does not know Ed25519, rather than that a key is none. */
function isUnknown(error) {
  return error?.name === "NotSupportedError" || error?.code === "no-crypto";
}
