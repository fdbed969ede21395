"""Random models for the text form, and what ONNX's own printer and parser make of them.

Made with Python 3.11 and onnx 1.23.1.

    python onnx_text.py models FOLDER SEED COUNT
        writes N.onnx; N.plain.onnx, the same without what ONNX's text syntax has no words for, if that
        differs; N.printed.onnxtxt, the text of onnx.printer; and N.reparsed.onnx, what onnx.parser reads
        from that, if it is not the plain model (the printer leaves out some parts of functions).
    python onnx_text.py parse FOLDER
        reads every N.onnxtxt with onnx.parser and writes N.parsed.onnx, or the error as N.error.
"""

import pathlib
import random
import re
import sys

import onnx
from onnx import AttributeProto, GraphProto, ModelProto, TensorProto, TypeProto

TENSOR_TYPES = [value for value in TensorProto.DataType.values() if value != TensorProto.UNDEFINED]
WORDS = ["float", "seq", "map", "optional", "sparse_tensor", "opaque", "int64", "bool", "domain", "overload"]
WORDS += ["inf", "nan", "Infinity", "NaN", "doc_string", "graph", "_", "e5"]
TEXTS = ["", "x", 'say "hi"', "back\\slash", "\\u{0041}", "\\", "two\nlines", "tab\there", "\r", "\x1b[2J", "\x7f\x01"]
TEXTS += ["日本😀", "\u202e", "\u2028", "\U000e0041", "# no comment", "#@{name: 1}", "]}>),;", "'", "@x", " "]
NAMES = ["x.1", "a/b", "a b", "1", "-", "x:0", "日本", "/layer/Add_output_0"]
FLOATS = [0.0, -0.0, 1.0, 0.1, -2.5, 1e10, 1e-10, 3.4028234663852886e38, 1e-45, 1.17549435e-38, 16777217.0]
FLOATS += [float("inf"), float("-inf"), float("nan"), 123456789.0, 1e22, 0.3]
INTS = [0, 1, -1, 7, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63)]
PACKED = {TensorProto.INT4: 2, TensorProto.UINT4: 2, TensorProto.FLOAT4E2M1: 2, TensorProto.INT2: 4, TensorProto.UINT2: 4}
BITS = {TensorProto.FLOAT6E2M3: 6, TensorProto.FLOAT6E3M2: 6, TensorProto.BOOL: 1}
BITS |= {TensorProto.UINT16: 16, TensorProto.FLOAT16: 16, TensorProto.BFLOAT16: 16}


