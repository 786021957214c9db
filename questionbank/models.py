"""The question bank: a Question is an identity; what it says lives in its versions, fixed once published."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from people.access import is_mentor
from people.models import User


class Topic(models.Model):
    """A subject of questions; topics form a tree of two levels or more."""

    slug = models.SlugField(max_length=64, unique=True)
    title = models.CharField(max_length=120)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "title"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="topic_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.title


class Mark(models.TextChoices):
    """What an answer does with a key point."""

    STATED = "stated", "Stated"
    PARTLY = "partly", "Partly"
    MISSING = "missing", "Missing"
    CONTRADICTED = "contradicted", "Contradicted"

    def is_better_than(self, other: "Mark") -> bool:
        """Whether this mark is worth more to the candidate than other."""
        worst_first = [Mark.CONTRADICTED, Mark.MISSING, Mark.PARTLY, Mark.STATED]
        return worst_first.index(self) > worst_first.index(other)


class Kind(models.TextChoices):
    CONCEPT = "concept", "Concept"
    COMPARISON = "comparison", "Comparison"
    PROCEDURE = "procedure", "Procedure"
    DESIGN = "design", "Design"
    TROUBLESHOOTING = "troubleshooting", "Troubleshooting"


class Difficulty(models.TextChoices):
    EASY = "easy", "Easy"
    MEDIUM = "medium", "Medium"
    HARD = "hard", "Hard"


class QuestionQuerySet(models.QuerySet["Question"]):
    def visible_to(self, user: User) -> "QuestionQuerySet":
        """All questions for mentors, none for anybody else: candidates meet questions in interviews alone."""
        return self if is_mentor(user) else self.none()


class Question(models.Model):
    """The identity of a question through all its versions. slug is its name in packs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="questions")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["topic__position", "slug"]

    def __str__(self) -> str:
        return self.slug


