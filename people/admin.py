"""The staff site's view of people. Everything else there is read in Greenroom's own pages."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from people.models import AuditEntry, Cohort, Membership, User
from people.services.cohorts import give_time


class _NeitherAddedNorDeleted:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class _Unchanging(_NeitherAddedNorDeleted):
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(_NeitherAddedNorDeleted, admin.ModelAdmin):
    """People come by sign-up and invitation, and go by erasure. Addresses and whether they are active have pages of
    their own, where confirmation and sessions follow.
    """

    list_display = ["email", "name", "extra_time_factor", "untimed", "is_active", "is_staff", "date_joined"]
    list_filter = ["is_guest"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "time_zone", "extra_time_factor", "untimed", "is_active", "is_staff"]
    readonly_fields = ["email", "is_active"]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 (Django's)
        """Time limits go by their own verb: it writes to the audit log and lengthens what runs."""
        factor, untimed = obj.extra_time_factor, obj.untimed
        obj.extra_time_factor, obj.untimed = form.initial["extra_time_factor"], form.initial["untimed"]
        super().save_model(request, obj, form, change)
        give_time(user=obj, factor=factor, untimed=untimed, actor=request.user, cohort=None)  # type: ignore[arg-type]


class MembershipInline(_Unchanging, admin.TabularInline):
    model = Membership
    fields = ["user", "role", "created_at"]
    readonly_fields = ["created_at"]


@admin.register(Cohort)
class CohortAdmin(_Unchanging, admin.ModelAdmin):
    """To be found and read. What changes a cohort and who is in it stands on its own page, to which this links."""

    search_fields = ["name"]
    fields = ["name", "created_at", "archived_at"]
    inlines = [MembershipInline]

    def view_on_site(self, obj: Cohort) -> str:
        return reverse("cohort", args=[obj.pk])


@admin.register(AuditEntry)
class AuditEntryAdmin(_Unchanging, admin.ModelAdmin):
    list_display = ["at", "actor", "action", "object_type", "object_id"]
    list_filter = ["action"]
    list_select_related = ["actor"]
