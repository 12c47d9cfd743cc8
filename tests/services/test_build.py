"""The name of a build: other words in a template or a setting make another."""

from glossary.services.build import build_name


def test_the_name_is_the_same_until_a_template_a_setting_or_a_static_file_changes(settings, tmp_path):
    (tmp_path / "templates").mkdir()
    template = tmp_path / "templates" / "page.html"
    template.write_text("<p>One.</p>")
    settings.BASE_DIR, settings.STATIC_ROOT = tmp_path, tmp_path
    names = [build_name.__wrapped__(), build_name.__wrapped__()]
    assert names[0] == names[1] and len(names[0]) == 16
    template.write_text("<p>Two.</p>")
    names.append(build_name.__wrapped__())
    settings.SITE_NAME = "Another"
    names.append(build_name.__wrapped__())
    (tmp_path / "staticfiles.json").write_text("{}")
    names.append(build_name.__wrapped__())
    assert len(set(names[1:])) == 4
