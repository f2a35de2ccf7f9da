import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OptionError } from "../errors.js";
import { init } from "../init.js";
import type { PretrainedModel } from "../pretrained/model.js";
import type { Task } from "../pretrained/tasks.js";
import type { Device } from "../tensor/device.js";
import { characterTokenizer, type LocalScores, localModel } from "../testing/local-model.js";
import { integersBetween } from "../testing/random-values.js";
import { pipeline } from "./pipeline.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

const tokenizer = characterTokenizer();
/** Scores that differ from token to token, and with the neighbours. */
const scoresOf =
	(width: number): LocalScores =>
	(token, before, after) =>
		Array.from({ length: width }, (_, at) => 3 * Math.sin(token * (at + 1) + 0.1 * before - 0.07 * after));
const checkpoint = <T extends Task>(task: T, width: number, more?: Partial<PretrainedModel<T>>) => ({
	model: localModel(task, device, scoresOf(width), more),
	tokenizer,
});
const labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"];
const text = String.fromCharCode(...integersBetween(300, 5, 97, 123));
const long = { window: 20, overflow: "stride" as const, stride: 4 };

describe("long texts", () => {
	it("are refused unless the caller chooses, with their length, the limit and the remedy", async () => {
		const classify = await pipeline(
			"text-classification",
			checkpoint("sequence-classification", 2, { labels: ["a", "b"] }),
		);
		const refused = classify(["short", text], { window: 100 });
		await expect(refused).rejects.toThrow(OptionError);
		await expect(refused).rejects.toThrow(
			/text 2 of 2 makes 302 tokens, the model takes 100; pass overflow: "stride" to read it in windows, or overflow: "truncate"/,
		);
		expect((classify.model as ReturnType<typeof localModel>).batches).toEqual([]);
	});

	it("are cut if asked for, and the result says so", async () => {
		const classify = await pipeline(
			"text-classification",
			checkpoint("sequence-classification", 2, { labels: ["a", "b"] }),
		);
		const [cut] = await classify(text, { window: 20, overflow: "truncate" });
		expect(cut?.overflow).toEqual({ policy: "truncate", tokens: 302, limit: 20, windows: 1, dropped: 282 });
		const [begin] = await classify(text.slice(0, 18));
		expect(begin).toEqual({ label: cut?.label, score: cut?.score });
	});

	it("take the limit from model and tokenizer, whichever is lower", async () => {
		const { model } = checkpoint("sequence-classification", 2, { labels: ["a", "b"], maxLength: 50 });
		const classify = await pipeline("text-classification", { model, tokenizer: characterTokenizer(40) });
		await expect(classify(text)).rejects.toThrow(/takes 40;/);
		await expect(classify("ab", { window: 41 })).rejects.toThrow(/window is 41; expected an integer .* at most 40/);
	});
});

describe("text-classification", () => {
	it("returns one class, some, or all", async () => {
		const classify = await pipeline(
			"text-classification",
			checkpoint("sequence-classification", 3, { labels: ["a", "b", "c"] }),
		);
		const all = await classify("some text", { top_k: null });
		expect(all.map(({ label }) => label).sort()).toEqual(["a", "b", "c"]);
		expect(all.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 12);
		expect(all.map(({ score }) => score)).toEqual(all.map(({ score }) => score).sort((x, y) => y - x));
		expect(await classify("some text")).toEqual(all.slice(0, 1));
		expect(await classify(["some text"])).toEqual(all.slice(0, 1));
		expect(await classify(["some text", "some text"], { top_k: 2 })).toEqual([all.slice(0, 2), all.slice(0, 2)]);
		expect(await classify([])).toEqual([]);
	});

	it("gives each class its own probability where several may hold", async () => {
		const config = { problem_type: "multi_label_classification" };
		const made = checkpoint("sequence-classification", 3, { labels: ["a", "b", "c"], config });
		const classify = await pipeline("text-classification", made);
		const several = await classify("xyz", { top_k: null });
		expect(several.reduce((sum, { score }) => sum + score, 0)).not.toBeCloseTo(1, 3);
	});

	it("weighs windows by the tokens they own", async () => {
		const made = checkpoint("sequence-classification", 2, { labels: ["a", "b"] });
		const classify = await pipeline("text-classification", made);
		// Windows of 8 of 12 tokens: 0–8 and 4–12, which own 6 each.
		const whole = await classify("abcdefghijkl", { window: 10, overflow: "stride", stride: 2, top_k: null });
		const parts = await classify(["abcdefgh", "efghijkl"], { top_k: null });
		const scoreOf = (list: readonly { label: string; score: number }[]) =>
			list.find(({ label }) => label === "a")?.score as number;
		const [first, second] = parts.map((list) => scoreOf(list as never)) as [number, number];
		expect(scoreOf(whole)).toBeCloseTo((first + second) / 2, 12);
		expect(whole.overflow).toMatchObject({ windows: 2, dropped: 0 });
	});
});

