"""What the browser seals, signs and checks is what Python does, byte for byte, both ways."""

from __future__ import annotations

import base64
import hashlib
import os

import pytest
from playwright.sync_api import Browser, Page

from parley.errors import ProofError
from parley.exchange import canonical, own_steps
from parley.exchange.charter import Mode, read_charter
from parley.exchange.core import LARGEST, core_of
from parley.exchange.keys import card, locked, read_card, unlocked
from parley.exchange.merkle import Tree, leaf_hash
from parley.exchange.notes import Checkpoint, Verifier, opened, read_checkpoint, signed
from parley.exchange.sealing import (
    check_deposit,
    from_json,
    open_lock,
    pairs_of,
    peel,
    read,
    to_json,
)
from tests.browser import pages
from tests.browser.example import (
    PASSPHRASE,
    TEXT,
    WHO,
    charter_of,
    deposit_of,
    flips,
    header_of,
    secret,
    signed_by_all,
)
from tests.browser.pages import MODULES, run

pytestmark = pytest.mark.browser


def test_the_same_content_has_the_same_bytes(page: Page) -> None:
    values = [
        None, True, -7, 2**53 - 1, "", "\x00\x1f\x7f\u2028\"\\/\b\t\n\f\r é 雪 😀",
        {"\U0001f600": 1, "\uffff": 2, "a": 3, "": 4, "10": 5, "9": 6, "a b": [], "__proto__": {}},
        [[1, [2]], {"b": {"a": [None]}}],
    ]  # fmt: skip
    written = [canonical.encode(value) for value in values]
    script = """return given.raws.map((text) => {
      return bytes.toBase64(canonical.encode(canonical.decode(raw(text))));
    });"""
    assert [base64.b64decode(text) for text in run(page, script, raws=written)] == written


def test_another_form_of_the_same_content_is_refused(page: Page) -> None:
    deep = b"[" * 42 + b"]" * 42
    bad = [
        b"", b"{", b" 1", b"1 ", b"1.0", b"1e2", b"-0", b"01", b'"\\u0061"', b'{"b":1,"a":2}',
        b'{"a":1,"a":1}', b'"\\ud800"', b"\xff", b"\xef\xbb\xbf1", b"NaN", b"[1,]", deep,
        '{"😀":1,"\uffff":2}'.encode(), b"'a'", b"true false", b"9007199254740993.0",
    ]  # fmt: skip
    for raw in bad:
        with pytest.raises(ProofError):
            canonical.decode(raw)
    script = """return Promise.all(given.raws.map((text) => {
      return told(() => canonical.decode(raw(text)));
    }));"""
    assert run(page, script, raws=bad) == ["changed"] * len(bad)


def test_bytes_have_one_text_only(page: Page) -> None:
    bad = ["QR==", "QQ=", "QQ", "Q Q=", "QQ==\n", "_-8=", "===="]
    script = """const long = new Uint8Array(100_000).map((_, k) => k % 251);
    return {
      bad: given.bad.filter((text) => bytes.fromBase64(text) !== null),
      good: bytes.same(bytes.fromBase64(bytes.toBase64(long)), long),
      hex: ["0", "0G", "AB", " 0"].filter((text) => bytes.fromHex(text) !== null),
    };"""
    assert run(page, script, bad=bad) == {"bad": [], "good": True, "hex": []}


def test_the_log_of_python_is_proved_in_the_browser(page: Page) -> None:
    leaves = [leaf_hash(bytes([k])) for k in range(9)]
    trees = [Tree(leaves[:size]) for size in range(10)]
    proofs = [
        [old, size, list(trees[size].inclusion(old - 1)), list(trees[size].consistency(old))]
        for size in range(1, 10)
        for old in range(1, size + 1)
    ]
    script = """const [leaves, roots] = [given.leaves.map(raw), given.roots.map(raw)];
    for (const [k, root] of roots.entries()) {
      if (!bytes.same(await merkle.rootOf(leaves.slice(0, k)), root)) return `root ${k}`;
    }
    for (const [old, size, place, growth] of given.proofs) {
      const leaf = leaves[old - 1];
      await merkle.checkInclusion(leaf, old - 1, size, roots[size], place.map(raw));
      await merkle.checkConsistency(old, size, roots[old], roots[size], growth.map(raw));
    }
    const part = await merkle.nodeHash(leaves[4], leaves[5]);
    await merkle.checkSubtree(4, 6, 6, part, roots[6], [roots[4]]);
    return Promise.all([
      told(() => merkle.checkConsistency(0, 3, roots[0], roots[3], [])),
      told(() => merkle.checkConsistency(4, 3, roots[4], roots[3], [])),
      told(() => merkle.checkInclusion(leaves[0], -1, 1, leaves[0], [])),
      told(() => merkle.checkInclusion(leaves[0], 0, 1, leaves[1], [])),
    ]);"""
    roots = [tree.root() for tree in trees]
    found = run(page, script, leaves=leaves, roots=roots, proofs=proofs)
    assert found == ["not-continued", "not-continued", "not-in-log", "not-in-log"]


