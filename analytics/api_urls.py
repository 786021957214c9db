"""Addresses of the API of dashboards."""

from django.urls import path

from analytics import api

urlpatterns = [
    path("cohorts/", api.CohortList.as_view(), name="api_cohorts"),
    path("cohorts/<uuid:pk>/overview/", api.OverviewDetail.as_view(), name="api_overview"),
    path("cohorts/<uuid:pk>/candidates/", api.CandidatesDetail.as_view(), name="api_candidates"),
    path("cohorts/<uuid:pk>/topics/", api.TopicsDetail.as_view(), name="api_topics"),
    path("cohorts/<uuid:pk>/key-points/", api.PointsDetail.as_view(), name="api_points"),
    path("cohorts/<uuid:pk>/progress/", api.ProgressDetail.as_view(), name="api_progress"),
    path("cohorts/<uuid:pk>/compare/", api.ComparisonDetail.as_view(), name="api_compare"),
]
