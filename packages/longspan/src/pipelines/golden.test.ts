import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OptionError } from "../errors.js";
import { init } from "../init.js";
import type { EncoderInputs } from "../pretrained/architecture.js";
import type { PretrainedModel } from "../pretrained/model.js";
import type { Device } from "../tensor/device.js";
import { type GoldenCall, GoldenModel, goldenFolder, goldenModelsPresent } from "../testing/golden-models.js";
import type { Pipeline } from "./bind-pipeline.js";
import { pipeline } from "./pipeline.js";
import { probabilitiesOf } from "./probabilities.js";
import type { PipelineTask } from "./tasks.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "wasm", threads: 2 });
});
afterAll(() => device.dispose());

/** Runs a pipeline of the checkpoint of a case; rotations that its text was read with stand in for random ones. */
async function withPipeline<T extends PipelineTask>(
	task: T,
	golden: GoldenModel,
	body: (run: Pipeline<T>) => Promise<void>,
): Promise<void> {
	const loaded = await pipeline(task, fileURLToPath(goldenFolder(golden.folder)), { device });
	// Generation has the rotations of every call.
	const { rotations: stored } = golden.case.inputs[golden.case.text.input ?? "a"] as GoldenCall;
	const rotations = stored && Object.values<string>(stored).map((name) => golden.floats(name));
	const model: PretrainedModel = {
		...loaded.model,
		forward: (inputs, options) => loaded.model.forward({ ...inputs, rotations } as EncoderInputs, options),
		startDecoding: (inputs) => loaded.model.startDecoding({ ...inputs, rotations }),
	};
	try {
		await body(rotations ? await pipeline(task, { model, tokenizer: loaded.tokenizer }) : loaded);
	} finally {
		for (const each of rotations ?? []) each.dispose();
		loaded.dispose();
	}
}

/** Allowed difference of probabilities, relative: what the scores may differ by. */
function tolerance({ case: { inputs, text } }: GoldenModel): number {
	const { rtol, atol } = inputs[text.input].outputs.logits;
	return 2 * (atol + 10 * rtol);
}

/** What equals a result but for the rounding of its numbers. */
function nearly(result: unknown): unknown {
	if (typeof result === "number") return expect.closeTo(result, 6);
	if (Array.isArray(result)) return result.map(nearly);
	if (typeof result !== "object" || result === null) return result;
	return Object.fromEntries(Object.entries(result).map(([name, value]) => [name, nearly(value)]));
}