def test_names_of_keys_are_judged_alike(page: Page) -> None:
    points = [*range(0x3002), 0xFEFF, 0x1F600]
    ours = []
    for point in points:
        try:
            ours.append(Verifier(f"a{chr(point)}", bytes(32)).id.hex())
        except ProofError:
            ours.append("")
    script = """const key = new Uint8Array(32);
    return Promise.all(given.points.map(async (point) => {
      const name = `a${String.fromCodePoint(point)}`;
      return notes.keyId({ name, key }).then(bytes.toHex, () => "");
    }));"""
    assert run(page, script, points=points) == ours
    assert 30 < ours.count("") < 100


def test_notes_both_ways(page: Page) -> None:
    north, south = WHO["north"].signer, WHO["south"].signer
    text = "one\n\ntwo — 雪\n"
    point = Checkpoint("parley/r/c", 12, hashlib.sha256(b"").digest())
    script = """const [north, south] = given.seeds.map((seed, k) =>
      ({ name: ["north", "south"][k], seed: raw(seed) }));
    const [n, s] = [await notes.verifierOf(north), await notes.verifierOf(south)];
    const checkpoint = await notes.readCheckpoint(given.checkpoint, "parley/r/c", n);
    const changed = given.note.replace("two", "tWo");
    return {
      key: bytes.toHex(n.key),
      pkcs8: bytes.toHex(ed25519.fromPkcs8(ed25519.toPkcs8(north.seed))),
      text: await notes.opened(given.note, n, s),
      note: await notes.signed(given.text, north, south),
      point: [checkpoint.size, bytes.toHex(checkpoint.root), notes.checkpointText(checkpoint)],
      codes: [
        await told(() => notes.opened(changed, n)),
        await told(() => notes.opened(given.one, s)),
        await told(() => notes.opened(given.one.replace("— north", "— south"), n)),
        await told(() => notes.opened(given.one, { name: "north", key: s.key })),
        await told(() => notes.opened("text\\n", n)),
        await told(() => notes.opened(given.note.slice(0, -1), n)),
        await told(() => notes.readCheckpoint(given.checkpoint, "parley/r/d", n)),
        await told(() => notes.signed("no end", north)),
      ],
    };"""
    given = {"note": signed(text, north, south), "one": signed(text, north), "text": text}
    note = signed(point.text(), north)
    found = run(page, script, checkpoint=note, seeds=[north.seed, south.seed], **given)
    assert found["key"] == north.verifier.key.hex()
    assert found["pkcs8"] == north.seed.hex()
    assert found["text"] == opened(found["note"], north.verifier, south.verifier) == text
    assert found["note"] == given["note"]
    assert found["point"] == [12, point.root.hex(), point.text()]
    assert read_checkpoint(note, "parley/r/c", north.verifier) == point
    assert found["codes"] == [
        "bad-signature", "not-signed", "not-signed", "not-signed", "not-a-note", "not-a-note",
        "no-checkpoint", "bad-text",
    ]  # fmt: skip


