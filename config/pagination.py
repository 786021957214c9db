"""How the API cuts long lists into pages."""

from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    """50 items a page, up to 200 on request."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
