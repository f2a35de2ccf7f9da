import { describe, expect, it } from "vitest";
import { generationSettings, OptionError } from "../../index.js";

const bart = {
	model_type: "bart",
	d_model: 16,
	bos_token_id: 0,
	eos_token_id: 2,
	pad_token_id: 1,
	decoder_start_token_id: 2,
	num_beams: 4,
	max_length: 142,
	diversity_penalty: 0,
	num_beam_groups: 1,
	task_specific_params: { summarization: { length_penalty: 2, min_length: 56, max_length: 128, prefix: "x" } },
};

describe("generationSettings", () => {
	it("has the defaults of transformers", () => {
		expect(generationSettings({}, {})).toMatchObject({
			maxLength: undefined,
			maxNewTokens: undefined,
			minLength: 0,
			doSample: false,
			temperature: 1,
			topK: 50,
			topP: 1,
			numBeams: 1,
			earlyStopping: false,
			lengthPenalty: 1,
			numReturnSequences: 1,
			repetitionPenalty: 1,
			noRepeatNgramSize: 0,
			eosTokenId: [],
			forcedBosTokenId: null,
		});
	});

	it("reads generation_config.json, and only ids of special tokens in config.json beside it", () => {
		const file = { eos_token_id: [5, 7], early_stopping: "never", top_k: 0, use_cache: true, min_p: null };
		const settings = generationSettings(file, bart);
		expect(settings).toMatchObject({ eosTokenId: [5, 7], earlyStopping: "never", topK: 0, padTokenId: 1, numBeams: 1 });
		expect(settings.maxLength).toBeUndefined();
	});

	it("reads config.json where that file is missing, and what it has for a task", () => {
		expect(generationSettings({}, bart)).toMatchObject({ numBeams: 4, maxLength: 142, minLength: 0, eosTokenId: [2] });
		expect(generationSettings({}, bart, {}, "summarization")).toMatchObject({
			numBeams: 4,
			maxLength: 128,
			minLength: 56,
			lengthPenalty: 2,
		});
		expect(generationSettings({}, bart, {}, "constructor")).toEqual(generationSettings({}, bart));
		const old = { ...bart, force_bos_token_to_be_generated: true };
		expect(generationSettings({}, old).forcedBosTokenId).toBe(0);
	});

	it("takes what the caller says before all, null for none", () => {
		const given = { numBeams: 2, eosTokenId: null, maxLength: undefined };
		expect(generationSettings({}, bart, given, "summarization")).toMatchObject({
			numBeams: 2,
			eosTokenId: [],
			maxLength: 128,
		});
	});

	it("starts decoders without a start token with the first token of texts", () => {
		expect(generationSettings({ bos_token_id: 3 }, {}).decoderStartTokenId).toBe(3);
		expect(generationSettings({}, bart).decoderStartTokenId).toBe(2);
	});

	it("gives the same when it is given its own settings", () => {
		const settings = generationSettings({}, bart, { doSample: true, badWordsIds: [[1, 2]], seed: 4 });
		expect(generationSettings({}, {}, settings)).toEqual(settings);
	});

	it.each([
		[
			"groups of beams",
			{ num_beam_groups: 2 },
			/generation_config.json: "num_beam_groups" is 2, which is not supported/,
		],
		["a contrastive search", { penalty_alpha: 0.6 }, /"penalty_alpha" is 0.6, .* or set it to 0/],
		["constraints", { force_words_ids: [[1]] }, /"force_words_ids" is \[\[1\]\], .* or set it to null/],
		["fields it does not know", { nucleus: 1, beams: 3 }, /"nucleus", "beams" are no fields of generation known here/],
		["a value of another kind", { num_beams: "4" }, /generation_config.json: "num_beams" is "4"; expected an integer/],
		["a flag that is none", { do_sample: 1 }, /"do_sample" is 1; expected true or false/],
		["tokens that are none", { bad_words_ids: [3] }, /"bad_words_ids" is \[3\]; expected lists of token ids/],
	])("refuses %s", (_, file, message) => {
		expect(() => generationSettings(file, {})).toThrow(OptionError);
		expect(() => generationSettings(file, {})).toThrow(message);
	});

	it("refuses the same in config.json, for a task, and of the caller", () => {
		expect(() => generationSettings({}, { num_beam_groups: 2 })).toThrow(/config.json: "num_beam_groups" is 2/);
		const tasks = { task_specific_params: { summarization: { num_beams: 0 }, translation: 3 } };
		expect(() => generationSettings({}, tasks, {}, "summarization")).toThrow(
			/config.json: task_specific_params.summarization: "num_beams" is 0/,
		);
		expect(() => generationSettings({}, tasks, {}, "translation")).toThrow(/is 3; expected an object/);
		expect(() => generationSettings({}, {}, { numBeam: 3 } as never)).toThrow(/given.numBeam is no option/);
	});
});
