"""The families of items that ship with Trialplate, one package a mechanism, by domain."""
