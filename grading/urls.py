"""Addresses of the pages of graded answers."""

from django.urls import path

from grading.views import about, agreement, bench, candidates, linting, regrades, reviews

urlpatterns = [
    path("how-marks-are-made/", about.how_marks_are_made, name="how_marks_are_made"),
    path("how-questions-are-checked/", about.how_questions_are_checked, name="how_questions_are_checked"),
    path("bench/", bench.bench, name="bench"),
    path("bench/<uuid:pk>/", bench.bench_run, name="bench_run"),
    path("bench/versions/<uuid:pk>/", bench.bench_verdict, name="bench_verdict"),
    path("bench/imports/<uuid:pk>/", bench.bench_import, name="bench_import"),
    path("checks/", linting.lint, name="lint"),
    path("checks/<uuid:pk>/", linting.lint_run, name="lint_run"),
    path("checks/versions/<uuid:pk>/", linting.lint_version, name="lint_version"),
    path("answers/", reviews.reviews, name="reviews"),
    path("answers/next/", reviews.next_answer, name="next_answer"),
    path("answers/agreement/", agreement.agreement, name="agreement"),
    path("answers/agreement/<uuid:question_pk>/", agreement.question_agreement, name="question_agreement"),
    path(
        "answers/agreement/<uuid:question_pk>/<int:number>/calibrate/", agreement.propose, name="propose_calibration"
    ),
    path(
        "answers/agreement/<uuid:question_pk>/<int:number>/withdraw/", agreement.withdraw, name="withdraw_calibration"
    ),
    path("answers/calibrations/<uuid:preview_pk>/", agreement.preview, name="calibration_preview"),
    path("answers/calibrations/<uuid:preview_pk>/use/", agreement.put_in_force, name="put_calibration_in_force"),
    path("answers/<uuid:pk>/", reviews.review, name="review"),
    path("answers/<uuid:pk>/name/", reviews.show_name, name="show_name"),
    path("answers/<uuid:pk>/reply/", reviews.reply, name="reply"),
    path("answers/<uuid:pk>/appeal/", candidates.appeal, name="appeal"),
    path("answers/<uuid:pk>/ask/", candidates.ask_mentor, name="ask_mentor"),
    path("answers/<uuid:pk>/appeals/<int:appeal>/phrasing/", regrades.accept_phrasing, name="accept_phrasing"),
    path("questions/<uuid:pk>/versions/<int:number>/regrade/", regrades.preview_regrade, name="preview_regrade"),
    path("regrades/<uuid:pk>/", regrades.regrade, name="regrade"),
    path("regrades/<uuid:pk>/apply/", regrades.apply_regrade, name="apply_regrade"),
    path("regrades/<uuid:pk>/cancel/", regrades.cancel_regrade, name="cancel_regrade"),
]
