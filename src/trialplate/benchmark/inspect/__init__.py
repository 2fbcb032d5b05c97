"""The only place that knows Inspect AI: the sandbox provider, and what Inspect loads through its entry point.

In: scenarios by name, from whoever runs the evaluation. Out: Inspect's own sandboxes, each one foothold.

Rules: a scenario never passes through Inspect, whose log would keep it: Inspect sees a name, and is handed the
foothold only. Import from the modules themselves: this package stays empty so that nothing loads Inspect by chance.
"""
