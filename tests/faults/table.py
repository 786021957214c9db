"""The failures that Greenroom is measured by, and where each is proven. docs/operations.md shows what was seen.

`script/test faults` runs them; __main__.py says how.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One failure. proofs: the tests that cause it, as path::name; reason: why none does, or not all of it."""

    number: int
    action: str
    holds: str
    proofs: tuple[str, ...] = ()
    reason: str = ""


FAULTS = (
    Fault(
        1,
        "kill -9 the worker's child while it grades",
        "the answer is graded, once",
        ("tests/faults/test_worker_faults.py::test_a_killed_child_loses_nothing",),
    ),
    Fault(
        2,
        "kill -9 the worker and its child while they grade",
        "every answer is graded, once",
        ("tests/faults/test_grading_survives.py::test_a_worker_killed_while_it_grades_loses_nothing",),
    ),
    Fault(
        3,
        "SIGTERM to the worker with 20 answers queued, as a deployment does",
        "it exits by itself; 20 of 20 are graded, once",
        ("tests/faults/test_worker_faults.py::test_a_worker_asked_to_stop_leaves_its_queue_to_the_next",),
    ),
    Fault(
        4,
        "Redis stopped, 20 answers handed in, Redis started empty",
        "each is accepted; 20 of 20 are graded, once",
        ("tests/faults/test_broker_faults.py::test_a_broker_that_comes_back_empty_loses_nothing",),
    ),
    Fault(
        5,
        "FLUSHALL with 200 answers queued",
        "200 of 200 are graded, once",
        (
            "tests/faults/test_grading_survives.py::test_a_flushed_broker_loses_nothing",
            "tests/faults/test_broker_faults.py::test_two_hundred_flushed_messages_lose_nothing",
        ),
    ),
    Fault(
        6,
        "Redis restarted three times under load; the worker is left alone",
        "the same worker process goes on after each; every answer is graded, once",
        ("tests/faults/test_broker_faults.py::test_a_worker_goes_on_after_each_restart_of_the_broker",),
    ),
    Fault(
        7,
        "Redis down for 60 s: log in, open pages, save drafts, look at results",
        "no 5xx; guessing passwords stays limited",
        (
            "tests/faults/test_broker_faults.py::test_people_work_on_while_the_broker_is_away",
            "tests/config/test_limits.py::test_limits_hold_while_redis_is_away",
        ),
    ),
    Fault(
        8,
        "Redis hangs (SIGSTOP) and closes no connection",
        "pages and submissions are answered; every answer is graded, once",
        (
            "tests/faults/test_grading_survives.py::test_submitting_works_while_the_broker_is_down",
            "tests/faults/test_broker_faults.py::test_pages_answer_while_the_broker_hangs",
        ),
    ),
    Fault(
        9,
        "PostgreSQL restarted under load",
        "503 with Retry-After meanwhile; the worker recovers alone; what was confirmed is there and graded, once",
        ("tests/faults/test_database_faults.py::test_a_restart_of_the_database_turns_nobody_away_for_good",),
    ),
    Fault(
        10,
        "PostgreSQL restarted between a job's claim and its grade",
        "the lease runs out, then it is graded, once",
        ("tests/faults/test_database_faults.py::test_a_restart_between_claim_and_grade_grades_once",),
    ),
    Fault(
        11,
        "kill -9 the web process between the commit and the bell",
        "the sweeper rings for the answer; sending it again changes nothing",
        ("tests/faults/test_bell_faults.py::test_a_web_process_killed_after_the_commit_loses_nothing",),
    ),
    Fault(
        12,
        "the sweeper killed before it has rung; two sweepers at once",
        "no job is stuck, none is graded twice",
        ("tests/faults/test_bell_faults.py::test_a_sweeper_that_dies_is_followed_by_others",),
    ),
    Fault(
        13,
        "one message delivered five times, to two workers at once",
        "one grade",
        ("tests/faults/test_worker_faults.py::test_a_message_that_comes_five_times_to_two_workers_grades_once",),
    ),
    Fault(
        14,
        "a worker stands still until its lease is taken, then goes on",
        "its late grade is refused; the other worker's stands",
        ("tests/faults/test_worker_faults.py::test_a_grade_that_comes_after_its_lease_is_refused",),
    ),
    Fault(
        15,
        "the model's files missing, damaged, or too large for the memory",
        "answers are accepted and wait; /readyz and the page say so; they are graded when it is back",
        ("tests/faults/test_model_faults.py::test_without_its_model_answers_wait_for_it",),
    ),
    Fault(
        16,
        "an answer that makes the grader raise, hang, crash or eat the memory, among others",
        "after three attempts a mentor gets it, with the reason; the others are graded, once",
        ("tests/faults/test_worker_faults.py::test_poison_among_other_answers_ends_before_a_mentor",),
    ),
    Fault(
        17,
        "a double click, and 20 parallel submissions with one key",
        "one submission, and the same response to all",
        (
            "tests/faults/test_requests.py::test_twenty_submissions_at_once_with_one_key_are_one",
            "tests/interview/services/test_interviews.py::test_twenty_clicks_at_once_submit_one_answer_and_one_job",
        ),
    ),
    Fault(
        18,
        "a submission with a used key and another body",
        "422, and the first one stands",
        ("tests/interview/test_api.py::test_a_key_used_again_for_another_text_is_refused",),
    ),
    Fault(
        19,
        "two tabs edit one answer",
        "the later save is asked to choose between both texts; nothing is overwritten in silence",
        (
            "tests/browser/test_nothing_is_lost.py::test_two_tabs_meet_in_a_choice",
            "tests/interview/services/test_interviews.py::test_of_twenty_saves_over_one_revision_one_wins",
        ),
    ),
    Fault(
        20,
        "a second device takes over",
        "the first is told, and its text is kept",
        ("tests/browser/test_nothing_is_lost.py::test_a_text_left_here_meets_a_newer_one_from_elsewhere",),
    ),
    Fault(
        21,
        "SIGKILL to the browser while somebody types",
        "opened again, it has the text of a second before",
        (
            "tests/browser/test_nothing_is_lost.py::test_a_browser_killed_while_typing_has_the_text_when_it_opens_again",
        ),
    ),
    Fault(
        22,
        "offline for 90 s while somebody types",
        "a notice, the countdown goes on, and all is sent in order afterwards",
        (
            "tests/browser/test_nothing_is_lost.py::test_ninety_seconds_offline_lose_nothing",
            "tests/browser/test_nothing_is_lost.py::test_texts_of_closed_pages_are_sent_in_order_from_another_question",
        ),
    ),
    Fault(
        23,
        "offline past the deadline, then online",
        "the draft is handed in at the deadline; the late text is kept as late, not graded, and shown",
        ("tests/browser/test_nothing_is_lost.py::test_a_deadline_that_passes_offline_keeps_both_texts",),
    ),
    Fault(
        24,
        "handing in 1 s before the deadline, at it, 29 s and 31 s after it",
        "accepted, accepted, accepted in the grace, refused with the draft handed in",
        (
            "tests/interview/services/test_interviews.py::test_handing_in_around_the_deadline_takes_what_was_typed_up_to_the_end_of_the_grace",
            "tests/browser/test_answering.py::test_at_the_end_of_a_mock_what_is_typed_is_saved_and_submitted",
        ),
    ),
    Fault(
        25,
        "nobody hands in",
        "the sweeper closes the interview; its end is the deadline",
        ("tests/faults/test_deadlines.py::test_mocks_that_nobody_hands_in_are_closed_at_their_deadline",),
    ),
    Fault(
        26,
        "the device's clock a day ahead, a day behind, changed meanwhile; the tab hidden for ten minutes",
        "the countdown is right, and no deadline moves",
        (
            "tests/browser/test_nothing_is_lost.py::test_a_clock_moved_by_a_day_moves_no_deadline",
            "tests/browser/test_nothing_is_lost.py::test_the_countdown_is_right_after_a_sleep_and_through_the_change_to_summer_time",
        ),
    ),
    Fault(
        27,
        "the deadline passes, or the question changes or goes, while an answer is graded",
        "it is graded by the version that was asked",
        (
            "tests/grading/test_services.py::test_grading_takes_the_version_that_was_asked",
            "tests/grading/test_services.py::test_a_question_that_was_asked_cannot_be_deleted",
            "tests/interview/services/test_interviews.py::test_an_answer_is_graded_by_the_version_that_was_asked",
        ),
    ),
    Fault(
        28,
        "the session ends in the middle of an answer",
        "one logs in again in place, with the text untouched",
        ("tests/browser/test_nothing_is_lost.py::test_a_session_that_ends_is_begun_again_in_place",),
    ),
    Fault(
        29,
        "an answer of 1 MB, a body of 10 MB, an answer of 100,000 lines",
        "413 or 422 with a message; nothing is written, and the text stays with its author",
        (
            "tests/faults/test_requests.py::test_too_much_is_refused_with_a_message",
            "tests/faults/test_requests.py::test_as_many_lines_as_an_answer_can_have_are_graded",
            "tests/interview/views/test_pages.py::test_a_text_over_the_limit_is_kept_on_the_page",
        ),
    ),
    Fault(
        30,
        "NUL, lone surrogates, joined emoji, right-to-left marks, piled accents, CRLF, leading spaces",
        "400, or stored to the byte; never 500",
        (
            "tests/interview/test_api.py::test_a_draft_is_saved_byte_by_byte",
            "tests/interview/test_api.py::test_an_answer_is_submitted_byte_by_byte",
            "tests/security/test_hostile_text.py::test_no_text_in_any_field_is_a_failure_of_ours",
            "tests/security/test_hostile_text.py::test_a_nul_in_any_field_is_refused_and_stored_nowhere",
            "tests/security/test_hostile_text.py::test_a_lone_surrogate_in_any_field_of_the_api_is_refused",
        ),
    ),
    Fault(
        31,
        "NUL in path, query, header and filter",
        "400",
        (
            "tests/faults/test_requests.py::test_a_nul_is_a_400",
            "tests/config/test_middleware.py::test_a_nul_in_the_address_is_a_400",
            "tests/config/test_middleware.py::test_a_form_that_cannot_be_stored_is_a_400_and_saves_nothing",
        ),
    ),
    Fault(
        32,
        "SQL, HTML, template, LaTeX and formulas in every text field",
        "stored as text, shown escaped, exported with a quote",
        (
            "tests/security/test_hostile_text.py::test_what_means_harm_is_stored_and_shown_as_text",
            "tests/analytics/test_export.py::test_a_name_that_is_a_formula_stays_a_name",
            "tests/tables/test_tables.py::test_no_text_is_taken_for_a_formula_and_it_comes_back_as_it_was",
        ),
    ),
    Fault(
        33,
        "the database's disk is full",
        "a clean error, and nothing written by halves",
        ("tests/faults/test_full_disk.py::test_a_full_disk_is_said_and_leaves_nothing_by_halves",),
        reason="it mounts a small disk, so only root can run it",
    ),
    Fault(
        34,
        "a migration under load; an old worker meets a new one's job",
        "a job of an unknown kind waits, and does not fail",
        (
            "tests/faults/test_upgrade_faults.py::test_a_migration_under_load_loses_nothing",
            "tests/config/test_migrations.py::test_an_installation_with_data_moves_forward_and_loses_nothing",
            "tests/config/test_deployment.py::test_a_migration_waits_for_locks_as_long_as_is_said",
            "tests/config/test_versions_beside.py::test_a_run_of_an_unknown_purpose_waits_for_a_worker_that_knows_it",
            "tests/config/test_versions_beside.py::test_the_later_worker_does_what_the_older_one_has_left",
            "tests/config/test_versions_beside.py::test_an_answer_in_an_unknown_state_is_left_alone",
            "tests/config/test_versions_beside.py::test_a_worker_ignores_a_task_it_does_not_know_and_goes_on",
        ),
    ),
    Fault(
        35,
        "a regrade interrupted half way",
        "it goes on; each answer gets its new grade once, and the old ones are kept",
        ("tests/faults/test_regrading_survives.py::test_a_worker_killed_while_it_regrades_grades_each_answer_once",),
    ),
    Fault(
        36,
        "the mail server is away",
        "what was to be sent is tried again; the page is unaffected",
        (
            "tests/people/test_invitation_mails.py::test_a_dead_mail_server_loses_nothing",
            "tests/interview/services/test_reminders.py::test_a_mail_server_that_is_away_loses_nothing",
            "tests/interview/services/test_notices.py::test_a_mail_server_that_is_away_loses_nothing",
            "tests/people/test_accounts.py::test_a_reset_that_cannot_be_sent_says_so",
            "tests/people/test_accounts.py::test_an_account_outlives_a_mail_server_that_is_down",
        ),
    ),
    Fault(
        37,
        "a backup restored into an empty database",
        "counts and contents are equal, people log in, and grades can be verified",
        ("tests/people/test_backups.py::test_what_is_restored_is_what_was_backed_up",),
    ),
    Fault(
        38,
        "a long day's load in a short time",
        "the memory of web and worker stays flat",
        ("tests/faults/test_endurance.py::test_memory_stays_flat_under_load",),
    ),
    Fault(
        39,
        "500 starts in one second",
        "no 5xx",
        ("tests/faults/test_crowd.py::test_five_hundred_starts_in_one_second_are_five_hundred_interviews",),
    ),
    Fault(
        40,
        "every task run three times",
        "the same end state as after once",
        (
            "tests/grading/test_tasks.py::test_every_task_of_the_product_is_tried_here",
            "tests/grading/test_tasks.py::test_a_task_run_three_times_gives_what_running_it_once_gives",
        ),
    ),
)
