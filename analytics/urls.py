"""Addresses of the pages of figures: of cohorts, and of questions."""

from django.urls import path

from analytics import views

urlpatterns = [
    path("cohorts/<uuid:pk>/results/", views.cohort_results, name="cohort_results"),
    path("questions/statistics/", views.item_statistics, name="item_statistics"),
    path("questions/<uuid:pk>/statistics/", views.question_statistics, name="question_statistics"),
]
