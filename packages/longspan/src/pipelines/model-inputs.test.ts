import { afterAll, beforeAll, expect, it } from "vitest";
import { init } from "../init.js";
import type { Device } from "../tensor/device.js";
import { scope } from "../tensor/scope.js";
import { characterTokenizer, localModel } from "../testing/local-model.js";
import { modelInputs } from "./model-inputs.js";
import { readingOf } from "./reading.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

// As by Python's tokenizers of these models: those of BigBird give no types, though its tokenizer.json has them.
it.each([
	["bert", undefined, true],
	["bert", false, false],
	["big_bird", undefined, false],
	["big_bird", true, true],
	["roberta", undefined, false],
])("gives types of two texts to %s, of a tokenizer that says %s: %s", (modelType, givesTypeIds, given) => {
	const tokenizer = { ...characterTokenizer(), givesTypeIds };
	const model = localModel("base", device, () => [0], { modelType });
	const reading = readingOf({ name: "feature-extraction", model, tokenizer }, {}, "none");
	const encoding = tokenizer.encode("ab");
	const typed = { ...encoding, typeIds: encoding.ids.map((_, at) => Number(at > 1)) };
	scope(() => {
		const { tokenTypeIds } = modelInputs(reading, [typed]);
		expect(tokenTypeIds?.dataSync()).toEqual(given ? Int32Array.from(typed.typeIds) : undefined);
	});
});
