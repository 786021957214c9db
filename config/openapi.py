"""How the API is described: what each endpoint may answer besides success, and nulls inside lists."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from config.pagination import Pages


class ProblemSerializer(serializers.Serializer[Any]):
    """Why a request was refused."""

    detail = serializers.CharField()
    code = serializers.CharField(required=False, help_text="For programs, where there is one.")


FAULTS = OpenApiResponse(
    OpenApiTypes.OBJECT,
    "What was sent is wrong: what is said of each field, or why none of it can be read (detail).",
)
ALWAYS = {
    "400": FAULTS,
    "401": OpenApiResponse(ProblemSerializer, "Nobody is logged in, or the token is not valid."),
    "403": OpenApiResponse(ProblemSerializer, "This role may not, or not now; without the CSRF token of a session."),
    "406": OpenApiResponse(ProblemSerializer, "The API speaks JSON alone."),
    "429": OpenApiResponse(ProblemSerializer, "Too many requests: Retry-After says in how many seconds to go on."),
}
OF_A_BODY = {
    "413": OpenApiResponse(ProblemSerializer, "The body is larger than a megabyte."),
    "415": OpenApiResponse(ProblemSerializer, "The API reads JSON alone."),
}
NOT_THERE = {"404": OpenApiResponse(ProblemSerializer, "It does not exist, or it belongs to somebody else.")}


class Schema(AutoSchema):
    """drf-spectacular's. What an endpoint's own declaration says of a status counts."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        answers: dict[str, Any] = super()._get_response_bodies(direction)
        for status, answer in self._refusals().items():
            if status not in answers:
                answers[status] = self._get_response_for_code(answer, status, direction=direction)
        return answers

    def _refusals(self) -> dict[str, OpenApiResponse]:
        looked_up = "{" in self.path or isinstance(self._get_paginator(), Pages)
        return {**ALWAYS, **(NOT_THERE if looked_up else {}), **(OF_A_BODY if self.method in {"POST", "PUT"} else {})}

    def _map_serializer_field(self, field: Any, *args: Any, **kwargs: Any) -> Any:
        schema = super()._map_serializer_field(field, *args, **kwargs)
        if isinstance(field, serializers.ListField) and field.child.allow_null and "$ref" in schema["items"]:
            schema["items"] = {"allOf": [schema["items"]], "nullable": True}
        return schema