describe("token-classification", () => {
	it("finds the same in windows as in the whole", async () => {
		const classify = await pipeline("token-classification", checkpoint("token-classification", 5, { labels }));
		const whole = await classify(text, { ignore_labels: [] });
		expect(whole).toHaveLength(300);
		for (const { index, start, end, word } of whole) {
			expect(text.slice(start, end)).toBe(word);
			expect(index).toBe(start + 1);
		}
		const parts = await classify(text, { ...long, ignore_labels: [] });
		expect([...parts]).toEqual([...whole]);
		expect(parts.overflow?.windows).toBe(22);
		expect(whole.overflow).toBeUndefined();
	});

	it("takes what the vocabulary does not have for text", async () => {
		const unk = { token: "[UNK]", id: "q".charCodeAt(0) };
		const withUnknown = {
			...tokenizer,
			special: { ...tokenizer.special, unk },
			isSpecial: (id: number) => id === unk.id || tokenizer.isSpecial(id),
			decode: () => "decoded",
		};
		const { model } = checkpoint("token-classification", 1, { labels: ["B-PER"] });
		const classify = await pipeline("token-classification", { model, tokenizer: withUnknown });
		const found = await classify("aq<mask>b");
		expect(found.map(({ word, start }) => [word, start])).toEqual([
			["decoded", 0],
			["q", 1],
			["decoded", 8],
		]);
		const groups = await classify("aqb", { aggregation_strategy: "simple" });
		expect(groups.map(({ word }) => word)).toEqual(["decoded", "q", "decoded"]);
	});

	it("joins tokens into entities", async () => {
		const scores: LocalScores = (token) =>
			labels.map((_, label) => ("OabAB".indexOf(String.fromCharCode(token)) === label ? 5 : 0));
		const model = localModel("token-classification", device, scores, { labels });
		const find = await pipeline("ner", { model, tokenizer });
		const found = await find("OOabbOAOaaBb", { aggregation_strategy: "simple" });
		const score = Math.exp(5) / (Math.exp(5) + 4);
		expect(found).toEqual(
			[
				{ entity_group: "PER", word: "abb", start: 2, end: 5 },
				{ entity_group: "LOC", word: "A", start: 6, end: 7 },
				{ entity_group: "PER", word: "a", start: 8, end: 9 },
				{ entity_group: "PER", word: "a", start: 9, end: 10 },
				{ entity_group: "LOC", word: "B", start: 10, end: 11 },
				{ entity_group: "PER", word: "b", start: 11, end: 12 },
			].map((entity) => ({ ...entity, score: expect.closeTo(score, 6) })),
		);
		expect(await find("OaO")).toEqual([
			{ entity: "B-PER", word: "a", index: 2, start: 1, end: 2, score: expect.closeTo(score, 6) },
		]);
		expect(await find("")).toEqual([]);
		expect(await find("<s><mask></s>")).toEqual([]);
	});
});

