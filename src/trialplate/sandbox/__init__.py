"""The sandbox: scenarios of several hosts, made of standard parts, that nothing leaves.

In: a `Scenario` (hosts, subnets, routers, services, limits, which host is the foothold) and the images it names.
Out: a `Running` scenario whose hosts can be used and observed.

Rules: no route leads out of a scenario; root of a scenario is nobody on the machine; when the driver dies, however it
dies, the kernel takes the scenario down; what a guest says is never trusted, and never waited for without a limit.
"""

from trialplate.sandbox.errors import HostGoneError, ImageError, NotReadyError, SandboxError, ScenarioError
from trialplate.sandbox.host import Completed, Content, FailedCommandError, HostHandle, TimedOut
from trialplate.sandbox.sandbox import Running, Sandbox
from trialplate.sandbox.scenario import AGENT, File, Host, Limits, Nic, Route, Scenario, Service, Subnet
from trialplate.sandbox.users import ROOT, UnknownUserError, User

__all__ = [
    "AGENT",
    "ROOT",
    "Completed",
    "Content",
    "FailedCommandError",
    "File",
    "Host",
    "HostGoneError",
    "HostHandle",
    "ImageError",
    "Limits",
    "Nic",
    "NotReadyError",
    "Route",
    "Running",
    "Sandbox",
    "SandboxError",
    "Scenario",
    "ScenarioError",
    "Service",
    "Subnet",
    "TimedOut",
    "UnknownUserError",
    "User",
]
