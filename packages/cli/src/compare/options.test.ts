import { describe, expect, it } from "vitest";
import { exitCode, UsageError } from "../errors.js";
import { defaults, parseOptions, type RawOptions } from "./options.js";

const raw: RawOptions = { ...defaults, causal: true, backward: false, turbo: true, json: false };
const parse = (changes: Partial<RawOptions>) => parseOptions([], { ...raw, ...changes });

describe("parseOptions", () => {
	it("understands the defaults", () => {
		const settings = parse({});
		expect(settings.attentions.map(({ label }) => label)).toEqual([
			"full",
			"window",
			"sparse-strided",
			"reformer",
			"linear",
		]);
		expect(settings.lengths).toEqual([1024, 2048, 4096, 8192, 16384, 32768, 65536]);
		expect(settings).toMatchObject({ heads: 4, headDim: 64, batch: 1, threads: undefined, maxSeconds: 5 });
		expect(settings.reportPath).toBe("longspan-report.html");
	});

	it("sorts lengths, drops repeats and knows thousands", () => {
		expect(parse({ lengths: "2k, 512,2048 ,1K" }).lengths).toEqual([512, 1024, 2048]);
	});

	it("takes 0 as no limit, no training and no report", () => {
		expect(parse({ maxSeconds: "0" }).maxSeconds).toBe(Number.POSITIVE_INFINITY);
		expect(parse({ train: "0" }).trainSteps).toBe(0);
		expect(parse({ report: false }).reportPath).toBeNull();
	});

	it.each<[Partial<RawOptions>, RegExp]>([
		[{ lengths: "" }, /--lengths: ""/],
		[{ lengths: "1024,0" }, /--lengths: "0"/],
		[{ lengths: "1e3" }, /--lengths: "1e3"/],
		[{ lengths: "-5" }, /--lengths: "-5"/],
		[{ lengths: "99999999999999999999" }, /--lengths/],
		[{ heads: "0" }, /--heads: "0" is not valid; expected an integer of at least 1/],
		[{ headDim: "64.5" }, /--head-dim: "64.5"/],
		[{ batch: "NaN" }, /--batch: "NaN"/],
		[{ repeat: "" }, /--repeat: ""/],
		[{ maxSeconds: "-1" }, /--max-seconds: "-1"/],
		[{ maxSeconds: "Infinity" }, /--max-seconds/],
		[{ train: "many" }, /--train: "many"/],
		[{ trainLength: "1" }, /--train-length: "1" is not valid; expected an integer of at least 2/],
		[{ trainBatch: "0" }, /--train-batch/],
		[{ seed: "-1" }, /--seed/],
		[{ threads: "0" }, /--threads/],
		[{ device: "gpu" }, /--device: "gpu"/],
		[{ report: "" }, /--report/],
		[{ saveModels: "" }, /--save-models: the path is empty/],
		[{ saveModels: "models", train: "0" }, /--save-models: nothing is trained; expected --train above 0/],
	])("refuses %j, naming the option", (changes, message) => {
		expect(() => parse(changes)).toThrow(message);
		expect(() => parse(changes)).toThrow(expect.objectContaining({ name: UsageError.name, exitCode: exitCode.usage }));
	});
});
