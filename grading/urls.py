"""Addresses of the pages of graded answers."""

from django.urls import path

from grading import views

urlpatterns = [
    path("how-marks-are-made/", views.how_marks_are_made, name="how_marks_are_made"),
    path("answers/", views.reviews, name="reviews"),
    path("answers/<uuid:pk>/", views.review, name="review"),
    path("answers/<uuid:pk>/reply/", views.reply, name="reply"),
    path("answers/<uuid:pk>/appeal/", views.appeal, name="appeal"),
    path("answers/<uuid:pk>/ask/", views.ask_mentor, name="ask_mentor"),
]
