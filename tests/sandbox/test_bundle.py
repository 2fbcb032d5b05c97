"""The bundle that a runtime reads: every field of every process is said, and the policy is what it says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.sandbox import Limits
from trialplate.sandbox.bundle import CAPABILITIES, Command, config, process, standard_policy
from trialplate.sandbox.runtime import exec_command, restart_steps, run_command, supervisor_steps
from trialplate.sandbox.trial import trial_scenario

TRIAL = trial_scenario("0" * 64, "token")
HOST = TRIAL.hosts[0]
POLICY = standard_policy()
FIELDS = {"terminal", "user", "args", "cwd", "env", "noNewPrivileges", "capabilities", "rlimits"}

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@given(
    command=st.builds(
        Command,
        argv=st.lists(texts, min_size=1, max_size=5).map(tuple),
        uid=st.integers(0, 65_533),
        gid=st.integers(0, 65_533),
        cwd=texts,
        env=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    ),
    raw_sockets=st.booleans(),
    setuid=st.booleans(),
    processes=st.integers(1, 10_000),
)
def test_every_process_says_every_field(command: Command, *, raw_sockets: bool, setuid: bool, processes: int) -> None:
    host = replace(HOST, raw_sockets=raw_sockets, setuid=setuid)
    value = json.loads(json.dumps(process(host, POLICY, command, processes=processes)))
    assert set(value) == FIELDS
    assert value["noNewPrivileges"] is not setuid
    bounding = value["capabilities"]["bounding"]
    assert set(bounding) == set(CAPABILITIES) | ({"CAP_NET_RAW"} if raw_sockets else set())
    assert value["capabilities"]["effective"] == (bounding if command.uid == 0 else [])
    assert value["capabilities"]["ambient"] == value["capabilities"]["inheritable"] == []
    assert {limit["type"] for limit in value["rlimits"]} == {"RLIMIT_NOFILE", "RLIMIT_CORE", "RLIMIT_NPROC"}


@given(st.integers(1, 4096), st.integers(1, 4096))
def test_a_bundle_joins_the_hosts_network_and_nobodys_cgroup(tmp: int, files: int) -> None:
    host = replace(HOST, limits=Limits(tmp=tmp, open_files=files))
    value = json.loads(config(host, POLICY, root="/run/root", processes=10))
    kinds = {each["type"]: each.get("path", "") for each in value["linux"]["namespaces"]}
    assert kinds == {"pid": "", "ipc": "", "uts": "", "mount": "", "cgroup": "", "network": "/run/netns/foothold"}
    assert "cgroupsPath" not in value["linux"]
    assert value["linux"]["seccomp"] == json.loads(POLICY.seccomp)
    assert f"size={tmp}m" in next(each for each in value["mounts"] if each["destination"] == "/tmp")["options"]  # noqa: S108


def test_the_two_layers_that_can_be_left_out_are_left_out_whole() -> None:
    value = json.loads(config(HOST, replace(POLICY, seccomp="", limited=False), root="/r", processes=1))
    assert "seccomp" not in value["linux"]
    assert "rlimits" not in value["process"]


@pytest.mark.parametrize("command", [run_command("web"), exec_command("web")])
def test_the_runtime_is_told_to_leave_cgroups_alone(command: list[str]) -> None:
    assert "--cgroup-manager=disabled" in command
    assert command[-1] == "web"


def test_a_host_costs_no_keyring_and_no_exec_names_a_user() -> None:
    assert "--no-new-keyring" in run_command("web")
    assert "--user" not in exec_command("web")


def test_the_steps_start_every_host_and_await_all_at_the_end() -> None:
    steps = supervisor_steps(TRIAL, POLICY, ["0" * 64])
    assert [step[1][-1] for step in steps if step[0] == "begin"] == ["foothold", "router", "web"]
    assert [step for step in steps if step[0] == "await"] == [steps[-1]]
    assert steps[0][:3] == ["mount", "proc", "/proc"]


def test_a_restart_first_takes_away_what_is_left() -> None:
    deleting, done, second, starting, started = restart_steps(HOST)
    assert "delete" in deleting[1]
    assert done == started == ["await"]
    assert second == ["delete", "/run/hosts/foothold/pid"]
    assert "run" in starting[1]
