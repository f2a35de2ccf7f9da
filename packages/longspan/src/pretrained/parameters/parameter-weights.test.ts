import { expect, it } from "vitest";
import { init } from "../../init.js";
import { PackedMatrix } from "../../ops/packed-matrix.js";
import { tensor } from "../../tensor/create.js";
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

it("saves packed matrices as they are held, and refuses int8", async () => {
	const device = await init({ device: "wasm", threads: 2 });
	const values = Float32Array.from({ length: 15 }, (_, index) => index + 1 / 3);
	for (const format of ["float32", "bfloat16"] as const) {
		const packed = new PackedMatrix([5, 3], format, device);
		packed.write(values, 0);
		const before = device.memoryStats().buffers;
		const source = parameterWeights("a model", new Map([["a", packed]]));
		const pieces = [await source.read("a", 0, 4), await source.read("a", 4, 15)].flatMap((piece) => [...piece]);
		const rounded = format === "float32" ? [...values] : pieces.map(() => expect.any(Number));
		expect(pieces).toEqual(rounded);
		for (const [index, piece] of pieces.entries()) expect(piece / (values[index] as number)).toBeCloseTo(1, 2);
		expect(device.memoryStats().buffers).toBe(before);
		packed.dispose();
	}
	const coarse = new PackedMatrix([1, 1], "int8", device);
	expect(() => parameterWeights("a model", new Map([["a", coarse]]))).toThrow(
		/a model: "a" is kept as int8; load the model with trainable: true/,
	);
	coarse.dispose();
});
