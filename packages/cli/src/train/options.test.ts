import { describe, expect, it } from "vitest";
import { UsageError } from "../errors.js";
import { flagOf, type GivenOptions, withDefaults } from "./options.js";
import { parseRunOptions } from "./run-settings.js";

const parse = (given: GivenOptions) => parseRunOptions(withDefaults({ attention: "linear", ...given }));

describe("the options of a run", () => {
	it("have defaults that follow from those given", () => {
		const settings = parse({ length: "4096", layers: "4", dim: "256", steps: "2000" });
		expect(settings).toMatchObject({
			...{ lengths: [4096], batch: 1, steps: 2000, evaluateEvery: 100, saveEvery: 100, keep: 2, clipNorm: 1 },
			model: { heads: 4, keyValueHeads: 4, maxLength: 4096, positions: "learned", recurrence: null },
			optimizer: { name: "adamw", learningRate: 1e-3, warmUpSteps: 200, schedule: "cosine" },
		});
		expect(parse({ length: "512", dim: "100" })).toMatchObject({ batch: 8, model: { heads: 1 } });
		expect(parse({ optimizer: "adafactor" }).optimizer).toMatchObject({ learningRate: 1e-2, weightDecay: 0 });
		expect(parse({ steps: "50000" }).optimizer.warmUpSteps).toBe(1000);
		expect(parse({ steps: "12" })).toMatchObject({ evaluateEvery: 20, saveEvery: 20 });
	});

	it("understand lengths, grids and none", () => {
		expect(parse({ length: "1k, 512,1024" }).lengths).toEqual([512, 1024]);
		expect(parse({ positions: "axial:32x32" }).model.positions).toEqual({ axial: { shape: [32, 32] } });
		expect(parse({ positions: "axial:32x32:summed" }).model.positions).toEqual({
			axial: { shape: [32, 32], combine: "summed" },
		});
		expect(parse({ clip: "0" }).clipNorm).toBeNull();
		expect(parse({ activations: "reversible", streamMerge: "concatenated" }).model).toMatchObject({
			streamMerge: "concatenated",
			tieWeights: false,
		});
	});

	it.each<[GivenOptions, RegExp]>([
		[{ attention: "magic" }, /--attention: there is no attention "magic"/],
		[{ attention: "local,linear", layers: "1" }, /--attention: "local,linear" is for 2 layers; --layers is 1/],
		[{ attention: "local+linear", heads: "1" }, /--attention: .* --heads is 1/],
		[{ data: [""] }, /--data: the path is empty/],
		[{ length: "0" }, /--length: "0"/],
		[{ dim: "10", heads: "3" }, /--heads: "3" is not valid; expected a divisor of --dim 10/],
		[{ heads: "4", kvHeads: "3" }, /--kv-heads: "3" is not valid; expected a divisor of --heads 4/],
		[{ positions: "axial:8x8" }, /--positions: "axial:8x8" has 64 positions; --length 1024 needs 1,024/],
		[{ positions: "axial:0x8" }, /--positions: "axial:0x8" is not valid; expected learned, .* or a grid/],
		[{ norm: "mid" }, /--norm: "mid" is not valid; expected pre or post/],
		[{ activation: "tanh" }, /--activation: "tanh"/],
		[{ streamMerge: "averaged" }, /--stream-merge: .* --activations reversible only/],
		[{ halting: "basic" }, /--halting: .* --universal only/],
		[{ dropout: "1" }, /--dropout: "1" is not valid; expected a number from 0 to below 1/],
		[{ ema: "-1" }, /--ema: "-1"/],
		[{ optimizer: "sgd" }, /--optimizer: "sgd" is not valid; expected adamw or adafactor/],
		[{ schedule: "step" }, /--schedule: "step"/],
		[{ steps: "10", warmUp: "11" }, /--warm-up: "11" is not valid; expected at most --steps 10/],
		[{ accumulate: "0" }, /--accumulate/],
		[{ length: "1000000k" }, /--length: "1000000k" is not valid; expected at most 16,777,216/],
		[{ batch: "1000000000" }, /--batch: "1000000000" is not valid; expected an integer from 1 to 16384/],
		[{ layers: "1000000000" }, /--layers: .* from 1 to 65536/],
		[{ keep: "0" }, /--keep/],
	])("are refused by name: %j", (given, message) => {
		expect(() => parse(given)).toThrow(message);
		expect(() => parse(given)).toThrow(UsageError);
	});

	it("need an attention", () => {
		expect(() => withDefaults({})).toThrow(/--attention: none is given/);
		expect(flagOf("evaluateEvery")).toBe("--evaluate-every");
	});
});
