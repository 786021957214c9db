"""What the entries of the audit log mean, in words. A pure module; docs/glossary.md has the nouns.

In the words, {on} is the object of the entry, {user}, {source} and {cohort} are named by ids in its detail, {a_role}
is its role with an article, {time} what is agreed about time limits; all else is the detail's own.
"""

from collections.abc import Mapping
from typing import Any

WORDS: dict[str, str] = {
    "cohort.create": "created the cohort {on}",
    "cohort.rename": "renamed the cohort {before} to {after}",
    "cohort.archive": "archived {on}",
    "cohort.restore": "restored {on}",
    "cohort.duplicate": "made {on} as a copy of {source}",
    "cohort.set_role": "made {user} {a_role} of {on}",
    "cohort.remove_member": "removed {user} from {on}",
    "cohort.leave": "left {on}",
    "cohort.give_time": "agreed with {user} in {on}: {time}",
    "cohort.invite": "invited {email} to {on} as {role}",
    "cohort.renew_invitation": "sent {email} a new invitation to {on}",
    "cohort.revoke_invitation": "withdrew the invitation of {email} to {on}",
    "cohort.import_members": "invited {invited} people to {on} by the table {file}",
    "cohort.export": "took out {table} of the dashboard of {on}",
    "cohort.send_again": "sent {invitations} invitations to {on} again",
    "assignment.create": "assigned {on}",
    "assignment.change": "changed the assignment {on}",
    "assignment.withdraw": "withdrew the assignment {on}",
    "person.login": "logged in",
    "person.login_failed": "refused a wrong password for {on}",
    "person.second_step_failed": "refused a wrong second step of {on}",
    "person.refused": "was refused the page {page} ({status})",
    "person.sign_up": "made an account",
    "person.change_password": "changed the password of {on}",
    "person.reset_password": "set a new password for {on} by the link of a mail",
    "person.change_address": "changed the address of {on}",
    "person.add_second_step": "added a second step of {on}: {kind}",
    "person.remove_second_step": "took away a second step of {on}: {kind}",
    "person.create_token": "made an API token of {on}",
    "person.revoke_token": "ended an API token of {on}",
    "person.end_sessions": "ended {sessions} other sessions of {on}",
    "person.give_time": "agreed with {user}: {time}",
    "person.ask_erasure": "asked that {on} be erased",
    "person.undo_erasure": "took back that {on} be erased",
    "person.erase": "erased {on}",
    "person.export": "took out all data of {on}",
    "person.end_session": "ended a session of {on}",
    "person.end_logins": "ended all sessions of {on}",
    "person.deactivate": "deactivated {on}",
    "person.activate": "activated {on}",
    "person.reset_second_step": "took away the second step of {on}",
    "guest.join": "took along what they had written as a guest",
    "question.submit": "handed in version {version} of {on}",
    "question.take_back": "took version {version} of {on} back to a draft",
    "question.ask_changes": "asked for changes to version {version} of {on}",
    "question.publish": "published version {version} of {on}",
    "question.retire": "retired version {version} of {on}",
    "question.comment": "commented on version {version} of {on}",
    "question.resolve_comment": "resolved a comment on version {version} of {on}",
    "question.discard_draft": "discarded the draft of {on}",
    "question.change_topic": "moved {on} from {before} to {after}",
    "question.import": "imported {on} from {file}",
    "import.upload": "uploaded the file {on}",
    "import.apply": "imported the file {on}",
    "import.cancel": "cancelled the import of {on}",
    "answer.show_name": "looked at the name behind {on}",
    "grade.override": "reviewed {on}: {score} points",
    "appeal.open": "appealed against a mark of {on}",
    "appeal.decide": "decided an appeal against a mark of {on}: {state}",
    "appeal.accept_phrasing": "accepted a phrasing from {on}",
    "mentor_question.ask": "asked a mentor about {on}",
    "mentor_question.answer": "answered a question about {on}",
    "regrade.preview": "previewed a regrade of {on}: {answers} answers",
    "regrade.apply": "applied the regrade of {on} to {answers} answers",
    "regrade.applied": "finished the regrade of {on}: {regraded} answers",
    "regrade.cancel": "cancelled the regrade of {on}",
    "calibration.put_in_force": "put a calibration of {on} in force",
    "calibration.withdraw": "withdrew a calibration of {on}",
    "audit.export": "took out {entries} entries of the audit log",
}
GONE = "(gone)"
ARTICLES = {"admin": "an admin", "mentor": "a mentor", "candidate": "a candidate"}
GROUPS = {
    "cohort": "Cohorts and members",
    "assignment": "Assignments",
    "person": "Accounts",
    "guest": "Guests",
    "question": "Questions",
    "import": "Imports of questions",
    "answer": "Answers",
    "grade": "Reviews",
    "appeal": "Appeals",
    "mentor_question": "Questions to mentors",
    "regrade": "Regrades",
    "calibration": "Calibrations",
    "audit": "Audit log",
}


class _Said(dict[str, Any]):
    """Words for a detail that an entry does not have."""

    def __missing__(self, key: str) -> str:
        return GONE


def in_words(action: str, detail: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Say what an entry means. names: "on", and the detail's ids of people and cohorts, as far as they are known."""
    words = WORDS.get(action)
    if words is None:
        return f"{label_of(action).lower()}: {names.get('on', GONE)}"
    plain = {key: value for key, value in detail.items() if not isinstance(value, dict | list)}
    said = _Said({key: f"{value:g}" if isinstance(value, float) else value for key, value in plain.items()})
    said.update(names)
    said["a_role"] = ARTICLES.get(str(detail.get("role")), GONE)
    said["time"] = _time(detail.get("after"))
    return words.format_map(said)


def _time(agreed: object) -> str:
    if not isinstance(agreed, list) or len(agreed) != 2:
        return GONE
    factor, untimed = agreed
    if untimed:
        return "no time limit"
    return "the usual time" if float(factor) == 1 else f"{float(factor):g} times the usual time"


def label_of(action: str) -> str:
    """Return an action as a list of actions names it."""
    return action.partition(".")[2].replace("_", " ").capitalize() or action


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return all actions as a form's choices, in groups."""
    return [
        (group, [(action, label_of(action)) for action in WORDS if action.partition(".")[0] == prefix])
        for prefix, group in GROUPS.items()
    ]