class VersionState(models.TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


class QuestionVersion(models.Model):
    """What a question says, numbered from 1. A trigger refuses changes to it and its parts once it is not a draft."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=VersionState, default=VersionState.DRAFT)
    title = models.CharField(max_length=120)
    prompt = models.TextField()
    kind = models.CharField(max_length=20, choices=Kind)
    difficulty = models.CharField(max_length=10, choices=Difficulty)
    minutes = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(60)])
    content_hash = models.CharField(max_length=64, editable=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            # Two mentors who both make "the next version" collide here, and the second is told.
            models.UniqueConstraint(fields=["question", "number"], name="version_number_unique"),
            models.UniqueConstraint(
                fields=["question"], condition=models.Q(state="published"), name="version_one_published"
            ),
            models.UniqueConstraint(
                fields=["question"],
                condition=models.Q(state__in=["draft", "in_review"]),
                name="version_one_draft_or_in_review",
            ),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="version_number_from_1"),
            models.CheckConstraint(
                condition=models.Q(minutes__gte=1, minutes__lte=60), name="version_minutes_1_to_60"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="published") | models.Q(published_at__isnull=False),
                name="version_published_has_time",
            ),
        ]
        # Serves load_pack: has this question ever said this?
        indexes = [models.Index(fields=["question", "content_hash"], name="version_by_content")]

    def __str__(self) -> str:
        return f"{self.title} (version {self.number})"


class SearchEntry(models.Model):
    """What the bank's list finds a question by: its newest version, and the words of that and the published one.

    Triggers write it whenever a version or a key point changes (migration 0007); nothing else does. words weighs the
    title most, then the prompt, then the claims. spelling has title and prompt, for typing errors: comparing letters
    takes its time with every word. text has prompt and claims, for excerpts.
    """

    question = models.OneToOneField(Question, on_delete=models.CASCADE, primary_key=True, related_name="entry")
    newest = models.ForeignKey(QuestionVersion, on_delete=models.DO_NOTHING, related_name="+")
    words = SearchVectorField()
    spelling = models.TextField()
    text = models.TextField()

    class Meta:
        indexes = [
            # Serves the search for words, and the one for words that are nearly spelt so.
            GinIndex(fields=["words"], name="search_by_words"),
            GinIndex(fields=["spelling"], opclasses=["gin_trgm_ops"], name="search_by_spelling"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class VersionComment(models.Model):
    """What a mentor says to a part of a version before it is published.

    field names the part as QuestionContent.problems does: "prompt", "key_points.lazy", or "" for the whole.
    """

    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE, related_name="comments")
    field = models.CharField(max_length=140, blank=True)
    text = models.TextField()
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    resolved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="comment_has_text")]

    def __str__(self) -> str:
        return self.text[:60]


class EditorCopy(models.Model):
    """What a mentor has typed into the editor and not yet saved as a draft: the form as it was sent, valid or not.

    seen: the content hash of the draft it began from, "" where there was none; question is None for a new one.
    """

    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, null=True, related_name="+")
    seen = models.CharField(max_length=64, blank=True)
    data = models.JSONField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "question"], nulls_distinct=False, name="editor_copy_one_per_author_and_question"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.question or 'a new question'}"


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", "Waiting for its columns"
    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "Checked"
    APPLYING = "applying", "Being imported"
    APPLIED = "applied", "Imported"
    FAILED = "failed", "Cannot be read"
    CANCELLED = "cancelled", "Cancelled"


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, user: User) -> "ImportQuerySet":
        """One's own imports, and all of them for site admins."""
        return self if user.is_superuser else self.filter(uploaded_by=user)


class Import(models.Model):
    """A file of questions on its way into the bank: uploaded, checked (a dry run), then imported or cancelled.

    mapping: for tables, header → field; topic: for questions that name none; digest: the content's SHA-256. What the
    mentor chose to import: only_valid (or else nothing where there are problems), create_topics. problems (place,
    field, message) and notes (place, message) are what the file's reading gave, report what would be or was done,
    versions the drafts that came of it and were not discarded since. The content is dropped once the import is over.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    uploaded_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    format = models.CharField(max_length=16)
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    topic = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=16, choices=ImportState, default=ImportState.UPLOADED)
    only_valid = models.BooleanField(default=False)
    create_topics = models.BooleanField(default=False)
    problems = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    report = models.JSONField(default=dict)
    versions = models.ManyToManyField(QuestionVersion, related_name="imports")
    trouble = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    rung_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        # Serves "my imports", and the sweep for those that wait.
        indexes = [
            models.Index(fields=["uploaded_by", "-created_at"], name="import_by_mentor"),
            models.Index(
                fields=["rung_at"], condition=models.Q(state__in=["checking", "applying"]), name="import_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_state_display()}"

    @property
    def is_under_way(self) -> bool:
        """Whether a worker is to do, or does, something with it."""
        return self.state in (ImportState.CHECKING, ImportState.APPLYING)


class ReferenceAnswer(models.Model):
    """An answer that states every key point."""

    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE, related_name="references")
    position = models.PositiveSmallIntegerField()
    text = models.TextField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="reference_position_unique"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class KeyPoint(models.Model):
    """A claim a good answer makes."""

    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE, related_name="key_points")
    position = models.PositiveSmallIntegerField()
    slug = models.SlugField(max_length=64)
    claim = models.TextField()
    weight = models.PositiveSmallIntegerField(default=1)
    hint = models.TextField(blank=True)
    accepted = ArrayField(models.TextField(), default=list, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "slug"], name="key_point_slug_unique"),
            models.UniqueConstraint(fields=["version", "position"], name="key_point_position_unique"),
            models.CheckConstraint(condition=models.Q(weight__gte=1, weight__lte=3), name="key_point_weight_1_to_3"),
        ]

    def __str__(self) -> str:
        return self.claim


class Misconception(models.Model):
    """A false claim candidates make, against one key point."""

    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE, related_name="misconceptions")
    position = models.PositiveSmallIntegerField()
    slug = models.SlugField(max_length=64)
    claim = models.TextField()
    contradicts = models.ForeignKey(KeyPoint, on_delete=models.CASCADE, related_name="misconceptions")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "slug"], name="misconception_slug_unique"),
        ]

    def __str__(self) -> str:
        return self.claim


class Exemplar(models.Model):
    """An answer with the score (0–100) and the marks (key point slug → mark) it should get."""

    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE, related_name="exemplars")
    position = models.PositiveSmallIntegerField()
    slug = models.SlugField(max_length=64)
    kind = models.SlugField(max_length=32)
    text = models.TextField()
    score = models.PositiveSmallIntegerField()
    marks = models.JSONField()
    twin_of = models.SlugField(max_length=64, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "slug"], name="exemplar_slug_unique"),
            models.CheckConstraint(condition=models.Q(score__gte=0, score__lte=100), name="exemplar_score_0_to_100"),
        ]

    def __str__(self) -> str:
        return f"{self.slug}: {self.score}"


class Source(models.Model):
    """Something to read about the question."""

    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE, related_name="sources")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    url = models.URLField(max_length=500, blank=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.title


class Track(models.Model):
    """The blueprint of an interview: its sections say which questions are drawn."""

    slug = models.SlugField(max_length=64, unique=True)
    title = models.CharField(max_length=120)
    description = models.TextField()
    minutes = models.PositiveSmallIntegerField()
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "title"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(minutes__gte=1, minutes__lte=480), name="track_minutes_1_to_480"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TrackSection(models.Model):
    """So many questions of a topic (or below it) with these difficulties. minutes: the section's share of the time."""

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="+")
    count = models.PositiveSmallIntegerField()
    difficulties = ArrayField(models.CharField(max_length=10, choices=Difficulty), default=list, blank=True)
    minutes = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["track", "position"], name="section_position_unique"),
            models.CheckConstraint(condition=models.Q(count__gte=1, count__lte=50), name="section_count_1_to_50"),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.count}"


# Rows that belong to a version and may change only while it is a draft.
PARTS_OF_A_VERSION = (ReferenceAnswer, KeyPoint, Misconception, Exemplar, Source)
