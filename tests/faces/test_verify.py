"""`verify` as its caller sees it: how a check ends, what it says of it, and that nothing from anywhere breaks it."""

from __future__ import annotations

import ast
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from tests.faces.bundles import Files, Recipe, bundle, checkpoint, note_key, tree_of, write
from tests.faces.campaigns import FIGURES, RULE, Story, estimate_of
from tests.faces.changes import TWO, body, budget
from tests.repo.tree import imports
from tests.trust.making import signer
from trialplate.faces import verify
from trialplate.records import AssessmentDraft, Ended, Plan, PlanState, canonical
from trialplate.trust import public_uri

RIGHT: Mapping[str, bytes] = bundle()
OPERATOR = public_uri(signer("operator"))
DRAND = f"drand:{'12' * 32}:7"


def said(folder: Path, *arguments: str) -> tuple[int, str]:
    """Return exit status and output of a command line."""
    out = io.StringIO()
    return verify.run([str(folder), *arguments], out), out.getvalue()


def given(folder: Path, name: str, content: bytes) -> str:
    """Return the path of a file beside the bundle."""
    (folder / name).write_bytes(content)
    return str(folder / name)


@pytest.fixture
def right(tmp_path: Path) -> Path:
    return write(RIGHT, tmp_path / "bundle")


# What happened, by the table of outcomes in bundle.md; each estimate was worked out by hand.
STORIES = (
    Story(),
    Story(told="0+ 0:NOT_SOLVED 1+ 1:NOT_SOLVED 2+ 2:NOT_SOLVED", estimate=estimate_of("BELOW", runs=3, below=33)),
    Story(
        told="0+ 0:LIMIT 1+ 1:NOT_SOLVED 2+ 2:REFUSED",
        estimate=estimate_of("INCONCLUSIVE", "limits", runs=3, below=33, limits=2),
    ),
    Story(
        told="0+ 1+ 2+ 3+ 3:SOLVED 0:SOLVED 1:SOLVED 2:SOLVED",
        estimate=estimate_of("INCONCLUSIVE", "integrity", runs=3, above=33, twins=1, twins_solved=1),
    ),
    Story(
        told="0+ 1+ 0:VOID_LOST 0+ 0:VOID_SANDBOX 0+ 0:VOID_SETUP 1:SOLVED 2+ 2:SOLVED 3+ 3:REFUSED 4+ 4:SOLVED",
        estimate=estimate_of("INCONCLUSIVE", "void", runs=4, above=36, voids=3, twins=1),
    ),
    Story(told="0+ 0:VOID_PROVIDER", estimate=estimate_of("INCONCLUSIVE", "void", voids=1), why=Ended.BUDGET),
    budget(),
    budget(f"{TWO} 2+ 2:CHEATED", estimate_of("INCONCLUSIVE", "integrity", runs=3, above=21, cheated=1), Ended.BUDGET),
    budget(
        "0+ 1+ 2+ 0:NOT_SOLVED 1:NOT_SOLVED 2:CHEATED",
        estimate_of("INCONCLUSIVE", "integrity", runs=3, below=23, cheated=1),
    ),
    budget("0+ 0:CHEATED", estimate_of("INCONCLUSIVE", "horizon", runs=1, cheated=1)),
    Story(
        told="0+ 0:SOLVED 1+ 1:SOLVED 2+ 2:SOLVED 3+ 3:LIMIT 4+ 4:SOLVED 5+ 5:SOLVED 6+ 6:SOLVED",
        estimate=estimate_of("INCONCLUSIVE", "horizon", runs=6, above=75, twins=1),
        why=Ended.ALL_RUN,
        rule=msgspec.structs.replace(RULE, bound_above=(99,) * 6, bound_below=(99,) * 6),
    ),
    Story(
        told="0+ 0:SOLVED 1+ 1:SOLVED 2+ 2:SOLVED 3+ 4+ 3:CHEATED 4:NOT_SOLVED",
        estimate=estimate_of("ABOVE", evidence="BELOW", runs=4, above=33, below=9, twins=1),
        rule=msgspec.structs.replace(RULE, looks=(2, 4, 6)),
        criteria={"figures": msgspec.to_builtins(msgspec.structs.replace(FIGURES, look_every=2))},
    ),
    Story(
        told="0+ 1+ 2+ 3+ 0:SOLVED 4+ 1:SOLVED 5+ 2:NOT_SOLVED 4:SOLVED 5:LIMIT 3:NOT_SOLVED",
        estimate=estimate_of("ABOVE", runs=4, above=34, below=10, after=1, twins=1),
    ),
    Story(
        told="0+ 1+ 0:VOID_LOST 0+ 0:VOID_SCORER 0+ 1:SOLVED 0:SOLVED 2+ 2:SOLVED",
        estimate=estimate_of("ABOVE", runs=3, above=33, voids=2),
    ),
    Story(
        told="0+ 0:SOLVED 1+ 1:NOT_SOLVED 2+ 2:SOLVED",
        estimate=estimate_of("INCONCLUSIVE", "horizon", runs=2, above=10, below=11, after=1),
        rule=msgspec.structs.replace(RULE, bound_above=(11, 10, 10, 10, 10, 10), bound_below=(11, 11, 10, 10, 10, 10)),
    ),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.told[-22:]} {story.estimate.reason}")
