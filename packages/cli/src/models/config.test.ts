import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { init, intTensor } from "longspan";
import { describe, expect, it } from "vitest";
import { buildModel } from "./build-model.js";
import { longestSequence, type ModelConfig, modelConfig } from "./config.js";
import { loadModel } from "./load-model.js";
import { saveModel } from "./save-model.js";

describe("modelConfig", () => {
	const sizes = { attention: "linear", maxLength: null, dim: 8, layers: 3, heads: 4 };
	const variants: [what: string, given: Partial<ModelConfig>, longest: number | null][] = [
		["learned positions", { maxLength: 30 }, 30],
		["rotary positions and grouped heads", { positions: "rotary", keyValueHeads: 2, maxLength: 30 }, null],
		["axial positions", { positions: { axial: { shape: [4, 8], combine: "summed" } } }, 32],
		["concatenated streams", { positions: "none", activations: "reversible", streamMerge: "concatenated" }, null],
		[
			"mixed attention, post-norm",
			{ attention: "local:4,window:2+linear", positions: "sinusoidal", norm: "post" },
			null,
		],
		[
			"gates, chunks and dropout",
			{
				...{ positions: "none", activations: "checkpointed", dropout: 0.5, tieWeights: false },
				feedForward: { hidden: 12, activation: "swiglu", chunkLength: 5 },
			},
			null,
		],
		[
			"recurrence",
			{
				positions: "none",
				recurrence: { halting: { accumulation: "accumulated" }, timing: { step: "learned" }, ponderWeight: 3 },
			},
			null,
		],
	];

	it.each(variants)("describes a model with %s so that it is the same once loaded", async (_, given, longest) => {
		const device = await init({ device: "wasm", threads: 1 });
		const folder = mkdtempSync(join(tmpdir(), "longspan-config-"));
		try {
			const config = modelConfig({ ...sizes, ...given });
			expect(longestSequence(config)).toBe(longest);
			const { logits, loss, parameters } = buildModel(config, { seed: 5 });
			await saveModel(folder, config, parameters);
			const loaded = loadModel(folder);
			expect(loaded.config).toEqual(config);
			const ids = intTensor([3, 1, 4, 1, 5, 9, 2, 6], [1, 8]);
			expect(loaded.model.logits(loaded.parameters, ids).dataSync()).toEqual(logits(parameters, ids).dataSync());
			const [own, entropy] = [loss(parameters, ids), loaded.model.loss(loaded.parameters, ids)].map(
				(x) => x.dataSync()[0],
			);
			// Without the cost of halting, where there is one.
			if (given.recurrence) expect(entropy).toBeLessThan(own as number);
			else expect(entropy).toBe(own);
		} finally {
			device.dispose();
			rmSync(folder, { recursive: true });
		}
	});
});
