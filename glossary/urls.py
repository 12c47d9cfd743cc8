"""The addresses that readers keep; `contract.md` of the design promises them."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
