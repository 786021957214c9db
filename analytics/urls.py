"""Addresses of the pages of figures: of cohorts, and of questions."""

from django.urls import path

from analytics.views import audit, behind, comparison, dashboard, export, heatmaps, platform, questions

urlpatterns = [
    path("audit/", audit.log, name="audit"),
    path("audit/export/", audit.export, name="export_audit"),
    path("cohorts/<uuid:pk>/results/", dashboard.results, name="cohort_results"),
    path("cohorts/<uuid:pk>/dashboard/", dashboard.overview, name="cohort_dashboard"),
    path("cohorts/<uuid:pk>/dashboard/assignments/", dashboard.progress, name="cohort_progress"),
    path("cohorts/<uuid:pk>/dashboard/topics/", heatmaps.topics, name="cohort_topics"),
    path("cohorts/<uuid:pk>/dashboard/key-points/", heatmaps.points, name="cohort_points"),
    path("cohorts/<uuid:pk>/dashboard/compare/", comparison.compare, name="cohort_compare"),
    path("cohorts/<uuid:pk>/dashboard/answers/", behind.answers, name="cohort_answers"),
    path("cohorts/<uuid:pk>/dashboard/export/", export.export, name="export_dashboard"),
    path("platform/", platform.platform, name="platform"),
    path("questions/statistics/", questions.item_statistics, name="item_statistics"),
    path("questions/<uuid:pk>/statistics/", questions.question_statistics, name="question_statistics"),
]
