"""Qualification: pure functions of a policy, a batch of leads and a day.

`language` reads and checks a policy file, `engine` makes it ready and decides batches by it, `criteria` holds one
file per kind of condition, `telling` puts decisions into words, `advice` says what would change them.
"""
