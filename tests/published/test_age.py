"""The age file format: the vectors of C2SP/CCTV, by the library that seals and opens here.

They are read where their folder is beside the checkout. Where pyrage judges otherwise than the
vectors, the test says so: it takes no post-quantum keys (which nothing here makes), no blanks
around armour (which nothing here uses), and opens two files whose header lacks the end of a stanza,
though their contents are authentic. A passphrase of high cost it tries where the machine is quick
enough at the moment: an upper bound that is no property of the file.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from pathlib import Path

import pyrage
import pytest
from pyrage import x25519

OTHERWISE = {
    "armor_whitespace_outside": "failure",
    "scrypt_work_factor_23": "opened",
    "stanza_missing_body": "opened",
    "stanza_missing_final_line": "opened",
}
FOLDER = Path(__file__).parents[2].parent / "shared" / "vectors" / "age"
VECTORS = sorted(FOLDER.glob("*"))


def judged(path: Path) -> tuple[dict[str, list[str]], str]:
    """The head of a vector, and what our library makes of its file."""
    head, _, body = path.read_bytes().partition(b"\n\n")
    fields: dict[str, list[str]] = {}
    for line in head.decode().split("\n"):
        key, _, value = line.partition(": ")
        fields.setdefault(key, []).append(value)
    if fields.get("compressed") == ["zlib"]:
        body = zlib.decompress(body)
    try:
        if "passphrase" in fields:
            plain = pyrage.passphrase.decrypt(body, fields["passphrase"][0])
        else:
            keys = [x25519.Identity.from_str(key) for key in fields.get("identity", ())]
            plain = pyrage.decrypt(body, keys)
    except pyrage.DecryptError as error:
        return fields, "too costly here" if "xcessive work" in str(error) else "failure"
    except pyrage.IdentityError:
        return fields, "not ours"
    return fields, hashlib.sha256(plain).hexdigest()


@pytest.mark.skipif(not VECTORS, reason="the vectors are not beside this checkout")
def test_every_published_file_is_judged_rightly() -> None:
    wrong, foreign = {}, set()
    for path in VECTORS:
        fields, found = judged(path)
        wanted = fields["payload"][0] if fields["expect"] == ["success"] else "failure"
        if found == "not ours":
            foreign.add(path.name)
        elif found == "too costly here":
            assert path.name == "scrypt_work_factor_23"
            wrong[path.name] = "opened"  # as it is where the machine is quick enough
        elif found != wanted:
            wrong[path.name] = found if found == "failure" else "opened"
    assert len(VECTORS) == 143
    assert wrong == OTHERWISE
    assert len(foreign) == 19
    assert all("hybrid" in name for name in foreign)


def test_a_file_of_ours_opens_with_the_format_alone() -> None:
    key = x25519.Identity.generate()
    sealed = pyrage.encrypt(b"text", [key.to_public()])
    assert sealed.startswith(b"age-encryption.org/v1\n-> X25519 ")
    assert pyrage.decrypt(sealed, [key]) == b"text"
    assert base64.b64encode(sealed) != sealed
