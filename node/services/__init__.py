"""What people can do: each function checks the rules and writes rows and outbox entries together.

Every function takes a `Session` and runs inside one transaction of the caller (`Database.write`).
"""
