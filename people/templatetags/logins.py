"""How a session is told from another."""

from django import template

register = template.Library()

# What a browser's own description of itself holds; the first that fits names it, since each also claims to be others.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "an iPhone",
    "iPad": "an iPad",
    "Windows": "Windows",
    "Mac OS": "a Mac",
    "Linux": "Linux",
}


@register.filter
def browser(user_agent: str) -> str:
    """Say in words which browser describes itself so, as far as that can be told."""
    name = next((words for sign, words in BROWSERS.items() if sign in user_agent), "A browser")
    system = next((words for sign, words in SYSTEMS.items() if sign in user_agent), "")
    return f"{name} on {system}" if system else name
