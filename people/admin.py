"""The staff site's view of people. Everything else there is read in Greenroom's own pages."""

from django.contrib import admin
from django.http import HttpRequest

from people.models import AuditEntry, Cohort, Membership, User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ["email", "name", "extra_time_factor", "untimed", "is_active", "is_staff", "date_joined"]
    list_filter = ["is_guest"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "time_zone", "extra_time_factor", "untimed", "is_active", "is_staff"]


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
