"""How static files are kept."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Compressed, and named by content, which lets browsers keep them for ever; modules import such names too."""

    support_js_module_import_aggregation = True
