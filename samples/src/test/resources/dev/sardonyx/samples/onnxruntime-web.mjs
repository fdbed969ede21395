// Runs models in onnxruntime-web. A line in is a command, a line out its answer, "ok ..." or "no reason":
//   load MODEL            the bytes of a model file
//   run TENSOR ...        the inputs; the answer has the outputs
// A tensor is NAME:TYPE:DIM,DIM,...:DATA. Names, data and models are in base64; of strings, each element is.
// Usage: node onnxruntime-web.mjs FOLDER, the folder node_modules that has the package.
import {createRequire} from 'node:module';
import {resolve} from 'node:path';
import {createInterface} from 'node:readline';

const ort = createRequire(resolve(process.argv[2], 'any.js'))('onnxruntime-web');
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'fatal';

const ARRAYS = {
  float32: Float32Array, float64: Float64Array, float16: Uint16Array, bool: Uint8Array,
  int8: Int8Array, int16: Int16Array, int32: Int32Array, int64: BigInt64Array,
  uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, uint64: BigUint64Array,
};

const text = (code) => Buffer.from(code, 'base64').toString();
const code = (bytes) => Buffer.from(bytes).toString('base64');
const words = (list, separator) => (list === '' ? [] : list.split(separator));

function decoded(word) {
  const [name, type, dims, data] = word.split(':');
  const shape = words(dims, ',').map(Number);
  if (type === 'string') {
    const size = shape.reduce((a, b) => a * b, 1);
    return [text(name), new ort.Tensor(type, size === 0 ? [] : data.split(',').map(text), shape)];
  }
  const bytes = new Uint8Array(Buffer.from(data, 'base64')); // aligned, as a view of a Buffer is not
  return [text(name), new ort.Tensor(type, new ARRAYS[type](bytes.buffer), shape)];
}

function encoded([name, tensor]) {
  if (!(tensor instanceof ort.Tensor)) {
    throw new Error(`the output ${name} is no tensor`);
  }
  const array = tensor.data;
  const data = tensor.type === 'string'
    ? array.map(code).join(',')
    : code(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return [code(name), tensor.type, tensor.dims.join(','), data].join(':');
}

let session = null;

async function answer(line) {
  const [command, ...rest] = line.split(' ');
  if (command === 'load') {
    await session?.release();
    session = null;
    session = await ort.InferenceSession.create(
      new Uint8Array(Buffer.from(rest[0], 'base64')), {logSeverityLevel: 4});
    return '';
  }
  const outputs = await session.run(Object.fromEntries(rest.filter((word) => word).map(decoded)));
  return Object.entries(outputs).map(encoded).join(' ');
}

for await (const line of createInterface({input: process.stdin})) {
  let reply;
  try {
    reply = 'ok ' + await answer(line);
  } catch (e) {
    reply = 'no ' + String(e?.message ?? e).replace(/\s+/g, ' ');
    if (e instanceof WebAssembly.RuntimeError) {
      process.exitCode = 1; // nothing runs in this process any more
    }
  }
  process.stdout.write(reply + '\n');
  if (process.exitCode) {
    process.exit();
  }
}
