"""What the log of decisions calls each of them, as messages to be translated."""

from web.labels import N_

DECISIONS = {
    "block": N_("closed a door"),
    "unblock": N_("opened a door again"),
    "close concern": N_("closed a concern"),
    "reopen concern": N_("took a concern up again"),
    "accept follower": N_("let a follower in"),
    "decline follower": N_("sent a follower away"),
    "accepted reply": N_("showed a reply"),
    "declined reply": N_("hid a reply"),
    "answered reply": N_("answered a reply"),
    "took back answer": N_("took an answer back"),
    "asked to share": N_("asked to share a reply as a reflection"),
    "given quote": N_("let somebody quote"),
    "refused quote": N_("refused a quote"),
    "revoked quote": N_("took leave to quote back"),
    "accepted reflection": N_("published a reflection"),
    "declined reflection": N_("declined a reflection"),
    "changed reflection": N_("changed a reflection"),
    "withdrawn reflection": N_("took a reflection back"),
    "confirm place": N_("gave somebody a place"),
    "decline place": N_("took somebody off the list"),
    "add place": N_("noted somebody on the list"),
    "invite": N_("invited somebody to a gathering"),
    "withdraw invitation": N_("took an invitation back"),
    "follow": N_("followed a neighbour"),
    "unfollow": N_("stopped following a neighbour"),
    "change group": N_("changed what the group says of itself"),
    "rotate keys": N_("replaced the keys"),
    "invite steward": N_("invited a steward"),
    "reset steward": N_("made a new link for a steward"),
    "remove steward": N_("parted with a steward"),
    "change role": N_("changed what a steward does"),
    "change password": N_("chose another password"),
    "sign in": N_("signed in"),
    "sign out elsewhere": N_("signed out elsewhere"),
    "failed sign-ins": N_("saw tries to sign in fail"),
}
# Who decided where it was no steward.
DECIDERS = {
    "node": N_("the node itself"),
    "command line": N_("whoever looks after the machine"),
    "author": N_("the author"),
}
