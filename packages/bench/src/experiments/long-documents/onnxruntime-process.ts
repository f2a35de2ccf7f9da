// Runs a dense encoder with the weights of a folder in onnxruntime-node: node onnxruntime-process.js FOLDER LENGTH THREADS. Each line on
// stdin is a forward pass, answered with the first value of its result and the peak of the process's memory in bytes.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { decodeSafetensors } from "longspan";
import { type EncoderLayer, encoderModel } from "../../onnx/encoder.js";
import type { Onnxruntime } from "../../peers/onnxruntime.js";

const [folder, length, threads] = process.argv.slice(2) as [string, string, string];
const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
const require = createRequire(new URL("../../../peers/package.json", import.meta.url));
const ort = require("onnxruntime-node") as Onnxruntime;
const model = encoderModel(readLayers(), {
	dim: config.hidden_size,
	heads: config.num_attention_heads,
	epsilon: config.layer_norm_eps,
});
const session = await ort.InferenceSession.create(model, {
	executionProviders: ["cpu"],
	intraOpNumThreads: Number(threads),
	interOpNumThreads: 1,
});
const size = Number(length) * config.hidden_size;
// Hidden states of unit size, as embeddings are after their norm; their values have no influence on the time.
const hidden = new ort.Tensor(
	"float32",
	Float32Array.from({ length: size }, (_, index) => Math.sin(index) * Math.SQRT2),
	[1, Number(length), config.hidden_size],
);

console.log("ready");
for await (const _ of createInterface({ input: process.stdin })) {
	const results = await session.run({ "hidden.-1": hidden });
	const [result] = Object.values(results);
	console.log(`${result?.data[0]} ${1024 * process.resourceUsage().maxRSS}`);
	result?.dispose();
}
process.exit(0);

/** The layers of the checkpoint by the names of `encoderModel`, its matrices transposed. */
function readLayers(): EncoderLayer[] {
	const { tensors } = decodeSafetensors(readFileSync(join(folder, "model.safetensors")));
	const names = {
		query: "attention.self.query",
		key: "attention.self.key",
		value: "attention.self.value",
		output: "attention.output.dense",
		attentionNorm: "attention.output.LayerNorm",
		inner: "intermediate.dense",
		outer: "output.dense",
		outputNorm: "output.LayerNorm",
	};
	return Array.from({ length: config.num_hidden_layers }, (_, index) =>
		Object.fromEntries(
			Object.entries(names).flatMap(([name, stored]) =>
				["weight", "bias"].map((part) => {
					const found = tensors.get(`encoder.layer.${index}.${stored}.${part}`);
					if (!found) throw new Error(`the checkpoint has no ${stored}.${part} in layer ${index}`);
					return [`${name}.${part}`, found.shape.length === 2 ? transposed(found) : found];
				}),
			),
		),
	);
}

function transposed({ shape, values }: EncoderLayer[string]): EncoderLayer[string] {
	const [rows, columns] = shape as [number, number];
	const out = new Float32Array(values.length);
	for (let row = 0; row < rows; row++)
		for (let column = 0; column < columns; column++)
			out[column * rows + row] = values[row * columns + column] as number;
	return { shape: [columns, rows], values: out };
}
