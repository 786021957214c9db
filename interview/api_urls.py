"""Addresses of the interview API."""

from django.urls import path

from interview import api

urlpatterns = [
    path("tracks/", api.TrackList.as_view(), name="api_tracks"),
    path("tracks/<slug:slug>/", api.TrackDetail.as_view(), name="api_track"),
    path("assignments/", api.AssignedList.as_view(), name="api_assigned"),
    path("assignments/<uuid:pk>/start/", api.AssignedStart.as_view(), name="api_start_assigned"),
    path("cohorts/<uuid:pk>/assignments/", api.CohortAssignments.as_view(), name="api_assignments"),
    path("interviews/", api.InterviewList.as_view(), name="api_interviews"),
    path("interviews/<uuid:pk>/", api.InterviewDetail.as_view(), name="api_interview"),
    path("interviews/<uuid:pk>/finish/", api.Finish.as_view(), name="api_finish"),
    path("interviews/<uuid:pk>/results/", api.ResultDetail.as_view(), name="api_results"),
    path("interviews/<uuid:pk>/questions/<int:position>/draft/", api.DraftDetail.as_view(), name="api_draft"),
    path("interviews/<uuid:pk>/questions/<int:position>/flag/", api.FlagDetail.as_view(), name="api_flag"),
    path("interviews/<uuid:pk>/questions/<int:position>/answer/", api.AnswerDetail.as_view(), name="api_answer"),
    path(
        "interviews/<uuid:pk>/questions/<int:position>/result/", api.QuestionResultDetail.as_view(), name="api_result"
    ),
]
