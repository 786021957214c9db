"""Addresses of the candidate's pages."""

from django.urls import path

from interview.views import answering, answers, assigned, assignments, mine, plan, results, start

urlpatterns = [
    path("try/", start.try_question, name="try_question"),
    path("example/", start.example, name="example"),
    path("practise/", start.home, name="home"),
    path("practise/<slug:slug>/", start.track, name="track"),
    path("practise/assigned/<uuid:assignment_pk>/", assigned.assigned, name="assigned"),
    path("plan/", plan.plan, name="plan"),
    path("plan/today/", plan.start_today, name="start_today"),
    path("plan/topic/", plan.start_topic, name="start_topic"),
    path("prepare/<slug:slug>/", plan.path, name="path"),
    path("interviews/", results.history, name="history"),
    path("interviews/answers/<uuid:job>/", answers.own_answer, name="own_answer"),
    path("interviews/<uuid:pk>/", results.result, name="result"),
    path("interviews/<uuid:pk>/review/", answering.review_interview, name="review_interview"),
    path("interviews/<uuid:pk>/finish/", answering.finish, name="finish"),
    path("interviews/<uuid:pk>/questions/<int:position>/", answering.question, name="question"),
    path("interviews/<uuid:pk>/questions/<int:position>/again/", results.try_again, name="try_again"),
    path("interviews/<uuid:pk>/questions/<int:position>/flag/", answering.flag, name="flag"),
    path("interviews/<uuid:pk>/questions/<int:position>/feedback/", answering.feedback, name="feedback"),
    path("cohorts/<uuid:pk>/assignments/", assignments.assignments, name="assignments"),
    path("cohorts/<uuid:pk>/assignments/new/", assignments.new_assignment, name="new_assignment"),
    path("cohorts/<uuid:pk>/assignments/<uuid:assignment_pk>/", assignments.assignment, name="assignment"),
    path(
        "cohorts/<uuid:pk>/assignments/<uuid:assignment_pk>/change/",
        assignments.change_assignment,
        name="change_assignment",
    ),
    path(
        "cohorts/<uuid:pk>/assignments/<uuid:assignment_pk>/withdraw/",
        assignments.withdraw_assignment,
        name="withdraw_assignment",
    ),
    path("profile/my-data/", mine.my_data, name="my_data"),
    path("people/<uuid:pk>/export/", mine.export_person, name="export_person"),
    path("profile/my-data/download/", mine.download_my_data, name="download_my_data"),
]