def test_an_outcome_that_follows_is_said(story: Story, tmp_path: Path) -> None:
    report = verify.check(write(bundle(Recipe(story=story)), tmp_path / "bundle"))
    assert report.ending == verify.SELF_CONSISTENT, report.why
    reason = f" ({story.estimate.reason.value})" if story.estimate.reason.value else ""
    assert report.answer.startswith(f"{story.estimate.outcome.value}{reason} for subject 0011")
    assert f"after {story.estimate.runs} run" in report.answer
    assert "uncalibrated: design difficulties" in report.answer
    assert report.answer.endswith("determines nothing by itself.")


@pytest.mark.parametrize("formal", [False, True])
def test_criteria_that_carry_no_determination_say_so(tmp_path: Path, *, formal: bool) -> None:
    recipe = Recipe(story=Story(criteria={"formal": formal}), body=body(AssessmentDraft, formal=formal))
    code, text = said(write(bundle(recipe), tmp_path / "bundle"))
    assert (code, "no determination can rest on them" in text) == (0, not formal)


def test_an_unknown_signer_is_said_first(right: Path) -> None:
    code, text = said(right)
    first, second, *rest = text.splitlines()
    assert code == 0
    assert first.startswith("self-consistent, signer unknown: It is signed by ")
    assert verify.key_id(OPERATOR) in first
    assert second.startswith("ABOVE for subject 00112233445566778899aabbccddeeff against a cut of 8 expert hours")
    assert "  The beacon: order drawn by the operator: not independent." in rest
    assert "--trust KEYS" in rest[-1]
    # Nothing here was anchored, and nothing is called fine that was not checked.
    assert "verified" not in text
    assert " ok" not in text.lower()


def test_what_is_not_there_is_said_to_be_so(right: Path) -> None:
    lines = said(right)[1].splitlines()
    absent = "\n".join(
        lines[lines.index("Not here:") : lines.index("Plans of this subject: 1 (times by their author's clock)")]
    )
    for words in ("Access to the model", "witnesses", "reveal", "second agency", "Horizon", "Scores and boundaries"):
        assert words in absent


def test_a_beacon_of_drand_is_not_said_to_be_checked(tmp_path: Path) -> None:
    code, text = said(write(bundle(Recipe(story=Story(beacon=DRAND))), tmp_path / "bundle"))
    lines = text.splitlines()
    assert code == 0
    told = next(number for number, line in enumerate(lines) if "not checked here: no BLS in this verifier" in line)
    assert told > lines.index("Not here:")
    assert "not independent" not in text


def test_every_plan_is_counted(tmp_path: Path) -> None:
    recipe = Recipe(
        earlier=(PlanState.ABANDONED, PlanState.FINISHED), later=True, withheld=frozenset({2, 3, 4, *range(6, 23)})
    )
    code, text = said(write(bundle(recipe), tmp_path / "bundle"))
    assert code == 0
    assert "plan 3: this determines nothing" in text
    assert "The runs of 3 more plans of this subject: not checked here." in text
    assert text.splitlines()[-6:-1] == [
        "Plans of this subject: 4 (times by their author's clock)",
        "  plan 1, 2026-07-02T00:00:01Z, abandoned",
        "  plan 2, 2026-07-02T00:00:05Z, finished",
        "  plan 3, 2026-07-02T00:00:24Z, finished",
        "  plan 4, 2026-07-02T00:00:43Z, not finished",
    ]


