"""Addresses of the pages of cohort figures."""

from django.urls import path

from analytics import views

urlpatterns = [
    path("cohorts/<uuid:pk>/results/", views.cohort_results, name="cohort_results"),
]
