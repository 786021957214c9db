"""How the API cuts long lists into pages."""

import re

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request


class Pages(PageNumberPagination):
    """50 items a page, up to 200 on request."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int | None:
        """Return how many items are asked for, 200 for more; raise ValidationError for what is no such number."""
        asked = request.query_params.get("page_size")
        if asked is None:
            return self.page_size
        if not re.fullmatch("[1-9][0-9]{0,8}", asked):
            raise ValidationError({"page_size": ["Ask for 1 to 200 items a page."]})
        return min(int(asked), self.max_page_size)
