"""Addresses of the pages about people."""

from django.urls import path

from people.views import cohorts, erasure, invitations, logins, member_imports, members, people, profile

urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("profile/tokens/", profile.create_token, name="create_token"),
    path("profile/tokens/<str:digest>/revoke/", profile.revoke_token, name="revoke_token"),
    path("profile/sessions/<int:pk>/end/", logins.end_session, name="end_session"),
    path("profile/my-data/erase/", erasure.erase_my_data, name="erase_my_data"),
    path("profile/my-data/erase/undo/", erasure.undo_erasure, name="undo_erasure"),
    path("people/", people.people, name="people"),
    path("people/<uuid:pk>/", people.person, name="person"),
    path("people/<uuid:pk>/end-logins/", people.end_logins, name="end_logins"),
    path("people/<uuid:pk>/deactivate/", people.deactivate, name="deactivate_person"),
    path("people/<uuid:pk>/activate/", people.activate, name="activate_person"),
    path("people/<uuid:pk>/second-step/reset/", people.reset_second_step, name="reset_second_step"),
    path("people/<uuid:pk>/erase/", people.ask_erasure, name="erase_person"),
    path("people/<uuid:pk>/erase/undo/", people.undo_erasure, name="undo_erasure_of_person"),
    path("cohorts/", cohorts.cohorts, name="cohorts"),
    path("cohorts/<uuid:pk>/", cohorts.cohort, name="cohort"),
    path("cohorts/<uuid:pk>/settings/", cohorts.settings, name="cohort_settings"),
    path("cohorts/<uuid:pk>/archive/", cohorts.archive, name="archive_cohort"),
    path("cohorts/<uuid:pk>/restore/", cohorts.restore, name="restore_cohort"),
    path("cohorts/<uuid:pk>/duplicate/", cohorts.duplicate, name="duplicate_cohort"),
    path("cohorts/<uuid:pk>/leave/", members.leave, name="leave_cohort"),
    path("cohorts/<uuid:pk>/members/<uuid:user_pk>/", members.member, name="member"),
    path("cohorts/<uuid:pk>/members/<uuid:user_pk>/remove/", members.remove_member, name="remove_member"),
    path("cohorts/<uuid:pk>/invitations/", invitations.invite, name="invite"),
    path(
        "cohorts/<uuid:pk>/invitations/<uuid:invitation_pk>/renew/",
        invitations.renew_invitation,
        name="renew_invitation",
    ),
    path(
        "cohorts/<uuid:pk>/invitations/<uuid:invitation_pk>/revoke/",
        invitations.revoke_invitation,
        name="revoke_invitation",
    ),
    path("cohorts/import-template/<slug:format_name>/", member_imports.member_template, name="member_template"),
    path("cohorts/<uuid:pk>/import/", member_imports.upload_members, name="upload_members"),
    path("cohorts/<uuid:pk>/import/<uuid:import_pk>/", member_imports.member_import, name="member_import"),
    path("cohorts/<uuid:pk>/import/<uuid:import_pk>/columns/", member_imports.choose_columns, name="choose_columns"),
    path("cohorts/<uuid:pk>/import/<uuid:import_pk>/apply/", member_imports.apply_members, name="apply_members"),
    path("cohorts/<uuid:pk>/import/<uuid:import_pk>/discard/", member_imports.discard_members, name="discard_members"),
    path("cohorts/<uuid:pk>/import/<uuid:import_pk>/send-again/", member_imports.send_again, name="send_again"),
    path("invitations/<str:token>/", invitations.accept_invitation, name="accept_invitation"),
]
