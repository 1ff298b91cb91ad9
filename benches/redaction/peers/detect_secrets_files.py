"""detect-secrets with all its plugins and default filters, on texts as files: `detect_secrets_files.py CORPUS` prints
findings as JSON.

A finding is [text, start, end, kind].
"""

import json
import os
import sys
import tempfile

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        texts = json.load(file)
    found = []
    with default_settings(), tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "traffic.txt")
        for number, text in enumerate(texts):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text["text"])
            lines = text["text"].split("\n")
            for one in scan_file(path):
                start = sum(len(line) + 1 for line in lines[: one.line_number - 1])
                at = lines[one.line_number - 1].find(one.secret_value)
                if at >= 0:
                    found.append([number, start + at, start + at + len(one.secret_value), one.type])
    json.dump(found, sys.stdout)


main()