describe.skipIf(!goldenModelsPresent)("texts of the golden checkpoints", () => {
	it.each([
		["bigbird-full", {}],
		["bigbird-mlm", {}],
		["bigbird-mlm-b64", {}],
		["longformer-mlm", { global_attention: "first" }],
		["reformer-mlm", { mask_token: "<unk>" }],
	] as const)("fill-mask, %s", async (folder, options) => {
		const golden = new GoldenModel(folder);
		await withPipeline("fill-mask", golden, async (fill) => {
			const { text, predictions } = golden.case.text;
			const found = await fill(text, options);
			expect(found).toHaveLength(5);
			for (const [rank, { id, probability, token }] of predictions[0].entries()) {
				// As text: "▁you" is "you".
				expect(found[rank]).toMatchObject({ token: id, token_str: fill.tokenizer.decode([id]) });
				expect(fill.tokenizer.tokenOf(id)).toBe(token);
				const { score } = found[rank] as { score: number };
				expect(Math.abs(score - probability) / probability).toBeLessThan(tolerance(golden) + 1e-6);
			}
		});
	});

	it.each(["bigbird-seqcls", "longformer-seqcls", "reformer-seqcls"])("text-classification, %s", async (folder) => {
		const golden = new GoldenModel(folder);
		await withPipeline("text-classification", golden, async (classify) => {
			const found = await classify(golden.case.text.text, { top_k: null });
			const { scores } = golden.case.text as { scores: { label: string; score: number }[] };
			expect(found.map(({ label }) => label)).toEqual(
				scores.toSorted((a, b) => b.score - a.score).map(({ label }) => label),
			);
			for (const { label, score } of found) {
				const expected = scores.find((each) => each.label === label)?.score as number;
				expect(Math.abs(score - expected) / expected).toBeLessThan(tolerance(golden) + 1e-6);
			}
		});
	});

	it("token-classification, longformer-tokencls", async () => {
		const golden = new GoldenModel("longformer-tokencls");
		await withPipeline("token-classification", golden, async (classify) => {
			const { text, labels, special_tokens_mask: special } = golden.case.text;
			const found = await classify(text, { ignore_labels: [] });
			expect(found.map(({ index, entity }) => [index, entity])).toEqual(
				labels.flatMap((label: number, index: number) => (special[index] ? [] : [[index, `LABEL_${label}`]])),
			);
		});
	});

	it.each(["bigbird-qa", "longformer-qa"])("question-answering, %s", async (folder) => {
		const golden = new GoldenModel(folder);
		await withPipeline("question-answering", golden, async (answer) => {
			const { text, pair, offsets, ids, answer: words, answer_tokens: span } = golden.case.text;
			const found = await answer(text, pair);
			const [first, last] = span as [number, number];
			// The first token of the context comes after those of the question and the last special token before it.
			const begin = ids.indexOf(ids.at(-1)) + (folder === "longformer-qa" ? 2 : 1);
			const at = (name: string, position: number) => {
				const { values } = golden.stored(`text.${name}_logits`);
				const scores = [values[0] as number, ...values.subarray(begin, ids.length - 1)];
				return probabilitiesOf(scores)[position - begin + 1] as number;
			};
			const score = at("start", first) * at("end", last);
			expect(found).toEqual({
				answer: words,
				start: offsets[first][0],
				end: offsets[last][1],
				score: expect.closeTo(score, 5),
			});
		});
	});

	it.each(["led-seq2seq", "bigbird-pegasus"])("summarization, %s", async (folder) => {
		const golden = new GoldenModel(folder);
		await withPipeline("summarization", golden, async (summarize) => {
			const { text, output, generate } = golden.case.text;
			const { options } = golden.case.generate.find(({ name }: { name: string }) => name === generate);
			expect(await summarize(text, options)).toEqual([{ summary_text: output }]);
			expect(await summarize([text, text], options)).toEqual([{ summary_text: output }, { summary_text: output }]);
		});
	});

	it("text-generation, reformer-lm", async () => {
		const golden = new GoldenModel("reformer-lm");
		await withPipeline("text-generation", golden, async (write) => {
			const { text, continuation, generate } = golden.case.text;
			const { use_cache: _, ...options } = golden.case.generate.find(
				({ name }: { name: string }) => name === generate,
			).options;
			expect(await write(text, options)).toEqual([{ generated_text: continuation }]);
		});
	});

	it.each([
		["longformer-seqcls", "text-classification", { top_k: null }],
		["bigbird-seqcls", "text-classification", { top_k: null }],
		["longformer-tokencls", "token-classification", { ignore_labels: [] }],
		["led-seq2seq", "summarization", { max_new_tokens: 12, num_beams: 2 }],
	] as const)("the same alone, among others and with more threads, %s", async (folder, task, options) => {
		const golden = new GoldenModel(folder);
		const { text } = golden.case.text as { text: string };
		const texts = [text, text.slice(0, 90), "", `${text.slice(40)} ${text}`, "a", text.slice(0, 91)];
		const call = { ...options, overflow: "stride", window: 120, stride: 30 } as const;
		const results: unknown[] = [];
		for (const threads of [1, 3]) {
			const own = await init({ device: "wasm", threads });
			try {
				const run = await pipeline(task, fileURLToPath(goldenFolder(folder)), { device: own });
				for (const batch_size of [1, 4])
					results.push(await (run as (texts: string[], options: object) => unknown)(texts, { ...call, batch_size }));
				run.dispose();
				expect(own.memoryStats().buffers).toBe(0);
			} finally {
				own.dispose();
			}
		}
		const [alone, together, ...threaded] = results;
		expect(threaded).toEqual([alone, together]);
		// Sums of float32 numbers over more keys, those of the padding, may round otherwise.
		expect(JSON.parse(JSON.stringify(together))).toEqual(nearly(alone));
	});

	it("are refused by pipelines whose head the checkpoint lacks, which names its own", async () => {
		const before = device.memoryStats().buffers;
		const folder = fileURLToPath(goldenFolder("longformer-mlm"));
		const lacking = pipeline("question-answering", folder, { device });
		await expect(lacking).rejects.toThrow(OptionError);
		await expect(lacking).rejects.toThrow(/"qa_outputs.weight".* \(the checkpoint is of LongformerForMaskedLM\)/);
		await expect(pipeline("summarization", folder, { device })).rejects.toThrow(
			/no class for "seq2seq-lm".* \(the checkpoint is of LongformerForMaskedLM\)/,
		);
		expect(device.memoryStats().buffers).toBe(before);
	});

	it("are read by models that were loaded before, which stay their owner's", async () => {
		const golden = new GoldenModel("longformer-mlm");
		await withPipeline("fill-mask", golden, async ({ model, tokenizer }) => {
			const fill = await pipeline("fill-mask", { model, tokenizer });
			fill.dispose();
			expect(await fill(golden.case.text.text)).toHaveLength(5);
		});
	});
});
