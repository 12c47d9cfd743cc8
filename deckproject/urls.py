"""Addresses: the desk under /admin/, everything else is the readers' site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("glossary.urls")),
]
handler404 = "glossary.views.errors.not_found"
handler500 = "glossary.views.errors.server_error"
