"""Static files under names that hold their hash, so that browsers may keep them for good."""

from __future__ import annotations

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class HashedFiles(ManifestStaticFilesStorage):
    """As Django's, with the imports between JavaScript modules followed too."""

    support_js_module_import_aggregation = True
    # as deep as modules may import one another; a circle of imports still fails
    max_post_process_passes = 20