describe("question-answering", () => {
	it("finds the same in windows as in the whole", async () => {
		const model = localModel("question-answering", device, (token, before, after) => [
			// Special tokens, which differ with the windows, do not count.
			token < 32 ? -1e9 : 4 * Math.sin(token + 0.3 * before),
			token < 32 ? -1e9 : 4 * Math.cos(token + 0.2 * after),
		]);
		const answer = await pipeline("question-answering", { model, tokenizer });
		const options = { top_k: 8, max_answer_len: 4 };
		const whole = (await answer("why?", text, options)) as {
			start: number;
			end: number;
			answer: string;
			score: number;
		}[];
		expect(whole).toHaveLength(8);
		for (const { start, end, answer: words } of whole) {
			expect(text.slice(start, end)).toBe(words);
			expect(end - start).toBeLessThanOrEqual(4);
		}
		const parts = (await answer("why?", text, {
			...options,
			window: 28,
			overflow: "stride",
			stride: 8,
		})) as typeof whole;
		expect(parts.map(({ start, end }) => [start, end])).toEqual(whole.map(({ start, end }) => [start, end]));
		for (const [rank, { score }] of parts.entries()) expect(score).toBeCloseTo(whole[rank]?.score as number, 6);
		expect(await answer("why?", text, { max_answer_len: 4 })).toEqual(whole[0]);
	});

	it("answers several questions about one context, and one about several", async () => {
		const answer = await pipeline("question-answering", checkpoint("question-answering", 2));
		const one = await answer("what?", "the context");
		const other = await answer("where?", "the context");
		expect(await answer(["what?", "where?"], "the context")).toEqual([one, other]);
		expect(await answer("what?", ["the context"])).toEqual([one]);
		await expect(answer(["a", "b"], ["c"])).rejects.toThrow(/there are 2 questions and 1 contexts/);
	});

	it("refuses a question that leaves no room, and contexts without tokens", async () => {
		const answer = await pipeline("question-answering", checkpoint("question-answering", 2, { maxLength: 20 }));
		await expect(answer("q".repeat(30), "the context", { overflow: "stride" })).rejects.toThrow(
			/the question takes 34 tokens, the model 20 in all; shorten it/,
		);
		await expect(answer("what?", "")).rejects.toThrow(/the context has no tokens; expected a text to find/);
		await expect(answer("what?", "</s>")).rejects.toThrow(/no tokens/);
	});
});

describe("fill-mask", () => {
	it("puts each mask of a long text in the middle of a window of its own", async () => {
		const { model } = checkpoint("masked-lm", 128);
		// A pipeline is as good as its model and tokenizer.
		const fill = await pipeline("fill-mask", await pipeline("fill-mask", { model, tokenizer }));
		const masked = `${text.slice(0, 100)}<mask>${text.slice(100, 200)}<mask>${text.slice(200)}`;
		const whole = (await fill(masked)) as { token: number; score: number; sequence: string; token_str: string }[][];
		expect(whole.map((list) => list.length)).toEqual([5, 5]);
		const parts = await fill(masked, long);
		expect(parts.overflow).toMatchObject({ windows: 2, limit: 20, dropped: 302 - 36 });
		expect([...parts]).toEqual(whole);
		expect(model.batches.map(({ length }) => length)).toEqual([304, 20]);
	});

	it("fills a text, and its only mask", async () => {
		const fill = await pipeline("fill-mask", checkpoint("masked-lm", 128));
		const [best, ...others] = (await fill("ab<mask>de", { top_k: 3 })) as { sequence: string; token_str: string }[];
		expect(others).toHaveLength(2);
		expect(best?.sequence).toBe(`ab${best?.token_str}de`);
		const one = (await fill("ab<mask>de")) as object[];
		expect(await fill(["ab<mask>de", "a<mask>"])).toEqual([one, await fill("a<mask>")]);
	});

	it("refuses texts without a mask, and vocabularies without one", async () => {
		const fill = await pipeline("fill-mask", checkpoint("masked-lm", 128));
		await expect(fill(["<mask>", "none"])).rejects.toThrow(/text 2 of 2 has no mask token; expected <mask> in it/);
		await expect(fill(text, long)).rejects.toThrow(/the text has no mask token/);
		await expect(fill(`${text}<mask>`, { window: 20, overflow: "truncate" })).rejects.toThrow(
			/in the part that is cut/,
		);
		const { mask, ...special } = tokenizer.special;
		const without = { ...checkpoint("masked-lm", 128), tokenizer: { ...tokenizer, special } };
		const fillOther = await pipeline("fill-mask", without);
		await expect(fillOther("a")).rejects.toThrow(/has no mask token; name the token to fill in by mask_token/);
		expect(await fillOther("a_", { mask_token: "_" })).toHaveLength(5);
		await expect(fillOther("a", { mask_token: "xyz" })).rejects.toThrow(/mask_token is "xyz"; expected a token of/);
	});
});

