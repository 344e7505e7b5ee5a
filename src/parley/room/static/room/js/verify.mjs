#!/usr/bin/env node
/**
 * A second verifier of receipts, apart from the one in Python:
 *
 *     node verify.mjs RECEIPT...
 *
 * One line for each. Exit code 0: all are valid; 1: one does not hold, or two contradict each
 * other (keep them: they are evidence); 2: nothing is wrong, but what is there does not suffice.
 * It needs Node 20 or later and nothing else, and asks nothing of any network. Pages use `verify`
 * in receipts.js, which does the work.
 */

import { readFile } from "node:fs/promises";
import { verify } from "./receipts.js";

const OF = { valid: 0, invalid: 1, incomplete: 2 };

/** Text from a file, for a terminal: what could steer it is not shown. */
function plain(text) {
  return String(text).replaceAll(/\p{C}/gu, "?");
}

/** @param {import("./receipts.js").Verdict} verdict @returns {string} its line */
function lineOf({ name, status, code, message, checked }) {
  if (status !== "valid") return plain(`${name}: ${status}: ${code}: ${message}`);
  const { receipt, entry, origin, checkpoint } = checked;
  const who = entry.who ? ` of ${entry.who}` : "";
  const place = `entry ${receipt.index} in ${origin} at size ${checkpoint.size}`;
  return plain(`${name}: valid: ${entry.kind}${who}, ${place}, mode ${receipt.mode}`);
}

async function main(paths) {
  if (paths.length === 0) {
    console.error("Usage: node verify.mjs RECEIPT...");
    return OF.incomplete;
  }
  const files = [];
  for (const name of paths) files.push({ name, bytes: new Uint8Array(await readFile(name)) });
  const verdicts = await verify(files);
  for (const verdict of verdicts) console.log(lineOf(verdict));
  const found = new Set(verdicts.map(({ status }) => status));
  return OF[["invalid", "incomplete"].find((status) => found.has(status)) ?? "valid"];
}

// Node 20 calls Ed25519 experimental, on every run; that would unsettle whoever reads the verdict
process.removeAllListeners("warning");
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(plain(`This could not be checked: ${error.message}`));
  process.exitCode = OF.incomplete;
}
