"""The one application of the room."""

from django.apps import AppConfig


class RoomApp(AppConfig):
    """Everything of the room under one label."""

    name = "parley.room"
    label = "room"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Check every new connection: the database must keep what it promised."""
        from django.db.backends.signals import connection_created

        from parley.room.database import check_connection

        connection_created.connect(check_connection, dispatch_uid="parley.room.check_connection")
