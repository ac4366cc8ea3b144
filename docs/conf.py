from importlib.metadata import version as installed_version

project = "revproxy"
author = "the revproxy authors"
copyright = "2026, the revproxy authors"
release = version = installed_version("revproxy")

exclude_patterns = ["_build"]
nitpicky = True
highlight_language = "none"

html_theme = "alabaster"
html_theme_options = {"description": "A reverse proxy that is a Twisted application"}
