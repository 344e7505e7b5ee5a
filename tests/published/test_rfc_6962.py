"""RFC 6962 and the proofs of the transparency-dev project, most of them corrupted.

The roots are those of the reference tree of Certificate Transparency; the 518 proofs are read where
their folder is beside the checkout.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from parley.errors import ProofError
from parley.exchange.merkle import (
    EMPTY,
    Tree,
    check_consistency,
    check_inclusion,
    check_subtree,
    leaf_hash,
)

INPUTS = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
FOLDER = Path(__file__).parents[2].parent / "shared" / "vectors" / "merkle"
VECTORS = sorted(FOLDER.rglob("*.json"))


def test_the_roots_of_the_reference_tree() -> None:
    tree = Tree()
    assert tree.root() == EMPTY
    for text, root in zip(INPUTS, ROOTS, strict=True):
        tree.append(leaf_hash(bytes.fromhex(text)))
        assert tree.root().hex() == root


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def _holds(kind: str, data: dict[str, Any]) -> bool:
    proof = [_bytes(step) for step in data["proof"] or ()]
    try:
        if kind == "inclusion":
            check_inclusion(
                _bytes(data["leafHash"]),
                data["leafIdx"],
                data["treeSize"],
                _bytes(data["root"]),
                proof,
            )
        elif kind == "consistency":
            roots = _bytes(data["root1"]), _bytes(data["root2"])
            check_consistency(data["size1"], data["size2"], *roots, proof)
        elif kind == "subtreeinclusion":
            begin, end = data["start"], data["end"]
            place, leaf, root = data["leafIdx"] - begin, _bytes(data["leafHash"]), data["root"]
            check_inclusion(leaf, place, end - begin, _bytes(root), proof)
        else:
            roots = _bytes(data["root1"]), _bytes(data["root2"])
            check_subtree(data["start"], data["end"], data["size"], *roots, proof)
    except ProofError:
        return False
    return True


@pytest.mark.skipif(not VECTORS, reason="the vectors are not beside this checkout")
def test_every_published_proof_is_judged_rightly() -> None:
    wrong = []
    for path in VECTORS:
        data = json.loads(path.read_text(encoding="utf-8"))
        kind = path.relative_to(FOLDER).parts[0]
        if _holds(kind, data) is bool(data["wantErr"]):
            wrong.append((str(path.relative_to(FOLDER)), data["desc"]))
    assert len(VECTORS) == 518
    assert wrong == []
