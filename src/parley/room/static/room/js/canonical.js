/**
 * One form of JSON only, so that the same content always gives the same bytes to hash and sign:
 * keys sorted by code point, no blanks, UTF-8, no fractions. What is read must be in this very
 * form. The same as `parley.exchange.canonical`, but that whole numbers end at 2^53 here.
 */

import * as bytes from "./bytes.js";
import { ProofError } from "./errors.js";

/** Most levels of lists and objects in one another. */
const DEEPEST = 40;

/**
 * @param {unknown} value objects, lists, texts, whole numbers, true, false and null
 * @returns {Uint8Array} its bytes
 * @throws {ProofError} `not-plain`
 */
export function encode(value) {
  return bytes.utf8(textOf(value));
}

/** @param {unknown} value @returns {string} what `encode` writes, as text */
export function textOf(value) {
  return written(value, 0);
}

/**
 * @param {Uint8Array} raw
 * @returns {any} the value that these bytes stand for
 * @throws {ProofError} `changed`, if they are not in the form that `encode` writes
 */
export function decode(raw) {
  const text = bytes.textOf(raw);
  if (text !== null) {
    try {
      const value = JSON.parse(text);
      if (bytes.same(encode(value), raw)) return value;
    } catch {
      // told below
    }
  }
  throw new ProofError("changed");
}

/**
 * @param {Uint8Array} raw
 * @param {string} form
 * @returns {Record<string, any>} an object whose `format` is `form`
 * @throws {ProofError} `changed` or `wrong-form`
 */
export function record(raw, form) {
  const value = decode(raw);
  if (!isObject(value) || value.format !== form) throw new ProofError("wrong-form", form);
  return value;
}

/** @param {unknown} value @returns {boolean} whether it is an object with names and values */
export function isObject(value) {
  if (typeof value !== "object" || value === null) return false;
  const kind = Object.getPrototypeOf(value);
  return kind === Object.prototype || kind === null;
}

/**
 * @param {unknown} value
 * @param {string[]} keys
 * @returns {boolean} whether it is an object with these keys and no others
 */
export function hasKeys(value, keys) {
  if (!isObject(value)) return false;
  return Object.keys(value).sort().join("\n") === [...keys].sort().join("\n");
}

function written(value, depth) {
  if (depth > DEEPEST) throw new ProofError("not-plain");
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isSafeInteger(value)) return JSON.stringify(value);
  if (typeof value === "string" && bytes.isUnicode(value)) return JSON.stringify(value);
  if (Array.isArray(value)) {
    return `[${Array.from(value, (below) => written(below, depth + 1)).join(",")}]`;
  }
  if (!isObject(value)) throw new ProofError("not-plain");
  const pairs = Object.keys(value)
    .sort(byCodePoint)
    .map((key) => `${written(key, depth)}:${written(value[key], depth + 1)}`);
  return `{${pairs.join(",")}}`;
}

/** Order of code points; that of `sort` itself is of UTF-16 units, and differs beyond U+FFFF. */
function byCodePoint(one, other) {
  const [a, b] = [[...one], [...other]];
  const k = a.findIndex((letter, place) => letter !== b[place]);
  if (k < 0) return a.length - b.length;
  return k < b.length ? a[k].codePointAt(0) - b[k].codePointAt(0) : 1;
}
