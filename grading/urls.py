"""Addresses of the pages of graded answers."""

from django.urls import path

from grading import views

urlpatterns = [
    path("how-marks-are-made/", views.how_marks_are_made, name="how_marks_are_made"),
    path("answers/", views.reviews, name="reviews"),
    path("answers/<uuid:pk>/", views.review, name="review"),
]
