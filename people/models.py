"""Who uses Greenroom, in which role, and what they did that others may ask about."""

import uuid
import zoneinfo
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac


def validate_time_zone(value: str) -> None:
    """Raise ValidationError unless value is an IANA time zone such as Europe/Paris."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(f"“{value}” is not a time zone. Choose one such as Europe/Paris.")


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: "User") -> "UserQuerySet":
        """People user may see: themselves, and the members of cohorts where they are mentor or admin."""
        if user.is_superuser:
            return self
        led = Membership.objects.filter(user=user, role__in=Role.leading()).values("cohort")
        return self.filter(models.Q(pk=user.pk) | models.Q(memberships__cohort__in=led)).distinct()

    def candidates_visible_to(self, user: "User") -> "UserQuerySet":
        """People whose answers user may read: themselves, and the candidates of cohorts they lead."""
        if user.is_superuser:
            return self
        led = Membership.objects.filter(user=user, role__in=Role.leading()).values("cohort")
        taught = Membership.objects.filter(cohort__in=led, role=Role.CANDIDATE).values("user")
        return self.filter(models.Q(pk=user.pk) | models.Q(pk__in=taught))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person who logs in by email; a None password means they cannot until they set one."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        """Create a site admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


def extra_time_field() -> "models.DecimalField[Any, Any]":
    """Return the field of a person's extra time: 1.00 is the usual time, 3.00 the most."""
    return models.DecimalField(
        max_digits=3,
        decimal_places=2,
        default=Decimal("1.00"),
        validators=[MinValueValidator(Decimal("1.00")), MaxValueValidator(Decimal("3.00"))],
        help_text="Multiplies every time limit, for people who need longer.",
    )


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Site admins have is_superuser; every other role is a Membership of a cohort."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("email address", unique=True)
    name = models.CharField("name", max_length=120, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    extra_time_factor = extra_time_field()
    untimed = models.BooleanField(default=False, help_text="Mock interviews have no time limit for this person.")
    mail_when_graded = models.BooleanField("email when a mock is graded", default=True)
    is_guest = models.BooleanField(default=False, help_text="Tries Greenroom without an account.")
    is_staff = models.BooleanField(default=False, help_text="May open the staff site.")
    is_active = models.BooleanField(default=True, help_text="May log in.")
    logins_ended = models.PositiveIntegerField(
        default=0, editable=False, help_text="Moves when all logins end: sessions begun before are worth nothing."
    )
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [
            # Two sign-ups that differ in case alone are one person.
            models.UniqueConstraint(Lower("email"), name="user_email_unique_without_case"),
            models.CheckConstraint(
                condition=models.Q(extra_time_factor__gte=1, extra_time_factor__lte=3),
                name="user_extra_time_between_1_and_3",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name to show: the one they gave, else the part of the address before the @."""
        return self.name or self.email.partition("@")[0]

    @property
    def erasure_due(self) -> datetime | None:
        """When everything of this person's goes, where that was asked for and is still to come."""
        erasure = getattr(self, "erasure", None)
        return erasure.due_at if erasure and erasure.done_at is None else None

    @property
    def is_erased(self) -> bool:
        erasure = getattr(self, "erasure", None)
        return erasure is not None and erasure.done_at is not None

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what a session must carry to go on: Django's, and how often all logins were ended."""
        carried = f"{self.password}/{self.logins_ended}"
        return salted_hmac("people.User.session", carried, secret=secret, algorithm="sha256").hexdigest()


class Role(models.TextChoices):
    CANDIDATE = "candidate", "Candidate"
    MENTOR = "mentor", "Mentor"
    ADMIN = "admin", "Admin"

    @classmethod
    def leading(cls) -> list["Role"]:
        """Roles that may read the answers of a cohort's candidates."""
        return [cls.MENTOR, cls.ADMIN]


class CohortQuerySet(models.QuerySet["Cohort"]):
    def visible_to(self, user: User) -> "CohortQuerySet":
        """Cohorts user leads as mentor or admin; every cohort for a site admin."""
        return self.led_by(user, roles=Role.leading())

    def administered_by(self, user: User) -> "CohortQuerySet":
        """Cohorts whose members user may change."""
        return self.led_by(user, roles=[Role.ADMIN])

    def led_by(self, user: User, *, roles: list[Role]) -> "CohortQuerySet":
        """Cohorts in which user holds one of roles; every cohort for a site admin."""
        if user.is_superuser:
            return self
        held = Membership.objects.filter(user=user, role__in=roles).values("cohort")
        return self.filter(pk__in=held)

    def current(self) -> "CohortQuerySet":
        """Cohorts that are not archived."""
        return self.filter(archived_at=None)


class Cohort(models.Model):
    """A group of candidates with their mentors and admins."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    archived_at = models.DateTimeField(
        null=True, editable=False, help_text="Since when it is over: it is read, and nobody joins it."
    )
    members = models.ManyToManyField(User, through="Membership", related_name="cohorts")

    objects = CohortQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's one role in a cohort."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "user"], name="membership_one_role_per_cohort"),
            models.CheckConstraint(
                condition=models.Q(role__in=["candidate", "mentor", "admin"]), name="membership_role_known"
            ),
        ]
        # Serves visible_to: the cohorts a person leads.
        indexes = [models.Index(fields=["user", "role"], name="membership_user_role")]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()} of {self.cohort}"


class Invitation(models.Model):
    """An offer of one role in one cohort to one address. The token itself is only in the email."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("email address")
    role = models.CharField(max_length=16, choices=Role)
    # What was agreed beforehand; it holds from the moment the invitation is accepted.
    name = models.CharField("name", max_length=120, blank=True)
    extra_time_factor = extra_time_field()
    untimed = models.BooleanField(default=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # From when a worker is to send the mail, None where it owes none; and what became of the mail.
    mail_due_at = models.DateTimeField(null=True, editable=False)
    mail_error = models.CharField(max_length=200, blank=True, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)
    member_import = models.ForeignKey(
        "MemberImport", on_delete=models.SET_NULL, null=True, editable=False, related_name="invitations"
    )

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            # Serves the workers that send, and the sweeper that rings for them.
            models.Index(
                fields=["mail_due_at"],
                condition=models.Q(mail_due_at__isnull=False),
                name="invitation_mail_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | models.Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="invitation_accepted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display()} of {self.cohort}"


class MemberImport(models.Model):
    """A table of people to invite to a cohort, from its upload until it is applied or forgotten."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=200)
    header = models.JSONField(help_text="The names of the columns.")
    rows = models.JSONField(help_text="[line number, [cells], {position: trouble}] of each row.")
    mapping = models.JSONField(default=dict, help_text="Field of an invitation → the number of its column.")
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    report = models.JSONField(null=True, help_text="How many rows were invited, and why others were not.")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.filename} for {self.cohort}"


class Erasure(models.Model):
    """That a person's data are to be erased: from asking, through the days in which it can be undone, to the end."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="erasure")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(due_at__gte=models.F("asked_at")), name="erasure_due_later"),
        ]

    def __str__(self) -> str:
        return f"Erasure of {self.user_id}, due {self.due_at:%Y-%m-%d}"


class AuditEntry(models.Model):
    """One thing somebody did that others may ask about. A trigger refuses changes and deletions."""

    at = models.DateTimeField(editable=False)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=64)
    object_type = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "audit entries"
        # Serves "what happened to this object".
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_by_object")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_type} {self.object_id}"


class TaskRun(models.Model):
    """What is known of one kind of a worker's tasks: its latest run, and all runs added up for monitoring."""

    name = models.CharField(max_length=100, primary_key=True)
    runs = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveBigIntegerField(default=0)
    seconds_total = models.FloatField(default=0)
    ended_at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0, help_text="How long the latest run took.")
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=100, blank=True, help_text="The kind of the latest failure.")

    def __str__(self) -> str:
        return self.name


class RateBucket(models.Model):
    """How much of a limit somebody has used up: the bucket is full again at full_at, and then worth forgetting."""

    key = models.CharField(max_length=64, primary_key=True, help_text="A hash of the limit and of whom it holds for.")
    full_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
