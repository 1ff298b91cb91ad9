"""Presidio's recognizers that need no language model, on texts: `presidio.py CORPUS` prints findings as JSON.

A finding is [text, start, end, kind].
"""

import json
import sys

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine


class WithoutModel(SpacyNlpEngine):
    """Words and nothing else: what a model would find (names, places) is no secret."""

    def __init__(self):
        super().__init__()
        nlp = spacy.blank("en")
        nlp.max_length = 1 << 30
        self.nlp = {"en": nlp}


# The list of public suffixes that it brings along: no download.
tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        texts = json.load(file)
    engine = AnalyzerEngine(nlp_engine=WithoutModel(), supported_languages=["en"])
    found = []
    for number, text in enumerate(texts):
        for one in engine.analyze(text=text["text"], language="en"):
            found.append([number, one.start, one.end, one.entity_type])
    json.dump(found, sys.stdout)


main()
