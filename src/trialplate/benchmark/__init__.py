"""The benchmark: what a model is asked, sealed before it is asked.

In: scenarios, and a model. Out: what happened to each item. Rules: the agent is given one host, the foothold;
everything else of its scenario is out of its reach.
"""