def test_key_files_both_ways(page: Page) -> None:
    script = """const made = await keys.makeKey("south", given.passphrase);
    const opened = await keys.openKey(raw(given.file), given.passphrase);
    const easy = (await keys.makeKey("west", given.passphrase, 4)).file;
    const changed = flipped(easy, [...easy.keys()], [...easy].map((_, k) => k % 8));
    return {
      file: bytes.toBase64(made.file), card: made.card,
      opened: { ...opened, seed: bytes.toHex(opened.seed) },
      ours: await keys.cardOf(opened),
      read: (await keys.readCard(given.card)).age,
      wrong: await told(() => keys.openKey(easy, given.passphrase + "!")),
      short: await told(() => keys.makeKey("west", "eleven lett")),
      name: await told(() => keys.makeKey("West", given.passphrase)),
      other: await told(() => keys.readCard(given.card.replace("north", "south"))),
      flips: await Promise.all(
        changed.map((file) => told(() => keys.openKey(file, given.passphrase)))),
    };"""
    north = WHO["north"]
    given = {"file": locked(north, PASSPHRASE), "card": card(north)}
    found = run(page, script, passphrase=PASSPHRASE, **given)
    made = unlocked(base64.b64decode(found["file"]), PASSPHRASE)
    assert made.name == "south"
    assert read_card(found["card"]) == ("south", made.public)
    assert found["opened"] == {"name": "north", "age": north.age, "seed": north.seed.hex()}
    assert found["ours"] == given["card"]
    assert found["read"] == north.public.age
    assert [found[k] for k in ("wrong", "short", "name", "other")] == [
        "wrong-passphrase", "short-passphrase", "bad-name", "not-signed",
    ]  # fmt: skip
    assert len(found["flips"]) > 200
    assert set(found["flips"]) == {"changed", "wrong-passphrase"}


@pytest.mark.parametrize("mode", ["sealed", "two-agents"])
def test_python_seals_and_the_browser_opens(page: Page, mode: Mode) -> None:
    charter = charter_of(mode)
    script = """const terms = await charter.readCharter(given.note);
    const deposit = sealing.fromJson(raw(given.deposit));
    const north = charter.signers(terms).find(({ name }) => name === "north");
    const agents = Object.keys(charter.agentKeys(terms));
    const header = await charter.headerFor(terms, "north");
    await sealing.checkDeposit(deposit, header, north, agents);
    const texts = [];
    for (const [k, [first, second]] of sealing.pairsOf(agents).entries()) {
      const under = await sealing.peel(deposit.wraps[k], given.keys[first]);
      const inner = await sealing.openLock(deposit, await sealing.peel(under, given.keys[second]));
      for (const who of terms.recipients) {
        texts.push(bytes.textOf(await sealing.read(deposit, inner, given.keys[who])));
      }
    }
    return { texts, same: bytes.toBase64(sealing.toJson(deposit)) === given.deposit };"""
    found = run(
        page,
        script,
        note=signed_by_all(charter),
        deposit=to_json(deposit_of(charter)),
        keys={name: identity.age for name, identity in WHO.items()},
    )
    assert found["texts"] == [TEXT.decode()] * (9 if mode == "sealed" else 3)
    assert found["same"]


@pytest.mark.parametrize("mode", ["sealed", "two-agents"])
@pytest.mark.parametrize("size", [0, 4000, 70_000, 300_000])
def test_the_browser_seals_and_python_opens(page: Page, mode: Mode, size: int) -> None:
    charter, nonce, text = charter_of(mode), os.urandom(32), (TEXT * 10_000)[:size]
    header = header_of(charter)
    script = """const terms = await charter.readCharter(given.note);
    const deposit = await sealing.seal(
      await charter.headerFor(terms, "north"), raw(given.text), charter.sealedTo(terms),
      charter.agentKeys(terms), { ...given.north, seed: raw(given.north.seed) }, raw(given.nonce));
    return bytes.toBase64(sealing.toJson(deposit));"""
    given = {"note": signed_by_all(charter), "north": secret(WHO["north"])}
    deposit = from_json(base64.b64decode(run(page, script, text=text, nonce=nonce, **given)))
    check_deposit(deposit, header, WHO["north"].signer.verifier, charter.agents)
    assert deposit.core_hash == hashlib.sha256(core_of(header, text, nonce)).digest()
    for wrap, (first, second) in zip(deposit.wraps, pairs_of(charter.agents), strict=True):
        lock = peel(peel(wrap, WHO[first].age), WHO[second].age)
        inner = open_lock(deposit, lock)
        assert read(deposit, inner, WHO["south"].age) == text
        assert read(deposit, inner, WHO["mediator"].age) == text


