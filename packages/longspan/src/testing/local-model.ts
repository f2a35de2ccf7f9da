import type { DecoderSession } from "../generate/decoder-session.js";
import type { EncoderInputs } from "../pretrained/architecture.js";
import type { PretrainedModel } from "../pretrained/model.js";
import type { Task } from "../pretrained/tasks.js";
import { tensor } from "../tensor/create.js";
import type { Device } from "../tensor/device.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Encoding, Tokenizer } from "../text/tokenizer.js";

const special = {
	pad: { token: "<pad>", id: 0 },
	cls: { token: "<s>", id: 1 },
	sep: { token: "</s>", id: 2 },
	mask: { token: "<mask>", id: 3 },
};
const firstCharacter = 32;
const characters = 128;

/** A tokenizer of ASCII characters that puts <s> text </s>, or <s> text </s></s> pair </s>. */
export function characterTokenizer(maxLength?: number): Tokenizer {
	const bySpecial = new Map(Object.values(special).map(({ token, id }) => [id, token]));
	const tokenOf = (id: number) => bySpecial.get(id) ?? String.fromCharCode(id);
	const plain = (text: string): Encoding => {
		const pieces = [...text.matchAll(/<s>|<\/s>|<mask>|[\s\S]/g)];
		const ids = pieces.map(([piece]) => idOf(piece) as number);
		return {
			ids,
			tokens: pieces.map(([piece]) => piece),
			offsets: pieces.map(({ 0: piece, index }) => [index, index + piece.length] as const),
			typeIds: ids.map(() => 0),
			sources: ids.map(() => 0 as const),
		};
	};
	const idOf = (token: string) => {
		for (const each of Object.values(special)) if (each.token === token) return each.id;
		return token.length === 1 && token.charCodeAt(0) >= firstCharacter ? token.charCodeAt(0) & 127 : undefined;
	};
	const join = (parts: readonly Encoding[]): Encoding => ({
		ids: parts.flatMap(({ ids }) => ids),
		tokens: parts.flatMap(({ tokens }) => tokens),
		offsets: parts.flatMap(({ offsets }) => offsets),
		typeIds: parts.flatMap(({ typeIds }) => typeIds),
		sources: parts.flatMap(({ sources }) => sources),
	});
	const added = (role: "cls" | "sep"): Encoding => ({
		ids: [special[role].id],
		tokens: [special[role].token],
		offsets: [[0, 0]],
		typeIds: [0],
		sources: [null],
	});
	const withSpecialTokens = (text: Encoding, pair?: Encoding) =>
		pair
			? join([
					added("cls"),
					text,
					added("sep"),
					added("sep"),
					{ ...pair, sources: pair.ids.map(() => 1) },
					added("sep"),
				])
			: join([added("cls"), text, added("sep")]);
	return {
		special,
		maxLength,
		vocabularySize: characters,
		encode: (text, { pair, addSpecialTokens = true } = {}) =>
			addSpecialTokens ? withSpecialTokens(plain(text), pair === undefined ? undefined : plain(pair)) : plain(text),
		decode: (ids, { skipSpecialTokens = false } = {}) =>
			ids
				.filter((id) => !skipSpecialTokens || !bySpecial.has(id))
				.map(tokenOf)
				.join(""),
		idOf,
		tokenOf,
		isSpecial: (id) => bySpecial.has(id),
		withSpecialTokens,
	};
}

/** The scores of a token, given it and its neighbours: 0 stands for padding and what is beyond the ends. */
export type LocalScores = (token: number, before: number, after: number) => readonly number[];

/** What a model was asked: the length and the number of the inputs of each call. */
export interface Calls {
	readonly batches: { batch: number; length: number; globalTokens: number[] | undefined }[];
}

/**
 * A model without weights whose scores of a token depend on it and its two neighbours alone, so that a window with one token beside it
 * gives what the whole text gives.
 */
export function localModel<T extends Task>(
	task: T,
	device: Device,
	scores: LocalScores,
	more: Partial<PretrainedModel<T>> = {},
): PretrainedModel<T> & Calls {
	const batches: Calls["batches"] = [];
	const forward = (inputs: EncoderInputs & { positions?: { dataSync(): Int32Array } }) => {
		const [batch, length] = inputs.inputIds.shape as [number, number];
		const ids = inputs.inputIds.dataSync();
		const mask = inputs.attentionMask?.dataSync();
		const globals = inputs.globalAttentionMask?.dataSync();
		batches.push({
			batch,
			length,
			globalTokens: globals && Array.from(globals.subarray(0, length)).flatMap((global, at) => (global ? [at] : [])),
		});
		const at = (row: number, position: number) =>
			position < 0 || position >= length || mask?.[row * length + position] === 0
				? 0
				: (ids[row * length + position] as number);
		const perToken = Array.from({ length: batch * length }, (_, index) => {
			const [row, position] = [Math.floor(index / length), index % length];
			return scores(at(row, position), at(row, position - 1), at(row, position + 1));
		});
		const width = perToken[0]?.length ?? 0;
		const states = tensor(perToken.flat(), [batch, length, width], device);
		if (task === "question-answering") {
			const column = (which: number) =>
				tensor(
					perToken.map((own) => own[which] as number),
					[batch, length],
					device,
				);
			return { lastHiddenState: states, startLogits: column(0), endLogits: column(1) };
		}
		if (task === "sequence-classification") {
			const sums = Array.from({ length: batch * width }, (_, index) => {
				const [row, label] = [Math.floor(index / width), index % width];
				let sum = 0;
				for (let position = 0; position < length; position++)
					if (at(row, position) !== 0) sum += perToken[row * length + position]?.[label] as number;
				return sum;
			});
			return { lastHiddenState: states, logits: tensor(sums, [batch, width], device) };
		}
		if (!inputs.positions) return { lastHiddenState: states, logits: states };
		const positions = [...inputs.positions.dataSync()];
		const logits = tensor(
			positions.flatMap((position) => perToken[position] as number[]),
			[positions.length, width],
			device,
		);
		return { lastHiddenState: states, logits };
	};
	return {
		task,
		className: "LocalModel",
		modelType: "local",
		config: {},
		generationConfig: {},
		labels: [],
		maxLength: undefined,
		device,
		parameters: {},
		unused: [],
		drawn: [],
		bytes: 0,
		forward: forward as unknown as PretrainedModel<T>["forward"],
		startDecoding: ({ inputIds }) => decoderOf(task, inputIds),
		weights: () => ({}),
		forwardWith: (_weights, inputs) => forward(inputs as EncoderInputs) as never,
		dispose: () => {},
		...more,
		batches,
	};
}

/** A decoder that writes the texts it was given from their second token on, or, without an encoder, one character after the other. */
function decoderOf(task: Task, inputIds: Tensor<"int32">): DecoderSession {
	const [batch, length] = inputIds.shape as [number, number];
	const given = inputIds.dataSync();
	let entries = Array.from({ length: batch }, (_, entry) => entry);
	let position = 0;
	return {
		get position() {
			return position;
		},
		stateBytes: 0,
		append(ids) {
			position += ids.shape[1] as number;
			const fed = ids.dataSync();
			const scores = new Float32Array(entries.length * characters);
			for (const [row, entry] of entries.entries()) {
				const last = fed[(row + 1) * (ids.shape[1] as number) - 1] as number;
				const next = task === "seq2seq-lm" ? (given[entry * length + position] as number) : last + 1;
				scores[row * characters + next] = 1;
			}
			return tensor(scores, [entries.length, characters], inputIds.device);
		},
		select(rows) {
			entries = rows.map((row) => entries[row] as number);
		},
		dispose() {},
	};
}
