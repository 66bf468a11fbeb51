#!/usr/bin/python3
"""Write the built-in grammar of the messages we read, from the ISO 20022 schemas in a folder.

    make_grammar.py XSD_FOLDER           rewrites structures.cpp and values.cpp beside this script
    make_grammar.py XSD_FOLDER --check   exits 1 if they are not what the schemas say, 77 if the
                                         folder is not there

The notation is described in ../grammar.hpp. The messages below share one release, so a type name
means the same in each; the script stops if that ever ceases to be true.
"""

import pathlib
import sys
import textwrap
import xml.etree.ElementTree as ElementTree

MESSAGES = [
    "head.001.001.02",
    "pacs.008.001.08",
    "pacs.009.001.08",
    "pacs.004.001.09",
    "camt.056.001.08",
]
XS = "{http://www.w3.org/2001/XMLSchema}"


def occurrence(element):
    low = int(element.get("minOccurs", "1"))
    high = element.get("maxOccurs", "1")
    if (low, high) == (1, "1"):
        return ""
    if (low, high) == (0, "1"):
        return "?"
    if (low, high) == (0, "unbounded"):
        return "*"
    if (low, high) == (1, "unbounded"):
        return "+"
    return "{%d,%s}" % (low, high)


def children(group):
    for element in group:
        if element.tag != XS + "element":
            raise SystemExit("only flat groups of elements are understood: " + element.tag)
    return ["%s:%s%s" % (e.get("name"), e.get("type"), occurrence(e)) for e in group]


def complex_rule(node):
    body = node[0]
    if len(node) != 1:
        raise SystemExit("unexpected content in " + node.get("name"))
    if body.tag == XS + "simpleContent":
        extension = body[0]
        attribute = extension[0]
        return ["attribute", node.get("name"), extension.get("base"), attribute.get("name"),
                attribute.get("type")]
    if body.tag == XS + "sequence" and len(body) == 1 and body[0].tag == XS + "any":
        namespace = body[0].get("namespace")
        return ["any", node.get("name")] + ([] if namespace == "##any" else [namespace])
    kind = {XS + "sequence": "seq", XS + "choice": "alt"}[body.tag]
    if kind == "alt" and (body.get("minOccurs") or body.get("maxOccurs")):
        raise SystemExit("repeated choice in " + node.get("name"))
    return [kind, node.get("name")] + children(body)


def simple_rule(node):
    restriction = node[0]
    name = node.get("name")
    base = restriction.get("base")
    facets = [(f.tag.replace(XS, ""), f.get("value")) for f in restriction]
    names = {f for f, _ in facets}
    value = dict(facets)
    if base in ("xs:date", "xs:dateTime", "xs:time", "xs:boolean") and not facets:
        return [base[3:].lower(), name]
    if base == "xs:decimal":
        rule = ["decimal", name, value["totalDigits"], value["fractionDigits"]]
        return rule + (["from0"] if value.get("minInclusive") == "0" else [])
    if base != "xs:string":
        raise SystemExit("unknown base %s of %s" % (base, name))
    if names == {"enumeration"}:
        return ["enum", name] + [v for _, v in facets]
    if names == {"pattern"}:
        return ["regex", name, value["pattern"]]
    if names <= {"minLength", "maxLength"}:
        return ["text", name, value.get("minLength", "0"), value.get("maxLength", "*")]
    raise SystemExit("unknown facets of %s: %s" % (name, names))


def wrapped(rule):
    return textwrap.fill(" ".join(rule), width=98, subsequent_indent="    ",
                         break_long_words=False, break_on_hyphens=False)


def read_rules(folder):
    structures, values = {}, {}
    for message in MESSAGES:
        for node in ElementTree.parse(folder / (message + ".xsd")).getroot():
            name = node.get("name")
            if node.tag == XS + "element":
                rule, table = ["root", message, name, node.get("type")], structures
                if name == "Document":
                    rule[3] = "Document." + message
                key = "root " + message
            elif node.tag == XS + "complexType":
                key, table = name, structures
                if name == "Document":
                    key = "Document." + message
                    node.set("name", key)
                rule = complex_rule(node)
            elif node.tag == XS + "simpleType":
                key, table, rule = name, values, simple_rule(node)
            else:
                continue
            if table.setdefault(key, rule) != rule:
                raise SystemExit("%s differs between the messages" % key)
    return structures, values


TEMPLATE = """\
// Written by make_grammar.py from the ISO 20022 schemas; change that script, not this file.
// The notation is described in ../grammar.hpp.
#include "clients/iso20022/grammar.hpp"

namespace hugang::iso20022 {

const char* const %s = R"grammar(
%s
)grammar";

}  // namespace hugang::iso20022
"""


def main():
    if len(sys.argv) not in (2, 3) or (len(sys.argv) == 3 and sys.argv[2] != "--check"):
        raise SystemExit(__doc__)
    here = pathlib.Path(__file__).parent
    folder = pathlib.Path(sys.argv[1])
    if not folder.is_dir():
        print("skipped: no schemas at", folder)
        raise SystemExit(77)
    structures, values = read_rules(folder)
    stale = []
    for name, constant, rules in (("structures.cpp", "kGrammarStructures", structures),
                                  ("values.cpp", "kGrammarValues", values)):
        text = TEMPLATE % (constant, "\n".join(wrapped(rule) for rule in rules.values()))
        if len(sys.argv) == 3:
            if (here / name).read_text() != text:
                stale.append(name)
        else:
            (here / name).write_text(text)
    if stale:
        raise SystemExit("not what the schemas say: %s; run make_grammar.py again"
                         % ", ".join(stale))


main()
