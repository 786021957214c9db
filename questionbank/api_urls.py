"""Addresses of the question bank's API."""

from django.urls import path

from questionbank import api

urlpatterns = [
    path("questions/", api.QuestionList.as_view(), name="api_questions"),
    path("questions/<uuid:pk>/versions/<int:number>/", api.VersionDetail.as_view(), name="api_version"),
]
