/**
 * Bytes and the texts that stand for them: UTF-8, hex, base64 in its one right form, SHA-256.
 * What is not in that form gives `null`, so that the caller can say what it should have been.
 */

import { SettingError } from "./errors.js";

const CHUNK = 0x8000;
const HEX = /^(?:[0-9a-f]{2})*$/;
const LONE = /\p{Surrogate}/u;

/** @param {string} text @returns {Uint8Array} its UTF-8 */
export function utf8(text) {
  return new TextEncoder().encode(text);
}

/** @param {string} text @returns {boolean} whether it is Unicode, without a lone half of a pair */
export function isUnicode(text) {
  return !LONE.test(text);
}

/** @param {Uint8Array} bytes @returns {string|null} the text whose UTF-8 they are */
export function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** @param {Uint8Array} bytes @returns {string} lower-case hex */
export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {unknown} text @returns {Uint8Array|null} the bytes of lower-case hex */
export function fromHex(text) {
  if (typeof text !== "string" || !HEX.test(text)) return null;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** @param {Uint8Array} bytes @returns {string} standard base64, padded */
export function toBase64(bytes) {
  let units = "";
  for (let k = 0; k < bytes.length; k += CHUNK) {
    units += String.fromCharCode(...bytes.subarray(k, k + CHUNK));
  }
  return btoa(units);
}

/** @param {unknown} text @returns {Uint8Array|null} the bytes, if it is the base64 of any */
export function fromBase64(text) {
  if (typeof text !== "string") return null;
  let units;
  try {
    units = atob(text);
  } catch {
    return null;
  }
  if (btoa(units) !== text) return null;
  return Uint8Array.from(units, (unit) => unit.charCodeAt(0));
}

/** @param {...Uint8Array} parts @returns {Uint8Array} one after the other */
export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

/** @param {Uint8Array} one @param {Uint8Array} other @returns {boolean} whether they are equal */
export function same(one, other) {
  return one.length === other.length && one.every((byte, k) => byte === other[k]);
}

/** @returns {SubtleCrypto} the browser's own cryptography, which only secure pages have */
export function subtle() {
  const found = globalThis.crypto?.subtle;
  if (!found) throw new SettingError("no-crypto");
  return found;
}

/** @param {Uint8Array} bytes @returns {Promise<Uint8Array>} SHA-256 */
export async function sha256(bytes) {
  return new Uint8Array(await subtle().digest("SHA-256", bytes));
}
