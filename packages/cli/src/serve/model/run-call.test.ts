import { FeatureTensor, OptionError, OutOfMemoryError, type PipelineTask } from "longspan";
import { describe, expect, it } from "vitest";
import { flaggedSignal } from "./cancel-flag.js";
import type { Pipelines } from "./pipelines.js";
import { runCall } from "./run-call.js";
import { CallError } from "./served-model.js";

const { signal } = new AbortController();
const tokenizer = { encode: (text: string) => ({ ids: [...text] }) };
const overflow = { policy: "truncate", tokens: 9, limit: 5, windows: 1, dropped: 4 };

/** One pipeline that returns what a function makes of its arguments. */
function pipelines(task: PipelineTask, result: (...args: never[]) => unknown): Pipelines {
	const call = async (...args: never[]) => result(...args);
	return new Map([[task, Object.assign(call, { task, tokenizer })]]) as unknown as Pipelines;
}

async function run(task: PipelineTask, inputs: unknown, parameters: object, result: (...args: never[]) => unknown) {
	const call = { kind: "pipeline", task, inputs, parameters: { ...parameters } } as const;
	const { json, tokens } = await runCall(pipelines(task, result), call, signal);
	return { tokens, ...JSON.parse(json) };
}

describe("calls of pipelines", () => {
	it("give each task its arguments", async () => {
		const args = (...given: unknown[]) => ({ given });
		const asked = await run("question-answering", { question: "ab", context: ["c", "d"] }, { top_k: 1 }, args);
		const given = ["ab", ["c", "d"], { top_k: 1, signal: {} }];
		expect(asked).toEqual({ result: { given }, usage: { tokens: 4 }, tokens: 4 });
		const labelled = await run("zero-shot-classification", "abc", { candidate_labels: ["x"], multi_label: true }, args);
		expect(labelled.result.given).toEqual(["abc", ["x"], { multi_label: true, signal: {} }]);
		const filled = await run("fill-mask", ["a", "bc"], { top_k: 2 }, args);
		expect(filled).toMatchObject({ result: { given: [["a", "bc"], { top_k: 2, signal: {} }] }, tokens: 3 });
		await expect(run("question-answering", "text", {}, args)).rejects.toThrow(
			/^inputs: expected an object with "question"/,
		);
	});

	it("tell how each text was read, which lists do not tell in JSON", async () => {
		const list = () => Object.assign([{ label: "a" }], { overflow });
		expect(await run("token-classification", "a", {}, list)).toMatchObject({ overflow: [overflow] });
		expect(await run("token-classification", ["a", "b"], {}, () => [[], list()])).toMatchObject({
			overflow: [null, overflow],
		});
		expect(await run("text-classification", "a", {}, () => [{ label: "a", overflow }])).toMatchObject({
			overflow: [overflow],
		});
		expect(await run("text-classification", ["a"], {}, () => [{ label: "a" }])).not.toHaveProperty("overflow");
	});

	it("give features as transformers.js does", async () => {
		const features = new FeatureTensor("float32", Float32Array.of(0.5, 2), [1, 2]);
		const { result } = await run("feature-extraction", "a", {}, () => features);
		expect(result).toEqual({ type: "float32", dims: [1, 2], data: [0.5, 2] });
	});

	it("part what is wrong with them from what is broken", async () => {
		const failing = (error: Error) =>
			run("fill-mask", "a", {}, () => {
				throw error;
			});
		await expect(failing(new OptionError("too long"))).rejects.toEqual(new CallError("too long"));
		await expect(failing(new OutOfMemoryError("full"))).rejects.toMatchObject({ kind: "memory" });
		await expect(failing(new TypeError("bug"))).rejects.toBeInstanceOf(TypeError);
	});

	it("count the tokens that embeddings are made of, not those that were cut", async () => {
		const features = Object.assign(new FeatureTensor("float32", Float32Array.of(1, 2, 3, 4), [2, 2]), {
			overflow: [undefined, overflow],
		});
		const call = {
			kind: "embeddings",
			texts: ["ab", "123456789"],
			format: "float",
			model: "m",
			parameters: {},
		} as const;
		const { json, tokens } = await runCall(
			pipelines("feature-extraction", () => features),
			call,
			signal,
		);
		expect(tokens).toBe(7);
		expect(JSON.parse(json)).toMatchObject({
			data: [{ embedding: [1, 2] }, { embedding: [3, 4] }],
			overflow: [null, overflow],
			usage: { prompt_tokens: 7, total_tokens: 7 },
		});
	});
});

it("a signal of shared memory ends calls when its word is set", () => {
	const flag = new Int32Array(new SharedArrayBuffer(4));
	const own = flaggedSignal(flag);
	own.throwIfAborted();
	Atomics.store(flag, 0, 1);
	expect(() => own.throwIfAborted()).toThrow("aborted");
	expect(own.aborted).toBe(true);
});
