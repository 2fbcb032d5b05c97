"""The toy family, installed as any other is: by a folder on the path that holds its entry point."""
