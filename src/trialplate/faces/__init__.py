"""The faces: parse, call `app`, render. They know only `app` and `records`, and decide nothing."""
