import { expect, it } from "vitest";
import { init, OptionError, tensor } from "../../index.js";
import { PackedMatrix } from "../../ops/packed-matrix.js";
import { memoryFiles } from "../../testing/memory-files.js";
import { openWeights } from "../files/open-weights.js";
import { saveWeights } from "../files/save/save-weights.js";
import { declareMatrix, declareTensor } from "./declare.js";
import { loadParameters } from "./load.js";
import { namedWeights } from "./named-weights.js";
import { parameterWeights } from "./parameter-weights.js";

it("saves weights as they are loaded again", async () => {
	const device = await init({ device: "wasm", threads: 2 });
	const table = declareMatrix("table.weight", [3, 2]);
	const declared = { table, head: { tied: table, bias: declareTensor("head.bias", [3], "zeros") } };
	const values = tensor([1, 2, 3, 4, 5, 6], [3, 2]);
	const parameters = { table: values, head: { tied: values, bias: tensor([7, 8, 9], [3]) } };
	const files = memoryFiles();
	await saveWeights(files, parameterWeights("a model", namedWeights(declared, parameters)), { maxShardBytes: 30 });
	expect(files.contents.size).toBe(3);
	const options = { device, format: "tensor", prefix: "table." } as const;
	const { parameters: loaded } = await loadParameters(declared, await openWeights(files), options);
	expect(await (loaded.table as typeof values).data()).toEqual(await values.data());
	expect(await loaded.head.bias.data()).toEqual(Float32Array.of(7, 8, 9));
	expect(loaded.head.tied).toBe(loaded.table);
});

it("refuses packed matrices", async () => {
	const device = await init({ device: "wasm", threads: 2 });
	const packed = new PackedMatrix([1, 1], "float32", device);
	const named = new Map([["a", packed]]);
	expect(() => parameterWeights("a model", named)).toThrow(OptionError);
	expect(() => parameterWeights("a model", named)).toThrow(
		/a model: "a" is packed; load the model with trainable: true/,
	);
	packed.dispose();
});
