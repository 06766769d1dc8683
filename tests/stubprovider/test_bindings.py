"""How a schema is read from the bindings of a newer provider: a small wheel in their form."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.support.provider_bindings import Bindings, printed
from tests.support.stubprovider.schema import Attribute, Nested

RULES = """\
function thingRuleToHclTerraform(struct) {
    const attrs = {
        self: {
            value: struct.self === undefined ? null : cdktn.booleanToHclTerraform(struct.self),
            isBlock: false,
            type: "simple",
            storageClassType: "boolean",
        },
        labels: {
            value: cdktn.listMapperHcl(cdktn.hashMapperHcl(cdktn.stringToHclTerraform), false)(struct.labels),
            isBlock: false,
            type: "list",
            storageClassType: "stringMapList",
        },
    };
}
class ThingRuleOutputReference extends cdktn.ComplexObject {
    // labels - computed: false, optional: true, required: false
    _labels;
    get labels() {
        return this.interpolationForAttribute('labels');
    }
    // self - computed: false, optional: false, required: true
    _self;
    get self() {
        return this.getBooleanAttribute('self');
    }
}
"""
THING = """\
class Thing extends cdktn.TerraformResource {
    static tfResourceType = "aws_thing";
    constructor(scope, id, config) {
        super(scope, id, { providerVersion: '6.99.1' });
    }
    // made_on - computed: true, optional: false, required: false
    get madeOn() {
        return this.getStringAttribute('made_on');
    }
    // names - computed: false, optional: true, required: false
    _names;
    get names() {
        return cdktn.Fn.tolist(this.getListAttribute('names'));
    }
    // entry - computed: true, optional: true, required: false
    _entry = new ThingRuleList(this, "entry", true);
    get entry() {
        return this._entry;
    }
    // one - computed: false, optional: false, required: true
    _one = new ThingRuleOutputReference(this, "one");
    get one() {
        return this._one;
    }
    // rule - computed: false, optional: true, required: false
    _rule = new ThingRuleList(this, "rule", true);
    get rule() {
        return this._rule;
    }
    synthesizeHclAttributes() {
        const attrs = {
            names: {
                value: cdktn.listMapperHcl(cdktn.stringToHclTerraform, false)(this._names),
                isBlock: false,
                type: "set",
                storageClassType: "stringList",
            },
            entry: {
                value: cdktn.listMapperHcl(structs0_1.thingRuleToHclTerraform, false)(this._entry.internalValue),
                isBlock: true,
                type: "set",
                storageClassType: "ThingRuleList",
            },
            one: {
                value: structs0_1.thingRuleToHclTerraform(this._one.internalValue),
                isBlock: true,
                type: "list",
                storageClassType: "ThingRuleList",
            },
            rule: {
                value: cdktn.listMapperHcl(structs0_1.thingRuleToHclTerraform, true)(this._rule.internalValue),
                isBlock: true,
                type: "set",
                storageClassType: "ThingRuleList",
            },
        };
    }
}
"""


def wheel(path: Path, name: str = "bindings/_jsii/provider-aws@1.0.0.jsii.tgz") -> Path:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as files:
        for place, text in (("index.js", THING), ("index-structs/structs0.js", RULES), ("index.d.ts", "no code")):
            member = tarfile.TarInfo(f"package/lib/thing/{place}")
            member.size = len(text)
            files.addfile(member, io.BytesIO(text.encode()))
    with zipfile.ZipFile(path, "w") as whole:
        whole.writestr(name, packed.getvalue())
    return path


def test_a_type_is_read(tmp_path: Path) -> None:
    bindings = Bindings(wheel(tmp_path / "x.whl"))
    assert bindings.version == "6.99.1"
    block = bindings.schema("resource", "aws_thing").block
    members = {"self": "bool", "labels": ["list", ["map", "string"]]}
    assert block.attributes == {
        "names": Attribute(["set", "string"], optional=True),
        "entry": Attribute(["set", ["object", members]], optional=True, computed=True),
        "made_on": Attribute("string", computed=True),
    }
    inner = block.blocks["rule"].block
    assert inner.attributes == {
        "self": Attribute("bool", required=True),
        "labels": Attribute(["list", ["map", "string"]], optional=True),
    }
    assert block.blocks == {"one": Nested("list", inner, min_items=1, max_items=1), "rule": Nested("set", inner)}


def test_only_what_is_wanted_is_printed(tmp_path: Path) -> None:
    bindings = Bindings(wheel(tmp_path / "x.whl"))
    [both] = printed(bindings, "aws_thing".__eq__)["provider_schemas"].values()
    assert both["resource_schemas"]["aws_thing"]["block"]["block_types"]["one"]["nesting_mode"] == "list"
    [none] = printed(bindings, "aws_other".__eq__)["provider_schemas"].values()
    assert none == {"resource_schemas": {}, "data_source_schemas": {}}


def test_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no bindings"):
        Bindings(wheel(tmp_path / "x.whl", "other/file"))