describe("zero-shot-classification", () => {
	const inference = (more: Partial<PretrainedModel<"sequence-classification">> = {}) =>
		checkpoint("sequence-classification", 3, { labels: ["contradiction", "neutral", "entailment"], ...more });

	it("ranks labels, together or each by itself", async () => {
		const classify = await pipeline("zero-shot-classification", inference());
		const together = await classify("a text", ["politics", "sport", "art"]);
		expect(together.sequence).toBe("a text");
		expect(together.scores.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
		expect(together.scores).toEqual([...together.scores].sort((a, b) => b - a));
		expect(await classify("a text", "politics, sport ,art")).toEqual(together);
		const alone = await classify("a text", "art");
		const each = await classify("a text", ["politics", "sport", "art"], { multi_label: true });
		expect(each.scores[each.labels.indexOf("art")]).toBeCloseTo(alone.scores[0] as number, 12);
		expect(await classify(["a text"], ["politics", "sport", "art"])).toEqual([together]);
	});

	it("reads all windows with all labels", async () => {
		const made = inference();
		const classify = await pipeline("zero-shot-classification", made);
		const result = await classify(text, ["a", "longer"], { window: 60, overflow: "stride", batch_size: 3 });
		expect(result.overflow).toMatchObject({ windows: expect.any(Number), limit: 60 });
		expect(made.model.batches.reduce((sum, { batch }) => sum + batch, 0)).toBe(2 * (result.overflow?.windows ?? 0));
	});

	it("refuses no labels, a template without a place, and other classifiers", async () => {
		const classify = await pipeline("zero-shot-classification", inference());
		await expect(classify("a", [])).rejects.toThrow(/candidate_labels is empty; expected at least one label/);
		await expect(classify("a", "a,,b")).rejects.toThrow(/candidate_labels is "a,,b"/);
		await expect(classify("a", "b", { hypothesis_template: "no place" })).rejects.toThrow(
			/expected a string with \{\}/,
		);
		const other = await pipeline("zero-shot-classification", inference({ labels: ["x", "y", "z"] }));
		await expect(other("a", "b")).rejects.toThrow(/the classes of the model are x, y, z; expected a model of natural/);
	});
});

describe("feature-extraction", () => {
	it("returns the vectors of tokens, the same in windows as in the whole", async () => {
		const extract = await pipeline("feature-extraction", checkpoint("base", 4));
		const whole = await extract(text);
		expect(whole.dims).toEqual([1, 302, 4]);
		const parts = await extract(text, long);
		// The special tokens have other neighbours only at the cut ends.
		expect(parts.dims).toEqual(whole.dims);
		expect([...parts.data]).toEqual([...whole.data]);
		expect(parts.overflow).toMatchObject([{ windows: 22 }]);
		const both = await extract(["abc", "a"]);
		expect(both.dims).toEqual([2, 5, 4]);
		expect(both.tolist()).toEqual([
			...((await extract("abc")).tolist() as unknown[]),
			[...((await extract("a")).tolist() as number[][][])[0]!, [0, 0, 0, 0], [0, 0, 0, 0]],
		]);
	});

	it("pools and normalises", async () => {
		const extract = await pipeline("feature-extraction", checkpoint("base", 4));
		const tokens = (await extract("some text")).tolist() as number[][][];
		const mean = await extract("some text", { pooling: "mean" });
		expect(mean.dims).toEqual([1, 4]);
		const own = tokens[0] as number[][];
		for (const [at, value] of mean.data.entries())
			expect(value).toBeCloseTo(own.reduce((sum, vector) => sum + (vector[at] as number), 0) / own.length, 6);
		expect((await extract("some text", { pooling: "cls" })).tolist()).toEqual([own[0]]);
		const unit = await extract(["some text", "b"], { pooling: "mean", normalize: true });
		expect(unit.dims).toEqual([2, 4]);
		expect(Math.hypot(...unit.data.subarray(4))).toBeCloseTo(1, 6);
	});

	it("means over windows count every token of the text once", async () => {
		const model = localModel("base", device, (token) => [token === 120 ? 1 : 0, token < 32 ? 0 : 1]);
		const extract = await pipeline("feature-extraction", { model, tokenizer });
		const { data, overflow } = await extract(text, { ...long, pooling: "mean" });
		const [share = 0, characters = 1] = data;
		expect(share / characters).toBeCloseTo((text.split("x").length - 1) / text.length, 6);
		expect(characters).toBeCloseTo(300 / (300 + 2 * (overflow?.[0]?.windows ?? 0)), 6);
	});

	it("keeps the signs alone if asked for", async () => {
		const extract = await pipeline("feature-extraction", checkpoint("base", 16));
		const plain = await extract("signs", { pooling: "mean" });
		const bits = [...plain.data].map((value) => (value > 0 ? "1" : "0")).join("");
		const bytes = [bits.slice(0, 8), bits.slice(8)].map((byte) => Number.parseInt(byte, 2));
		const unsigned = await extract("signs", { pooling: "mean", quantize: true, precision: "ubinary" });
		expect([unsigned.type, unsigned.dims, [...unsigned.data]]).toEqual(["uint8", [1, 2], bytes]);
		const signed = await extract("signs", { pooling: "mean", quantize: true });
		expect([signed.type, ...signed.data]).toEqual(["int8", ...bytes.map((byte) => byte - 128)]);
		const narrow = await pipeline("feature-extraction", checkpoint("base", 4));
		await expect(narrow("a", { quantize: true })).rejects.toThrow(/have 4 numbers; expected a multiple of 8/);
	});
});

describe("summarization and text2text-generation", () => {
	/** Its summary of a text is the text. */
	const copier = (config = {}) => ({
		model: localModel("seq2seq-lm", device, scoresOf(1), {
			config,
			generationConfig: { decoder_start_token_id: 1, eos_token_id: 2, pad_token_id: 0, max_length: 400 },
		}),
		tokenizer,
	});

	it("write about each text, and about each window, joined by blanks", async () => {
		const summarize = await pipeline("summarization", copier());
		expect(await summarize("a text")).toEqual([{ summary_text: "a text" }]);
		expect(await summarize(["a text", "b", "a longer text"])).toEqual(
			["a text", "b", "a longer text"].map((summary_text) => ({ summary_text })),
		);
		const [parts] = await summarize("abcdefghijkl", { window: 10, overflow: "stride" });
		expect(parts).toEqual({
			summary_text: "abcdefgh efghijkl",
			overflow: { policy: "stride", tokens: 14, limit: 10, windows: 2, dropped: 0 },
		});
		const rewrite = await pipeline("text2text-generation", copier());
		expect(await rewrite("a text")).toEqual([{ generated_text: "a text" }]);
	});

	it("take options of generation by both their names, and prefixes from the checkpoint", async () => {
		const summarize = await pipeline("summarization", copier());
		for (const options of [{ max_new_tokens: 3 }, { maxNewTokens: 3 }])
			expect(await summarize("a text", options)).toEqual([{ summary_text: "a t" }]);
		expect(await summarize("ab", { num_beams: 2, num_return_sequences: 2 })).toHaveLength(2);
		await expect(summarize("a", { max_new_tokens: 3, maxNewTokens: 4 })).rejects.toThrow(/maxNewTokens is given twice/);
		await expect(summarize("a", { max_tokens: 3 } as never)).rejects.toThrow(/summarization: max_tokens is no option/);
		const prefixed = await pipeline(
			"summarization",
			copier({ task_specific_params: { summarization: { prefix: "summarize: ", max_length: 9 } } }),
		);
		expect(await prefixed("a")).toEqual([{ summary_text: "summariz" }]);
	});

	it("refuse a checkpoint that does not say how texts begin", async () => {
		const { model } = copier();
		const summarize = await pipeline("summarization", { model: { ...model, generationConfig: {} }, tokenizer });
		await expect(summarize("a")).rejects.toThrow(/expected the option decoder_start_token_id/);
		expect(await summarize("a", { decoder_start_token_id: 1, eos_token_id: 2 })).toEqual([{ summary_text: "a" }]);
	});
});

describe("text-generation", () => {
	const alphabet = (more: Partial<PretrainedModel<"causal-lm">> = {}) => checkpoint("causal-lm", 1, more);

	it("goes on with prompts", async () => {
		const write = await pipeline("text-generation", alphabet());
		expect(await write("abc", { max_new_tokens: 4 })).toEqual([{ generated_text: "abcdefg" }]);
		expect(await write(["abc", "xy", "klm"], { max_new_tokens: 1, return_full_text: false })).toEqual([
			[{ generated_text: "d" }],
			[{ generated_text: "z" }],
			[{ generated_text: "n" }],
		]);
		expect(await write("a")).toEqual([{ generated_text: "abcdefghijklmnopqrstu" }]);
		expect(await write("a", { max_length: 4 })).toEqual([{ generated_text: "abcd" }]);
	});

	it("refuses prompts that leave no room, or reads their end", async () => {
		const write = await pipeline("text-generation", alphabet({ maxLength: 10 }));
		expect(await write("abcdefg", { max_new_tokens: 4 })).toEqual([{ generated_text: "abcdefghijk" }]);
		await expect(write("abcdefgh", { max_new_tokens: 4 })).rejects.toThrow(
			/the prompt makes 8 tokens and 4 are to follow, the model takes 10; pass overflow: "truncate" to read its end/,
		);
		expect(await write("abcdefghi", { max_new_tokens: 4, overflow: "truncate" })).toEqual([
			{
				generated_text: "abcdefghijklm",
				overflow: { policy: "truncate", tokens: 9, limit: 7, windows: 1, dropped: 2 },
			},
		]);
		await expect(write("a", { max_new_tokens: 11, overflow: "truncate" })).rejects.toThrow(/ask for fewer by max_new/);
		await expect(write("a", { overflow: "stride" } as never)).rejects.toThrow(/overflow is "stride"; expected "error"/);
	});

	it("begins an empty text with the token for it, if there is one", async () => {
		const write = await pipeline("text-generation", alphabet());
		await expect(write("")).rejects.toThrow(/the prompt has no tokens; expected some text/);
		expect(await write("", { bos_token_id: 97, max_new_tokens: 2 })).toEqual([{ generated_text: "bc" }]);
	});
});

describe("every pipeline", () => {
	it("gives what it gives for each text alone, however they are batched", async () => {
		const texts = ["a", text, "", text.slice(0, 50), "<s>", text.slice(7, 33)];
		const made = checkpoint("token-classification", 5, { labels });
		const classify = await pipeline("token-classification", made);
		const alone = await Promise.all(texts.map((each) => classify(each, long)));
		for (const batch_size of [1, 3, 100]) expect(await classify(texts, { ...long, batch_size })).toEqual(alone);
	});

	it("pads nothing where padding would matter", async () => {
		const made = checkpoint("token-classification", 5, { labels, modelType: "reformer" });
		const classify = await pipeline("token-classification", made);
		await classify(["abc", "abcd", "xyz"]);
		expect(made.model.batches).toMatchObject([
			{ batch: 1, length: 6 },
			{ batch: 2, length: 5 },
		]);
	});

	it("chooses global tokens by task", async () => {
		const globalsOf = async (task: Task, run: (made: never) => Promise<unknown>) => {
			const made = checkpoint(task, 128, { modelType: "longformer", labels: ["contradiction", "entailment"] });
			await run(made as never);
			return made.model.batches[0]?.globalTokens;
		};
		const none = { global_attention: "none" } as const;
		expect(
			await Promise.all([
				globalsOf("question-answering", async (made) => (await pipeline("question-answering", made))("why", "text")),
				globalsOf("sequence-classification", async (made) => (await pipeline("text-classification", made))("text")),
				globalsOf("sequence-classification", async (made) =>
					(await pipeline("zero-shot-classification", made))("text", "label"),
				),
				globalsOf("base", async (made) => (await pipeline("feature-extraction", made))("text")),
				globalsOf("token-classification", async (made) => (await pipeline("ner", made))("text")),
				globalsOf("masked-lm", async (made) => (await pipeline("fill-mask", made))("<mask>")),
				globalsOf("base", async (made) => (await pipeline("feature-extraction", made))("text", none)),
			]),
		).toEqual([[0, 1, 2, 3], [0], [0], [0], [], [], []]);
	});

	it("says how far it is, and stops when told", async () => {
		const classify = await pipeline("ner", checkpoint("token-classification", 5, { labels }));
		const seen: unknown[] = [];
		await classify([text, "a"], { ...long, batch_size: 10, progress: (progress) => seen.push(progress) });
		expect(seen).toEqual([10, 20, 23].map((done) => ({ done, total: 23 })));
		const stop = new AbortController();
		const stopped = classify(text, { ...long, signal: stop.signal, progress: () => stop.abort(new Error("enough")) });
		await expect(stopped).rejects.toThrow("enough");
	});

	it("leaves nothing allocated, failing or not", async () => {
		const before = device.memoryStats().buffers;
		const extract = await pipeline("feature-extraction", checkpoint("base", 4));
		await extract([text, "a"], { ...long, pooling: "mean" });
		const broken = await pipeline("feature-extraction", {
			tokenizer,
			model: localModel("base", device, (token) => {
				if (token === 98) throw new Error("broken");
				return [token];
			}),
		});
		await expect(broken(["a", "b"], { batch_size: 1 })).rejects.toThrow("broken");
		expect(device.memoryStats().buffers).toBe(before);
	});

	it.each([
		[
			"an unknown task",
			() => pipeline("image-to-text" as never, checkpoint("base", 1)),
			/task is "image-to-text"; expected/,
		],
		[
			"a model for something else",
			() => pipeline("ner", checkpoint("base", 1)),
			/loaded for "base"; expected one for "token-/,
		],
		[
			"a model that is none",
			() => pipeline("ner", { ...checkpoint("base", 1), model: null as never }),
			/pipeline: model is null; expected what AutoModel/,
		],
		["an unknown option", () => call({ topk: 3 }), /token-classification: topk is no option; expected overflow, /],
		[
			"an unknown policy",
			() => call({ overflow: "cut" }),
			/overflow is "cut"; expected "error", "truncate" or "stride"/,
		],
		[
			"a stride as long as a window",
			() => call({ ...long, stride: 18 }),
			/stride is 18; expected fewer than the 18 tokens/,
		],
		["a window without room", () => call({ ...long, window: 2 }), /special tokens take 2 tokens, the model 2 in all/],
		["a text that is none", () => call({}, 5), /the text is 5; expected a string or an array of strings/],
		["a list with something else", () => call({}, ["a", null]), /the text\[1\] is null; expected a string/],
	] as const)("refuses %s", async (_, act, message) => {
		const refused = act();
		await expect(refused).rejects.toThrow(OptionError);
		await expect(refused).rejects.toThrow(message);
	});

	async function call(options: object, input: unknown = text): Promise<unknown> {
		const classify = await pipeline("ner", checkpoint("token-classification", 5, { labels }));
		return classify(input as string, options as never);
	}
});
