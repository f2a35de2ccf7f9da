import { concat, slice } from "../../ops/slice.js";
import { emptyTensor } from "../../tensor/create.js";
import { keep, scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkAppended, checkDecodable, writeRows } from "../decoding.js";
import type { DecodingSession, DecodingSizes } from "../mechanism.js";
import type { HeadPlans } from "../plan/encode.js";
import { softmaxAttention } from "../softmax/softmax-attention.js";
import { continuedPlans, ringPlans, type Window, windowPlans } from "./plans.js";

/**
 * Decoding with a ring of the last window * dilation + 1 keys and values: the position t lies in slot t mod ring. Time
 * and memory of a step do not depend on the position.
 */
export function startWindowDecoding(
	sizes: DecodingSizes,
	options: Window & { readonly scale: number | undefined },
): DecodingSession {
	const { window, causal, dilations, scale } = options;
	checkDecodable("slidingWindow", causal);
	const { batch, heads, headDim, valueDim = headDim } = sizes;
	const ringLength = window * Math.max(...dilations) + 1;
	let position = 0;
	let ring: { keys: Tensor; values: Tensor } | null = null;

	const startRing = (device: Tensor["device"]) => ({
		keys: keep(emptyTensor(device, [batch, heads, ringLength, headDim])),
		values: keep(emptyTensor(device, [batch, heads, ringLength, valueDim])),
	});

	/** Writes tokens `first`.. of `rows` to their slots: at most two copies, before and after the end of the ring. */
	const remember = (rows: Tensor, target: Tensor, first: number): void => {
		const length = rows.shape[2] as number;
		for (let from = Math.max(0, length - ringLength); from < length; ) {
			const slot = (first + from) % ringLength;
			const until = Math.min(length, from + ringLength - slot);
			const start = from;
			scope(() => writeRows(slice(rows, 2, start, until), target, slot));
			from = until;
		}
	};

	/** The remembered rows in order of position. */
	const recall = (source: Tensor): Tensor[] => {
		const oldest = position <= ringLength ? 0 : position % ringLength;
		const head = slice(source, 2, oldest, Math.min(position, ringLength));
		return oldest === 0 ? [head] : [head, slice(source, 2, 0, oldest)];
	};

	const attend = (q: Tensor, k: Tensor, v: Tensor, plans: HeadPlans): Tensor =>
		scope(() => softmaxAttention(q, k, v, plans, { scale }, "slidingWindow").output);

	/** Several tokens at once: their own keys and values, behind those of the ring. */
	const attendMany = (
		q: Tensor,
		k: Tensor,
		v: Tensor,
		length: number,
		{ keys, values }: { keys: Tensor; values: Tensor },
	): Tensor => {
		if (position === 0)
			return attend(q, k, v, length > ringLength ? windowPlans(length, options) : continuedPlans(length, 0, options));
		const before = Math.min(position, ringLength);
		return scope(() =>
			attend(
				q,
				concat([...recall(keys), k], 2),
				concat([...recall(values), v], 2),
				continuedPlans(length, before, options),
			),
		);
	};

	return {
		get position() {
			return position;
		},
		get stateBytes() {
			return ring ? 4 * (ring.keys.size + ring.values.size) : 0;
		},
		append(q, k, v) {
			const length = checkAppended("slidingWindow", sizes, q, k, v);
			ring ??= startRing(q.device);
			const { keys, values } = ring;
			const output = length > 1 ? attendMany(q, k, v, length, ring) : null;
			remember(k, keys, position);
			remember(v, values, position);
			position += length;
			return output ?? attend(q, keys, values, ringPlans(position - 1, ringLength, options));
		},
		dispose() {
			ring?.keys.dispose();
			ring?.values.dispose();
			ring = null;
		},
	};
}
