"""Bundles that are wrong in one thing, signed again from the first record on: only its sense refuses."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from tests.faces.bundles import Recipe, bundle, checkpoint, earlier, tree_of, write
from tests.faces.campaigns import BANK, CRITERIA, FIGURES, ITEMS, PLACES, Story, estimate_of
from tests.faces.changes import (
    SWAPPED,
    TWO,
    TWO_ESTIMATE,
    attaining,
    bank,
    body,
    budget,
    edited,
    header,
    longer_rule,
    moved,
    other_criteria,
    places,
    rows_of,
    ruled,
    scored,
    shorter_log,
    simulated,
    skipped,
    steps,
    swapped_places,
    twice,
)
from tests.trust.making import signer
from trialplate.faces import verify
from trialplate.records import (
    Answer,
    AssessmentDraft,
    Beacon,
    Ended,
    Estimate,
    Evidence,
    Figures,
    Horizon,
    OrderDrawn,
    Place,
    Plan,
    PlanState,
    RunResult,
    RunsEnded,
    Shares,
    Slot,
)
from trialplate.trust import public_uri

DRAND = f"drand:{'12' * 32}:7"


@dataclass(frozen=True)
class Case:
    """A wrong bundle, and words of the refusal."""

    name: str
    recipe: Recipe
    says: str


LOG = (
    Case("a shorter log", Recipe(files=shorter_log), "is not shown to be in the log"),
    Case("no proof of the last record", Recipe(files=edited("proofs.json", lambda v: v["inclusion"].pop())), "once"),
    Case(
        "proofs in another order",
        Recipe(files=edited("proofs.json", lambda v: v["inclusion"].reverse())),
        "out of its order",
    ),
    Case(
        "a place in the log twice",
        Recipe(files=edited("proofs.json", lambda v: v["inclusion"][1].update(index=v["inclusion"][0]["index"]))),
        "Record 2 (assessment.order_drawn/1) out of its order",
    ),
    Case(
        "a wrong hash in a proof",
        Recipe(files=edited("proofs.json", lambda v: v["inclusion"][3]["hashes"].__setitem__(0, "00" * 32))),
        "Record 4 (assessment.attempt_opened/1) is not shown",
    ),
    Case(
        "an earlier checkpoint of another log",
        Recipe(files=edited("proofs.json", lambda v: v["earlier"][0].update(root="00" * 32))),
        "extend its earlier checkpoint of size 2",
    ),
    Case(
        "an earlier checkpoint twice",
        Recipe(files=edited("proofs.json", lambda v: v["earlier"].append(earlier(tree_of(), 2)))),
        "two earlier checkpoints of one size",
    ),
    Case(
        "a checkpoint by another key", Recipe(files=lambda f: f.update(checkpoint=checkpoint(tree_of(), 5, "x"))), "own"
    ),
    Case(
        "a checkpoint of another log",
        Recipe(files=lambda f: f.update(checkpoint=checkpoint(tree_of(), 5, origin="example.org"))),
        "is of the log example.org, another one than example.com/log",
    ),
    Case(
        "another subject",
        Recipe(header=header(5, subject="ff" * 16)),
        "Record 5 (assessment.attempt_opened/1) is about",
    ),
    Case("a record that rests on nothing", Recipe(header=header(3, parents=())), "does not rest on the record before"),
    Case("a first record that rests on another", Recipe(header=header(1, parents=("00" * 32,))), "does not rest"),
    Case(
        "a slot taken twice",
        Recipe(header=header(4, slot=Slot(flow="assessment.1", step="opened-0", ordinal=1))),
        "takes a slot that was taken",
    ),
    Case(
        "a slot of another campaign",
        Recipe(header=header(4, slot=Slot(flow="assessment.2", step="opened-0", ordinal=1))),
        "of the flow assessment.2 in campaign 1",
    ),
)

SHAPE = (
    Case("a plan with another number", Recipe(body=body(Plan, number=2)), "is plan 2, but the 1."),
    Case("no plan", Recipe(steps=lambda made: made[2:4]), "stands before any plan"),
    Case("a run before the order", Recipe(steps=moved("opened-0", "order")), "where the order must be drawn"),
    Case("no order", Recipe(steps=steps("order")), "where the order must be drawn"),
    Case("only a plan", Recipe(steps=lambda made: made[:1]), "does not end with"),
    Case("no end", Recipe(steps=steps("end")), "does not end with"),
    Case("no draft", Recipe(steps=steps("draft")), "does not end with"),
    Case("a result after the end", Recipe(steps=moved("end", "result-5")), "does not end with"),
    Case("two estimates", Recipe(steps=twice("estimate")), "does not end with"),
    Case("two orders", Recipe(steps=twice("order")), "more than one"),
    Case("another plan in MANIFEST", Recipe(manifest=lambda m: m.update(plan="00" * 32)), "a plan that is not in"),
    Case("another subject in MANIFEST", Recipe(manifest=lambda m: m.update(subject="00" * 16)), "another subject"),
    Case("a withheld result", Recipe(withheld=frozenset({6})), "Record 6 (assessment.attempt_opened/1) withholds"),
    Case("a withheld plan", Recipe(withheld=frozenset({1})), "Record 1 (assessment.plan/1) withholds"),
    Case(
        "a withheld earlier plan",
        Recipe(earlier=(PlanState.ABANDONED,), withheld=frozenset({1})),
        "Record 1 (assessment.plan/1) withholds",
    ),
    Case(
        "a withheld earlier draft",
        Recipe(earlier=(PlanState.FINISHED,), withheld=frozenset({19})),
        "Record 19 (determination.draft/1) withholds",
    ),
)

PLAN = (
    Case("other criteria", Recipe(files=other_criteria), "other criteria than those that the plan names"),
    Case("another name of criteria", Recipe(body=body(Plan, criteria="example-2")), "other criteria"),
    Case("another rule for voids", Recipe(body=body(Plan, void_rule="None.")), "another void_rule than its criteria"),
    Case(
        "a changed bound",
        Recipe(body=body(Plan, figures=msgspec.structs.replace(FIGURES, alpha="0.2"))),
        "another figures than its criteria",
    ),
    Case("a changed share", Recipe(body=body(Plan, shares=Shares(limits=90, voids=10))), "another shares"),
    Case("a higher level ABOVE", Recipe(body=body(Plan, alpha_cal="0.051")), "a higher error than its criteria allow"),
    Case("a higher level BELOW", Recipe(body=body(Plan, beta_cal="0.051")), "a higher error than its criteria allow"),
    Case("a level below what the rule attains", attaining("alpha_cal", "0.038"), "attains a higher error"),
    Case("a level BELOW likewise", attaining("beta_cal", "0.0409"), "attains a higher error"),
    Case("an unsorted bank", Recipe(files=bank(items=BANK["items"][::-1])), "not sorted"),
    Case("an item of the bank twice", Recipe(files=bank(items=[*BANK["items"], BANK["items"][-1]])), "is there twice"),
    Case(
        "a bank under a wrong root", Recipe(files=edited("bank.json", lambda v: v.update(name="toys"))), "not fit its"
    ),
    Case("another bank", Recipe(files=bank(name="toys")), "another bank than the plan's"),
    Case("another number of places", Recipe(body=body(Plan, places=7)), "another number of items"),
    Case("other items", Recipe(body=body(Plan, items="00" * 32)), "not those that the plan commits to"),
    Case(
        "an item twice",
        Recipe(body=body(OrderDrawn, places=(*PLACES[:6], PLACES[0]))),
        "an item twice",
    ),
    Case(
        "an item that is in no bank",
        Recipe(body=body(OrderDrawn, places=(*PLACES[:6], Place(item="000000000000", twin=False)))),
        "000000000000, which is not in the bank",
    ),
    Case(
        "a twin before its item",
        Recipe(story=places(PLACES[3], *PLACES[:3], *PLACES[4:])),
        "before that item",
    ),
    Case(
        "a twin of no item",
        Recipe(story=places(*PLACES[:3], Place(item="ffffffffffff", twin=True), *PLACES[4:])),
        "or without it",
    ),
    Case(
        "another table", Recipe(files=edited("table.json", lambda v: v["rows"][0].update(minutes=91))), "not the table"
    ),
    Case(
        "a table without its newline",
        Recipe(files=lambda f: f.update({"table.json": f["table.json"][:-1]})),
        "table.json does not end in a newline",
    ),
    Case("another salt", Recipe(files=edited("table.json", lambda v: v.update(salt="00" * 32))), "not the table"),
    Case(
        "other characteristics",
        Recipe(files=edited("characteristics.json", lambda v: v.update(replicates=4))),
        "not what the plan",
    ),
    Case(
        "no characteristics", Recipe(files=edited("characteristics.json", lambda v: v.clear())), "characteristics.json"
    ),
    Case("another level", simulated(beta_cal="0.03"), "made for other levels than"),
    Case("a level missed", simulated(levels_kept=False), "does not say that it was accepted"),
)


ORDER = (
    Case("a row too few", rows_of(lambda rows: rows.pop()), "not those of the order's items"),
    Case("rows unsorted", rows_of(lambda rows: rows.reverse()), "not those of the order's items"),
    Case("the order of another plan", Recipe(body=body(OrderDrawn, plan="00" * 32)), "names another plan"),
    Case("another source", Recipe(body=body(OrderDrawn, beacon=Beacon(source=DRAND, value="ab"))), "another beacon"),
    Case(
        "another draw",
        Recipe(body=body(OrderDrawn, beacon=Beacon(source="operator", value="cd" * 32))),
        "seed does not follow",
    ),
    Case("another seed", Recipe(body=body(OrderDrawn, seed="00" * 32)), "seed does not follow"),
    Case("other places", Recipe(body=body(OrderDrawn, places=(*PLACES[:4], *PLACES[:3:-1]))), "root does not fit"),
    Case(
        "an operator's draw with a signature",
        Recipe(body=body(OrderDrawn, beacon=Beacon(source="operator", value="ab" * 32, signature="cd"))),
        "has a signature",
    ),
    Case(
        "a value that is not its signature's",
        Recipe(
            story=Story(beacon=DRAND),
            body=body(
                OrderDrawn,
                beacon=Beacon(source=DRAND, value=hashlib.sha256(bytes.fromhex("ab" * 32)).hexdigest(), signature="cd"),
            ),
        ),
        "not the SHA-256 of its signature",
    ),
    Case("a rule for more items", Recipe(raw=longer_rule), "for another number of items"),
    Case("other looks", Recipe(story=ruled(looks=(2, 4, 6))), "looks at other times"),
    Case("no last look", Recipe(story=ruled(looks=(1, 2, 3, 4, 5))), "looks at other times"),
    *(
        Case(f"scores {above} and {below}", Recipe(story=ruled(places=scored(above, below))), "speaks against a side")
        for above, below in (((1, 2), (2, 0)), ((0, -1), (2, 0)), ((0, 1), (-1, 0)), ((0, 1), (2, 1)))
    ),
    Case("a bound without evidence", Recipe(story=ruled(bound_above=(0,) * 6)), "bound_above[0] must be 1 or more"),
)

RUNS = (
    Case("a place that is not there", Recipe(story=budget("0+ 0:SOLVED 7+ 7:SOLVED")), "the order does not have"),
    Case("outside the window", Recipe(story=budget("0+ 0:SOLVED 5+ 5:SOLVED")), "at place 5, outside the window"),
    Case(
        "more attempts than planned",
        Recipe(story=budget("0+ 1+ 1:VOID_LOST 1+ 1:SOLVED 0:SOLVED"), body=body(Plan, attempts=1)),
        "one too many",
    ),
    Case("the second attempt first", Recipe(steps=steps("opened-0")), "an attempt that was not opened"),
    Case("a first attempt left out", Recipe(body=body(RunResult, 0, attempt=2)), "that was not opened"),
    Case("an attempt after a solved one", Recipe(story=budget("0+ 0:SOLVED 0+ 0:SOLVED")), "was not void"),
    Case("the second attempt left out", Recipe(body=skipped), "not the next attempt at place 1"),
    Case("a result twice", Recipe(steps=twice("result-5")), "that was not opened"),
    Case("two attempts at once", Recipe(story=budget("0+ 0+ 0:SOLVED")), "not the next attempt at place 0"),
    Case("a result at no place", Recipe(body=body(RunResult, 5, place=7)), "that was not opened"),
    Case("an attempt without a result", Recipe(story=budget(f"{TWO} 2+")), "has no result at the end"),
    Case("two outcomes exchanged", Recipe(body=swapped_places), "of items, T+ and T-, but the outcomes give"),
    Case("another T+", Recipe(body=body(RunResult, 5, above=35)), "says (4, 35, 10)"),
    Case("another T-", Recipe(body=body(RunResult, 5, below=9)), "says (4, 34, 9)"),
    Case("another prefix", Recipe(body=body(RunResult, 5, prefix=5)), "says (5, 34, 10)"),
    Case("another count of attempts", Recipe(body=body(RunsEnded, attempts=6)), "counts 6 attempts, but 7"),
    Case("the last run left out", Recipe(steps=steps("opened-5", "result-5")), "counts 7 attempts, but 6"),
    Case("decided without a boundary", Recipe(story=budget(why=Ended.DECIDED)), "no boundary was crossed"),
    Case(
        "decided before a twin has an outcome",
        Recipe(
            story=Story(
                told="0+ 1+ 2+ 3+ 0:SOLVED 4+ 1:SOLVED 2:NOT_SOLVED 4:SOLVED 3:VOID_LOST",
                estimate=estimate_of("ABOVE", runs=4, above=34, below=10, voids=1),
            )
        ),
        "A place before the item that decided has no outcome",
    ),
    Case("all run, but not all", Recipe(story=budget(why=Ended.ALL_RUN)), "a place has no outcome"),
)

ESTIMATE = (
    Case("two outcomes exchanged in the story", Recipe(story=Story(told=SWAPPED)), "another above than follows"),
    Case(
        "the last run left out and uncounted",
        Recipe(steps=steps("opened-5", "result-5"), body=body(RunsEnded, attempts=6)),
        "The estimate has another after",
    ),
    *(
        Case(f"another {name}", Recipe(body=body(Estimate, **{name: 7})), f"The estimate has another {name} than")
        for name in ("runs", "above", "below", "voids", "limits", "cheated", "after", "twins", "twins_solved")
    ),
    Case("another outcome", Recipe(body=body(Estimate, outcome=Answer.BELOW)), "another outcome than follows"),
    Case(
        "another reason", Recipe(story=budget(estimate=msgspec.structs.replace(TWO_ESTIMATE, reason="void"))), "reason"
    ),
    Case("escalated without cause", Recipe(body=body(Estimate, escalate=True)), "escalation does not follow"),
    Case(
        "not escalated with cause",
        Recipe(body=body(Estimate, evidence=Evidence(above="1", below="2", outcome=Answer.BELOW))),
        "escalation does not follow",
    ),
)

DRAFT_CHANGES: dict[str, object] = {
    "subject": "00" * 16,
    "model": "another/model",
    "number": 2,
    "plan": "00" * 32,
    "estimate": "00" * 32,
    "outcome": Answer.BELOW,
    "reason": "void",
    "runs": 5,
    "voids": 0,
    "twins_solved": 1,
    "horizon": Horizon(estimate="10", low="2", high="40", bounded=True),
    "criteria": "example-2",
    "criteria_digest": "00" * 32,
    "cut_hours": "9",
    "alpha": "0.5",
    "beta": "0.5",
    "calibration": "calibrated",
    "formal": True,
}

DRAFT = (
    *(
        Case(f"draft: another {name}", Recipe(body=body(AssessmentDraft, **{name: value})), f"draft has another {name}")
        for name, value in DRAFT_CHANGES.items()
    ),
    Case(
        "an earlier plan left out",
        Recipe(earlier=(PlanState.ABANDONED,), body=body(AssessmentDraft, earlier=())),
        "draft has another earlier",
    ),
    Case("another draft.json", Recipe(files=edited("draft.json", lambda v: v.update(runs=3))), "draft.json is not"),
)

MANIFESTED = (
    Case("a file not listed", Recipe(manifest=lambda m: m["files"].pop()), "does not list every file"),
    Case("unsorted files", Recipe(manifest=lambda m: m["files"].reverse()), "once, sorted"),
    Case("another size", Recipe(manifest=lambda m: m["files"][0].update(size=1)), "README.txt is not the file"),
    Case(
        "another digest", Recipe(manifest=lambda m: m["files"][1].update(sha256="00" * 32)), "bank.json is not the file"
    ),
    Case(
        "another format", Recipe(manifest=lambda m: m.update(format="trialplate-bundle/2")), "MANIFEST.format is none"
    ),
    Case("other keys", Recipe(manifest=lambda m: m.update(keys=[public_uri(signer("x"))])), "no key which it names"),
    Case("a bad log key", Recipe(manifest=lambda m: m.update(log="log")), "MANIFEST.log is no note key"),
    Case(
        "a key that signed nothing",
        Recipe(manifest=lambda m: m.update(keys=sorted([*m["keys"], public_uri(signer("x"))]))),
        "and it signed nothing",
    ),
    Case(
        "keys unsorted",
        Recipe(signers=("operator", "second"), manifest=lambda m: m["keys"].reverse()),
        "MANIFEST.keys must be sorted",
    ),
)

CASES = (*LOG, *SHAPE, *PLAN, *ORDER, *RUNS, *ESTIMATE, *DRAFT, *MANIFESTED)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_wrong_alone_refuses(case: Case, tmp_path: Path) -> None:
    report = verify.check(write(bundle(case.recipe), tmp_path / "bundle"))
    assert (report.ending, case.says in report.why) == (verify.REFUSED, True), report.why
    assert report.findings == ()


def test_each_name_says_one_thing() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert set(DRAFT_CHANGES) | {"earlier", "would_sign", "says", "does_not_say"} == set(
        AssessmentDraft.__struct_fields__
    )
    assert set(Figures.__struct_fields__) == set(CRITERIA["figures"])
    assert len(ITEMS) == 6


RESIGNED = ("a shorter log", "another draw", "a run before the order", "a changed bound", "the last run left out")


@pytest.mark.parametrize("case", [case for case in CASES if case.name in {*RESIGNED, "two outcomes exchanged"}])
def test_what_is_wrong_refuses_also_under_the_old_manifest(case: Case, tmp_path: Path) -> None:
    files = {**bundle(case.recipe), "MANIFEST": bundle()["MANIFEST"]}
    report = verify.check(write(files, tmp_path / "bundle"))
    assert report.ending == verify.REFUSED
    assert "is not the file that MANIFEST lists" in report.why
