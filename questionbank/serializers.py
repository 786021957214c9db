"""How questions look to mentors' programs."""

from typing import Any

from rest_framework import serializers

from questionbank.models import Question, QuestionVersion
from questionbank.selectors import content_of


class VersionLineSerializer(serializers.ModelSerializer[QuestionVersion]):
    class Meta:
        model = QuestionVersion
        fields = ["number", "state", "title", "difficulty", "minutes", "created_at", "published_at"]
        read_only_fields = fields


class QuestionSerializer(serializers.ModelSerializer[Question]):
    topic: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    versions = VersionLineSerializer(many=True, read_only=True)

    class Meta:
        model = Question
        fields = ["id", "slug", "topic", "versions"]
        read_only_fields = fields


class VersionSerializer(serializers.Serializer[Any]):
    """One version in the pack format's own form."""

    number = serializers.IntegerField()
    state = serializers.CharField()
    content = serializers.SerializerMethodField(help_text="The question as docs/pack-format.md describes it.")

    def get_content(self, version: QuestionVersion) -> dict[str, Any]:
        return content_of(version).to_dict()
