"""Writes the operator catalogue, onnx-operators.txt, from the schemas of the installed onnx.

    pip install onnx==1.23.1
    python ir/src/main/python/onnx_operators.py > ir/src/main/resources/dev/sardonyx/ir/op/onnx-operators.txt
    python ir/src/main/python/onnx_operators.py --releases

    pip install onnxruntime==1.30.0
    python ir/src/main/python/onnx_operators.py --contrib > ir/src/main/resources/dev/sardonyx/ir/contrib/contrib-operators.txt

The build needs neither Python nor onnx; a test compares what this script writes with the checked-in
files where they are installed. With --releases it writes ONNX's table of releases instead, a line
each: release, IR version, version of ai.onnx, version of ai.onnx.ml. With --contrib it writes the
operators that ONNX Runtime adds: those of com.microsoft, and those that its optimizer puts into
ONNX's own domain though ONNX has them in later versions only or not at all.

An operator in one version is a paragraph; an empty line ends it:

    DOMAIN NAME SINCE [deprecated] [function] [random=always|training]
    input NAME TYPE [optional | variadic MIN [heterogeneous]]
    output NAME TYPE [optional | variadic MIN [heterogeneous]]
    attribute NAME TYPE [required | = DEFAULT...]
    types PARAMETER TYPE...

"function" says that ONNX defines the operator by others, "random" when it draws random numbers. The
TYPE of an input or output is a parameter that a line "types" describes, or a type as it stands.
"""

import struct
import sys

import onnx.defs
import onnx.helper

Schema = onnx.defs.OpSchema
FUSED = {"LayerNormalization", "SimplifiedLayerNormalization"}
CONTRIB_RANDOM = {"BiasDropout": "training", "BitmaskBiasDropout": "training"}
CONTRIB_RANDOM |= {"BitmaskDropout": "training", "Sampling": "always"}
NEVER_RANDOM = {"AffineGrid"}  # marked as not deterministic, but it is


def main():
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    if sys.argv[1:] == ["--releases"]:
        for release, ir_version, ai_onnx, ai_onnx_ml, *_ in onnx.helper.VERSION_TABLE:
            print(release, ir_version, ai_onnx, ai_onnx_ml)
        return
    if sys.argv[1:] == ["--contrib"]:
        for schema in sorted(contrib_schemas(), key=lambda s: (s.domain, s.name)):
            print("\n".join(paragraph(schema)), end="\n\n")
        return
    schemas = onnx.defs.get_all_schemas_with_history()
    for schema in sorted(schemas, key=lambda s: (domain(s), s.name, s.since_version)):
        print("\n".join(paragraph(schema)), end="\n\n")


def contrib_schemas():
    from onnxruntime.capi import onnxruntime_pybind11_state as runtime

    for schema in runtime.get_all_operator_schema():
        fused = schema.domain == "" and schema.since_version == 1 and schema.name in FUSED
        if fused or schema.domain == "com.microsoft":
            yield schema


def domain(schema):
    return schema.domain or "ai.onnx"


def paragraph(schema):
    yield " ".join([domain(schema), schema.name, str(schema.since_version), *facts(schema)])
    for parameter in schema.inputs:
        yield " ".join(["input", *value(parameter)])
    for parameter in schema.outputs:
        yield " ".join(["output", *value(parameter)])
    for name, attribute in sorted(schema.attributes.items()):
        kind = str(attribute.type).rsplit(".")[-1]
        yield " ".join(["attribute", name, kind, *default(attribute)])
    for constraint in schema.type_constraints:
        types = [plain(t) for t in constraint.allowed_type_strs]
        yield " ".join(["types", constraint.type_param_str, *types])


def facts(schema):
    if schema.deprecated:
        yield "deprecated"
    if not isinstance(schema, Schema):  # ONNX Runtime tells neither of the other facts
        random = CONTRIB_RANDOM.get(schema.name)
    else:
        random = randomness(schema)
        if schema.has_function or schema.has_context_dependent_function:
            yield "function"
    if random:
        yield "random=" + random


def randomness(schema):
    """ONNX also marks operators whose subgraphs may be random; those are judged by their nodes."""
    if schema.node_determinism != Schema.NodeDeterminism.NonDeterministic:
        return None
    if any(a.type == Schema.AttrType.GRAPH for a in schema.attributes.values()):
        return None
    if schema.name in NEVER_RANDOM:
        return None
    if schema.name != "Dropout":
        return "always"
    has_mode = any(i.name == "training_mode" for i in schema.inputs)
    return "training" if has_mode or "is_test" in schema.attributes else None


def value(parameter):
    """Name, type and kind of an input or output; ONNX Runtime gives variadic ones no least number."""
    is_onnx = isinstance(parameter, Schema.FormalParameter)
    yield parameter.name
    yield plain(parameter.type_str if is_onnx else parameter.typeStr)
    kind = str(parameter.option).rsplit(".")[-1]
    if kind == "Optional":
        yield "optional"
    elif kind == "Variadic":
        yield "variadic"
        yield str(parameter.min_arity) if is_onnx else "1"
        if not (parameter.is_homogeneous if is_onnx else parameter.isHomogeneous):
            yield "heterogeneous"


def default(attribute):
    given = given_default(attribute)
    if attribute.required:
        yield "required"
    elif given.name and given.s != b"" or given.name and given.type != onnx.AttributeProto.STRING:
        value = onnx.helper.get_attribute_value(given)
        yield "="
        for item in value if isinstance(value, list) else [value]:
            yield word(item)


def given_default(attribute):
    if hasattr(attribute, "default_value"):
        return attribute.default_value
    return onnx.AttributeProto.FromString(attribute._default_value)


def word(value):
    if isinstance(value, float):
        return shortest(value)
    text = value.decode("utf-8") if isinstance(value, bytes) else str(value)
    if not text or text != plain(text):
        raise ValueError(f"A default that is not one word: {text!r}")
    return text


def shortest(value):
    """The shortest decimal that is the same float of 32 bits."""
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if struct.pack("f", float(text)) == struct.pack("f", value):
            return text
    raise ValueError(f"Not a float of 32 bits: {value!r}")


def plain(text):
    return "".join(text.split())


if __name__ == "__main__":
    main()
