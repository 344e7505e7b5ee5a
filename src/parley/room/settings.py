"""The settings of Django, made from the data folder that the process serves.

Without a data folder (type checks, the docs) they stand for an empty room in memory.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

from parley.room.config import LANGUAGES as COMPLETE_LANGUAGES
from parley.room.config import current
from parley.room.database import django_database

CONFIG = current()
HERE = Path(__file__).parent
MEGABYTE = 1024 * 1024


def _derived(use: str) -> str:
    if CONFIG.data is None:
        return secrets.token_hex(32)
    return hashlib.sha256(use.encode() + CONFIG.key_file("secret")).hexdigest()


DEBUG = False
SECRET_KEY = _derived("django")
ALLOWED_HOSTS = list(CONFIG.hosts)
ROOT_URLCONF = "parley.room.urls"
WSGI_APPLICATION = "parley.room.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "parley.room",  # before allauth: its templates win
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "parley.room.middleware.headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "parley.room.middleware.body_limit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "parley.room.middleware.session_ends",
    "allauth.account.middleware.AccountMiddleware",
    "parley.room.middleware.SecondFactor",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
FORM_RENDERER = "parley.room.forms.Renderer"

# the database; also of sessions and of the counts that limit how fast one may guess
DATABASES = {"default": django_database(CONFIG)}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "room_cache",
        # counts of bad sign-ins lie here: none of them may be pushed out by others; what has
        # expired is deleted at the ticks
        "OPTIONS": {"MAX_ENTRIES": 10_000_000},
    }
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# sessions
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "__Host-session" if CONFIG.https else "session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CONFIG.https
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-csrf" if CONFIG.https else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = CONFIG.https
CSRF_COOKIE_AGE = None
CSRF_FAILURE_VIEW = "parley.room.views.errors.csrf"
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = CONFIG.https
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600

# what every answer says to the browser; the policy itself is in middleware.py
SECURE_CONTENT_TYPE_NOSNIFF = True
# "no-referrer" would make browsers send "Origin: null" with every form, which CSRF checks refuse;
# with "same-origin" nothing is told to any other site either
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = CONFIG.https
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if CONFIG.https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CONFIG.https else None
X_FRAME_OPTIONS = "DENY"

# an upload stays in memory: nothing of it may touch a folder for temporary files; the largest is a
# text of 10 MB, sealed and then written in base64
BODY_LIMIT = 15 * MEGABYTE
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_LIMIT
FILE_UPLOAD_MAX_MEMORY_SIZE = BODY_LIMIT + MEGABYTE
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 10
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

# languages and times
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = CONFIG.language
LANGUAGES = list(COMPLETE_LANGUAGES)
LOCALE_PATHS = [HERE / "locale"]

# static files, under names that hold their hash
STATIC_URL = "/static/"
STATIC_ROOT = None if CONFIG.data is None else CONFIG.data / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "parley.room.storage.HashedFiles"
        if CONFIG.data is not None
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
WHITENOISE_MAX_AGE = 3600

# accounts
AUTH_USER_MODEL = "room.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": _VALIDATION + "MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": _VALIDATION + "CommonPasswordValidator"},
    {"NAME": _VALIDATION + "NumericPasswordValidator"},
    {
        "NAME": _VALIDATION + "UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "display_name")},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"

ALLAUTH_TRUSTED_PROXY_COUNT = CONFIG.proxies
ACCOUNT_ADAPTER = "parley.room.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "parley.room.forms.accounts.Login",
    "change_password": "parley.room.forms.accounts.ChangePassword",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGIN_TIMEOUT = 600
# bad logins are counted by account and address together (see adapter.py), so that nobody can
# lock out another; the limit by address alone is so high that it never hinders a whole venue
ACCOUNT_RATE_LIMITS = {
    "login": "600/m/ip",
    "login_failed": "10/15m/key",
    "reauthenticate": "10/15m/user",
    "change_password": "10/15m/user",
}
MFA_RATE_LIMITS = {"webauthn_login": "600/m/ip"}
MFA_ADAPTER = "parley.room.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 0
MFA_TOTP_ISSUER = "Parley"
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_FORMS = {
    "activate_totp": "parley.room.forms.accounts.SetUpApp",
    "authenticate": "parley.room.forms.accounts.SecondStep",
    "reauthenticate": "parley.room.forms.accounts.ConfirmByCode",
    "add_webauthn": "parley.room.forms.accounts.AddPasskey",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TRUST_ENABLED = False
MFA_WEBAUTHN_USER_VERIFICATION = "preferred"

# to the error stream only, and never what a request held
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"bare": {"()": "parley.room.logs.Bare"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "bare"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.security.DisallowedHost": {"handlers": [], "level": "CRITICAL"},
        # it has a line for every request that waits for a thread
        "waitress.queue": {"handlers": [], "level": "ERROR"},
    },
}
