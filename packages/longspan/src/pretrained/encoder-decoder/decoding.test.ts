import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type Device,
	DisposedError,
	init,
	intTensor,
	OptionError,
	ShapeError,
	scope,
	type Tensor,
} from "../../index.js";
import { expectAllClose } from "../../testing/expect-close.js";
import { formulaWeights } from "../../testing/formula-weights.js";
import { integersBetween } from "../../testing/random-values.js";
import { itRefuses } from "../../testing/refusals.js";
import type { EncoderDecoderInputs, EncoderInputs } from "../architecture.js";
import type { ModelType } from "../auto/model-type.js";
import { bartType } from "../bart/index.js";
import { bigBirdPegasusType } from "../big-bird-pegasus/index.js";
import { ConfigFields } from "../config/config-fields.js";
import { ledType } from "../led/index.js";
import type { Declared, Loaded } from "../parameters/declare.js";
import { loadParameters } from "../parameters/load.js";
import type { EncoderDecoderOutputs, GeneratingArchitecture, LogitsOutputs } from "../tasks.js";

type Summarizer = GeneratingArchitecture<EncoderDecoderInputs, LogitsOutputs & EncoderDecoderOutputs>;

const vocabulary = 30;
const sizes = {
	d_model: 16,
	encoder_layers: 1,
	decoder_layers: 2,
	encoder_attention_heads: 2,
	decoder_attention_heads: 4,
	encoder_ffn_dim: 24,
	decoder_ffn_dim: 20,
	vocab_size: vocabulary,
};
/** More positions than a cache begins with. */
const positions = 100;
const models: readonly (readonly [name: string, type: ModelType, config: Record<string, unknown>])[] = [
	["BART", bartType, { ...sizes, max_position_embeddings: positions }],
	["LED", ledType, { ...sizes, attention_window: 4, max_decoder_position_embeddings: positions }],
	[
		"BigBird-Pegasus",
		bigBirdPegasusType,
		{ ...sizes, max_position_embeddings: positions, block_size: 2, num_random_blocks: 1 },
	],
];

interface Model {
	readonly architecture: Summarizer;
	readonly parameters: Loaded<Declared>;
}

async function load(type: ModelType, config: Record<string, unknown>, device: Device): Promise<Model> {
	const architecture = type.classes["seq2seq-lm"]?.create(new ConfigFields("config.json", config)) as Summarizer;
	const { parameters } = await loadParameters(architecture.declared, formulaWeights(architecture.declared), {
		device,
		format: "float32",
		prefix: type.prefix,
	});
	return { architecture, parameters };
}

const matrix = (rows: readonly (readonly number[])[]) =>
	intTensor(rows.flat(), [rows.length, rows[0]?.length as number]);
const tokens = (count: number, seed: number) => integersBetween(count, seed, 3, vocabulary);

/** Two texts, the second one padded. */
const texts = [tokens(23, 1), [...tokens(17, 2), 1, 1, 1, 1, 1, 1]];
const masks = texts.map((_, entry) => Array.from({ length: 23 }, (__, at) => Number(entry === 0 || at < 17)));
const encoderInputs = (entries: readonly number[]): EncoderInputs => ({
	inputIds: matrix(entries.map((entry) => texts[entry] as number[])),
	attentionMask: matrix(entries.map((entry) => masks[entry] as number[])),
});

/** Scores of the tokens after each of these, by one call over the whole: [row][position]. */
function wholeScores({ architecture, parameters }: Model, entries: readonly number[], rows: readonly number[][]) {
	return scope(() => {
		const inputs = { ...encoderInputs(entries), decoderInputIds: matrix(rows) };
		const scores = architecture.forward(parameters, inputs).logits.dataSync();
		const length = rows[0]?.length as number;
		return rows.map((_, row) =>
			Array.from({ length }, (__, at) => {
				const from = (row * length + at) * vocabulary;
				return scores.subarray(from, from + vocabulary);
			}),
		);
	});
}

function expectScores(scores: Tensor, expected: readonly (ArrayLike<number> | undefined)[]): void {
	expect(scores.shape).toEqual([expected.length, vocabulary]);
	const wanted = expected.flatMap((row) => Array.from(row as ArrayLike<number>));
	expectAllClose(scores.dataSync(), wanted, { relative: 2e-5, absolute: 2e-5 });
}

