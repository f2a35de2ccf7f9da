// Runs the encoder of a folder: node longspan-process.js FOLDER LENGTH THREADS TURBO DTYPE. Each line on stdin is a forward pass,
// answered with the first value of its result and the peak of the process's memory in bytes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { AutoModel, init, intTensor, type ModelDType, scope, slice } from "longspan";
import { idsOf } from "./sizes.js";

const [folder, length, threads, turbo, dtype] = process.argv.slice(2) as [string, string, string, string, ModelDType];
const device = await init({ threads: Number(threads), turbo: turbo === "true" });
const model = await AutoModel.fromPretrained(folder, { device, dtype });
const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as { vocab_size: number };
const ids = idsOf(Number(length), config.vocab_size);
const shape = [1, ids.length];
const inputs = {
	inputIds: intTensor(ids, shape),
	globalAttentionMask: intTensor(
		ids.map((_, index) => Number(index === 0)),
		shape,
	),
};

console.log("ready");
for await (const _ of createInterface({ input: process.stdin })) {
	const first = scope(() => slice(model.forward(inputs).lastHiddenState, 1, 0, 1));
	const [value] = await first.data();
	first.dispose();
	console.log(`${value} ${1024 * process.resourceUsage().maxRSS}`);
}
process.exit(0);
