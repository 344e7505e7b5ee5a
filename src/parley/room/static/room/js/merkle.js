/**
 * The Merkle tree of RFC 6962, and the checking of its proofs (RFC 9162, 2.1.3.2 and 2.1.4.2; for
 * subtrees the Internet-Draft *Merkle Tree Certificates*, section 4). The same as
 * `parley.exchange.merkle`; sizes are whole numbers below 2^53.
 */

import { join, same, sha256 } from "./bytes.js";
import { ProofError } from "./errors.js";

const HASH = 32;

/** @param {Uint8Array} entry @returns {Promise<Uint8Array>} the hash of an entry */
export function leafHash(entry) {
  return sha256(join(Uint8Array.of(0), entry));
}

/** @param {Uint8Array} left @param {Uint8Array} right @returns {Promise<Uint8Array>} */
export function nodeHash(left, right) {
  return sha256(join(Uint8Array.of(1), left, right));
}

/** @param {Uint8Array[]} leaves hashes of entries @returns {Promise<Uint8Array>} their root */
export async function rootOf(leaves) {
  if (leaves.length === 0) return sha256(new Uint8Array());
  let level = leaves;
  while (level.length > 1) {
    const above = [];
    for (let k = 0; k < level.length; k += 2) {
      above.push(k + 1 < level.length ? await nodeHash(level[k], level[k + 1]) : level[k]);
    }
    level = above;
  }
  return level[0];
}

/**
 * Check that a leaf stands at `index` in the log of `size` leaves with this root.
 *
 * @param {Uint8Array} leaf its hash
 * @param {number} index
 * @param {number} size
 * @param {Uint8Array} root
 * @param {Uint8Array[]} proof
 * @throws {ProofError} `not-in-log`
 */
export async function checkInclusion(leaf, index, size, root, proof) {
  const wrong = new ProofError("not-in-log");
  if (!areWhole(index, size) || index >= size || !areHashes(leaf, root, ...proof)) throw wrong;
  let [place, last, node] = [index, size - 1, leaf];
  for (const step of proof) {
    if (last === 0) throw wrong;
    if (place % 2 === 1 || place === last) {
      node = await nodeHash(step, node);
      while (place % 2 === 0 && place > 0) [place, last] = [half(place), half(last)];
    } else {
      node = await nodeHash(node, step);
    }
    [place, last] = [half(place), half(last)];
  }
  if (last !== 0 || !same(node, root)) throw wrong;
}

/**
 * Check that the log of `size` leaves begins with that of `old`, unchanged.
 *
 * @param {number} old
 * @param {number} size
 * @param {Uint8Array} oldRoot
 * @param {Uint8Array} root
 * @param {Uint8Array[]} proof
 * @throws {ProofError} `not-continued`; also if `old` is 0, which anything continues
 */
export async function checkConsistency(old, size, oldRoot, root, proof) {
  if (!areWhole(old, size) || old === 0) throw new ProofError("not-continued");
  await checkSubtree(0, old, size, oldRoot, root, proof);
}

/**
 * Check that leaves `begin` to `end` of the log, as a tree of their own, have the root `part`.
 *
 * @param {number} begin
 * @param {number} end
 * @param {number} size
 * @param {Uint8Array} part
 * @param {Uint8Array} root
 * @param {Uint8Array[]} proof
 * @throws {ProofError} `not-continued`
 */
export async function checkSubtree(begin, end, size, part, root, proof) {
  const wrong = new ProofError("not-continued");
  if (!areWhole(begin, end, size) || !(begin <= end && end <= size)) throw wrong;
  if (begin === end) {
    if (proof.length === 0 && same(part, await rootOf([]))) return;
    throw wrong;
  }
  if (begin % powerFrom(end - begin) !== 0 || !areHashes(...proof)) throw wrong;
  let [first, place, last] = [begin, end - 1, size - 1];
  while (first !== place && (place === last || place % 2 === 1)) {
    [first, place, last] = [half(first), half(place), half(last)];
  }
  const isWhole = first === place;
  if (!isWhole && proof.length === 0) throw wrong;
  const start = isWhole ? part : proof[0];
  const steps = isWhole ? proof : proof.slice(1);
  const [inner, outer] = await climbed(first, place, last, start, steps);
  if (!same(inner, part) || !same(outer, root)) throw wrong;
}

/** Climb to the root, building the part (`inner`) and the whole (`outer`) on the way. */
async function climbed(first, place, last, start, steps) {
  const wrong = new ProofError("not-continued");
  let [inner, outer] = [start, start];
  for (const step of steps) {
    if (last === 0) throw wrong;
    if (place % 2 === 1 || place === last) {
      if (first < place) inner = await nodeHash(step, inner);
      outer = await nodeHash(step, outer);
      while (place % 2 === 0 && place > 0) {
        [first, place, last] = [half(first), half(place), half(last)];
      }
    } else {
      outer = await nodeHash(outer, step);
    }
    [first, place, last] = [half(first), half(place), half(last)];
  }
  if (last !== 0) throw wrong;
  return [inner, outer];
}

/** The smallest power of two that is not below a width of one or more. */
function powerFrom(width) {
  let power = 1;
  while (power < width) power *= 2;
  return power;
}

function half(number) {
  return Math.floor(number / 2);
}

function areWhole(...numbers) {
  return numbers.every((number) => Number.isSafeInteger(number) && number >= 0);
}

function areHashes(...found) {
  return found.every((hash) => hash instanceof Uint8Array && hash.length === HASH);
}