describe.each(models)("decoding with %s", (_, type, config) => {
	let device: Device;
	let model: Model;
	beforeAll(async () => {
		device = await init({ device: "wasm", threads: 2 });
		model = await load(type, config, device);
	});
	afterAll(() => device.dispose());
	const start = () => scope(() => model.architecture.startDecoding(model.parameters, encoderInputs([0, 1])));

	it("gives at each step the scores of one call over the whole, in a padded batch, beyond the first capacity of its caches", () => {
		const before = device.memoryStats().buffers;
		const rows = [tokens(80, 3), tokens(80, 4)];
		const whole = wholeScores(model, [0, 1], rows);
		const session = start();
		let at = 0;
		for (const step of [2, 1, 1, 3, 50, ...Array<number>(23).fill(1)]) {
			scope(() => {
				const scores = session.append(matrix(rows.map((row) => row.slice(at, at + step))));
				at += step;
				expect(session.position).toBe(at);
				expectScores(
					scores,
					whole.map((row) => row[at - 1]),
				);
			});
		}
		expect(at).toBe(80);
		session.dispose();
		expect(session.stateBytes).toBe(0);
		expect(device.memoryStats().buffers).toBe(before);
	});

	it("goes on with selected rows, which share what is kept of their text", () => {
		const session = start();
		// Histories of the rows, as beams have them: repeated at first, later exchanged, moved in a circle, and dropped.
		let rows: number[][] = [[], []];
		let entries = [0, 1];
		const feed = (next: readonly number[]) => {
			rows = rows.map((row, at) => [...row, next[at] as number]);
			const whole = wholeScores(model, entries, rows);
			scope(() =>
				expectScores(
					session.append(matrix(next.map((id) => [id]))),
					whole.map((row) => row.at(-1)),
				),
			);
		};
		const select = (chosen: readonly number[]) => {
			session.select(chosen);
			rows = chosen.map((row) => rows[row] as number[]);
			entries = chosen.map((row) => entries[row] as number);
		};
		const fixed = session.stateBytes;
		select([0, 0, 0, 1, 1, 1]);
		expect(session.stateBytes).toBe(fixed);
		feed([2, 3, 4, 5, 6, 7]);
		const bytes = session.stateBytes;
		select([1, 2, 0, 3, 3, 4]);
		feed([8, 9, 10, 11, 12, 13]);
		select([0, 0, 2, 5, 4, 3]);
		feed([14, 15, 16, 17, 18, 19]);
		expect(session.stateBytes).toBe(bytes);
		select([2, 5]);
		feed([20, 21]);
		select([0, 0, 1, 1]);
		feed([22, 23, 24, 25]);
		session.dispose();
	});

	it("frees what it made if it cannot start", () => {
		const before = device.memoryStats().buffers;
		const start = () =>
			scope(() => model.architecture.startDecoding(model.parameters, { inputIds: matrix([[4, vocabulary, 5]]) }));
		expect(start).toThrow(/hold 30; expected 0 to 29/);
		expect(device.memoryStats().buffers).toBe(before);
	});
});

describe("decoding sessions", () => {
	let device: Device;
	let model: Model;
	beforeAll(async () => {
		device = await init({ device: "wasm", threads: 1 });
		const [, type, config] = models[0] as (typeof models)[number];
		model = await load(type, config, device);
	});
	afterAll(() => device.dispose());

	const session = (act: (session: ReturnType<Summarizer["startDecoding"]>) => unknown) => () => {
		const started = model.architecture.startDecoding(model.parameters, encoderInputs([0, 1]));
		try {
			act(started);
		} finally {
			started.dispose();
		}
	};
	itRefuses(
		() => device,
		[
			[
				"other rows than there are",
				session((s) => s.append(matrix([[4]]))),
				ShapeError,
				/ids has shape \[1, 1\]; expected \[2, length\]/,
			],
			["no tokens", session((s) => s.append(intTensor([], [2, 0]))), ShapeError, /at least one token/],
			[
				"tokens after the last position",
				session((s) => s.append(matrix([Array(101).fill(4), Array(101).fill(4)]))),
				ShapeError,
				/101 tokens; expected at most 100/,
			],
			[
				"rows that do not divide",
				session((s) => s.select([0, 0, 1])),
				OptionError,
				/select got 3 rows; expected as many for each of the 2 texts/,
			],
			["no rows", session((s) => s.select([])), OptionError, /select got 0 rows/],
			["a row that is not there", session((s) => s.select([0, 2])), OptionError, /row 2; expected 0 to 1/],
			[
				"rows of a text apart",
				session((s) => s.select([1, 0])),
				OptionError,
				/row 1 of text 1 at place 0, which is of text 0/,
			],
			[
				"tokens once it is disposed",
				session((s) => {
					s.dispose();
					s.append(matrix([[4], [4]]));
				}),
				DisposedError,
				/was disposed/,
			],
		],
	);

	it("is as before after a refused token", () => {
		const started = scope(() => model.architecture.startDecoding(model.parameters, encoderInputs([0, 1])));
		const bad = () => scope(() => started.append(matrix([[4], [vocabulary]])));
		expect(bad).toThrow(OptionError);
		expect(started.position).toBe(0);
		const whole = wholeScores(model, [0, 1], [[4], [5]]);
		scope(() =>
			expectScores(
				started.append(matrix([[4], [5]])),
				whole.map((row) => row[0]),
			),
		);
		started.dispose();
	});
});
