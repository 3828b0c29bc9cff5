"""How Sphinx makes the documentation: `make docs`.

Sphinx reads docstrings as they stand (numpydoc) and Markdown (MyST), checks every link between pages, and is
what numpy and scikit-learn are documented with. Furo is a theme that needs no network.
"""

from importlib.metadata import version as installed

project = "netlet"
author = "the authors of netlet"
copyright = "the authors of netlet, MIT licence"  # noqa: A001 (Sphinx's name)
version = release = installed("netlet")

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["example", "_build"]
myst_enable_extensions = ["colon_fence", "dollarmath", "deflist"]
myst_heading_anchors = 3

autodoc_default_options = {
    "members": True,
    # What scikit-learn adds to every estimator is told in its own documentation.
    "exclude-members": "set_fit_request, set_predict_request, set_score_request, set_partial_fit_request",
}
autodoc_typehints = "signature"
autodoc_type_aliases = {"ArrayLike": "ArrayLike"}  # numpy's is ten lines long
maximum_signature_line_length = 90
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autosummary_generate = False  # numpydoc brings it along
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
add_module_names = False

html_theme = "furo"
html_title = "netlet"
html_static_path = ["_static"]
html_css_files = ["netlet.css"]
html_show_sourcelink = False
