"""From findings to reports: nothing that a parser lets through is too much for a record, and nothing is lost unsaid."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.intake.making import only, osv, plain, ranged, record, report, result, sarif, spot, taken, weakness
from trialplate.clearinghouse.finders.intake import (
    MOST_PROOFS,
    NoReportError,
    Receipt,
    Sender,
    Taken,
    TurnedAway,
    detect,
    proofs_of,
    report_of,
    told,
    turned_away,
)
from trialplate.clearinghouse.history import History
from trialplate.formats.intake import (
    Declared,
    DeclaredNone,
    Event,
    EventKind,
    Finding,
    Fix,
    InlineProof,
    IntakeError,
    Location,
    ProofReference,
    Range,
    RangeKind,
    Reference,
    Refusal,
    SeverityClaim,
    Source,
    Target,
    Undeclared,
    Why,
)
from trialplate.records import RELEASED, encode_body
from trialplate.records.finding import Basis, Report, ReportedFix, ReportedTarget, Said
from trialplate.records.finding import Declared as Declares

NOW = "2026-12-07T00:00:00Z"
SENDER = Sender(document="ab" * 32, finder="mill.dev", received_at=NOW)

# No lone surrogates: a parser makes U+FFFD of each.
chars = st.characters(exclude_categories=("Cs",))
long = st.builds(lambda text, times: text * times, st.text(chars, max_size=40), st.sampled_from((0, 1, 60, 3000)))
texts = st.one_of(st.text(chars, max_size=20), long)
declarations = st.one_of(st.just(Undeclared()), st.just(DeclaredNone()), texts.map(Declared))
locations = st.builds(Location, file=texts, line=st.integers(min_value=0, max_value=2**40), function=texts)
ranges = st.builds(
    Range,
    kind=st.sampled_from(RangeKind),
    repository=texts,
    events=st.lists(st.builds(Event, st.sampled_from(EventKind), texts), max_size=4).map(tuple),
)
targets = st.builds(
    Target,
    purl=texts,
    ecosystem=st.one_of(texts, st.sampled_from(("PyPI", "Maven", "npm", "Go"))),
    name=texts,
    repository=texts,
    component=texts,
    seen_at=texts,
    ranges=st.lists(ranges, max_size=3).map(tuple),
)
proofs = st.one_of(
    st.builds(InlineProof, name=texts, data=st.binary(max_size=8)), st.builds(ProofReference, name=texts, uri=texts)
)


def many(items: st.SearchStrategy, most: int) -> st.SearchStrategy:
    """Return short tuples, and some that are far too long."""
    few = st.lists(items, max_size=3)
    return st.one_of(few, st.builds(lambda item: [item] * most, items)).map(tuple)


findings = st.builds(
    Finding,
    source=st.sampled_from(Source),
    index=st.integers(min_value=0, max_value=25_000),
    id=texts,
    title=texts,
    description=texts,
    tool=texts,
    rule=texts,
    aliases=many(texts, 70),
    weakness=many(texts, 70),
    locations=many(locations, 70),
    targets=many(targets, 20),
    severity=many(st.builds(SeverityClaim, texts, texts), 20),
    proofs=many(proofs, 20),
    references=many(st.builds(Reference, texts, texts), 70),
    fixes=many(st.builds(Fix, description=texts, repository=texts, commit=texts, patch=texts), 20),
    flow=texts,
    stack=texts,
    ai_tool=declarations,
    ai_model=declarations,
    verifier=declarations,
)


def kept(*found: Finding) -> dict[bytes, str]:
    return {proof: hashlib.sha256(proof).hexdigest() for proof in proofs_of(found)}


def mapped(finding: Finding) -> Report:
    return report_of(finding, SENDER, kept(finding))


class TestReport:
    @settings(max_examples=80)
    @given(finding=findings)
    def test_whatever_a_parser_makes_is_a_body(self, finding: Finding) -> None:
        made = mapped(finding)
        kind, data = encode_body(RELEASED, made)
        assert kind == "finding.report/1"
        assert len(data) < 16 << 20
        assert (made.document, made.finder, made.claimed_at, made.basis) == ("ab" * 32, "mill.dev", NOW, Basis.RECEIPT)

    def test_a_plain_finding_says_what_it_said(self) -> None:
        finding = only(
            plain(
                target={"purl": "pkg:pypi/a@1", "repository": "https://git.example/a", "fixed": "b" * 40},
                weakness=["CWE-787"],
                locations=[{"file": "a.c", "line": 7, "function": "f"}],
                severity=[{"scheme": "CVSS_V4", "value": "x"}],
                proofs=[{"name": "p", "base64": "QUJD"}],
                fixes=[{"commit": "c" * 40}],
                stack="#0 f a.c:7",
                tool="by hand",
                aliases=["GHSA-1"],
                declared={"ai_tool": "Finder", "verifier": None},
            )
        )
        made = mapped(finding)
        assert (made.format, made.title, made.description) == ("plain", "It overflows", "At once.")
        assert made.target == ReportedTarget(
            purl="pkg:pypi/a@1", repository="https://git.example/a", introduced="0", fixed="b" * 40
        )
        assert (made.weakness, made.aliases, made.tool, made.stack) == (
            ("CWE-787",),
            ("GHSA-1",),
            "by hand",
            "#0 f a.c:7",
        )
        assert [(each.file, each.line, each.function) for each in made.places] == [("a.c", 7, "f")]
        assert [(each.scheme, each.value) for each in made.severity] == [("CVSS_V4", "x")]
        assert [(each.name, each.digest) for each in made.proofs] == [("p", hashlib.sha256(b"ABC").hexdigest())]
        assert made.fixes == (ReportedFix(repository="https://git.example/a", commit="c" * 40),)
        assert made.ai_tool == Declares(Said.NAMED, "Finder")
        assert made.ai_model == Declares(Said.UNDECLARED)
        assert made.verifier == Declares(Said.NONE)

    def test_what_has_no_field_stands_below_the_description(self) -> None:
        flow = [{"threadFlows": [{"locations": [{"location": spot("b.c", 2)}]}]}]
        finding = taken(
            result(
                ruleId="cpp/1",
                codeFlows=flow,
                workItemUris=["https://tracker.example/1"],
                attachments=[{"artifactLocation": {"uri": "poc.bin"}}],
            ),
            versionControlProvenance=[{"repositoryUri": f"https://git.example/{name}"} for name in "ab"],
        )
        assert mapped(finding).description.split("\n\n") == [
            "It overflows.",
            "Rule: cpp/1",
            "Flow:\nb.c:2",
            "Other targets: https://git.example/b",
            "Proofs that lie elsewhere, which nobody fetches:\npoc.bin",
            "References:\nhttps://tracker.example/1",
        ]

    def test_what_is_too_much_is_left_out_and_said(self) -> None:
        finding = only(
            plain(
                locations=[{"file": f"{number}.c"} for number in range(70)],
                proofs=[{"name": str(number), "base64": "QUJD"} for number in range(20)],
                fixes=[{"patch": str(number)} for number in range(17)],
            )
        )
        made = mapped(finding)
        assert (len(made.places), len(made.proofs), len(made.fixes)) == (64, 16, 16)
        assert made.description.endswith("the sealed document: places (6), fixes (1), proofs (4).")

    def test_a_long_text_is_cut_with_a_note(self) -> None:
        made = mapped(only(plain(description="x" * 65_536, references=["https://a.example/"])))
        assert len(made.description) == 65_536
        assert made.description.endswith("x [cut; the sealed document has all of it]")

    @pytest.mark.parametrize(
        "package, purl",
        [
            ({"ecosystem": "PyPI", "name": "a b"}, "pkg:pypi/a%20b"),
            ({"ecosystem": "Maven", "name": "org.a:b"}, "pkg:maven/org.a/b"),
            ({"ecosystem": "npm", "name": "@a/b"}, "pkg:npm/%40a/b"),
            ({"ecosystem": "PyPI", "name": "a", "purl": "pkg:pypi/other"}, "pkg:pypi/other"),
            ({"ecosystem": "Debian:12", "name": "a"}, ""),
        ],
    )
    def test_a_package_of_a_known_ecosystem_has_a_purl(self, package: dict[str, str], purl: str) -> None:
        assert mapped(only(osv(record(affected=[{"package": package}])))).target.purl == purl

    def test_commits_come_before_versions(self) -> None:
        git = {"type": "GIT", "repo": "https://git.example/a", "events": [{"introduced": "0"}, {"fixed": "d" * 40}]}
        versions = {"type": "SEMVER", "events": [{"introduced": "1.0"}, {"fixed": "2.0"}]}
        made = mapped(only(osv(record(affected=[{"ranges": [versions, git]}]))))
        assert (made.target.introduced, made.target.fixed) == ("0", "d" * 40)
        assert made.target.repository == "https://git.example/a"
        made = mapped(
            only(osv(ranged({"introduced": "1.0"}, {"fixed": "1.5"}, {"introduced": "2.0"}, {"fixed": "2.1"})))
        )
        assert (made.target.introduced, made.target.fixed) == ("1.0", "1.5")

    def test_the_id_of_an_osv_record_is_an_alias_and_that_of_a_tool_is_none(self) -> None:
        assert mapped(only(osv(record(aliases=["CVE-2026-1"])))).aliases == ("x_DRAFT-1", "CVE-2026-1")
        assert mapped(only(plain(id="mine"))).aliases == ()


class TestProofs:
    def test_each_is_kept_once_and_only_so_many(self) -> None:
        one = InlineProof(name="a", data=b"same")
        shared = [Finding(source=Source.SARIF, index=0, id="", title="t", description="d", proofs=(one, one))] * 3
        assert proofs_of(shared) == (b"same",)
        each = [
            Finding(
                source=Source.SARIF,
                index=number,
                id="",
                title="t",
                description="d",
                proofs=(InlineProof(name="", data=str(number).encode()),),
            )
            for number in range(MOST_PROOFS + 1)
        ]
        assert len(proofs_of(each)) == MOST_PROOFS
        last = report_of(each[-1], SENDER, kept(*each))
        assert last.proofs == ()
        assert last.description.endswith("proofs (1).")


class TestDetect:
    @pytest.mark.parametrize(
        "document, source",
        [
            (sarif(result()), Source.SARIF),
            (report(weakness()), Source.PLAIN),
            (json.dumps(record()).encode(), Source.OSV),
            (json.dumps([record(), record()]).encode(), Source.OSV),
            (b"\xef\xbb\xbf" + sarif(), Source.SARIF),
        ],
        ids=["sarif", "plain", "osv", "list", "mark"],
    )
    def test_what_is_in_it_says_which_it_is(self, document: bytes, source: Source) -> None:
        assert detect(document) is source

    @pytest.mark.parametrize(
        "document",
        [b"", b"{}", b"[]", b"7", b"<html>", b"\xff", b'{"runs"', b'[{"runs": []}, {"runs": []}]', b'{"id": "a"}'],
    )
    def test_anything_else_is_refused_with_what_to_send(self, document: bytes) -> None:
        with pytest.raises(IntakeError, match=r"is no SARIF log, no OSV record.*Send one|do not match|no UTF-8"):
            detect(document)

    @given(document=st.binary(max_size=200))
    def test_no_bytes_do_anything_else(self, document: bytes) -> None:
        with pytest.raises(IntakeError):
            detect(document)

    def test_what_is_nested_too_deeply_is_refused(self) -> None:
        with pytest.raises(IntakeError, match="deeper than 64"):
            detect(b"[" * 100_000 + b"]" * 100_000)


def test_a_receipt_is_good_where_something_was_taken_or_there_was_nothing() -> None:
    refused = turned_away([Refusal(3, Why.EMPTY, "It says nothing.")])
    assert refused == (TurnedAway(3, "empty", "It says nothing."),)
    one = Taken(index=0, title="t", report="ab" * 16, receipt="cd" * 32, received_at=NOW, again=False)

    def good(*, taken: tuple[Taken, ...] = (), refused: tuple[TurnedAway, ...] = (), problem: str = "") -> bool:
        return Receipt(document="", format="", finder="", taken=taken, refused=refused, problem=problem).good

    assert good()
    assert good(taken=(one,), refused=refused)
    assert not good(refused=refused)
    assert not good(problem="It is none.")


def test_nothing_is_told_of_what_is_no_report() -> None:
    with pytest.raises(NoReportError):
        told(History((), ()), None)
