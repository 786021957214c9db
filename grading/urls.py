"""Addresses of the pages of graded answers."""

from django.urls import path

from grading.views import about, candidates, reviews

urlpatterns = [
    path("how-marks-are-made/", about.how_marks_are_made, name="how_marks_are_made"),
    path("answers/", reviews.reviews, name="reviews"),
    path("answers/<uuid:pk>/", reviews.review, name="review"),
    path("answers/<uuid:pk>/reply/", reviews.reply, name="reply"),
    path("answers/<uuid:pk>/appeal/", candidates.appeal, name="appeal"),
    path("answers/<uuid:pk>/ask/", candidates.ask_mentor, name="ask_mentor"),
]
