// node run_tfjs.mjs NODE_MODULES MODEL.json IN.f32 SIDE OUT: what TensorFlow.js itself makes of a picture, each output as name and values.
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const [modules = "", model = "", input = "", side = "", output = ""] = process.argv.slice(2);
const require = createRequire(join(modules, "x.js"));
const tf = require("@tensorflow/tfjs-core");
require("@tensorflow/tfjs-backend-cpu");
const { loadGraphModel } = require("@tensorflow/tfjs-converter");

const { modelTopology, weightsManifest } = JSON.parse(readFileSync(model, "utf8"));
const shards = weightsManifest.flatMap(({ paths }) => paths.map((path) => readFileSync(join(dirname(model), path))));
const bytes = Buffer.concat(shards);
const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
const graph = await loadGraphModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
const values = readFileSync(input);
const picture = tf.tensor(new Float32Array(values.buffer, values.byteOffset, values.length / 4), [1, Number(side), Number(side), 3]);
const results = [graph.execute(picture)].flat();
writeFileSync(output, JSON.stringify(results.map((each) => ({ shape: each.shape, values: [...each.dataSync()] }))));
