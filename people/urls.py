"""Addresses of the pages about people."""

from django.urls import path

from people import views

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("profile/tokens/", views.create_token, name="create_token"),
    path("profile/tokens/<str:digest>/revoke/", views.revoke_token, name="revoke_token"),
    path("cohorts/", views.cohorts, name="cohorts"),
    path("cohorts/<uuid:pk>/", views.cohort, name="cohort"),
    path("cohorts/<uuid:pk>/invitations/", views.invite, name="invite"),
    path("cohorts/<uuid:pk>/members/<uuid:user_pk>/remove/", views.remove_member, name="remove_member"),
    path("invitations/<str:token>/", views.accept_invitation, name="accept_invitation"),
]
