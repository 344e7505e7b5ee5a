/**
 * Every error that these modules raise on purpose. `code` is stable: a page shows the text that
 * it has translated for it; the English `message` is for consoles and for codes a page does not
 * know. `detail` names what it is about (a key, say) where that helps.
 */

/** What each code says, in English. */
export const SAYS = Object.freeze({
  // the form of a file
  "changed": "It is cut short or was changed.",
  "wrong-form": "This is not the right kind of file.",
  "not-plain": "This cannot be written down in one form only.",
  // keys
  "bad-name": "This cannot be the name of a key: small letters, digits and hyphens.",
  "bad-key": "This is no key.",
  "short-passphrase": "The passphrase is too short to protect the key.",
  "wrong-passphrase": "It does not open with this passphrase.",
  "not-ours": "It is not sealed to this key.",
  // notes and their signatures
  "not-a-note": "This is no signed note, or it is cut short.",
  "bad-text": "This cannot be signed as a note.",
  "not-signed": "A signature is missing.",
  "bad-signature": "A signature does not hold.",
  "no-checkpoint": "This is no checkpoint of this log.",
  // proofs of the log
  "not-in-log": "The proof does not show that the entry is in the log.",
  "not-continued": "The later log does not hold the earlier one unchanged.",
  // charters
  "not-a-charter": "This is no charter, or it was changed.",
  "not-a-signer": "This key is not one of those that sign this charter.",
  "extra-signature": "There is a signature under the charter that does not belong there.",
  // deposits
  "bad-agents": "Release agents with a key each are needed.",
  "no-recipients": "Nobody could read it: there are no recipients.",
  "too-large": "The text is too large.",
  "other-place": "It is of another room, exchange, party or round.",
  "wraps-missing": "It is not sealed to all release agents.",
  "bad-lock": "This is no key of a lock.",
  "other-lock": "This key is of another lock.",
  "not-what-was-signed": "This is not what was signed.",
  // receipts
  "no-mode": "The mode in the receipt is none.",
  "other-charter": "The charter in the receipt is of another exchange.",
  "no-statement": "What the party signed is not in the receipt.",
  "no-verifier": "Nobody's key is known for the signature in the receipt.",
  "other-statement": "The log holds another statement than the receipt.",
  "split-view": "The log was shown in two forms.",
  "two-charters": "There are two charters of the same exchange.",
  "no-charter": "Without the charter nobody can say whose deposit this is.",
  "other-size": "The log was at another size: it takes the log itself to compare.",
  // the browser
  "no-crypto": "This browser lacks the cryptography needed here, or the page is not secure.",
});

/** The common kind: `code`, a message in English, and what it is about. */
export class ExchangeError extends Error {
  /**
   * @param {string} code one of the keys of `SAYS`
   * @param {string} [detail] the name of a key, file or field
   */
  constructor(code, detail = "") {
    super(detail ? `${SAYS[code]} (${detail})` : SAYS[code]);
    this.name = new.target.name;
    this.code = code;
    this.detail = detail;
  }
}

/** A signature, proof, file or receipt does not hold. */
export class ProofError extends ExchangeError {}

/** What was asked for cannot be done: a key that is none, a passphrase too short. */
export class SettingError extends ExchangeError {}

/** Nothing is wrong, but what is there does not suffice to say that all is right. */
export class IncompleteError extends ExchangeError {}