def test_small_bundles_say_what_they_lack(tmp_path: Path) -> None:
    def bare(files: Files) -> None:
        value = json.loads(files["proofs.json"])
        files["proofs.json"] = canonical({**value, "earlier": []}) + b"\n"

    recipe = Recipe(files=bare, body=body(Plan, accepted=True))
    report = verify.check(write(bundle(recipe), tmp_path / "bundle"))
    assert verify.Finding("Earlier checkpoints of the log.", verify.NOT_HERE) in report.findings
    assert any("accepted all the same" in finding.what for finding in report.findings)


def test_the_report_as_json_says_the_same(right: Path) -> None:
    code, text = said(right, "--json")
    report = json.loads(text)
    assert code == 0
    assert report["ending"] == verify.SELF_CONSISTENT
    assert report["plans"] == [{"number": 1, "at": "2026-07-02T00:00:01Z", "state": "finished"}]
    assert report["signers"] == [verify.key_id(OPERATOR)]
    assert {finding["state"] for finding in report["findings"]} == {"holds", "not here", "by word of the operator"}


# ------------------------------------------------------------------------------------------------------------ anchors


def test_trusted_keys_anchor(right: Path, tmp_path: Path) -> None:
    keys = given(tmp_path, "keys", f"# Who signs.\n\n {OPERATOR} \n".encode())
    code, text = said(right, "--trust", keys)
    assert code == 0
    assert text.startswith("verified against YOUR anchor: All who signed MANIFEST and records are among the keys")
    assert "The log's own key is not among them" in text.splitlines()[0]
    assert "which you have not named" in text
    assert "--trust" not in text


def test_every_key_can_be_trusted(right: Path, tmp_path: Path) -> None:
    named = [OPERATOR, public_uri(signer("criteria")), note_key().text]
    code, text = said(right, "--trust", given(tmp_path, "keys", "\n".join(named).encode()))
    assert code == 0
    assert "not among" not in text
    assert "The criteria are signed by" in text


@pytest.mark.parametrize(
    "keys, says",
    [
        ([public_uri(signer("stranger"))], "not among the keys that you trust"),
        ([note_key().text], "not among the keys that you trust"),
        ([OPERATOR, note_key("other").text], "not among the logs that you trust"),
    ],
)
def test_whom_the_caller_does_not_trust_refuses(keys: list[str], says: str, right: Path, tmp_path: Path) -> None:
    code, text = said(right, "--trust", given(tmp_path, "keys", "\n".join(keys).encode()))
    assert code == 1
    assert text.startswith("refused: ")
    assert says in text
    assert len(text.splitlines()) == 1


def test_a_bundle_that_somebody_signed_again_is_refused_by_trusted_keys(tmp_path: Path) -> None:
    again = write(bundle(Recipe(signers=("forger",), criteria_signers=("forger",), log="forger")), tmp_path / "bundle")
    assert verify.check(again).ending == verify.SELF_CONSISTENT
    code, text = said(again, "--trust", given(tmp_path, "keys", OPERATOR.encode()))
    assert code == 1
    assert verify.key_id(public_uri(signer("forger"))) in text


def test_one_of_two_signers_is_not_enough(tmp_path: Path) -> None:
    folder = write(bundle(Recipe(signers=("operator", "second"))), tmp_path / "bundle")
    assert said(folder, "--trust", given(tmp_path, "one", OPERATOR.encode()))[0] == 1
    both = f"{OPERATOR}\n{public_uri(signer('second'))}\n"
    assert said(folder, "--trust", given(tmp_path, "two", both.encode()))[0] == 0


TREE = tree_of()


