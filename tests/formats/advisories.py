"""Advisories as records take them: one that is plain, and any that there can be, odd ones above all."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st
from msgspec.structs import replace

from trialplate.records import RELEASED, decode_body, encode_body, written
from trialplate.records.case import Advisory, Affected, Credit, Revision

AT = "2026-12-07T10:00:00Z"

PLAIN = Advisory(
    id="TRIALPLATE-2026-0A1B2C3D",
    title="Heap-buffer-overflow in read_header of minipng",
    summary="minipng reads behind the end of its input.",
    details="Seen in read_header.",
    remedy="Update to version 1.3.",
    affected=(Affected(purl="pkg:pypi/minipng", name="minipng", fixed="1.3", versions=("1.1", "1.2")),),
    weakness=("CWE-125",),
    vector="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
    aliases=("CVE-2026-10001", "GHSA-aaaa-bbbb-cccc"),
    references=("https://example.com/minipng/issues/1",),
    credits=(Credit(name="ada", role="finder"), Credit(name="minipng", role="remediation developer")),
    publisher="Example Clearinghouse",
    namespace="https://clearinghouse.example",
    contact="desk@clearinghouse.example",
    published_at=AT,
    revisions=(Revision(number=1, at=AT, summary="First published."),),
)


def checked(advisory: Advisory) -> Advisory:
    """Return the advisory as it comes back from a record, which checks all of its limits."""
    found = decode_body(RELEASED, *encode_body(RELEASED, advisory))
    assert isinstance(found, Advisory)
    return found


_CHARS = st.characters(exclude_categories=("Cs",))
_TEXTS = st.text(_CHARS, max_size=60) | st.sampled_from(
    ["", " ", "\n", "\0", "all", "<1", "\u202ex", "{}" * 9, "\\u0000"]
)
_NAMES = _TEXTS.filter(bool)
_VERSIONS = st.from_regex(r"[A-Za-z0-9._+~:!^/-]{0,5}[0-9][A-Za-z0-9._+~:!^/-]{0,8}", fullmatch=True).filter(
    lambda text: text[0].isalnum()
) | st.sampled_from(["0", "v1.2.3", "1.2.3-rc.1", "1!2.0+local", "release/1", "2:1.0~rc1-1+b1", "0all"])
_COMMITS = st.from_regex(r"[0-9a-f]{40}|[0-9a-f]{64}", fullmatch=True)
_URLS = st.from_regex(
    r"https?://[A-Za-z0-9.-]{1,9}(:[0-9]{1,5})?(/([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2}){0,9})?",
    fullmatch=True,
)
_TYPES = """alpm apk bitbucket bitnami cargo cocoapods composer conan conda cpan cran deb docker gem generic github
    golang hackage hex huggingface
    julia luarocks maven mlflow npm nuget oci opam pub pypi qpkg rpm swid swift z""".split()
_PURLS = st.one_of(
    st.builds(
        "pkg:{}/{}{}".format, st.sampled_from(_TYPES), st.sampled_from(["", "debian/", "%40s/", "a/b/"]), _VERSIONS
    ),
    st.from_regex(r"pkg:[a-z.+-]{1,5}/[!-~]{1,20}", fullmatch=True),
    st.from_regex(r"[!-~]{0,20}", fullmatch=True),
    st.sampled_from(["pkg:npm/@scope/name@1.0?a=b#c", "pkg:pypi/%FF", "pkg:pypi/%20", "pkg:deb/ubuntu/x?arch=source"]),
)
_METRICS = {
    "CVSS:3.1": "AV:NALP AC:LH PR:NLH UI:NR S:UC C:NLH I:NLH A:NLH E:XUPFH RL:XOTWU RC:XURC CR:XLMH MAV:XNALP MS:XUC",
    "CVSS:3.0": "AV:NALP AC:LH PR:NLH UI:NR S:UC C:NLH I:NLH A:NLH E:XUPFH",
    "": "AV:NAL AC:LMH Au:MSN C:NPC I:NPC A:NPC",
    "CVSS:4.0": "AV:NALP AC:LH AT:NP PR:NLH UI:NPA VC:HLN VI:HLN VA:HLN SC:HLN SI:HLN SA:HLN E:XAPU S:XNP AU:XNY",
}
_MANDATORY = {"CVSS:3.1": 8, "CVSS:3.0": 8, "": 6, "CVSS:4.0": 11}


@st.composite
def _vectors(draw: st.DrawFn) -> str:
    version = draw(st.sampled_from(list(_METRICS)))
    metrics = _METRICS[version].split()
    more = draw(st.lists(st.sampled_from(metrics[_MANDATORY[version] :]), unique=True)) if version else []
    fields = [
        f"{m.partition(':')[0]}:{draw(st.sampled_from(m.partition(':')[2]))}" for m in metrics[: _MANDATORY[version]]
    ]
    fields += [f"{m.partition(':')[0]}:{draw(st.sampled_from(m.partition(':')[2]))}" for m in more]
    return "/".join(filter(None, (version, *draw(st.permutations(fields)))))


_AFFECTED = st.builds(
    Affected,
    purl=_PURLS,
    name=_NAMES,
    repository=st.just("") | _URLS,
    introduced=st.just("0") | _VERSIONS,
    fixed=st.just("") | _VERSIONS,
    first_commit=st.just("") | _COMMITS,
    fix_commit=st.just("") | _COMMITS,
    versions=st.lists(_VERSIONS, max_size=4).map(tuple),
)


@st.composite
def _revisions(draw: st.DrawFn) -> tuple[Revision, ...]:
    moments = draw(st.lists(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), min_size=1, max_size=4))  # noqa: DTZ001 - Hypothesis takes no zone
    return tuple(
        Revision(number=number, at=written(at.replace(tzinfo=UTC)), summary=draw(_NAMES))
        for number, at in enumerate(sorted(moments), start=1)
    )


@st.composite
def advisories(draw: st.DrawFn) -> Advisory:
    """Return any advisory."""
    revisions = draw(_revisions())
    made = replace(
        PLAIN,
        id=draw(st.from_regex(r"TRIALPLATE-[0-9]{4}-[0-9A-F]{8}", fullmatch=True)),
        title=draw(_NAMES),
        summary=draw(_NAMES),
        details=draw(_TEXTS),
        remedy=draw(_NAMES),
        affected=tuple(draw(st.lists(_AFFECTED, min_size=1, max_size=4))),
        weakness=tuple(draw(st.lists(st.sampled_from(["CWE-79", "CWE-787", "CWE-1", "CWE-999999"]), max_size=4))),
        vector=draw(_vectors() | _TEXTS),
        aliases=tuple(draw(st.lists(st.sampled_from(["CVE-2026-1234", "CVE-2026-12", "a:b", "GHSA-x"]), max_size=4))),
        references=tuple(draw(st.lists(_URLS, max_size=3))),
        credits=tuple(draw(st.lists(st.builds(Credit, name=_NAMES, role=st.sampled_from(_ROLES)), max_size=4))),
        publisher=draw(_NAMES),
        namespace=draw(_URLS),
        contact=draw(_TEXTS),
        published_at=revisions[0].at,
        revisions=revisions,
    )
    return checked(made)


_ROLES = ("finder", "remediation developer", "coordinator")
