"""Writes what CPython's configparser makes of the corpus, one JSON file per case.

A case is `corpus/NAME.ini`, or `corpus/NAME.1.ini`, `corpus/NAME.2.ini`, ... read in that order.
Run it with Python 3.11 in this folder: python3 dump.py
"""

import configparser
import json
import pathlib
import re

KINDS = {
    configparser.MissingSectionHeaderError: "MissingSectionHeader",
    configparser.DuplicateSectionError: "DuplicateSection",
    configparser.DuplicateOptionError: "DuplicateOption",
    configparser.ParsingError: "Parsing",
    configparser.InterpolationSyntaxError: "InterpolationSyntax",
    configparser.InterpolationMissingOptionError: "InterpolationMissingOption",
    configparser.InterpolationDepthError: "InterpolationDepth",
}


def lines_of(error):
    if hasattr(error, "errors"):
        return sorted({line for line, _ in error.errors})
    return [error.lineno]


def value_of(parser, section, key):
    result = {"raw": parser.get(section, key, raw=True)}
    try:
        result["value"] = parser.get(section, key)
    except configparser.InterpolationError as error:
        result["error"] = KINDS[type(error)]
    return result


def dump(files):
    parser = configparser.ConfigParser(interpolation=configparser.ExtendedInterpolation())
    parser.optionxform = str
    for file in files:
        try:
            with open(file, encoding="utf-8") as text:
                parser.read_file(text, file.name)
        except configparser.Error as error:
            return {"error": KINDS[type(error)], "file": file.name, "lines": lines_of(error)}
    values = {}
    for section in ["DEFAULT", *parser.sections()]:
        keys = list(parser.defaults()) if section == "DEFAULT" else parser.options(section)
        values[section] = {key: value_of(parser, section, key) for key in keys}
    own = {section: list(parser._sections[section]) for section in parser.sections()}
    own["DEFAULT"] = list(parser.defaults())
    return {"sections": parser.sections(), "own_keys": own, "values": values}


def main():
    corpus = pathlib.Path(__file__).parent / "corpus"
    cases = {}
    for file in sorted(corpus.glob("*.ini")):
        cases.setdefault(re.sub(r"(\.\d+)?\.ini$", "", file.name), []).append(file)
    for name, files in cases.items():
        text = json.dumps(dump(files), ensure_ascii=False, indent=1)
        (corpus / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
