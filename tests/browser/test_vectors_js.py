"""The published vectors once more, by what seals and checks in the browser.

They are read where their folder is beside the checkout. The library there judges none of the files
otherwise than they want it; should a later one do so, its files are to be named in `OTHERWISE`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.pages import MODULES, chromium, opened, served

OTHERWISE: dict[str, str] = {}
FOLDER = Path(__file__).parents[2].parent / "shared" / "vectors"
AGE = sorted((FOLDER / "age").glob("*"))
MERKLE = sorted((FOLDER / "merkle").rglob("*.json"))
JUDGE_AGE = """async (vectors) => {
  const { Decrypter, armor } = await import("/vendor/age.js");
  const { sha256, toHex } = await import("/bytes.js");
  const found = {};
  for (const { name, start, packed, keys, passphrases, armored } of vectors) {
    let stream = (await (await fetch(`/vectors/age/${name}`)).blob()).slice(start).stream();
    if (packed) stream = stream.pipeThrough(new DecompressionStream("deflate"));
    const raw = new Uint8Array(await new Response(stream).arrayBuffer());
    try {
      const decrypter = new Decrypter();
      for (const key of keys) decrypter.addIdentity(key);
      for (const passphrase of passphrases) decrypter.addPassphrase(passphrase);
      const file = armored ? armor.decode(new TextDecoder("latin1").decode(raw)) : raw;
      found[name] = toHex(await sha256(await decrypter.decrypt(file)));
    } catch (error) {
      found[name] = "failure";
    }
  }
  return found;
}"""
JUDGE_MERKLE = """async (vectors) => {
  const { checkConsistency, checkInclusion, checkSubtree } = await import("/merkle.js");
  const { fromBase64 } = await import("/bytes.js");
  const { ProofError } = await import("/errors.js");
  const bytes = (text) => fromBase64(text ?? "");
  const check = ({ kind, data }) => {
    const proof = (data.proof ?? []).map(bytes);
    const roots = [bytes(data.root1), bytes(data.root2)];
    const [leaf, root] = [bytes(data.leafHash), bytes(data.root)];
    const { start, end, size, size1, size2, leafIdx, treeSize } = data;
    if (kind === "inclusion") return checkInclusion(leaf, leafIdx, treeSize, root, proof);
    if (kind === "consistency") return checkConsistency(size1, size2, ...roots, proof);
    if (kind === "subtreeconsistency") return checkSubtree(start, end, size, ...roots, proof);
    return checkInclusion(leaf, leafIdx - start, end - start, root, proof);
  };
  const wrong = [];
  for (const vector of vectors) {
    const holds = await check(vector).then(() => true, (error) => {
      if (!(error instanceof ProofError)) throw error;
      return false;
    });
    if (holds === Boolean(vector.data.wantErr)) wrong.push(`${vector.kind}: ${vector.data.desc}`);
  }
  return wrong;
}"""
pytestmark = pytest.mark.browser
without = pytest.mark.skipif(
    not AGE or not MERKLE, reason="the vectors are not beside this checkout"
)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with served(MODULES, vectors=FOLDER) as address, chromium() as browser:
        with opened(browser, address) as (found, told):
            yield found
        assert told == []


def _vector(path: Path) -> tuple[dict[str, Any], str]:
    """What the browser is asked of a file, and what it should answer."""
    head = path.read_bytes().partition(b"\n\n")[0]
    fields: dict[str, list[str]] = {}
    for line in head.decode().split("\n"):
        key, _, value = line.partition(": ")
        fields.setdefault(key, []).append(value)
    asked = {
        "name": path.name,
        "start": len(head) + 2,
        "packed": fields.get("compressed") == ["zlib"],
        "keys": fields.get("identity", []),
        "passphrases": fields.get("passphrase", []),
        "armored": fields.get("armored") == ["yes"],
    }
    return asked, fields["payload"][0] if fields["expect"] == ["success"] else "failure"


def test_the_library_is_the_one_that_was_described() -> None:
    told = (Path(__file__).parents[2] / "docs" / "explanation" / "vendored.md").read_text()
    for path in (MODULES / "vendor").iterdir():
        assert f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" in told


@without
def test_every_published_file_is_judged_rightly(page: Page) -> None:
    vectors = [_vector(path) for path in AGE]
    found = page.evaluate(JUDGE_AGE, [asked for asked, _ in vectors])
    wanted = {asked["name"]: answer for asked, answer in vectors}
    wrong = {name: found[name] for name in wanted if found[name] != wanted[name]}
    assert len(found) == 143
    assert wrong == OTHERWISE


@without
def test_every_published_proof_is_judged_rightly(page: Page) -> None:
    vectors = [
        {
            "kind": path.relative_to(FOLDER / "merkle").parts[0],
            "data": json.loads(path.read_text(encoding="utf-8")),
        }
        for path in MERKLE
    ]
    assert len(vectors) == 518
    assert page.evaluate(JUDGE_MERKLE, vectors) == []
