"""Forms, and how each of their fields is shown."""

from django.forms.renderers import DjangoTemplates


class Renderer(DjangoTemplates):
    """Label, help, error and field, in this order and tied together for screen readers."""

    form_template_name = "room/forms/form.html"
    field_template_name = "room/forms/field.html"