class Models:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = 0

    def few(self, most=3):
        return range(self.random.randint(0, most))

    def chance(self, one_in):
        return self.random.randrange(one_in) == 0

    def text(self):
        return "".join(self.random.choice(TEXTS) for _ in range(self.random.randint(1, 2)))

    def identifier(self):
        return self.random.choice(WORDS if self.chance(3) else ["a", "b", "c1", "Conv", "_t", "aB"])

    def name(self):
        """Any name; a number makes it the only one."""
        self.names += 1
        kind = self.random.randrange(8)
        if kind == 0:
            return self.random.choice(NAMES) + str(self.names)
        if kind == 1:
            return self.text() + str(self.names)
        return self.identifier() + ("_%d" % self.names if self.chance(2) else str(self.names))

    def said(self, message):
        """What ONNX's syntax has no words for."""
        if self.chance(4):
            message.doc_string = self.text()
        if self.chance(4):
            for key in {self.text() for _ in range(self.random.randint(1, 2))}:
                message.metadata_props.add(key=key, value=self.text())

    def shape(self, type_proto):
        if self.chance(6):
            return
        type_proto.shape.SetInParent()
        for _ in self.few():
            dim = type_proto.shape.dim.add()
            kind = self.random.randrange(6)
            if kind == 0:
                dim.dim_param = self.random.choice(["N", "N+5", "batch size", "float", "2*N", "日本", "a\nb"])
            elif kind != 1:
                dim.dim_value = self.random.choice([0, 1, 2, 3, 2**40])

    def type(self, depth=2):
        result = TypeProto()
        kind = self.random.randrange(10) if depth > 0 else 9
        if kind == 0:
            result.sequence_type.elem_type.CopyFrom(self.type(depth - 1))
        elif kind == 1:
            result.optional_type.elem_type.CopyFrom(self.type(depth - 1))
        elif kind == 2:
            result.map_type.key_type = self.random.choice([TensorProto.INT64, TensorProto.STRING])
            result.map_type.value_type.CopyFrom(self.type(depth - 1))
        elif kind == 3:
            result.sparse_tensor_type.elem_type = self.random.choice(TENSOR_TYPES)
            self.shape(result.sparse_tensor_type)
        elif kind == 4:
            if self.chance(2):
                result.opaque_type.domain = self.random.choice(["my", "ai.onnx.ml", "float"])
                result.opaque_type.name = self.identifier()
            elif self.chance(2):
                result.opaque_type.name = self.random.choice(["my", "a.b", "map"])
            else:
                result.opaque_type.SetInParent()
        else:
            result.tensor_type.elem_type = self.random.choice(TENSOR_TYPES)
            self.shape(result.tensor_type)
        return result

    def tensor(self):
        result = TensorProto(data_type=self.random.choice(TENSOR_TYPES))
        result.dims.extend(self.random.choice([0, 1, 2, 3]) for _ in self.few(2))
        size = 1
        for dim in result.dims:
            size *= dim
        kind = result.data_type
        if kind in (TensorProto.FLOAT, TensorProto.COMPLEX64):
            size *= 2 if kind == TensorProto.COMPLEX64 else 1
            result.float_data.extend(self.random.choice(FLOATS) for _ in range(size))
        elif kind in (TensorProto.DOUBLE, TensorProto.COMPLEX128):
            size *= 2 if kind == TensorProto.COMPLEX128 else 1
            result.double_data.extend(self.random.choice(FLOATS + [5e-324, 1e300, 0.1 + 0.2]) for _ in range(size))
        elif kind == TensorProto.STRING:
            result.string_data.extend(self.text().encode() for _ in range(size))
        elif kind == TensorProto.INT64:
            result.int64_data.extend(self.random.choice(INTS) for _ in range(size))
        elif kind in (TensorProto.UINT32, TensorProto.UINT64):
            most = 2 ** (32 if kind == TensorProto.UINT32 else 64) - 1
            result.uint64_data.extend(self.random.choice([0, 1, most]) for _ in range(size))
        elif kind in (TensorProto.INT8, TensorProto.INT16, TensorProto.INT32):
            bits = {TensorProto.INT8: 8, TensorProto.INT16: 16, TensorProto.INT32: 32}[kind]
            least = -(2 ** (bits - 1))
            result.int32_data.extend(self.random.choice([0, 1, -1, least, -1 - least]) for _ in range(size))
        elif kind in PACKED:
            bits, left = 8 // PACKED[kind], size
            while left > 0:
                result.int32_data.append(self.random.randrange(2 ** (bits * min(left, PACKED[kind]))))
                left -= PACKED[kind]
        else:
            result.int32_data.extend(self.random.randrange(2 ** BITS.get(kind, 8)) for _ in range(size))
        raw_kinds = (TensorProto.FLOAT, TensorProto.INT64, TensorProto.FLOAT16, TensorProto.INT8, TensorProto.UINT32)
        if kind in raw_kinds and self.chance(2):
            array = onnx.numpy_helper.to_array(result)
            dims = list(result.dims)
            result.CopyFrom(TensorProto(data_type=kind, dims=dims, raw_data=array.tobytes()))
        return result

    def attribute(self, name, depth, of_function=None):
        result = AttributeProto(name=name)
        kinds = ["FLOAT", "INT", "STRING", "TENSOR", "FLOATS", "INTS", "STRINGS", "TYPE_PROTO"]
        kinds += ["GRAPH"] * (2 if depth > 0 else 0)
        kind = self.random.choice(kinds)
        result.type = AttributeProto.AttributeType.Value(kind)
        if of_function and self.chance(3):
            result.ref_attr_name = self.random.choice(of_function)
        elif kind == "FLOAT":
            result.f = self.random.choice(FLOATS)
        elif kind == "INT":
            result.i = self.random.choice(INTS)
        elif kind == "STRING":
            result.s = self.text().encode()
        elif kind == "TENSOR":
            result.t.CopyFrom(self.tensor())
            if self.chance(2):
                result.t.name = self.name()
            if self.chance(4):
                result.t.doc_string = self.text()
        elif kind == "FLOATS":
            result.floats.extend(self.random.choice(FLOATS) for _ in self.few())
        elif kind == "INTS":
            result.ints.extend(self.random.choice(INTS) for _ in self.few())
        elif kind == "STRINGS":
            result.strings.extend(self.text().encode() for _ in self.few())
        elif kind == "TYPE_PROTO":
            result.tp.CopyFrom(self.type())
        else:
            result.g.CopyFrom(self.graph(depth - 1))
        if self.chance(6):
            result.doc_string = self.text()
        return result

    def node(self, message, depth, known, of_function=None):
        message.op_type = self.identifier()
        message.domain = self.random.choice(["", "", "my", "ai.onnx.ml", "float.x"])
        if self.chance(4):
            message.overload = self.identifier()
        if self.chance(2):
            message.name = self.name()
        message.input.extend(self.random.choice(known + [""]) for _ in self.few())
        outputs = [self.name() if not self.chance(8) else "" for _ in self.few()]
        message.output.extend(outputs)
        for name in {self.identifier() for _ in self.few()}:
            message.attribute.append(self.attribute(name, depth, of_function))
        self.said(message)
        return [name for name in outputs if name]

    def value(self, message, name):
        message.name = name
        if not self.chance(8):
            message.type.CopyFrom(self.type())
        self.said(message)

    def graph(self, depth=2):
        result = GraphProto()
        result.name = self.name()
        known = []
        for _ in self.few():
            known.append(self.name())
            self.value(result.input.add(), known[-1])
        for _ in self.few():
            tensor = self.tensor()
            tensor.name = self.name()
            if self.chance(5):
                tensor.doc_string = self.text()
            known.append(tensor.name)
            result.initializer.append(tensor)
        for _ in self.few(4):
            for name in self.node(result.node.add(), depth, known):
                known.append(name)
                kind = self.random.randrange(4)
                if kind == 0:
                    self.value(result.output.add(), name)
                elif kind == 1:
                    self.value(result.value_info.add(), name)
        self.said(result)
        if self.chance(6) and known:
            annotation = result.quantization_annotation.add(tensor_name=known[0])
            annotation.quant_parameter_tensor_names.add(key="SCALE_TENSOR", value=known[-1])
        return result

    def function(self, message):
        message.name = self.name()
        message.domain = self.random.choice(["", "my", "a b"])
        if self.chance(2):
            message.overload = self.text()
        message.opset_import.add(domain="", version=21)
        given = sorted({self.identifier() for _ in self.few()})
        message.attribute.extend(given)
        for name in sorted({self.identifier() for _ in self.few()} - set(given)):
            message.attribute_proto.append(self.attribute(name, 1))
            given.append(name)
        known = [self.name() for _ in self.few()]
        message.input.extend(known)
        for _ in self.few():
            for name in self.node(message.node.add(), 1, known, given):
                known.append(name)
                if self.chance(3):
                    message.output.append(name)
                elif self.chance(2):
                    self.value(message.value_info.add(), name)
        self.said(message)

    def model(self):
        result = ModelProto(ir_version=self.random.choice([3, 8, 10, 13]))
        result.graph.CopyFrom(self.graph())
        for domain in self.random.sample(["", "my", "ai.onnx.ml", "a b"], self.random.randint(0, 3)):
            result.opset_import.add(domain=domain, version=self.random.choice([1, 21, 26]))
        for field in ["producer_name", "producer_version", "domain"]:
            if self.chance(2):
                setattr(result, field, self.text())
        if self.chance(2):
            result.model_version = self.random.choice(INTS)
        for _ in self.few(2):
            self.function(result.functions.add())
        self.said(result)
        return result


