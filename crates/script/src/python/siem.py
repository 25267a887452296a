"""The package that users' scripts import `utils` from."""

from siem import utils

merge = utils.merge_dicts
