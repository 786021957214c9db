"""The staff site's view of people. Everything else there is read in Greenroom's own pages."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from people.models import AuditEntry, Cohort, Membership, User
from people.services.cohorts import give_time


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ["email", "name", "extra_time_factor", "untimed", "is_active", "is_staff", "date_joined"]
    list_filter = ["is_guest"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "time_zone", "extra_time_factor", "untimed", "is_active", "is_staff"]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 (Django's)
        """Time limits go by their own verb: it writes to the audit log and lengthens what runs."""
        factor, untimed = obj.extra_time_factor, obj.untimed
        if change:
            obj.extra_time_factor, obj.untimed = form.initial["extra_time_factor"], form.initial["untimed"]
        super().save_model(request, obj, form, change)
        give_time(user=obj, factor=factor, untimed=untimed, actor=request.user, cohort=None)  # type: ignore[arg-type]

    readonly_fields = ["is_active"]  # a person's page changes it, and ends their sessions


class MembershipInline(admin.TabularInline):
    model = Membership
    autocomplete_fields = ["user"]
    extra = 0


@admin.register(Cohort)
class CohortAdmin(admin.ModelAdmin):
    search_fields = ["name"]
    inlines = [MembershipInline]


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):
    list_display = ["at", "actor", "action", "object_type", "object_id"]
    list_filter = ["action"]
    list_select_related = ["actor"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False
