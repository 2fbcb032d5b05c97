"""The parts of SARIF 2.1.0 that intake reads, as types; fields of other parts are passed over.

Names and defaults are those of the OASIS standard (sections 3.3 to 3.58), where an index of -1 means that none was
given. What tools fill as they like (property bags) stays undecoded until it is asked for, so that an odd value there
spoils nothing.
"""

from __future__ import annotations

from msgspec import Raw, Struct

from trialplate.formats.intake.declared import NOTHING


class Message(Struct, frozen=True, rename="camel"):
    """A message, and also a multiformat message string: a text, or the id of one and its arguments.

    Some tools write `markdown` alone, though the standard wants it beside a text only.
    """

    text: str = ""
    markdown: str = ""
    id: str = ""
    arguments: tuple[str, ...] = ()


class Artifact(Struct, frozen=True, rename="camel"):
    """An artifact location."""

    uri: str = ""
    uri_base_id: str = ""
    index: int = -1


class Contents(Struct, frozen=True, rename="camel"):
    """Artifact contents: `binary` is base64."""

    text: str | None = None
    binary: str | None = None


class Stored(Struct, frozen=True, rename="camel"):
    """An artifact of a run."""

    location: Artifact = Artifact()
    mime_type: str = ""
    contents: Contents = Contents()
    hashes: Raw = NOTHING


class Region(Struct, frozen=True, rename="camel"):
    """A region of a text."""

    start_line: int = 0
    start_column: int = 0
    end_line: int = 0


class Physical(Struct, frozen=True, rename="camel"):
    """A physical location."""

    artifact_location: Artifact = Artifact()
    region: Region = Region()


class Logical(Struct, frozen=True, rename="camel"):
    """A logical location: a function, a class, a module."""

    name: str = ""
    fully_qualified_name: str = ""
    kind: str = ""
    index: int = -1


class Spot(Struct, frozen=True, rename="camel"):
    """A location."""

    physical_location: Physical = Physical()
    logical_locations: tuple[Logical, ...] = ()
    message: Message = Message()


class Step(Struct, frozen=True, rename="camel"):
    """A thread flow location; `index` leads to those of the run."""

    index: int = -1
    location: Spot | None = None


class ThreadFlow(Struct, frozen=True, rename="camel"):
    """The steps of one thread."""

    locations: tuple[Step, ...] = ()


class CodeFlow(Struct, frozen=True, rename="camel"):
    """How a fault is reached."""

    message: Message = Message()
    thread_flows: tuple[ThreadFlow, ...] = ()


class Frame(Struct, frozen=True, rename="camel"):
    """A stack frame."""

    location: Spot = Spot()
    module: str = ""


class Stack(Struct, frozen=True, rename="camel"):
    """A stack, innermost frame first."""

    message: Message = Message()
    frames: tuple[Frame, ...] = ()


class ComponentReference(Struct, frozen=True, rename="camel"):
    """Which tool component is meant."""

    name: str = ""
    guid: str = ""
    index: int = -1


class DescriptorReference(Struct, frozen=True, rename="camel"):
    """Which rule or taxon is meant."""

    id: str = ""
    guid: str = ""
    index: int = -1
    tool_component: ComponentReference = ComponentReference()


class Relationship(Struct, frozen=True, rename="camel"):
    """What a rule has to do with another or with a taxon."""

    target: DescriptorReference = DescriptorReference()


class Configuration(Struct, frozen=True, rename="camel"):
    """How a rule is set."""

    level: str = ""


class RuleProperties(Struct, frozen=True, rename="kebab"):
    """The properties of rules and results that many tools share; only `security-severity` has a hyphen."""

    tags: Raw = NOTHING
    cwe: Raw = NOTHING
    security_severity: Raw = NOTHING
    trialplate: Raw = NOTHING


class Descriptor(Struct, frozen=True, rename="camel"):
    """A rule, or a taxon."""

    id: str = ""
    guid: str = ""
    name: str = ""
    short_description: Message = Message()
    help_uri: str = ""
    message_strings: dict[str, Message] = {}
    default_configuration: Configuration = Configuration()
    relationships: tuple[Relationship, ...] = ()
    properties: RuleProperties = RuleProperties()


class Component(Struct, frozen=True, rename="camel"):
    """A tool's driver, an extension of it, or a taxonomy."""

    name: str = ""
    guid: str = ""
    version: str = ""
    semantic_version: str = ""
    rules: tuple[Raw, ...] = ()
    taxa: tuple[Raw, ...] = ()
    global_message_strings: dict[str, Message] = {}


class Tool(Struct, frozen=True, rename="camel"):
    """The tool of a run."""

    driver: Component
    extensions: tuple[Component, ...] = ()


class Revision(Struct, frozen=True, rename="camel"):
    """Version control details."""

    repository_uri: str = ""
    revision_id: str = ""


class ExternalFiles(Struct, frozen=True, rename="camel"):
    """Which other files hold parts of the run."""

    results: tuple[Raw, ...] = ()


class Run(Struct, frozen=True, rename="camel"):
    """A run; its results are decoded one by one."""

    tool: Tool
    results: tuple[Raw, ...] | None = None
    artifacts: tuple[Stored, ...] = ()
    logical_locations: tuple[Logical, ...] = ()
    taxonomies: tuple[Component, ...] = ()
    thread_flow_locations: tuple[Step, ...] = ()
    original_uri_base_ids: dict[str, Artifact] = {}
    version_control_provenance: tuple[Revision, ...] = ()
    external_property_file_references: ExternalFiles = ExternalFiles()
    properties: RuleProperties = RuleProperties()


class Log(Struct, frozen=True, rename="camel"):
    """A SARIF document."""

    version: str
    runs: tuple[Run, ...] | None = None


class Suppression(Struct, frozen=True, rename="camel"):
    """Why a result is held back."""

    kind: str = ""
    status: str = ""
    justification: str = ""


class Insertion(Struct, frozen=True, rename="camel"):
    """The text that a replacement puts in."""

    text: str = ""


class Replacement(Struct, frozen=True, rename="camel"):
    """A region that goes, and what comes in its place."""

    deleted_region: Region = Region()
    inserted_content: Insertion = Insertion()


class Change(Struct, frozen=True, rename="camel"):
    """The replacements in one artifact."""

    artifact_location: Artifact = Artifact()
    replacements: tuple[Replacement, ...] = ()


class Fixing(Struct, frozen=True, rename="camel"):
    """A proposed fix."""

    description: Message = Message()
    artifact_changes: tuple[Change, ...] = ()


class Attachment(Struct, frozen=True, rename="camel"):
    """An artifact that belongs to a result."""

    description: Message = Message()
    artifact_location: Artifact = Artifact()


class Result(Struct, frozen=True, rename="camel"):
    """A result."""

    rule_id: str = ""
    rule_index: int = -1
    rule: DescriptorReference = DescriptorReference()
    guid: str = ""
    correlation_guid: str = ""
    kind: str = "fail"
    level: str = ""
    rank: float = -1.0
    baseline_state: str = ""
    message: Message = Message()
    locations: tuple[Spot, ...] = ()
    code_flows: tuple[CodeFlow, ...] = ()
    stacks: tuple[Stack, ...] = ()
    fingerprints: dict[str, str] = {}
    partial_fingerprints: dict[str, str] = {}
    suppressions: tuple[Suppression, ...] = ()
    fixes: tuple[Fixing, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    taxa: tuple[DescriptorReference, ...] = ()
    work_item_uris: tuple[str, ...] = ()
    properties: RuleProperties = RuleProperties()
