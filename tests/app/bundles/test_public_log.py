"""The log of a home: what it signed stays in it, whatever happens between two steps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from trialplate.app.bundles.public_log import PublicLog, PublicLogError
from trialplate.records import RecordId
from trialplate.trust import (
    OpenedCheckpoint,
    Signer,
    leaf_hash,
    open_checkpoint,
    open_signer,
    verify_consistency,
    verify_inclusion,
)


class Queue:
    """A queue of leaves that keeps what was not struck."""

    def __init__(self, *records: RecordId, strikes: bool = True) -> None:
        self.waiting = list(records)
        self._strikes = strikes

    def queued(self, limit: int) -> tuple[RecordId, ...]:
        return tuple(self.waiting[:limit])

    def published(self, records: Sequence[RecordId]) -> None:
        if not self._strikes:
            raise OSError("the machine stopped")
        self.waiting = [record for record in self.waiting if record not in records]


def record(number: int) -> RecordId:
    return RecordId(f"{number:064x}")


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return open_signer(f"file:{tmp_path / 'keys' / 'log.key'}")


def log(tmp_path: Path, signer: Signer) -> PublicLog:
    return PublicLog(tmp_path / "log", signer)


def test_records_are_proved_and_checkpoints_extend_each_other(tmp_path: Path, signer: Signer) -> None:
    log(tmp_path, signer).publish(Queue(*map(record, range(5))))
    log(tmp_path, signer).publish(Queue(*map(record, range(5, 12))))
    published = log(tmp_path, signer).proofs([record(3), record(9)])
    opened = open_checkpoint(published.note, [published.key])
    assert isinstance(opened, OpenedCheckpoint)
    size, root = opened.checkpoint.size, bytes.fromhex(opened.checkpoint.root)
    assert size == 12
    assert [each.index for each in published.proofs.inclusion] == [3, 9]
    for each in published.proofs.inclusion:
        leaf = leaf_hash(bytes.fromhex(each.record))
        assert verify_inclusion(root, size, each.index, leaf, [bytes.fromhex(one) for one in each.hashes])
    (earlier,) = published.proofs.earlier
    proof = [bytes.fromhex(one) for one in earlier.hashes]
    assert verify_consistency(earlier.size, bytes.fromhex(earlier.root), size, root, proof)


def test_nothing_new_signs_nothing_new(tmp_path: Path, signer: Signer) -> None:
    for _ in range(2):
        log(tmp_path, signer).publish(Queue(record(1)))
    assert len(list((tmp_path / "log").glob("checkpoint-*"))) == 1
    log(tmp_path / "empty", signer).publish(Queue())
    assert not list((tmp_path / "empty" / "log").glob("checkpoint-*"))


def test_a_crash_before_the_strike_brings_no_leaf_twice(tmp_path: Path, signer: Signer) -> None:
    with pytest.raises(OSError, match="the machine stopped"):
        log(tmp_path, signer).publish(Queue(record(1), record(2), strikes=False))
    log(tmp_path, signer).publish(Queue(record(1), record(2)))
    assert [each.index for each in log(tmp_path, signer).proofs([record(1), record(2)]).proofs.inclusion] == [0, 1]


def test_a_leaf_that_was_half_written_is_written_again(tmp_path: Path, signer: Signer) -> None:
    log(tmp_path, signer).publish(Queue(record(1)))
    with (tmp_path / "log" / "leaves").open("ab") as file:
        file.write(b"half")
    log(tmp_path, signer).publish(Queue(record(2)))
    assert (tmp_path / "log" / "leaves").read_bytes() == bytes.fromhex(record(1) + record(2))


def test_a_log_that_was_cut_off_or_changed_is_refused(tmp_path: Path, signer: Signer) -> None:
    log(tmp_path, signer).publish(Queue(*map(record, range(3))))
    leaves = tmp_path / "log" / "leaves"
    whole = leaves.read_bytes()
    for broken in (whole[:64], whole[:64] + bytes(32)):
        leaves.write_bytes(broken)
        with pytest.raises(PublicLogError, match="not what its newest checkpoint says"):
            log(tmp_path, signer).publish(Queue(record(4)))
    leaves.write_bytes(whole)
    (tmp_path / "log" / "checkpoint-0000000000000003").write_bytes(b"no note")
    with pytest.raises(PublicLogError, match="is not ours"):
        log(tmp_path, signer).publish(Queue(record(4)))


def test_a_record_that_is_not_in_the_log_has_no_proof(tmp_path: Path, signer: Signer) -> None:
    with pytest.raises(PublicLogError, match="not in the log"):
        log(tmp_path, signer).proofs([record(1)])