def test_every_bit_counts(page: Page) -> None:
    charter = charter_of()
    deposit = deposit_of(charter)
    lock = peel(peel(deposit.wraps[0], WHO["server"].age), WHO["mediator"].age)
    inner = open_lock(deposit, lock)
    parts = [to_json(deposit), deposit.wraps[2], deposit.outer, inner]
    script = """const terms = await charter.readCharter(given.note);
    const north = charter.signers(terms).find(({ name }) => name === "north");
    const header = await charter.headerFor(terms, "north");
    const agents = Object.keys(terms.agents);
    const deposit = sealing.fromJson(raw(given.parts[0]));
    const ways = [
      (json) => sealing.checkDeposit(sealing.fromJson(json), header, north, agents),
      (wrap) => sealing.peel(wrap, given.mediator),
      (outer) => sealing.openLock({ ...deposit, outer }, raw(given.lock)),
      (inner) => sealing.read(deposit, inner, given.south),
    ];
    const codes = [];
    for (const [k, part] of given.parts.map(raw).entries()) {
      const copies = flipped(part, given.flips[k].places, given.flips[k].bits);
      codes.push(await Promise.all([part, ...copies].map((copy) => told(() => ways[k](copy)))));
    }
    return codes;"""
    found = run(
        page,
        script,
        parts=parts,
        flips=[flips(part, 250) for part in parts],
        lock=lock,
        note=signed_by_all(charter),
        mediator=WHO["mediator"].age,
        south=WHO["south"].age,
    )
    assert [codes[0] for codes in found] == [""] * 4
    assert all(code for codes in found for code in codes[1:])
    assert sum(len(codes) - 1 for codes in found) == 1000


def test_what_is_wrong_with_a_deposit_has_a_name(page: Page) -> None:
    charter = charter_of()
    deposit, other = deposit_of(charter), deposit_of(charter)
    longer = f"{deposit.signed_text()}\nmore\n"
    trick = f"more\n\n{WHO['north'].signer.sign(longer)}"
    pair = WHO["server"].age, WHO["mediator"].age
    lock, foreign = (peel(peel(d.wraps[0], pair[0]), pair[1]) for d in (deposit, other))
    script = """const { north, text, agents, recipients } = given;
    const deposit = sealing.fromJson(raw(given.deposit));
    const signer = { name: "north", seed: raw(north.seed) };
    const verifier = await notes.verifierOf(signer);
    const { header } = deposit;
    const check = (d, h = header, a = ["server", "mediator", "witness"], v = verifier) =>
      told(() => sealing.checkDeposit(d, h, v, a));
    const seal = (t, r, a) => told(() => sealing.seal(header, t, r, a, signer));
    const { witness, ...two } = agents;
    const inner = await sealing.openLock(deposit, raw(given.lock));
    const hash = new Uint8Array(32);
    const elsewhere = { ...deposit, header: { ...header, round: 2 } };
    const small = bytes.utf8(bytes.textOf(raw(given.lock)).toLowerCase());
    return [
      await check(deposit),
      await check(deposit, { ...header, party: "south" }),
      await check(deposit, header, ["server", "mediator"]),
      await check(deposit, header, undefined, { ...verifier, name: "south" }),
      await check({ ...deposit, signature: given.trick }),
      await seal(raw(text), recipients, { ...two, server: two.mediator }),
      await seal(raw(text), recipients, { server: two.server }),
      await seal(raw(text), [], agents),
      await seal(raw(text), ["age1xyz"], agents),
      await seal(new Uint8Array(given.largest), recipients, agents),
      await told(() => sealing.openLock(deposit, raw(given.foreign))),
      await told(() => sealing.openLock(deposit, bytes.utf8("no key"))),
      await told(() => sealing.openLock(deposit, small)),
      await told(() => sealing.peel(deposit.wraps[0], north.age)),
      await told(() => sealing.read(deposit, inner, given.witness)),
      await told(() => sealing.read(elsewhere, inner, north.age)),
      await told(() => sealing.read({ ...deposit, coreHash: hash }, inner, north.age)),
      await told(() => sealing.openLock({ ...deposit, innerHash: hash }, raw(given.lock))),
      await told(() => sealing.fromJson(canonical.encode({ format: "parley-deposit-1" }))),
      await told(() => sealing.fromJson(canonical.encode({ format: "parley-deposit-2" }))),
    ];"""
    found = run(
        page,
        script,
        deposit=to_json(deposit),
        north=secret(WHO["north"]),
        agents=charter.agent_keys(),
        recipients=charter.sealed_to(),
        witness=WHO["witness"].age,
        text=TEXT,
        trick=trick,
        lock=lock,
        foreign=foreign,
        largest=LARGEST,
    )
    assert found == [
        "", "other-place", "wraps-missing", "not-signed", "not-what-was-signed", "bad-agents",
        "bad-agents", "no-recipients", "bad-key", "too-large", "other-lock", "bad-lock", "",
        "not-ours", "not-ours", "other-place", "not-what-was-signed", "not-what-was-signed",
        "wrong-form", "wrong-form",
    ]  # fmt: skip


