"""The application for a web server, of the data folder named in PARLEY_ROOM_DATA."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "parley.room.settings"
application = get_wsgi_application()