@pytest.mark.parametrize(
    "note, says",
    [
        (checkpoint(TREE, TREE.size), f"size {TREE.size} that you kept; 19 of 19 records"),
        (checkpoint(TREE, 11), "size 11 that you kept; 5 of 19 records"),
        (checkpoint(TREE, 2), "size 2 that you kept; 1 of 19 records"),
    ],
)
def test_a_kept_checkpoint_anchors(note: bytes, says: str, right: Path, tmp_path: Path) -> None:
    code, text = said(right, "--checkpoint", given(tmp_path, "kept", note))
    assert code == 0
    assert text.startswith("verified against YOUR anchor: The log extends the checkpoint of")
    assert says in text.splitlines()[0]
    # An anchored log says nothing of who signed.
    assert f"signed by {verify.key_id(OPERATOR)}, and you named no keys" in text.splitlines()[0]


@pytest.mark.parametrize(
    "note, says",
    [
        (checkpoint(TREE, 12), "Your checkpoint of size 12 cannot be compared with this bundle"),
        (checkpoint(tree_of(Recipe(later=True)), TREE.size + 2), "cannot be compared with this bundle"),
        (checkpoint(TREE, 0), "cannot be compared with this bundle"),
        (checkpoint(tree_of(Recipe(beacon_value="cd" * 32)), TREE.size), "signed two histories"),
        (checkpoint(tree_of(Recipe(beacon_value="cd" * 32)), 11), "signed two histories"),
        (checkpoint(TREE, 11, origin="example.org"), "of the log example.org, another one than example.com/log"),
        (checkpoint(TREE, 11, name="stranger"), "is not signed by the log's own key"),
        (checkpoint(TREE, 11).replace(b"\n11\n", b"\n12\n"), "is not signed by the log's own key"),
        (b"", "Your checkpoint is not a text"),
    ],
)
def test_a_kept_checkpoint_that_does_not_fit_refuses(note: bytes, says: str, right: Path, tmp_path: Path) -> None:
    code, text = said(right, "--checkpoint", given(tmp_path, "kept", note))
    assert (code, says in text) == (1, True), text


# ----------------------------------------------------------------------------------------------------- the command line


@pytest.mark.parametrize(
    "keys, says",
    [
        (b"ed25519:00", "Line 1"),
        (b"\n\xff\n", "Line 2"),
        (b"# Nobody.\n", "names no key"),
        (b"#" * (1 << 20) + b"#", "more"),
    ],
)
def test_a_file_of_keys_that_is_none_is_a_wrong_call(
    keys: bytes, says: str, right: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(right, "--trust", given(tmp_path, "keys", keys)) == (2, "")
    assert says in capsys.readouterr().err


def test_wrong_calls_end_with_2(right: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(tmp_path / "missing") == (2, "")
    assert "is no folder" in capsys.readouterr().err
    assert said(right, "--checkpoint", str(tmp_path / "missing")) == (2, "")
    assert "cannot be read" in capsys.readouterr().err
    assert said(right, "--unknown") == (2, "")
    assert said(right, "--help") == (0, "")
    assert "--trust KEYS" in capsys.readouterr().out


def test_the_file_works_alone(right: Path, tmp_path: Path) -> None:
    alone = shutil.copy(verify.__file__, tmp_path / "alone.py")
    start = (
        "import runpy, sys; sys.argv = sys.argv[1:]\n"
        "try: runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "except SystemExit as ended: print(ended.code, [name for name in sys.modules if 'trialplate' in name])\n"
    )
    command = (sys.executable, "-I", "-c", start, str(alone), str(right))
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("self-consistent, signer unknown")
    assert ended.stdout.splitlines()[-1] == "0 []"
    assert ended.stderr == ""


def test_the_module_ends_with_its_status(right: Path) -> None:
    (right / "README.txt").write_bytes(b"Something else.")
    ended = subprocess.run((sys.executable, verify.__file__, str(right)), capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert ended.stdout == "refused: README.txt is not the file that MANIFEST lists.\n"


def test_it_imports_the_standard_library_and_cryptography_only() -> None:
    tree = ast.parse(Path(verify.__file__).read_text(encoding="utf-8"))
    found = {name.partition(".")[0] for _, name in imports(tree)}
    assert found - sys.stdlib_module_names == {"cryptography"}