def test_charters_both_ways(page: Page) -> None:
    charter, simple = charter_of(), charter_of("simple")
    names = list(charter.signers())
    script = """const signers = given.signers.map((one) => ({ ...one, seed: raw(one.seed) }));
    const [first, ...others] = signers;
    let note = given.one;
    for (const signer of others) note += await charter.signCharter(note, signer);
    const terms = await charter.readCharter(note);
    const bare = await charter.readCharter(given.simple);
    const stranger = { ...first, seed: others[0].seed };
    const changed = note.replace('"round":1', '"round":2');
    return {
      note, hash: await charter.hashOf(terms), bare: await charter.hashOf(bare),
      signers: charter.signers(terms).map(({ name }) => name),
      keys: [charter.sealedTo(terms), charter.agentKeys(terms), charter.sealedTo(bare)],
      codes: [
        await told(() => charter.readCharter(given.one)),
        await told(() => charter.readCharter(given.one, [first.name])),
        await told(() => charter.readCharter(given.one, ["server"])),
        await told(() => charter.readCharter(changed)),
        await told(() => charter.readCharter(note.replace('"quorum":2', '"quorum":"2"'))),
        await told(() => charter.readCharter(note.replace("11-25T", "02-30T"))),
        await told(() => charter.readCharter(given.card)),
        await told(() => charter.readCharter(note + note.slice(terms.text.length + 1))),
        await told(() => charter.readCharter(note.replace("\\n\\n", "\\nmore\\n\\n"))),
        await told(() => charter.readCharter(note.replace("\\n\\n", "\\n\\nmore\\n\\n"))),
        await told(() => charter.readCharter(given.simple + "\\n")),
        await told(() => charter.signCharter(note, stranger)),
        await told(() => charter.signCharter(note, { ...first, name: "server" })),
      ],
    };"""
    found = run(
        page,
        script,
        one=signed(charter.text(), WHO[names[0]].signer),
        simple=simple.text(),
        signers=[secret(WHO[name]) for name in names],
        card=card(WHO["north"]),
    )
    assert read_charter(found["note"]) == charter
    assert [found["hash"], found["bare"]] == [charter.hash(), simple.hash()]
    assert found["signers"] == names
    assert found["keys"] == [charter.sealed_to(), charter.agent_keys(), []]
    assert found["codes"] == [
        "not-signed", "", "not-signed", "bad-signature", "not-a-charter", "not-a-charter",
        "not-a-charter", "extra-signature", "not-a-charter", "not-a-charter", "not-a-note",
        "not-a-signer",
        "not-a-signer",
    ]  # fmt: skip


def test_what_a_party_signs_later_is_the_same(page: Page) -> None:
    script = "return given.kinds.map((kind) => receipts.stepText(kind, 'x', 'north', 'ab'));"
    wanted = [own_steps.step_text(kind, "x", "north", "ab") for kind in ("withdraw", "alone")]
    assert run(page, script, kinds=["withdraw", "alone"]) == wanted


def test_the_policy_is_in_force_and_a_breach_of_it_is_noticed(browser: Browser) -> None:
    breach = """async () => {
      await import("/errors.js");
      const done = [];
      try { document.body.innerHTML = "<b>bold</b>"; done.push("innerHTML"); } catch {}
      try { eval("1"); done.push("eval"); } catch {}
      try { new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)); done.push("wasm"); }
      catch {}
      return done;
    }"""
    with pages.served(MODULES) as address:
        with pages.opened(browser, address) as (found, told):
            assert found.evaluate(breach) == []
        assert "require-trusted-types-for" in told
        assert "script-src" in told