IDENTIFIER = re.compile("[a-zA-Z_][a-zA-Z_0-9]*")
# Of subgraphs, that begin where a type or number may stand.
NO_NAME = re.compile("(?i:inf|infinity|nan)(?![a-zA-Z0-9])")
TYPES = {name.lower() for name in TensorProto.DataType.keys()} | {"seq", "map", "optional", "sparse_tensor", "opaque"}


def plain(message):
    """Takes away, in place, what ONNX's text syntax has no words for."""
    kind = message.DESCRIPTOR.name
    if kind == "AttributeProto" and message.HasField("t") and not IDENTIFIER.fullmatch(message.t.name):
        message.t.ClearField("name")
    if kind == "AttributeProto" and message.type == AttributeProto.GRAPH and not message.ref_attr_name:
        name = message.g.name
        if not IDENTIFIER.fullmatch(name) or NO_NAME.match(name) or name in TYPES:
            message.g.name = "_"
    for field, value in list(message.ListFields()):
        says = field.name == "doc_string" and kind not in ("ModelProto", "FunctionProto")
        says |= field.name == "metadata_props" and kind != "ModelProto"
        if says or field.name == "quantization_annotation":
            message.ClearField(field.name)
        elif field.type == field.TYPE_MESSAGE:
            is_list = hasattr(value, "add")
            for part in value if is_list else [value]:
                plain(part)
    return message


def models(folder, seed, count):
    for i in range(count):
        made = Models(seed * 100003 + i).model()
        stem = folder / ("%03d" % i)
        stem.with_suffix(".onnx").write_bytes(made.SerializeToString(deterministic=True))
        simple = ModelProto()
        simple.CopyFrom(made)
        plain(simple)
        if simple != made:
            stem.with_suffix(".plain.onnx").write_bytes(simple.SerializeToString(deterministic=True))
        text = onnx.printer.to_text(made)
        try:
            reparsed = onnx.parser.parse_model(text)
        except onnx.parser.ParseError:
            continue  # Its printer writes some empty lists and unquoted names that its parser refuses.
        stem.with_suffix(".printed.onnxtxt").write_bytes(text.encode())
        stem.with_suffix(".reparsed.onnx").write_bytes(reparsed.SerializeToString(deterministic=True))


def parse(folder):
    for text in sorted(folder.glob("[0-9]*.onnxtxt")):
        stem = text.with_suffix("")
        if stem.suffix:
            continue
        try:
            parsed = onnx.parser.parse_model(text.read_bytes().decode())
            stem.with_suffix(".parsed.onnx").write_bytes(parsed.SerializeToString(deterministic=True))
        except Exception as problem:
            stem.with_suffix(".error").write_text(str(problem))


if __name__ == "__main__":
    what, where = sys.argv[1], pathlib.Path(sys.argv[2])
    if what == "models":
        models(where, int(sys.argv[3]), int(sys.argv[4]))
    else:
        parse(where)
